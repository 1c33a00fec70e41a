"""What every report of single items has in common."""

from odoo import fields, models

from .as_of import AS_OF


class DsoReportItem(models.AbstractModel):
    """A row that is one item, or an instalment of it."""

    _name = "dso.report.item"
    _description = "Item of a Report"

    move_id = fields.Many2one("account.move", "Item", **AS_OF)

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
