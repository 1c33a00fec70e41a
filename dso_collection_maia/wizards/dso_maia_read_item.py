"""The open items that a reply may be about."""

from odoo import api, fields, models


class DsoMaiaReadItem(models.TransientModel):
    """One open item (entry, account), ticked when the reply names it.

    The figures are read anew, so that nothing that the client sends can change them.
    """

    _name = "dso.maia.read.item"
    _description = "Item Of A Reply"

    read_id = fields.Many2one("dso.maia.read", required=True, ondelete="cascade")
    account_id = fields.Many2one("dso.account", "Customer", required=True)
    move_id = fields.Many2one("account.move", "Item", required=True)
    selected = fields.Boolean("Tick")
    written = fields.Char("As written", readonly=True)
    evidence = fields.Text("The reply says", readonly=True)
    name = fields.Char("Number", compute="_compute_figures")
    due = fields.Date("Due date", compute="_compute_figures")
    amount = fields.Monetary("Open amount", compute="_compute_figures")
    currency_id = fields.Many2one("res.currency", compute="_compute_figures")
    status_id = fields.Many2one("dso.status", compute="_compute_figures")

    @api.depends("account_id", "move_id")
    def _compute_figures(self):
        rows = {
            (row["account_id"], row["move_id"]): row
            for row in self.account_id._item_rows()
        }
        for line in self:
            row = rows.get((line.account_id.id, line.move_id.id), {})
            line.name = row.get("name") or line.move_id.name
            line.due = row.get("due", False)
            line.amount = row.get("amount_currency", 0)
            line.currency_id = row.get("currency_id", False)
            line.status_id = line.move_id.dso_status_id
