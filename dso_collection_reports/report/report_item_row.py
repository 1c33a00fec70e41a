"""What the rows of reports on single items have in common."""

from odoo import fields, models

from .as_of import AS_OF


class DsoReportItemRow(models.AbstractModel):
    """A row that is one item, or an instalment of it, of its own company or branch."""

    _name = "dso.report.item.row"
    _description = "Row of a Report by Item"
    _inherit = "dso.report.row"

    move_id = fields.Many2one("account.move", "Item", **AS_OF)

    _row_company = "company_id"

    def action_open_item(self):
        """Open the invoice, credit note, payment or entry behind the row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
            "name": self.move_id.display_name,
        }
