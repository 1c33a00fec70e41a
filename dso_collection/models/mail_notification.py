"""Delivery of an action follows the notifications of its message, bounces included."""

from odoo import models

from .dso_qualification import ENGINE


class MailNotification(models.Model):
    _inherit = "mail.notification"

    def write(self, vals):
        res = super().write(vals)
        if (
            "notification_status" in vals
            and self.env.context.get("dso_engine") is not ENGINE  # not at its start
        ):
            messages = self.sudo().mail_message_id  # models and ids only
            of_actions = messages.filtered(
                lambda m: m.model == "dso.action" and m.message_type == "email_outgoing"
            )
            for message in of_actions:
                action = self.env["dso.action"].sudo().browse(message.res_id).exists()
                if action:  # of its own message
                    action._follow_delivery(message)
            texts = messages.filtered(lambda m: m.message_type == "sms")
            actions = texts and (
                self.env["dso.action"]
                .sudo()  # of its own message
                .search([("sms_message_id", "in", texts.ids)])
            )
            for action in actions or ():
                action._follow_sms()
        return res
