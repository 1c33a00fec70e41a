"""DSO: how many days of sales are not paid yet, by count-back and in other forms."""

from odoo import fields, models
from odoo.tools import SQL

from ..measures import dso
from .as_of import AS_OF, Figure, MoneyFigure
from .dso_as_of_item import DEPENDS


class DsoDsoReport(models.Model):
    """One row per customer and company, with receivables or sales (rules.md §9).

    The DSO of a group is taken of its receivables and sales as a whole. Groups of
    several currencies have none.
    """

    _name = "dso.dso.report"
    _description = "DSO"
    _inherit = ["dso.as.of", "dso.report.table"]
    _auto = False
    _depends = DEPENDS
    _rec_name = "partner_id"
    _order = "receivable desc, id"

    _report_key = "dso"
    _report_sequence = 30
    _report_group_by = ("partner_id",)
    _report_main = "receivable"
    _report_trend = True
    _report_trend_main = "dso"

    receivable = fields.Monetary(
        "Receivables", **AS_OF, help="Open on the day, credits deducted."
    )
    overdue = fields.Monetary(**AS_OF, help="Of the receivables, due before the day.")
    sales = fields.Monetary(
        "Sales, 3 months",
        **AS_OF,
        help="Invoiced with taxes, credit notes deducted: this month up to the day, and"
        " the two before it.",
    )
    dso = Figure(
        "DSO",
        **AS_OF,
        digits=(16, 1),
        aggregator="avg",
        help="Days, by count-back: the sales of one month after the other are taken off"
        " the receivables.",
    )
    dso_current = Figure(
        "DSO not due",
        **AS_OF,
        digits=(16, 1),
        aggregator="avg",
        help="The part of the DSO that is not due, in proportion to the amounts.",
    )
    dso_overdue = Figure(
        "DSO overdue",
        **AS_OF,
        digits=(16, 1),
        aggregator="avg",
        help="The part of the DSO that is overdue, in proportion to the amounts.",
    )
    dso_classic = Figure(
        "Classic DSO",
        **AS_OF,
        digits=(16, 1),
        aggregator="avg",
        help="Receivables divided by the sales of three months, times their days.",
    )
    dso_best = Figure(
        "Best DSO",
        **AS_OF,
        digits=(16, 1),
        aggregator="avg",
        help="The best possible one: the classic DSO if nothing were overdue.",
    )
    day_value = MoneyFigure(
        "Value of a day",
        **AS_OF,
        aggregator="avg",
        help="Receivables divided by the DSO: what is in the bank if everybody pays one"
        " day earlier.",
    )
    overdue_share = Figure("Overdue %", **AS_OF, aggregator="avg")

    @property
    def _table_query(self):
        """The customers of the companies switched on; record rules choose among
        them."""
        forms = dso.all_forms(
            SQL("f.receivable"),
            SQL("f.overdue"),
            lambda count: dso.sales_of(SQL.identifier("f", dso.SALES[count - 1])),
            SQL("f.day"),
        )
        return SQL(
            """
            SELECT %(id)s AS id, f.day, f.company_id, f.partner_id, %(customer)s,
                   f.currency_id, f.receivable, f.overdue, f.sales,
                   %(sales)s, %(forms)s
              FROM (%(figures)s) f
         LEFT JOIN res_partner p ON p.id = f.partner_id
         LEFT JOIN dso_account a
                ON a.partner_id = f.partner_id AND a.company_id = f.root_id
            """,
            id=self._row_id(SQL("f")),
            customer=self._customer_columns(SQL("p"), SQL("a")),
            sales=SQL(", ").join(
                SQL("f.%s", SQL.identifier(name)) for name in dso.SALES
            ),
            forms=SQL(", ").join(
                SQL("%s AS %s", form, SQL.identifier(name))
                for name, form in forms.items()
            ),
            figures=dso.figures(self.env.companies, self._as_of_days()),
        )

    def _measures(self, column):
        forms = dso.all_forms(
            SQL("SUM(%s)", column("receivable")),
            SQL("SUM(%s)", column("overdue")),
            lambda count: dso.sales_of(SQL("SUM(%s)", column(dso.SALES[count - 1]))),
            SQL("MIN(%s)", column("day")),
        )
        return {
            name: SQL(
                "CASE WHEN MIN(%(currency)s) = MAX(%(currency)s) THEN %(form)s END",
                currency=column("currency_id"),
                form=form,
            )
            for name, form in forms.items()
        }

    def _report_columns(self, options):
        """Receivables, overdue, and the forms of DSO; none of these adds up."""
        sums = ("receivable", "overdue", "sales")
        means = (
            "overdue_share",
            "dso",
            "dso_current",
            "dso_overdue",
            "dso_classic",
            "dso_best",
            "day_value",
        )
        return [
            {
                "key": name,
                "label": self._fields[name]._description_string(self.env),
                "type": "percent"
                if name == "overdue_share"
                else "money"
                if self._fields[name].type == "monetary"
                else "days",
                "total": "sum" if name in sums else "formula",
                "aggregate": f"{name}:{'sum' if name in sums else 'avg'}",
            }
            for name in sums + means
        ]

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_open_items(self):
        """Open the items behind the receivables of the customer, of the same day."""
        self.ensure_one()
        trend = self.env.context.get("dso_trend")
        day = self.day if trend else self.env.context.get("dso_as_of")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection_reports.dso_aged_report_action"
        )
        return {
            **action,
            "domain": [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
            ],
            "context": {"dso_as_of": day and str(day)},
            "view_mode": "list,pivot,graph",
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
        }
