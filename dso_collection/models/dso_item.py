"""What collection knows of one item."""

from odoo import api, fields, models
from odoo.tools import SQL

from .dso_promise import STATES as PROMISE_STATES
from .dso_status import DISPUTE_OUTCOMES, STATUS_TYPES

#: On what an expected payment date stands.
EXPECTED_SOURCES = [
    ("promise", "Open promise"),
    ("customer", "How the customer pays"),
    ("segment", "How similar customers pay"),
    ("company", "How customers of the company pay"),
]


class DsoItem(models.Model):
    """One row per (journal entry, receivable account), made at the first qualification.

    Sparse on purpose: an item nobody spoke about has no row, unless an assistant
    expects its payment; and nothing is ever written on the ledger's own rows.
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
    expected_date = fields.Date(
        "Expected payment",
        readonly=True,
        copy=False,
        help="Day on which the payment of its first open instalment is expected; later"
        " ones follow at the distance of their due dates. Written by an assistant at"
        " night; empty without one, and for what is not expected to be paid.",
    )
    expected_source = fields.Selection(
        EXPECTED_SOURCES, "Expected because of", readonly=True, copy=False
    )

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
        if items:
            self.flush_model(["reentry_date"])
            self.env.execute_query(
                SQL(
                    "UPDATE dso_item SET reentry_date = %s WHERE id = ANY(%s)"
                    " RETURNING id",
                    date,
                    items.ids,
                )
            )
            items.invalidate_recordset(["reentry_date"], flush=False)
            items.modified(["reentry_date"])
        return items

    def _hand_over(self, resolver):
        """Open follow-ups all of whose items these are go to another resolver.

        :param resolver: res.users, empty for nobody
        """
        self.env["dso.action.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT l.action_id
                  FROM dso_action_line l
                  JOIN dso_action a ON a.id = l.action_id
                   AND a.kind = 'specific' AND a.state IN ('planned', 'error')
             LEFT JOIN dso_item i ON i.move_id = l.move_id
                   AND i.account_id = l.account_id AND i.id = ANY(%s)
                 WHERE l.released IS NOT TRUE
              GROUP BY l.action_id
                HAVING bool_and(i.id IS NOT NULL)
                """,
                self.ids,
            )
        )
        actions = self.env["dso.action"].sudo()  # behind the check of who may qualify
        actions.browse(row[0] for row in rows).write({"resolver_id": resolver.id})

    def _align_no_followup(self):
        """Let Odoo's own flag follow whole disputes, where the company wants it.

        The journal items of a dispute that began are flagged; those that this flagged,
        and no others, are given back once it ended. Of a partly disputed item the rest
        is claimed: it keeps its flag (rules.md L2).
        """
        items = self.sudo()  # callers checked the right to qualify
        items.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT i.id, f.account_move_line_id, NULL::int
                  FROM dso_item i
                  JOIN dso_item_flagged_line f ON f.dso_item_id = i.id
                 WHERE i.id = ANY(%(ids)s)
                   AND (i.status_type IS DISTINCT FROM 'dispute'
                        OR i.disputed_amount > 0)
             UNION ALL
                SELECT i.id, NULL, l.id
                  FROM dso_item i
                  JOIN dso_account a ON a.id = i.account_id
                  JOIN res_company c ON c.id = a.company_id
                  JOIN account_move_line l ON l.move_id = i.move_id
                   AND l.parent_state = 'posted' AND l.no_followup IS NOT TRUE
                  JOIN account_account aa ON aa.id = l.account_id
                   AND aa.account_type = 'asset_receivable'
                   AND aa.non_trade IS NOT TRUE
                  JOIN res_partner p ON p.id = l.partner_id
                   AND p.commercial_partner_id = a.partner_id
                 WHERE i.id = ANY(%(ids)s) AND c.dso_dispute_no_followup
                   AND i.status_type = 'dispute'
                   AND COALESCE(i.disputed_amount, 0) = 0
                """,
                ids=self.ids,
            )
        )
        back = [(item, line) for item, line, _new in rows if line]
        new = [(item, line) for item, _old, line in rows if line]
        if not rows:
            return
        self.env.execute_query(
            SQL(
                """
                DELETE FROM dso_item_flagged_line
                 WHERE (dso_item_id, account_move_line_id) IN (
                       SELECT * FROM unnest(%s::int[], %s::int[]))
             RETURNING dso_item_id
                """,
                [item for item, _line in back],
                [line for _item, line in back],
            )
        )
        self.env.execute_query(
            SQL(
                """
                INSERT INTO dso_item_flagged_line (dso_item_id, account_move_line_id)
                SELECT * FROM unnest(%s::int[], %s::int[])
                    ON CONFLICT DO NOTHING RETURNING dso_item_id
                """,
                [item for item, _line in new],
                [line for _item, line in new],
            )
        )
        items.invalidate_recordset(["flagged_line_ids"], flush=False)
        self.env.execute_query(
            SQL(
                """
                UPDATE account_move_line
                   SET no_followup = id = ANY(%(new)s), write_uid = %(uid)s,
                       write_date = now() AT TIME ZONE 'UTC'
                 WHERE id = ANY(%(new)s) OR id = ANY(%(back)s)
             RETURNING id
                """,
                new=[line for _item, line in new],
                back=[line for _item, line in back],
                uid=self.env.uid,
            )
        )
        self.env["account.move.line"].invalidate_model(["no_followup"], flush=False)
        self.env["account.move"].invalidate_model(["no_followup"], flush=False)

    @api.model
    def _forget_flagged(self, lines):
        """These journal items keep the flag that a person has given them."""
        self.env.execute_query(
            SQL(
                "DELETE FROM dso_item_flagged_line WHERE account_move_line_id = ANY(%s)"
                " RETURNING dso_item_id",
                lines.ids,
            )
        )
        self.invalidate_model(["flagged_line_ids"], flush=False)
