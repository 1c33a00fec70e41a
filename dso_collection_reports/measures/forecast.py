"""When what is open is expected to be paid (rules.md §9, R4)."""

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from . import disputes, ledger, payments, status


def forecast(companies, as_of=None):
    """The day on which each open instalment is expected to be paid.

    Formula: promised → the promised day; disputed → due date + average resolution time
    of its cause + average delay of its customer; others → due date + average delay of
    its customer; whole days. Litigation and credits are expected on no day. A day that
    has passed: off forecast. A customer who has not paid within six months is expected
    to pay as the customers of his company do; a cause without a resolved dispute to
    take the days of its status. Unit: company currency; the sum of all rows is that of
    the open items of the day.

    The alternative is ``dso.item.expected_date``, which an assistant may write; of a
    past day ``dso.expectation`` of that day, which is kept for the ends of the last
    months. It is that of the first open instalment, later ones follow at the distance
    of their due dates.

    :param companies: res.company, those that may be seen
    :param as_of: date; None = each company's today
    :return: SQL, a query of ``id`` (the journal item's), ``move_id, company_id,
        root_id, day, partner_id, account_id, currency_id, due, status_type, status_id,
        amount, method`` (``promise``, ``dispute``, ``delay``, ``litigation``,
        ``credit``)``, expected`` (date or NULL)``, state`` (``expected``, ``off``,
        ``none``)``, other`` (date or NULL)``, other_source``
    """
    past = ledger.is_past(companies, as_of)
    if past:
        companies.env["dso.expectation"].flush_model()
    return SQL(
        """
        WITH delay AS MATERIALIZED (%(delays)s)
        SELECT f.*,
               CASE WHEN f.expected IS NULL THEN 'none'
                    WHEN f.expected < f.day THEN 'off'
                    ELSE 'expected' END AS state
          FROM (
            SELECT l.*,
                   CASE l.method
                        WHEN 'promise' THEN l.promise_date
                        WHEN 'dispute' THEN l.due + l.delay
                             + ROUND(COALESCE(r.days, s.delay, 0))::int
                        WHEN 'delay' THEN l.due + l.delay END AS expected
              FROM (
                SELECT o.id, o.move_id, o.company_id, o.root_id, o.day, o.partner_id,
                       o.account_id, o.currency_id, o.due, o.status_type, o.status_id,
                       o.promise_date, o.residual AS amount,
                       ROUND(COALESCE(a.days, c.days, 0))::int AS delay,
                       CASE WHEN o.residual < 0 THEN 'credit'
                            WHEN o.status_type = 'litigation' THEN 'litigation'
                            WHEN o.status_type = 'promise_to_pay'
                             AND o.promise_date IS NOT NULL THEN 'promise'
                            WHEN o.status_type = 'dispute' THEN 'dispute'
                            ELSE 'delay' END AS method,
                       CASE WHEN o.residual > 0
                            THEN x.expected_date + (o.due - o.first_due) END AS other,
                       CASE WHEN o.residual > 0
                            THEN x.expected_source END AS other_source
                  FROM (%(lines)s) o
             LEFT JOIN %(alternative)s
             LEFT JOIN delay a
                    ON a.root_id = o.root_id AND a.partner_id = o.partner_id
             LEFT JOIN (
                    SELECT root_id, SUM(days * weight) / SUM(weight) AS days
                      FROM delay GROUP BY root_id
                       ) c ON c.root_id = o.root_id
                   ) l
         LEFT JOIN dso_status s ON s.id = l.status_id
         LEFT JOIN (%(resolutions)s) r
                ON r.root_id = l.root_id AND r.status_id = l.status_id
               ) f
        """,
        lines=status.item_statuses(companies, as_of, _instalments(companies, as_of)),
        delays=payments.average_delays(companies, as_of),
        resolutions=disputes.resolution_days(companies, as_of),
        alternative=SQL(
            """
            dso_expectation x ON x.move_id = o.move_id
               AND x.account_id = o.account_id AND x.day = o.day
            """
        )
        if past
        else SQL("dso_item x ON x.id = o.item_id"),
    )


def _instalments(companies, as_of):
    """SQL: :func:`ledger.open_lines` with ``first_due``, the due date of their item."""
    return SQL(
        """
        SELECT l.*, MIN(l.due) OVER (
                   PARTITION BY l.move_id, l.company_id, l.partner_id, l.day
               ) AS first_due
          FROM (%s) l
        """,
        ledger.open_lines(companies, as_of),
    )


def check_day(companies):
    """The day whose forecast is checked unless another is asked for: the end of the
    month three months ago, so that most of what was expected has had time to come."""
    today = min(ledger.days(companies).values(), default=fields.Date.today())
    return fields.Date.start_of(
        fields.Date.subtract(today, months=2), "month"
    ) - timedelta(days=1)


def errors(companies, as_of):
    """How far off the forecast of a past day was: back-test of :func:`forecast`.

    Of the instalments that were expected on a day to come: the days from that day to
    the day of their last payment. What is not paid yet is off by at least the days
    since it was expected, and counts with these; before that day it says nothing, and
    neither does what credit notes settled without a payment. Beside it the
    same for the due date alone, which any forecast has to beat, and for the alternative
    where it knew a day. Formula of the means: sum of amount × days, early or late, ÷
    sum of amount. ``gain`` compares the two on the same instalments: the days by which
    the alternative was nearer, where both can be held against a payment or have passed.

    :param companies: res.company, those that may be seen
    :param as_of: date of the forecast
    :return: SQL, a query of ``id, move_id, company_id, root_id, partner_id, method,
        due, expected, other, paid`` (date or NULL)``, amount, counted, other_counted,
        both_counted`` (amount, 0 where it says nothing)``, off_by, other_off_by``
        (days; positive: later than expected)``, gain_by`` (days; positive: the
        alternative was nearer)``, off_days, due_days, bias_days, other_days,
        gain_days`` (amount × days)
    """
    return SQL(
        """
        SELECT e.*, e.counted * ABS(e.off_by) AS off_days,
               e.counted * e.off_by AS bias_days,
               e.counted * ABS(e.known - e.due) AS due_days,
               e.other_counted * ABS(e.other_off_by) AS other_days,
               ABS(e.off_by) - ABS(e.other_off_by) AS gain_by,
               CASE WHEN e.off_by IS NULL OR e.other_off_by IS NULL THEN 0
                    ELSE e.amount END AS both_counted,
               CASE WHEN e.off_by IS NULL OR e.other_off_by IS NULL THEN 0
                    ELSE e.amount * (ABS(e.off_by) - ABS(e.other_off_by)) END
                   AS gain_days
          FROM (
            SELECT f.id, f.move_id, f.company_id, f.root_id, f.partner_id, f.method,
                   f.due, f.expected, f.other, f.amount, k.paid, k.known,
                   CASE WHEN k.paid IS NOT NULL OR k.known > f.expected
                        THEN k.known - f.expected END AS off_by,
                   CASE WHEN k.paid IS NOT NULL OR k.known > f.expected
                        THEN f.amount ELSE 0 END AS counted,
                   CASE WHEN k.paid IS NOT NULL OR k.known > f.other
                        THEN k.known - f.other END AS other_off_by,
                   CASE WHEN f.other IS NOT NULL
                         AND (k.paid IS NOT NULL OR k.known > f.other)
                        THEN f.amount ELSE 0 END AS other_counted
              FROM (%(forecast)s) f
         LEFT JOIN (%(settled)s) p ON p.id = f.id
        CROSS JOIN LATERAL (
                SELECT p.paid, CASE WHEN p.id IS NULL THEN %(today)s ELSE p.paid END
                           AS known) k
             WHERE f.expected >= f.day  -- a state would look rare to PostgreSQL
               ) e
        """,
        forecast=forecast(companies, as_of),
        today=ledger.today_of(companies, SQL("f.company_id")),
        settled=payments.settled_lines(companies, as_of),
    )
