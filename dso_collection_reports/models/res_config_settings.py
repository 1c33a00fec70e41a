from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the reports: a branch shows and changes those of its root."""

    _inherit = "res.config.settings"

    dso_ageing_days = fields.Char(
        related="company_id.root_id.dso_ageing_days", readonly=False
    )
    dso_ageing_credits = fields.Selection(
        related="company_id.root_id.dso_ageing_credits", readonly=False, required=True
    )
    dso_overdue_beyond = fields.Selection(
        related="company_id.root_id.dso_overdue_beyond", readonly=False, required=True
    )
