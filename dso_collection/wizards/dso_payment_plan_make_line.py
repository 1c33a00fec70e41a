"""One instalment of a plan that is being agreed on."""

from odoo import fields, models


class DsoPaymentPlanMakeLine(models.TransientModel):
    _name = "dso.payment.plan.make.line"
    _description = "Instalment To Agree On"
    _order = "date, id"

    make_id = fields.Many2one(
        "dso.payment.plan.make", required=True, ondelete="cascade"
    )
    date = fields.Date(required=True)
    amount = fields.Monetary(required=True)
    currency_id = fields.Many2one(related="make_id.currency_id")
