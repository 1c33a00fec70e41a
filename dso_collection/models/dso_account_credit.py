"""Credit limit and guarantees of an account against what it owes (rules.md §11)."""

from odoo import fields, models


class DsoAccount(models.Model):
    _inherit = "dso.account"

    credit_limit = fields.Monetary(
        help="What this customer may owe at most, in company currency. 0: no limit."
    )
    insured_amount = fields.Monetary(currency_field="insured_currency_id")
    insured_currency_id = fields.Many2one(
        "res.currency", "Currency of the insurance", ondelete="restrict"
    )
    insured_from = fields.Date("Insured from")
    insured_to = fields.Date("Insured to", help="Last day; empty: until further.")
    insurer_id = fields.Many2one("res.partner", ondelete="restrict")
    guarantee = fields.Char("Other guarantee", help="Bank guarantee, deposit...")
    guarantee_amount = fields.Monetary(help="In company currency.")
    guarantee_until = fields.Date(help="Last day; empty: until further.")
