"""E-mails, through Odoo's own composer and outbox."""

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
            elif not action.template_id:
                problems[action] = ("no_template", False)
            elif not recipient:
                problems[action] = ("no_resolver", False)
            elif not recipient.email:
                chosen = action.account_id.contact_id | action.account_id.hold_lawyer_id
                problems[action] = (
                    "no_email" if recipient in chosen else "no_contact",
                    False,
                )
            elif not address:
                problems[action] = ("invalid_email", recipient.email)
            elif address in blocked:
                problems[action] = ("blocked_address", address)
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
        for template, group in actions.grouped("template_id").items():
            composer = (
                actions.env["mail.compose.message"]
                .with_context(active_model="dso.action", mail_notify_force_send=False)
                .create(
                    {
                        "model": "dso.action",
                        "res_ids": group.ids,
                        "composition_mode": "mass_mail",
                        "template_id": template.id,
                        "force_send": False,
                        "auto_delete": False,
                        "email_layout_xmlid": template.email_layout_xmlid,
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

    def trigger(self, env):
        # whoever sends may start the outbox, whose cron he cannot read
        env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
