"""What formal notices rest on: the law of a country for a category of debtors."""

from odoo import api, fields, models
from odoo.fields import Domain

from .dso_late_rate import CATEGORIES

#: Days to pay where no law is on record.
NOTICE_DAYS = 10


class DsoLegalBasis(models.Model):
    """Sentences on the law in formal notices (rules.md §12).

    Rows without a company ship with the product, with their source and the day on which
    they were checked. A row of a company's own wins over them.
    """

    _name = "dso.legal.basis"
    _inherit = ["dso.shared.row"]
    _description = "Legal Basis of Formal Notices"
    _order = "country_id, category, company_id, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    active = fields.Boolean(default=True)
    country_id = fields.Many2one(
        "res.country", index=True, help="Empty: countries without a row of their own."
    )
    category = fields.Selection(CATEGORIES, "Debtor", required=True, default="business")
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        help="Empty: shared by all companies. A company's own row wins.",
    )
    notice_text = fields.Text(
        "What the notice rests on",
        translate=True,
        help="A sentence on the demand itself, chosen by the customer's country.",
    )
    interest_text = fields.Text(
        "What interest and costs rest on",
        translate=True,
        help="A sentence on interest and recovery costs by law, chosen by the country"
        " whose rates the company follows.",
    )
    notice_days = fields.Integer(
        "Days to pay",
        default=NOTICE_DAYS,
        aggregator=None,
        help="The deadline is this many days after the notice, on a working day.",
    )
    source = fields.Char(required=True, help="Law and article.")
    source_url = fields.Char("Link")
    date_reviewed = fields.Date(
        "Checked on", help="When the sentences were last compared with their source."
    )
    date_review = fields.Date("Check again on")
    note = fields.Text()
    is_out_of_date = fields.Boolean(
        compute="_compute_is_out_of_date", search="_search_is_out_of_date"
    )

    # one row of each company for each debtor
    _debtor_idx = models.UniqueIndex(
        "(COALESCE(country_id, 0), category, COALESCE(company_id, 0)) WHERE active",
        "This country and debtor have a legal basis already.",
    )
    _notice_days_positive = models.Constraint(
        "CHECK(notice_days > 0)", "The days to pay are at least one."
    )

    @api.depends("country_id", "category")
    def _compute_name(self):
        labels = dict(self._fields["category"]._description_selection(self.env))
        for basis in self:
            basis.name = self.env._(
                "%(country)s, %(category)s",
                country=basis.country_id.name or self.env._("Other countries"),
                category=labels.get(basis.category, ""),
            )

    @api.depends("date_review")
    def _compute_is_out_of_date(self):
        today = self.env.company._dso_today()
        for basis in self:
            basis.is_out_of_date = bool(
                basis.date_review and basis.date_review <= today
            )

    def _search_is_out_of_date(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("date_review", "<=", self.env.company._dso_today())
        return late if True in value else ~late

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model
    def _words_for_shared(self):
        return self.env._(
            "Shipped sentences keep what their source says. Duplicate the row for your"
            " company instead: it wins."
        )

    def copy_data(self, default=None):
        """A copy is the company's own."""
        default = {"company_id": self.env.company.root_id.id, **(default or {})}
        return super().copy_data(default)

    # -------------------------------------------------------------------------
    # WHICH ROW
    # -------------------------------------------------------------------------

    @api.model
    @api.private
    def _find(self, debtors):
        """The rows of debtors; one query for all of them.

        The company's own row wins, then that of the country, then that of other
        countries. A public authority without a row of its country bears that of its
        businesses: in Europe one directive holds for both.

        :param debtors: iterable of (root res.company, res.country, category)
        :return: {(company, country, category): dso.legal.basis, perhaps empty}
        """
        debtors = set(debtors)
        if not debtors:
            return {}
        companies = {company.id for company, _country, _category in debtors}
        rows = self.sudo().search_fetch(  # the law, and what these companies wrote
            Domain("company_id", "in", [False, *companies]),
            ["company_id", "country_id", "category", "notice_days"],
        )
        by_key = {
            (row.company_id.id, row.country_id.id, row.category): row for row in rows
        }
        found = {}
        for company, country, category in debtors:
            wanted = [(country.id, category)]
            if category == "public":
                wanted.append((country.id, "business"))
            wanted.append((False, category))
            found[company, country, category] = next(
                (
                    by_key[(owner, *key)]
                    for key in wanted
                    for owner in (company.id, False)
                    if (owner, *key) in by_key
                ),
                self.browse(),
            )
        return found
