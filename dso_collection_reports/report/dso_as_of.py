"""A report of a day, or of several days."""

from odoo import fields, models
from odoo.tools import SQL

from ..measures import ledger
from .as_of import AS_OF


class DsoAsOf(models.AbstractModel):
    """Mixin of reports as of a day, which the context key ``dso_as_of`` names.

    With the context key ``dso_trend`` they hold the rows of several days, told apart by
    ``day``. What was open on one day and on another is never added up: groups of
    several days have no figures.
    """

    _name = "dso.as.of"
    _description = "Report of a Day"

    day = fields.Date(
        "As of",
        **AS_OF,
        help="Day of the report; in a trend, the last day of each week or month.",
    )
    company_id = fields.Many2one("res.company", **AS_OF)
    currency_id = fields.Many2one("res.currency", "Company currency", **AS_OF)
    partner_id = fields.Many2one("res.partner", "Customer", **AS_OF)
    country_id = fields.Many2one("res.country", **AS_OF)
    industry_id = fields.Many2one("res.partner.industry", "Industry", **AS_OF)
    salesperson_id = fields.Many2one("res.users", "Salesperson", **AS_OF)
    account_id = fields.Many2one("dso.account", "Receivable account", **AS_OF)
    collector_id = fields.Many2one("res.users", **AS_OF)
    scenario_id = fields.Many2one("dso.scenario", **AS_OF)
    client_type_id = fields.Many2one("dso.client.type", "Client type", **AS_OF)
    # what else groups and filters are made of: a related field of the customer that is
    # not stored needs no column of the query, one that an administrator adds neither
    category_ids = fields.Many2many(related="partner_id.category_id", string="Tags")
    state_id = fields.Many2one(related="partner_id.state_id", string="Region")
    city = fields.Char(related="partner_id.city")
    lang = fields.Selection(related="partner_id.lang")
    payment_term_id = fields.Many2one(
        related="partner_id.property_payment_term_id", string="Payment terms"
    )

    def _as_of_days(self):
        """What the measures are asked for: a date, None for today, or a list."""
        return ledger.context_days(self.env)

    def _row_id(self, row):
        """SQL: id of a row, of which a trend has one a day.

        :param SQL row: alias of a query with ``id`` and ``day``
        """
        days = self._as_of_days()
        if not isinstance(days, list):
            return SQL("%s.id", row)
        return SQL(
            "%(row)s.id::bigint * %(count)s + array_position(%(days)s::date[],"
            " %(row)s.day) - 1",
            row=row,
            count=len(days),
            days=days,
        )

    def _customer_columns(self, partner, account):
        """SQL: the columns that tell who the customer is.

        :param SQL partner: alias of ``res_partner``
        :param SQL account: alias of ``dso_account``
        """
        return SQL(
            "%(p)s.country_id, %(p)s.industry_id, %(p)s.user_id AS salesperson_id,"
            " %(a)s.id AS account_id, %(a)s.collector_id, %(a)s.scenario_id,"
            " %(a)s.client_type_id",
            p=partner,
            a=account,
        )

    def _measures(self, column):
        """Figures of a group that are neither sum nor average of its rows'.

        :param column: function: name of a column of the query -> SQL of it in a row
        :return: {field: SQL with aggregates}
        """
        return {}

    def _read_group_select(self, aggregate_spec, query):
        select = super()._read_group_select(aggregate_spec, query)
        name, _colon, function = aggregate_spec.partition(":")
        if function == "avg":
            own = self._measures(lambda column: SQL.identifier(self._table, column))
            select = own.get(name, select)
        if self.env.context.get("dso_trend") and function in ("sum", "avg"):
            day = SQL.identifier(self._table, "day")
            select = SQL("CASE WHEN MIN(%s) = MAX(%s) THEN %s END", day, day, select)
        return select

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_open_account(self):
        """Open the customer record of collection."""
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).action_dso_open_account()
