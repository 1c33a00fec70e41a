"""Files of items: who may take them away again, or mean them for the customer."""

from odoo import models
from odoo.exceptions import AccessError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def action_dso_remove(self):
        """Remove files that were put on items by mistake.

        :raise AccessError: see :meth:`_dso_check_may_change`
        """
        self._dso_check_may_change()
        return self.sudo().unlink()  # role, access and author checked just above

    def action_dso_share(self):
        """These files of items may be sent to the customer.

        :raise AccessError: see :meth:`_dso_check_may_change`
        """
        return self._dso_share(True)

    def action_dso_unshare(self):
        """These files of items stay inside of the company.

        :raise AccessError: see :meth:`_dso_check_may_change`
        """
        return self._dso_share(False)

    def _dso_share(self, shared):
        self._dso_check_may_change()
        items = self.env["dso.item"].browse(set(self.mapped("res_id")))
        for item in items.sudo():  # role, access and author checked just above
            files = self.filtered(lambda file, item=item: file.res_id == item.id)
            if shared:
                item.shared_attachment_ids |= files
            else:
                item.shared_attachment_ids -= files
        return True

    def _dso_check_may_change(self):
        """Who attached a file of an item, and collectors, take it away or share it.

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
                        "Only collectors remove or share files that others have"
                        " attached, and only those of items."
                    )
                )
