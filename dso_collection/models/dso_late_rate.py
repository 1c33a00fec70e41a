"""Rates of late payment by country, category of debtor and period, as data."""

from odoo import api, fields, models

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
        "Reference rate", digits=(6, 3), help="Percent: the central bank's, or fixed."
    )
    margin = fields.Float(digits=(6, 3), help="Points added to the reference rate.")
    rate = fields.Float(
        "Rate per year",
        digits=(6, 3),
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
        help="Nothing may be claimed before this many days after the due date; penalties"
        " then count from the day after the due date.",
    )
    cap = fields.Float(
        help="Penalties are at most this percent of what was late. 0: no limit.",
        digits=(6, 2),
    )
    compensation = fields.Float(
        "Recovery cost",
        digits=(12, 2),
        help="Fixed amount for each late invoice. With tiers: where no tier is reached.",
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
                date=rate.date_from or "",
            )

    @api.depends("reference", "margin")
    def _compute_rate(self):
        for rate in self:
            rate.rate = max(0.0, rate.reference + rate.margin)
