"""The items behind an action."""

from odoo import fields, models


class DsoActionLine(models.Model):
    """For specific actions their items; for what was done, the snapshot of the items."""

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
