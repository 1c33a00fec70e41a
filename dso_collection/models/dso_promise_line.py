"""The items behind a promise."""

from odoo import fields, models


class DsoPromiseLine(models.Model):
    _name = "dso.promise.line"
    _description = "Item of a Promise"
    _order = "promise_id, due, id"
    _rec_name = "move_name"

    promise_id = fields.Many2one(
        "dso.promise", required=True, index=True, ondelete="cascade"
    )
    account_id = fields.Many2one(
        "dso.account", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="promise_id.company_id")
    move_id = fields.Many2one(
        "account.move", "Item", index="btree_not_null", ondelete="set null"
    )
    move_name = fields.Char("Number", help="Kept when the entry is deleted.")
    due = fields.Date("Due date")
    currency_id = fields.Many2one(related="promise_id.item_currency_id")
    base = fields.Monetary(
        "Was open", help="What was open when the promise was made.", aggregator=None
    )
    amount = fields.Monetary("Promised", aggregator=None)
    earlier = fields.Monetary(
        "Promised before",
        help="What earlier instalments of its payment plan take of the item.",
        aggregator=None,
    )
    amount_company = fields.Float("Promised (company currency)", digits=0)
    qualification_id = fields.Many2one(
        "dso.qualification", "Born of", index="btree_not_null", ondelete="restrict"
    )
    current_id = fields.Many2one(
        "dso.qualification",
        "Borne by",
        index="btree_not_null",
        ondelete="restrict",
        help="Its qualification, or a later one that only changed comment or resolver.",
    )
    released = fields.Boolean(help="Left the promise while it was open.")
    released_by_id = fields.Many2one(
        "dso.qualification",
        "Released by",
        index="btree_not_null",
        ondelete="restrict",
    )
