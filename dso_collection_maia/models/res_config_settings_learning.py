"""How long a company keeps what it learns from, among the settings."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    dso_maia_keep_months = fields.Integer(
        related="company_id.root_id.dso_maia_keep_months", readonly=False
    )
