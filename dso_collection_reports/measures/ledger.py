"""The open items of some companies as of a day, read off the ledger.

What was open on a day is what is open now, with every reconciliation taken back that
came later: so today costs what the live ledger costs, and a past day what happened
since. A reconciliation is of the later date of its two journal items, as Odoo has it
(``account.partial.reconcile.max_date``). The sum over all items of a day is therefore
that day's balance of the trade receivable accounts, to the cent; journal items without
a partner are no items and are told apart (:func:`without_customer`).
"""

from datetime import date, timedelta
from itertools import chain

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.dso_collection.engine.evaluation import KIND

#: Past periods in a trend.
TREND = 12
#: Years of the days that a report can be of: others are typing errors, and months
#: before or after them may not exist.
YEARS = range(1900, 2200)


def to_day(env, value):
    """The day that somebody names.

    :param value: date or ISO string; nothing
    :return: date, None for nothing
    :raise UserError: for anything else, and for days out of all bookkeeping
    """
    if not value:
        return None
    try:
        day = date.fromisoformat(str(value))
        if day.year not in YEARS:
            raise ValueError(day)
    except ValueError as error:
        raise UserError(env._("%s is no date.", str(value)[:40])) from error
    return day


def context_day(env):
    """The day that a report is asked for, under the context key ``dso_as_of``.

    :return: date, or None for the companies' today
    :raise UserError: as of :func:`to_day`
    """
    return to_day(env, env.context.get("dso_as_of"))


def context_days(env):
    """What :func:`context_day` says; with the context key ``dso_trend`` (``week`` or
    ``month``) also the ends of the :data:`TREND` periods before it.

    :return: date, None, or list of dates
    :raise UserError: for an unknown period
    """
    day, period = context_day(env), env.context.get("dso_trend")
    if not period:
        return day
    if period not in ("week", "month"):
        raise UserError(env._("A trend is of weeks or months."))
    return trend(day or env.company._dso_today(), period)


def trend(day, period, count=TREND):
    """The ends of the last periods before a day, and the day itself, in order.

    :param period: ``week`` (ends on Sunday) or ``month``
    :return: list of dates
    """
    ends = [day]
    end = fields.Date.start_of(day, period) - timedelta(days=1)
    for _number in range(count):
        ends.append(end)
        end = fields.Date.start_of(end, period) - timedelta(days=1)
    return ends[::-1]


def days(companies, as_of=None):
    """The day of a report in each root company of these: "today" is a matter of time
    zones (rules.md §1.3).

    :param companies: res.company, branches included
    :param as_of: date; None = each company's today
    :return: {root res.company: date}
    """
    roots = companies.sudo().root_id  # ids and time zones, of the caller's companies
    return {root: as_of or root._dso_today() for root in roots}


def _all_days(companies, as_of):
    """As :func:`days`, of one day or a list of days: {root: list of dates}"""
    if isinstance(as_of, list):
        return dict.fromkeys(days(companies), as_of)
    return {root: [day] for root, day in days(companies, as_of).items()}


def is_past(companies, as_of=None):
    """Whether statuses must be looked up in the history for a day of these."""
    today = days(companies)
    return any(
        day < today[root]
        for root, those in _all_days(companies, as_of).items()
        for day in those
    )


def day_table(companies, as_of=None):
    """One row a day and company of the groups that these companies belong to.

    :return: SQL: ``company_id, root_id, day, tz, wanted``; only ``wanted`` rows are of
        the companies asked for, the others are branches that reconcile with them
    """
    rows = [
        (branch.id, root.id, day, root._dso_timezone().zone, branch in companies)
        for root, those in _all_days(companies, as_of).items()
        for branch in root.search([("id", "child_of", root.id)])
        for day in those
    ]
    columns = list(zip(*rows, strict=True)) or [()] * 5
    return SQL(
        """
        SELECT * FROM unnest(
            %s::int[], %s::int[], %s::date[], %s::text[], %s::boolean[]
        ) AS d (company_id, root_id, day, tz, wanted)
        """,
        *(list(column) for column in columns),
    )


def today_of(companies, company):
    """SQL: today of the company of a row, as constants: to join :func:`day_table` for
    it lets PostgreSQL believe that next to no rows are left.

    :param SQL company: id of a company of the groups that these belong to
    """
    todays = {
        branch.id: day
        for root, day in days(companies).items()
        for branch in root.search([("id", "child_of", root.id)])
    }
    if len(set(todays.values())) < 2:
        return SQL("%s::date", next(iter(todays.values()), None))
    return SQL(
        "(CASE %s %s END)::date",
        company,
        SQL(" ").join(SQL("WHEN %s THEN %s", *pair) for pair in todays.items()),
    )


def open_lines(companies, as_of=None):
    """What was open of each receivable journal item (instalment) on a day.

    Formula: residual = the ledger's residual now + what later reconciliations took
    from it. Posted journal items of trade receivable accounts dated on or before the
    day, with a partner. Company currency as posted: nothing is converted.

    :param companies: res.company, those that may be seen
    :param as_of: date, or list of dates (rows of each ``day``); None = each company's
        today
    :return: SQL, a query of ``id, move_id, company_id, root_id, partner_id`` (the
        commercial one)``, day, tz, currency_id, item_currency_id, residual,
        residual_currency, due, invoice_date, blocked, kind``; amounts signed
    """
    return SQL(
        """
        SELECT l.id, l.move_id, l.company_id, l.root_id, l.day, l.tz,
               p.commercial_partner_id AS partner_id,
               l.company_currency_id AS currency_id,
               l.currency_id AS item_currency_id, l.residual, l.residual_currency,
               COALESCE(l.date_maturity, l.invoice_date, l.date) AS due,
               COALESCE(m.invoice_date, m.date) AS invoice_date,
               l.residual > 0 AND (
                   l.no_followup IS TRUE OR m.payment_state = 'blocked') AS blocked,
               %(kind)s AS kind
          FROM (%(lines)s) l
          JOIN res_partner p ON p.id = l.partner_id
     LEFT JOIN account_move m ON m.id = l.move_id
     LEFT JOIN account_journal j ON j.id = m.journal_id
         WHERE l.residual <> 0
        """,
        lines=_residuals(companies, as_of),
        kind=KIND,
    )


def open_items(companies, as_of=None):
    """The open items of a day: what is open of one entry's receivable of one customer.

    Formula: sums over :func:`open_lines`; an item is due when its earliest open
    instalment is; ``overdue`` = what of it fell due before the day, credits included;
    ``overdue_debit`` = the same of debits only.

    :return: SQL, a query of ``id`` (a journal item's), ``move_id, company_id, root_id,
        day, tz, partner_id, currency_id, item_currency_id, kind, blocked,
        invoice_date, due, days_late, residual, residual_currency, debit, credit,
        overdue, overdue_debit``
    """
    return SQL(
        """
        SELECT MIN(id) AS id, move_id, company_id, root_id, day, partner_id,
               MIN(tz) AS tz, currency_id, MIN(item_currency_id) AS item_currency_id,
               MIN(kind) AS kind, bool_or(blocked) AS blocked,
               MIN(invoice_date) AS invoice_date, MIN(due) AS due,
               day - MIN(due) AS days_late,
               SUM(residual) AS residual,
               SUM(residual_currency) AS residual_currency,
               SUM(GREATEST(residual, 0)) AS debit,
               SUM(LEAST(residual, 0)) AS credit,
               COALESCE(SUM(residual) FILTER (WHERE due < day), 0) AS overdue,
               COALESCE(SUM(residual) FILTER (WHERE due < day AND residual > 0), 0)
                   AS overdue_debit
          FROM (%s) line
      GROUP BY move_id, company_id, root_id, day, partner_id, currency_id
        """,
        open_lines(companies, as_of),
    )


def without_customer(companies, as_of=None):
    """What is open on trade receivable accounts without a partner: no items, yet part
    of the trial balance. Company currency, signed.

    :return: SQL, a query of ``id, move_id, company_id, day, residual``
    """
    return SQL(
        """
        SELECT l.id, l.move_id, l.company_id, l.day, l.residual
          FROM (%s) l WHERE l.partner_id IS NULL AND l.residual <> 0
        """,
        _residuals(companies, as_of),
    )


def _residuals(companies, as_of):
    """Journal items of trade receivables with what was open of them on the day.

    ``later`` are the journal items dated after it, found by Odoo's index on account
    and date. Today there are none as a rule: then the live ledger is all that is read,
    in a form that lets PostgreSQL begin with one customer. The earliest day stands
    there as a constant, so that PostgreSQL knows how few there are.
    """
    env = companies.env
    for model in ("account.move", "account.move.line", "account.partial.reconcile"):
        env[model].flush_model()
    first = min(
        chain.from_iterable(_all_days(companies, as_of).values()),
        default=fields.Date.today(),
    )
    day = day_table(companies, as_of)
    receivable = env["dso.account"]._receivable_account_ids()
    if not env.execute_query(
        SQL(
            "SELECT 1 FROM account_move_line WHERE account_id = ANY(%s) AND date > %s"
            " LIMIT 1",
            receivable,
            first,
        )
    ):
        return SQL(
            """
            SELECT l.id, l.move_id, l.company_id, d.root_id, d.day, d.tz, l.partner_id,
                   l.company_currency_id, l.currency_id, l.date, l.date_maturity,
                   l.invoice_date, l.no_followup, l.statement_line_id,
                   l.amount_residual AS residual,
                   l.amount_residual_currency AS residual_currency
              FROM account_move_line l
              JOIN (%(days)s) d ON d.company_id = l.company_id AND d.wanted
             WHERE l.account_id = ANY(%(receivable)s) AND l.reconciled IS NOT TRUE
               AND l.parent_state = 'posted'
            """,
            days=day,
            receivable=receivable,
        )
    return SQL(
        """
        WITH day AS MATERIALIZED (%(days)s), later AS MATERIALIZED (
            SELECT x.id, d.day
              FROM account_move_line x
              JOIN day d ON d.company_id = x.company_id
             WHERE x.account_id = ANY(%(receivable)s)
               AND x.date > %(first)s AND x.date > d.day
        ), since AS MATERIALIZED (
            SELECT line_id, day, SUM(amount) AS amount,
                   SUM(amount_currency) AS amount_currency
              FROM (
                SELECT r.debit_move_id AS line_id, later.day, r.amount,
                       r.debit_amount_currency AS amount_currency
                  FROM later JOIN account_partial_reconcile r
                    ON r.credit_move_id = later.id
             UNION ALL
                SELECT r.credit_move_id, later.day, -r.amount,
                       -r.credit_amount_currency
                  FROM later JOIN account_partial_reconcile r
                    ON r.debit_move_id = later.id
                   ) part
          GROUP BY line_id, day
        )
        SELECT l.id, l.move_id, l.company_id, d.root_id, d.day, d.tz, l.partner_id,
               l.company_currency_id, l.currency_id, l.date, l.date_maturity,
               l.invoice_date, l.no_followup, l.statement_line_id,
               l.amount_residual + COALESCE(s.amount, 0) AS residual,
               l.amount_residual_currency + COALESCE(s.amount_currency, 0)
                   AS residual_currency
          FROM account_move_line l
          JOIN day d ON d.company_id = l.company_id AND d.wanted
     LEFT JOIN since s ON s.line_id = l.id AND s.day = d.day
         WHERE l.account_id = ANY(%(receivable)s) AND l.reconciled IS NOT TRUE
           AND l.parent_state = 'posted' AND l.date <= d.day
     UNION ALL
        SELECT l.id, l.move_id, l.company_id, d.root_id, d.day, d.tz, l.partner_id,
               l.company_currency_id, l.currency_id, l.date, l.date_maturity,
               l.invoice_date, l.no_followup, l.statement_line_id,
               l.amount_residual + s.amount,
               l.amount_residual_currency + s.amount_currency
          FROM since s
          JOIN account_move_line l ON l.id = s.line_id AND l.reconciled
          JOIN day d ON d.company_id = l.company_id AND d.day = s.day AND d.wanted
         WHERE l.account_id = ANY(%(receivable)s)
           AND l.parent_state = 'posted' AND l.date <= d.day
        """,
        days=day,
        first=first,
        receivable=receivable,
    )
