"""What became of promises to pay, as of a day (rules.md §9)."""

from odoo.tools import SQL

from . import ledger
from .status import recorded


def promises(companies, as_of=None):
    """Every promise that was made on or before a day, with its state of that day.

    Kept: what was promised had come in by the day, in its days of grace. Broken or
    partly kept: the grace was over by the day. Cancelled: its items had left it by the
    day. Else it was open. Formula: received = the promised amount × what came in until
    the end of the grace ÷ what was promised, at most the promise; company currency; of
    open promises it is not told. Source: dso.promise, which is read off the ledger.

    :param companies: res.company, those that may be seen
    :param as_of: date; None = each company's today
    :return: SQL, a query of ``id`` (dso.promise), ``root_id, account_id, partner_id,
        plan_id, user_id, made, date, date_limit, state, settled, amount`` (what was
        promised), ``decided`` (the same where it was decided, else 0), ``received``
    """
    env = companies.env
    for model in ("dso.promise", "dso.promise.line", "dso.qualification"):
        env[model].flush_model()
    return SQL(
        """
        SELECT p.*,
               CASE WHEN p.state IN ('kept', 'partly', 'broken')
                    THEN p.amount ELSE 0 END AS decided,
               CASE WHEN p.state = 'kept' THEN p.amount
                    WHEN p.state = 'partly'
                    THEN ROUND(p.amount * LEAST(p.part, 1), p.decimal_places)
                    ELSE 0 END AS received
          FROM (
            SELECT p.id, d.root_id, p.account_id, a.partner_id, p.plan_id, p.user_id,
                   p.date_made AS made, p.date, p.date_limit,
                   CASE WHEN p.state = 'cancelled'
                         AND COALESCE(gone.day, d.day) <= d.day THEN 'cancelled'
                        WHEN p.date_settled <= LEAST(p.date_limit, d.day) THEN 'kept'
                        WHEN p.date_limit >= d.day OR p.state = 'open' THEN 'open'
                        WHEN p.state = 'cancelled' THEN 'open'
                        ELSE p.state END AS state,
                   CASE WHEN p.date_settled <= d.day THEN p.date_settled END AS settled,
                   p.amount, p.paid / NULLIF(p.item_amount, 0) AS part,
                   cc.decimal_places
              FROM dso_promise p
              JOIN dso_account a ON a.id = p.account_id
              JOIN (%(days)s) d ON d.company_id = p.company_id
              JOIN res_company co ON co.id = p.company_id
              JOIN res_currency cc ON cc.id = co.currency_id
         LEFT JOIN LATERAL (
                SELECT MAX(%(recorded)s) AS day
                  FROM dso_promise_line l
                  JOIN dso_qualification q ON q.id = l.released_by_id
                 WHERE l.promise_id = p.id
                   ) gone ON p.state = 'cancelled'
             WHERE p.date_made <= d.day
               ) p
        """,
        days=ledger.day_table(companies, as_of),
        recorded=recorded("q", "d"),
    )
