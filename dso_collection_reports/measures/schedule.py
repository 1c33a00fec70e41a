"""What is to be collected by when, and what of it came in (rules.md §9, R5)."""

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from odoo.addons.dso_collection.engine.evaluation import KIND

from . import ledger

#: Months after the present one that are told apart; what falls due later is one bucket.
MONTHS = 3


def by_month(companies, as_of=None):
    """The companies by the month that their day is in.

    :return: list of (first day of the month, res.company)
    """
    grouped = {}
    for root, day in ledger.days(companies, as_of).items():
        grouped.setdefault(fields.Date.start_of(day, "month"), []).append(root.id)
    # ids only, of the caller's companies
    roots = {c: c.sudo().root_id.id for c in companies}
    return [
        (start, companies.filtered(lambda c, ids=ids: roots[c] in ids))
        for start, ids in grouped.items()
    ]


def schedule(companies, as_of=None):
    """Payment schedule of the month that the day is in: one row per debit instalment.

    Formulas, in company currency. To collect: what was open when the month began, or
    was invoiced since, less what credit notes took off it; of a refund what is still
    open of it, for it collects nothing. Remains: what is open on the day. Collected =
    to collect − remains. Collectable = to collect of what was overdue when the month
    began or falls due within it; efficiency = collected of these ÷ collectable. Items
    that fall due later are told by month. What is open of credits on the day is told as
    such. So the sum of ``remains`` is that of the open items.

    :param companies: res.company, those that may be seen
    :param as_of: date; None = each company's today
    :return: SQL, a query of ``id`` (the journal item's), ``move_id, company_id,
        root_id, partner_id, currency_id, due, bucket`` (``1_overdue``, ``2_month``,
        ``3_m1`` …, ``9_later``, ``credit``)``, to_collect, remains, collected,
        collectable, collected_due``
    """
    return SQL(" UNION ALL ").join(
        _schedule(group, as_of, start) for start, group in by_month(companies, as_of)
    )


def _schedule(companies, as_of, start):
    receivable = companies.env["dso.account"]._receivable_account_ids()
    ends = [fields.Date.add(start, months=n + 1) for n in range(MONTHS + 1)]
    months = SQL(" ").join(
        SQL("WHEN l.due < %s THEN %s", end, f"{n + 2}_m{n}" if n else "2_month")
        for n, end in enumerate(ends)
    )
    return SQL(
        """
        (WITH before AS MATERIALIZED (%(before)s), now AS MATERIALIZED (%(now)s),
        fresh AS MATERIALIZED (
            SELECT l.id, l.move_id, l.company_id, d.root_id,
                   p.commercial_partner_id AS partner_id,
                   l.company_currency_id AS currency_id, l.balance AS residual,
                   COALESCE(l.date_maturity, l.invoice_date, l.date) AS due,
                   %(kind)s AS kind
              FROM account_move_line l
              JOIN (%(days)s) d ON d.company_id = l.company_id AND d.wanted
              JOIN res_partner p ON p.id = l.partner_id
              JOIN account_move m ON m.id = l.move_id
              JOIN account_journal j ON j.id = m.journal_id
             WHERE l.account_id = ANY(%(receivable)s) AND l.parent_state = 'posted'
               AND l.date >= %(start)s AND l.date <= d.day AND l.balance > 0
        ), credited AS MATERIALIZED (
            SELECT r.debit_move_id AS id, SUM(r.amount) AS amount
              FROM account_partial_reconcile r
              JOIN account_move_line l ON l.id = r.debit_move_id
              JOIN (%(days)s) d ON d.company_id = l.company_id AND d.wanted
              JOIN account_move_line x ON x.id = r.credit_move_id
              JOIN account_journal j ON j.id = x.journal_id AND j.type = 'sale'
             WHERE r.max_date >= %(start)s AND r.max_date <= d.day
          GROUP BY r.debit_move_id
        ), line AS (
            SELECT l.id, l.move_id, l.company_id, l.root_id, l.partner_id,
                   l.currency_id, l.due,
                   CASE WHEN l.kind = 'payment' THEN COALESCE(n.residual, 0)
                        ELSE l.residual - COALESCE(c.amount, 0) END AS to_collect,
                   COALESCE(n.residual, 0) AS remains
              FROM (
                SELECT id, move_id, company_id, root_id, partner_id, currency_id, due,
                       residual, kind
                  FROM before WHERE residual > 0
             UNION ALL
                SELECT id, move_id, company_id, root_id, partner_id, currency_id, due,
                       residual, kind
                  FROM fresh
                   ) l
         LEFT JOIN now n ON n.id = l.id
         LEFT JOIN credited c ON c.id = l.id
        )
        SELECT l.*, l.to_collect - l.remains AS collected,
               CASE WHEN l.due < %(next)s THEN l.to_collect ELSE 0 END AS collectable,
               CASE WHEN l.due < %(next)s THEN l.to_collect - l.remains
                    ELSE 0 END AS collected_due,
               CASE WHEN l.due < %(start)s THEN '1_overdue' %(months)s
                    ELSE '9_later' END AS bucket
          FROM line l
         WHERE l.to_collect <> 0 OR l.remains <> 0
     UNION ALL
        SELECT id, move_id, company_id, root_id, partner_id, currency_id, due,
               0, residual, 0, 0, 0, 'credit'
          FROM now WHERE residual < 0)
        """,
        before=ledger.open_lines(companies, start - timedelta(days=1)),
        now=ledger.open_lines(companies, as_of),
        days=ledger.day_table(companies, as_of),
        kind=KIND,
        receivable=receivable,
        start=start,
        next=ends[0],
        months=months,
    )
