"""The outbox looks at the ledger once more, and knows what it does not know.

Odoo writes "being sent" before and "sent" after the SMTP dialogue in one transaction: a
process that is killed in between leaves the mail in the outbox, and it is sent again.
For the mails of actions, "delivery unknown" is committed before the dialogue begins.
What was cut stands as unknown for a person to decide.
"""

import logging
import re
import smtplib
from contextlib import contextmanager
from datetime import timezone

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models
from odoo.modules import module
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: Conflicts with other transactions after which a mail is left to the next run.
MAX_CONFLICTS = 3
#: A mail whose ledger changes all the time is rendered so often in one run.
MAX_RENDERED = 3
#: Minutes until a mail is looked at again that is held back by the switch.
HELD_MINUTES = 15
#: Errors that are an answer of the mail server: what it refused has not arrived.
ANSWERS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
#: Links that are put in when a mail leaves: ``/dso/secret/<kind>/<id>``.
SECRET_LINK = re.compile(r"""href=(["'])[^"']*/dso/secret/(\w+)/(\d+)\1""")
SECRET_BLOCK = re.compile(
    r"<p\b[^>]*>\s*<a\b[^>]*/dso/secret/(\w+)/(\d+)[^>]*>.*?</a>\s*</p>", re.DOTALL
)


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _send(
        self,
        auto_commit=False,
        raise_exception=False,
        smtp_session=None,
        alias_domain_id=False,
        mail_server=False,
        post_send_callback=None,
    ):
        ours = self.filtered(lambda mail: mail.model == "dso.action" and mail.res_id)
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
            return super(MailMail, mail)._send(**keywords)

        session = smtp_session
        for mail_id in ours.ids:
            session = self._dso_deliver(mail_id, send, session, options)
            if post_send_callback:
                post_send_callback([mail_id])
            if session is False:
                # the mail server is gone: what is left stays in the outbox
                break
        if session and session is not smtp_session:
            session.quit()
        return True

    def _dso_deliver(self, mail_id, send, session, options):
        """Deliver one mail of an action, in transactions of its own.

        :param send: Odoo's own ``_send``, called as ``send(mail, **options)``
        :param session: SMTP session, or None
        :return: the session for the next mail; False when there is none to be had
        """
        waiting = [mail_id]
        for _attempt in range(MAX_RENDERED):
            if not waiting:
                break
            mail_id = waiting.pop()
            begun, again = self._dso_begin(mail_id)
            if again:
                waiting.append(again)
            if not begun:
                continue
            try:
                with self._dso_transaction() as env:
                    mail = env["mail.mail"].browse(mail_id)
                    mail.state = "outgoing"
                    mail.flush_recordset(["state"])
                    mail._dso_dialogue(send, session, options)
            except smtplib.SMTPServerDisconnected as error:
                # cut in its dialogue: "delivery unknown" stands
                _logger.warning("Mail %s was cut: %s", mail_id, error)
                return self._dso_reconnect(session, options)
            except psycopg2.Error as error:
                _logger.warning("Result of mail %s is lost: %s", mail_id, error)
        return session

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
            else:
                _logger.info("Mail %s was refused: %s", self.id, error)

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

    @contextmanager
    def _dso_transaction(self):
        """A transaction of its own, committed at its end; rolled back on an error."""
        if module.current_test:
            # a test sees nothing of another connection; Odoo's outbox does the same
            with self.env.cr.savepoint():
                yield self.sudo().env  # the outbox works with all rights
            return
        with self.env.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    # -------------------------------------------------------------------------
    # BEFORE THE DIALOGUE
    # -------------------------------------------------------------------------

    def _dso_begin(self, mail_id):
        """Look at the ledger once more and commit "delivery unknown".

        A conflict with another transaction is repeated with a new look.

        :return: (whether the dialogue may begin, id of a mail rendered instead)
        """
        for _attempt in range(MAX_CONFLICTS):
            try:
                with self._dso_transaction() as env:
                    return env["mail.mail"].browse(mail_id)._dso_look()
            except psycopg2.OperationalError as error:
                _logger.info("Mail %s: looking again: %s", mail_id, str(error).strip())
        return False, None

    def _dso_look(self):
        self.ensure_one()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM mail_mail WHERE id = %s AND state = 'outgoing'
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                self.id,
            )
        )
        if not rows:
            return False, None  # another worker has it, or it has left
        action = self.env["dso.action"].browse(self.res_id).exists()
        if not action:
            self._dso_cancel(self.env._("The action of this mail was deleted."))
            return False, None
        if self._dso_hold_back(action):
            return False, None
        verdict = action._last_look()
        if verdict is None:
            self._dso_mark_unknown()
            return True, None
        action._lock_for_outbox()
        if verdict == "changed":
            self._dso_cancel(self.env._("The account changed: rendered again."))
            try:
                with self.env.cr.savepoint():
                    return False, action._render_again().id
            except psycopg2.OperationalError:
                raise
            except Exception as error:
                _logger.warning("Action %s not rendered again", action.id, exc_info=True)
                action._engine().write(
                    {"delivery": "failed", "error_detail": str(error)[:500]}
                )
                return False, None
        action._withdraw(verdict)
        self._dso_cancel(action.outcome or verdict)
        return False, None

    def _dso_hold_back(self, action):
        """Leave a mail in the outbox while sending is switched off, or, when it left by
        itself, outside the sending hours; it is looked at again later."""
        company = action.company_id
        now = fields.Datetime.now()
        if not company.dso_sending_active:
            self.scheduled_date = fields.Datetime.add(now, minutes=HELD_MINUTES)
            return True
        if action.sent_by_id or company._dso_sending_open():
            return False
        opening = company._dso_sending_next()
        self.scheduled_date = (
            fields.Datetime.to_datetime(
                opening.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0)
            )
            if opening
            else fields.Datetime.add(now, days=1)
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger(self.scheduled_date)
        return True

    def _dso_mark_unknown(self):
        """From now on nobody knows whether it arrived, until the result is known."""
        reason = self.env._(
            "Delivery unknown: the connection ended before the mail server answered. It"
            " may have arrived; it is not sent again by itself."
        )
        self.write(
            {"state": "exception", "failure_type": "unknown", "failure_reason": reason}
        )
        notifications = self.env["mail.notification"].search(
            [("mail_mail_id", "=", self.id), ("notification_type", "=", "email")]
        )
        notifications.write(
            {
                "notification_status": "exception",
                "failure_type": "unknown",
                "failure_reason": reason,
            }
        )
        self.env["dso.action"].browse(self.res_id)._engine().write(
            {"delivery": "unknown", "error_detail": reason, "retry_at": False}
        )

    def _dso_cancel(self, reason):
        self.write({"state": "cancel", "failure_reason": reason})
        self.env["mail.notification"].search([("mail_mail_id", "=", self.id)]).write(
            {"notification_status": "canceled"}
        )

    # -------------------------------------------------------------------------
    # SECRETS
    # -------------------------------------------------------------------------

    def _prepare_outgoing_body(self):
        body = super()._prepare_outgoing_body()
        if self.model == "dso.action" and body:
            body = self._dso_put_in_secrets(body)
        return body

    def _dso_put_in_secrets(self, body):
        """Complete the links that carry a secret; they are never stored in a message.

        A link that leads nowhere, or to what is not the action's own, is taken out with
        the paragraph around it.
        """
        self.ensure_one()
        action = self.env["dso.action"].browse(self.res_id).exists()
        links = {}
        for _quote, kind, number in SECRET_LINK.findall(str(body)):
            key = (kind, int(number))
            if key not in links:
                links[key] = action._secret_link(kind, int(number)) if action else False

        def complete(match):
            link = links[match.group(2), int(match.group(3))]
            return f'href="{link}"' if link else match.group(0)

        body = SECRET_BLOCK.sub(
            lambda m: m.group(0) if links.get((m.group(1), int(m.group(2)))) else "",
            str(body),
        )
        return SECRET_LINK.sub(complete, body)


def _was_cut(error):
    """Whether a failed dialogue ended without an answer of the mail server."""
    while error:
        if isinstance(error, ANSWERS):
            return False
        if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
            return True
        error = error.__cause__ or error.__context__
    return False
