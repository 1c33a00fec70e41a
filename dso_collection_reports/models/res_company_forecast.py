"""How far off the cash forecast was, kept for its screen."""

from odoo import api, fields, models

from ..measures import forecast

#: Measures of the back-test that are kept.
ERRORS = ("error", "due_error", "other_error", "gain")


class ResCompany(models.Model):
    _inherit = "res.company"

    dso_forecast_check = fields.Json(
        "Back-test of the cash forecast",
        readonly=True,
        copy=False,
        groups="dso_collection.group_viewer",
        help="Days off of a past forecast, measured at night: a large ledger takes a"
        " minute.",
    )

    @api.model
    def _cron_forecast_check(self):
        """Measure how far off the forecasts of all companies were, for the job."""
        companies = self.search([("parent_id", "=", False)])
        for done, company in enumerate(companies, 1):
            company._check_forecast()
            self.env["ir.cron"]._commit_progress(1, remaining=len(companies) - done)

    def _check_forecast(self):
        """Measure how far off the forecast of this root and its branches was."""
        self.ensure_one()
        group = self.search([("id", "child_of", self.id)])
        Error = self.env["dso.forecast.error"].with_context(
            allowed_company_ids=group.ids, dso_as_of=False
        )
        ((*errors,),) = Error._read_group([], [], [f"{name}:avg" for name in ERRORS])
        self.dso_forecast_check = {
            "day": fields.Date.to_string(forecast.check_day(group)),
            **{
                name: None if error is False else error
                for name, error in zip(ERRORS, errors, strict=True)
            },
        }
