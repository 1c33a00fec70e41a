"""Payment plans: several dated promises on the same items (rules.md §3.3)."""

from odoo import api, fields, models
from odoo.tools import formatLang

#: How often a plan is paid.
EVERY = [
    ("week", "every week"),
    ("fortnight", "every two weeks"),
    ("month", "every month"),
]


class DsoPaymentPlan(models.Model):
    _name = "dso.payment.plan"
    _description = "Payment Plan"
    _order = "date desc, id desc"
    _check_company_auto = True

    account_id = fields.Many2one(
        "dso.account", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    user_id = fields.Many2one("res.users", "Noted by", required=True)
    date = fields.Date("Agreed on", required=True)
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary("Total", required=True)
    comment = fields.Text("Internal comment")
    promise_ids = fields.One2many("dso.promise", "plan_id", "Instalments")
    paid = fields.Monetary("Received", compute="_compute_state")
    next_date = fields.Date("Next payment", compute="_compute_state")
    state = fields.Selection(
        [
            ("open", "Running"),
            ("missed", "Instalment missed"),
            ("kept", "Paid"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_state",
    )

    @api.depends("promise_ids.state", "promise_ids.paid", "promise_ids.date_settled")
    def _compute_state(self):
        for plan in self:
            promises = plan.promise_ids.sorted("sequence")
            waiting = promises.filtered(lambda p: p.state == "open")
            missed = promises.filtered(
                lambda p: p.state in ("partly", "broken") and not p.date_settled
            )
            plan.paid = sum(
                p.item_amount if p.date_settled else p.paid for p in promises
            )
            plan.next_date = (missed | waiting)[:1].date
            plan.state = (
                "missed"
                if missed
                else "open"
                if waiting
                else "cancelled"
                if set(promises.mapped("state")) <= {"cancelled"}
                else "kept"
            )

    @api.depends("partner_id.display_name", "amount", "currency_id")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = self.env._(
                "%(customer)s, %(amount)s",
                customer=plan.partner_id.display_name or "",
                amount=formatLang(self.env, plan.amount, currency_obj=plan.currency_id),
            )
