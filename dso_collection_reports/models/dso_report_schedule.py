"""Reports that are e-mailed by themselves."""

import logging
from ast import literal_eval
from datetime import datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class DsoReportSchedule(models.Model):
    """A report that goes to some colleagues again and again.

    Each of them receives what he himself may read, in his language: his companies
    among those of the schedule, his rights. Nobody sees more by being put on the list.
    """

    _name = "dso.report.schedule"
    _description = "Scheduled Report"
    _order = "name, id"

    name = fields.Char("Subject", required=True)
    active = fields.Boolean(default=True)
    report = fields.Selection("_selection_report", required=True)
    form = fields.Selection(
        [("pdf", "PDF"), ("xlsx", "Excel"), ("both", "PDF and Excel")],
        "Format",
        required=True,
        default="pdf",
    )
    user_id = fields.Many2one(
        "res.users",
        "Set up by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        index=True,
    )
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        required=True,
        default=lambda self: self.env.companies,
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Recipients",
        required=True,
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    # === What === #
    as_of = fields.Selection(
        [
            ("today", "Day of the e-mail"),
            ("yesterday", "Day before"),
            ("month_end", "End of the month before"),
        ],
        "As of",
        required=True,
        default="today",
    )
    months = fields.Integer(
        help="So many whole months before the e-mail; 0: everything.",
    )
    trend = fields.Selection(
        [("week", "12 weeks"), ("month", "12 months")],
        help="The figures at the ends of the last weeks or months, beside those of the"
        " day.",
    )
    group_by = fields.Json(readonly=True)
    domain = fields.Char(default="[]", help="Search on the rows of the report.")
    words = fields.Json(readonly=True)
    words_shown = fields.Char("Filters", compute="_compute_words_shown")
    has_as_of = fields.Boolean(compute="_compute_shape")
    has_period = fields.Boolean(compute="_compute_shape")
    has_trend = fields.Boolean(compute="_compute_shape")
    # === When === #
    frequency = fields.Selection(
        [
            ("daily", "Every day"),
            ("workdays", "Monday to Friday"),
            ("weekly", "Every week"),
            ("monthly", "Every month"),
        ],
        required=True,
        default="weekly",
    )
    weekday = fields.Selection(WEEKDAYS, "On", required=True, default="0")
    month_day = fields.Integer(
        "Day of the month", default=1, help="31: the last day of each month."
    )
    hour = fields.Float(
        "At", default=6.0, help="In the time zone of who set it up; hours and minutes."
    )
    next_run = fields.Datetime(
        "Next e-mail", compute="_compute_next_run", store=True, readonly=True
    )
    error = fields.Char("What went wrong", readonly=True)
    file_ids = fields.One2many("dso.report.file", "schedule_id", "Mailings")

    _due_idx = models.Index("(next_run) WHERE active IS TRUE")
    _month_day_range = models.Constraint(
        "CHECK (month_day BETWEEN 1 AND 31)", "A month has the days 1 to 31."
    )
    _hour_range = models.Constraint(
        "CHECK (hour >= 0 AND hour < 24)", "A day has the hours 0:00 to 23:59."
    )
    _months_range = models.Constraint(
        "CHECK (months BETWEEN 0 AND 120)", "A period has at most 120 months."
    )

    @api.model
    def _selection_report(self):
        return self.env["dso.report.table"]._selection_report()

    @api.depends("words")
    def _compute_words_shown(self):
        for schedule in self:
            schedule.words_shown = "; ".join(schedule.words or [])

    @api.depends("report")
    def _compute_shape(self):
        for schedule in self:
            report = self.env[
                self.env["dso.report.table"]._report_models().get(schedule.report)
                or "dso.report.table"
            ]
            schedule.has_as_of = bool(schedule.report and report._report_as_of)
            schedule.has_period = bool(report._report_period_field)
            schedule.has_trend = report._report_trend

    @api.depends(
        "frequency", "weekday", "month_day", "hour", "active", "user_id", "user_id.tz"
    )
    def _compute_next_run(self):
        now = fields.Datetime.now()
        for schedule in self:
            schedule.next_run = schedule._after(now)

    # -------------------------------------------------------------------------
    # CHECKS
    # -------------------------------------------------------------------------

    @api.constrains("user_ids", "company_ids")
    def _check_people(self):
        """Recipients have a role in collection, and nothing is empty."""
        for schedule in self:
            if not schedule.user_ids or not schedule.company_ids:
                raise ValidationError(
                    self.env._("A scheduled report needs a recipient and a company.")
                )
            for user in schedule.user_ids:
                if user.share or not user.has_group("dso_collection.group_viewer"):
                    raise ValidationError(
                        self.env._("%s has no role in Collection.", user.name)
                    )

    def _check_rights(self):
        """Credit managers may write to colleagues, everybody to himself. No constraint:
        those are checked with all rights.

        :raise AccessError: for anything else
        """
        user = self.env.user
        manager = self.env.su or user.has_group("dso_collection.group_manager")
        if not manager and self.user_ids - user:
            raise AccessError(
                self.env._("Only credit managers may have reports sent to colleagues.")
            )

    @api.constrains("report", "domain", "group_by", "trend", "company_ids")
    def _check_options(self):
        """What is asked of the report is known to it today, not on the day."""
        for schedule in self:
            try:
                schedule._report()._report_options(
                    schedule._options(schedule.company_ids)
                )
            except (UserError, ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._("The report does not know this: %s", error)
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not self.env.su:
                vals["user_id"] = self.env.uid
        schedules = super().create(vals_list)
        schedules._check_rights()
        return schedules

    def write(self, vals):
        """Who set it up stays; another report has its own groups and filters."""
        if "user_id" in vals and not self.env.su:
            raise AccessError(self.env._("Who set up a schedule cannot be changed."))
        others = self.filtered(lambda one: one.report != vals.get("report", one.report))
        fresh = {"group_by": False, "domain": "[]", "words": False, "trend": False}
        if others:
            super(DsoReportSchedule, others).write({**fresh, **vals})
        result = super(DsoReportSchedule, self - others).write(vals)
        self._check_rights()
        return result

    # -------------------------------------------------------------------------
    # WHAT AND WHEN
    # -------------------------------------------------------------------------

    def _report(self):
        self.ensure_one()
        return self.env["dso.report.table"]._report_of(self.report)

    def _options(self, companies):
        """What is asked of the report on the company's today.

        :param companies: res.company
        :return: dict for ``dso.report.table._report_options()``
        """
        self.ensure_one()
        report = self._report()
        # sudo: the day in a company's time zone, no figure of it
        today = companies[:1].sudo()._dso_today()
        month = today.replace(day=1)
        as_of = {
            "yesterday": today - timedelta(days=1),
            "month_end": month - timedelta(days=1),
        }.get(self.as_of)
        options = {
            "companies": companies.ids,
            "domain": list(Domain(self._domain())),
            "words": self.words or [],
        }
        if self.group_by:
            options["group_by"] = self.group_by
        if report._report_as_of and as_of:
            options["as_of"] = as_of
        if report._report_period_field and self.months:
            options["period"] = (
                month - relativedelta(months=self.months),
                month - timedelta(days=1),
            )
        if self.trend and report._report_trend:
            options["trend"] = self.trend
        return options

    def _domain(self):
        """The search, read as data: nothing in it is evaluated.

        :raise ValueError: for anything else
        """
        return literal_eval(self.domain or "[]")

    def _after(self, now):
        """The first moment of the pattern after ``now``, both naive in UTC."""
        self.ensure_one()
        zone = pytz.timezone(self.user_id.tz or "UTC")
        minutes = round(self.hour * 60)
        local = pytz.utc.localize(now).astimezone(zone)
        day = local.date()
        while True:
            if self._fits(day):
                at = datetime.combine(day, time(minutes // 60 % 24, minutes % 60))
                moment = zone.localize(at).astimezone(pytz.utc).replace(tzinfo=None)
                if moment > now:
                    return moment
            day += timedelta(days=1)

    def _fits(self, day):
        """Whether the report is mailed on a day."""
        if self.frequency == "weekly":
            return day.weekday() == int(self.weekday or 0)
        if self.frequency == "workdays":
            return day.weekday() < 5
        if self.frequency == "monthly":
            last = (day + timedelta(days=1)).day == 1
            return day.day == self.month_day or (last and day.day < self.month_day)
        return True

    def _sender(self):
        """Who the e-mail is from: who set it up, else the company."""
        self.ensure_one()
        return (
            self.user_id.email_formatted or self.company_ids[:1].email_formatted or ""
        )

    # -------------------------------------------------------------------------
    # THE JOB
    # -------------------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Ask for the files of what is due. What was missed is mailed once."""
        now = fields.Datetime.now()
        due = self.search([("next_run", "<=", now)]).try_lock_for_update()
        due = due.filtered(lambda schedule: schedule.next_run <= now)
        for schedule in due:
            run = schedule.next_run
            schedule.next_run = schedule._after(now)
            try:
                with self.env.cr.savepoint():
                    schedule._send(run)
            except Exception as error:
                # a report that went with its addon, say, stops no other schedule
                _logger.warning("Scheduled report %s", schedule.id, exc_info=True)
                known = isinstance(error, UserError)
                schedule.error = (
                    str(error)
                    if known
                    else self.env._("The report could not be computed.")
                )
            else:
                schedule.error = False
        self.env["ir.cron"]._commit_progress(len(due), remaining=0)

    def _send(self, run):
        """Ask for the file of each recipient who may have one.

        :param run: datetime that the mailing is known by
        :return: dso.report.file
        """
        self.ensure_one()
        owner = self.user_id
        if not owner.active or not owner.has_group("dso_collection.group_viewer"):
            self.active = False  # nobody is there any more who answers for it
            return self.env["dso.report.file"]
        values = []
        for user in self.user_ids.filtered("active"):
            # each in companies that are his, as every file is read as its reader
            companies = self.company_ids & user.company_ids
            if not companies:
                continue
            values.append(
                {
                    "name": self.with_context(lang=user.lang)._report()._report_title(),
                    "user_id": user.id,
                    "report": self.report,
                    "form": self.form,
                    "options": self.env["dso.report.file"]._plain(
                        self._options(companies)
                    ),
                    "lang": user.lang,
                    "tz": user.tz,
                    "schedule_id": self.id,
                    "run": run,
                }
            )
        files = self.env["dso.report.file"].create(values)
        if files:
            self.env.ref("dso_collection_reports.ir_cron_report_files")._trigger()
        return files

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_send_now(self):
        """Mail it now, beside its pattern.

        :raise AccessError: for who may not change the schedule
        """
        self.ensure_one()
        self.check_access("write")
        # sudo: users create no files; the right to change the schedule was checked, and
        # the job reads each file with the rights of its recipient
        files = self.sudo()._send(fields.Datetime.now())
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if files else "warning",
                "message": self.env._(
                    "The report is being written for %s recipients.", len(files)
                )
                if files
                else self.env._("Nobody on the list may read these figures."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
