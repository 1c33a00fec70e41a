"""Recovery cost by size of the late invoice."""

from odoo import fields, models


class DsoLateTier(models.Model):
    _name = "dso.late.tier"
    _description = "Recovery Cost Tier"
    _order = "rate_id, amount_from"

    rate_id = fields.Many2one(
        "dso.late.rate", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="rate_id.company_id", store=True)
    amount_from = fields.Float(
        "Late amount from", digits=(12, 2), help="In the currency of tiers."
    )
    compensation = fields.Float("Recovery cost", digits=(12, 2))

    _amount_uniq = models.Constraint(
        "UNIQUE(rate_id, amount_from)", "Two tiers begin at the same amount."
    )
    _positive = models.Constraint(
        "CHECK(COALESCE(amount_from, 0) >= 0 AND COALESCE(compensation, 0) >= 0)",
        "Amounts of tiers cannot be negative.",
    )
