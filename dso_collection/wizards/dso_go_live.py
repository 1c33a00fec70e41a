"""Go live: what would leave if sending were switched on, and the switch itself."""

from datetime import timedelta

from babel.dates import get_day_names

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, config, formatLang, groupby
from odoo.tools.date_utils import float_to_time
from odoo.tools.misc import babel_locale_parse, format_date, format_time, get_lang

BUCKETS = ("not_due", "d30", "d60", "d90", "older")
FATES = ("at_once", "to_confirm", "problem")


class DsoGoLive(models.TransientModel):
    _name = "dso.go.live"
    _description = "Go Live"
    _inherit = ["dso.company.page"]
    # a page that stays open over a day must not lose its switch
    _transient_max_hours = 48.0

    sending_active = fields.Boolean(related="company_id.dso_sending_active")
    sending_user_id = fields.Many2one(related="company_id.dso_sending_user_id")
    sending_date = fields.Datetime(related="company_id.dso_sending_date")

    # === What would leave === #
    horizon = fields.Date("First day", compute="_compute_opening")
    opening = fields.Char(compute="_compute_opening")
    opening_problem = fields.Char("Opening problem", compute="_compute_opening")
    overview = fields.Html(compute="_compute_messages", sanitize=False)
    at_once_count = fields.Integer("Leave at once", compute="_compute_messages")
    at_once_amount = fields.Monetary("At once amount", compute="_compute_messages")
    to_confirm_count = fields.Integer("To confirm", compute="_compute_messages")
    problem_count = fields.Integer("Problems", compute="_compute_messages")

    # === Checks === #
    calendar_id = fields.Many2one(related="company_id.dso_sending_calendar_id")
    hours = fields.Char(compute="_compute_hours")
    timezone_set = fields.Boolean(compute="_compute_hours")
    holiday_count = fields.Integer("Holiday count", compute="_compute_hours")
    mail_server = fields.Char("Mail server", compute="_compute_technical")
    mail_server_problem = fields.Char(
        "Mail server problem", compute="_compute_technical"
    )
    job_problem = fields.Char("Job problem", compute="_compute_technical")
    company_email = fields.Char(related="company_id.email")
    bank_accounts = fields.Char("Bank accounts", compute="_compute_bank_accounts")
    no_collector_count = fields.Integer(
        "No collector count", compute="_compute_collectors"
    )
    mute_collectors = fields.Char("Mute collectors", compute="_compute_collectors")

    # -------------------------------------------------------------------------
    # COMPUTES
    # -------------------------------------------------------------------------

    @api.depends("company_id")
    def _compute_display_name(self):
        for page in self:
            page.display_name = self.env._("Go live")

    @api.depends("company_id.dso_sending_calendar_id", "company_id.dso_tz")
    def _compute_opening(self):
        """The day on which the first messages leave, and when, in words."""
        for page in self:
            company = page.company_id
            start = company._dso_sending_next()
            page.opening_problem = company._dso_sending_problem()
            page.horizon = start.date() if start else company._dso_today()
            if not start:
                page.opening = False
            elif company._dso_sending_open():
                page.opening = self.env._("now, within minutes of the switch")
            else:
                page.opening = self.env._(
                    "%(day)s, %(time)s",
                    day=format_date(self.env, start.date(), date_format="EEEE d MMMM"),
                    time=format_time(self.env, start.time(), time_format="short"),
                )

    def _messages_domain(self, fate=None):
        """Automatic e-mails due on the first day, all or those of one fate."""
        self.ensure_one()
        planned = Domain("state", "=", "planned")
        released = Domain("mode", "=", "auto") | Domain("confirmed", "=", True)
        fates = {
            "at_once": planned & released,
            "to_confirm": planned & ~released,
            "problem": Domain("state", "=", "error"),
        }
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("type", "=", "email")
            & Domain("mode", "in", ("auto", "auto_confirm"))
            & Domain("date", "<=", self.horizon)
            & (fates[fate] if fate else Domain.OR(fates.values()))
        )

    def _read_messages(self):
        """What would leave on the first day, by fate, text and age of the leader;
        what has no due date counts as not due.

        :return: list of (fate, step id or None, model id, bucket, count, amount), in
            the order of the page
        """
        self.ensure_one()
        query = self.env["dso.action"]._search(self._messages_domain(), order="id")
        return self.env.execute_query(
            SQL(
                """
                SELECT fate, step_id, model_id, bucket, COUNT(*), SUM(amount)
                  FROM (
                    SELECT CASE WHEN a.state = 'error' THEN 'problem'
                                WHEN a.mode = 'auto' OR a.confirmed THEN 'at_once'
                                ELSE 'to_confirm' END AS fate,
                           a.step_id, st.scenario_id, st.sequence,
                           CASE WHEN a.step_id IS NULL THEN a.action_model_id END
                             AS model_id,
                           CASE WHEN due.date >= %(today)s OR due.date IS NULL
                                  THEN 'not_due'
                                WHEN due.date >= %(today)s - 30 THEN 'd30'
                                WHEN due.date >= %(today)s - 60 THEN 'd60'
                                WHEN due.date >= %(today)s - 90 THEN 'd90'
                                ELSE 'older' END AS bucket,
                           COALESCE(a.amount_claimed, 0) AS amount
                      FROM dso_action a
                 LEFT JOIN dso_scenario_step st ON st.id = a.step_id
            CROSS JOIN LATERAL (
                        SELECT COALESCE(a.leader_date, MIN(l.due)) AS date
                          FROM dso_action_line l WHERE l.action_id = a.id
                           ) due
                     WHERE a.id IN %(actions)s
                       ) x
              GROUP BY fate, scenario_id, sequence, step_id, model_id, bucket
              ORDER BY fate, scenario_id, sequence, step_id, model_id
                """,
                today=self.company_id._dso_today(),
                actions=query.subselect(),
            )
        )

    @api.depends("company_id", "horizon")
    def _compute_messages(self):
        labels = {
            "at_once": self.env._("Leave at once"),
            "to_confirm": self.env._("Wait for a confirmation"),
            "problem": self.env._("Have a problem: they stay"),
        }
        for page in self:
            rows = page._read_messages()
            sections = []
            totals = {}
            for fate in FATES:
                mine = [row for row in rows if row[0] == fate]
                lines = [
                    (*page._names_of(*key), page._cells(cells))
                    for key, cells in groupby(mine, lambda row: row[1:3])
                ]
                cells = page._cells(mine)
                totals[fate] = cells[-1]
                if lines:
                    sections.append((labels[fate], cells, lines))
            page.at_once_count, page.at_once_amount = totals["at_once"]
            page.to_confirm_count = totals["to_confirm"][0]
            page.problem_count = totals["problem"][0]
            page.overview = self.env["ir.qweb"]._render(
                "dso_collection.go_live_overview",
                {
                    "sections": sections,
                    "money": lambda amount, page=page: formatLang(
                        self.env, amount, currency_obj=page.currency_id
                    ),
                },
            )

    @api.model
    def _names_of(self, step_id, model_id):
        """(name of the step or action model, name of the step's scenario)"""
        if not step_id:
            return self.env["dso.action.model"].browse(model_id).name, ""
        step = self.env["dso.scenario.step"].browse(step_id)
        return step.display_name, step.scenario_id.name

    @api.model
    def _cells(self, rows):
        """(count, amount) for each age of the leader, and their total."""
        cells = dict.fromkeys(BUCKETS, (0, 0))
        for _fate, _step, _model, bucket, count, amount in rows:
            cells[bucket] = (cells[bucket][0] + count, cells[bucket][1] + amount)
        values = [cells[bucket] for bucket in BUCKETS]
        return [*values, (sum(c for c, _a in values), sum(a for _c, a in values))]

    @api.depends("company_id.dso_sending_calendar_id", "company_id.dso_tz")
    def _compute_hours(self):
        for page in self:
            company = page.company_id.sudo()  # its settings; a branch asks its root
            page.hours = (
                page._hours_in_words()
                if company.dso_sending_calendar_id
                else self.env._("At any time, also at night and on Sundays")
            )
            page.timezone_set = bool(company.dso_tz or company.partner_id.tz)
            page.holiday_count = self.env["resource.calendar.leaves"].search_count(
                page._holidays_domain()
            )

    def _holidays_domain(self):
        """Time off that holds messages back within a year."""
        self.ensure_one()
        now = fields.Datetime.now()
        return (
            Domain("calendar_id", "in", (False, self.calendar_id.id))
            & Domain("resource_id", "=", False)
            & Domain("time_type", "=", "leave")
            & Domain("company_id", "in", (False, *self._companies().ids))
            & Domain("date_to", ">=", now)
            & Domain("date_from", "<=", now + timedelta(days=365))
        )

    def _companies(self):
        """The root company and its branches, whether the user chose them or not."""
        return (
            self.env["res.company"]
            .sudo()
            .search(  # ids only, of the own company
                [("id", "child_of", self.company_id.id)]
            )
        )

    def _hours_in_words(self):
        """Days and hours of the calendar: "Monday – Friday 08:00 – 12:00"."""
        self.ensure_one()
        calendar = self.calendar_id.sudo()  # shows only times
        weeks = {}
        for slot in calendar._get_global_attendances().sorted("hour_from"):
            week = slot.week_type if calendar.two_weeks_calendar else False
            days = weeks.setdefault(week, {})
            days.setdefault(int(slot.dayofweek), []).append(
                (slot.hour_from, slot.hour_to)
            )
        titles = {
            False: "",
            "0": self.env._("First week:") + " ",
            "1": self.env._("Second week:") + " ",
        }
        words = "; ".join(
            titles[week] + self._days_in_words(weeks[week])
            for week in sorted(weeks, key=lambda week: week or "")
        )
        if not words:
            return ""
        return self.env._(
            "%(hours)s (%(timezone)s)",
            hours=words,
            timezone=self.company_id._dso_timezone().zone,
        )

    def _days_in_words(self, days):
        """``{weekday: [(from, to)]}`` with neighbours of the same hours as one."""
        names = get_day_names(
            "wide", locale=babel_locale_parse(get_lang(self.env).code)
        )
        runs = []
        for weekday in sorted(days):
            last = runs[-1][-1] if runs else None
            if last is not None and last == weekday - 1 and days[last] == days[weekday]:
                runs[-1].append(weekday)
            else:
                runs.append([weekday])
        parts = []
        for run in runs:
            label = names[run[0]]
            if len(run) > 1:
                label += f" – {names[run[-1]]}"
            hours = ", ".join(
                " – ".join(
                    format_time(self.env, float_to_time(hour), time_format="short")
                    for hour in slot
                )
                for slot in days[run[0]]
            )
            parts.append(f"{label} {hours}")
        return "; ".join(parts)

    @api.depends("company_id")
    def _compute_technical(self):
        """What of the server would keep messages from leaving."""
        servers = (
            self.env["ir.mail_server"]
            .sudo()
            .search([("active", "=", True)])  # names only
        )
        neutralized = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("database.is_neutralized")  # a flag
        )
        for page in self:
            page.mail_server = ", ".join(servers.mapped("name"))
            page.mail_server_problem = False
            if neutralized:
                page.mail_server_problem = self.env._(
                    "This is a neutralized copy of a database: no message can leave."
                )
            elif not servers:
                page.mail_server_problem = self.env._(
                    "No outgoing mail server is set up: messages would go through %s,"
                    " as the configuration file of Odoo says.",
                    config["smtp_server"],
                )
            stopped = [
                cron.name
                for xmlid in (
                    "dso_collection.ir_cron_send",
                    "mail.ir_cron_mail_scheduler_action",
                )
                if (cron := self.env.ref(xmlid, raise_if_not_found=False))
                and not cron.sudo().active  # a flag and a name
            ]
            page.job_problem = (
                self.env._(
                    "A scheduled action is archived: %s. Messages leave only while it"
                    " runs.",
                    ", ".join(stopped),
                )
                if stopped
                else False
            )

    @api.depends("company_id.partner_id.bank_ids")
    def _compute_bank_accounts(self):
        for page in self:
            banks = page.company_id.sudo().partner_id.bank_ids  # the own company's
            page.bank_accounts = ", ".join(
                " ".join(filter(None, (bank.acc_number, bank.bank_name)))
                for bank in banks
            )

    @api.depends("company_id")
    def _compute_collectors(self):
        Account = self.env["dso.account"]
        for page in self:
            own = Domain("company_id", "=", page.company_id.id)
            page.no_collector_count = Account.search_count(
                own & Domain("collector_id", "=", False)
            )
            collectors = self.env["res.users"].union(
                *(user for (user,) in Account._read_group(own, ["collector_id"]))
            )
            page.mute_collectors = ", ".join(
                collectors.sudo()  # names of own collectors
                .filtered(lambda user: not user.email)
                .mapped("name")
            )

    # -------------------------------------------------------------------------
    # BUSINESS METHODS
    # -------------------------------------------------------------------------

    @api.model
    def action_open(self):
        """Open a fresh page for the current company."""
        self._check_manager()
        return self.create({})._open("dso_collection.dso_go_live_action")

    def action_ask(self):
        """Ask once more, with the number of messages that would leave."""
        self.ensure_one()
        self._check_switchable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Switch sending on"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [
                (self.env.ref("dso_collection.dso_go_live_view_form_ask").id, "form")
            ],
            "target": "new",
        }

    def action_switch_on(self):
        self.ensure_one()
        self._check_switchable()
        self._switch(True)
        return {"type": "ir.actions.act_window_close"}

    def action_switch_off(self):
        """Stop at once: what did not leave yet stays planned."""
        self.ensure_one()
        self._check_manager()
        self._switch(False)
        return True

    def _check_switchable(self):
        self._check_manager()
        problem = self.company_id._dso_sending_problem()
        if problem:
            raise UserError(problem)

    def _switch(self, active):
        company = self.company_id.sudo()  # collection's own switch, role checked
        if company.dso_sending_active != active:
            company.dso_sending_active = active

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_at_once(self):
        return self._open_messages("at_once", self.env._("Leave at once"))

    def action_to_confirm(self):
        return self._open_messages("to_confirm", self.env._("To confirm"))

    def action_problem(self):
        return self._open_messages("problem", self.env._("Problems"))

    def _open_messages(self, fate, name):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "dso_collection.dso_action_action_automatic"
            ),
            "name": name,
            "display_name": name,
            "domain": list(self._messages_domain(fate)),
            "context": {},
        }

    def action_no_collector(self):
        self.ensure_one()
        name = self.env._("Customers without collector")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "dso_collection.dso_account_action"
            ),
            "name": name,
            "display_name": name,
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("collector_id", "=", False),
            ],
            "context": {},
        }

    def action_calendar(self):
        """Open the sending days and hours of the company."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "resource.calendar",
            "res_id": self.calendar_id.id,
            "view_mode": "form",
        }

    def action_holidays(self):
        """Open the time off that holds messages back, ready to add to it."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "dso_collection.dso_go_live_action_holidays"
            ),
            "domain": list(self._holidays_domain()),
            "context": {
                "default_calendar_id": self.calendar_id.id,
                # Odoo lets nobody else write the time off of all
                "create": self.env.user.has_group("base.group_erp_manager"),
            },
        }

    def action_company(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.company",
            "res_id": self.company_id.id,
            "view_mode": "form",
        }
