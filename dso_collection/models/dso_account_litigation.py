"""The litigation file of a customer, from his record."""

from odoo import models
from odoo.exceptions import AccessError


class DsoAccount(models.Model):
    _inherit = "dso.account"

    def action_litigation_file(self):
        """Ask for the litigation file of these customers: their items in litigation,
        where there is none all that is open."""
        self.check_access("read")
        File = self.env["dso.litigation.file"]
        if not File.has_access("create"):
            raise AccessError(
                self.env._(
                    "Litigation files are made by collectors: ask the collector of %s.",
                    self[:1].display_name,
                )
            )
        files = File.browse()
        for account in self:
            files |= File._ask(account)
        return files._show()
