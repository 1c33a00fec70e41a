"""Contact roles: what a contact of a customer is there for (rules.md §10)."""

from odoo import api, fields, models
from odoo.exceptions import UserError

#: The role that receives reminders when an account names no contact.
COLLECTION = "collection"


class DsoContactRole(models.Model):
    _name = "dso.contact.role"
    _description = "Contact Role"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        readonly=True, copy=False, help="By which the program finds a shipped role."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Char(translate=True, help="What these contacts receive.")
    color = fields.Integer()

    _code_uniq = models.Constraint("UNIQUE(code)", "There is one role for each code.")

    @api.model
    def _by_code(self, code):
        """The role with this code, archived or not; empty when there is none."""
        return self.with_context(active_test=False).search(
            [("code", "=", code)], limit=1
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_collection(self):
        for role in self:
            if role.code == COLLECTION:
                raise UserError(
                    self.env._(
                        "%s is the role that reminders are written to: rename it, it"
                        " cannot be deleted.",
                        role.name,
                    )
                )
