"""Delivery reports of a text message of which nobody knew whether it had left."""

from odoo import models


class SmsTracker(models.Model):
    _inherit = "sms.tracker"

    def _update_sms_notifications(
        self, notification_status, failure_type=False, failure_reason=False
    ):
        """Odoo leaves a failure as it was noted first; "delivery unknown" is none."""
        if notification_status == "exception":
            unknown = self.mail_notification_id.filtered(
                lambda n: (
                    n.notification_status == "exception"
                    and n.failure_type == "unknown"
                    and n.mail_message_id.model == "dso.action"
                )
            )
            unknown.write(
                {
                    "notification_status": notification_status,
                    "failure_type": failure_type,
                    "failure_reason": failure_reason,
                }
            )
        return super()._update_sms_notifications(
            notification_status,
            failure_type=failure_type,
            failure_reason=failure_reason,
        )
