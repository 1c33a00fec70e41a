"""Payments settle items, and un-reconciling gives them back."""

from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._dso_mark()
        return partials

    def unlink(self):
        # a correction is not an event (rules.md L7)
        self._dso_mark(corrected=True)
        return super().unlink()

    def _dso_mark(self, corrected=False):
        moves = (self.debit_move_id | self.credit_move_id).move_id
        self.env["dso.dirty"]._mark(
            moves=moves.ids,
            corrected=[(move, None) for move in moves.ids] if corrected else (),
        )
