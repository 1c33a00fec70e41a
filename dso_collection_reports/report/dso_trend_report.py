"""Overdue trend: what was open and overdue at the ends of weeks or months."""

from odoo import fields, models
from odoo.tools import SQL

from ..measures import trend
from .as_of import AS_OF, Figure


class DsoTrendReport(models.Model):
    """One row per customer and end of period, of weeks or months as the context key
    ``dso_trend`` says; without it of the day alone. Balances of several days do not add
    up: a group that holds more than one day has no figures."""

    _name = "dso.trend.report"
    _description = "Overdue Trend"
    _inherit = "dso.report.row"
    _auto = False
    _rec_name = "partner_id"
    _order = "day desc, overdue desc, id"
    _row_company = "company_id"

    residual = fields.Monetary("Open amount", **AS_OF)
    overdue = fields.Monetary(**AS_OF)
    overdue_share = Figure(
        "Overdue share", **AS_OF, aggregator="avg", help="Overdue of what is open."
    )

    _row_ratios = {"overdue_share": ("overdue", "residual")}

    def _row_query(self, companies, as_of):
        days = self._as_of_days()
        if isinstance(days, list):
            as_of = days[-1]  # of all companies: each period has one end
        return SQL(
            """
            SELECT ROW_NUMBER() OVER (ORDER BY day, company_id, partner_id)::int AS id,
                   t.*, CASE WHEN residual <> 0 THEN overdue / residual END
                            AS overdue_share
              FROM (%s) t
            """,
            trend.trend(companies, as_of, self.env.context.get("dso_trend")),
        )

    def _row_day(self, as_of):
        return SQL("r.day")

    # -------------------------------------------------------------------------
    # TABLE
    # -------------------------------------------------------------------------

    _report_key = "overdue_trend"
    _report_trend = True
    _report_sequence = 90
    _report_group_by = ("day:day",)
    _report_main = "overdue"

    def _report_options(self, options=None):
        """A table of months, unless weeks are asked for."""
        options = {**(options or {})}
        options["trend"] = options.get("trend") or "month"
        return super()._report_options(options)

    def _report_columns(self, options):
        return [
            self._row_column("residual", "money", "none", "residual:sum"),
            self._row_column("overdue", "money", "none", "overdue:sum"),
            self._row_column("overdue_share", "percent", total="none"),
        ]
