"""Files on items: they stay inside of the company (rules.md §2, Attachments)."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

#: Largest file of an item, in megabytes.
MAX_MEGABYTES = 50


class DsoItem(models.Model):
    """Files hang on the item's own row, not on the invoice.

    Whoever may read an invoice may read its files, and a customer on the portal may
    read his invoices; of ``dso.item`` he can read nothing.
    """

    _inherit = "dso.item"

    attachment_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        "Files",
        domain=[("res_model", "=", "dso.item"), ("res_field", "=", False)],
    )
    shared_attachment_ids = fields.Many2many(
        "ir.attachment",
        "dso_item_shared_attachment",
        string="Files for the customer",
        help="They leave with messages whose action model says so.",
    )

    def _attach(self, attachments, description, shared=False):
        """Put copies of files on these items.

        Callers have checked that the user may qualify them.

        :param attachments: ir.attachment that the user may read
        :param description: what the files are, in a few words; required
        :param bool shared: they may be sent to the customer
        :return: the new ir.attachment records, one per item and file
        :raise UserError: without a description, for a file that is too large
        """
        if not (description or "").strip():
            raise UserError(
                self.env._("Describe the files, so that colleagues find them again.")
            )
        attachments.check_access("read")
        for attachment in attachments:
            if attachment.file_size > MAX_MEGABYTES * 1024**2:
                raise UserError(
                    self.env._(
                        "%(file)s is larger than %(size)s MB.",
                        file=attachment.name,
                        size=MAX_MEGABYTES,
                    )
                )
        files = (
            self.env["ir.attachment"]
            .sudo()  # callers have checked role and items, the files are checked above
            .create(
                [
                    {
                        "name": attachment.name,
                        "description": description.strip(),
                        "raw": attachment.raw,
                        "mimetype": attachment.mimetype,
                        "res_model": "dso.item",
                        "res_id": item.id,
                        "public": False,
                    }
                    for item in self
                    for attachment in attachments
                ]
            )
        )
        if shared:
            for item in self:
                # as above: the item is the caller's, the files were made just now
                item.sudo().shared_attachment_ids |= files.filtered(
                    lambda file, item=item: file.res_id == item.id
                )
        return files

    @api.ondelete(at_uninstall=False)
    def _unlink_files(self):
        self.env["ir.attachment"].sudo().search(  # they go with the row that goes
            Domain("res_model", "=", "dso.item") & Domain("res_id", "in", self.ids)
        ).unlink()
