"""Whether MAIA reads answers, given to many customers at once."""

from odoo import api, fields, models

from odoo.addons.dso_collection.models.dso_assignment_rule import YES_NO


class DsoAssign(models.TransientModel):
    _inherit = "dso.assign"

    maia = fields.Selection(YES_NO, "Read by MAIA")

    def _chosen_values(self, accounts):
        values = super()._chosen_values(accounts)
        if self.maia:
            values["maia"] = dict.fromkeys(accounts._ids, self.maia)
        return values

    @api.depends("maia")
    def _compute_preview(self):
        return super()._compute_preview()
