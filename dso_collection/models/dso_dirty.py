"""The queue of accounts to evaluate again."""

import logging

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: Rows that failed so often wait for a person instead of starving the others.
MAX_FAILURES = 5
#: A chunk that met concurrent writes is tried again so often in one run.
MAX_CONFLICTS = 3


class DsoDirty(models.Model):
    _name = "dso.dirty"
    _description = "Account To Evaluate"
    _log_access = False
    _order = "id"

    company_id = fields.Integer(help="Root company.")
    partner_id = fields.Integer(help="Commercial partner.")
    account_id = fields.Integer(help="Receivable account, once it is known.")
    move_id = fields.Integer(help="Item that a correction gave back (rules.md L7).")
    corrected = fields.Boolean()
    touch = fields.Boolean(
        help="Written for a change of the ledger or of collection itself, not by the "
        "nightly run."
    )
    failures = fields.Integer()

    # the lookup of corrections during an evaluation
    _corrected_idx = models.Index("(account_id, move_id) WHERE corrected")

    # -------------------------------------------------------------------------
    # MARKS
    # -------------------------------------------------------------------------

    @api.model
    def _mark(self, *, moves=(), partners=(), accounts=(), corrected=()):
        """Remember what this transaction touches, for the evaluation before its commit.

        :param moves: ids of journal entries whose customers are to be evaluated
        :param partners: ids of partners, any contact of a customer
        :param accounts: ids of receivable accounts
        :param corrected: (move id, account id or None) of items that a correction
            gave back, None meaning every account of the entry (rules.md L7)
        """
        cr = self.env.cr
        marks = cr.precommit.data.get("dso_marks")
        if marks is None:
            marks = {key: set() for key in ("moves", "partners", "accounts")}
            marks["corrected"] = set()
            cr.precommit.data["dso_marks"] = marks
        if "dso_rows" not in cr.precommit.data:
            cr.precommit.data["dso_rows"] = []
            env = api.Environment(cr, SUPERUSER_ID, {})
            cr.precommit.add(env["dso.dirty"]._on_precommit)
        marks["moves"].update(moves)
        marks["partners"].update(partners)
        marks["accounts"].update(accounts)
        marks["corrected"].update(corrected)
        marks["moves"].update(move for move, _account in corrected)

    @api.model
    def _append_marks(self):
        """Write what was marked so far into the queue, without evaluating.

        Rows are plain inserts that cannot conflict with anybody's: whatever goes
        wrong later, the queue knows.
        """
        data = self.env.cr.precommit.data
        marks = data.pop("dso_marks", None)
        if not marks or not any(marks.values()):
            return
        whole = [move for move, account in marks["corrected"] if not account]
        exact = [pair for pair in marks["corrected"] if pair[1]]
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO dso_dirty
                       (company_id, partner_id, account_id, move_id, corrected, touch)
                SELECT split_part(c.parent_path, '/', 1)::int,
                       p.commercial_partner_id, a.id,
                       CASE WHEN l.move_id = ANY(%(whole)s) THEN l.move_id END,
                       l.move_id = ANY(%(whole)s), TRUE
                  FROM account_move_line l
                  JOIN account_account aa ON aa.id = l.account_id
                   AND aa.account_type = 'asset_receivable'
                   AND aa.non_trade IS NOT TRUE
                  JOIN res_company c ON c.id = l.company_id
                  JOIN res_partner p ON p.id = l.partner_id
             LEFT JOIN dso_account a ON a.partner_id = p.commercial_partner_id
                   AND a.company_id = split_part(c.parent_path, '/', 1)::int
                 WHERE l.move_id = ANY(%(moves)s)
                 UNION
                SELECT a.company_id, a.partner_id, a.id, NULL::int, FALSE, TRUE
                  FROM dso_account a
                 WHERE a.id = ANY(%(accounts)s)
                 UNION
                SELECT a.company_id, a.partner_id, a.id, NULL::int, FALSE, TRUE
                  FROM res_partner p
                  JOIN dso_account a ON a.partner_id = p.commercial_partner_id
                 WHERE p.id = ANY(%(partners)s)
                 UNION
                SELECT a.company_id, a.partner_id, a.id, x.move_id, TRUE, TRUE
                  FROM unnest(%(exact_moves)s::int[], %(exact_accounts)s::int[])
                       AS x(move_id, account_id)
                  JOIN dso_account a ON a.id = x.account_id
             RETURNING id
                """,
                moves=list(marks["moves"]),
                whole=whole,
                accounts=list(marks["accounts"]),
                partners=list(marks["partners"]),
                exact_moves=[move for move, _account in exact],
                exact_accounts=[account for _move, account in exact],
            )
        )
        data["dso_rows"] += [row[0] for row in rows]

    @api.model
    def _queue(self, accounts):
        """Leave accounts to the queue, because they are too many for this transaction.

        :param accounts: dso.account
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO dso_dirty (company_id, partner_id, account_id, touch)
                SELECT company_id, partner_id, id, TRUE FROM dso_account
                 WHERE id = ANY(%s)
                """,
                accounts.ids,
            )
        )
        # whoever may change accounts may start the job, whose cron he cannot read
        self.env.ref("dso_collection.ir_cron_evaluate_queue").sudo()._trigger()

    def _on_precommit(self):
        """Evaluate what this transaction changed, so that its user sees the result.

        Nothing that happens here may abort the accounting transaction: on any
        failure, a serialization conflict included, the rows stay in the queue and
        the triggered cron takes them.
        """
        cr = self.env.cr
        self._append_marks()
        ids = cr.precommit.data.pop("dso_rows", None)
        if not ids:
            return
        left = True
        try:
            with cr.savepoint(flush=False):
                left = self.browse(ids)._evaluate_rows()
        except psycopg2.OperationalError as error:
            _logger.info("Evaluation left to the queue: %s", str(error).strip())
            self.env.invalidate_all(flush=False)
        except Exception:
            _logger.exception("Evaluation left to the queue")
            self.env.invalidate_all(flush=False)
        if left:
            self.env.ref("dso_collection.ir_cron_evaluate_queue")._trigger()

    @api.model
    def _forget(self, accounts):
        """Drop what this transaction queued for accounts that are evaluated now."""
        rows = self.env.cr.precommit.data.get("dso_rows")
        if rows:
            self.env.cr.execute(
                SQL(
                    """
                    DELETE FROM dso_dirty
                     WHERE id = ANY(%s)
                       AND (company_id, partner_id) IN (
                           SELECT company_id, partner_id FROM dso_account
                            WHERE id = ANY(%s))
                    """,
                    rows,
                    accounts.ids,
                )
            )

    # -------------------------------------------------------------------------
    # EVALUATION OF THE QUEUE
    # -------------------------------------------------------------------------

    def _evaluate_rows(self):
        """Evaluate the accounts of these rows that can be locked; forget the rows.

        :return: whether rows are left, because another transaction holds their account
        """
        Account = self.env["dso.account"]
        pairs = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT company_id, partner_id FROM dso_dirty
                 WHERE id = ANY(%s) AND account_id IS NULL
                """,
                self.ids,
            )
        )
        if pairs:
            Account._ensure(pairs)
            self.env.execute_query(
                SQL(
                    """
                    UPDATE dso_dirty d SET account_id = a.id
                      FROM dso_account a
                     WHERE d.id = ANY(%s) AND d.account_id IS NULL
                       AND a.company_id = d.company_id
                       AND a.partner_id = d.partner_id
                 RETURNING d.id
                    """,
                    self.ids,
                )
            )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT account_id, bool_or(touch) FROM dso_dirty
                 WHERE id = ANY(%s) AND account_id IS NOT NULL GROUP BY account_id
                """,
                self.ids,
            )
        )
        touched = Account.browse(account for account, touch in rows if touch)
        resting = Account.browse(account for account, touch in rows if not touch)
        evaluated = Account.browse()
        if touched:
            evaluated |= touched._evaluate(touch=True)[0]
        if resting:
            evaluated |= resting._evaluate(touch=False)[0]
        gone = self.env.execute_query(
            SQL(
                """
                DELETE FROM dso_dirty d
                 WHERE d.id = ANY(%(ids)s)
                   AND (d.account_id = ANY(%(accounts)s)
                        OR NOT EXISTS (SELECT 1 FROM dso_account a
                                        WHERE a.company_id = d.company_id
                                          AND a.partner_id = d.partner_id))
                    OR d.account_id = ANY(%(accounts)s)
                   AND d.failures >= %(parked)s
             RETURNING d.id
                """,
                ids=self.ids,
                accounts=evaluated.ids,
                parked=MAX_FAILURES,
            )
        )
        self.env["dso.dirty"].invalidate_model(flush=False)
        return bool(set(self.ids) - {row[0] for row in gone})

    @api.model
    def _drain(self, chunk=5000):
        """Evaluate the queue in chunks, each with its own commit.

        A chunk that fails is halved until the account at fault is alone; that one is
        parked with its failure counted, and starves nobody.

        :return: number of queue rows that are left
        """
        cron = self.env["ir.cron"]
        last = 0
        size = chunk
        conflicts = 0
        while True:
            ids = [
                row[0]
                for row in self.env.execute_query(
                    SQL(
                        """
                        SELECT id FROM dso_dirty
                         WHERE id > %s AND COALESCE(failures, 0) < %s
                      ORDER BY id LIMIT %s
                        """,
                        last,
                        MAX_FAILURES,
                        size,
                    )
                )
            ]
            if not ids:
                break
            try:
                self.browse(ids)._evaluate_rows()
                conflicts = 0
            except psycopg2.OperationalError as error:
                # somebody committed meanwhile: a new snapshot sees it; whoever keeps
                # conflicting is left to the next run
                self.env.cr.rollback()
                conflicts += 1
                if conflicts <= MAX_CONFLICTS:
                    continue
                _logger.info("Accounts left to the next run: %s", str(error).strip())
                conflicts = 0
            except Exception as error:
                self.env.cr.rollback()
                if len(ids) > 1:
                    size = max(1, len(ids) // 2)
                    continue
                _logger.warning("Account left in the queue: %s", error, exc_info=True)
                self.env.cr.execute(
                    "UPDATE dso_dirty SET failures = COALESCE(failures, 0) + 1"
                    " WHERE id = %s",
                    ids,
                )
            last = ids[-1]
            size = min(chunk, size * 2)
            if not cron._commit_progress(len(ids), remaining=self._count_waiting(last)):
                break
        return self._count_waiting(0)

    @api.model
    def _count_waiting(self, after):
        return self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM dso_dirty"
                " WHERE id > %s AND COALESCE(failures, 0) < %s",
                after,
                MAX_FAILURES,
            )
        )[0][0]

    @api.model
    def _cron_evaluate_queue(self):
        """Evaluate the accounts that a transaction could not evaluate itself."""
        self._drain()
