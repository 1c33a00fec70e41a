"""The links of a customer's messages: shown, and ended when they must be."""

from odoo import api, fields, models
from odoo.fields import Domain


class DsoAccount(models.Model):
    _inherit = "dso.account"

    access_token_ids = fields.One2many(
        "dso.access.token", "account_id", "Links", readonly=True
    )

    def write(self, vals):
        res = super().write(vals)
        if vals.get("interactive") is False:
            # switched on again, old links stay closed
            self.access_token_ids.filtered(lambda t: t.purpose == "customer")._revoke(
                "switched_off", self.env.user
            )
        if "partner_id" in vals:
            self.access_token_ids._revoke("merged", self.env.user)
        return res

    @api.model
    def _revoke_links_of(self, partners, because, whole=True, types=()):
        """End the links that these readers received.

        :param partners: res.partner, a change of whom the caller has checked
        :param because: key of REVOKED_BECAUSE
        :param bool whole: also every link about these as customers
        :param types: of actions whose messages carried the links; empty: of all
        """
        if not partners:
            return
        domain = Domain("recipient_id", "in", partners.ids)
        if whole:
            domain |= Domain("account_id.partner_id", "in", partners.ids)
        if types:
            domain &= Domain("action_id.type", "in", types)
        tokens = self.env["dso.access.token"].sudo()  # only ends them
        tokens.search(Domain("revoked_at", "=", False) & domain)._revoke(
            because, self.env.user
        )
