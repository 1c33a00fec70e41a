"""Credit limit and guarantees of an account against what it owes (rules.md §11)."""

import operator as op

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

#: What only a credit manager decides.
CREDIT_FIELDS = {
    "credit_limit",
    "insured_amount",
    "insured_currency_id",
    "insured_from",
    "insured_to",
    "insurer_id",
    "guarantee",
    "guarantee_amount",
    "guarantee_until",
}
#: Figures that the ledger, the rates and the date move: computed, searched by SQL.
FIGURES = ("exposure", "limit_amount", "covered_amount", "uncovered_amount")
#: Share of the limit from which an account counts as near it.
NEAR = 0.9
COMPARISONS = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}


class DsoAccount(models.Model):
    _inherit = "dso.account"

    credit_limit = fields.Monetary(
        "Own credit limit",
        help="What this customer may owe at most, in company currency; 0: no limit."
        " Not used where the company works with Odoo's own credit limits.",
    )
    insured_amount = fields.Monetary(
        "Insured amount", currency_field="insured_currency_id"
    )
    insured_currency_id = fields.Many2one(
        "res.currency",
        "Currency of the insurance",
        ondelete="restrict",
        default=lambda self: self.env.company.currency_id,
    )
    insured_from = fields.Date("Insured from", help="First day; empty: since ever.")
    insured_to = fields.Date("Insured until", help="Last day; empty: no end.")
    insurer_id = fields.Many2one(
        "res.partner", ondelete="restrict", check_company=False
    )
    guarantee = fields.Char("Other guarantee", help="Bank guarantee, deposit, pledge.")
    guarantee_amount = fields.Monetary("Guarantee amount", help="In company currency.")
    guarantee_until = fields.Date("Guarantee until", help="Last day; empty: no end.")
    odoo_limit = fields.Boolean(
        "Limit kept by Odoo",
        compute="_compute_credit",
        help="The company works with Odoo's own credit limits: it is set on the"
        " customer.",
    )
    exposure = fields.Monetary(
        compute="_compute_credit",
        search="_search_exposure",
        help="What the customer owes now, credits deducted, in company currency.",
    )
    limit_amount = fields.Monetary(
        "Credit limit",
        compute="_compute_credit",
        search="_search_limit_amount",
        help="The own limit, or Odoo's where the company works with it; 0: none.",
    )
    covered_amount = fields.Monetary(
        "Covered",
        compute="_compute_credit",
        search="_search_covered_amount",
        help="Insured and guaranteed today, in company currency, at today's rate.",
    )
    uncovered_amount = fields.Monetary(
        "Not covered",
        compute="_compute_credit",
        search="_search_uncovered_amount",
        help="What is owed beyond insurance and guarantee.",
    )
    credit_usage = fields.Float("Limit used", compute="_compute_credit")
    credit_state = fields.Selection(
        [
            ("none", "No limit"),
            ("within", "Within the limit"),
            ("near", "Near the limit"),
            ("over", "Over the limit"),
        ],
        "Credit",
        compute="_compute_credit",
        search="_search_credit_state",
    )

    can_set_credit = fields.Boolean(compute="_compute_can_set_credit")

    # -------------------------------------------------------------------------
    # FIGURES
    # -------------------------------------------------------------------------

    @api.depends("amount_total", "company_id", "partner_id", *CREDIT_FIELDS)
    def _compute_credit(self):
        self.flush_model(["amount_total", "company_id", "partner_id", *CREDIT_FIELDS])
        rows = {
            row["id"]: row
            for row in self.env.execute_query_dict(
                SQL(
                    "SELECT q.* FROM (%s) q WHERE q.id = ANY(%s)",
                    self._credit_query(self.company_id),
                    self.ids,
                )
            )
        }
        for account in self:
            row = rows.get(account._origin.id, {})
            for name in FIGURES:
                account[name] = row.get(name, 0)
            account.odoo_limit = row.get("odoo_limit", False)
            account.credit_usage = (
                account.exposure / account.limit_amount if account.limit_amount else 0
            )
            account.credit_state = row.get("credit_state", "none")

    @api.depends_context("uid")
    def _compute_can_set_credit(self):
        self.can_set_credit = self.env.user.has_group("dso_collection.group_manager")

    @api.model
    def _credit_query(self, companies):
        """SQL of the credit figures of all accounts of some companies.

        :param companies: res.company, roots
        :return: SQL that yields id, odoo_limit, credit_state and FIGURES
        """
        companies = companies.sudo()  # their settings and rates only
        self.env["res.partner"].flush_model(["credit_limit"])
        self.env["res.company"].flush_model(["account_use_credit_limit"])
        limit = self.env["res.partner"]._fields["credit_limit"]
        # rates of the root company, which a user of a branch need not work in
        currencies = (
            self.env["res.currency"]
            .sudo()
            .browse(
                row[0]
                for row in self.env.execute_query(
                    SQL(
                        "SELECT DISTINCT insured_currency_id FROM dso_account"
                        " WHERE insured_currency_id IS NOT NULL"
                    )
                )
            )
        )
        rates = [
            (
                company.id,
                currency.id,
                currency._get_conversion_rate(
                    currency, company.currency_id, company, company._dso_today()
                ),
            )
            for company in companies
            for currency in currencies
        ]
        return SQL(
            """
            SELECT f.*,
                   GREATEST(f.exposure - f.covered_amount, 0) AS uncovered_amount,
                   CASE WHEN f.limit_amount <= 0 THEN 'none'
                        WHEN f.exposure > f.limit_amount THEN 'over'
                        WHEN f.exposure >= f.limit_amount * %(near)s THEN 'near'
                        ELSE 'within' END AS credit_state
              FROM (
                SELECT a.id, t.odoo AS odoo_limit,
                       GREATEST(COALESCE(a.amount_total, 0), 0) AS exposure,
                       CASE WHEN t.odoo
                            THEN COALESCE(
                                (p.credit_limit->>t.company_id::text)::numeric,
                                t.fallback, 0)
                            ELSE COALESCE(a.credit_limit, 0) END AS limit_amount,
                       CASE WHEN COALESCE(a.insured_from, t.today) <= t.today
                             AND COALESCE(a.insured_to, t.today) >= t.today
                            THEN COALESCE(a.insured_amount, 0)
                                 * CASE WHEN a.insured_currency_id IS NULL THEN 1
                                        ELSE COALESCE(r.rate, 0) END
                            ELSE 0 END
                       + CASE WHEN COALESCE(a.guarantee_until, t.today) >= t.today
                              THEN COALESCE(a.guarantee_amount, 0)
                              ELSE 0 END AS covered_amount
                  FROM dso_account a
                  JOIN unnest(%(companies)s::int[], %(todays)s::date[],
                              %(odoo)s::bool[], %(fallbacks)s::numeric[])
                       AS t(company_id, today, odoo, fallback)
                    ON t.company_id = a.company_id
                  JOIN res_partner p ON p.id = a.partner_id
             LEFT JOIN unnest(%(r_companies)s::int[], %(r_currencies)s::int[],
                              %(rates)s::numeric[]) AS r(company_id, currency_id, rate)
                    ON r.company_id = a.company_id
                   AND r.currency_id = a.insured_currency_id
                   ) f
            """,
            near=NEAR,
            companies=companies.ids,
            todays=[company._dso_today() for company in companies],
            odoo=[bool(company.account_use_credit_limit) for company in companies],
            fallbacks=[
                limit.get_company_dependent_fallback(
                    self.env["res.partner"].sudo().with_company(company)  # the default
                )
                or 0
                for company in companies
            ],
            r_companies=[rate[0] for rate in rates],
            r_currencies=[rate[1] for rate in rates],
            rates=[rate[2] for rate in rates],
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        """The figures of credit can be grouped by and summed up."""
        if field_expr not in (*FIGURES, "credit_state"):
            return super()._field_to_sql(alias, field_expr, query)
        self.flush_model(["amount_total", "company_id", "partner_id", *CREDIT_FIELDS])
        return SQL(
            "(SELECT q.%s FROM (%s) q WHERE q.id = %s)",
            SQL.identifier(field_expr),
            self._credit_query(self.env.companies.root_id),
            SQL.identifier(alias, "id"),
        )

    def _search_credit_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        states = [state for state in value if state]
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s = ANY(%s)",
                model._field_to_sql(alias, "credit_state", query),
                states,
            ),
            predicate=lambda account: account.credit_state in states,
        )

    def _search_figure(self, name, operator, value):
        if operator == "in":
            values = [float(item) for item in value]
            return Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "%s = ANY(%s::numeric[])",
                    model._field_to_sql(alias, name, query),
                    values,
                ),
                predicate=lambda account: account[name] in values,
            )
        if operator not in COMPARISONS:
            return NotImplemented
        compare = COMPARISONS[operator]
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s %s %s",
                model._field_to_sql(alias, name, query),
                SQL(operator),
                value,
            ),
            predicate=lambda account: compare(account[name], value),
        )

    def _search_exposure(self, operator, value):
        return self._search_figure("exposure", operator, value)

    def _search_limit_amount(self, operator, value):
        return self._search_figure("limit_amount", operator, value)

    def _search_covered_amount(self, operator, value):
        return self._search_figure("covered_amount", operator, value)

    def _search_uncovered_amount(self, operator, value):
        return self._search_figure("uncovered_amount", operator, value)

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_credit_rights(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_credit_rights(vals)
        return super().write(vals)

    def _check_credit_rights(self, vals):
        given = CREDIT_FIELDS & set(vals)
        if not self:  # a new account: what is left empty says nothing
            given = {name for name in given - {"insured_currency_id"} if vals[name]}
        if (
            given
            and not self.env.su
            and not self.env.user.has_group("dso_collection.group_manager")
        ):
            raise AccessError(
                self.env._(
                    "Credit limits and guarantees are decided by credit managers: ask"
                    " one of them."
                )
            )
