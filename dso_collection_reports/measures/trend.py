"""What was open and overdue at the ends of the last weeks or months (rules.md §9)."""

from odoo.tools import SQL

from . import ledger


def trend(companies, as_of=None, period=None):
    """Open and overdue balance of each customer at the ends of the last periods.

    Formula: the balance of the day, with what happened after an end of period taken
    back: journal items dated or fallen due after it, and reconciliations of a later
    date. Signed, in company currency, credits included: each figure is what
    :func:`ledger.open_items` gives for that day. Customers and days with nothing open
    have no row.

    :param companies: res.company, those that may be seen
    :param as_of: date; None = each company's today
    :param period: ``week`` or ``month``; None = the day only
    :return: SQL, a query of ``company_id, root_id, partner_id, day, residual, overdue``
    """
    rows = [
        (root.id, end)
        for root, day in ledger.days(companies, as_of).items()
        for end in (ledger.trend(day, period) if period else [day])
    ]
    return SQL(
        """
        WITH finish AS MATERIALIZED (
            SELECT * FROM unnest(%(roots)s::int[], %(ends)s::date[])
                          AS f (root_id, day)
        ), scope AS MATERIALIZED (
            SELECT company_id, root_id, day FROM (%(days)s) d WHERE wanted
        ), event AS (
            -- what changed a balance, and since when it counts among the overdue
            SELECT s.root_id, s.day, l.company_id, l.partner_id, l.date AS happened,
                   GREATEST(l.date, %(due)s + 1) AS late, l.balance AS amount
              FROM account_move_line l
              JOIN scope s ON s.company_id = l.company_id
             WHERE l.account_id = ANY(%(receivable)s) AND l.parent_state = 'posted'
               AND l.date <= s.day
               AND (l.date > %(first)s OR %(due)s >= %(first)s)
         UNION ALL
            SELECT s.root_id, s.day, l.company_id, l.partner_id, r.max_date,
                   GREATEST(r.max_date, %(due)s + 1), r.amount
              FROM (
                SELECT debit_move_id AS line_id, max_date, -amount AS amount
                  FROM account_partial_reconcile
             UNION ALL
                SELECT credit_move_id, max_date, amount
                  FROM account_partial_reconcile
                   ) r
              JOIN account_move_line l ON l.id = r.line_id
              JOIN scope s ON s.company_id = l.company_id
             WHERE l.account_id = ANY(%(receivable)s) AND l.parent_state = 'posted'
               AND r.max_date <= s.day
               AND (r.max_date > %(first)s OR %(due)s >= %(first)s)
        ), change AS (
            SELECT e.company_id, e.root_id, f.day,
                   p.commercial_partner_id AS partner_id,
                   SUM(e.amount) FILTER (WHERE e.happened > f.day) AS residual,
                   SUM(e.amount) FILTER (WHERE e.late > f.day
                                           AND e.late <= e.day) AS overdue
              FROM (
                SELECT root_id, day, company_id, partner_id, happened, late,
                       SUM(amount) AS amount
                  FROM event GROUP BY 1, 2, 3, 4, 5, 6
                   ) e
              JOIN res_partner p ON p.id = e.partner_id
              JOIN finish f ON f.root_id = e.root_id
               AND GREATEST(e.happened, e.late) > f.day
          GROUP BY 1, 2, 3, 4
        )
        SELECT company_id, root_id, partner_id, day, SUM(residual) AS residual,
               SUM(overdue) AS overdue
          FROM (
            SELECT i.company_id, i.root_id, i.partner_id, f.day, i.residual, i.overdue
              FROM (%(items)s) i
              JOIN finish f ON f.root_id = i.root_id
         UNION ALL
            SELECT company_id, root_id, partner_id, day, -COALESCE(residual, 0),
                   -COALESCE(overdue, 0)
              FROM change
               ) balance
      GROUP BY 1, 2, 3, 4
        HAVING SUM(residual) <> 0 OR SUM(overdue) <> 0
        """,
        roots=[root for root, _end in rows],
        ends=[end for _root, end in rows],
        first=min((end for _root, end in rows), default=None),
        days=ledger.day_table(companies, as_of),
        items=ledger.open_items(companies, as_of),
        receivable=companies.env["dso.account"]._receivable_account_ids(),
        due=SQL("COALESCE(l.date_maturity, l.invoice_date, l.date)"),
    )
