"""Performance tracking: what was achieved in the month, by collector (rules.md §9)."""

from odoo import fields, models
from odoo.tools import SQL, format_amount

from ..measures import performance
from .as_of import AS_OF, Figure


class DsoPerformanceReport(models.Model):
    """One row per customer: his figures from the first of the month to the day."""

    _name = "dso.performance.report"
    _description = "Performance"
    _inherit = "dso.report.row"
    _auto = False
    _rec_name = "partner_id"
    _order = "overdue desc, id"

    _row_ratios = {
        "cei": ("cei_part", "cei_whole"),
        "overdue_share": ("overdue", "closing"),
        "kept_rate": ("received", "promised"),
    }

    opening = fields.Monetary("Open when the month began", **AS_OF)
    closing = fields.Monetary("Open", **AS_OF)
    overdue_before = fields.Monetary("Overdue when the month began", **AS_OF)
    overdue = fields.Monetary(**AS_OF)
    overdue_share = Figure(
        "Overdue share", **AS_OF, aggregator="avg", help="Overdue of what is open."
    )
    sales = fields.Monetary(
        **AS_OF, help="Invoices less credit notes of the month, tax included."
    )
    cash = fields.Monetary(
        "Cash in",
        **AS_OF,
        help="Payments of the month, allocated or not, less refunds.",
    )
    actions = fields.Integer("Actions done", **AS_OF)
    disputed = fields.Integer("Disputes begun", **AS_OF)
    resolved = fields.Integer("Disputes ended", **AS_OF)
    promised = fields.Monetary(
        "Promises decided",
        **AS_OF,
        help="What was promised, of promises whose grace ended in the month.",
    )
    received = fields.Monetary("Received of promises", **AS_OF)
    kept_rate = Figure("Promises kept", **AS_OF, aggregator="avg")
    cei = Figure(
        "CEI",
        **AS_OF,
        aggregator="avg",
        help="Collection effectiveness: of what was open when the month began or was"
        " invoiced since, and is not still to fall due, the share that is no longer"
        " open.",
    )

    def _row_query(self, companies, as_of):
        return SQL(
            """
            SELECT ROW_NUMBER() OVER (ORDER BY root_id, partner_id)::int AS id, p.*,
                   opening + sales - closing AS cei_part,
                   opening + sales - current AS cei_whole,
                   CASE WHEN opening + sales - current <> 0
                        THEN (opening + sales - closing)
                             / (opening + sales - current) END AS cei,
                   CASE WHEN closing <> 0 THEN overdue / closing END AS overdue_share,
                   CASE WHEN promised <> 0 THEN received / promised END AS kept_rate
              FROM (%s) p
            """,
            performance.performance(companies, as_of),
        )

    # -------------------------------------------------------------------------
    # TABLE
    # -------------------------------------------------------------------------

    _report_key = "performance"
    _report_sequence = 100
    _report_group_by = ("collector_id",)
    _report_main = "overdue"
    _report_remarked = True

    def _report_columns(self, options):
        return [
            self._row_column("overdue_before", "money"),
            self._row_column("overdue", "money"),
            self._row_column("closing", "money"),
            self._row_ratio_column("overdue_share", "overdue", "closing"),
            self._row_column("sales", "money"),
            self._row_column("cash", "money"),
            self._row_column("actions", "int"),
            self._row_column("disputed", "int"),
            self._row_column("resolved", "int"),
            self._row_column("promised", "money"),
            self._row_column("received", "money"),
            self._row_column("cei", "percent", total="formula"),
        ]

    def _report_remarks(self, options):
        """The total of all customers: whatever part is looked at, it stays the same."""
        source, _domain = self._report_source({**options, "domain": []})
        return [
            source._total_in_words(currency, *figures)
            for currency, *figures in source._read_group(
                [],
                ["currency_id"],
                [
                    "overdue:sum",
                    "closing:sum",
                    "cash:sum",
                    "actions:sum",
                    "disputed:sum",
                    "resolved:sum",
                    "cei:avg",
                ],
            )
        ]

    def _total_in_words(
        self, currency, overdue, closing, cash, actions, disputed, resolved, cei
    ):
        write = self._report_write
        values = {
            "overdue": format_amount(self.env, overdue or 0, currency),
            "open": format_amount(self.env, closing or 0, currency),
            "cash": format_amount(self.env, cash or 0, currency),
            "actions": write(actions or 0, "int", currency),
            "disputed": write(disputed or 0, "int", currency),
            "resolved": write(resolved or 0, "int", currency),
        }
        if cei is None or cei is False:
            return self.env._(
                "All customers: %(overdue)s overdue of %(open)s open, %(cash)s cash in,"
                " actions done: %(actions)s, disputes begun: %(disputed)s, ended:"
                " %(resolved)s.",
                **values,
            )
        return self.env._(
            "All customers: %(overdue)s overdue of %(open)s open, %(cash)s cash in,"
            " actions done: %(actions)s, disputes begun: %(disputed)s, ended:"
            " %(resolved)s, CEI %(cei)s.",
            cei=write(cei, "percent", currency),
            **values,
        )
