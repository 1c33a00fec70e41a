"""Aged balance: what is open on a day by its age, instalment by instalment."""

from lxml import etree

from odoo import api, fields, models
from odoo.tools import SQL

from ..measures import ageing, ledger
from .as_of import AS_OF, Figure
from .dso_as_of_item import DEPENDS


class DsoAgedReport(models.Model):
    """One row per open instalment: a receivable journal item (rules.md §9).

    Each stands in the column of its own age; the sum of the columns, with that of the
    credits where the company keeps them beside, is what is open. Company currency, as
    the ledger has it.
    """

    _name = "dso.aged.report"
    _description = "Aged Balance"
    _inherit = ["dso.as.of.item", "dso.report.table"]
    _auto = False
    _depends = DEPENDS
    _rec_name = "move_id"
    _order = "due, id"

    _report_key = "aged_balance"
    _report_sequence = 20
    _report_group_by = ("partner_id",)
    _report_main = "residual"
    _report_item_fields = (
        "partner_id",
        "move_id",
        "kind",
        "invoice_date",
        "due",
        "days_late",
        "bucket",
        "collector_id",
        "item_currency_id",
        "residual_currency",
        "residual",
        "company_id",
    )

    age_0 = fields.Monetary(**AS_OF)
    age_1 = fields.Monetary(**AS_OF)
    age_2 = fields.Monetary(**AS_OF)
    age_3 = fields.Monetary(**AS_OF)
    age_4 = fields.Monetary(**AS_OF)
    age_5 = fields.Monetary(**AS_OF)
    age_6 = fields.Monetary(**AS_OF)
    age_7 = fields.Monetary(**AS_OF)
    age_8 = fields.Monetary(**AS_OF)
    age_9 = fields.Monetary(**AS_OF)
    beside = fields.Monetary(
        "Credits",
        **AS_OF,
        help="Credit notes and unallocated payments, where the company keeps them out"
        " of the columns of ages.",
    )
    late = fields.Monetary(
        "Counted as overdue",
        **AS_OF,
        help="Late by more days than the company's overdue % begins with.",
    )
    overdue_share = Figure(
        "Overdue %",
        **AS_OF,
        aggregator="avg",
        help="What is counted as overdue, of all that is open.",
    )

    @property
    def _table_query(self):
        """The instalments that were open on the day, of the companies switched on;
        record rules choose among them."""
        bounds, beside, beyond = self.env.company._dso_ageing()
        return SQL(
            """
            SELECT %(id)s AS id, l.day, l.company_id, l.partner_id, %(customer)s,
                   l.move_id, l.id AS line_id, l.kind, l.invoice_date, l.due,
                   l.days_late,
                   %(bucket)s AS bucket, l.blocked, l.currency_id, l.item_currency_id,
                   l.residual, l.residual_currency,
                   GREATEST(l.residual, 0) AS debit, LEAST(l.residual, 0) AS credit,
                   CASE WHEN l.days_late > 0 THEN l.residual ELSE 0 END AS overdue,
                   l.late, %(share)s AS overdue_share, %(ages)s,
                   l.residual - l.aged AS beside
              FROM (
                SELECT l.*, l.day - l.due AS days_late,
                       CASE WHEN l.day - l.due > %(beyond)s THEN l.residual
                            ELSE 0 END AS late,
                       %(aged)s AS aged
                  FROM (%(lines)s) l
                   ) l
         LEFT JOIN res_partner p ON p.id = l.partner_id
         LEFT JOIN dso_account a
                ON a.partner_id = l.partner_id AND a.company_id = l.root_id
            """,
            id=self._row_id(SQL("l")),
            customer=self._customer_columns(SQL("p"), SQL("a")),
            bucket=ageing.bucket(SQL("l.days_late"), bounds),
            share=ageing.overdue_share(SQL("l.late"), SQL("l.residual")),
            ages=ageing.columns(SQL("l.days_late"), SQL("l.aged"), bounds),
            beyond=beyond,
            aged=SQL("GREATEST(l.residual, 0)") if beside else SQL("l.residual"),
            lines=ledger.open_lines(self.env.companies, self._as_of_days()),
        )

    def _measures(self, column):
        return {
            "overdue_share": ageing.overdue_share(
                SQL("SUM(%s)", column("late")), SQL("SUM(%s)", column("residual"))
            )
        }

    # -------------------------------------------------------------------------
    # COLUMNS
    # -------------------------------------------------------------------------

    @api.model
    def _age_labels(self):
        """:return: {field: label} of the columns that the company has, in order"""
        bounds, beside, _beyond = self.env.company._dso_ageing()
        labels = dict(
            zip(
                ageing.COLUMNS,
                (label for _key, label in ageing.buckets(self.env, bounds)),
                strict=False,
            )
        )
        if beside:
            labels["beside"] = self.env._("Credits")
        return labels

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Columns of ages are called as the company has them; others are not there."""
        result = super().fields_get(allfields, attributes)
        labels = self._age_labels()
        for name in (*ageing.COLUMNS, "beside"):
            if name not in labels:
                result.pop(name, None)
            elif name in result and "string" in result[name]:
                result[name]["string"] = labels[name]
        return result

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return key + tuple(self._age_labels())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        for first in arch.xpath("//field[@name='age_0']"):
            place = first
            for name in [*self._age_labels()][1:]:
                column = etree.Element("field", {**first.attrib, "name": name})
                place.addnext(column)
                place = column
        return arch, view

    def _report_columns(self, options):
        """The ages, the open amount, its share, and the overdue %."""
        env = self.env
        return [
            *(
                {
                    "key": name,
                    "label": label,
                    "type": "money",
                    "total": "sum",
                    "aggregate": f"{name}:sum",
                }
                for name, label in self._age_labels().items()
            ),
            {
                "key": "residual",
                "label": env._("Open amount"),
                "type": "money",
                "total": "sum",
                "aggregate": "residual:sum",
            },
            {
                "key": "share",
                "label": env._("Share"),
                "type": "percent",
                "total": "formula",
                "formula": ("share", "residual"),
            },
            {
                "key": "late",
                "label": env._("Counted as overdue"),
                "type": "money",
                "total": "sum",
                "aggregate": "late:sum",
            },
            {
                "key": "overdue_share",
                "label": env._("Overdue %"),
                "type": "percent",
                "total": "formula",
                "aggregate": "overdue_share:avg",
            },
        ]
