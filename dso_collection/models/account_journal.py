"""Journals whose entries are opening receivables."""

from odoo import fields, models


class AccountJournal(models.Model):
    _inherit = "account.journal"

    dso_opening = fields.Boolean(
        "Opening receivables",
        copy=False,
        groups="dso_collection.group_viewer",
        help="Entries of this journal stand for invoices that were issued elsewhere:"
        " they are chased like invoices.",
    )

    def write(self, vals):
        res = super().write(vals)
        if "dso_opening" in vals:
            self.company_id._dso_mark_accounts()
        return res
