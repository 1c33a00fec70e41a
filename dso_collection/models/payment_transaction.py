"""Money under way takes its invoices out of dunning (rules.md L2)."""

from odoo import api, models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    @api.model_create_multi
    def create(self, vals_list):
        transactions = super().create(vals_list)
        transactions._dso_mark()
        return transactions

    def write(self, vals):
        res = super().write(vals)
        if {"state", "amount", "invoice_ids"} & set(vals):
            self._dso_mark()
        if vals.get("state") == "error":
            # a payment by the customer's stored means, made without him
            for payment in self.filtered("token_id"):
                self.env["dso.account"]._debit_rejected(
                    payment.partner_id, payment.company_id, payment.reference
                )
        return res

    def _dso_mark(self):
        self.env["dso.dirty"]._mark(moves=self.invoice_ids.ids)
