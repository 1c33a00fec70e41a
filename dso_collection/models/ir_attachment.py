"""Files of items: who may take them away again."""

from odoo import models
from odoo.exceptions import AccessError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def action_dso_remove(self):
        """Remove files that were put on items by mistake.

        :raise AccessError: for a file that is not on an item; or of somebody else,
            unless the user is a collector
        """
        self.env["account.move"]._dso_check_may_qualify()
        self.check_access("read")
        may_collect = self.env.user.has_group("dso_collection.group_collector")
        for file in self:
            if file.res_model != "dso.item" or not (
                may_collect or file.create_uid == self.env.user
            ):
                raise AccessError(
                    self.env._(
                        "Only collectors remove files that others have attached, and"
                        " only from items."
                    )
                )
        return self.sudo().unlink()  # role, access and author checked just above
