"""What was achieved in the month that a day is in (rules.md §9)."""

from datetime import timedelta

from odoo.tools import SQL

from odoo.addons.dso_collection.engine.evaluation import KIND

from . import disputes, ledger, promises, schedule


def performance(companies, as_of=None):
    """Figures of each customer, from the first of the month to the day.

    Formulas, in company currency: ``opening``, ``closing`` = balance of the open items
    when the month began and on the day; ``overdue``, ``overdue_before`` = what of these
    was overdue; ``current`` = what of the closing balance was not; ``sales`` = invoices
    less credit notes dated in the period, tax included; ``cash`` = payments dated in
    the period, allocated or not, less refunds. Collection effectiveness (CEI) =
    (opening + sales − closing) ÷ (opening + sales − current). ``actions`` = actions
    done in the period; ``disputed``, ``resolved`` = disputes that began, that ended in
    it; ``promised``, ``received`` = promises whose grace ended in it, what came in of
    them.

    Sources: :mod:`ledger`, :mod:`disputes`, :mod:`promises`, dso.action.

    :param companies: res.company, those that may be seen
    :param as_of: date; None = each company's today
    :return: SQL, a query of ``root_id, partner_id`` and the figures
    """
    env = companies.env
    env["dso.action"].flush_model()
    groups = schedule.by_month(companies, as_of)
    return SQL(" UNION ALL ").join(
        _performance(group, as_of, start) for start, group in groups
    )


def _performance(companies, as_of, start):
    return SQL(
        """
        (SELECT root_id, partner_id,
                SUM(opening) AS opening, SUM(overdue_before) AS overdue_before,
                SUM(closing) AS closing, SUM(overdue) AS overdue,
                SUM(closing) - SUM(overdue) AS current, SUM(sales) AS sales,
                SUM(cash) AS cash, SUM(actions)::int AS actions,
                SUM(disputed)::int AS disputed, SUM(resolved)::int AS resolved,
                SUM(promised) AS promised, SUM(received) AS received
           FROM (
             SELECT root_id, partner_id, residual AS opening, overdue AS overdue_before,
                    0 AS closing, 0 AS overdue, 0 AS sales, 0 AS cash, 0 AS actions,
                    0 AS disputed, 0 AS resolved, 0 AS promised, 0 AS received
               FROM (%(before)s) before
          UNION ALL
             SELECT root_id, partner_id, 0, 0, residual, overdue,
                    0, 0, 0, 0, 0, 0, 0
               FROM (%(now)s) now
          UNION ALL
             SELECT root_id, partner_id, 0, 0, 0, 0,
                    CASE WHEN kind IN ('invoice', 'credit_note')
                         THEN balance ELSE 0 END,
                    CASE WHEN kind = 'payment' THEN -balance ELSE 0 END,
                    0, 0, 0, 0, 0
               FROM (
                 SELECT d.root_id, p.commercial_partner_id AS partner_id, l.balance,
                        %(kind)s AS kind
                   FROM account_move_line l
                   JOIN (%(days)s) d ON d.company_id = l.company_id AND d.wanted
                   JOIN res_partner p ON p.id = l.partner_id
                   JOIN account_move m ON m.id = l.move_id
                   JOIN account_journal j ON j.id = m.journal_id
                  WHERE l.account_id = ANY(%(receivable)s)
                    AND l.parent_state = 'posted'
                    AND l.date >= %(start)s AND l.date <= d.day
                    ) moved
          UNION ALL
             SELECT d.root_id, a.partner_id, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0
               FROM dso_action x
               JOIN dso_account a ON a.id = x.account_id
               JOIN (%(days)s) d ON d.company_id = x.company_id
              WHERE x.state = 'done'
                AND x.date_done >= %(start)s AND x.date_done <= d.day
          UNION ALL
             SELECT root_id, partner_id, 0, 0, 0, 0, 0, 0, 0,
                    (began >= %(start)s)::int, (ended >= %(start)s)::int, 0, 0
               FROM (%(disputes)s) dispute
              WHERE began >= %(start)s OR ended >= %(start)s
          UNION ALL
             SELECT root_id, partner_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, decided, received
               FROM (%(promises)s) promise
              WHERE date_limit >= %(start)s AND decided > 0
                ) figure
       GROUP BY root_id, partner_id)
        """,
        before=ledger.open_items(companies, start - timedelta(days=1)),
        now=ledger.open_items(companies, as_of),
        days=ledger.day_table(companies, as_of),
        disputes=disputes.disputes(companies, as_of),
        promises=promises.promises(companies, as_of),
        kind=KIND,
        receivable=companies.env["dso.account"]._receivable_account_ids(),
        start=start,
    )
