"""Cash forecast: when what is open is expected to be paid (rules.md §9, R4)."""

from odoo import fields, models
from odoo.tools import SQL, format_date

from odoo.addons.dso_collection.models.dso_item import EXPECTED_SOURCES
from odoo.addons.dso_collection.models.dso_status import STATUS_TYPES

from ..measures import forecast
from .as_of import AS_OF


class DsoForecastReport(models.Model):
    """One row per open instalment, with the day on which it is expected to be paid."""

    _name = "dso.forecast.report"
    _description = "Cash Forecast"
    _inherit = "dso.report.item.row"
    _auto = False
    _rec_name = "move_id"
    _order = "expected, id"

    method = fields.Selection(
        [
            ("promise", "Promise"),
            ("dispute", "Dispute"),
            ("delay", "Usual delay"),
            ("litigation", "Litigation"),
            ("credit", "Credit"),
        ],
        "Because of",
        **AS_OF,
        help="Promise: the promised day. Dispute: due date, average resolution time and"
        " delay of the customer. Usual delay: due date and delay of the customer.",
    )
    state = fields.Selection(
        [
            ("expected", "Expected"),
            ("off", "Off forecast"),
            ("none", "Not expected"),
        ],
        **AS_OF,
        help="Off forecast: the day on which it was expected has passed. Not expected:"
        " litigation and credits.",
    )
    expected = fields.Date("Expected on", **AS_OF)
    other = fields.Date(
        "Expected by the assistant",
        **AS_OF,
        help="Where the assistant estimates payment dates; of today, and of the ends of"
        " the last six months.",
    )
    other_source = fields.Selection(EXPECTED_SOURCES, "Estimated from", **AS_OF)
    due = fields.Date("Due date", **AS_OF)
    status_type = fields.Selection(STATUS_TYPES, "Status type", **AS_OF)
    status_id = fields.Many2one("dso.status", **AS_OF)
    amount = fields.Monetary("Open amount", **AS_OF)

    def _row_query(self, companies, as_of):
        return SQL("SELECT * FROM (%s) forecast", forecast.forecast(companies, as_of))

    # -------------------------------------------------------------------------
    # TABLE
    # -------------------------------------------------------------------------

    _report_key = "cash_forecast"
    _report_sequence = 70
    _report_group_by = ("state", "expected:week")
    _report_period_field = "expected"
    _report_remarked = True
    _report_item_fields = (
        "partner_id",
        "move_id",
        "due",
        "status_type",
        "status_id",
        "method",
        "state",
        "expected",
        "other",
        "amount",
        "collector_id",
        "company_id",
    )

    def _report_columns(self, options):
        return [
            self._row_count_column(self.env._("Instalments")),
            self._row_column("amount", "money"),
        ]

    def _report_remarks(self, options):
        """How far off such a forecast was, and how far the alternative, as the nightly
        job has measured it; nothing before its first night."""
        companies = self.env["res.company"].browse(options["companies"]).root_id
        remarks = []
        for company in companies:
            words = self._check_in_words(company.dso_forecast_check or {})
            if words and len(companies) > 1:
                words = f"{company.name}: {words}"
            remarks += [words] if words else []
        return remarks

    def _check_in_words(self, check):
        """A back-test of ``res.company._check_forecast()``, None of nothing."""
        values = {
            name: self._report_write(check.get(name), "days", None)
            for name in ("error", "due_error", "other_error")
        }
        if not values["error"]:
            return None
        values["day"] = format_date(self.env, check["day"])
        gain = check.get("gain")
        if gain is None:
            return self.env._(
                "The forecast of %(day)s was %(error)s days off on average, the due"
                " date alone %(due_error)s.",
                **values,
            )
        values["gain"] = self._report_write(abs(gain), "days", None)
        if gain < 0:
            return self.env._(
                "The forecast of %(day)s was %(error)s days off on average, the due"
                " date alone %(due_error)s, the assistant %(other_error)s; on the"
                " instalments that both knew the forecast was %(gain)s days nearer.",
                **values,
            )
        return self.env._(
            "The forecast of %(day)s was %(error)s days off on average, the due date"
            " alone %(due_error)s, the assistant %(other_error)s; on the instalments"
            " that both knew the assistant was %(gain)s days nearer.",
            **values,
        )
