"""Promises to pay, and what became of them (rules.md §3.3)."""

from odoo import api, fields, models
from odoo.fields import Domain

STATES = [
    ("open", "Open"),
    ("kept", "Kept"),
    ("partly", "Partly kept"),
    ("broken", "Broken"),
    ("cancelled", "Cancelled"),
]
#: Why a promise counts no more.
PROMISE_CAUSES = [
    ("replaced", "Replaced by a later qualification"),
    ("undone", "Qualification undone"),
    ("gone", "Its items are no longer posted"),
]


class DsoPromise(models.Model):
    """What a customer said he would pay until when, one row per account and act.

    A row is made by a qualification and then only followed: its outcome is read off the
    ledger. Amounts are compared in the currency of its items, or in company currency
    where they have several.
    """

    _name = "dso.promise"
    _description = "Promise To Pay"
    _order = "date desc, id desc"
    _rec_name = "account_id"
    _check_company_auto = True

    account_id = fields.Many2one(
        "dso.account", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    collector_id = fields.Many2one(related="account_id.collector_id")
    user_id = fields.Many2one("res.users", "Noted by", required=True)
    date_made = fields.Date("Made on", required=True)
    date = fields.Date("Promised for", required=True, index=True)
    date_limit = fields.Date(
        "Grace until",
        required=True,
        help="Last day on which a payment still keeps the promise: its date, or the day"
        " on which it was noted if later, and the company's grace days.",
    )
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    amount = fields.Monetary("Promised", help="In company currency.")
    item_currency_id = fields.Many2one(
        "res.currency",
        "Currency",
        required=True,
        help="That of its items; company currency where they have several.",
    )
    item_amount = fields.Monetary(
        "Promised amount", currency_field="item_currency_id", aggregator=None
    )
    paid = fields.Monetary(
        "Received",
        currency_field="item_currency_id",
        aggregator=None,
        help="By how much its items fell until its last day of grace.",
    )
    mixed = fields.Boolean(help="Its items have several currencies.")
    state = fields.Selection(STATES, required=True, default="open", index=True)
    cause = fields.Selection(PROMISE_CAUSES, "Cancelled because")
    date_settled = fields.Date(
        "Settled on",
        help="Day on which the promised amount was reached, in time or not.",
    )
    plan_id = fields.Many2one(
        "dso.payment.plan", "Payment plan", index="btree_not_null", ondelete="restrict"
    )
    sequence = fields.Integer(
        "Instalment", default=1, aggregator=None, help="Its place in a payment plan."
    )
    line_ids = fields.One2many("dso.promise.line", "promise_id", "Items")
    move_ids = fields.Many2many(
        "account.move",
        compute="_compute_move_ids",
        search="_search_move_ids",
        string="Item documents",
    )
    qualification_ids = fields.Many2many(
        "dso.qualification", compute="_compute_qualification_ids"
    )

    # the evaluation's look at the promises of its accounts
    _followed_idx = models.Index("(account_id) WHERE state <> 'cancelled'")
    # the nightly look at those whose grace is over
    _open_idx = models.Index("(date_limit) WHERE state = 'open'")

    @api.depends("line_ids.move_id")
    def _compute_move_ids(self):
        for promise in self:
            promise.move_ids = promise.line_ids.move_id

    def _search_move_ids(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        return [("line_ids.move_id", operator, value)]

    @api.depends("line_ids.qualification_id")
    def _compute_qualification_ids(self):
        for promise in self:
            promise.qualification_ids = promise.line_ids.qualification_id

    @api.depends("date", "partner_id.display_name", "plan_id", "sequence")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = self.env._(
                "%(customer)s, %(date)s",
                customer=promise.partner_id.display_name or "",
                date=fields.Date.to_string(promise.date) or "",
            )

    @api.model
    def _from_qualifications(self, qualifications):
        """Follow new qualifications: earlier promises of their items end, those of the
        type promise make a new one per account and date.

        :param qualifications: dso.qualification rows that were just created
        :return: the new dso.promise records
        """
        return self.browse()

    def action_open_account(self):
        """Open the customer record."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
            "name": self.partner_id.display_name,
        }

    @api.model
    def _open_domain(self):
        return Domain("state", "=", "open")
