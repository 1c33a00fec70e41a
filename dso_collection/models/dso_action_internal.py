"""Internal messages to colleagues who have no login (rules.md §7)."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class DsoAction(models.Model):
    _inherit = "dso.action"

    internal_contact_id = fields.Many2one(
        "res.partner",
        "Colleague without login",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="A contact of our own company who reads this internal message and answers"
        " on his page; he needs no user.",
    )

    @api.constrains("internal_contact_id", "interactive")
    def _check_internal_contact(self):
        """What is for colleagues goes to nobody else."""
        for action in self:
            contact = action.internal_contact_id
            if not contact:
                continue
            if action.interactive != "internal":
                raise ValidationError(
                    self.env._(
                        "%s is no internal message: choose its reader among the"
                        " contacts of the customer.",
                        action.display_name,
                    )
                )
            if not action.account_id._is_own_contact(contact):
                raise ValidationError(
                    self.env._(
                        "%(contact)s is no contact of our own company: internal"
                        " messages stay inside of it.",
                        contact=contact.display_name,
                    )
                )

    def _recipient(self):
        """A colleague without login comes before the resolver, while he is one."""
        self.ensure_one()
        contact = self.internal_contact_id
        if (
            self.interactive == "internal"
            and contact.active
            and self.account_id._is_own_contact(contact)
        ):
            return contact
        return super()._recipient()
