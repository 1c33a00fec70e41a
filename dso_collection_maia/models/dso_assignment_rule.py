"""Whether MAIA reads a customer's answers, given by assignment rules."""

from odoo import api, fields, models

from odoo.addons.dso_collection.models.dso_assignment_rule import YES_NO


class DsoAssignmentRule(models.Model):
    _inherit = "dso.assignment.rule"

    maia = fields.Selection(YES_NO, "Read by MAIA")

    @api.model
    def _names(self):
        return (*super()._names(), "maia")

    @api.constrains("maia")
    def _check_maia(self):
        self._check_value()
