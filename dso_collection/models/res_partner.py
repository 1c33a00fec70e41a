"""Customers: their receivable account, and what moves when their entity changes."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

GROUP = "dso_collection.group_viewer"


class ResPartner(models.Model):
    _inherit = "res.partner"

    dso_account_ids = fields.One2many(
        "dso.account", "partner_id", "Receivable accounts", groups=GROUP, copy=False
    )
    dso_contact_role_ids = fields.Many2many(
        "dso.contact.role",
        string="Collection roles",
        groups=GROUP,
        copy=False,
        help="What this contact receives of collection.",
    )
    dso_fax = fields.Char(
        "Fax",
        groups=GROUP,
        copy=False,
        help="Number to which collection sends faxes.",
    )
    dso_amount_overdue = fields.Monetary(
        "Overdue receivables", compute="_compute_dso_amount_overdue", groups=GROUP
    )

    @api.constrains("dso_fax")
    def _check_dso_fax(self):
        for partner in self:
            # whoever may write the number
            number = partner.sudo().dso_fax
            if number and not partner._phone_format(number=number):
                raise ValidationError(
                    self.env._(
                        "%(number)s is no fax number: write it with its country code,"
                        " such as +49 30 123456, or give %(partner)s a country.",
                        number=number,
                        partner=partner.display_name,
                    )
                )

    @api.depends_context("allowed_company_ids")
    def _compute_dso_amount_overdue(self):
        totals = dict(
            self.env["dso.account"]._read_group(
                [
                    ("partner_id", "in", self.commercial_partner_id.ids),
                    ("company_id", "=", self.env.company.root_id.id),
                ],
                ["partner_id"],
                ["amount_overdue:sum"],
            )
        )
        for partner in self:
            partner.dso_amount_overdue = totals.get(partner.commercial_partner_id, 0)

    def action_dso_open_account(self):
        """Open the customer record of collection, made when there is none."""
        self.ensure_one()
        account = self.env["dso.account"]._of_partner(self)
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.account",
            "res_id": account.id,
            "view_mode": "form",
            "name": self.env._("Collection"),
        }

    def action_dso_main_contact(self):
        """Write reminders to this contact, from the customer record of collection."""
        self.ensure_one()
        account = self.env["dso.account"]._of_partner(self)
        account.check_access("write")
        account.contact_id = self
        return True

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        # a new invoice address, or a contact with a role (read only to know whether
        # there is one), receives what goes out from now on
        invoice_addresses = partners.filtered(
            lambda p: (
                p.parent_id
                and (p.type == "invoice" or p.sudo().dso_contact_role_ids)  # only any
            )
        )
        invoice_addresses._dso_unconfirm()
        return partners

    def write(self, vals):
        structural = {"parent_id", "is_company"} & set(vals)
        before = self._dso_commercial_of_descendants() if structural else {}
        # read before: Odoo gives the items of a moved contact to its new customer
        accounts = self.env["dso.account"].sudo()  # follows a write that Odoo checks
        items = accounts._moves_of(before) if before else {}
        addresses = (
            {partner: partner.email_normalized for partner in self}
            if "email" in vals
            else {}
        )
        numbers = (
            {partner: partner.phone_sanitized for partner in self}
            if {"phone", "country_id"} & set(vals)
            else {}
        )
        res = super().write(vals)
        # what went to the old address or number may have gone to a stranger
        for before_of, name, types in (
            (addresses, "email_normalized", ()),
            (numbers, "phone_sanitized", ("sms",)),
        ):
            changed = self.filtered(
                lambda p, of=before_of, name=name: p in of and of[p] != p[name]
            )
            accounts._revoke_links_of(changed, "address", whole=False, types=types)
        if {"email", "type", "active", "parent_id", "dso_contact_role_ids"} & set(vals):
            self._dso_unconfirm()
        if vals.get("active") is False:
            accounts._revoke_links_of(self, "archived")
        if structural:
            after = self._dso_commercial_of_descendants()
            moved = {}
            for partner, old in before.items():
                new = after.get(partner, old)
                if new != old:
                    moved.setdefault((old, new), []).extend(items.get(partner, []))
            gone = [p for p, old in before.items() if after.get(p, old) != old]
            accounts._revoke_links_of(self.browse(gone), "moved")
            for (old, new), moves in moved.items():
                accounts._move_items(old, new, moves)
            accounts._forget_strangers(self)
        reached = {"email", "phone", "country_id", "dso_fax", "street", "city"}
        if structural or (reached | {"active", "type"}) & set(vals):
            self.env["dso.dirty"]._mark(partners=self.ids)
        changes = self.env["dso.change"].sudo()  # what the user just wrote
        if (reached | {"street2", "zip", "lang"}) & set(vals) and changes._watching():
            customers = self.commercial_partner_id
            changes._note(
                "recipient", accounts.search([("partner_id", "in", customers.ids)])
            )
        return res

    def unlink(self):
        """A contact that is gone leaves its messages to another one."""
        self.filtered("parent_id")._dso_unconfirm()
        return super().unlink()

    def _dso_unconfirm(self):
        """Who receives may be another one: nothing confirmed leaves unseen (L17)."""
        customers = self.commercial_partner_id
        if customers:
            self.env["dso.account"].sudo().search(  # only takes confirmations back
                [("partner_id", "in", customers.ids)]
            )._unconfirm()
            self.env["dso.dirty"]._mark(partners=customers.ids)

    def _dso_commercial_of_descendants(self):
        """{partner id: commercial partner id} of these and all their contacts."""
        partners = (
            self.sudo()  # ids only
            .with_context(active_test=False)
            .search([("id", "child_of", self.ids)])
        )
        return {partner.id: partner.commercial_partner_id.id for partner in partners}
