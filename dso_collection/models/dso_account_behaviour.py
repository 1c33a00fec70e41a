"""How a customer pays: average payment delay, profile, age of what he owes."""

from odoo import fields, models


class DsoAccount(models.Model):
    _inherit = "dso.account"

    average_delay = fields.Float(
        "Average payment delay",
        digits=(8, 2),
        readonly=True,
        aggregator="avg",
        help="Days late of the invoices paid in the last six months, weighted by"
        " amount; negative: early.",
    )
    average_delay_count = fields.Integer(
        "Invoices paid",
        readonly=True,
        help="Paid in the last six months: what the average payment delay stands on.",
    )
    overdue_age = fields.Float(
        "Age of the overdue",
        digits=(8, 2),
        readonly=True,
        aggregator="avg",
        help="Days since the due date of the overdue invoices, weighted by what is"
        " open. The average payment delay knows only what was paid.",
    )
    payment_profile_id = fields.Many2one(
        "dso.payment.profile",
        "Payment profile",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
