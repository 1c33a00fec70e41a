"""Disputes: which there were, how long they took, how they ended (rules.md §9)."""

from odoo.tools import SQL

from . import ledger
from .status import recorded, since


def disputes(companies, as_of=None):
    """Every dispute that began on or before a day, ended or not.

    A dispute lasts from its status date to that of the next other status, another type
    of dispute included; what was undone never was. Formula: resolution time = days from
    the one date to the other; age = days from its beginning to the day. In dispute =
    the disputed part, else what was open of the item when it was said, in company
    currency at the rate its entry is booked at. Source: the history of qualifications.

    :param companies: res.company, those that may be seen
    :param as_of: date; None = each company's today
    :return: SQL, a query of ``id`` (the qualification that said it, or last repeated
        it), ``root_id, account_id, partner_id, move_id, status_id`` (the cause),
        ``resolver_id, state`` (``open``, ``closed``)``, began, ended, days`` (closed
        ones), ``age`` (open ones), ``outcome, decided_by_id, credit_note_id, amount``
    """
    env = companies.env
    for model in ("dso.qualification", "dso.item", "dso.account"):
        env[model].flush_model()
    env["account.move.line"].flush_model(["balance", "amount_currency"])
    if ledger.is_past(companies, as_of):
        last = SQL(
            """
            NOT EXISTS (
                SELECT 1 FROM dso_qualification n
                 WHERE n.move_id = q.move_id AND n.account_id = q.account_id
                   AND n.id > q.id AND %s <= d.day)
            """,
            since("n", "d"),
        )
    else:
        last = SQL("EXISTS (SELECT 1 FROM dso_item i WHERE i.qualification_id = q.id)")
    return SQL(
        """
        SELECT c.said_id AS id, c.root_id, c.account_id, a.partner_id, c.move_id,
               b.status_id, b.resolver_id, c.state, c.began, c.ended,
               CASE WHEN c.state = 'closed'
                    THEN GREATEST(c.ended - c.began, 0) END AS days,
               CASE WHEN c.state = 'open'
                    THEN GREATEST(c.day - c.began, 0) END AS age,
               c.outcome, c.decided_by_id, c.credit_note_id,
               ROUND(CASE WHEN b.disputed_company > 0 THEN b.disputed_company::numeric
                          ELSE b.amount_residual * COALESCE(rate.rate, 1) END,
                     cc.decimal_places) AS amount
          FROM (
            SELECT d.root_id, d.day, q.account_id, q.move_id,
                   'closed' AS state, q.previous_id AS said_id,
                   COALESCE(p.dispute_date, p.status_date) AS began,
                   q.status_date AS ended, q.dispute_outcome AS outcome,
                   q.dispute_decided_by_id AS decided_by_id,
                   q.dispute_credit_note_id AS credit_note_id
              FROM dso_qualification q
              JOIN dso_qualification p ON p.id = q.previous_id
              JOIN (%(days)s) d ON d.company_id = q.company_id
             WHERE q.dispute_ended_id IS NOT NULL
               AND %(since)s <= d.day
               AND NOT EXISTS (
                   SELECT 1 FROM dso_qualification u
                    WHERE u.undo_of_id = q.id AND %(undone)s <= d.day)
         UNION ALL
            SELECT d.root_id, d.day, q.account_id, q.move_id, 'open', q.id,
                   COALESCE(q.dispute_date, q.status_date), NULL, NULL, NULL, NULL
              FROM dso_qualification q
              JOIN (%(days)s) d ON d.company_id = q.company_id
             WHERE q.status_type = 'dispute'
               AND %(since)s <= d.day
               AND %(last)s
               ) c
          JOIN dso_qualification b ON b.id = c.said_id
          JOIN dso_account a ON a.id = c.account_id
          JOIN res_company co ON co.id = a.company_id
          JOIN res_currency cc ON cc.id = co.currency_id
     LEFT JOIN LATERAL (
            SELECT SUM(l.balance) / NULLIF(SUM(l.amount_currency), 0) AS rate
              FROM account_move_line l
             WHERE l.move_id = c.move_id AND l.account_id = ANY(%(receivable)s)
               ) rate ON TRUE
        """,
        days=ledger.day_table(companies, as_of),
        since=since("q", "d"),
        undone=recorded("u", "d"),
        last=last,
        receivable=env["dso.account"]._receivable_account_ids(),
    )


def resolution_days(companies, as_of=None):
    """Average resolution time of disputes by company and cause, in days.

    :return: SQL, a query of ``root_id, status_id, days`` (numeric)
    """
    return SQL(
        """
        SELECT root_id, status_id, AVG(days) AS days
          FROM (%s) dispute WHERE state = 'closed'
      GROUP BY root_id, status_id
        """,
        disputes(companies, as_of),
    )
