"""The outbox looks at the ledger once more, and knows what it does not know.

Odoo writes "being sent" before and "sent" after the SMTP dialogue in one transaction: a
process that is killed in between leaves the mail in the outbox, and it is sent again.
For the mails of actions, "delivery unknown" is committed before the dialogue begins.
What was cut stands as unknown for a person to decide.
"""

import logging
import re
import smtplib

import psycopg2

from odoo import api, models
from odoo.fields import Command
from odoo.tools import SQL, email_normalize

from .dso_action_send import _in_plain_words
from .dso_outbox import MAX_CONFLICTS, MAX_RENDERED

_logger = logging.getLogger(__name__)

#: Errors that are an answer of the mail server: what it refused has not arrived.
ANSWERS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
#: Links that are put in when a mail leaves: ``/dso/secret/<kind>/<id>``.
SECRET_LINK = re.compile(r"""href=(["'])[^"']*/dso/secret/(\w+)/(\d{1,9})\1""")
SECRET_BLOCK = re.compile(
    r"<p\b[^>]*>\s*<a\b[^>]*/dso/secret/(\w+)/(\d{1,9})\b[^>]*>.*?</a>\s*</p>",
    re.DOTALL,
)
SECRET_ANCHOR = re.compile(
    r"<a\b[^>]*/dso/secret/(\w+)/(\d{1,9})\b[^>]*>(.*?)</a>", re.DOTALL
)


class SecretLinks(dict):
    """{(kind, number): link} of one mail, under the context key ``dso_links``.

    Of a class of its own, so that no remote caller can put one into a context.
    """


class MailMail(models.Model):
    _name = "mail.mail"
    _inherit = ["mail.mail", "dso.outbox"]

    def _dso_of_action(self):
        """Whether this mail is what an action sends, not a comment in its chatter."""
        self.ensure_one()
        return bool(
            self.model == "dso.action"
            and self.res_id
            and self.message_type == "email_outgoing"
        )

    def cancel(self):
        self._dso_tell_taken_out()
        return super().cancel()

    def unlink(self):
        self._dso_tell_taken_out()
        return super().unlink()

    def _dso_tell_taken_out(self):
        """What a person takes out of the outbox does not arrive: its action says so."""
        for mail in self:
            if mail.state == "outgoing" and mail._dso_of_action():
                mail.sudo()._dso_note_failure(  # whoever may cancel a mail
                    self.env._("It was taken out of the outbox before it left.")
                )

    def _send(
        self,
        auto_commit=False,
        raise_exception=False,
        smtp_session=None,
        alias_domain_id=False,
        mail_server=False,
        post_send_callback=None,
    ):
        ours = self.filtered(lambda mail: mail._dso_of_action())
        options = {"alias_domain_id": alias_domain_id, "mail_server": mail_server}
        others = self - ours
        if others:
            super(MailMail, others)._send(
                auto_commit=auto_commit,
                raise_exception=raise_exception,
                smtp_session=smtp_session,
                post_send_callback=post_send_callback,
                **options,
            )
        if not ours or self.env["ir.mail_server"]._disable_send():
            return True

        def send(mail, **keywords):
            return super()._send(**keywords)

        session = smtp_session
        faxes = ours._dso_faxes()
        for mail_id in ours.ids:
            is_fax = mail_id in faxes
            session = self._dso_deliver(mail_id, send, session, options, is_fax)
            if post_send_callback:
                post_send_callback([mail_id])
            if session is False:
                # the mail server is gone: what is left stays in the outbox
                break
        if session and session is not smtp_session:
            try:
                session.quit()
            except (OSError, smtplib.SMTPException) as error:
                _logger.info("The last session was closed already: %s", error)
        return True

    def _dso_faxes(self):
        """The ids of those of these mails that carry a fax to its gateway."""
        actions = self.env["dso.action"].browse({mail.res_id for mail in self})
        faxes = set(actions.exists().filtered(lambda a: a.type == "fax").ids)
        return {mail.id for mail in self if mail.res_id in faxes}

    def _dso_attach_fax(self, mail_id):
        """Make the PDF of a fax, in a transaction of its own, before the last look.

        :return: whether it is there; a mail without it fails, with its cause
        """
        try:
            with self._dso_transaction() as env:
                mail = env["mail.mail"].browse(mail_id)
                if not mail._dso_lock():
                    return False  # another worker has it, or it has left
                if mail.attachment_ids:
                    return True
                action = mail._dso_action()
                if action:
                    mail.attachment_ids = [
                        Command.create(
                            {
                                "name": env._("Fax %s.pdf", action.id),
                                "raw": action._fax_pdf(mail.mail_message_id),
                                "mimetype": "application/pdf",
                                "res_model": "mail.message",
                                "res_id": mail.mail_message_id.id,
                            }
                        )
                    ]
                return True
        except psycopg2.Error as error:
            _logger.info("Fax of mail %s: left to the next run: %s", mail_id, error)
        except Exception as error:
            _logger.warning("The fax of mail %s is not made", mail_id, exc_info=True)
            with self._dso_transaction() as env:
                env["mail.mail"].browse(mail_id)._dso_fail(_in_plain_words(error))
        return False

    def _dso_deliver(self, mail_id, send, session, options, is_fax=False):
        """Deliver one mail of an action, in transactions of its own.

        :param send: Odoo's own ``_send``, called as ``send(mail, **options)``
        :param session: SMTP session, or None
        :param bool is_fax: its PDF is to be made first
        :return: the session for the next mail; False when there is none to be had
        """
        waiting = [mail_id]
        for _attempt in range(MAX_RENDERED):
            if not waiting:
                break
            mail_id = waiting.pop()
            if is_fax and not self._dso_attach_fax(mail_id):
                continue
            if session and not _is_alive(session):
                # closed since the last mail: nothing of this one has begun
                session = self._dso_reconnect(session, options)
                if session is False:
                    return session
            links, again = self._dso_begin(mail_id)
            if again:
                waiting.append(again)
            if links is None:
                continue
            accepted = False
            try:
                with self._dso_transaction() as env:
                    mail = env["mail.mail"].browse(mail_id)
                    mail = mail.with_context(dso_links=links)
                    mail.state = "outgoing"
                    mail.flush_recordset(["state"])
                    mail._dso_dialogue(send, session, options)
                    accepted = mail.state == "sent"
            except smtplib.SMTPServerDisconnected as error:
                # cut in its dialogue: "delivery unknown" stands
                _logger.warning("Mail %s was cut: %s", mail_id, error)
                return self._dso_reconnect(session, options)
            except psycopg2.Error as error:
                _logger.warning("Result of mail %s is lost: %s", mail_id, error)
                if accepted:
                    self._dso_repeat_result(mail_id)
        return session

    def _dso_repeat_result(self, mail_id):
        """Write once more that the mail server took a mail, after a conflict did away
        with it: nobody is to be asked about what is known."""
        for _attempt in range(MAX_CONFLICTS):
            try:
                with self._dso_transaction() as env:
                    mail = env["mail.mail"].browse(mail_id)
                    mail.write(
                        {
                            "state": "sent",
                            "failure_type": False,
                            "failure_reason": False,
                        }
                    )
                    mail._dso_notifications().write(
                        {
                            "notification_status": "sent",
                            "failure_type": False,
                            "failure_reason": False,
                        }
                    )
                return
            except psycopg2.Error as error:
                _logger.warning("Result of mail %s is lost: %s", mail_id, error)

    def _dso_dialogue(self, send, session, options):
        """The SMTP dialogue by Odoo's own means; its result stands on the mail."""
        try:
            send(self, raise_exception=True, smtp_session=session, **options)
        except (psycopg2.Error, smtplib.SMTPServerDisconnected):
            raise
        except Exception as error:
            # Odoo has noted a failure; whether the server refused is another question
            if _was_cut(error):
                self._dso_mark_unknown()
            elif self.state == "outgoing":
                # refused before Odoo's own care: it would come back for ever
                _logger.warning("Mail %s was refused", self.id, exc_info=True)
                self._dso_fail(_in_plain_words(error))
            else:
                _logger.info("Mail %s was refused: %s", self.id, error)
                if _is_temporary(error):
                    # not accepted, and to be tried again: as if it had not answered
                    self._dso_notifications().write(
                        {
                            "notification_status": "exception",
                            "failure_type": "mail_smtp",
                        }
                    )
                elif _is_refused_address(error):
                    # another way is taken for an address, not for a server's mood
                    self._dso_notifications().failure_type = "mail_email_invalid"

    def _dso_reconnect(self, session, options):
        """A new session in place of one that broke; False when the server is gone."""
        if not session:
            return session
        server = options["mail_server"]
        try:
            return self.env["ir.mail_server"]._connect__(
                mail_server_id=server.id if server else None,
                smtp_from=getattr(session, "smtp_from", None),
            )
        except Exception as error:
            _logger.warning("The mail server is gone: %s", error)
            return False

    # -------------------------------------------------------------------------
    # BEFORE THE DIALOGUE
    # -------------------------------------------------------------------------

    def _dso_action(self):
        self.ensure_one()
        return self.env["dso.action"].browse(self.res_id).exists()

    def _dso_waits(self):
        return SQL("state = 'outgoing'")

    def _dso_outdated(self, action):
        """Another fax number by now, or a reader who wants no e-mails any more."""
        if action.type == "fax":
            number = action._fax_number()
            address = number and action.company_id._dso_fax_address(number)
            return self.email_to != address
        address = action._recipient().email_normalized
        blacklist = self.env["mail.blacklist"]
        return bool(blacklist.search_count([("email", "=", address)], limit=1))

    def _dso_keep_waiting(self, moment):
        self.scheduled_date = moment

    def _dso_set_aside(self, action, reason):
        self.write(
            {
                "state": "sent" if action.sent_at else "exception",
                "failure_reason": reason,
            }
        )

    def _dso_unknown_reason(self):
        return self.env._(
            "Delivery unknown: the connection ended before the mail server answered. It"
            " may have arrived; it is not sent again by itself."
        )

    @api.model
    def _dso_outbox_job(self):
        return self.env.ref("mail.ir_cron_mail_scheduler_action")

    @api.model
    def _dso_release(self, companies):
        """Let the mails of actions leave that waited for sending to be switched on.

        :param companies: root companies
        """
        actions = self.env["dso.action"].search(
            [("company_id", "in", companies.ids), ("delivery", "=", "queued")]
        )
        mails = self.search(
            [
                ("model", "=", "dso.action"),
                ("res_id", "in", actions.ids),
                ("state", "=", "outgoing"),
                ("scheduled_date", "!=", False),
            ]
        )
        if mails:
            mails.scheduled_date = False
            self._dso_outbox_job()._trigger()

    def _dso_fail(self, reason):
        self.write(
            {"state": "exception", "failure_type": "unknown", "failure_reason": reason}
        )
        self._dso_note_failure(reason)

    def _dso_note_failure(self, reason):
        """Tell the action why this mail does not arrive."""
        self._dso_notifications().write(
            {
                "notification_status": "exception",
                "failure_type": "unknown",
                "failure_reason": reason,
            }
        )

    def _dso_notifications(self):
        return self.env["mail.notification"].search(
            [("mail_mail_id", "in", self.ids), ("notification_type", "=", "email")]
        )

    def _dso_cancel(self, reason):
        self.write({"state": "cancel", "failure_reason": reason})
        self._dso_notifications().write({"notification_status": "canceled"})

    def _estimate_email_size(self, headers, body, attachments_size):
        """Files of actions stay files: their size was checked before, and the links
        that Odoo would put in their place can be read by anybody and never expire."""
        if len(self) == 1 and self._dso_of_action():
            return 0
        return super()._estimate_email_size(headers, body, attachments_size)

    # -------------------------------------------------------------------------
    # SECRETS
    # -------------------------------------------------------------------------

    def _prepare_outgoing_body(self):
        body = super()._prepare_outgoing_body()
        if body and self._dso_of_action():
            body = self._dso_put_in_secrets(body)
        return body

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """All readers of an action's message stand in one message, with the colleagues
        in copy: one dialogue, of which everything or nothing has arrived."""
        emails = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        if not (emails and self._dso_of_action()):
            return emails
        action = self.env["dso.action"].browse(self.res_id).exists()
        copies = action._in_copy()
        if len(emails) == 1 and not copies:
            return emails
        # who may not read it any more was put into the outbox all the same
        chosen = action.with_context(active_test=False).also_to_ids
        gone = (chosen - action._recipient() - action._also_to()).ids
        emails = [
            email
            for email in emails
            if email["partner_id"] is False or email["partner_id"].id not in gone
        ] or emails[:1]
        first = max(emails, key=lambda e: e["partner_id"] == action._recipient())
        others = [email for email in emails if email is not first]
        for email in others:
            for name in ("email_to", "email_cc", "email_to_normalized"):
                first[name] = [*first[name], *email[name]]
        known = set(first["email_to_normalized"])
        for copy in copies:
            address = email_normalize(copy)
            if address not in known:
                first["email_cc"] = [*first["email_cc"], copy]
                first["email_to_normalized"] = [*first["email_to_normalized"], address]
        return [first]

    def _dso_links(self, action):
        """The links of this mail that carry a secret; stored nowhere.

        :return: SecretLinks
        """
        self.ensure_one()
        found = SECRET_LINK.findall(str(self.body_html or ""))
        keys = {(kind, int(number)) for _quote, kind, number in found}
        return SecretLinks(action._secret_links(keys) if keys else {})

    def _dso_put_in_secrets(self, body):
        """Complete the links that carry a secret; they are never stored in a message.

        A link that leads nowhere, or to what is not the action's own, is taken out with
        the paragraph around it; in the middle of a text its words stay.
        """
        self.ensure_one()
        links = self.env.context.get("dso_links")
        if not isinstance(links, SecretLinks):
            links = {}

        def link_of(kind, number):
            return links.get((kind, int(number)))

        def complete(match):
            return f'href="{link_of(match.group(2), match.group(3))}"'

        def block(match):
            return match.group(0) if link_of(*match.groups()) else ""

        def anchor(match):
            kind, number, words = match.groups()
            return match.group(0) if link_of(kind, number) else words

        body = SECRET_BLOCK.sub(block, str(body))
        body = SECRET_ANCHOR.sub(anchor, body)
        return SECRET_LINK.sub(
            lambda m: complete(m) if link_of(m.group(2), m.group(3)) else "", body
        )


def _is_alive(session):
    """Whether a mail server still answers on a session; one of another make than
    smtplib's cannot be asked."""
    try:
        return not hasattr(session, "noop") or session.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _is_temporary(error):
    """Whether the mail server asked to come back later (a reply of the 400s)."""
    while error:
        if isinstance(error, smtplib.SMTPResponseException):
            return 400 <= error.smtp_code < 500
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            return all(400 <= code < 500 for code, _t in error.recipients.values())
        error = error.__cause__ or error.__context__
    return False


def _is_refused_address(error):
    """Whether the mail server knows none of the recipients (a reply of the 500s)."""
    while error:
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            return all(code >= 500 for code, _t in error.recipients.values())
        error = error.__cause__ or error.__context__
    return False


def _was_cut(error):
    """Whether a failed dialogue ended without an answer of the mail server."""
    while error:
        if isinstance(error, ANSWERS):
            return False
        if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
            return True
        error = error.__cause__ or error.__context__
    return False
