"""An address of each customer's own, to which his answers come.

It is a mail alias of Odoo's, unguessable, made when the first message needs it and
never taken back: whoever answers an old message is heard.
"""

import secrets

from odoo import api, fields, models
from odoo.fields import Domain

#: Signs of the part of an address that nobody guesses: 80 bits.
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
SECRET_SIGNS = 16


class DsoAccount(models.Model):
    _inherit = "dso.account"

    capture_alias_id = fields.Many2one(
        "mail.alias",
        "Alias of answers",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    capture_address = fields.Char(
        "Address for his answers",
        compute="_compute_capture_address",
        help="What comes here is noted as this customer's reply. It is made with the"
        " first e-mail that carries it.",
    )

    @api.depends("capture_alias_id.alias_full_name")
    def _compute_capture_address(self):
        for account in self:
            alias = account.capture_alias_id.sudo()  # its address, of a readable record
            account.capture_address = (
                alias.alias_full_name if alias.alias_domain_id else False
            )

    def _make_capture_addresses(self):
        """Make the missing addresses of customers whose answers are captured."""
        missing = self.filtered(
            lambda account: (
                account.capture
                and not account.capture_alias_id
                and account.company_id.sudo().alias_domain_id  # of his own company
            )
        )
        if not missing:
            return
        model = self.env["ir.model"]._get_id(self._name)
        # aliases of accounts that the caller sends for, and of nothing else
        aliases = self.env["mail.alias"].sudo()
        made = aliases.create(
            [
                {
                    "alias_name": f"capture.{account.company_id.id}.{account.id}."
                    + "".join(secrets.choice(ALPHABET) for _ in range(SECRET_SIGNS)),
                    # one setting of the account's company
                    "alias_domain_id": account.company_id.sudo().alias_domain_id.id,
                    "alias_model_id": model,
                    "alias_force_thread_id": account.id,
                    "alias_parent_model_id": model,
                    "alias_parent_thread_id": account.id,
                    "alias_contact": "everyone",
                }
                for account in missing
            ]
        )
        for account, alias in zip(missing, made, strict=True):
            account.sudo().capture_alias_id = alias  # made for it just above

    def unlink(self):
        model = self.env["ir.model"]._get_id(self._name)
        aliases = (
            self.env["mail.alias"]
            .sudo()  # those of accounts that the caller deletes
            .search(
                Domain("alias_model_id", "=", model)
                & Domain("alias_force_thread_id", "in", self.ids)
            )
        )
        res = super().unlink()
        aliases.unlink()
        return res

    @api.model
    def _company_of_alias(self, alias):
        """Whose answers come to an alias, as a root company; may be empty."""
        company = self.env["res.company"].sudo()  # of the gateway's own alias
        if alias.alias_model_id.model == self._name:
            account = self.sudo().browse(alias.alias_force_thread_id)  # as above
            return account.exists().company_id
        return alias and company.search(
            [("dso_reply_alias_id", "=", alias.id)], limit=1
        )

    @api.model
    def _of_address(self, address, company=None):
        """The accounts one of whose contacts has an e-mail address.

        :param str address: normalized
        :param company: res.company, a root; None = any
        """
        contacts = self.env["res.partner"].search([("email_normalized", "=", address)])
        domain = Domain("partner_id", "in", contacts.commercial_partner_id.ids)
        if company:
            domain &= Domain("company_id", "=", company.id)
        return self.search(domain)

    def _message_post_after_hook(self, message, msg_vals):
        """What comes to a customer's own address is his reply (rules.md §7)."""
        res = super()._message_post_after_hook(message, msg_vals)
        for account in self:
            self.env["dso.reply"]._take_in(message, account)
        return res
