"""The rules of ``rules.py`` as one set-based SQL statement.

``rules.py`` is the readable form of rules L1-L17; this is the form that production
runs. It reads every open receivable of any number of accounts, finds each account's
leader, compares with the cycle state, and leaves at most one scenario proposal:
one statement, whatever the number of accounts. A property test holds the two forms
against each other on random lives of ledgers.

The statement is a chain of CTEs, each one a question of the rules:

===========  ==================================================================
``scope``    the accounts asked for, with their company's settings and its today
``line``     their open receivable lines
``item``     one row per (account, move): what is open, and since when (§13)
``claim``    what of an item takes part, and whether it counts at all (L2)
``figure``   the figures of each account, ``balance`` those of each group (L12, L16)
``lead``     the leader (L1, L13)
``cycle``    the cycle state after a change of leader or scenario (L7, L14)
``entered``  where a restart enters the scenario (§12)
``next``     the next step and its date (L3-L6, L8, L9, L15)
``result``   the proposal, or the reason why there is none (L11, L12)
===========  ==================================================================
"""

from odoo.tools import SQL

#: Why an account has no scenario proposal, in the order in which they are told.
REASONS = [
    ("grouped", "Collected with its head account"),
    ("hold", "On hold"),
    ("no_scenario", "No scenario"),
    ("empty_scenario", "Scenario without actions"),
    ("no_leader", "Nothing to chase"),
    ("nothing_to_collect", "Credits cover the balance"),
    ("below_minimum", "Below the minimum amount"),
    ("credit_covers", "Credit covers the overdue: allocate"),
    ("end_of_scenario", "End of scenario"),
]

#: Types of action models that cannot leave without a text.
TYPES_WITH_TEMPLATE = ["email", "sms", "letter", "letter_ar", "fax"]

#: Problems that the evaluation finds and takes back by itself (L17).
PLANNING_PROBLEMS = [
    "no_template",
    "no_contact",
    "no_email",
    "invalid_email",
    "blocked_address",
    "no_phone",
    "invalid_phone",
    "blocked_phone",
    "no_fax",
    "no_gateway",
    "no_address",
    "no_channel",
    "no_lawyer",
]


# Every company of a root, the root included.
_BRANCHES = SQL(
    """
    SELECT split_part(parent_path, '/', 1)::int AS root_id, array_agg(id) AS branch_ids
      FROM res_company
  GROUP BY 1
    """
)


# Types of actions by which the customer of account ``a`` is not to be contacted.
_CLOSED_TYPES = SQL(
    """
    array_remove(ARRAY[
        CASE WHEN a.no_email THEN 'email' END,
        CASE WHEN a.no_sms THEN 'sms' END,
        CASE WHEN a.no_phone THEN 'phone' END,
        CASE WHEN a.no_letter THEN 'letter' END,
        CASE WHEN a.no_letter THEN 'letter_ar' END,
        CASE WHEN a.no_fax THEN 'fax' END], NULL)
    """
)


def _scope(heads, todays):
    """Accounts of the groups headed by ``heads``, with settings and today.

    :param list heads: ids of accounts that are not grouped under another one
    :param dict todays: {root company id: date}
    """
    return SQL(
        """
        SELECT a.id AS account_id, COALESCE(a.head_id, a.id) AS head, a.head_id,
               a.company_id, a.partner_id, a.scenario_id, a.contact_id,
               a.leader_id, a.leader_account_id, a.leader_date,
               a.cycle_scenario_id, a.last_step_id, a.last_done_step_id,
               a.last_done_date, a.last_any_date, a.redate_step_id, a.redate_date,
               COALESCE(a.cycle_memory, '{}'::jsonb) AS cycle_memory,
               (a.hold IS NOT NULL AND a.hold <> 'key_account' AND NOT (
                   a.hold = 'insolvency' AND a.hold_opening_date IS NOT NULL))
                   AS on_hold,
               (a.head_id IS NOT NULL AND a.hold IS NOT NULL
                AND a.hold <> 'key_account' AND NOT (
                   a.hold = 'insolvency' AND a.hold_opening_date IS NOT NULL))
                   AS rests,
               COALESCE(a.hold = 'key_account', FALSE) AS by_hand,
               CASE WHEN a.hold = 'insolvency' THEN a.hold_opening_date END AS opened,
               CASE WHEN a.hold = 'lawyer' THEN a.hold_lawyer_id END AS lawyer_id,
               COALESCE(a.hold = 'lawyer' AND a.hold_lawyer_id IS NULL, FALSE)
                   AS lawyer_missing,
               %(closed)s AS closed,
               COALESCE(c.dso_fax_pattern, '') = '' AS no_gateway,
               a.today,
               COALESCE(c.dso_minimum_amount, 0) AS minimum_amount,
               COALESCE(c.dso_minimum_base, 'balance') AS minimum_base,
               COALESCE(c.dso_ignore_below, 0) AS ignore_below,
               COALESCE(c.dso_litigation_excluded, TRUE) AS litigation_excluded,
               COALESCE(s.minimum_gap, 0) AS minimum_gap,
               COALESCE(s.breathing_space, 0) AS breathing_space,
               COALESCE(s.entry, 'beginning') AS entry,
               a.head_id IS NULL AS is_head, a.branch_ids
          FROM (
            -- looked up, not joined: a table without statistics, as at the first
            -- evaluation, would make the planner expect no rows at all
            SELECT a.*,
                   CASE WHEN a.hold_until IS NULL OR a.hold_until >= a.today
                        THEN a.hold_reason END AS hold
              FROM (
                SELECT a.*,
                       (SELECT t.today
                          FROM unnest(%(companies)s::int[], %(todays)s::date[])
                               AS t(company_id, today)
                         WHERE t.company_id = a.company_id) AS today,
                       (SELECT b.branch_ids FROM branches b
                         WHERE b.root_id = a.company_id) AS branch_ids
                  FROM dso_account a
                 WHERE a.id = ANY(%(heads)s) OR a.head_id = ANY(%(heads)s)
                   ) a
               ) a
          JOIN res_company c ON c.id = a.company_id
     LEFT JOIN dso_scenario s ON s.id = a.scenario_id
        """,
        companies=list(todays),
        todays=list(todays.values()),
        heads=heads,
        closed=_CLOSED_TYPES,
    )


# The four kinds of items, of a journal item ``l`` of entry ``m`` in journal ``j``.
KIND = SQL(
    """
    CASE WHEN m.move_type IN ('out_invoice', 'out_receipt') THEN 'invoice'
         WHEN m.move_type = 'out_refund' THEN 'credit_note'
         WHEN j.dso_opening AND m.move_type = 'entry' THEN 'invoice'
         WHEN m.origin_payment_id IS NOT NULL
           OR l.statement_line_id IS NOT NULL THEN 'payment'
         ELSE 'miscellaneous' END
    """
)

# An open receivable: posted, on a receivable account that is trade, of the account's
# commercial partner (a line's own partner may be any of its contacts), in any branch
# of the account's root company. A line that Odoo excludes from follow-ups takes no
# part when it is a debit; a credit still reduces the balance (L2).
_LINE = """
    SELECT s.account_id, s.today, l.move_id,
           l.amount_residual AS residual,
           COALESCE(l.date_maturity, l.invoice_date, l.date) AS due,
           COALESCE(l.invoice_date, l.date) < s.opened AS before_opening,
           %(kind)s AS kind,
           l.amount_residual > 0 AND (
               l.no_followup IS TRUE OR m.payment_state = 'blocked') AS blocked,
           m.payment_state = 'in_payment' AS in_payment
      FROM scope s
      JOIN res_partner p ON p.commercial_partner_id = s.partner_id
      JOIN account_move_line l ON l.partner_id = p.id
       AND l.company_id = ANY (s.branch_ids)
      JOIN account_move m ON m.id = l.move_id
      JOIN account_journal j ON j.id = m.journal_id
     WHERE l.account_id = ANY (%(receivable)s)
       AND l.parent_state = 'posted'
       AND l.reconciled IS NOT TRUE
       AND l.amount_residual <> 0
"""

_ITEM = SQL(
    """
    SELECT account_id, move_id, kind, in_payment,
           COALESCE(SUM(residual) FILTER (WHERE residual > 0 AND due < today), 0)
               AS late,
           COALESCE(SUM(residual) FILTER (WHERE residual > 0 AND due >= today), 0)
               AS not_due,
           COALESCE(SUM(residual) FILTER (WHERE residual < 0), 0) AS credit,
           COALESCE(SUM(residual) FILTER (WHERE blocked), 0) AS blocked,
           MIN(due) FILTER (WHERE NOT blocked) AS due,
           COALESCE(bool_or(before_opening), FALSE) AS before_opening
      FROM line
  GROUP BY account_id, move_id, kind, in_payment
    """
)

# Money under way covers its invoices only when the transaction is for all of them.
_PAYING = SQL(
    """
    SELECT DISTINCT r.invoice_id AS move_id
      FROM payment_transaction t
      JOIN account_invoice_transaction_rel r ON r.transaction_id = t.id
     WHERE t.state IN ('pending', 'authorized')
       AND t.amount >= (
           SELECT SUM(ABS(m.amount_residual))
             FROM account_invoice_transaction_rel r2
             JOIN account_move m ON m.id = r2.invoice_id
            WHERE r2.transaction_id = t.id)
    """
)

_STAR = SQL(
    """
    SELECT DISTINCT al.account_id, al.move_id
      FROM dso_action x
      JOIN dso_action_line al ON al.action_id = x.id
      JOIN scope s ON s.account_id = al.account_id
     WHERE x.kind = 'specific'
       AND x.state IN ('planned', 'error')
       AND al.released IS NOT TRUE
       AND al.disputed_only IS NOT TRUE
       AND al.move_id IS NOT NULL
    """
)

_CLAIM = SQL(
    """
    SELECT q.*,
           q.free AND NOT q.starred AND NOT q.under_way
               AND (q.claim <= 0 OR q.claim >= q.ignore_below) AS counts,
           q.free AND NOT q.starred AND NOT q.under_way
               AND q.claim > 0 AND q.claim >= q.ignore_below
               AND q.kind = 'invoice' AS leads
      FROM (
        SELECT i.account_id, s.head, s.today, i.move_id, i.kind, i.due,
               i.total, i.late, i.not_due, i.credit, s.ignore_below,
               d.reentry_date, i.before_opening OR s.rests AS held,
               CASE WHEN d.status_type IS DISTINCT FROM 'dispute' THEN 0
                    WHEN d.disputed_company > 0 AND d.disputed_company < i.total
                    THEN d.disputed_company
                    ELSE i.total END AS disputed,
               CASE WHEN d.status_type IS DISTINCT FROM 'promise_to_pay' THEN 0
                    WHEN d.promise_state IS NULL OR i.total <= 0 THEN i.total
                    WHEN d.promise_state = 'open'
                    THEN LEAST(i.total, COALESCE(d.promised_company, i.total))
                    ELSE 0 END AS promised,
               CASE WHEN d.status_type = 'dispute' AND d.disputed_company > 0
                     AND d.disputed_company < i.residual
                    THEN i.residual - d.disputed_company
                    ELSE i.residual END AS claim,
               (i.move_id, i.account_id) IN (
                   SELECT move_id, account_id FROM star) AS starred,
               i.move_id IN (SELECT move_id FROM paying) AS under_way,
               i.due IS NOT NULL
               AND d.ignored IS NOT TRUE
               AND NOT i.before_opening
               AND NOT s.rests
               AND i.in_payment IS NOT TRUE
               AND (d.status_type IS DISTINCT FROM 'dispute'
                    OR (d.disputed_company > 0
                        AND d.disputed_company < i.residual))
               AND (d.status_type IS DISTINCT FROM 'litigation'
                    OR NOT s.litigation_excluded) AS free
          FROM (
            SELECT *, late + not_due + credit AS total,
                   late + not_due + credit - blocked AS residual
              FROM item
            OFFSET 0
               ) i
          JOIN scope s ON s.account_id = i.account_id
     LEFT JOIN dso_item d ON d.move_id = i.move_id AND d.account_id = i.account_id
        OFFSET 0
           ) q
    """
)

_FIGURE = SQL(
    """
    SELECT account_id, head,
           SUM(total) AS total,
           SUM(late) AS overdue,
           SUM(not_due) AS not_due,
           SUM(credit) AS credit,
           COALESCE(SUM(disputed) FILTER (WHERE disputed <> 0), 0) AS disputed,
           COALESCE(SUM(promised) FILTER (WHERE promised <> 0), 0) AS promised,
           COALESCE(SUM(claim) FILTER (WHERE counts), 0) AS balance,
           COALESCE(SUM(claim) FILTER (
               WHERE counts AND (due < today OR claim < 0)), 0) AS net_overdue,
           COALESCE(SUM(CASE WHEN claim < 0 THEN claim ELSE LEAST(late, claim) END)
               FILTER (WHERE counts), 0) AS claimed,
           MIN(due) FILTER (WHERE leads) AS leader_date
      FROM claim
  GROUP BY account_id, head
    """
)

_BALANCE = SQL(
    """
    SELECT head, SUM(balance) AS balance, SUM(net_overdue) AS net_overdue,
           SUM(claimed) AS claimed,
           MIN(leader_date) AS leader_date
      FROM figure
  GROUP BY head
    """
)

# Equal due dates: the present leader stays (L13), then invoice date, then name in
# code point order, so that no locale decides who leads.
_LEAD = SQL(
    """
    SELECT DISTINCT ON (c.head)
           c.head, c.move_id, c.account_id, c.due, c.claim, c.reentry_date
      FROM balance b
      JOIN claim c ON c.head = b.head AND c.due = b.leader_date AND c.leads
      JOIN scope s ON s.account_id = c.head
      JOIN account_move m ON m.id = c.move_id
  ORDER BY c.head,
           (c.move_id = s.leader_id AND c.account_id = s.leader_account_id)
               IS TRUE DESC,
           COALESCE(m.invoice_date, m.date), COALESCE(m.name, '') COLLATE "C",
           c.account_id, c.move_id
    """
)

_STEP = SQL(
    """
    SELECT st.id, st.scenario_id, st.base, st.days, st.active,
           st.action_model_id, am.type,
           COALESCE(st.mode, am.mode) AS mode,
           COALESCE(st.interactive, am.interactive) AS interactive,
           am.recipient_role_id AS role_id,
           am.template_id IS NULL
               AND am.type = ANY(%(texts)s)
               AS no_template,
           am.formal_notice OR am.type = 'litigation' AS formal,
           ROW_NUMBER() OVER scenario AS ord,
           LAG(st.id) OVER scenario AS previous_id
      FROM dso_scenario_step st
      JOIN dso_action_model am ON am.id = st.action_model_id
     WHERE st.scenario_id IN (SELECT scenario_id FROM scope)
    WINDOW scenario AS (PARTITION BY st.scenario_id ORDER BY st.sequence, st.id)
    """,
    texts=TYPES_WITH_TEMPLATE,
)

_CORRECTED = SQL(
    """
    SELECT account_id, move_id FROM dso_dirty
     WHERE corrected AND account_id IS NOT NULL AND move_id IS NOT NULL
    """
)

# A change of leader or of scenario clears the cycle; what it was is remembered until
# the next scenario action is done, because a correction gives it back (L7).
_CYCLE = SQL(
    """
    SELECT q.*,
           q.changed AND NOT q.restored AS restarted,
           CASE WHEN q.restored THEN (q.memory->q.new_key->>'last')::int
                WHEN NOT q.changed THEN q.last_step_id END AS c_last_step_id,
           CASE WHEN q.restored THEN (q.memory->q.new_key->>'done')::int
                WHEN NOT q.changed THEN q.last_done_step_id END AS c_done_step_id,
           CASE WHEN q.restored THEN (q.memory->q.new_key->>'date')::date
                WHEN NOT q.changed THEN q.last_done_date END AS c_done_date,
           CASE WHEN q.restored THEN (q.memory->q.new_key->>'redate_step')::int
                WHEN NOT q.changed THEN q.redate_step_id END AS c_redate_step_id,
           CASE WHEN q.restored THEN (q.memory->q.new_key->>'redate')::date
                WHEN NOT q.changed THEN q.redate_date END AS c_redate_date
      FROM (
        SELECT p.*,
               p.leader_changed AND NOT p.scenario_changed AND p.corrected
               AND p.memory ? p.new_key AS restored,
               p.leader_changed OR p.scenario_changed AS changed
          FROM (
            SELECT o.*,
                   CASE WHEN o.scenario_changed THEN '{}'::jsonb
                        WHEN o.leader_changed AND o.old_key IS NOT NULL
                         AND (o.entry <> 'beginning'
                              OR o.last_step_id IS NOT NULL
                              OR o.redate_step_id IS NOT NULL)
                        THEN o.cycle_memory || jsonb_build_object(
                            o.old_key, jsonb_build_object(
                                'last', o.last_step_id,
                                'done', o.last_done_step_id,
                                'date', o.last_done_date,
                                'redate_step', o.redate_step_id,
                                'redate', o.redate_date))
                        WHEN o.leader_changed AND o.old_key IS NOT NULL
                        THEN o.cycle_memory - o.old_key
                        ELSE o.cycle_memory END AS memory,
                   o.leader_changed AND (
                       (o.new_leader_account_id, o.new_leader_id) IN (
                           SELECT account_id, move_id FROM corrected)
                       OR (o.leader_account_id, o.leader_id) IN (
                           SELECT account_id, move_id FROM corrected)
                   ) IS TRUE AS corrected
              FROM (
                SELECT s.*,
                       l.move_id AS new_leader_id,
                       l.account_id AS new_leader_account_id,
                       l.due AS new_leader_date,
                       l.claim AS leader_claim,
                       l.reentry_date,
                       (l.move_id, l.account_id, l.due) IS DISTINCT FROM
                       (s.leader_id, s.leader_account_id, s.leader_date)
                           AS leader_changed,
                       s.scenario_id IS DISTINCT FROM s.cycle_scenario_id
                           AS scenario_changed,
                       l.move_id || ':' || l.account_id || ':' || l.due AS new_key,
                       s.leader_id || ':' || s.leader_account_id || ':'
                           || s.leader_date AS old_key
                  FROM scope s
             LEFT JOIN lead l ON l.head = s.account_id
                 WHERE s.is_head
                OFFSET 0
                   ) o
                OFFSET 0
               ) p
            OFFSET 0
           ) q
    """
)

# Where a restart enters: the step before it counts as skipped.
_ENTERED = SQL(
    """
    SELECT c.*,
           CASE WHEN NOT c.restarted OR c.new_leader_id IS NULL
                THEN c.c_last_step_id
                WHEN c.entry = 'matching_age' THEN (
                    SELECT st.previous_id
                      FROM step st
                     WHERE st.scenario_id = c.scenario_id
                       AND st.active AND st.base = 'due'
                       AND c.new_leader_date + st.days <= c.today
                       AND st.ord < COALESCE((
                           SELECT MIN(f.ord) FROM step f
                            WHERE f.scenario_id = c.scenario_id
                              AND f.active AND f.formal), 2147483647)
                  ORDER BY st.ord DESC LIMIT 1)
                WHEN c.entry = 'where_stopped' THEN (
                    SELECT x.step_id
                      FROM dso_action x
                      JOIN step st ON st.id = x.step_id
                     WHERE x.kind = 'scenario' AND x.state = 'done'
                       AND x.leader_id = c.new_leader_id
                       AND x.leader_account_id = c.new_leader_account_id
                       AND st.scenario_id = c.scenario_id
                  ORDER BY x.date_done DESC, x.id DESC LIMIT 1)
                END AS n_last_step_id
      FROM cycle c
    """
)

_NEXT = SQL(
    """
    SELECT c.*, nxt.id AS step_id, nxt.date AS step_date, nxt.action_model_id,
           nxt.type, nxt.interactive, nxt.no_template, nxt.role_id,
           nxt.mode AS own_mode,
           CASE WHEN c.by_hand THEN 'manual' ELSE nxt.mode END AS mode,
           EXISTS (SELECT 1 FROM step st
                    WHERE st.scenario_id = c.scenario_id AND st.active) AS has_steps
      FROM entered c
 LEFT JOIN step last ON last.id = c.n_last_step_id
 LEFT JOIN step done ON done.id = c.c_done_step_id
 LEFT JOIN LATERAL (
        SELECT st.*, d.date
          FROM step st
    CROSS JOIN LATERAL (
            SELECT GREATEST(
                CASE WHEN st.base = 'due'
                     THEN GREATEST(
                         c.new_leader_date + st.days,
                         c.c_done_date + CASE WHEN done.base = 'due'
                                              THEN st.days - done.days
                                              ELSE c.minimum_gap END)
                     ELSE COALESCE(
                         c.c_done_date,
                         GREATEST(c.last_any_date, c.new_leader_date)) + st.days
                     END,
                CASE WHEN c.minimum_gap > 0
                     THEN c.last_any_date + c.minimum_gap END,
                CASE WHEN c.breathing_space > 0
                     THEN c.reentry_date + c.breathing_space END) AS date
             ) d
         WHERE st.scenario_id = c.scenario_id
           AND st.active
           AND st.ord > COALESCE(last.ord, 0)
           AND NOT (st.base = 'due' AND st.days < 0
                    AND (c.today > c.new_leader_date OR d.date > c.new_leader_date))
      ORDER BY st.ord
         LIMIT 1
           ) nxt ON c.new_leader_id IS NOT NULL
    """
)

# Whether a contact ``ch`` can be reached by the type of an action ``n``.
_REACHABLE = SQL(
    """
    CASE WHEN n.type IN ('sms', 'phone') THEN COALESCE(ch.phone, '') <> ''
         WHEN n.type = 'fax' THEN COALESCE(ch.dso_fax, '') <> ''
         WHEN n.type IN ('letter', 'letter_ar') THEN COALESCE(ch.street, '') <> ''
          AND COALESCE(ch.city, '') <> ''
         ELSE COALESCE(ch.email, '') <> '' END
    """
)


def _by_role(role):
    """The first reachable contact of customer ``n.partner_id`` with a role."""
    return SQL(
        """
        (SELECT ch.id
           FROM res_partner ch
           JOIN dso_contact_role_res_partner_rel r ON r.res_partner_id = ch.id
          WHERE ch.commercial_partner_id = n.partner_id AND ch.active
            AND r.dso_contact_role_id = %(role)s AND %(reachable)s
       ORDER BY ch.id LIMIT 1)
        """,
        role=role,
        reachable=_REACHABLE,
    )


#: Id of whoever an action ``n`` is written to, given its lawyer_id, role_id,
#: contact_id, partner_id and type (rules.md §10). A chosen contact is written to
#: whether it can be reached or not, as long as it is one of the customer's.
RECIPIENT = SQL(
    """
    COALESCE(
        n.lawyer_id,
        CASE WHEN n.role_id <> (
             SELECT id FROM dso_contact_role WHERE code = 'collection')
             THEN %(own_role)s END,
        (SELECT ch.id FROM res_partner ch
          WHERE ch.id = n.contact_id AND ch.active
            AND ch.commercial_partner_id = n.partner_id),
        %(collection)s,
        (SELECT ch.id FROM res_partner ch
          WHERE ch.parent_id = n.partner_id AND ch.active
            AND ch.type = 'invoice' AND %(reachable)s
       ORDER BY ch.id LIMIT 1),
        n.partner_id)
    """,
    own_role=_by_role(SQL("n.role_id")),
    collection=_by_role(
        SQL("(SELECT id FROM dso_contact_role WHERE code = 'collection')")
    ),
    reachable=_REACHABLE,
)


def _of_recipient(column, shown=None):
    """A number of recipient ``k`` of action ``n``, else of customer ``kp``; a lawyer
    alone is written to.

    :param str column: whose value decides on the customer's
    :param str shown: column that is shown, default the same
    """
    return SQL(
        """
        (CASE WHEN COALESCE(k.%(column)s, '') <> '' OR n.lawyer_id IS NOT NULL
              THEN COALESCE(k.%(shown)s, '') ELSE COALESCE(kp.%(shown)s, '') END)
        """,
        column=SQL.identifier(column),
        shown=SQL.identifier(shown or column),
    )


#: What keeps an action ``n`` from leaving by itself, given its recipient ``k`` and its
#: customer ``kp``. An internal one goes to colleagues. What a person does, too, heeds
#: the channels that are closed and a lawyer.
PROBLEM = SQL(
    """
    CASE WHEN n.no_template THEN 'no_template'
         WHEN n.interactive = 'internal' THEN NULL
         WHEN n.type = ANY(n.closed) THEN 'no_channel'
         WHEN n.lawyer_missing THEN 'no_lawyer'
         WHEN n.mode NOT IN ('auto', 'auto_confirm') THEN NULL
         WHEN n.type = 'email' AND COALESCE(k.email, '') = ''
             THEN CASE WHEN k.id IN (n.contact_id, n.lawyer_id)
                       THEN 'no_email' ELSE 'no_contact' END
         WHEN n.type = 'email' AND (COALESCE(k.email_normalized, '') = ''
                                    OR k.email ~ E'[\\r\\n]')
             THEN 'invalid_email'
         WHEN n.type = 'email' AND k.email_normalized IN (
              SELECT b.email FROM mail_blacklist b WHERE b.active)
             THEN 'blocked_address'
         WHEN n.type = 'sms' AND %(phone)s = '' THEN 'no_phone'
         WHEN n.type = 'sms' AND %(sanitized)s = '' THEN 'invalid_phone'
         WHEN n.type = 'sms' AND %(sanitized)s IN (
              SELECT b.number FROM phone_blacklist b WHERE b.active)
             THEN 'blocked_phone'
         WHEN n.type = 'fax' AND %(fax)s = '' THEN 'no_fax'
         WHEN n.type = 'fax' AND n.no_gateway THEN 'no_gateway'
         WHEN n.type IN ('letter', 'letter_ar') AND (
              COALESCE(NULLIF(k.street, ''), kp.street, '') = ''
              OR COALESCE(NULLIF(k.city, ''), kp.city, '') = '') THEN 'no_address'
         END
    """,
    phone=_of_recipient("phone"),
    sanitized=_of_recipient("phone", "phone_sanitized"),
    fax=_of_recipient("dso_fax"),
)

# Contact, address and template are looked at as soon as the action is planned (L17);
# only what leaves by itself stands still without them. What is claimed are the overdue
# instalments less credits; before the due date, the instalment that falls due.
_RESULT = """
    SELECT n.*,
           n.reason IS NULL AS proposes,
           CASE WHEN n.redate_holds THEN n.c_redate_date ELSE n.step_date END AS date,
           CASE WHEN n.new_leader_date < n.today THEN GREATEST(n.claimed, 0)
                ELSE LEAST(n.leader_claim, (
                    SELECT SUM(l.amount_residual)
                      FROM account_move_line l
                      JOIN res_partner p ON p.id = l.partner_id
                      JOIN dso_account la ON la.id = n.new_leader_account_id
                       AND la.partner_id = p.commercial_partner_id
                     WHERE l.move_id = n.new_leader_id
                       AND l.account_id = ANY (%(receivable)s)
                       AND l.reconciled IS NOT TRUE
                       AND COALESCE(l.date_maturity, l.invoice_date, l.date)
                           = n.new_leader_date)) END AS amount_claimed,
           %(problem)s AS problem
      FROM (
        SELECT x.*, COALESCE(b.balance, 0) AS balance,
               COALESCE(b.net_overdue, 0) AS net_overdue,
               COALESCE(b.claimed, 0) AS claimed,
               (x.c_redate_step_id = x.step_id) IS TRUE AS redate_holds,
               CASE WHEN x.on_hold THEN 'hold'
                    WHEN x.scenario_id IS NULL THEN 'no_scenario'
                    WHEN NOT x.has_steps THEN 'empty_scenario'
                    WHEN x.new_leader_id IS NULL THEN 'no_leader'
                    WHEN COALESCE(b.balance, 0) <= 0 THEN 'nothing_to_collect'
                    WHEN x.minimum_amount > 0
                     AND CASE WHEN x.minimum_base = 'overdue'
                              THEN COALESCE(b.net_overdue, 0)
                              ELSE COALESCE(b.balance, 0) END < x.minimum_amount
                        THEN 'below_minimum'
                    WHEN x.today > x.new_leader_date
                     AND COALESCE(b.net_overdue, 0) <= 0 THEN 'credit_covers'
                    WHEN x.step_id IS NULL THEN 'end_of_scenario'
                    END AS reason
          FROM next x
     LEFT JOIN balance b ON b.head = x.account_id
           ) n
 LEFT JOIN res_partner k ON n.reason IS NULL AND n.mode <> 'manual'
       AND k.id = (%(recipient)s)
 LEFT JOIN res_partner kp ON kp.id = n.partner_id
"""


def evaluation_ctes(heads, todays, receivable):
    """The chain of CTEs from ``scope`` to ``result``, without a final SELECT.

    Nothing is written by it: it serves the evaluation, and whoever wants to know
    what the evaluation would say (``SELECT … FROM result``).

    :param list heads: ids of accounts that are not grouped under another one
    :param dict todays: {root company id: date}, the day to evaluate for
    :param list receivable: ids of the trade receivable accounts; constants, because
        only then the planner takes the index of unreconciled lines
    """
    parts = {
        "branches": _BRANCHES,
        "scope": _scope(heads, todays),
        "line": SQL(_LINE, kind=KIND, receivable=receivable),
        "item": _ITEM,
        "paying": _PAYING,
        "star": _STAR,
        "claim": _CLAIM,
        "figure": _FIGURE,
        "balance": _BALANCE,
        "lead": _LEAD,
        "step": _STEP,
        "corrected": _CORRECTED,
        "cycle": _CYCLE,
        "entered": _ENTERED,
        "next": _NEXT,
        "result": SQL(
            _RESULT, receivable=receivable, problem=PROBLEM, recipient=RECIPIENT
        ),
    }
    return SQL(", ").join(
        SQL("%s AS MATERIALIZED (%s)", SQL.identifier(name), query)
        for name, query in parts.items()
    )


# A proposal is kept while leader, step and model stay (L3, L7, L14); its date follows
# the rules, and its confirmation falls when it moves earlier or claims more (L17).
_PLAN = SQL(
    """
    SELECT r.*, x.id AS action_id,
           x.id IS NOT NULL AND r.proposes AND NOT r.restarted
           AND x.step_id IS NOT DISTINCT FROM r.step_id
           AND x.action_model_id = r.action_model_id
           AND (x.leader_id, x.leader_account_id, x.leader_date)
               IS NOT DISTINCT FROM
               (r.new_leader_id, r.new_leader_account_id, r.new_leader_date) AS keep,
           CASE WHEN x.leader_id IS NOT NULL AND r.leader_changed
                     AND NOT EXISTS (
                         SELECT 1 FROM claim c
                          WHERE c.head = r.account_id AND c.move_id = x.leader_id
                            AND c.account_id = x.leader_account_id)
                THEN 'settled'
                WHEN r.leader_changed THEN 'leader_changed'
                WHEN r.scenario_changed THEN 'scenario_changed'
                WHEN NOT r.proposes THEN r.reason
                ELSE 'step_changed' END AS cause
      FROM result r
 LEFT JOIN dso_action x ON x.account_id = r.account_id
       AND x.kind = 'scenario' AND x.state IN ('planned', 'error')
    """
)

_GONE = """
    UPDATE dso_action x
       SET state = 'cancelled', cause = p.cause, confirmed = FALSE,
           date_closed = p.today,
           write_date = NOW() AT TIME ZONE 'UTC', write_uid = %(uid)s
      FROM (
        SELECT action_id, cause, today FROM plan WHERE NOT keep
         UNION ALL
        SELECT y.id, 'grouped', s.today
          FROM scope s
          JOIN dso_action y ON y.account_id = s.account_id
           AND y.kind = 'scenario' AND y.state IN ('planned', 'error')
         WHERE s.head_id IS NOT NULL
           ) p
     WHERE x.id = p.action_id
 RETURNING x.account_id
"""

_MOVED = """
    UPDATE dso_action x
       SET date = p.date,
           date_forced = CASE WHEN p.redate_holds THEN p.c_redate_date END,
           amount_claimed = p.amount_claimed,
           problem = p.shown_problem,
           state = CASE WHEN p.shown_problem IS NULL THEN 'planned'
                        ELSE 'error' END,
           confirmed = p.stays_confirmed,
           mode = p.kept_mode,
           by_hand = p.by_hand,
           write_date = NOW() AT TIME ZONE 'UTC', write_uid = %(uid)s
      FROM (
        SELECT p.*, y.date AS old_date,
               CASE WHEN y.problem IS NULL OR y.problem = ANY(%(problems)s)
                    THEN p.problem ELSE y.problem END AS shown_problem,
               CASE WHEN p.by_hand THEN 'manual'
                    WHEN y.by_hand THEN p.own_mode
                    ELSE y.mode END AS kept_mode,
               COALESCE(y.confirmed AND NOT p.by_hand AND p.date >= y.date
                   AND p.amount_claimed <= y.confirmed_amount, FALSE)
                   AS stays_confirmed
          FROM plan p
          JOIN dso_action y ON y.id = p.action_id
         WHERE p.keep
           ) p
     WHERE x.id = p.action_id
       AND (x.date, x.date_forced, x.amount_claimed, x.problem,
            COALESCE(x.confirmed, FALSE), x.mode, COALESCE(x.by_hand, FALSE))
           IS DISTINCT FROM
           (p.date, CASE WHEN p.redate_holds THEN p.c_redate_date END,
            p.amount_claimed, p.shown_problem, p.stays_confirmed, p.kept_mode,
            p.by_hand)
 RETURNING CASE WHEN p.date <> p.old_date THEN x.account_id END AS account_id
"""

# The count reads all of `gone` first: the unique index of open proposals must see the
# cancelled rows before the new ones come.
_BORN = """
    INSERT INTO dso_action (
           account_id, company_id, kind, state, problem, mode, by_hand, interactive,
           type, confirmed, date, date_forced, action_model_id, step_id, leader_id,
           leader_account_id, leader_date, amount_claimed,
           create_date, create_uid, write_date, write_uid)
    SELECT p.account_id, p.company_id, 'scenario',
           CASE WHEN p.problem IS NULL THEN 'planned' ELSE 'error' END,
           p.problem, p.mode, p.by_hand, p.interactive, p.type, FALSE, p.date,
           CASE WHEN p.redate_holds THEN p.c_redate_date END,
           p.action_model_id, p.step_id, p.new_leader_id, p.new_leader_account_id,
           p.new_leader_date, p.amount_claimed,
           NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s
      FROM plan p
     WHERE p.proposes AND NOT p.keep
       AND (SELECT COUNT(*) FROM gone) >= 0
 RETURNING account_id
"""

_STATE = SQL(
    """
    SELECT s.account_id,
           CASE WHEN p.account_id IS NULL THEN 'grouped' ELSE p.reason END AS reason,
           p.account_id IS NOT NULL AS is_head,
           p.new_leader_id, p.new_leader_account_id, p.new_leader_date,
           p.scenario_id, p.n_last_step_id, p.c_done_step_id, p.c_done_date,
           p.c_redate_step_id, p.c_redate_date,
           NULLIF(p.memory, '{}'::jsonb) AS memory,
           COALESCE(p.balance, 0) AS balance,
           COALESCE(p.net_overdue, 0) AS net_overdue,
           COALESCE(t.total, 0) AS total, COALESCE(t.overdue, 0) AS overdue,
           COALESCE(t.not_due, 0) AS not_due, COALESCE(t.credit, 0) AS credit,
           COALESCE(t.disputed, 0) AS disputed, COALESCE(t.promised, 0) AS promised
      FROM scope s
 LEFT JOIN plan p ON p.account_id = s.account_id
 LEFT JOIN figure t ON t.account_id = s.account_id
    """
)

# A grouped account keeps its own cycle untouched, so that leaving the group loses
# nothing (L16).
_KEPT = """
    UPDATE dso_account a
       SET leader_id = CASE WHEN n.is_head THEN n.new_leader_id
                            ELSE a.leader_id END,
           leader_account_id = CASE WHEN n.is_head THEN n.new_leader_account_id
                                    ELSE a.leader_account_id END,
           leader_date = CASE WHEN n.is_head THEN n.new_leader_date
                              ELSE a.leader_date END,
           cycle_scenario_id = CASE WHEN n.is_head THEN n.scenario_id
                                    ELSE a.cycle_scenario_id END,
           last_step_id = CASE WHEN n.is_head THEN n.n_last_step_id
                               ELSE a.last_step_id END,
           last_done_step_id = CASE WHEN n.is_head THEN n.c_done_step_id
                                    ELSE a.last_done_step_id END,
           last_done_date = CASE WHEN n.is_head THEN n.c_done_date
                                 ELSE a.last_done_date END,
           redate_step_id = CASE WHEN n.is_head THEN n.c_redate_step_id
                                 ELSE a.redate_step_id END,
           redate_date = CASE WHEN n.is_head THEN n.c_redate_date
                              ELSE a.redate_date END,
           cycle_memory = CASE WHEN n.is_head THEN n.memory
                               ELSE a.cycle_memory END,
           reason = n.reason, balance = n.balance, net_overdue = n.net_overdue,
           amount_total = n.total, amount_overdue = n.overdue,
           amount_not_due = n.not_due, amount_credit = n.credit,
           amount_disputed = n.disputed, amount_promised = n.promised,
           evaluated_at = NOW() AT TIME ZONE 'UTC'
      FROM state n
     WHERE a.id = n.account_id
       AND (%(touch)s OR (
            a.reason, a.balance, a.net_overdue, a.amount_total, a.amount_overdue,
            a.amount_not_due, a.amount_credit, a.amount_disputed, a.amount_promised
           ) IS DISTINCT FROM (
            n.reason, n.balance, n.net_overdue, n.total, n.overdue,
            n.not_due, n.credit, n.disputed, n.promised
           ) OR n.is_head AND (
            a.leader_id, a.leader_account_id, a.leader_date, a.cycle_scenario_id,
            a.last_step_id, a.last_done_step_id, a.last_done_date,
            a.redate_step_id, a.redate_date, a.cycle_memory
           ) IS DISTINCT FROM (
            n.new_leader_id, n.new_leader_account_id, n.new_leader_date,
            n.scenario_id, n.n_last_step_id, n.c_done_step_id, n.c_done_date,
            n.c_redate_step_id, n.c_redate_date, n.memory))
 RETURNING a.id
"""

# A specific action is closed by itself when all its items are settled (L17, Q4).
_CLOSED = """
    UPDATE dso_action x
       SET state = 'cancelled', cause = 'settled', confirmed = FALSE,
           date_closed = s.today,
           write_date = NOW() AT TIME ZONE 'UTC', write_uid = %(uid)s
      FROM scope s
     WHERE x.account_id = s.account_id
       AND x.kind = 'specific' AND x.state IN ('planned', 'error')
       AND EXISTS (SELECT 1 FROM dso_action_line al WHERE al.action_id = x.id)
       AND NOT EXISTS (
           SELECT 1
             FROM dso_action_line al
             JOIN item i ON i.move_id = al.move_id AND i.account_id = al.account_id
            WHERE al.action_id = x.id AND al.released IS NOT TRUE)
 RETURNING x.id
"""

# What a specific action is about follows partial payments of its items (Q4); what
# keeps it from leaving is looked at like that of a proposal (L17).
_FOLLOWED = """
    UPDATE dso_action x
       SET amount_claimed = q.amount,
           problem = q.problem,
           state = CASE WHEN q.problem IS NULL THEN 'planned' ELSE 'error' END,
           write_date = NOW() AT TIME ZONE 'UTC', write_uid = %(uid)s
      FROM (
        SELECT n.id, n.amount,
               CASE WHEN n.problem IS NULL OR n.problem = ANY(%(problems)s)
                    THEN %(problem)s ELSE n.problem END AS problem
          FROM (
            SELECT y.id, y.type, y.mode, y.interactive, y.problem,
                   s.contact_id, s.partner_id, s.lawyer_id, s.lawyer_missing, s.closed,
                   s.no_gateway,
                   am.recipient_role_id AS role_id,
                   am.template_id IS NULL AND am.type = ANY(%(texts)s) AS no_template,
                   SUM(CASE WHEN al.disputed_only AND c.disputed > 0 THEN c.disputed
                            ELSE c.total END) AS amount
              FROM scope s
              JOIN dso_action y ON y.account_id = s.account_id
               AND y.kind = 'specific' AND y.state IN ('planned', 'error')
              JOIN dso_action_model am ON am.id = y.action_model_id
              JOIN dso_action_line al ON al.action_id = y.id
               AND al.released IS NOT TRUE
              JOIN claim c ON c.move_id = al.move_id AND c.account_id = al.account_id
          GROUP BY y.id, s.contact_id, s.partner_id, s.lawyer_id, s.lawyer_missing,
                   s.closed, s.no_gateway, am.id
               ) n
     LEFT JOIN res_partner k ON k.id = (%(recipient)s)
     LEFT JOIN res_partner kp ON kp.id = n.partner_id
           ) q
     WHERE x.id = q.id
       AND (x.amount_claimed, x.problem) IS DISTINCT FROM (q.amount, q.problem)
 RETURNING x.id
"""


def evaluation_statement(heads, todays, receivable, uid, touch):
    """The whole evaluation of ``heads``: one statement that reads and writes.

    :param list heads: ids of accounts that are not grouped under another one, locked
        by the caller
    :param dict todays: {root company id: date}
    :param int uid: user written as author of the proposals
    :param bool touch: write the accounts even when nothing changed, so that a
        concurrent transaction with an older snapshot of the ledger notices
    :return: SQL that yields (account id,) of each account whose proposal changed
    """
    writes = {
        "plan": _PLAN,
        "gone": SQL(_GONE, uid=uid),
        "moved": SQL(_MOVED, uid=uid, problems=PLANNING_PROBLEMS),
        "born": SQL(_BORN, uid=uid),
        "state": _STATE,
        "kept": SQL(_KEPT, touch=touch),
        "closed": SQL(_CLOSED, uid=uid),
        "followed": SQL(
            _FOLLOWED,
            uid=uid,
            recipient=RECIPIENT,
            problem=PROBLEM,
            problems=PLANNING_PROBLEMS,
            texts=TYPES_WITH_TEMPLATE,
        ),
    }
    return SQL(
        """
        WITH %(reads)s, %(writes)s
        SELECT account_id FROM gone
         UNION SELECT account_id FROM born
         UNION SELECT account_id FROM moved WHERE account_id IS NOT NULL
        """,
        reads=evaluation_ctes(heads, todays, receivable),
        writes=SQL(", ").join(
            SQL("%s AS (%s)", SQL.identifier(name), query)
            for name, query in writes.items()
        ),
    )
