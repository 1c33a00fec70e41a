"""Undoing a qualification opens the situation that it was made for."""

from odoo import models
from odoo.fields import Domain


class DsoQualification(models.Model):
    _inherit = "dso.qualification"

    def action_undo(self):
        acts = self.browse()
        for qualification in self:
            acts |= qualification._original()
        res = super().action_undo()
        items = (
            self.env["dso.maia.proposal.item"]
            .sudo()  # of qualifications that the user undid just above
            .search(Domain("qualification_ids", "in", (self | acts).ids))
        )
        items._undecide()
        return res
