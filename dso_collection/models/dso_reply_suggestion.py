"""Customers who may have written an unmatched e-mail."""

from odoo import fields, models


class DsoReplySuggestion(models.Model):
    _name = "dso.reply.suggestion"
    _description = "Suggested Customer of an E-Mail"
    _order = "unmatched_id, sequence, id"
    _rec_name = "account_id"

    unmatched_id = fields.Many2one(
        "dso.reply.unmatched", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="unmatched_id.company_id", store=True, index=True
    )
    account_id = fields.Many2one(
        "dso.account", "Customer", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer()
    because = fields.Selection(
        [
            ("address", "Address of a contact"),
            ("item", "Names an item"),
            ("domain", "Same company in the address"),
            ("name", "Names the customer"),
        ],
        required=True,
        readonly=True,
    )
    words = fields.Char("Found", readonly=True)

    def action_choose(self):
        """Assign the e-mail to this customer: its reply opens."""
        self.ensure_one()
        mail = self.unmatched_id
        mail.check_access("write")
        mail.account_id = self.account_id
        return mail.action_assign()
