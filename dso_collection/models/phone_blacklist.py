"""The blacklist of phone numbers changes what can leave (rules.md L17)."""

from odoo import api, models


class PhoneBlacklist(models.Model):
    _inherit = "phone.blacklist"

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries._dso_mark()
        return entries

    def write(self, vals):
        before = set(self.mapped("number"))
        res = super().write(vals)
        self._dso_mark(before)
        return res

    def unlink(self):
        self._dso_mark()
        return super().unlink()

    def _dso_mark(self, numbers=()):
        """Evaluate again who is written to at these numbers."""
        numbers = {*numbers, *self.mapped("number")} - {False}
        partners = (
            self.env["res.partner"]
            .sudo()  # ids only, to mark
            .search([("phone_sanitized", "in", list(numbers))])
        )
        self.env["dso.dirty"]._mark(partners=partners.ids)
