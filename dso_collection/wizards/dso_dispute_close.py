"""Close disputes: how they ended, who decided, credit note (rules.md §3.3)."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.dso_qualification_dispute import Closing
from ..models.dso_status import DISPUTE_OUTCOMES


class DsoDisputeClose(models.TransientModel):
    _name = "dso.dispute.close"
    _description = "Close Disputes"

    item_ids = fields.One2many("dso.wizard.item", "dispute_close_id", "Disputed items")
    company_id = fields.Many2one("res.company", compute="_compute_chosen")
    partner_ids = fields.Many2many("res.partner", compute="_compute_chosen")
    several_accounts = fields.Boolean(compute="_compute_chosen")
    several_items = fields.Boolean(compute="_compute_chosen")
    outcome = fields.Selection(DISPUTE_OUTCOMES, required=True)
    date = fields.Date(
        "Resolved on", required=True, default=lambda self: self._default_date()
    )
    decided_by_id = fields.Many2one(
        "res.users",
        "Decided by",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    credit_note_id = fields.Many2one(
        "account.move",
        "Credit note",
        domain="[('move_type', '=', 'out_refund'), ('state', '!=', 'cancel'),"
        " ('commercial_partner_id', 'in', partner_ids),"
        " ('company_id', 'child_of', company_id)]",
        help="The one that was granted, if any. Allocate it to the invoice: what stays"
        " open is claimed.",
    )
    comment = fields.Text(
        "Internal comment", help="Empty: each item keeps its own comment."
    )
    reply_id = fields.Many2one(
        "dso.reply", "Reply", readonly=True, help="Whose proposal it is."
    )
    sentence = fields.Char(
        "Sentence for the customer",
        help="The customer will read this; the internal comment never leaves.",
    )

    def _default_date(self):
        return self.env.company._dso_today()

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if "item_ids" in fields_list and "item_ids" not in values:
            values["item_ids"] = [Command.clear()] + [
                Command.create(
                    {
                        "account_id": item.account_id.id,
                        "move_id": item.move_id.id,
                        "selected": True,
                    }
                )
                for item in self._items_from_context()
            ]
        return values

    @api.model
    def _items_from_context(self):
        """The disputed dso.item rows that the user started from."""
        Item = self.env["dso.item"]
        if self.env.context.get("active_model") == "dso.item":
            ids = self.env.context.get("active_ids") or []
            items = Item.browse(ids).exists()
        else:
            chosen = self.env["dso.wizard.item"]._from_context()
            keys = {(m, account.id) for account, ms in chosen.items() for m in ms}
            items = Item.search(
                [
                    ("move_id", "in", [move for move, _account in keys]),
                    ("account_id", "in", [account for _move, account in keys]),
                ]
            ).filtered(lambda i: (i.move_id.id, i.account_id.id) in keys)
        return items.filtered(lambda item: item.status_type == "dispute")

    @api.depends("item_ids.account_id", "item_ids.selected")
    def _compute_chosen(self):
        for wizard in self:
            accounts = wizard.item_ids.account_id
            wizard.company_id = accounts[:1].company_id or self.env.company.root_id
            wizard.partner_ids = accounts.partner_id
            wizard.several_accounts = len(accounts) > 1
            wizard.several_items = len(wizard.item_ids) > 1

    def action_close(self):
        """Set the ticked items to *Dispute resolved* with the outcome (Q6).

        Their follow-ups are done when no disputed item is left on them.

        :raise UserError: without a ticked item, for one that is in no dispute any more,
            for a credit note of another customer
        """
        self.ensure_one()
        chosen = self.item_ids.filtered("selected")
        if not chosen:
            raise UserError(self.env._("Tick at least one disputed item."))
        self.env["account.move"]._dso_check_may_qualify()
        keys = {(line.move_id.id, line.account_id.id) for line in chosen}
        items = (
            self.env["dso.item"]
            .search(
                [
                    ("move_id", "in", chosen.move_id.ids),
                    ("account_id", "in", chosen.account_id.ids),
                    ("status_type", "=", "dispute"),
                ]
            )
            .filtered(lambda i: (i.move_id.id, i.account_id.id) in keys)
        )
        found = {(item.move_id.id, item.account_id.id) for item in items}
        for line in chosen:
            if (line.move_id.id, line.account_id.id) not in found:
                raise UserError(
                    self.env._(
                        "%s is in no dispute any more: somebody closed it meanwhile.",
                        line.move_id.name,
                    )
                )
        self._check_credit_note(chosen)
        closing = Closing(
            {
                "dispute_outcome": self.outcome,
                "dispute_decided_by_id": self.decided_by_id.id,
                "dispute_credit_note_id": self.credit_note_id.id,
                "dispute_sentence": self.sentence,
            },
            date=self.date,
            comment=self.comment or None,
        )
        label = dict(self._fields["outcome"]._description_selection(self.env))
        actions = self._follow_ups_ended(keys).with_context(dso_closing=closing)
        actions._engine().write({"outcome": label[self.outcome]})
        actions.action_done()
        rest = items.filtered(lambda item: item.status_type == "dispute")
        for account, group in rest.grouped("account_id").items():
            group.move_id.with_context(dso_closing=closing)._dso_resolve_dispute(
                account
            )
        if self.reply_id and self.env.user.has_group("dso_collection.group_collector"):
            self.reply_id.check_access("read")
            self.reply_id._answered_by(items.qualification_id)
            self.reply_id._qualified()
        return {"type": "ir.actions.act_window_close"}

    def _check_credit_note(self, chosen):
        credit = self.credit_note_id
        if not credit:
            return
        credit.check_access("read")
        if (
            credit.move_type != "out_refund"
            or credit.state == "cancel"
            or credit.commercial_partner_id not in chosen.account_id.partner_id
            or credit.company_id.root_id not in chosen.account_id.company_id
        ):
            raise UserError(
                self.env._(
                    "%(document)s is not a credit note of %(customer)s.",
                    document=credit.display_name,
                    customer=chosen.account_id[:1].partner_id.display_name,
                )
            )

    def _follow_ups_ended(self, keys):
        """The open dispute follow-ups of his own that have no other item left.

        :param keys: set of (move id, account id) of the items that are closed
        """
        actions = (
            self.env["dso.action"]
            .search(
                [
                    ("kind", "=", "specific"),
                    ("dispute", "=", True),
                    ("state", "in", ("planned", "error")),
                    ("line_ids.move_id", "in", [move for move, _account in keys]),
                ]
            )
            ._filtered_access("write")
        )
        return actions.filtered(
            lambda action: all(
                (line.move_id.id, line.account_id.id) in keys
                for line in action.line_ids
                if not line.released
            )
        )
