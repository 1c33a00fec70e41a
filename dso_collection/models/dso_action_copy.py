"""Who else reads a manual message: contacts of the customer, colleagues in copy."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class DsoAction(models.Model):
    _inherit = "dso.action"

    also_to_ids = fields.Many2many(
        "res.partner",
        "dso_action_also_to",
        string="Also to",
        copy=False,
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="More contacts of the customer who receive this message.",
    )
    copy_user_ids = fields.Many2many(
        "res.users",
        "dso_action_copy_user",
        string="Colleagues in copy",
        copy=False,
        domain=[("share", "=", False)],
        help="They stand in Cc of this message; its reader sees them.",
    )

    @api.constrains("also_to_ids", "account_id", "interactive")
    def _check_also_to(self):
        """A message goes to the customer that it speaks of; what is for colleagues goes
        to nobody else."""
        for action in self:
            customers = (action.account_id | action.account_id.member_ids).partner_id
            for contact in action.also_to_ids:
                if contact.commercial_partner_id not in customers:
                    raise ValidationError(
                        self.env._(
                            "%(contact)s is no contact of %(customer)s: add the contact"
                            " to the customer first.",
                            contact=contact.display_name,
                            customer=action.partner_id.display_name,
                        )
                    )
            if action.also_to_ids and action.interactive == "internal":
                raise ValidationError(
                    self.env._(
                        "%s is an internal message: no contact of the customer may"
                        " receive it.",
                        action.display_name,
                    )
                )

    @api.constrains("copy_user_ids")
    def _check_copy_users(self):
        for user in self.copy_user_ids.sudo():  # whether they are colleagues only
            if user.share:
                raise ValidationError(
                    self.env._(
                        "%s is no colleague: only internal users are put in copy.",
                        user.name,
                    )
                )

    def _also_to(self):
        """The further contacts who may receive this message now: reachable, still the
        customer's, and none past his lawyer.

        :return: res.partner without the recipient himself
        """
        self.ensure_one()
        account = self.account_id
        represented = account.hold_in_force and account.hold_reason == "lawyer"
        if self.type != "email" or self.interactive == "internal" or represented:
            return self.env["res.partner"]
        customers = (account | account.member_ids).partner_id
        contacts = self.also_to_ids.filtered(
            lambda contact: (
                contact.active
                and contact.email_normalized
                and contact.commercial_partner_id in customers
            )
        )
        if not contacts:
            return contacts
        blocked = set(
            self.env["mail.blacklist"]
            .sudo()  # only whether these are on it
            .search([("email", "in", contacts.mapped("email_normalized"))])
            .mapped("email")
        )
        readers = contacts.filtered(lambda c: c.email_normalized not in blocked)
        return readers - self._recipient()

    def _in_copy(self):
        """Formatted addresses of the colleagues who stand in Cc now."""
        self.ensure_one()
        if self.type != "email":
            return []  # a fax gateway has no readers in copy
        users = self.copy_user_ids.sudo()  # names and addresses of chosen colleagues
        return [
            user.email_formatted
            for user in users
            if user.active and not user.share and user.partner_id.email_normalized
        ]
