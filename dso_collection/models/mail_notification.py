"""Delivery of an action follows the notifications of its message, bounces included."""

from odoo import models


class MailNotification(models.Model):
    _inherit = "mail.notification"

    def write(self, vals):
        res = super().write(vals)
        if "notification_status" in vals:
            messages = self.sudo().mail_message_id  # models and ids only
            of_actions = messages.filtered(
                lambda m: m.model == "dso.action" and m.message_type == "email_outgoing"
            )
            for message in of_actions:
                action = self.env["dso.action"].sudo().browse(message.res_id).exists()
                if action:  # of its own message
                    action._follow_delivery(message)
        return res
