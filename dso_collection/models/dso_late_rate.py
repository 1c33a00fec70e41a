"""Rates of late payment by country, category of debtor and period, as data."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_date

from ..engine.late import Period, timeline

#: Who owes: the law distinguishes.
CATEGORIES = [
    ("business", "Business"),
    ("public", "Public authority"),
    ("consumer", "Consumer"),
]


class DsoLateRate(models.Model):
    """What the law of a country grants a creditor who is paid late (rules.md §6).

    Rows without a company are shared: those that ship with the product are the figures
    of their source. A row of a company's own wins over them, period by period.
    """

    _name = "dso.late.rate"
    _inherit = ["dso.shared.row"]
    _description = "Late Payment Rate"
    _order = "country_id, category, date_from desc, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    active = fields.Boolean(default=True)
    country_id = fields.Many2one(
        "res.country",
        index=True,
        help="Whose law it is. Empty: the European minimum, for the countries of the"
        " euro area that have no rate of their own for a day.",
    )
    category = fields.Selection(
        CATEGORIES,
        "Debtor",
        default="business",
        required=True,
        help="A public authority without rates of its own bears those of businesses; a"
        " consumer without rates bears nothing.",
    )
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        help="Empty: shared by all companies. A company's own rate wins.",
    )
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To", help="Last day of the period; empty: until further.")
    reference = fields.Float(
        "Reference rate",
        digits=(6, 3),
        aggregator=None,
        help="Percent: the central bank's, or fixed.",
    )
    margin = fields.Float(
        digits=(6, 3), aggregator=None, help="Points added to the reference rate."
    )
    rate = fields.Float(
        "Rate per year",
        digits=(6, 3),
        aggregator=None,
        compute="_compute_rate",
        store=True,
        help="Percent per year: reference rate and margin, never below 0.",
    )
    day_count = fields.Selection(
        [
            ("365", "365 days a year"),
            ("360", "360 days a year"),
            ("actual", "days of the year as they are"),
        ],
        "Year",
        default="365",
        required=True,
    )
    fixing = fields.Selection(
        [
            ("daily", "each day bears the rate of its period"),
            ("due", "the rate of the first late day holds until payment"),
        ],
        "Change of rates",
        default="daily",
        required=True,
    )
    waiting_days = fields.Integer(
        "Waiting days",
        help="Nothing may be claimed before this many days after the due date;"
        " penalties then count from the day after the due date.",
    )
    cap = fields.Float(
        "Limit",
        help="Penalties are at most this percent of what was late. 0: no limit.",
        digits=(6, 2),
    )
    compensation = fields.Float(
        "Recovery cost",
        digits=(12, 2),
        aggregator=None,
        help="Fixed amount for each late invoice. With tiers: where none is reached.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        "Currency",
        default=lambda self: self.env.ref("base.EUR", raise_if_not_found=False),
        required=True,
        help="Of the recovery cost; converted at the rate of the due date.",
    )
    tier_currency_id = fields.Many2one(
        "res.currency",
        "Currency of tiers",
        help="Of the amounts from which a tier applies. Empty: that of the recovery"
        " cost.",
    )
    tier_ids = fields.One2many("dso.late.tier", "rate_id", "Tiers", copy=True)
    source = fields.Char(
        required=True, help="Law, article, publication: where the figures stand."
    )
    source_url = fields.Char("Link")
    date_reviewed = fields.Date(
        "Checked on", help="When the figures were last compared with their source."
    )
    date_review = fields.Date(
        "Check again on",
        help="From this day on the latest rate of a country counts as out of date.",
    )
    note = fields.Text()
    is_out_of_date = fields.Boolean(
        compute="_compute_is_out_of_date",
        help="The latest of its country and debtor, and to be checked again.",
    )

    _period = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A period of late payment rates ends before it begins.",
    )
    _positive = models.Constraint(
        "CHECK(COALESCE(waiting_days, 0) >= 0 AND COALESCE(cap, 0) >= 0"
        " AND COALESCE(compensation, 0) >= 0)",
        "Waiting days, limit and recovery cost cannot be negative.",
    )

    @api.depends("country_id", "category", "date_from", "date_to")
    def _compute_name(self):
        labels = dict(self._fields["category"]._description_selection(self.env))
        for rate in self:
            rate.name = self.env._(
                "%(country)s, %(category)s, from %(date)s",
                country=rate.country_id.name or self.env._("European minimum"),
                category=labels.get(rate.category, ""),
                date=format_date(self.env, rate.date_from),
            )

    @api.depends("reference", "margin")
    def _compute_rate(self):
        for rate in self:
            rate.rate = max(0.0, rate.reference + rate.margin)

    @api.depends("date_review", "date_from", "date_to", "country_id", "category")
    def _compute_is_out_of_date(self):
        today = self.env.company._dso_today()
        latest = {
            (country.id, category): start
            for country, category, start in self._read_group(
                [], ["country_id", "category"], ["date_from:max"]
            )
        }
        for rate in self:
            key = (rate.country_id.id, rate.category)
            until = rate.date_review or rate.date_to
            rate.is_out_of_date = bool(
                until and until <= today and latest.get(key) == rate.date_from
            )

    # -------------------------------------------------------------------------
    # CONSTRAINTS, CRUD
    # -------------------------------------------------------------------------

    @api.constrains(
        "country_id", "category", "company_id", "date_from", "date_to", "active"
    )
    def _check_overlap(self):
        self.flush_model()
        overlaps = self.env.execute_query(
            SQL(
                """
                SELECT a.id, b.id
                  FROM dso_late_rate a
                  JOIN dso_late_rate b ON b.id <> a.id
                   AND b.active AND b.category = a.category
                   AND b.country_id IS NOT DISTINCT FROM a.country_id
                   AND b.company_id IS NOT DISTINCT FROM a.company_id
                   AND b.date_from <= COALESCE(a.date_to, 'infinity')
                   AND a.date_from <= COALESCE(b.date_to, 'infinity')
                 WHERE a.id = ANY(%s) AND a.active
                 LIMIT 1
                """,
                self.ids,
            )
        )
        if overlaps:
            first, second = self.browse(overlaps[0])
            raise ValidationError(
                self.env._(
                    "%(first)s overlaps %(second)s: end the earlier period on the day"
                    " before the later one begins.",
                    first=first.name,
                    second=second.name,
                )
            )

    @api.model
    def _words_for_shared(self):
        return self.env._(
            "Shipped rates keep the figures of their source. Enter a rate of your"
            " company for the same period instead: it wins."
        )

    def action_next_period(self):
        """A copy for the half-year that follows, as the company's own: the reference
        rate is to be entered."""
        self.ensure_one()
        self.check_access("read")
        self.browse().check_access("create")
        latest = self.search(
            Domain("country_id", "=", self.country_id.id)
            & Domain("category", "=", self.category),
            order="date_from desc",
            limit=1,
        )
        if not latest.date_to:
            raise UserError(
                self.env._(
                    "%s has no end: enter its last day before you add the next period.",
                    latest.name,
                )
            )
        start = fields.Date.add(latest.date_to, days=1)
        end = fields.Date.add(start, months=6, days=-1)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Next period"),
            "res_model": "dso.late.rate",
            "view_mode": "form",
            "context": {
                "default_country_id": latest.country_id.id,
                "default_category": latest.category,
                "default_date_from": fields.Date.to_string(start),
                "default_date_to": fields.Date.to_string(end),
                "default_date_review": fields.Date.to_string(
                    fields.Date.add(end, days=1)
                ),
                "default_margin": latest.margin,
                "default_day_count": latest.day_count,
                "default_fixing": latest.fixing,
                "default_waiting_days": latest.waiting_days,
                "default_cap": latest.cap,
                "default_compensation": latest.compensation,
                "default_currency_id": latest.currency_id.id,
                "default_tier_currency_id": latest.tier_currency_id.id,
                "default_tier_ids": [
                    Command.create(
                        {
                            "amount_from": tier.amount_from,
                            "compensation": tier.compensation,
                        }
                    )
                    for tier in latest.tier_ids
                ],
            },
        }

    # -------------------------------------------------------------------------
    # WHICH RATE
    # -------------------------------------------------------------------------

    @api.model
    def _periods(self, pairs):
        """The rates by law of debtors, company's own rows first.

        The law is that of the seller: the country of late costs of the company, else
        its own. Where a country of the euro area has no rate for a day, the European
        minimum holds; elsewhere no rate is known.

        :param pairs: iterable of (root res.company, category)
        :return: {(company, category): list of :class:`Period`}; consumers without rows
            of their own have none
        """
        pairs = set(pairs)
        rows = (
            self.sudo().search_fetch(  # the law, and the accounts' own companies
                Domain(
                    "company_id", "in", [False, *(company.id for company, _c in pairs)]
                ),
                [
                    "country_id",
                    "category",
                    "company_id",
                    "date_from",
                    "date_to",
                    "rate",
                    "day_count",
                    "fixing",
                    "waiting_days",
                    "cap",
                    "compensation",
                    "currency_id",
                    "tier_currency_id",
                ],
            )
            if pairs
            else self.browse()
        )
        return {
            (company, category): self._periods_of(rows, company, category)
            for company, category in pairs
        }

    @api.model
    def _periods_of(self, rows, company, category):
        country = company._dso_late_country()
        wanted = [(country, category)]
        if category == "public":
            wanted.append((country, "business"))
        if category != "consumer" and self._in_euro_area(country):
            wanted.append((country.browse(), "business"))
        layers = []
        for where, whom in wanted:
            found = rows.filtered(
                lambda row, where=where, whom=whom: row.country_id == where
                and row.category == whom
                and row.company_id in (company, company.browse())
            )
            layers += found.sorted(lambda row: (not row.company_id, row.date_from))
        return timeline(row._period() for row in layers)

    @api.model
    def _in_euro_area(self, country):
        """The minimum follows the rate of the European Central Bank: that is the law's
        reference in the countries that have the euro only."""
        union = self.env.ref("base.europe", raise_if_not_found=False)
        return bool(
            union
            and country in union.sudo().country_ids  # names of countries
            and country.currency_id.name == "EUR"
        )

    def _period(self):
        self.ensure_one()
        return Period(
            self.date_from,
            self.date_to or None,
            rate=self.rate,
            day_count=self.day_count,
            fixing=self.fixing,
            waiting_days=self.waiting_days,
            cap=self.cap,
            compensation=self.compensation,
            currency=self.currency_id.id,
            tier_currency=self.tier_currency_id.id or None,
            tiers=tuple(
                sorted((tier.amount_from, tier.compensation) for tier in self.tier_ids)
            ),
        )

    @api.model
    def _out_of_date(self, company, country):
        """The latest rate of a country, when it is to be checked again.

        :param company: res.company that asks
        :return: dso.late.rate, empty when up to date; the European minimum when the
            country has none; None when no rate is known at all
        """
        wanted = Domain("country_id", "=", country.id)
        rows = self.sudo().search(  # figures of the law, and of this company
            wanted
            & Domain("category", "=", "business")
            & Domain("company_id", "in", (False, company.root_id.id)),
            order="date_from desc",
            limit=1,
        )
        if not rows and self._in_euro_area(country):
            rows = self.sudo().search(  # figures of the law
                Domain("country_id", "=", False)
                & Domain("company_id", "in", (False, company.root_id.id)),
                order="date_from desc",
                limit=1,
            )
        if not rows:
            return None
        today = company._dso_today()
        until = rows.date_review or rows.date_to
        return rows if until and until <= today else rows.browse()
