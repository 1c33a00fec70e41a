"""Merging customers loses no history."""

from odoo import models


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # before Odoo's own update: it deletes the rows that violate a unique key
        self.env["dso.account"].sudo()._merge_partners(  # the wizard's own rights
            src_partners, dst_partner
        )
        return super()._update_foreign_keys(src_partners, dst_partner)
