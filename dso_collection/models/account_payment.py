"""A rejected debit ends the hold of who is debited (rules.md §10)."""

from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def write(self, vals):
        res = super().write(vals)
        if vals.get("state") == "rejected":
            for payment in self:
                if payment.payment_type == "inbound" and payment.partner_id:
                    self.env["dso.account"]._debit_rejected(
                        payment.partner_id, payment.company_id, payment.display_name
                    )
        return res
