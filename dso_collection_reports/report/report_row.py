"""What the rows of reports on customers and their history have in common."""

from odoo import api, models
from odoo.tools import SQL

from ..measures import ledger


class DsoReportRow(models.AbstractModel):
    """A row of a report that gives its rows by :meth:`_row_query`; the customer's
    attributes are joined to them."""

    _name = "dso.report.row"
    _description = "Row of a Report by Customer"
    _inherit = ["dso.as.of", "dso.report.table"]

    #: Fields that are a ratio of two sums over their group: {field: (column, column)}.
    _row_ratios = {}
    #: Column with the company that a row belongs to: a branch's, or the root's.
    _row_company = "root_id"
    #: What is joined to the rows.
    _row_joined = (
        "day",
        "company_id",
        "currency_id",
        "country_id",
        "industry_id",
        "salesperson_id",
        "account_id",
        "collector_id",
        "scenario_id",
        "client_type_id",
    )

    def _row_query(self, companies, as_of):
        """The rows without their customers' attributes.

        :param companies: res.company, those that are switched on
        :param as_of: date; None = each company's today
        :return: SQL, a query with ``id, root_id, partner_id`` and the other columns;
            ``company_id`` where the rows belong to a branch
        """
        raise NotImplementedError

    def _row_day(self, as_of):
        """SQL: the day that a row is of."""
        return SQL("%s::date", as_of or self.env.company._dso_today())

    @property
    def _table_query(self):
        """Rows of the companies that are switched on; record rules choose among them.

        Who collects from a customer, and of what type he is, has no history: it is told
        as it stands now.
        """
        for model in ("dso.account", "res.partner", "res.company"):
            self.env[model].flush_model()
        names = {name for name, field in self._fields.items() if field.store}
        names.update(*self._row_ratios.values())
        as_of = ledger.context_day(self.env)
        return SQL(
            """
            SELECT %(columns)s, %(company)s AS company_id, co.currency_id,
                   %(day)s AS day, %(customer)s
              FROM (%(rows)s) r
              JOIN res_company co ON co.id = r.root_id
         LEFT JOIN res_partner p ON p.id = r.partner_id
         LEFT JOIN dso_account a
                ON a.partner_id = r.partner_id AND a.company_id = r.root_id
            """,
            columns=SQL(", ").join(
                SQL.identifier("r", name)
                for name in sorted(names.difference(self._row_joined))
            ),
            company=SQL.identifier("r", self._row_company),
            day=self._row_day(as_of),
            customer=self._customer_columns(SQL("p"), SQL("a")),
            rows=self._row_query(self.env.companies, as_of),
        )

    def _measures(self, column):
        return {
            **super()._measures(column),
            **{
                name: SQL(
                    "(SUM(%s) / NULLIF(SUM(%s), 0))::float", column(part), column(whole)
                )
                for name, (part, whole) in self._row_ratios.items()
            },
        }

    # -------------------------------------------------------------------------
    # TABLE
    # -------------------------------------------------------------------------

    @api.model
    def _row_column(self, name, kind, total="sum", aggregate=None):
        """A column of the table that is a field of the report: see
        :meth:`_report_columns`."""
        return {
            "key": name,
            "label": self._fields[name]._description_string(self.env),
            "type": kind,
            "total": total,
            "aggregate": aggregate or f"{name}:{'avg' if total != 'sum' else 'sum'}",
        }

    @api.model
    def _row_count_column(self, label):
        """The number of rows, as a column of the table."""
        return {
            "key": "count",
            "label": label,
            "type": "int",
            "total": "sum",
            "aggregate": "__count",
        }

    @api.model
    def _row_ratio_column(self, name, part, whole):
        """A percentage of two other columns, as a column of the table."""
        return {
            "key": name,
            "label": self._fields[name]._description_string(self.env),
            "type": "percent",
            "total": "formula",
            "formula": ("ratio", part, whole),
        }
