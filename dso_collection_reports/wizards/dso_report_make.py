"""Window that prints or exports a report, or has it sent regularly."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class DsoReportMake(models.TransientModel):
    """A report as its screen shows it, to be taken away."""

    _name = "dso.report.make"
    _description = "Print or Schedule a Report"

    report = fields.Selection("_selection_report", required=True)
    form = fields.Selection(
        [("pdf", "PDF"), ("xlsx", "Excel, with its items")],
        "Format",
        required=True,
        default="pdf",
    )
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        required=True,
        default=lambda self: self.env.companies,
    )
    as_of = fields.Date("As of", help="Empty: today.")
    trend = fields.Selection([("week", "12 weeks"), ("month", "12 months")])
    date_start = fields.Date("From")
    date_end = fields.Date("To")
    # what the screen shows, as it says it
    domain = fields.Json()
    group_by = fields.Json()
    words = fields.Json()

    has_as_of = fields.Boolean(compute="_compute_shape")
    has_period = fields.Boolean(compute="_compute_shape")
    has_trend = fields.Boolean(compute="_compute_shape")
    groups_shown = fields.Char("Grouped by", compute="_compute_shape")
    words_shown = fields.Char("Filters", compute="_compute_words_shown")
    may_export = fields.Boolean(compute="_compute_may_export")

    @api.model
    def _selection_report(self):
        return self.env["dso.report.table"]._selection_report()

    @api.depends("report", "group_by", "trend")
    def _compute_shape(self):
        for make in self:
            if not make.report:
                make.update({"has_as_of": False, "has_period": False})
                make.has_trend = False
                make.groups_shown = ""
                continue
            report = make._report()
            make.has_as_of = report._report_as_of
            make.has_period = bool(report._report_period_field)
            make.has_trend = report._report_trend
            make.groups_shown = " › ".join(
                map(report._report_group_label, make._groups())
            )

    @api.depends("words")
    def _compute_words_shown(self):
        for make in self:
            make.words_shown = "; ".join(make.words or [])

    @api.depends_context("uid")
    def _compute_may_export(self):
        self.may_export = self.env.user.has_group("base.group_allow_export")

    @api.onchange("report")
    def _onchange_report(self):
        """Another report has its own groups and filters."""
        if self.report != self.env.context.get("default_report"):
            self.update({"domain": False, "group_by": False, "words": False})
            self.trend = False

    def _report(self):
        return self.env["dso.report.table"]._report_of(self.report)

    def _groups(self):
        """The groups of the screen that a table can have, else the report's own."""
        report = self._report()
        kept = []
        for spec in self.group_by or []:
            try:
                kept = report._report_check_groups([*kept, spec])
            except UserError:
                continue
        trend = self.has_trend and self.trend
        return report._report_check_groups(kept or None, trend)

    def _options(self):
        """What is asked of the report."""
        self.ensure_one()
        options = {
            "companies": self.company_ids.ids,
            "domain": self.domain or [],
            "group_by": self._groups(),
            "words": self.words or [],
        }
        if self.has_as_of and self.as_of:
            options["as_of"] = self.as_of
        if self.has_period and (self.date_start or self.date_end):
            options["period"] = (self.date_start, self.date_end)
        if self.has_trend and self.trend:
            options["trend"] = self.trend
        return options

    def action_make(self):
        """Make the file; short ones are downloaded at once.

        :raise AccessError: for who may not read the report, or not export
        :raise UserError: for what the report does not know
        """
        return self.env["dso.report.file"]._ask(self.report, self.form, self._options())

    def action_schedule(self):
        """Have it sent regularly, as the screen shows it."""
        self.ensure_one()
        options = self._options()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send regularly"),
            "res_model": "dso.report.schedule",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                "default_name": self._report()._report_title(),
                "default_report": self.report,
                "default_form": self.form,
                "default_company_ids": options["companies"],
                "default_group_by": options["group_by"],
                "default_domain": str(list(options["domain"])),
                "default_words": options["words"],
                "default_trend": options.get("trend", False),
            },
        }
