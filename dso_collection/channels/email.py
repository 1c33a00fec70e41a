"""E-mails, through Odoo's own composer and outbox."""

from odoo.fields import Command

from .base import Channel


class EmailChannel(Channel):
    types = ("email",)

    def missing(self, actions):
        env = actions.env
        problems = {}
        blocked = set(
            env["mail.blacklist"]
            .sudo()  # only whether the own contacts are on it
            .search([("email", "in", self._addresses(actions))])
            .mapped("email")
        )
        for action in actions:
            recipient = action._recipient()
            address = recipient.email_normalized
            if refusal := action._channel_refusal():
                problems[action] = (refusal, False)
            elif not action.template_id and not action.own_body:
                problems[action] = ("no_template", False)
            elif not recipient:
                problems[action] = ("no_resolver", False)
            elif not recipient.email:
                chosen = action.account_id.contact_id | action.account_id.hold_lawyer_id
                problems[action] = (
                    "no_email" if recipient in chosen else "no_contact",
                    False,
                )
            elif not address or set("\r\n") & set(recipient.email):
                # a line break is no separator: it smuggles in a reader
                problems[action] = ("invalid_email", recipient.email)
            elif address in blocked:
                problems[action] = ("blocked_address", address)
            elif action._text_outdated():
                problems[action] = ("text_outdated", False)
            elif not action.sender_email:
                problems[action] = ("no_sender", False)
        return problems

    def _addresses(self, actions):
        return [a._recipient().email_normalized for a in actions]

    def deliver(self, actions):
        """One run of the mass composer for each text: it renders in batch, keeps a
        message on the action and a notification that failures and bounces come back
        to, and leaves the mail in the outbox."""
        refused = {}
        own = actions.filtered("own_body")
        groups = [
            (group, self._text_of_template(template))
            for template, group in (actions - own).grouped("template_id").items()
        ] + [(action, self._own_text(action)) for action in own]
        for group, text in groups:
            composer = (
                actions.env["mail.compose.message"]
                .with_context(active_model="dso.action", mail_notify_force_send=False)
                .create(
                    {
                        "model": "dso.action",
                        "res_ids": group.ids,
                        "composition_mode": "mass_mail",
                        "force_send": False,
                        "auto_delete": False,
                        **text,
                    }
                )
            )
            mails, _messages = composer._action_send_mail()
            for mail in mails:
                if mail.state != "outgoing":
                    label = dict(mail._fields["failure_type"].selection).get(
                        mail.failure_type, mail.failure_reason
                    )
                    refused[group.browse(mail.res_id)] = label
            for action in group - group.browse(mails.mapped("res_id")):
                refused[action] = actions.env._("No e-mail was made of it")
        return refused

    def _text_of_template(self, template):
        return {
            "template_id": template.id,
            "email_layout_xmlid": template.email_layout_xmlid,
        }

    def _own_text(self, action):
        """A text that a person wrote: it goes as it is, on the usual letterhead."""
        return {
            "template_id": False,
            "subject": action.own_subject or action.display_name,
            "body": action.own_body,
            "lang": action.lang_code,
            "partner_ids": [Command.set(action._recipient().ids)],
            "attachment_ids": [Command.set(action.own_attachment_ids.ids)],
            "email_layout_xmlid": action.template_id.email_layout_xmlid
            or "dso_collection.mail_layout",
        }

    def trigger(self, env):
        # whoever sends may start the outbox, whose cron he cannot read
        env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
