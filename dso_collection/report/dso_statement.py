"""Statement of account to print."""

from odoo import api, models


class ReportStatement(models.AbstractModel):
    _name = "report.dso_collection.statement"
    _description = "Statement of Account"

    @api.model
    def _get_report_values(self, docids, data=None):
        """
        :param docids: ids of dso.account
        :param data: dict; ``line_ids`` restricts the items listed
        """
        accounts = self.env["dso.account"].browse(docids)
        accounts.check_access("read")
        wanted = (data or {}).get("line_ids")
        return {
            "doc_ids": accounts.ids,
            "doc_model": "dso.account",
            "docs": accounts,
            "statements": [
                account._statement_of_customer(
                    # the outbox sends as superuser: to the customer all his items
                    None if self.env.su else account._readable_line_ids(wanted)
                )
                for account in accounts
            ],
            "total_labels": lambda statement: statement["account"]._total_labels(
                statement["account"].env
            ),
        }
