"""What every report of the items of a day has in common."""

from odoo import fields, models

from ..measures import ageing
from .as_of import AS_OF

#: What the rows of these reports are read from.
DEPENDS = {
    "account.move": [
        "move_type",
        "invoice_date",
        "date",
        "journal_id",
        "origin_payment_id",
        "payment_state",
    ],
    "account.move.line": [
        "account_id",
        "amount_residual",
        "amount_residual_currency",
        "balance",
        "company_id",
        "currency_id",
        "date",
        "date_maturity",
        "invoice_date",
        "move_id",
        "no_followup",
        "parent_state",
        "partner_id",
        "reconciled",
        "statement_line_id",
    ],
    "account.partial.reconcile": [
        "amount",
        "credit_amount_currency",
        "credit_move_id",
        "debit_amount_currency",
        "debit_move_id",
    ],
    "account.account": ["account_type", "non_trade"],
    "account.journal": ["dso_opening", "type"],
    "dso.account": [
        "client_type_id",
        "collector_id",
        "company_id",
        "partner_id",
        "scenario_id",
    ],
    "dso.item": [
        "account_id",
        "ignored",
        "move_id",
        "promise_date",
        "qualification_id",
        "resolver_id",
        "status_date",
        "status_id",
        "status_type",
    ],
    "dso.qualification": ["account_id", "date", "move_id", "status_date", "status_id"],
    "res.company": ["parent_path", "currency_id"],
    "res.partner": ["commercial_partner_id", "country_id", "industry_id", "user_id"],
}


class DsoAsOfItem(models.AbstractModel):
    """Mixin of reports whose rows are items, or instalments of items."""

    _name = "dso.as.of.item"
    _inherit = ["dso.as.of", "dso.report.item"]
    _description = "Report of the Items of a Day"

    line_id = fields.Many2one("account.move.line", "Journal item", **AS_OF)
    kind = fields.Selection(
        [
            ("invoice", "Invoice"),
            ("credit_note", "Credit note"),
            ("payment", "Unallocated payment"),
            ("miscellaneous", "Miscellaneous"),
        ],
        **AS_OF,
    )
    invoice_date = fields.Date("Issued on", **AS_OF)
    due = fields.Date("Due date", **AS_OF)
    days_late = fields.Integer(
        "Days late",
        **AS_OF,
        aggregator="max",
        help="Since the due date, on the day of the report; negative: not due yet.",
    )
    bucket = fields.Selection("_selection_bucket", "Age", **AS_OF)
    blocked = fields.Boolean(
        "Blocked in accounting",
        **AS_OF,
        help="Left out of follow-up or blocked for payment in accounting: not claimed,"
        " counted here all the same.",
    )
    item_currency_id = fields.Many2one("res.currency", "Currency", **AS_OF)
    residual = fields.Monetary("Open amount", **AS_OF)
    residual_currency = fields.Monetary(
        "Open amount in its currency",
        currency_field="item_currency_id",
        **AS_OF,
        aggregator=None,
    )
    debit = fields.Monetary("Open debit", **AS_OF)
    credit = fields.Monetary("Open credit", **AS_OF)
    overdue = fields.Monetary(**AS_OF)

    def _selection_bucket(self):
        return ageing.buckets(self.env, self.env.company._dso_ageing()[0])

    def action_qualify(self):
        """Open the qualification with these items ticked, as they are now."""
        self.check_access("read")
        self.env["account.move"]._dso_check_may_qualify()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_qualify_action"
        )
        return {
            **action,
            "context": {
                "active_model": "account.move.line",
                "active_ids": self.line_id.ids,
                "dialog_size": "extra-large",
            },
        }
