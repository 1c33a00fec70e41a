from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    dso_maia_feedbacks = fields.Boolean(
        related="company_id.root_id.dso_maia_feedbacks", readonly=False
    )
    dso_maia_emails = fields.Boolean(
        related="company_id.root_id.dso_maia_emails", readonly=False
    )
