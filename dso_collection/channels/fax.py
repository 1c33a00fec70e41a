"""Faxes: the letter as a PDF, mailed to the gateway of the company's choice."""

from .base import Channel


class FaxChannel(Channel):
    types = ("fax",)

    def missing(self, actions):
        problems = {}
        for action in actions:
            written = action._fax_written()
            if refusal := action._channel_refusal():
                problems[action] = (refusal, False)
            elif not action.template_id and not action.own_body:
                problems[action] = ("no_template", False)
            elif not action._recipient():
                problems[action] = ("no_resolver", False)
            elif not written:
                problems[action] = ("no_fax", False)
            elif not action._fax_number():
                problems[action] = ("invalid_fax", written)
            elif not action.company_id.sudo().dso_fax_pattern:  # a setting of its root
                problems[action] = ("no_gateway", False)
            elif action._text_outdated():
                problems[action] = ("text_outdated", False)
            elif not action.sender_email:
                problems[action] = ("no_sender", False)
        return problems

    def deliver(self, actions):
        """A message on each action with the text of the letter, a notification that
        failures and bounces come back to, and the mail to the gateway in the outbox.

        The PDF is made by the outbox, before its last look: a run of wkhtmltopdf is too
        long for this transaction.
        """
        env = actions.env
        for action in actions:
            subject, body = action._letter_text()
            address = action.company_id._dso_fax_address(action._fax_number())
            author = action.sender_id.partner_id or env.user.partner_id
            message = env["mail.message"].create(
                {
                    "author_id": author.id,
                    "body": body,
                    "email_from": action.sender_email,
                    "message_type": "email_outgoing",
                    "model": action._name,
                    "record_company_id": action.sender_company_id.id,
                    "res_id": action.id,
                    "subject": subject,
                    "subtype_id": env.ref("mail.mt_note").id,
                }
            )
            mail = env["mail.mail"].create(
                {
                    "auto_delete": False,
                    "body_html": env._("The fax is attached."),
                    "email_to": address,
                    "is_notification": True,
                    "mail_message_id": message.id,
                    "state": "outgoing",
                }
            )
            env["mail.notification"].create(
                {
                    "author_id": author.id,
                    "is_read": True,
                    "mail_email_address": address,
                    "mail_mail_id": mail.id,
                    "mail_message_id": message.id,
                    "notification_status": "ready",
                    "notification_type": "email",
                }
            )
        return {}

    def trigger(self, env):
        # whoever sends may start the outbox, whose cron he cannot read
        env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
