"""The item status report as printed, exported and e-mailed."""

from odoo import models


class DsoItemReport(models.Model):
    _name = "dso.item.report"
    _inherit = ["dso.item.report", "dso.report.table"]

    _report_key = "item_status"
    _report_sequence = 10
    _report_group_by = ("status_type", "status_id", "partner_id")
    _report_main = "overdue"
    _report_trend = True
    _report_trend_group_by = ("day:day", "status_type")
    _report_trend_main = "overdue_debit"
    _report_item_fields = (
        "partner_id",
        "move_id",
        "kind",
        "invoice_date",
        "due",
        "days_late",
        "bucket",
        "status_type",
        "status_id",
        "status_date",
        "promise_date",
        "resolver_id",
        "collector_id",
        "item_currency_id",
        "residual_currency",
        "residual",
        "overdue",
        "company_id",
    )

    def _report_columns(self, options):
        """Count, open, overdue, share and qualification rate (rules.md R1)."""
        env = self.env
        return [
            {
                "key": "count",
                "label": env._("Items"),
                "type": "int",
                "total": "sum",
                "aggregate": "__count",
            },
            {
                "key": "residual",
                "label": env._("Open amount"),
                "type": "money",
                "total": "sum",
                "aggregate": "residual:sum",
            },
            {
                "key": "overdue",
                "label": env._("Overdue"),
                "type": "money",
                "total": "sum",
                "aggregate": "overdue:sum",
            },
            {
                "key": "overdue_debit",
                "label": env._("Overdue debits"),
                "type": "money",
                "total": "sum",
                "aggregate": "overdue_debit:sum",
            },
            {
                "key": "share",
                "label": env._("Share"),
                "type": "percent",
                "total": "formula",
                "formula": ("share", "overdue_debit"),
            },
            {
                "key": "overdue_qualified",
                "label": env._("Of these qualified"),
                "type": "money",
                "total": "sum",
                "aggregate": "overdue_qualified:sum",
            },
            {
                "key": "rate",
                "label": env._("Qualification rate"),
                "type": "percent",
                "total": "formula",
                "formula": ("ratio", "overdue_qualified", "overdue_debit"),
            },
        ]
