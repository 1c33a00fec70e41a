"""Expected payment dates: when each open invoice will be paid, by what was paid so far.

``engine/expected.py`` says how; here the ledger is read, and what is expected is
written on the items. The nightly job reads the ledger of a company once, into a table
of its own session, and writes what has changed, some thousand accounts at a time.

For the ends of the last months it keeps what was to be expected on that day, by what
was known then, so that a forecast can be held against the payments that followed.
"""

import logging
from datetime import datetime, time, timedelta
from functools import partial

import numpy as np
import psycopg2
import pytz

from odoo import api, models
from odoo.fields import Date
from odoo.tools import SQL

from ..engine import expected

_logger = logging.getLogger(__name__)

#: Rolling months of payments that are learnt from.
MONTHS = 24
#: Accounts whose items are written at once.
CHUNK = 2_000
#: Ends of months of which it is kept what was expected.
KEPT = 6


class DsoItem(models.Model):
    _inherit = "dso.item"

    @api.model
    def _cron_expected(self):
        """Write the expected payment dates of all companies, for the nightly job."""
        companies = self.env["res.company"].search([("parent_id", "=", False)])
        for done, company in enumerate(companies, 1):
            pause = partial(self._pause, len(companies) - done)
            self._refresh_expected(company, pause)
            self._keep_expected(company, pause)

    @api.model
    def _pause(self, remaining):
        self.env["ir.cron"]._commit_progress(remaining=remaining)

    @api.model
    def _refresh_expected(self, company, pause=lambda: None):
        """Write what is expected of the open invoices of one company.

        Accounts that another transaction holds wait for the next night.

        :param company: res.company, a root
        :param pause: called after each chunk, to commit it
        :return: number of items that were written
        """
        written = 0
        for ids, rows in self._expected_chunks(company):
            try:
                with self.env.cr.savepoint(flush=False):
                    written += self._write_expected(ids, rows)
            except psycopg2.OperationalError as error:
                _logger.info("Expected dates left to the next night: %s", error)
            pause()
        written += self._clear_expected(
            SQL(
                """
                i.account_id IN (SELECT id FROM dso_account WHERE company_id = %s)
                AND NOT EXISTS (SELECT 1 FROM dso_maia_payment y
                                 WHERE y.account_id = i.account_id AND NOT y.paid)
                """,
                company.id,
            )
        )
        self.env.cr.execute("DROP TABLE dso_maia_payment")
        pause()
        # items have got rows that had none
        self.env.invalidate_all(flush=False)
        return written

    @api.model
    def _keep_expected(self, company, pause=lambda: None):
        """Keep what was to be expected at the ends of the last months, once each.

        :param company: res.company, a root
        :param pause: called after each chunk, to commit it
        :return: number of expectations that were kept
        """
        ends = [company._dso_today()]
        for _month in range(KEPT):
            ends.append(Date.start_of(ends[-1], "month") - timedelta(days=1))
        Expectation, kept = self.env["dso.expectation"], 0
        for day in ends[:0:-1]:
            if company.dso_maia_kept_until and day <= company.dso_maia_kept_until:
                continue
            for _ids, rows in self._expected_chunks(company, day):
                kept += Expectation._keep(day, rows)
                pause()
            self.env.cr.execute("DROP TABLE dso_maia_payment")
            company.dso_maia_kept_until = day
            Expectation._forget(
                SQL(
                    """
                    e.day < %s AND e.account_id IN (
                        SELECT id FROM dso_account WHERE company_id = %s)
                    """,
                    ends[-1],
                    company.id,
                )
            )
            pause()
        return kept

    @api.model
    def _expected_chunks(self, company, as_of=None):
        """What is expected of the open invoices of a company, some accounts at a time.

        :param company: res.company, a root
        :param as_of: date that has passed: what was to be expected at its end; None:
            what is expected now
        :return: iterator of (account ids, rows of :meth:`_expected_rows`); the caller
            drops the table ``dso_maia_payment`` behind it
        """
        self.env.flush_all()
        self._read_payments(company, as_of)
        everybody, similar, segment_paid = self._wider_chances()
        after = 0
        while ids := self._accounts_after(after):
            after = ids[-1]
            yield (
                ids,
                self._expected_rows(
                    ids, everybody, similar, segment_paid, company, as_of
                ),
            )

    @api.model
    def _read_payments(self, company, as_of=None):
        """Read the invoices of a company into a table of this session.

        An instalment is paid on the day of its last payment; what only credit notes
        settled was not paid. An open one was unpaid up to yesterday. Receivable debits
        of sales journals and of opening journals are invoices (architecture, item
        kinds). Similar customers have the client type and the country in common.

        As of a day that has passed, what was dated later was not there, and what was
        settled later was open.
        """
        Account = self.env["dso.account"]
        branches = self.env["res.company"].sudo()  # ids only, to read their lines
        today = as_of or company._dso_today()
        self.env.cr.execute("DROP TABLE IF EXISTS pg_temp.dso_maia_payment")
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE dso_maia_payment AS
                WITH journal AS MATERIALIZED (
                    SELECT array_agg(id) FILTER (
                               WHERE type = 'sale' OR dso_opening) AS sale,
                           array_agg(id) FILTER (WHERE type = 'sale') AS credit
                      FROM account_journal
                     WHERE company_id = ANY (%(branches)s)
                ), customer AS MATERIALIZED (
                    SELECT a.id, p.id AS partner_id,
                           dense_rank() OVER (
                               ORDER BY a.client_type_id, p.country_id)::int - 1
                               AS segment
                      FROM dso_account a
                      JOIN res_partner p ON p.id = a.partner_id
                     WHERE a.company_id = %(company)s
                )
                SELECT c.id AS account_id, c.segment, l.move_id, x.due,
                       LEAST(COALESCE(l.invoice_date, l.date) - x.due, 0) AS entry,
                       CASE WHEN s.paid THEN r.last ELSE %(today)s END - x.due AS age,
                       s.paid
                  FROM customer c
                  JOIN res_partner p ON p.commercial_partner_id = c.partner_id
                  JOIN account_move_line l ON l.partner_id = p.id
                   AND l.company_id = ANY (%(branches)s)
                   AND l.account_id = ANY (%(receivable)s)
                   AND l.parent_state = 'posted'
                   AND l.balance > 0
                   AND l.journal_id = ANY (SELECT unnest(sale) FROM journal)
            CROSS JOIN LATERAL (
                    SELECT COALESCE(l.date_maturity, l.invoice_date, l.date) AS due) x
            CROSS JOIN LATERAL (
                    SELECT MAX(r.max_date) AS settled,
                           MAX(r.max_date) FILTER (
                               WHERE r.debit_amount_currency > 0
                                 AND o.journal_id <> ALL (
                                     SELECT unnest(credit) FROM journal)) AS last
                      FROM account_partial_reconcile r
                      JOIN account_move_line o ON o.id = r.credit_move_id
                     WHERE l.reconciled AND r.debit_move_id = l.id) r
            CROSS JOIN LATERAL (
                    SELECT l.reconciled AND %(settled)s AS paid) s
                 WHERE CASE WHEN s.paid
                            THEN r.last > %(since)s AND r.last <= %(today)s
                            ELSE %(still_open)s END
                """,
                company=company.id,
                branches=branches.search([("id", "child_of", company.id)]).ids,
                receivable=Account._receivable_account_ids(),
                today=today,
                since=Date.subtract(today, months=MONTHS),
                settled=SQL("COALESCE(r.settled <= %s, TRUE)", as_of)
                if as_of
                else SQL("TRUE"),
                still_open=SQL(
                    "l.date <= %s AND (l.reconciled OR l.amount_residual > 0)", as_of
                )
                if as_of
                else SQL("l.amount_residual > 0"),
            )
        )
        self.env.cr.execute("CREATE INDEX ON dso_maia_payment (account_id)")
        self.env.cr.execute("ANALYZE dso_maia_payment")

    @api.model
    def _counted(self, group, condition):
        """Invoices of that table by group: five arrays, see ``expected.tally``.

        :param group: SQL, number of the group
        :param condition: SQL
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT %(group)s, GREATEST(entry, %(first)s),
                       LEAST(GREATEST(age, %(first)s), %(last)s), paid, COUNT(*)
                  FROM dso_maia_payment WHERE %(condition)s
              GROUP BY 1, 2, 3, 4
                """,
                group=group,
                condition=condition,
                first=expected.FIRST,
                last=expected.LAST,
            )
        )
        rows = self.env.cr.fetchall()
        return [np.array(values) for values in zip(*rows, strict=True)] or [[]] * 5

    @api.model
    def _wider_chances(self):
        """(chances of everybody, chances of each segment, what each segment paid)."""
        segment, entry, age, paid, times = self._counted(SQL("segment"), SQL("TRUE"))
        count = int(max(segment, default=0)) + 1
        seen = expected.tally(segment, count, entry, age, paid, times)
        everybody = expected.of_everybody(seen.grouped(np.zeros(count, int), 1))
        similar = expected.chances(seen, everybody, expected.STRENGTH["segment"])
        return everybody, similar, seen.paid.sum(axis=1)

    @api.model
    def _accounts_after(self, after):
        """The next accounts with open invoices."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT account_id FROM dso_maia_payment
                 WHERE account_id > %s AND NOT paid ORDER BY 1 LIMIT %s
                """,
                after,
                CHUNK,
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _expected_rows(
        self, ids, everybody, similar, segment_paid, company, as_of=None
    ):
        """What is expected of the open invoices of accounts.

        What is disputed as a whole, in litigation or left out of collection is not
        expected. An open promise is believed on its day, or today once that is over
        while its grace days run. Of a past day the history of qualifications tells what
        had been said; whether an item is left out has no history.

        :param ids: of accounts, ascending
        :return: list of (move id, account id, date, source)
        """
        today = as_of or company._dso_today()
        own = SQL("account_id = ANY(%s)", ids)
        account, entry, age, paid, times = self._counted(SQL("account_id"), own)
        row_of = {account_id: row for row, account_id in enumerate(ids)}
        mine = np.array([row_of[one] for one in account], np.int64)
        seen = expected.tally(mine, len(ids), entry, age, paid, times)
        items = self.env.execute_query(
            SQL(
                """
                SELECT y.move_id, y.account_id, MIN(y.segment), MIN(y.due),
                       MIN(s.promise_date), MIN(s.promised_on)
                  FROM dso_maia_payment y
             LEFT JOIN dso_item i ON i.move_id = y.move_id
                   AND i.account_id = y.account_id AND i.account_id = ANY(%(ids)s)
             LEFT JOIN LATERAL (%(said)s) s ON TRUE
                 WHERE y.account_id = ANY(%(ids)s) AND NOT y.paid
                   AND i.ignored IS NOT TRUE
                   AND s.status_type IS DISTINCT FROM 'litigation'
                   AND (s.status_type IS DISTINCT FROM 'dispute'
                        OR s.disputed_amount > 0)
              GROUP BY y.move_id, y.account_id
                """,
                ids=ids,
                said=self._said_of_items(company, as_of),
            )
        )
        if not items:
            return []
        segment = np.zeros(len(ids), np.int64)
        for _move, account_id, number, *_rest in items:
            segment[row_of[account_id]] = number
        spread = expected.Spread(
            expected.chances(seen, similar[segment], expected.STRENGTH["customer"])
        )
        rows = np.array([row_of[item[1]] for item in items])
        days = spread.expected(rows, [(today - item[3]).days for item in items])
        paid_by = seen.paid.sum(axis=1)
        total = segment_paid.sum()
        result = []
        for item, row, day in zip(items, rows, days.tolist(), strict=True):
            move, account_id, number, due, promise, made = item
            if promise and (
                not as_of or company._dso_promise_limit(promise, made) >= today
            ):
                result.append((move, account_id, max(promise, today), "promise"))
                continue
            source = self._stands_on(paid_by[row], segment_paid[number], total)
            if source and day <= expected.LAST:
                result.append((move, account_id, Date.add(due, days=day), source))
        return result

    @api.model
    def _said_of_items(self, company, as_of=None):
        """SQL: the status of the item of ``y`` and ``i``, and its promise while that is
        open; of a past day its promise whatever became of it.

        :return: SQL, a query of ``status_type, disputed_amount, promise_date,
            promised_on`` (the day on which it was promised)
        """
        if not as_of:
            return SQL(
                """
                SELECT i.status_type, i.disputed_amount,
                       CASE WHEN i.promise_state = 'open' THEN i.promise_date END
                           AS promise_date,
                       i.status_date AS promised_on
                """
            )
        end = company._dso_timezone().localize(
            datetime.combine(as_of + timedelta(days=1), time())
        )
        return SQL(
            """
            SELECT q.status_type, q.disputed_amount,
                   CASE WHEN q.status_type = 'promise_to_pay' THEN q.promise_date END
                       AS promise_date,
                   q.status_date AS promised_on
              FROM dso_qualification q
             WHERE q.move_id = y.move_id AND q.account_id = y.account_id
               AND q.date < %s
          ORDER BY q.id DESC
             LIMIT 1
            """,
            end.astimezone(pytz.utc).replace(tzinfo=None),
        )

    @api.model
    def _stands_on(self, customer, segment, everybody):
        """The narrowest group that has paid enough invoices to speak for it."""
        if customer >= expected.ENOUGH["customer"]:
            return "customer"
        if segment >= expected.ENOUGH["segment"]:
            return "segment"
        return "company" if everybody >= expected.ENOUGH["segment"] else None

    @api.model
    def _write_expected(self, ids, rows):
        """Write what differs, with rows for items that had none.

        :param ids: of the accounts that were looked at
        :param rows: of :meth:`_expected_rows`
        :return: number of items that were written
        """
        moves, accounts, dates, sources = (
            [list(values) for values in zip(*rows, strict=True)] if rows else [[]] * 4
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO dso_item (move_id, account_id, create_uid, create_date,
                                      write_uid, write_date)
                SELECT k.move_id, k.account_id, %(uid)s, NOW() AT TIME ZONE 'UTC',
                       %(uid)s, NOW() AT TIME ZONE 'UTC'
                  FROM unnest(%(moves)s::int[], %(accounts)s::int[])
                       AS k(move_id, account_id)
                 WHERE NOT EXISTS (
                       SELECT 1 FROM dso_item i
                        WHERE i.move_id = k.move_id AND i.account_id = k.account_id)
           ON CONFLICT (move_id, account_id) DO NOTHING
                """,
                uid=self.env.uid,
                moves=moves,
                accounts=accounts,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                WITH stale AS MATERIALIZED (
                    SELECT i.id, k.day, k.source
                      FROM unnest(%s::int[], %s::int[], %s::date[], %s::varchar[])
                           AS k(move_id, account_id, day, source)
                      JOIN dso_item i ON i.move_id = k.move_id
                       AND i.account_id = k.account_id
                     WHERE i.expected_date IS DISTINCT FROM k.day
                        OR i.expected_source IS DISTINCT FROM k.source
                  ORDER BY i.id FOR NO KEY UPDATE OF i SKIP LOCKED)
                UPDATE dso_item i
                   SET expected_date = stale.day, expected_source = stale.source
                  FROM stale WHERE i.id = stale.id
                """,
                moves,
                accounts,
                dates,
                sources,
            )
        )
        return self.env.cr.rowcount + self._clear_expected(
            SQL(
                """
                i.account_id = ANY(%s) AND (i.move_id, i.account_id) NOT IN (
                    SELECT * FROM unnest(%s::int[], %s::int[]))
                """,
                ids,
                moves,
                accounts,
            )
        )

    @api.model
    def _clear_expected(self, condition):
        """Nothing is expected any more of the items that meet a condition.

        :param condition: SQL on ``dso_item i``
        :return: number of items that were written
        """
        self.env.cr.execute(
            SQL(
                """
                WITH stale AS MATERIALIZED (
                    SELECT i.id FROM dso_item i
                     WHERE i.expected_date IS NOT NULL AND %s
                  ORDER BY i.id FOR NO KEY UPDATE OF i SKIP LOCKED)
                UPDATE dso_item i SET expected_date = NULL, expected_source = NULL
                  FROM stale WHERE i.id = stale.id
                """,
                condition,
            )
        )
        return self.env.cr.rowcount
