"""The blacklist of addresses changes what can leave (rules.md L17)."""

from odoo import api, models


class MailBlacklist(models.Model):
    _inherit = "mail.blacklist"

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries._dso_mark()
        return entries

    def write(self, vals):
        before = set(self.mapped("email"))
        res = super().write(vals)
        self._dso_mark(before)
        return res

    def unlink(self):
        self._dso_mark()
        return super().unlink()

    def _dso_mark(self, emails=()):
        """Evaluate again who is written to under these addresses."""
        emails = {*emails, *self.mapped("email")} - {False}
        partners = (
            self.env["res.partner"]
            .sudo()  # ids only, to mark
            .search([("email_normalized", "in", list(emails))])
        )
        self.env["dso.dirty"]._mark(partners=partners.ids)
