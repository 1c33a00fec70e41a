"""What was paid, when, and how late (rules.md §9, R3)."""

from odoo.tools import SQL

from . import ledger

#: Rolling months of the average payment delay (rules.md §9).
MONTHS = 6


def paid_instalments(companies, as_of=None, months=MONTHS):
    """Instalments of invoices that were paid within some months before the day.

    An instalment counts with its whole amount on the day of its last payment; what only
    credit notes settled was not paid. It must have been settled on the day: what is
    dated later does not count. Receivable debits of sales and opening journals are
    invoices (architecture, item kinds). Source: account.move.line and
    account.partial.reconcile, whose ``max_date`` is the day on which both sides were
    there.

    :param companies: res.company, those that may be seen
    :param as_of: date; None = each company's today
    :param int months: how far back, in whole months
    :return: SQL, a query of ``id`` (the journal item's), ``move_id, company_id,
        root_id, day, partner_id`` (commercial), ``currency_id, amount`` (company
        currency), ``due, paid`` (dates), ``days`` (late; negative: early), ``recent``
        (within the rolling months of R3)
    """
    env = companies.env
    for model in ("account.move.line", "account.partial.reconcile"):
        env[model].flush_model()
    first = min(ledger.days(companies, as_of).values(), default=None)
    return SQL(
        """
        SELECT l.id, l.move_id, l.company_id, d.root_id, d.day,
               p.commercial_partner_id AS partner_id,
               l.company_currency_id AS currency_id, l.balance AS amount,
               COALESCE(l.date_maturity, l.invoice_date, l.date) AS due, r.paid,
               r.paid - COALESCE(l.date_maturity, l.invoice_date, l.date) AS days,
               r.paid > (d.day - %(recent)s::interval)::date AS recent
          FROM (%(settlements)s) r
          JOIN account_move_line l ON l.id = r.line_id
           AND l.account_id = ANY(%(receivable)s)
           AND l.parent_state = 'posted'
           AND l.reconciled
           AND l.balance > 0
          JOIN account_journal j ON j.id = l.journal_id
           AND (j.type = 'sale' OR j.dso_opening)
          JOIN (%(days)s) d ON d.company_id = l.company_id AND d.wanted
          JOIN res_partner p ON p.id = l.partner_id
         WHERE r.last <= d.day
           AND r.paid > (d.day - %(months)s::interval)::date
        """,
        recent=f"{MONTHS} months",
        months=f"{months} months",
        settlements=_settlements(
            SQL("(%s::date - %s::interval)::date", first, f"{months} months")
        ),
        days=ledger.day_table(companies, as_of),
        receivable=env["dso.account"]._receivable_account_ids(),
    )


def _settlements(since):
    """SQL: ``line_id, last, paid`` of receivables that something was settled of since a
    day: the day of the last reconciliation, and of the last payment.

    :param since: SQL, a date
    """
    return SQL(
        """
        SELECT r.debit_move_id AS line_id, MAX(r.max_date) AS last,
               MAX(r.max_date) FILTER (WHERE j.type <> 'sale') AS paid
          FROM account_partial_reconcile r
          JOIN account_move_line x ON x.id = r.credit_move_id
          JOIN account_journal j ON j.id = x.journal_id
         WHERE r.debit_amount_currency > 0 AND r.max_date > %s
      GROUP BY r.debit_move_id
        """,
        since,
    )


def settled_lines(companies, since):
    """Receivables of which nothing is open today, settled after a day.

    :param companies: res.company, those that may be seen
    :param since: date
    :return: SQL, a query of ``id`` (the journal item's)``, paid`` (day of the last
        payment after that day; NULL: credit notes settled it)
    """
    env = companies.env
    for model in ("account.move.line", "account.partial.reconcile"):
        env[model].flush_model()
    return SQL(
        """
        SELECT l.id, r.paid
          FROM (%(settlements)s) r
          JOIN account_move_line l ON l.id = r.line_id AND l.reconciled
         WHERE r.last <= %(today)s
        """,
        settlements=_settlements(SQL("%s::date", since)),
        today=ledger.today_of(companies, SQL("l.company_id")),
    )


def average_delays(companies, as_of=None):
    """Average payment delay of each customer in each root company (R3).

    Formula: sum of amount × days late ÷ sum of amount, over the instalments paid within
    the last six rolling months; days, negative: early. Today it is what the nightly job
    keeps on ``dso.account``, of a past day it is taken from the ledger.

    :return: SQL, a query of ``root_id, partner_id, days`` (numeric), ``weight``
        (what the company's own average weighs it with); no row where nothing was paid
    """
    if not ledger.is_past(companies, as_of):
        companies.env["dso.account"].flush_model(
            ["average_delay", "average_delay_count"]
        )
        return SQL(
            """
            SELECT company_id AS root_id, partner_id, average_delay AS days,
                   average_delay_count AS weight
              FROM dso_account
             WHERE average_delay_count > 0 AND company_id = ANY(%s)
            """,
            companies.sudo().root_id.ids,  # ids of the caller's companies
        )
    return SQL(
        """
        SELECT root_id, partner_id,
               ROUND(SUM(amount * days) / SUM(amount), 4) AS days,
               COUNT(DISTINCT move_id) AS weight
          FROM (%s) paid
      GROUP BY root_id, partner_id
        """,
        paid_instalments(companies, as_of),
    )
