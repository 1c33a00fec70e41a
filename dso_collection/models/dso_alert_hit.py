"""Which account is in which alert, and since when."""

from markupsafe import Markup

from odoo import fields, models


class DsoAlertHit(models.Model):
    """Written by the alerts' own statement only."""

    _name = "dso.alert.hit"
    _description = "Account in an Alert"
    _order = "entered_at desc, id desc"
    _log_access = False

    alert_id = fields.Many2one(
        "dso.alert", required=True, ondelete="cascade", readonly=True
    )
    account_id = fields.Many2one(
        "dso.account", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    entered_at = fields.Datetime("Since", required=True, readonly=True)
    told = fields.Boolean(help="Subscribers know of it.")

    _alert_account_uniq = models.Constraint(
        "UNIQUE(alert_id, account_id)", "An account is in an alert once."
    )
    _untold_idx = models.Index("(id) WHERE told IS NOT TRUE")

    def _tell(self, user):
        """Send these news to one user, in his language, alert by alert.

        :param user: res.users who may read all of them
        """
        body = self.env["ir.qweb"]._render(
            "dso_collection.alert_notice",
            {
                "user": user,
                "alerts": [
                    (alert, hits.account_id.sorted("net_overdue", reverse=True))
                    for alert, hits in self.grouped("alert_id").items()
                ],
            },
        )
        self.env["mail.thread"].sudo().message_notify(  # from us, to this user only
            partner_ids=user.partner_id.ids,
            subject=self.env._(
                "Alerts: %s customers have entered", len(self.account_id)
            ),
            body=Markup(body),
            email_layout_xmlid="mail.mail_notification_light",
        )
