from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    dso_root_company_id = fields.Many2one(related="company_id.root_id", string="Root")
    dso_scenario_id = fields.Many2one(
        related="company_id.dso_scenario_id", readonly=False
    )
    dso_client_type_id = fields.Many2one(
        related="company_id.dso_client_type_id", readonly=False
    )
    dso_collector_id = fields.Many2one(
        related="company_id.dso_collector_id", readonly=False
    )
    dso_minimum_amount = fields.Monetary(
        related="company_id.dso_minimum_amount", readonly=False
    )
    dso_minimum_base = fields.Selection(
        related="company_id.dso_minimum_base", readonly=False, required=True
    )
    dso_ignore_below = fields.Monetary(
        related="company_id.dso_ignore_below", readonly=False
    )
    dso_litigation_excluded = fields.Boolean(
        related="company_id.dso_litigation_excluded", readonly=False
    )
    dso_tz = fields.Selection(related="company_id.dso_tz", readonly=False)
    dso_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Collection currency"
    )
