"""The items behind an action."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .dso_qualification import ENGINE


class DsoActionLine(models.Model):
    """Of a specific action its items; of what was done, the snapshot of the items."""

    _name = "dso.action.line"
    _description = "Item of an Action"
    _order = "action_id, due, id"
    _rec_name = "move_name"

    action_id = fields.Many2one(
        "dso.action", required=True, index=True, ondelete="cascade"
    )
    account_id = fields.Many2one(
        "dso.account",
        "Item's account",
        required=True,
        index=True,
        ondelete="restrict",
        help="Not the action's own account where accounts are grouped.",
        compute="_compute_account_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    company_id = fields.Many2one(related="action_id.company_id")
    move_id = fields.Many2one(
        "account.move", "Item", index="btree_not_null", ondelete="set null"
    )
    move_name = fields.Char("Number", help="Kept when the entry is deleted.")
    due = fields.Date("Due date")
    currency_id = fields.Many2one("res.currency")
    amount = fields.Monetary(
        "Open amount", help="Residual when planned or done, in the item's currency."
    )
    amount_company = fields.Float("Open amount (company currency)", digits=0)
    claimed = fields.Boolean(
        help="Claimed, not only listed, by what was done.",
    )
    released = fields.Boolean(help="Takes part in dunning again.")
    released_by_id = fields.Many2one(
        "dso.qualification",
        "Released by",
        index="btree_not_null",
        ondelete="set null",
    )
    disputed_only = fields.Boolean(
        help="Only the disputed part of the item is excluded; the rest leads and is"
        " claimed like any item (rules.md L2)."
    )
    qualification_id = fields.Many2one(
        "dso.qualification",
        "Born of",
        index="btree_not_null",
        ondelete="set null",
    )

    @api.depends("action_id")
    def _compute_account_id(self):
        for line in self:
            line.account_id = line.account_id or line.action_id.account_id

    @api.constrains("action_id", "account_id", "move_id")
    def _check_item(self):
        """An action concerns items of its own account, or of its members."""
        if self.env.context.get("dso_engine") is ENGINE:
            return
        for line in self.filtered("move_id"):
            account = line.action_id.account_id
            if line.account_id not in account | account.member_ids:
                raise ValidationError(
                    self.env._(
                        "%(item)s is an item of %(other)s, not of %(account)s.",
                        item=line.move_id.display_name,
                        other=line.account_id.display_name,
                        account=account.display_name,
                    )
                )
            if line.account_id.partner_id not in (
                line.move_id.line_ids.partner_id.commercial_partner_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(item)s is not an item of %(account)s: choose among the open"
                        " items of the account.",
                        item=line.move_id.display_name,
                        account=line.account_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("move_id") and not vals.get("move_name"):
                move = self.env["account.move"].browse(vals["move_id"])
                vals["move_name"] = move.name
                vals.setdefault("currency_id", move.currency_id.id)
                vals.setdefault("due", move.invoice_date_due or move.date)
                vals.setdefault("amount", move.amount_residual)
        lines = super().create(vals_list)
        lines._check_open()
        lines._items_changed()
        lines.account_id._mark_dirty()
        return lines

    def write(self, vals):
        self._check_open()
        self.account_id._mark_dirty()
        res = super().write(vals)
        self._items_changed()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        self._check_open()
        self._items_changed()
        self.account_id._mark_dirty()

    def _items_changed(self):
        """What was confirmed with other items is looked at again (rules.md L17)."""
        if self.env.context.get("dso_engine") is ENGINE:
            return
        confirmed = self.action_id.filtered("confirmed")
        confirmed._engine().write({"confirmed": False})
        confirmed._note_change("items")

    def _engine(self):
        """These lines with the right to follow what became of their action."""
        return self.sudo().with_context(dso_engine=ENGINE)  # callers check the action

    def _check_open(self):
        """The items of closed actions are history (architecture, invariants)."""
        if self.env.context.get("dso_engine") is ENGINE:
            return
        closed = self.action_id.filtered(lambda a: a.state in ("done", "cancelled"))
        if closed:
            raise UserError(
                self.env._(
                    "%s is closed: its items cannot be changed.", closed[0].display_name
                )
            )
