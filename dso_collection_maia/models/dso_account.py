"""What the engine may know of a customer; whether his answers are read."""

from decimal import Decimal

from odoo import api, fields, models

from odoo.addons.dso_collection.models.dso_assignment_rule import YES_NO

from ..engine.types import Context, OpenItem


class DsoAccount(models.Model):
    _inherit = "dso.account"

    maia = fields.Selection(
        YES_NO,
        "Read by MAIA",
        help="Whether this customer's answers are read and qualifications proposed;"
        " empty: as the settings of the company say.",
    )

    maia_waiting_ids = fields.Many2many(
        "dso.reply",
        string="Replies to take up",
        compute="_compute_maia_waiting_ids",
        compute_sudo=False,
    )

    maia_suggestion_ids = fields.One2many(
        "dso.maia.suggestion",
        "account_id",
        "Suggested",
        domain=[("state", "=", "open")],
        readonly=True,
    )

    @api.depends("reply_ids.state")
    def _compute_maia_waiting_ids(self):
        replies = self.env["dso.reply"].search(
            [
                ("account_id", "in", self.ids),
                ("state", "=", "to_process"),
                ("automatic", "=", False),
            ]
        )
        by_account = replies.grouped("account_id")
        for account in self:
            account.maia_waiting_ids = by_account.get(account._origin)

    def _maia_reads(self, source):
        """Whether replies of this account are read that came in this way.

        :param source: value of dso.reply's field
        """
        self.ensure_one()
        # two switches of its root, which its branches' users follow, too; the account
        # was read with the caller's rights
        company = self.company_id.sudo()
        if source == "user":
            return False
        if self.maia:
            return self.maia == "yes"
        if source == "mail":
            return company.dso_maia_emails
        return company.dso_maia_feedbacks

    def _maia_context(self):
        """The open items of an account and of those grouped under it.

        :return: :class:`Context`; the key of an item is (account id, entry id)
        """
        self.ensure_one()
        accounts = self | self.member_ids
        rows = accounts._item_rows()
        moves = self.env["account.move"].browse(row["move_id"] for row in rows)
        issued = {move.id: move.invoice_date for move in moves}
        currencies = self.env["res.currency"].browse(row["currency_id"] for row in rows)
        by_id = {currency.id: currency for currency in currencies}
        return Context(
            tuple(
                OpenItem(
                    key=(row["account_id"], row["move_id"]),
                    number=row["name"],
                    residual=Decimal(
                        str(
                            by_id[row["currency_id"]].round(
                                float(row["amount_currency"])
                            )
                        )
                    ),
                    currency=by_id[row["currency_id"]].name,
                    due=row["due"],
                    issued=issued[row["move_id"]],
                )
                for row in rows
            )
        )
