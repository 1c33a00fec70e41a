"""Company settings of collection (rules.md §1.3)."""

from datetime import datetime, time, timedelta, timezone
from decimal import Decimal

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import email_normalize, format_date, ormcache, str2bool

from ..engine import rules

#: Settings that can change proposals.
EVALUATED = {
    "dso_minimum_amount",
    "dso_minimum_base",
    "dso_ignore_below",
    "dso_litigation_excluded",
    "dso_tz",
    "dso_fax_pattern",
}
#: Countries in which the window of an envelope is usually on the right.
RIGHT_WINDOWS = {"BE", "CH", "ES", "FR", "IT", "LU", "MC", "PT"}
#: Days in which the next sending slot is looked for: most often the first few do.
SENDING_DAYS = (8, 366)


class PastDay:
    """A day on which something is done instead of today, under the context key
    ``dso_past_day``: for loaders that write history. An object, so that no remote
    caller can put one into a context."""

    def __init__(self, date):
        self.date = date


class ResCompany(models.Model):
    _inherit = "res.company"

    dso_scenario_id = fields.Many2one(
        "dso.scenario",
        "Default scenario",
        default=lambda self: self._dso_default("scenario_standard"),
        help="Given to every new customer.",
    )
    dso_client_type_id = fields.Many2one(
        "dso.client.type",
        "Default client type",
        default=lambda self: self._dso_default("client_type_standard"),
        help="Given to every new customer.",
    )
    dso_collector_id = fields.Many2one(
        "res.users",
        "Default collector",
        domain=[("share", "=", False)],
        help="Given to every new customer.",
    )
    dso_minimum_amount = fields.Monetary(
        "Minimum amount for collection",
        help="Below it no scenario action is proposed (rules.md L12).",
    )
    dso_minimum_base = fields.Selection(
        [
            ("balance", "the collectable balance"),
            ("overdue", "the net overdue amount"),
        ],
        "Compared with",
        default="balance",
        required=True,
    )
    dso_priority_amount = fields.Monetary(
        "Overdue amount that counts in full",
        default=10000,
        help="For the order of the worklist: a customer who owes so much or more gets"
        " all points for his amount, others their share.",
    )
    dso_ignore_below = fields.Monetary(
        "Ignore items below",
        help="Smaller items are left out of dunning (rules.md L2).",
    )
    dso_litigation_excluded = fields.Boolean(
        "Litigation is left out of dunning", default=True
    )
    dso_tz = fields.Selection(
        lambda self: [(tz, tz) for tz in sorted(pytz.all_timezones)],
        "Time zone of collection",
        help="Decides when a day begins. Empty: that of the company, else UTC.",
    )
    # === Promises === #
    dso_promise_grace_days = fields.Integer(
        "Grace days of promises",
        default=2,
        help="Working days after the promised date in which a payment still keeps the"
        " promise; the time off of the sending days and hours counts as none.",
    )
    dso_promise_follow_up_offset = fields.Integer(
        "Days to the follow-up of a promise",
        default=0,
        help="Days from the promised date to its follow-up.",
    )
    # === Late penalties, interactive page === #
    dso_penalty_rate = fields.Float(
        "Late penalties",
        digits=(5, 2),
        help="Percent per year, on overdue invoices; disputed ones bear none.",
    )
    dso_penalties = fields.Boolean(
        "Charge late penalties", help="Given to every new customer."
    )
    dso_recovery_cost = fields.Monetary(
        "Recovery cost", help="Fixed amount for each overdue invoice."
    )
    dso_recovery = fields.Boolean(
        "Charge recovery costs", help="Given to every new customer."
    )
    dso_late_basis = fields.Selection(
        [
            ("contract", "our terms: the rate and the recovery cost below"),
            ("statutory", "the law: the table of late payment rates"),
        ],
        "Late costs follow",
        default="contract",
        required=True,
        help="Consumers always follow the law: nothing is claimed where it grants"
        " nothing.",
    )
    dso_late_country_id = fields.Many2one(
        "res.country",
        "Law of",
        help="Whose law it is. Empty: the seller's, that is the company's own country.",
    )
    dso_late_since = fields.Date(
        "Invoices due from",
        help="Earlier ones bear no late costs. Empty: all do.",
    )
    dso_late_journal_id = fields.Many2one(
        "account.journal",
        "Journal of late costs",
        domain="[('type', '=', 'sale'), ('company_id', 'child_of', id)]",
        help="Proposed when late costs are invoiced.",
        ondelete="set null",
    )
    dso_late_product_id = fields.Many2one(
        "product.product",
        "Product of late costs",
        help="Proposed when late costs are invoiced; gives their account and taxes.",
        ondelete="set null",
    )
    dso_late_account_id = fields.Many2one(
        "account.account",
        "Income account of late costs",
        domain="[('internal_group', '=', 'income')]",
        help="Proposed when late costs are invoiced. Empty: that of the product or the"
        " journal.",
        ondelete="set null",
    )
    dso_interactive = fields.Boolean(
        "Interactive e-mails", help="Given to every new customer."
    )
    dso_link_days = fields.Integer(
        "Days that links are valid",
        default=60,
        help="From the day on which their message left.",
    )

    # === Qualification === #
    dso_quick_promise_status_id = fields.Many2one(
        "dso.status",
        "Status of a quick promise",
        default=lambda self: self._dso_default("status_promise_by_phone"),
        domain="[('type', '=', 'promise_to_pay'), ('company_id', 'in', (False, id))]",
        help="Given by one click on the ticked items. Empty: no such button.",
    )
    dso_quick_promise_days = fields.Integer(
        "Promised in", default=3, help="Days from today to the promised date."
    )
    dso_quick_promise_follow_up = fields.Boolean(
        "Follow up quick promises",
        default=True,
        help="On the promised date, as their status says.",
    )
    dso_dispute_no_followup = fields.Boolean(
        "Disputes leave Odoo's own follow-ups, too",
        help="A dispute sets the no-follow-up flag of its journal items, and gives it"
        " back when it ends.",
    )

    # === Replies === #
    dso_reply_hold_days = fields.Integer(
        "Days to read a reply",
        default=5,
        help="Working days for which a reply that nobody has processed holds the"
        " automatic actions of its customer. 0: it holds nothing.",
    )

    # === Data protection === #
    dso_keep_reply_months = fields.Integer(
        "Months that replies are kept",
        default=72,
        help="Then the words and the author of a processed reply are erased; what was"
        " said of items stays. 0: they are kept.",
    )
    dso_keep_file_months = fields.Integer(
        "Months that files of replies are kept",
        default=72,
        help="Then the files that came with a processed reply are deleted. 0: they are"
        " kept as long as its words.",
    )
    dso_keep_log_months = fields.Integer(
        "Months that accesses are kept",
        default=12,
        help="Who opened which page, and when. 0: they are kept.",
    )

    # === Answers === #
    dso_accept_promises = fields.Boolean(
        "Accept promises at once",
        help="A promise on the customer's page that is within the limits below is noted"
        " without a person. Not after a broken promise, nor on items that are disputed,"
        " in litigation or under formal notice. It can be undone.",
    )
    dso_accept_promise_days = fields.Integer(
        "Promised within days",
        default=14,
        help="A later date waits for a person.",
    )
    dso_accept_promise_amount = fields.Monetary(
        "Promised at most",
        default=1000,
        help="A customer's open promises and the new one together, in company"
        " currency; more waits for a person.",
    )
    dso_internal_auto = fields.Boolean(
        "Automatic validation of internal comments",
        help="What a colleague comments on his page goes to the history of the items"
        " without a person; what he proposes does not.",
    )

    # === Sending === #
    dso_four_eyes = fields.Boolean(
        "Four eyes",
        help="Whoever changed the model, text, recipient, date or scenario of an"
        " action does not confirm it.",
    )
    dso_sending_active = fields.Boolean(
        "Sending is active",
        help="Off after installation: nothing leaves by itself.",
    )
    dso_sending_user_id = fields.Many2one(
        "res.users", "Sending switched by", readonly=True, ondelete="set null"
    )
    dso_sending_date = fields.Datetime("Sending switched on", readonly=True)
    dso_sending_calendar_id = fields.Many2one(
        "resource.calendar",
        "Sending days and hours",
        default=lambda self: self._dso_default("sending_calendar"),
        # without a calendar messages would leave at any hour
        ondelete="restrict",
        domain="[('company_id', 'in', (False, id)), ('flexible_hours', '=', False)]",
        help="When automatic messages may leave, in the time zone of collection. The"
        " time off of these working hours holds them back, too. Empty: at any time.",
    )

    dso_letter_layout = fields.Selection(
        [
            ("din_b", "Window on the left (DIN 5008, form B)"),
            ("din_a", "Window on the left, small letterhead (DIN 5008, form A)"),
            ("right", "Window on the right (NF Z 11-001)"),
        ],
        "Envelopes of letters",
        help="Where the address stands on letters. Empty: as is usual in the country of"
        " the company.",
    )

    dso_letter_way = fields.Selection(
        [
            ("print", "We print and post them"),
            ("service", "Odoo's post service (Snailmail)"),
        ],
        "Letters",
        default="print",
        required=True,
        help="Registered letters are always printed by the company itself.",
    )

    dso_invoice_addresses = fields.Selection(
        [
            ("collection", "The collection contact receives all items"),
            ("own", "Each receives the items invoiced to it"),
        ],
        "Customers with several invoice addresses",
        default="collection",
        required=True,
        help="For e-mails of scenarios.",
    )
    dso_mail_limit = fields.Integer(
        "Largest e-mail",
        default=10,
        help="In megabytes, with all files. A mail server may allow less.",
    )

    _dso_mail_limit_positive = models.Constraint(
        "CHECK(COALESCE(dso_mail_limit, 0) BETWEEN 0 AND 100)",
        "An e-mail has 0 (no limit of its own) to 100 megabytes.",
    )

    # === Channels === #
    dso_cap_customer = fields.Integer(
        "Messages a customer and day",
        default=2,
        help="So many messages leave by themselves to a customer on one day, those that"
        " people send counted; what is above it leaves the next day. 0: any number.",
    )
    dso_cap_company = fields.Integer(
        "Messages a day",
        help="So many messages leave by themselves on one day, those that people send"
        " counted; what is above it leaves the next day. 0: any number.",
    )
    dso_fax_pattern = fields.Char(
        "Fax gateway",
        help="E-mail address to which a fax is sent. {number} stands for the fax number"
        " with its country code, digits only. Empty: no faxes leave.",
    )

    _dso_amounts_positive = models.Constraint(
        "CHECK(COALESCE(dso_minimum_amount, 0) >= 0"
        " AND COALESCE(dso_ignore_below, 0) >= 0)",
        "The minimum amount and the ignore threshold cannot be negative.",
    )
    _dso_reply_hold_days_positive = models.Constraint(
        "CHECK(COALESCE(dso_reply_hold_days, 0) BETWEEN 0 AND 60)",
        "A reply holds automatic actions for 0 to 60 working days.",
    )
    _dso_keep_months_range = models.Constraint(
        "CHECK(COALESCE(dso_keep_reply_months, 0) BETWEEN 0 AND 600"
        " AND COALESCE(dso_keep_file_months, 0) BETWEEN 0 AND 600"
        " AND COALESCE(dso_keep_log_months, 0) BETWEEN 0 AND 600)",
        "Data is kept for 0 to 600 months.",
    )
    _dso_accept_limits = models.Constraint(
        "CHECK(COALESCE(dso_accept_promise_days, 0) BETWEEN 0 AND 365"
        " AND COALESCE(dso_accept_promise_amount, 0) >= 0)",
        "Promises are accepted at once for 0 to 365 days and up to a positive amount.",
    )
    _dso_promise_days_positive = models.Constraint(
        "CHECK(COALESCE(dso_promise_grace_days, 0) >= 0"
        " AND COALESCE(dso_promise_follow_up_offset, 0) >= 0)",
        "The days of promises cannot be negative.",
    )
    _dso_link_days_range = models.Constraint(
        "CHECK(COALESCE(dso_link_days, 60) BETWEEN 1 AND 365)",
        "Links are valid for 1 to 365 days.",
    )
    _dso_penalties_positive = models.Constraint(
        "CHECK(COALESCE(dso_penalty_rate, 0) >= 0"
        " AND COALESCE(dso_recovery_cost, 0) >= 0)",
        "The rate of late penalties and the recovery cost cannot be negative.",
    )
    _dso_caps_positive = models.Constraint(
        "CHECK(COALESCE(dso_cap_customer, 0) >= 0"
        " AND COALESCE(dso_cap_company, 0) >= 0)",
        "The number of messages a day cannot be negative.",
    )
    _dso_quick_promise_positive = models.Constraint(
        "CHECK(COALESCE(dso_quick_promise_days, 0) >= 0)",
        "The days of a quick promise cannot be negative.",
    )

    @api.constrains("dso_quick_promise_status_id")
    def _check_dso_quick_promise(self):
        for company in self:
            status = company.dso_quick_promise_status_id
            if status and status.type != "promise_to_pay":
                raise ValidationError(
                    self.env._(
                        "%s is no promise: choose a status of the type Promise to pay"
                        " for the quick promise.",
                        status.name,
                    )
                )

    @api.constrains("dso_fax_pattern")
    def _check_dso_fax_pattern(self):
        for company in self:
            pattern = company.dso_fax_pattern
            if not pattern:
                continue
            address = pattern.replace("{number}", "4930123456")
            if address == pattern or (
                email_normalize(address) != address.strip().lower()
            ):
                raise ValidationError(
                    self.env._(
                        "%s is no address of a fax gateway: write an e-mail address"
                        " with {number} where the fax number stands, such as"
                        " {number}@fax.example.com.",
                        pattern,
                    )
                )

    def _dso_fax_address(self, number):
        """The e-mail address by which a fax reaches a number.

        :param str number: in international form, +49...
        """
        self.ensure_one()
        pattern = self.root_id.sudo().dso_fax_pattern  # one setting of its root
        return pattern.strip().replace("{number}", number.lstrip("+"))

    @api.constrains("dso_sending_calendar_id")
    def _check_dso_sending_calendar(self):
        for company in self:
            owner = company.dso_sending_calendar_id.sudo().company_id  # its name only
            if owner and owner.root_id != company.root_id:
                raise ValidationError(
                    self.env._(
                        "%(calendar)s are working hours of %(owner)s: choose those of"
                        " %(company)s or shared ones as its sending days and hours.",
                        calendar=company.dso_sending_calendar_id.name,
                        owner=owner.name,
                        company=company.name,
                    )
                )
            problem = company.root_id == company and company._dso_sending_problem()
            if problem:
                raise ValidationError(problem)

    @api.model
    def _dso_default(self, name):
        return self.env.ref(f"dso_collection.{name}", raise_if_not_found=False)

    @api.model
    def _dso_set_defaults(self):
        """Give the shipped strategy to companies that have none (at installation)."""
        for name, xmlid in (
            ("dso_scenario_id", "scenario_standard"),
            ("dso_client_type_id", "client_type_standard"),
            ("dso_sending_calendar_id", "sending_calendar"),
            ("dso_quick_promise_status_id", "status_promise_by_phone"),
        ):
            self.search([(name, "=", False)]).write({name: self._dso_default(xmlid).id})

    def _dso_logo(self):
        """The company's logo; what Odoo puts in its place until there is one says "Your
        logo", and nobody writes to customers under that.

        :return: bytes in base64, or False
        """
        self.ensure_one()
        return not self.uses_default_logo and self.logo

    def _dso_today(self):
        """Today in the company's time zone: its own, its partner's, else UTC."""
        self.ensure_one()
        past = self.env.context.get("dso_past_day")
        if isinstance(past, PastDay):
            return past.date
        return datetime.now(timezone.utc).astimezone(self._dso_timezone()).date()

    @api.constrains("dso_letter_way")
    def _check_dso_letter_way(self):
        for company in self:
            if company.dso_letter_way == "service" and (
                self.env["dso.letter"]._service() is None
            ):
                raise ValidationError(
                    self.env._(
                        "The post service is not there: install the app Snail Mail"
                        " first."
                    )
                )

    def _dso_check_sending(self):
        """
        :raise UserError: while sending is switched off
        """
        for company in self:
            if not company.sudo().dso_sending_active:  # the switch only
                raise UserError(
                    self.env._(
                        "Sending is switched off for %s. A credit manager switches it"
                        " on under Configuration, Go live.",
                        company.name,
                    )
                )

    def _dso_letter_layout(self):
        """Key of PAPERS for the letters of this company."""
        self.ensure_one()
        if self.dso_letter_way == "service":
            return "right"  # where the post service expects it
        country = self.country_id.code
        usual = "right" if country in RIGHT_WINDOWS else "din_b"
        return self.dso_letter_layout or usual

    def _dso_fallback_sender(self):
        """Who writes where no collector can: a credit manager, else the administrator.

        :return: res.users, the first one with an e-mail address; may be empty
        """
        self.ensure_one()
        manager = self.env.ref("dso_collection.group_manager").sudo()  # names only
        managers = manager.all_user_ids.filtered(
            lambda user: user.active
            and not user.share
            and user.email_normalized
            and self in user.company_ids.root_id
        ).sorted("id")
        administrator = self.env.ref("base.user_admin").sudo()  # his address only
        others = managers - administrator
        return (others or administrator.filtered("email_normalized"))[:1]

    def _dso_late_country(self):
        """Whose law of late payment holds: that of the seller, unless chosen."""
        self.ensure_one()
        root = self.root_id.sudo()  # a user of a branch may not read the root
        return root.dso_late_country_id or root.country_id

    def _dso_late_warning(self, country=None):
        """Why late costs by law are not complete, as a sentence; else False.

        :param country: res.country to ask for; default that of the settings
        """
        self.ensure_one()
        country = country or self._dso_late_country()
        if not country:
            return self.env._(
                "%s has no country: choose whose law of late payment holds.", self.name
            )
        rate = self.env["dso.late.rate"]._out_of_date(self, country)
        if rate is None:
            return self.env._(
                "No late payment rate is known for %s: enter it, or follow your own"
                " terms.",
                country.name,
            )
        if not rate:
            return False
        if rate.date_to and rate.date_to < self._dso_today():
            return self.env._(
                "The rates of %(country)s are known until %(date)s only: enter those"
                " of later periods.",
                country=country.name,
                date=format_date(self.env, rate.date_to),
            )
        return self.env._(
            "The rate of %(country)s was to be checked by %(date)s.",
            country=country.name,
            date=format_date(self.env, rate.date_review),
        )

    def _dso_paid_online(self):
        """Whether customers can pay invoices of this company online: portal payments
        are on, and a provider is published for it."""
        self.ensure_one()
        # the setting and whether there is a provider, nothing of what they contain
        parameters = self.env["ir.config_parameter"].sudo()
        providers = self.env["payment.provider"].sudo()  # as above
        return str2bool(
            parameters.get_param("account_payment.enable_portal_payment") or "0"
        ) and bool(
            providers.search_count(
                Domain(providers._check_company_domain(self))
                & Domain("state", "in", ("enabled", "test"))
                & Domain("is_published", "=", True),
                limit=1,
            )
        )

    def _dso_timezone(self):
        """Time zone of collection: that of the setting, of the partner, else UTC."""
        root = self.root_id.sudo()  # a user of a branch may not read the root
        return pytz.timezone(root.dso_tz or root.partner_id.tz or "UTC")

    # -------------------------------------------------------------------------
    # SENDING DAYS AND HOURS (rules.md §1.3, E21)
    # -------------------------------------------------------------------------

    def _dso_sending_open(self, now=None):
        """Whether automatic messages may leave at this moment.

        Says nothing about the switch ``dso_sending_active``.

        :param now: datetime, aware or in UTC; default the present
        """
        self.ensure_one()
        now = self._dso_moment(now)
        if not self.root_id.sudo().dso_sending_calendar_id:  # a branch asks its root
            return True
        return bool(self._dso_sending_slots(now, now + timedelta(minutes=1), now))

    def _dso_sending_next(self, now=None):
        """The next moment at which automatic messages may leave.

        :param now: datetime, aware or in UTC; default the present
        :return: aware datetime in the time zone of collection, ``now`` itself while
            the window is open; None when it does not open within a year
        """
        self.ensure_one()
        now = self._dso_moment(now)
        if not self.root_id.sudo().dso_sending_calendar_id:  # a branch asks its root
            return now
        for days in SENDING_DAYS:
            slots = self._dso_sending_slots(now, now + timedelta(days=days))
            if slots:
                return slots[0][0]
        return None

    def _dso_sending_problem(self, now=None):
        """Why nothing can ever leave, in words that name the calendar; else False."""
        self.ensure_one()
        calendar = self.root_id.sudo().dso_sending_calendar_id  # its name only
        if not calendar or self._dso_sending_next(now):
            return False
        if calendar.flexible_hours:
            return self.env._(
                "%s are flexible working hours, which say on no day when messages may"
                " leave: choose sending days and hours with fixed times.",
                calendar.name,
            )
        return self.env._(
            "%s has no working time within a year: no message could ever leave. Add"
            " days and hours to it, or choose other sending days and hours.",
            calendar.name,
        )

    def _dso_moment(self, now):
        """``now`` (aware, in UTC, or None for the present) in the own time zone."""
        now = now or datetime.now(timezone.utc)
        if not now.tzinfo:
            now = now.replace(tzinfo=timezone.utc)
        return now.astimezone(self._dso_timezone())

    def _dso_sending_slots(self, start, end, at=None):
        """Slots of the sending calendar between two aware datetimes.

        The hours are those of the company, wherever the calendar was made. Time off
        counts when it is of the own company, or of nobody in particular.

        :param at: only slots that contain this moment
        :return: sorted list of (start, end), aware
        """
        root = self.root_id.sudo()  # shows only times
        calendar = root.dso_sending_calendar_id
        if calendar.flexible_hours:
            return []
        companies = root.search([("id", "child_of", root.id)])
        slots = calendar._work_intervals_batch(
            start,
            end,
            domain=list(
                Domain("time_type", "=", "leave")
                & Domain("company_id", "in", [False, *companies.ids])
            ),
            tz=self._dso_timezone(),
        )[False]
        return [
            (opens, closes)
            for opens, closes, _attendance in slots
            if not at or opens <= at < closes
        ]

    def _dso_add_working_days(self, date, days):
        """The day that lies so many working days after a date.

        Working days are those of the sending calendar, holidays left out; without a
        calendar, or where it opens too rarely, Monday to Friday.

        :param date: date, itself not counted, working day or not
        :param int days: 0 gives ``date`` back; negative ones count backwards
        :return: date
        """
        self.ensure_one()
        if not days:
            return date
        sign = 1 if days > 0 else -1
        span = [
            date + timedelta(days=sign * number)
            for number in range(1, 2 * abs(days) + 31)
        ]
        working = [day for day in span if day.weekday() < 5]
        opened = self._dso_sending_days(min(span), max(span))
        if opened is not None:
            found = [day for day in span if day in opened]
            working = found if len(found) >= abs(days) else working
        return working[abs(days) - 1]

    def _dso_sending_days(self, start, end):
        """The days on which messages leave by themselves.

        :param start, end: first and last date, both included
        :return: frozenset of dates; None without a calendar: every day
        """
        self.ensure_one()
        if not self.root_id.sudo().dso_sending_calendar_id:  # its days only
            return None
        zone = self._dso_timezone()
        slots = self._dso_sending_slots(
            zone.localize(datetime.combine(start, time.min)),
            zone.localize(datetime.combine(end + timedelta(days=1), time.min)),
        )
        return frozenset(opens.astimezone(zone).date() for opens, _closes in slots)

    def _dso_rule_settings(self):
        """This root company's part of the rules, as ``rules.py`` wants it."""
        self.ensure_one()
        company = self.sudo()  # settings of collection only
        return rules.Settings(
            Decimal(str(company.dso_minimum_amount)),
            company.dso_minimum_base == "overdue",
            Decimal(str(company.dso_ignore_below)),
            company.dso_litigation_excluded,
        )

    def _dso_promise_limit(self, date, made):
        """Last day on which a payment still keeps a promise.

        :param date: date, promised for
        :param made: date on which it was noted: who notes a day that has passed does
            not break the promise by it
        """
        self.ensure_one()
        grace = self.root_id.sudo().dso_promise_grace_days  # one setting of its root
        return self._dso_add_working_days(max(date, made), grace)

    def write(self, vals):
        if "dso_sending_active" in vals:
            self._dso_note_switch(bool(vals["dso_sending_active"]))
        res = super().write(vals)
        if "dso_four_eyes" in vals:
            self.env.registry.clear_cache()
        if EVALUATED & set(vals):
            self._dso_mark_accounts()
        if vals.get("dso_sending_active"):
            # whoever may switch the company on lets its outboxes go
            self.env["mail.mail"].sudo()._dso_release(self.root_id)
            self.env["sms.sms"].sudo()._dso_release(self.root_id)  # likewise
        return res

    @api.model
    @ormcache()
    def _dso_four_eyes_ids(self):
        """Ids of the companies that ask for four eyes: looked at whenever an address or
        a text is written."""
        companies = self.sudo()  # the option only
        companies = companies.search([("dso_four_eyes", "=", True)])
        return tuple(companies.ids)

    def _dso_note_switch(self, active):
        """Keep who switches sending, and when."""
        self.filtered(lambda company: company.dso_sending_active != active).write(
            {
                "dso_sending_user_id": self.env.uid,
                "dso_sending_date": fields.Datetime.now(),
            }
        )

    def _dso_mark_accounts(self):
        """All accounts of these companies are to be evaluated again."""
        accounts = (
            self.env["dso.account"]
            .sudo()  # only marks, shows nothing
            .search([("company_id", "in", self.root_id.ids)])
        )
        accounts._mark_dirty()
