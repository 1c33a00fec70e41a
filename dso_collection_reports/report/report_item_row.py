"""What the rows of reports on single items have in common."""

from odoo import models


class DsoReportItemRow(models.AbstractModel):
    """A row by item among the reports by customer, of its own company or branch."""

    _name = "dso.report.item.row"
    _description = "Row of a Report by Item"
    _inherit = ["dso.report.row", "dso.report.item"]

    _row_company = "company_id"
