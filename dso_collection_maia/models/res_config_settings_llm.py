from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    dso_maia_llm = fields.Boolean(
        related="company_id.root_id.dso_maia_llm", readonly=False
    )
    dso_maia_llm_url = fields.Char(
        related="company_id.root_id.dso_maia_llm_url", readonly=False
    )
    dso_maia_llm_model = fields.Char(
        related="company_id.root_id.dso_maia_llm_model", readonly=False
    )
    dso_maia_llm_key = fields.Char(
        related="company_id.root_id.dso_maia_llm_key", readonly=False
    )
    dso_maia_llm_redact = fields.Boolean(
        related="company_id.root_id.dso_maia_llm_redact", readonly=False
    )
    dso_maia_llm_daily = fields.Integer(
        related="company_id.root_id.dso_maia_llm_daily", readonly=False
    )
