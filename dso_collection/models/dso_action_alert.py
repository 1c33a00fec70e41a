"""The alerts of an action's account, beside it in the agenda."""

from odoo import fields, models


class DsoAction(models.Model):
    _inherit = "dso.action"

    alert_ids = fields.Many2many(related="account_id.alert_ids", string="Alerts")
