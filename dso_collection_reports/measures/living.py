"""Which statuses of overdue items still say something (rules.md §9)."""

from odoo.tools import SQL

from . import status

#: Days that a follow-up may be late before its status is stale.
LATE = 7


def living_items(companies):
    """Overdue debit items as of today, by whether their status still lives.

    A status lives while its promise is in the future or within its grace, or while its
    follow-up is open and not late by more than seven days. Else it is stale, since the
    day after the later of the two; without either since the day of the status. The
    owner is the resolver of the follow-up, else of the item, else the customer's
    collector. Follow-ups have no history, so no other day can be asked.

    :param companies: res.company, those that may be seen
    :return: SQL, a query of ``id, move_id, company_id, root_id, partner_id, account_id,
        currency_id, due, days_late, status_id, status_type, status_date, promise_date,
        follow_up_id, follow_up_date, owner_id, life`` (``living``, ``stale``,
        ``none``)``, cause`` (of stale ones: ``promise``, ``late``, ``missing``)``,
        stale_since, stale_days, overdue, qualified, alive`` (company currency)
    """
    for model in ("dso.action", "dso.action.line", "dso.promise", "dso.promise.line"):
        companies.env[model].flush_model()
    return SQL(
        """
        SELECT i.*, CASE WHEN i.life = 'stale' THEN i.day - i.since END AS stale_days,
               CASE WHEN i.life = 'stale' THEN i.since END AS stale_since,
               CASE WHEN i.life = 'none' THEN 0 ELSE i.overdue END AS qualified,
               CASE WHEN i.life = 'living' THEN i.overdue ELSE 0 END AS alive,
               CASE WHEN i.life <> 'stale' THEN NULL
                    WHEN i.follow_up_id IS NOT NULL THEN 'late'
                    WHEN i.promised_until IS NOT NULL THEN 'promise'
                    ELSE 'missing' END AS cause
          FROM (
            SELECT i.id, i.move_id, i.company_id, i.root_id, i.day, i.partner_id,
                   i.account_id, i.currency_id, i.due, i.days_late, i.status_id,
                   i.status_type, i.status_date, i.promise_date, p.promised_until,
                   f.id AS follow_up_id, f.date AS follow_up_date,
                   COALESCE(f.resolver_id, i.resolver_id, a.collector_id) AS owner_id,
                   i.overdue_debit AS overdue,
                   COALESCE(GREATEST(p.promised_until + 1, f.date + %(late)s + 1),
                            i.status_date) AS since,
                   CASE WHEN i.status_type IS NULL THEN 'none'
                        WHEN p.promised_until >= i.day
                          OR f.date + %(late)s >= i.day THEN 'living'
                        ELSE 'stale' END AS life
              FROM (%(items)s) i
         LEFT JOIN dso_account a ON a.id = i.account_id
         LEFT JOIN LATERAL (
                -- of a payment plan the instalment that was missed decides
                SELECT COALESCE(
                           MIN(k.date_limit) FILTER (WHERE k.state <> 'open'),
                           MAX(k.date_limit), i.promise_date) AS promised_until
                  FROM dso_promise_line l
                  JOIN dso_promise k ON k.id = l.promise_id
                   AND (k.state = 'open' OR k.state IN ('broken', 'partly')
                        AND k.date_settled IS NULL)
                 WHERE l.current_id = i.qualification_id AND l.move_id = i.move_id
                   AND l.released IS NOT TRUE
                   ) p ON i.status_type = 'promise_to_pay'
         LEFT JOIN LATERAL (
                SELECT x.id, x.date, x.resolver_id
                  FROM dso_action_line l
                  JOIN dso_action x ON x.id = l.action_id
                   AND x.kind = 'specific' AND x.state IN ('planned', 'error')
                 WHERE l.move_id = i.move_id AND l.account_id = i.account_id
                   AND l.released IS NOT TRUE
              ORDER BY x.date DESC, x.id DESC
                 LIMIT 1
                   ) f ON i.status_type IS NOT NULL
             WHERE i.overdue_debit > 0
               ) i
        """,
        items=status.item_statuses(companies),
        late=LATE,
    )
