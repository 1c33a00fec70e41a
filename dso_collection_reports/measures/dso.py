"""Days sales outstanding (rules.md §9).

All forms of DSO are taken of one row of figures: what was receivable and overdue on a
day, and the sales of the months up to it, added up from the latest one. The figures can
be summed over customers, companies or collectors; the days are taken of the sums.
"""

from odoo.tools import SQL

from . import ageing, ledger

#: Months that are looked back. Receivables that exceed their sales count as that old.
MONTHS = 24
#: Parts of a unit of currency in which sales are added up.
UNITS = 10_000
#: Months of which classic and best possible DSO are taken.
CLASSIC_MONTHS = 3
#: Columns of the sales of the last 1, 2, 3, … months together, in units of
#: 1/:data:`UNITS`: whole numbers in floating point, whose sums are exact. So many exact
#: sums of decimal numbers for each customer would need gigabytes.
SALES = [f"sales_{count}" for count in range(1, MONTHS + 1)]


def figures(companies, as_of=None):
    """Receivables and sales of each customer.

    Receivable: the open amounts of the day, credits deducted; overdue: what of them was
    due before it (:func:`ledger.open_lines`). Sales: what journals of sales posted on
    trade receivable accounts, taxes included, credit notes deducted, by accounting
    date; the month of the day counts up to the day. Company currency.

    :param as_of: date, or list of dates; None = each company's today
    :return: SQL, a query of ``id, company_id, root_id, day, partner_id, currency_id,
        receivable, overdue, sales`` (of :data:`CLASSIC_MONTHS`) and :data:`SALES`
    """
    env = companies.env
    env["account.journal"].flush_model(["type"])
    return SQL(
        """
        WITH month AS MATERIALIZED (
            -- to find a day among the first ones of months is a binary search
            SELECT d.company_id, d.root_id, d.day, ARRAY(
                       SELECT (date_trunc('month', d.day) - n * '1 month'::interval)
                              ::date
                         FROM generate_series(%(before)s, 0, -1) n) AS starts
              FROM (%(days)s) d WHERE d.wanted
        )
        SELECT MIN(f.id) AS id, f.company_id, f.root_id, f.day, f.partner_id,
               c.currency_id, COALESCE(SUM(f.receivable), 0) AS receivable,
               COALESCE(SUM(f.overdue), 0) AS overdue,
               COALESCE(SUM(f.sales) FILTER (WHERE f.ago < %(classic)s), 0) AS sales,
               %(sums)s
          FROM (
            SELECT MIN(id) AS id, company_id, root_id, day, partner_id,
                   SUM(residual) AS receivable,
                   SUM(residual) FILTER (WHERE due < day) AS overdue,
                   NULL::int AS ago, NULL::numeric AS sales, NULL::float8 AS rough
              FROM (%(lines)s) l
          GROUP BY company_id, root_id, day, partner_id
         UNION ALL
            SELECT MIN(l.id), l.company_id, d.root_id, d.day, p.commercial_partner_id,
                   NULL, NULL, %(months)s - width_bucket(l.date, d.starts),
                   SUM(l.balance), (SUM(l.balance) * %(units)s)::float8
              FROM account_move_line l
              JOIN month d ON d.company_id = l.company_id
              JOIN res_partner p ON p.id = l.partner_id
             WHERE l.account_id = ANY(%(receivable)s)
               AND l.journal_id = ANY(%(journals)s)
               AND l.parent_state = 'posted'
               AND l.date BETWEEN d.starts[1] AND d.day
          GROUP BY 2, 3, 4, 5, 8
               ) f
          JOIN res_company c ON c.id = f.company_id
      GROUP BY f.company_id, f.root_id, f.day, f.partner_id, c.currency_id
        """,
        lines=ledger.open_lines(companies, as_of),
        days=ledger.day_table(companies, as_of),
        before=MONTHS - 1,
        months=MONTHS,
        units=UNITS,
        classic=CLASSIC_MONTHS,
        receivable=env["dso.account"]._receivable_account_ids(),
        journals=env["account.journal"]
        .sudo()  # ids only, of the companies that the caller may see
        .with_context(active_test=False)
        .search([("type", "=", "sale"), ("company_id", "in", companies.ids)])
        .ids,
        sums=SQL(", ").join(
            SQL(
                "COALESCE(SUM(f.rough) FILTER (WHERE f.ago < %s), 0) AS %s",
                count,
                SQL.identifier(name),
            )
            for count, name in enumerate(SALES, start=1)
        ),
    )


def sales_of(total):
    """SQL: sales as an amount, to be compared with receivables to the cent.

    :param total: SQL, one of :data:`SALES`, or its sum
    """
    return SQL("(%s / %s)", total, UNITS)


def count_back(receivable, sales, day):
    """DSO by count-back: subtract each month's sales from the receivables, the latest
    first, adding its days; the month that exceeds what is left counts in proportion
    (R2). Days.

    :param receivable: SQL, an amount
    :param sales: function: number of months -> SQL, sales of the last so many months
    :param day: SQL, a date
    :return: SQL; 0 where nothing is receivable; all days looked back where the sales
        are less than the receivables; NULL where nothing was sold
    """
    cases = [SQL("WHEN %s <= 0 THEN 0", receivable)]
    for count in range(1, MONTHS + 1):
        before = SQL("0") if count == 1 else sales(count - 1)
        # the first month that reaches the receivables: its own sales are positive
        cases.append(
            SQL(
                "WHEN %(sold)s >= %(receivable)s THEN %(past)s + (%(all)s - %(past)s)"
                " * (%(receivable)s - %(before)s) / (%(sold)s - %(before)s)",
                sold=sales(count),
                receivable=receivable,
                past=days_of(count - 1, day),
                all=days_of(count, day),
                before=before,
            )
        )
    return SQL(
        "(CASE %s WHEN %s > 0 THEN %s END)",
        SQL(" ").join(cases),
        sales(MONTHS),
        days_of(MONTHS, day),
    )


def days_of(months, day):
    """SQL: days of the last so many months up to a day, its own month included.

    :param int months: 0 = no days
    """
    if not months:
        return SQL("0")
    return SQL(
        "(%(day)s + 1 - (date_trunc('month', %(day)s) - %(back)s::interval)::date)",
        day=day,
        back=f"{months - 1} months",
    )


def overdue_part(days, receivable, overdue):
    """The part of a DSO that is overdue, in proportion to the amounts (R2); the rest of
    it is current.

    :param days: SQL, the DSO
    :return: SQL, days
    """
    share = ageing.overdue_share(overdue, receivable)
    return SQL("(%s * COALESCE(%s, 0))", days, share)


def classic(amount, sales, day):
    """Classic DSO: receivables ÷ sales of :data:`CLASSIC_MONTHS` months x their days.
    Of what is not overdue: the best possible DSO.

    :param amount: SQL, what is receivable, or what of it is not overdue
    :return: SQL, days; NULL where nothing was sold
    """
    sold = sales(CLASSIC_MONTHS)
    return SQL(
        "CASE WHEN %(sold)s > 0 THEN GREATEST(%(amount)s, 0) / %(sold)s * %(days)s END",
        sold=sold,
        amount=amount,
        days=days_of(CLASSIC_MONTHS, day),
    )


def value_of_a_day(receivable, days):
    """What one day of DSO is worth: receivables ÷ DSO by count-back. Paid one day
    earlier, so much more is in the bank.

    :return: SQL, an amount; NULL without a DSO
    """
    return SQL("%s / NULLIF(%s, 0)", receivable, days)


def all_forms(receivable, overdue, sales, day):
    """Every form of DSO, of a row or of sums.

    :return: {name: SQL}
    """
    days = count_back(receivable, sales, day)
    part = overdue_part(days, receivable, overdue)
    return {
        "dso": days,
        "dso_overdue": part,
        "dso_current": SQL("(%s - %s)", days, part),
        "dso_classic": classic(receivable, sales, day),
        "dso_best": classic(SQL("(%s - %s)", receivable, overdue), sales, day),
        "day_value": value_of_a_day(receivable, days),
        "overdue_share": ageing.overdue_share(overdue, receivable),
    }
