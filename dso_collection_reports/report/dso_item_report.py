"""Item status report: every item open on a day, of every customer (rules.md §9)."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.dso_collection.models.dso_status import STATUS_TYPES

from ..measures import ageing, status
from .as_of import AS_OF, Figure
from .dso_as_of_item import DEPENDS


class DsoItemReport(models.Model):
    """One row per open item: a journal entry's receivable of one customer.

    The amounts are those of the ledger, in company currency, signed: credits are
    negative. An item with several open instalments stands in the bucket of the
    earliest one; what of it is overdue is told instalment by instalment.
    """

    _name = "dso.item.report"
    _inherit = "dso.as.of.item"
    _description = "Item Status Report"
    _auto = False
    _depends = DEPENDS
    _rec_name = "move_id"
    _order = "due, id"
    due = fields.Date(help="Of the earliest open instalment.")

    # === Status === #
    status_type = fields.Selection(
        [("none", "[None]"), *STATUS_TYPES],
        "Status type",
        **AS_OF,
        help="[None]: unqualified.",
    )
    status_id = fields.Many2one("dso.status", **AS_OF)
    status_date = fields.Date("Status date", **AS_OF)
    promise_date = fields.Date("Promised for", **AS_OF)
    resolver_id = fields.Many2one("res.users", **AS_OF)
    ignored = fields.Boolean("Ignored in collection", **AS_OF)

    # === How much === #
    overdue_debit = fields.Monetary(
        "Overdue debits",
        **AS_OF,
        help="Overdue without credits: what the rate is taken of.",
    )
    overdue_qualified = fields.Monetary(
        "Overdue qualified",
        **AS_OF,
        help="Overdue without credits, with a status.",
    )
    rate = Figure(
        "Qualification rate",
        **AS_OF,
        aggregator="avg",
        help="Value of the overdue items that bear a status, of the value of all"
        " overdue items; debit items only.",
    )

    # -------------------------------------------------------------------------
    # QUERY
    # -------------------------------------------------------------------------

    @property
    def _table_query(self):
        """The items that were open on the day, of the companies that are switched on;
        record rules choose among them."""
        return SQL(
            """
            SELECT %(id)s AS id, o.day, o.company_id, o.partner_id, %(customer)s,
                   o.move_id, o.id AS line_id, o.kind, o.invoice_date, o.due,
                   o.days_late,
                   %(bucket)s AS bucket,
                   COALESCE(o.status_type, 'none') AS status_type,
                   o.status_id, o.status_date, o.promise_date, o.resolver_id,
                   o.ignored, o.blocked, o.currency_id, o.item_currency_id,
                   o.residual, o.residual_currency, o.debit, o.credit, o.overdue,
                   o.overdue_debit,
                   CASE WHEN o.status_type IS NULL THEN 0
                        ELSE o.overdue_debit END AS overdue_qualified,
                   %(rate)s AS rate
              FROM (%(items)s) o
         LEFT JOIN res_partner p ON p.id = o.partner_id
         LEFT JOIN dso_account a ON a.id = o.account_id
            """,
            id=self._row_id(SQL("o")),
            customer=self._customer_columns(SQL("p"), SQL("a")),
            rate=status.rate(
                SQL("CASE WHEN o.status_type IS NULL THEN 0 ELSE o.overdue_debit END"),
                SQL("o.overdue_debit"),
            ),
            items=status.item_statuses(self.env.companies, self._as_of_days()),
            bucket=ageing.bucket(SQL("o.days_late"), self.env.company._dso_ageing()[0]),
        )

    # -------------------------------------------------------------------------
    # QUALIFICATION RATE
    # -------------------------------------------------------------------------

    def _measures(self, column):
        return {
            "rate": status.rate(
                SQL("SUM(%s)", column("overdue_qualified")),
                SQL("SUM(%s)", column("overdue_debit")),
            )
        }

    @api.model
    @api.readonly
    def qualification_rate(self, domain=None, status_type=None):
        """Value of overdue items bearing a status ÷ value of overdue items (R1).

        :param domain: restricts the items
        :param status_type: that type's share instead; ``"none"`` = the unqualified
        :return: fraction between 0 and 1, ``None`` when nothing is overdue
        """
        by_type = dict(
            self._read_group(
                Domain(domain or []) & Domain("overdue_debit", ">", 0),
                ["status_type"],
                ["overdue_debit:sum"],
            )
        )
        total = sum(by_type.values())
        if not total:
            return None
        if status_type:
            return by_type.get(status_type, 0) / total
        return 1 - by_type.get("none", 0) / total
