"""The status of open items as of a day, from the history of qualifications."""

from odoo.tools import SQL

from . import ledger

# The day from which a row ``q`` of the history counts: its status date, as an entry
# counts from its accounting date; at the latest the day on which it was recorded. What
# undoes or amends another row counts from that day on, for it takes back no past.
_SINCE = """
    CASE WHEN {q}.undo_of_id IS NULL AND {q}.amends_id IS NULL
         THEN LEAST({q}.status_date, {recorded})
         ELSE {recorded} END
"""
_RECORDED = "({q}.date AT TIME ZONE 'UTC' AT TIME ZONE {day}.tz)::date"


def recorded(q, day):
    """SQL: day on which a row of the history was recorded, in its company's time.

    :param str q: alias of dso_qualification
    :param str day: alias of :func:`ledger.day_table`, or of rows that have its ``tz``
    """
    return SQL(_RECORDED.format(q=q, day=day))


def since(q, day):
    """SQL: day from which a row of the history counts; aliases as above."""
    return SQL(_SINCE.format(q=q, recorded=_RECORDED.format(q=q, day=day)))


def item_statuses(companies, as_of=None, rows=None):
    """Open items with their status of the day.

    Source: the latest row of ``dso.qualification`` that counts on that day; today that
    is what stands on ``dso.item``. Whether an item is ignored, and who collects from
    its customer, has no history: it is told as it stands now.

    :param rows: SQL, a query of parts of items as of that day, such as
        :func:`ledger.open_lines`; default: of whole items
    :return: SQL, a query of :func:`ledger.open_items`' columns and ``account_id``
        (dso.account), ``item_id`` (dso.item), ``qualification_id, status_id,
        status_type, status_date, promise_date, promise_amount, disputed_company,
        resolver_id, ignored``; no status: NULL
    """
    env = companies.env
    for model in ("dso.item", "dso.qualification", "dso.account"):
        env[model].flush_model()
    rows = rows or ledger.open_items(companies, as_of)
    if not ledger.is_past(companies, as_of):
        return SQL(
            """
            SELECT o.*, a.id AS account_id, i.id AS item_id, i.qualification_id,
                   i.status_id, i.status_type, i.status_date, i.promise_date,
                   i.promise_amount, i.disputed_company, i.resolver_id,
                   COALESCE(i.ignored, FALSE) AS ignored
              FROM (%(items)s) o
         LEFT JOIN dso_account a
                ON a.partner_id = o.partner_id AND a.company_id = o.root_id
         LEFT JOIN dso_item i ON i.move_id = o.move_id AND i.account_id = a.id
            """,
            items=rows,
        )
    return SQL(
        """
        SELECT o.*, a.id AS account_id, i.id AS item_id, q.id AS qualification_id,
               q.status_id, q.status_type,
               CASE WHEN q.status_id IS NOT NULL THEN q.status_date END
                   AS status_date,
               q.promise_date, q.promise_amount, q.disputed_company, q.resolver_id,
               COALESCE(i.ignored, FALSE) AS ignored
          FROM (%(items)s) o
     LEFT JOIN dso_account a
            ON a.partner_id = o.partner_id AND a.company_id = o.root_id
     LEFT JOIN dso_item i ON i.move_id = o.move_id AND i.account_id = a.id
     LEFT JOIN dso_qualification n ON n.id = i.qualification_id
     LEFT JOIN LATERAL (
            SELECT h.id
              FROM dso_qualification h
             WHERE %(now_since)s > o.day
               AND h.move_id = o.move_id AND h.account_id = a.id
               AND %(then_since)s <= o.day
          ORDER BY h.id DESC
             LIMIT 1
               ) past ON TRUE
     LEFT JOIN dso_qualification q
            ON q.id = CASE WHEN %(now_since)s <= o.day THEN n.id ELSE past.id END
        """,
        items=rows,
        now_since=since("n", "o"),
        then_since=since("h", "o"),
    )


def rate(qualified, overdue):
    """Qualification rate: value of overdue items that bear a status ÷ value of all
    overdue items (R1). Debit items only, so that it stays within 0 and 1.

    :param qualified: SQL, overdue debit of items with a status
    :param overdue: SQL, overdue debit of all items
    :return: SQL, a fraction; NULL when nothing is overdue
    """
    return SQL("%s / NULLIF(%s, 0)", qualified, overdue)
