"""Payment schedule: what is to be collected by when (rules.md §9, R5)."""

from odoo import fields, models
from odoo.tools import SQL

from ..measures import schedule
from .as_of import AS_OF, Figure


class DsoScheduleReport(models.Model):
    """One row per instalment that was open when the month began, or is new since."""

    _name = "dso.schedule.report"
    _description = "Payment Schedule"
    _inherit = "dso.report.item.row"
    _auto = False
    _rec_name = "move_id"
    _order = "due, id"

    _row_ratios = {"efficiency": ("collected_due", "collectable")}

    bucket = fields.Selection(
        [
            ("1_overdue", "Overdue when the month began"),
            ("2_month", "Due this month"),
            ("3_m1", "Due in one month"),
            ("4_m2", "Due in two months"),
            ("5_m3", "Due in three months"),
            ("9_later", "Due later"),
            ("credit", "Open credits"),
        ],
        "Due",
        **AS_OF,
    )
    due = fields.Date("Due date", **AS_OF)
    to_collect = fields.Monetary(
        "To collect",
        **AS_OF,
        help="Open when the month began, or invoiced since, less credit notes.",
    )
    collected = fields.Monetary(**AS_OF, help="What of it came in since.")
    remains = fields.Monetary(**AS_OF, help="What of it is open on the day.")
    collectable = fields.Monetary(
        **AS_OF, help="To collect of what was overdue or falls due this month."
    )
    collected_due = fields.Monetary(
        "Collected of the collectable",
        **AS_OF,
        help="What came in of what was overdue or falls due this month.",
    )
    efficiency = Figure(
        **AS_OF, aggregator="avg", help="Collected of what is collectable this month."
    )

    def _row_query(self, companies, as_of):
        return SQL(
            """
            SELECT s.*, CASE WHEN s.collectable <> 0
                             THEN s.collected_due / s.collectable END AS efficiency
              FROM (%s) s
            """,
            schedule.schedule(companies, as_of),
        )

    # -------------------------------------------------------------------------
    # TABLE
    # -------------------------------------------------------------------------

    _report_key = "payment_schedule"
    _report_sequence = 80
    _report_group_by = ("bucket", "partner_id")
    _report_item_fields = (
        "partner_id",
        "move_id",
        "bucket",
        "due",
        "to_collect",
        "collected",
        "remains",
        "collector_id",
        "company_id",
    )

    def _report_columns(self, options):
        return [
            self._row_count_column(self.env._("Instalments")),
            self._row_column("to_collect", "money"),
            self._row_column("collected", "money"),
            self._row_column("remains", "money"),
            self._row_column("collectable", "money"),
            self._row_column("collected_due", "money"),
            self._row_ratio_column("efficiency", "collected_due", "collectable"),
        ]
