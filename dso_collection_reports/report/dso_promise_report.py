"""Promises to pay: made, kept, partly kept, broken (rules.md §9)."""

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.dso_collection.models.dso_promise import STATES

from ..measures import promises
from .as_of import AS_OF, Figure


class DsoPromiseReport(models.Model):
    """One row per promise, with what had become of it on the day."""

    _name = "dso.promise.report"
    _description = "Promises"
    _inherit = "dso.report.row"
    _auto = False
    _rec_name = "partner_id"
    _order = "date desc, id desc"

    _row_ratios = {"kept_rate": ("received", "decided")}

    state = fields.Selection(STATES, "Outcome", **AS_OF)
    plan_id = fields.Many2one("dso.payment.plan", "Payment plan", **AS_OF)
    user_id = fields.Many2one("res.users", "Noted by", **AS_OF)
    made = fields.Date("Made on", **AS_OF)
    date = fields.Date("Promised for", **AS_OF)
    date_limit = fields.Date("Grace until", **AS_OF)
    settled = fields.Date("Settled on", **AS_OF)
    amount = fields.Monetary("Promised", **AS_OF)
    decided = fields.Monetary(
        **AS_OF, help="Promised, of promises that were kept, partly kept or broken."
    )
    received = fields.Monetary(**AS_OF, help="In time, of decided promises.")
    kept_rate = Figure(
        "Kept",
        **AS_OF,
        aggregator="avg",
        help="Received of what was promised, of decided promises.",
    )

    def _row_query(self, companies, as_of):
        return SQL(
            """
            SELECT p.*,
                   CASE WHEN p.decided <> 0 THEN p.received / p.decided END AS kept_rate
              FROM (%s) p
            """,
            promises.promises(companies, as_of),
        )

    def action_open_promise(self):
        """Open the promise with its items."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.promise",
            "res_id": self.id,
            "view_mode": "form",
            "name": self.env._("Promise"),
        }

    # -------------------------------------------------------------------------
    # TABLE
    # -------------------------------------------------------------------------

    _report_key = "promises"
    _report_sequence = 60
    _report_group_by = ("state", "partner_id")
    _report_period_field = "date"
    _report_item_fields = (
        "partner_id",
        "made",
        "date",
        "date_limit",
        "state",
        "settled",
        "amount",
        "received",
        "user_id",
        "collector_id",
    )

    def _report_columns(self, options):
        return [
            self._row_count_column(self.env._("Promises")),
            self._row_column("amount", "money"),
            self._row_column("decided", "money"),
            self._row_column("received", "money"),
            self._row_ratio_column("kept_rate", "received", "decided"),
        ]
