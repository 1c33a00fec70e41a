"""What collection knows of one item."""

from odoo import api, fields, models
from odoo.tools import SQL

from .dso_promise import STATES as PROMISE_STATES
from .dso_status import DISPUTE_OUTCOMES, STATUS_TYPES


class DsoItem(models.Model):
    """One row per (journal entry, receivable account), made at the first qualification.

    Sparse on purpose: an item nobody spoke about has no row, and nothing is ever
    written on the ledger's own rows.
    """

    _name = "dso.item"
    _description = "Collection Item"
    _rec_name = "move_id"
    _check_company_auto = True

    move_id = fields.Many2one(
        "account.move", required=True, index=True, ondelete="cascade"
    )
    account_id = fields.Many2one(
        "dso.account", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="account_id.company_id")
    currency_id = fields.Many2one(related="move_id.currency_id")
    status_id = fields.Many2one("dso.status", index="btree_not_null")
    status_type = fields.Selection(STATUS_TYPES, index="btree_not_null")
    status_date = fields.Date()
    promise_date = fields.Date()
    promise_amount = fields.Monetary()
    promise_state = fields.Selection(
        PROMISE_STATES,
        index="btree_not_null",
        help="What became of the latest promise; of a payment plan, how it stands.",
    )
    promised_company = fields.Monetary(
        currency_field="company_currency_id",
        help="What is still to come of open promises, in company currency.",
    )
    comment = fields.Text("Internal comment")
    resolver_id = fields.Many2one("res.users", index="btree_not_null")
    disputed_amount = fields.Monetary(help="In the item's currency; 0 = all of it.")
    disputed_company = fields.Monetary(
        currency_field="company_currency_id", help="In company currency."
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    ignored = fields.Boolean("Ignored in collection")
    flagged_line_ids = fields.Many2many(
        "account.move.line",
        "dso_item_flagged_line",
        string="Lines taken out of Odoo's follow-ups",
        help="Their no-follow-up flag was set by the dispute, which gives it back.",
    )
    dispute_outcome = fields.Selection(
        DISPUTE_OUTCOMES,
        help="How its latest dispute ended: late penalties are claimed from the due"
        " date, unless it was justified.",
    )
    reentry_date = fields.Date(
        help="Day the item came back from a dispute or a specific action (L15)."
    )
    qualification_id = fields.Many2one("dso.qualification", "Latest qualification")

    _move_account_uniq = models.Constraint(
        "UNIQUE(move_id, account_id)", "An item has one row per receivable account."
    )

    @api.model
    def _of(self, keys):
        """The rows of items, made where missing.

        :param keys: iterable of (move id, account id)
        :return: dso.item recordset, in no particular order
        """
        keys = sorted(set(keys))
        if not keys:
            return self.browse()
        self.flush_model(["move_id", "account_id"])
        moves = [move for move, _account in keys]
        accounts = [account for _move, account in keys]
        self.env.execute_query(
            SQL(
                """
                INSERT INTO dso_item (move_id, account_id, create_uid, create_date,
                                      write_uid, write_date)
                SELECT move_id, account_id, %(uid)s, NOW() AT TIME ZONE 'UTC',
                       %(uid)s, NOW() AT TIME ZONE 'UTC'
                  FROM unnest(%(moves)s::int[], %(accounts)s::int[])
                       AS k(move_id, account_id)
           ON CONFLICT (move_id, account_id) DO NOTHING
             RETURNING id
                """,
                uid=self.env.uid,
                moves=moves,
                accounts=accounts,
            )
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT i.id FROM dso_item i
                  JOIN unnest(%s::int[], %s::int[]) AS k(move_id, account_id)
                 USING (move_id, account_id)
                """,
                moves,
                accounts,
            )
        )
        records = self.env["account.move"].browse(moves)
        records.invalidate_recordset(["dso_item_ids"], flush=False)
        records.modified(["dso_item_ids"])
        return self.browse(row[0] for row in rows)

    @api.model
    def _reenter(self, keys, date):
        """Items come back from a dispute or a specific action on ``date`` (L15)."""
        items = self._of(keys)
        items.reentry_date = date
        return items
