"""Text messages, through Odoo's own SMS: whatever provider it is set up with."""

from odoo.fields import Command

from odoo.addons.sms.tools.sms_tools import sms_content_to_rendered_html

from .base import Channel


class SmsChannel(Channel):
    types = ("sms",)

    def missing(self, actions):
        blocked = self._blocked(actions)
        problems = {}
        for action in actions:
            number = action._phone_number()
            recipient = action._recipient()
            has_phone = recipient.phone or (
                action._customer_stands_in("phone") and action.partner_id.phone
            )
            if refusal := action._channel_refusal():
                problems[action] = (refusal, False)
            elif not action.template_id and not action.own_body:
                problems[action] = ("no_template", False)
            elif not recipient:
                problems[action] = ("no_resolver", False)
            elif not has_phone:
                problems[action] = ("no_phone", False)
            elif not number:
                problems[action] = ("invalid_phone", has_phone)
            elif number in blocked:
                problems[action] = ("blocked_phone", number)
            elif action._text_outdated():
                problems[action] = ("text_outdated", False)
        return problems

    def _blocked(self, actions):
        """The numbers of these actions that are on the blacklist."""
        return set(
            actions.env["phone.blacklist"]
            .sudo()  # only whether the own contacts are on it
            .search([("number", "in", [a._phone_number() for a in actions])])
            .mapped("number")
        )

    def deliver(self, actions):
        """A message on each action, a notification that failures and delivery reports
        come back to, and the text message in the outbox: one statement each."""
        texts = self._texts(actions)
        refused = {
            action: actions.env._("Its text is empty")
            for action, text in texts.items()
            if not text
        }
        # rendered again in the outbox: nobody has looked at the number since
        blocked = self._blocked(actions)
        for action in actions:
            number = action._phone_number()
            if number in blocked:
                refused[action] = actions.env._("The phone number is on the blacklist")
            elif not number:
                refused[action] = actions.env._("There is no valid phone number")
        actions -= actions.browse().union(*refused)
        messages = actions.env["mail.message"].create(
            [self._message(action, texts[action]) for action in actions]
        )
        outgoing = actions.env["sms.sms"].create(
            [
                {
                    "body": texts[action],
                    "dso_action_id": action.id,
                    "mail_message_id": message.id,
                    "number": action._phone_number(),
                    "partner_id": action._recipient().id,
                    "state": "dso_queued",
                }
                for action, message in zip(actions, messages, strict=True)
            ]
        )
        actions.env["mail.notification"].create(
            [
                {
                    "author_id": sms.mail_message_id.author_id.id,
                    "is_read": True,
                    "mail_message_id": sms.mail_message_id.id,
                    "notification_status": "ready",
                    "notification_type": "sms",
                    "res_partner_id": sms.partner_id.id,
                    "sms_id_int": sms.id,
                    "sms_number": sms.number,
                    "sms_tracker_ids": [Command.create({"sms_uuid": sms.uuid})],
                }
                for sms in outgoing
            ]
        )
        for action, message in zip(actions, messages, strict=True):
            action._engine().write(
                {"sms_message_id": message.id, "delivered_at": False}
            )
        return refused

    def _texts(self, actions):
        """{action: plain text}, rendered in batch for each template."""
        own = actions.filtered("own_body")
        texts = {action: action._in_plain_sms(action.own_body) for action in own}
        for template, group in (actions - own).grouped("template_id").items():
            bodies = template._render_field("body_html", group.ids, compute_lang=True)
            texts.update(
                {action: action._in_plain_sms(bodies[action.id]) for action in group}
            )
        return texts

    def _message(self, action, text):
        author = action.sender_id.partner_id or action.env.user.partner_id
        return {
            "author_id": author.id,
            "body": sms_content_to_rendered_html(text),
            "email_from": action.sender_email or author.email_formatted,
            "is_internal": True,
            "message_type": "sms",
            "model": action._name,
            # the provider is that of the root company
            "record_company_id": action.company_id.id,
            "res_id": action.id,
            "subtype_id": action.env.ref("mail.mt_note").id,
        }

    def outgoing(self, action):
        return action.env["sms.sms"].search(
            [("dso_action_id", "=", action.id)], order="id desc", limit=1
        )

    def trigger(self, env):
        # whoever sends may start the outbox, whose cron he cannot read
        env.ref("sms.ir_cron_sms_scheduler_action").sudo()._trigger()
