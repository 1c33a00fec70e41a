"""Disputes by cause, customer, resolver and outcome (rules.md §9)."""

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.dso_collection.models.dso_status import DISPUTE_OUTCOMES

from ..measures import disputes
from .as_of import AS_OF


class DsoDisputeReport(models.Model):
    """One row per dispute, open on the day or closed by then."""

    _name = "dso.dispute.report"
    _description = "Disputes"
    _inherit = "dso.report.item.row"
    _auto = False
    _rec_name = "move_id"
    _order = "began desc, id desc"
    _row_company = "root_id"

    status_id = fields.Many2one("dso.status", "Cause", **AS_OF)
    resolver_id = fields.Many2one("res.users", **AS_OF)
    state = fields.Selection([("open", "Open"), ("closed", "Closed")], **AS_OF)
    began = fields.Date("Disputed since", **AS_OF)
    ended = fields.Date("Resolved on", **AS_OF)
    outcome = fields.Selection(DISPUTE_OUTCOMES, **AS_OF)
    decided_by_id = fields.Many2one("res.users", "Decided by", **AS_OF)
    credit_note_id = fields.Many2one("account.move", "Credit note", **AS_OF)
    days = fields.Integer(
        "Resolution time",
        **AS_OF,
        aggregator="avg",
        help="Days from the status date of the dispute to that of the next status.",
    )
    age = fields.Integer(
        **AS_OF, aggregator="avg", help="Days that an open dispute has lasted."
    )
    amount = fields.Monetary(
        "In dispute", **AS_OF, help="When it was said, in company currency."
    )

    def _row_query(self, companies, as_of):
        return SQL("SELECT * FROM (%s) dispute", disputes.disputes(companies, as_of))

    # -------------------------------------------------------------------------
    # TABLE
    # -------------------------------------------------------------------------

    _report_key = "disputes"
    _report_sequence = 50
    _report_group_by = ("status_id", "state", "outcome")
    _report_period_field = "began"
    _report_item_fields = (
        "partner_id",
        "move_id",
        "status_id",
        "resolver_id",
        "state",
        "began",
        "ended",
        "days",
        "age",
        "outcome",
        "decided_by_id",
        "credit_note_id",
        "amount",
        "collector_id",
    )

    def _report_columns(self, options):
        return [
            self._row_count_column(self.env._("Disputes")),
            self._row_column("amount", "money"),
            self._row_column("days", "days", total="formula"),
            self._row_column("age", "days", total="formula"),
        ]
