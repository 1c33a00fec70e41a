"""Attach files to open items (rules.md §2, Attachments)."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class DsoAttach(models.TransientModel):
    _name = "dso.attach"
    _description = "Attach Files"

    line_ids = fields.Many2many("account.move.line", string="Items", readonly=True)
    item_names = fields.Char("To", compute="_compute_item_names")
    attachment_ids = fields.Many2many("ir.attachment", string="Files")
    description = fields.Char(
        required=True, help="What the files are, so that colleagues find them again."
    )

    shared = fields.Boolean(
        "May be sent to the customer",
        help="They leave with messages whose action model attaches shared files.",
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if (
            "line_ids" in fields_list
            and self.env.context.get("active_model") == "account.move.line"
        ):
            values["line_ids"] = self.env.context.get("active_ids")
        return values

    @api.depends("line_ids")
    def _compute_item_names(self):
        for wizard in self:
            names = wizard.line_ids.move_id.mapped("name")
            wizard.item_names = ", ".join(name for name in names if name)

    def action_attach(self):
        """Put the files on each item.

        :raise UserError: without files, or when one is too large
        """
        self.ensure_one()
        self.env["account.move"]._dso_check_may_qualify()
        if not self.attachment_ids:
            raise UserError(self.env._("Choose at least one file."))
        self.line_ids.check_access("read")
        keys = [
            (move.id, account.id)
            for account, move in self.env["dso.wizard.item"]._accounts_of(
                self.line_ids, self.line_ids.move_id
            )
        ]
        items = self.env["dso.item"].sudo()._of(keys)  # role and access checked above
        items.sudo(self.env.su)._attach(
            self.attachment_ids, self.description, self.shared
        )
        uploads = self.attachment_ids.filtered(
            lambda file: file.res_model == self._name
            and file.create_uid == self.env.user
        )
        uploads.sudo().unlink()  # of this window and this user, and copied
        return {"type": "ir.actions.act_window_close"}
