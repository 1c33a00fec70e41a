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
            companies = self.company_id.root_id
            accounts = self.env["dso.account"].search(
                [("company_id", "in", companies.ids)]
            )
            accounts._mark_dirty()
        return res
