"""A general journal on the page *First steps*."""

from odoo import fields, models
from odoo.fields import Domain


class DsoFirstRunJournal(models.TransientModel):
    _name = "dso.first.run.journal"
    _description = "General Journal With Receivables"
    _transient_max_hours = 48.0

    run_id = fields.Many2one("dso.first.run", required=True, ondelete="cascade")
    journal_id = fields.Many2one("account.journal", required=True, readonly=True)
    currency_id = fields.Many2one(related="run_id.currency_id")
    count = fields.Integer("Items", readonly=True)
    amount = fields.Monetary("Open amount", readonly=True)
    included = fields.Boolean(related="journal_id.dso_opening", string="Chased")

    def _lines(self):
        """Open receivable debits of the journal that belong to a customer."""
        self.ensure_one()
        return self.env["account.move.line"].search(
            Domain("journal_id", "=", self.journal_id.id)
            & Domain("parent_state", "=", "posted")
            & Domain("reconciled", "=", False)
            & Domain("amount_residual", ">", 0)
            & Domain("account_id.account_type", "=", "asset_receivable")
            & Domain("account_id.non_trade", "=", False)
            & Domain("partner_id", "!=", False)
        )

    def _include(self, include):
        """Chase the journal's open receivables like invoices, or not.

        The two flags are Odoo's and the journal's own: they take the rights of an
        accounting administrator.
        """
        self.ensure_one()
        self.run_id._check_manager()
        self.journal_id.dso_opening = include
        self._lines().no_followup = not include
        # a page read anew, in the place of this one
        return {**self.env["dso.first.run"].action_open(), "target": "main"}

    def action_include(self):
        return self._include(True)

    def action_exclude(self):
        return self._include(False)

    def action_open_lines(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.journal_id.display_name,
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "views": [
                (self.env.ref("dso_collection.account_move_line_view_list").id, "list"),
                (False, "form"),
            ],
            "search_view_id": (
                self.env.ref("dso_collection.account_move_line_view_search").id,
                "search",
            ),
            "domain": [("id", "in", self._lines().ids)],
            "context": {"create": False},
        }
