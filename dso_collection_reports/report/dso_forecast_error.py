"""Forecast against payments: how far off the cash forecast of a past day was."""

from odoo import fields, models
from odoo.tools import SQL, format_date

from ..measures import forecast
from .as_of import AS_OF, Figure


class DsoForecastError(models.Model):
    """One row per instalment that was expected on the day of the forecast; what became
    of it is told as of today."""

    _name = "dso.forecast.error"
    _description = "Forecast Against Payments"
    _inherit = "dso.report.item.row"
    _auto = False
    _rec_name = "move_id"
    _order = "expected, id"

    _row_ratios = {
        "error": ("off_days", "counted"),
        "due_error": ("due_days", "counted"),
        "bias": ("bias_days", "counted"),
        "other_error": ("other_days", "other_counted"),
        "gain": ("gain_days", "both_counted"),
    }

    method = fields.Selection(
        [("promise", "Promise"), ("dispute", "Dispute"), ("delay", "Usual delay")],
        "Because of",
        **AS_OF,
    )
    due = fields.Date("Due date", **AS_OF)
    expected = fields.Date("Expected on", **AS_OF)
    paid = fields.Date("Paid on", **AS_OF)
    off_by = fields.Integer(
        "Days off",
        **AS_OF,
        aggregator=None,
        help="From the expected day to the payment; unpaid: so far. Negative: early.",
    )
    amount = fields.Monetary("Expected amount", **AS_OF)
    counted = fields.Monetary(
        "Measured",
        **AS_OF,
        help="Expected amount of what was paid, or was to be paid by today.",
    )
    error = Figure(
        "Days off, on average",
        **AS_OF,
        digits=(8, 2),
        aggregator="avg",
        help="Early or late, weighted by amount; unpaid ones with their days so far.",
    )
    due_error = Figure(
        "By the due date alone",
        **AS_OF,
        digits=(8, 2),
        aggregator="avg",
        help="The same, had the due date been the forecast.",
    )
    other = fields.Date("Expected by the assistant", **AS_OF)
    other_off_by = fields.Integer(
        "Days off by the assistant",
        **AS_OF,
        aggregator=None,
        help="From the day that the assistant expected to the payment; unpaid: so far.",
    )
    other_error = Figure(
        "By the assistant",
        **AS_OF,
        digits=(8, 2),
        aggregator="avg",
        help="The same, had the assistant's day been the forecast; of those where it"
        " knew one. Its days are kept for the ends of the last six months.",
    )
    gain = Figure(
        "Nearer by the assistant",
        **AS_OF,
        digits=(8, 2),
        aggregator="avg",
        help="Days by which the assistant was nearer, weighted by amount, on the"
        " instalments of which both can be told. Negative: the forecast was nearer.",
    )
    bias = Figure(
        "Later than expected by",
        **AS_OF,
        digits=(8, 2),
        aggregator="avg",
        help="Days, late less early, weighted by amount.",
    )

    def _row_query(self, companies, as_of):
        return SQL(
            """
            SELECT e.*, ABS(e.off_by) AS error, e.off_by AS bias,
                   CASE WHEN e.off_by IS NOT NULL
                        THEN ABS(e.known - e.due) END AS due_error,
                   ABS(e.other_off_by) AS other_error, e.gain_by AS gain
              FROM (%s) e
            """,
            forecast.errors(companies, as_of or forecast.check_day(companies)),
        )

    def _row_day(self, as_of):
        return super()._row_day(as_of or forecast.check_day(self.env.companies))

    # -------------------------------------------------------------------------
    # TABLE
    # -------------------------------------------------------------------------

    _report_key = "forecast_error"
    _report_sequence = 75
    _report_group_by = ("method", "partner_id")
    _report_remarked = True
    _report_item_fields = (
        "partner_id",
        "move_id",
        "method",
        "due",
        "expected",
        "other",
        "paid",
        "off_by",
        "other_off_by",
        "amount",
        "collector_id",
        "company_id",
    )

    def _report_options(self, options=None):
        """The day is always told: that of the forecast."""
        options = super()._report_options(options)
        companies = self.env["res.company"].browse(options["companies"])
        return {**options, "as_of": options["as_of"] or forecast.check_day(companies)}

    def _report_remarks(self, options):
        """Of which day the forecast is: without another one it is none of today."""
        return [
            self.env._(
                "The forecast of %s beside what was paid until today.",
                format_date(self.env, options["as_of"]),
            )
        ]

    def _report_columns(self, options):
        return [
            self._row_count_column(self.env._("Instalments")),
            self._row_column("amount", "money"),
            self._row_column("counted", "money"),
            self._row_column("error", "days", total="formula"),
            self._row_column("due_error", "days", total="formula"),
            self._row_column("bias", "days", total="formula"),
            self._row_column("other_error", "days", total="formula"),
            self._row_column("gain", "days", total="formula"),
        ]
