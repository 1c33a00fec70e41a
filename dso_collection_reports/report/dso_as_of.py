"""A report of a day, or of several days."""

from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL, unique
from odoo.tools.misc import get_lang

from ..measures import ledger
from .as_of import AS_OF


class DsoAsOf(models.AbstractModel):
    """Mixin of reports as of a day, which the context key ``dso_as_of`` names.

    With the context key ``dso_trend`` they hold the rows of several days, told apart by
    ``day``. What was open on one day and on another is never added up: groups of
    several days have no figures. A day without rows is a group all the same, with 0 in
    place of sums and no rates: a time axis has no holes.
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
        sums = ("sum", "sum_currency", "avg")
        if self.env.context.get("dso_trend") and function in sums:
            day = SQL.identifier(self._table, "day")
            select = SQL("CASE WHEN MIN(%s) = MAX(%s) THEN %s END", day, day, select)
        return select

    def _read_group_orderby(self, order, groupby_terms, query):
        """Statuses and ages in their own order, as on paper, not in that of their
        names."""
        ranks = {}
        for spec, term in groupby_terms.items():
            field = self._fields.get(spec)
            if field and field.type == "selection":
                keys = [key for key, _label in field._description_selection(self.env)]
                ranks[spec] = SQL("array_position(%s::text[], %s)", keys, term)
        terms = {**groupby_terms, **ranks}
        result = super()._read_group_orderby(order, terms, query)
        # what the order of a record needs is grouped by, too
        groupby_terms.update((s, t) for s, t in terms.items() if s not in ranks)
        return result

    # -------------------------------------------------------------------------
    # DAYS OF A TREND
    # -------------------------------------------------------------------------

    def _read_group(
        self,
        domain,
        groupby=(),
        aggregates=(),
        having=(),
        offset=0,
        limit=None,
        order=None,
    ):
        groups = super()._read_group(
            domain, groupby, aggregates, having, offset, limit, order
        )
        if having or offset:
            return groups
        every = self._with_every_day(groups, domain, groupby, aggregates, order)
        return groups if limit and len(every) > limit else every

    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        # the set of the days alone says which there are: others need none without rows
        found = super()._read_grouping_sets(domain, grouping_sets, aggregates, order)
        return [
            self._with_every_day(groups, domain, groupby, aggregates, order)
            if groupby and groupby[-1].startswith("day:")
            else groups
            for groupby, groups in zip(grouping_sets, found, strict=True)
        ]

    def _web_read_group_fill_temporal(self, groups, groupby, aggregates, **bounds):
        """The days of a trend are all there; none lies between them."""
        if self.env.context.get("dso_trend") and groupby[0].startswith("day:"):
            return groups
        return super()._web_read_group_fill_temporal(
            groups, groupby, aggregates, **bounds
        )

    def _with_every_day(self, groups, domain, groupby, aggregates, order=None):
        """The groups, and those of the days of a trend that have no rows: where groups
        are of days first, or of days within currencies.

        :param groups: as of :meth:`_read_group`; without any there is no trend
        """
        days = self._as_of_days()
        parts = [spec.partition(":") for spec in groupby]
        depth = 1 + next((n for n, part in enumerate(parts) if part[0] == "day"), -1)
        if (
            not groups
            or not isinstance(days, list)
            or not depth
            or any(part[0] != "currency_id" for part in parts[: depth - 1])
            or parts[depth - 1][2] not in ("day", "week", "month", "quarter", "year")
        ):
            return groups
        starts = unique(
            self._group_start(day, parts[depth - 1][2])
            for day in self._days_of(domain, days)
        )
        found = {group[:depth] for group in groups}
        # of further levels any group will do: none of its own is to come in
        rest = (
            *groups[0][depth : len(groupby)],
            *map(self._figure_of_nothing, aggregates),
        )
        missing = [
            (*head, start, *rest)
            for start in starts
            for head in unique(group[: depth - 1] for group in groups)
            if (*head, start) not in found
        ]
        terms = [term.split() for term in (order or "").split(",") if term.strip()]
        if depth > 1 or any(term[0] in aggregates for term in terms):
            return groups + missing
        return sorted(
            groups + missing,
            key=lambda group: group[0],
            reverse=any(
                term[0].startswith("day") and term[-1].lower() == "desc"
                for term in terms
            ),
        )

    def _days_of(self, domain, days):
        """Those of these days that a search does not leave out."""
        of_day = (
            Domain(domain)
            .optimize(self)
            .map_conditions(
                lambda one: one
                if one.field_expr.partition(".")[0] == "day"
                else Domain.TRUE
            )
        )
        return [day for day in days if self.new({"day": day}).filtered_domain(of_day)]

    def _group_start(self, day, part):
        """The date by which a group of days is known, as Odoo's are.

        :param part: ``day``, ``week``, ``month``, ``quarter`` or ``year``
        """
        if part == "day":
            return day
        if part == "week":
            first = int(get_lang(self.env).week_start)
            return day - timedelta(days=(day.isoweekday() - first) % 7)
        return fields.Date.start_of(day, part)

    def _figure_of_nothing(self, aggregate):
        """What a group without rows has in place of a figure."""
        name, _colon, function = aggregate.partition(":")
        if function in ("sum", "sum_currency"):
            return 0
        if name == "currency_id" and function == "array_agg_distinct":
            return self.env.company.currency_id.ids  # screens write the 0 in it
        return self._read_group_empty_value(aggregate)

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_open_account(self):
        """Open the customer record of collection."""
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).action_dso_open_account()
