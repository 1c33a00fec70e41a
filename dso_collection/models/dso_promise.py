"""Promises to pay, and what became of them (rules.md §3.3)."""

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL, format_date

STATES = [
    ("open", "Open"),
    ("kept", "Kept"),
    ("partly", "Partly kept"),
    ("broken", "Broken"),
    ("cancelled", "Cancelled"),
]
#: Why a promise counts no more.
PROMISE_CAUSES = [
    ("replaced", "Replaced by a later qualification"),
    ("undone", "Qualification undone"),
    ("gone", "Its items are no longer posted"),
]


class Schedule:
    """The instalments of a payment plan that a qualification makes, under the context
    key ``dso_schedule``: an object, so that no remote caller can put one into a
    context."""

    def __init__(self, plan, instalments):
        """
        :param plan: dso.payment.plan without instalments
        :param instalments: list of (date, amount), in order, in the plan's currency
        """
        self.plan = plan
        self.instalments = instalments

    def promise(self, qualifications, todays):
        """Make one promise for each instalment, on all items of these qualifications.

        The oldest items are paid first, credits are deducted from the first
        instalment; that is how amounts are spread over the items, and no condition: a
        promise is kept by any payment on any of them.
        """
        env = self.plan.env
        account = self.plan.account_id
        rows = {r["move_id"]: r for r in account._item_rows()}
        company = self.plan.company_id
        mixed = (
            len({r["currency_id"] for q in qualifications if (r := rows[q.move_id.id])})
            > 1
        )
        currency = self.plan.currency_id
        items = []
        for q in qualifications:
            row = rows[q.move_id.id]
            total, own = float(row["total"]), float(row["amount_currency"])
            items.append((q, row, total if mixed else own, total))
        items.sort(key=lambda item: (item[2] > 0, item[1]["due"], item[0].id))
        taken = {item[0]: 0.0 for item in items}
        vals_list = []
        for sequence, (date, amount) in enumerate(self.instalments, 1):
            rest = amount
            commands = []
            for q, row, base, total in items:
                part = base - taken[q]
                if part > 0:
                    part = min(part, max(rest, 0))
                part = currency.round(part)
                commands.append(
                    Command.create(
                        {
                            "account_id": account.id,
                            "move_id": q.move_id.id,
                            "move_name": q.move_name,
                            "due": row["due"],
                            "base": base,
                            "amount": part,
                            "earlier": taken[q],
                            "amount_company": company.currency_id.round(
                                part * total / base
                            ),
                            "qualification_id": q.id,
                            "current_id": q.id,
                        }
                    )
                )
                rest -= part
                taken[q] = currency.round(taken[q] + part)
            vals_list.append(
                {
                    "account_id": account.id,
                    "user_id": env.uid,
                    "plan_id": self.plan.id,
                    "sequence": sequence,
                    "date_made": todays[company.id],
                    "date": date,
                    "date_limit": company._dso_promise_limit(date, todays[company.id]),
                    "item_currency_id": currency.id,
                    "item_amount": amount,
                    "paid": 0,
                    "amount": sum(c[2]["amount_company"] for c in commands),
                    "mixed": mixed,
                    "line_ids": commands,
                }
            )
        return env["dso.promise"].sudo().create(vals_list)  # behind dso_qualify's check


class DsoPromise(models.Model):
    """What a customer said he would pay until when, one row per account and act.

    A row is made by a qualification and then only followed: its outcome is read off the
    ledger. Amounts are compared in the currency of its items, or in company currency
    where they have several.
    """

    _name = "dso.promise"
    _description = "Promise To Pay"
    _order = "date desc, id desc"
    _rec_name = "account_id"
    _check_company_auto = True

    account_id = fields.Many2one(
        "dso.account", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    collector_id = fields.Many2one(related="account_id.collector_id")
    user_id = fields.Many2one("res.users", "Noted by", required=True)
    date_made = fields.Date("Made on", required=True)
    date = fields.Date("Promised for", required=True, index=True)
    date_limit = fields.Date(
        "Grace until",
        required=True,
        help="Last day on which a payment still keeps the promise: its date, or the day"
        " on which it was noted if later, and the company's grace days.",
    )
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    amount = fields.Monetary("Promised", help="In company currency.")
    item_currency_id = fields.Many2one(
        "res.currency",
        "Currency",
        required=True,
        help="That of its items; company currency where they have several.",
    )
    item_amount = fields.Monetary(
        "Promised amount", currency_field="item_currency_id", aggregator=None
    )
    paid = fields.Monetary(
        "Received",
        currency_field="item_currency_id",
        aggregator=None,
        help="By how much its items fell until its last day of grace.",
    )
    mixed = fields.Boolean(help="Its items have several currencies.")
    state = fields.Selection(STATES, required=True, default="open", index=True)
    cause = fields.Selection(PROMISE_CAUSES, "Cancelled because")
    date_settled = fields.Date(
        "Settled on",
        help="Day on which the promised amount was reached, in time or not.",
    )
    plan_id = fields.Many2one(
        "dso.payment.plan", "Payment plan", index="btree_not_null", ondelete="restrict"
    )
    sequence = fields.Integer(
        "Instalment", default=1, aggregator=None, help="Its place in a payment plan."
    )
    line_ids = fields.One2many("dso.promise.line", "promise_id", "Items")
    move_ids = fields.Many2many(
        "account.move",
        compute="_compute_move_ids",
        search="_search_move_ids",
        string="Item documents",
    )
    qualification_ids = fields.Many2many(
        "dso.qualification", compute="_compute_qualification_ids"
    )

    # the evaluation's look at the promises of its accounts
    _followed_idx = models.Index(
        "(account_id) WHERE state <> 'cancelled' OR cause = 'gone'"
    )
    # the nightly look at those whose grace is over
    _open_idx = models.Index("(date_limit) WHERE state = 'open'")

    @api.depends("line_ids.move_id")
    def _compute_move_ids(self):
        for promise in self:
            promise.move_ids = promise.line_ids.move_id

    def _search_move_ids(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        return [("line_ids.move_id", operator, value)]

    @api.depends("line_ids.qualification_id")
    def _compute_qualification_ids(self):
        for promise in self:
            promise.qualification_ids = promise.line_ids.qualification_id

    @api.depends("date", "partner_id.display_name")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = self.env._(
                "%(customer)s, %(date)s",
                customer=promise.partner_id.display_name or "",
                date=format_date(self.env, promise.date),
            )

    # -------------------------------------------------------------------------
    # LIFE
    # -------------------------------------------------------------------------

    @api.model
    def _from_qualifications(self, qualifications):
        """Follow new qualifications: open promises of their items end, those of the
        type promise make a new one per account and date.

        A row that only amends another (comment, resolver) ends and makes nothing: the
        promise is borne by it from now on. What is promised of an item is the amount
        that was named; without one its instalments that are due by the promised date,
        and where none is, all of it.

        :param qualifications: dso.qualification rows that were just created
        :return: the new dso.promise records
        """
        self.env.flush_all()
        accounts = qualifications.account_id
        todays = {c.id: c._dso_today() for c in accounts.company_id}
        self._carry(qualifications.filtered("amends_id"))
        # what is decided stays decided, whatever is said afterwards
        changed = self._settle(accounts.ids, todays)
        acts = qualifications.filtered(lambda q: not q.amends_id)
        self._release(acts)
        said = acts.filtered(lambda q: q.status_type == "promise_to_pay")
        schedule = self.env.context.get("dso_schedule")
        if isinstance(schedule, Schedule):
            promises = schedule.promise(said, todays)
        else:
            promises = self._make(said.filtered("promise_date"), todays)
        promises._link_follow_ups()
        changed += self._settle(accounts.ids, todays)
        self._reflect(accounts.ids, changed, todays)
        return promises.sudo(self.env.su)

    @api.model
    def _make(self, qualifications, todays):
        """One promise for each account and date of these qualifications."""
        if not qualifications:
            return self.browse()
        limits = {}
        for q in qualifications:
            company = q.company_id
            key = (company.id, q.promise_date)
            if key not in limits:
                limits[key] = company._dso_promise_limit(
                    q.promise_date, todays[company.id]
                )
        rows = self.env.execute_query(
            SQL(
                """
                WITH term (company_id, date, date_limit, today) AS (
                    SELECT * FROM unnest(%(companies)s::int[], %(dates)s::date[],
                                         %(limits)s::date[], %(todays)s::date[])
                ), said AS (
                    SELECT q.id, q.account_id, q.move_id, q.move_name, q.promise_date,
                           a.company_id, t.date_limit, t.today,
                           o.currency_id, o.currency, o.company, o.due,
                           c.currency_id AS company_currency_id, cc.decimal_places,
                           CASE WHEN q.promise_amount > 0 AND o.currency > 0
                                THEN LEAST(q.promise_amount, o.currency)
                                ELSE COALESCE(NULLIF(o.falls_due, 0), o.currency)
                                END AS promised
                      FROM dso_qualification q
                      JOIN dso_account a ON a.id = q.account_id
                      JOIN res_company c ON c.id = a.company_id
                      JOIN res_currency cc ON cc.id = c.currency_id
                      JOIN term t ON t.company_id = a.company_id
                       AND t.date = q.promise_date
                CROSS JOIN LATERAL (
                        SELECT MIN(l.currency_id) AS currency_id,
                               SUM(l.amount_residual_currency) AS currency,
                               SUM(l.amount_residual) AS company,
                               MIN(l.due) AS due,
                               SUM(l.amount_residual_currency) FILTER (
                                   WHERE l.due <= GREATEST(q.promise_date, t.today))
                                   AS falls_due
                          FROM (
                            SELECT l.*, COALESCE(
                                   l.date_maturity, l.invoice_date, l.date) AS due
                              FROM account_move_line l
                              JOIN res_partner rp ON rp.id = l.partner_id
                               AND rp.commercial_partner_id = a.partner_id
                             WHERE l.move_id = q.move_id
                               AND l.account_id = ANY(%(receivable)s)
                               AND l.parent_state = 'posted'
                               ) l
                           ) o
                     WHERE q.id = ANY(%(ids)s) AND o.currency <> 0
                ), act AS (
                    SELECT *, COUNT(*) FILTER (WHERE currency_id <> first_currency)
                                  OVER same > 0 AS mixed
                      FROM (
                        SELECT *, MIN(currency_id) OVER (
                                   PARTITION BY account_id, promise_date)
                                   AS first_currency
                          FROM said
                           ) s
                    WINDOW same AS (PARTITION BY account_id, promise_date)
                ), item AS (
                    SELECT *,
                           CASE WHEN mixed THEN company ELSE currency END AS base,
                           CASE WHEN mixed THEN promised_company
                                ELSE promised END AS amount
                      FROM (
                        SELECT *, ROUND(promised * company / currency, decimal_places)
                                   AS promised_company
                          FROM act
                           ) c
                ), promise AS (
                    INSERT INTO dso_promise (
                           account_id, company_id, user_id, date_made, date, date_limit,
                           amount, item_currency_id, item_amount, paid, mixed, state,
                           sequence, create_uid, create_date, write_uid, write_date)
                    SELECT account_id, MIN(company_id), %(uid)s, MIN(today),
                           promise_date, MIN(date_limit), SUM(promised_company),
                           MIN(CASE WHEN mixed THEN company_currency_id
                                    ELSE currency_id END),
                           SUM(amount), 0, bool_or(mixed), 'open', 1,
                           %(uid)s, NOW() AT TIME ZONE 'UTC',
                           %(uid)s, NOW() AT TIME ZONE 'UTC'
                      FROM item
                  GROUP BY account_id, promise_date
                    HAVING SUM(amount) > 0
                 RETURNING id, account_id, date
                ), line AS (
                    INSERT INTO dso_promise_line (
                           promise_id, account_id, move_id, move_name, due, base,
                           amount, earlier, amount_company, qualification_id,
                           current_id, released, create_uid, create_date, write_uid,
                           write_date)
                    SELECT p.id, i.account_id, i.move_id, i.move_name, i.due, i.base,
                           i.amount, 0, i.promised_company, i.id, i.id, FALSE,
                           %(uid)s, NOW() AT TIME ZONE 'UTC',
                           %(uid)s, NOW() AT TIME ZONE 'UTC'
                      FROM item i
                      JOIN promise p ON p.account_id = i.account_id
                       AND p.date = i.promise_date
                )
                SELECT id FROM promise ORDER BY id
                """,
                companies=[company for company, _date in limits],
                dates=[date for _company, date in limits],
                limits=list(limits.values()),
                todays=[todays[company] for company, _date in limits],
                receivable=self.env["dso.account"]._receivable_account_ids(),
                ids=qualifications.ids,
                uid=self.env.uid,
            )
        )
        self.env["dso.promise"].invalidate_model(flush=False)
        self.env["dso.promise.line"].invalidate_model(flush=False)
        return self.sudo().browse(row[0] for row in rows)  # callers checked the role

    @api.model
    def _carry(self, amended):
        """Promises are borne by the rows that amend their qualifications."""
        if amended:
            self._follow_rows([(q.amends_id.id, q.id) for q in amended])

    @api.model
    def _follow_rows(self, pairs):
        """Let lines be borne by other rows of the history.

        :param pairs: list of (id of the qualification before, id of that now)
        """
        if not pairs:
            return
        self.env.execute_query(
            SQL(
                """
                UPDATE dso_promise_line l SET current_id = r.now
                  FROM unnest(%s::int[], %s::int[]) AS r(before, now)
                 WHERE l.current_id = r.before
             RETURNING l.id
                """,
                [before for before, _now in pairs],
                [now for _before, now in pairs],
            )
        )
        self.env["dso.promise.line"].invalidate_model(["current_id"], flush=False)

    @api.model
    def _release(self, qualifications):
        """The items of these qualifications leave their open promises."""
        if not qualifications:
            return
        self.env.execute_query(
            SQL(
                """
                UPDATE dso_promise_line l SET released = TRUE, released_by_id = q.id
                  FROM dso_promise p, dso_qualification q
                 WHERE p.id = l.promise_id AND p.state = 'open'
                   AND l.released IS NOT TRUE
                   AND q.id = ANY(%s)
                   AND l.move_id = q.move_id AND l.account_id = q.account_id
             RETURNING l.id
                """,
                qualifications.ids,
            )
        )
        self.env["dso.promise.line"].invalidate_model(flush=False)

    def _link_follow_ups(self):
        """The specific actions born of the same qualifications follow these promises;
        of a payment plan the first instalment."""
        if not self:
            return
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                -- read once each, whatever the planner knows of fresh rows
                WITH line AS MATERIALIZED (
                    SELECT l.promise_id, l.qualification_id, p.date, p.sequence
                      FROM dso_promise p
                      JOIN dso_promise_line l ON l.promise_id = p.id
                     WHERE p.id = ANY(%s)
                ), own AS MATERIALIZED (
                    SELECT al.action_id, (array_agg(l.promise_id
                               ORDER BY l.date, l.sequence, l.promise_id))[1] AS id
                      FROM line l
                      JOIN dso_action_line al
                        ON al.qualification_id = l.qualification_id
                  GROUP BY al.action_id
                )
                UPDATE dso_action x SET promise_id = own.id
                  FROM own
                 WHERE x.id = own.action_id
             RETURNING x.id
                """,
                self.ids,
            )
        )
        self.env["dso.action"].invalidate_model(["promise_id"], flush=False)

    @api.model
    def _take_back(self, undone, originals, undo):
        """Undo what qualifications did to promises (rules.md L7).

        Those that they made are cancelled, whatever became of them; those that they
        ended come back.

        :param undone: dso.qualification rows that are undone
        :param originals: the acts behind them
        :param undo: the rows that undo them
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                WITH born AS (
                    UPDATE dso_promise_line l SET released = TRUE, released_by_id = u.id
                      FROM dso_qualification u
                     WHERE u.id = ANY(%(undo)s)
                       AND u.undo_of_id = ANY(%(originals)s)
                       AND l.qualification_id = u.undo_of_id
                 RETURNING l.promise_id
                ), ended AS (
                    UPDATE dso_promise_line l SET released = FALSE,
                           released_by_id = NULL
                     WHERE l.released_by_id = ANY(%(originals)s)
                 RETURNING l.promise_id
                ), back AS (
                    UPDATE dso_promise p SET state = 'open', cause = NULL
                     WHERE p.state = 'cancelled'
                       AND p.id IN (SELECT promise_id FROM ended)
                 RETURNING p.id
                )
                UPDATE dso_promise p SET cause = 'undone'
                 WHERE p.id IN (SELECT promise_id FROM born)
             RETURNING p.id
                """,
                undo=undo.ids,
                originals=originals.ids,
            )
        )
        self.env["dso.promise"].invalidate_model(flush=False)
        self.env["dso.promise.line"].invalidate_model(flush=False)
        by_item = {(u.move_id, u.account_id): u for u in undo}
        pairs = []
        for row in undone:
            now = by_item[row.move_id, row.account_id].id
            pairs += [(before.id, now) for before in (row, row.previous_id) if before]
        self._follow_rows(pairs)
        accounts = undone.account_id
        todays = {c.id: c._dso_today() for c in accounts.company_id}
        changed = self._settle(accounts.ids, todays)
        self._reflect(accounts.ids, changed, todays)

    # -------------------------------------------------------------------------
    # OUTCOME
    # -------------------------------------------------------------------------

    @api.model
    def _follow_ledger(self, accounts, todays, decided=True):
        """Bring promises, their items, follow-ups and counts up to date.

        :param list accounts: ids of dso.account
        :param dict todays: {root company id: date}
        :param bool decided: look at those that have an outcome, too
        """
        changed = self._settle(accounts, todays, decided)
        if changed:
            self._reflect(accounts, changed, todays)

    @api.model
    def _settle(self, accounts, todays, decided=True):
        """Read the outcome of promises off the ledger, in one statement for all.

        A promise is kept when the open amount of its items fell by what was promised
        between the day it was made and its last day of grace, by the dates of the
        payments, whenever they were booked. Credit notes and write-offs count like
        payments: the ledger says that nothing more is owed. After its grace it is
        partly kept or broken. What is un-reconciled later opens the question again.

        :param list accounts: ids of dso.account
        :param dict todays: {root company id: date}
        :param bool decided: look at those that have an outcome, too
        :return: list of the ids of promises that changed
        """
        if not accounts:
            return []
        rows = self.env.execute_query(
            SQL(
                _SETTLE,
                accounts=accounts,
                companies=list(todays),
                todays=list(todays.values()),
                receivable=self.env["dso.account"]._receivable_account_ids(),
                followed=SQL("(p.state <> 'cancelled' OR p.cause = 'gone')")
                if decided
                else SQL("p.state = 'open'"),
            )
        )
        if rows:
            self.env["dso.promise"].invalidate_model(flush=False)
            self.env["dso.payment.plan"].invalidate_model(flush=False)
        return [row[0] for row in rows]

    @api.model
    def _reflect(self, accounts, changed, todays):
        """Show on items, follow-ups and customers what became of promises.

        :param list accounts: ids of dso.account whose items are looked at
        :param list changed: ids of the promises that changed
        :param dict todays: {root company id: date}
        """
        receivable = self.env["dso.account"]._receivable_account_ids()
        self.env.execute_query(
            SQL(_REFLECT_ITEMS, accounts=accounts, receivable=receivable)
        )
        if changed:
            days = {"companies": list(todays), "todays": list(todays.values())}
            self.env.execute_query(SQL(_FOLLOW_UPS, changed=changed, **days))
            self._count(accounts)
        for model in ("dso.item", "dso.action", "dso.action.line"):
            self.env[model].invalidate_model(flush=False)
        self.env["account.move"].invalidate_model(["dso_starred"], flush=False)

    @api.model
    def _count(self, accounts):
        """Count kept, partly kept and broken promises of customers.

        :param list accounts: ids of dso.account
        """
        self.env.execute_query(SQL(_COUNT, accounts=accounts))
        self.env["dso.account"].invalidate_model(
            ["promise_kept_count", "promise_partly_count", "promise_broken_count"],
            flush=False,
        )

    @api.model
    def _move_items(self, source, target, moves):
        """Items of an account moved to another one: a promise goes with all of its
        items, else it stays and follows those that left.

        :param list moves: ids of the entries that moved
        """
        ids = {"source": source.id, "target": target.id, "moves": moves}
        for query in (
            """UPDATE dso_promise_line SET account_id = %(target)s
                WHERE account_id = %(source)s AND move_id = ANY(%(moves)s)""",
            """UPDATE dso_payment_plan n SET account_id = %(target)s
                WHERE n.account_id = %(source)s AND NOT EXISTS (
                      SELECT 1 FROM dso_promise p
                        JOIN dso_promise_line l ON l.promise_id = p.id
                       WHERE p.plan_id = n.id AND l.account_id = %(source)s)""",
            """UPDATE dso_promise p SET account_id = %(target)s
                WHERE p.account_id = %(source)s AND NOT EXISTS (
                      SELECT 1 FROM dso_promise_line l
                       WHERE l.promise_id = p.id AND l.account_id = %(source)s)""",
        ):
            self.env.cr.execute(SQL(query, **ids))
        self._count([source.id, target.id])

    @api.model
    def _refresh_limits(self, company):
        """Holidays and grace days may have changed: open promises follow them.

        :param company: res.company, a root
        """
        days = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT GREATEST(date, date_made) FROM dso_promise
                 WHERE state = 'open' AND company_id = %s
                """,
                company.id,
            )
        )
        if not days:
            return
        days = [row[0] for row in days]
        self.env.execute_query(
            SQL(
                """
                UPDATE dso_promise p SET date_limit = t.date_limit
                  FROM unnest(%s::date[], %s::date[]) AS t(day, date_limit)
                 WHERE p.state = 'open' AND p.company_id = %s
                   AND GREATEST(p.date, p.date_made) = t.day
                   AND p.date_limit <> t.date_limit
             RETURNING p.id
                """,
                days,
                [company._dso_promise_limit(day, day) for day in days],
                company.id,
            )
        )
        self.invalidate_model(["date_limit"], flush=False)

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_open_account(self):
        """Open the customer record."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
            "name": self.partner_id.display_name,
        }


# What fell until a day: what the items were open with, less what they are open with
# now, less what was settled after that day. So the outcome is that of the payments'
# own dates, however late somebody looks, and taking a payment back takes it back.
# ``need`` is what all instalments up to this one take, ``before`` the earlier ones;
# neither can exceed what is left of the items.
_SETTLE = """
    WITH scope (company_id, today) AS (
        SELECT * FROM unnest(%(companies)s::int[], %(todays)s::date[])
    ), promise AS (
        SELECT p.*, s.today, c.rounding
          FROM dso_promise p
          JOIN scope s ON s.company_id = p.company_id
          JOIN res_currency c ON c.id = p.item_currency_id
         WHERE p.account_id = ANY(%(accounts)s) AND %(followed)s
    ), item AS (
        SELECT p.id, p.mixed, l.base, l.amount, l.earlier, x.id AS line_id,
               CASE WHEN p.mixed THEN x.amount_residual
                    ELSE x.amount_residual_currency END AS residual,
               l.id AS item_id, i.id AS borne
          FROM promise p
          JOIN dso_promise_line l ON l.promise_id = p.id AND l.released IS NOT TRUE
          JOIN dso_account a ON a.id = l.account_id
          JOIN account_move_line x ON x.move_id = l.move_id
           AND x.account_id = ANY(%(receivable)s) AND x.parent_state = 'posted'
          JOIN res_partner rp ON rp.id = x.partner_id
           AND rp.commercial_partner_id = a.partner_id
     LEFT JOIN dso_item i ON i.move_id = l.move_id AND i.account_id = l.account_id
           AND i.qualification_id = l.current_id
    ), part AS (
        SELECT id, item_id, base, amount, earlier, SUM(residual) AS residual,
               MAX(borne) AS borne
          FROM item
      GROUP BY id, item_id, base, amount, earlier
    ), figure AS (
        SELECT p.id, p.state, p.today, p.date_made, p.date_limit, p.rounding,
               COUNT(part.item_id) AS items, COUNT(part.borne) AS borne,
               SUM(part.base) - SUM(part.residual) AS fell,
               LEAST(SUM(part.earlier), SUM(part.base)) AS before,
               LEAST(SUM(part.earlier + part.amount), SUM(part.base)) AS need,
               p.rounding * (CASE WHEN p.mixed THEN COUNT(part.item_id)
                                  ELSE 0 END + 0.5) AS tolerance
          FROM promise p
     LEFT JOIN part ON part.id = p.id
      GROUP BY p.id, p.state, p.today, p.date_made, p.date_limit, p.rounding,
               p.mixed
    ), settled AS (
        SELECT id, date, SUM(amount) AS amount
          FROM (
            SELECT i.id, r.max_date AS date,
                   CASE WHEN i.mixed THEN r.amount
                        ELSE r.debit_amount_currency END AS amount
              FROM item i
              JOIN account_partial_reconcile r ON r.debit_move_id = i.line_id
             UNION ALL
            SELECT i.id, r.max_date,
                   -CASE WHEN i.mixed THEN r.amount
                         ELSE r.credit_amount_currency END
              FROM item i
              JOIN account_partial_reconcile r ON r.credit_move_id = i.line_id
               ) x
      GROUP BY id, date
    ), fallen AS (
        SELECT f.id, d.date, f.fell - COALESCE((
                   SELECT SUM(s.amount) FROM settled s
                    WHERE s.id = f.id AND s.date > d.date), 0) AS amount
          FROM figure f
    CROSS JOIN LATERAL (
            SELECT f.date_made AS date
             UNION SELECT f.date_limit
             UNION SELECT s.date FROM settled s
                    WHERE s.id = f.id AND s.date > f.date_made
               ) d
    ), reached AS (
        SELECT f.id, f.state AS was, f.today, f.date_limit, f.tolerance, f.items,
               f.borne, f.before, f.need,
               (SELECT MIN(y.date) FROM fallen y
                 WHERE y.id = f.id AND y.date >= f.date_made
                   AND y.amount >= f.need - f.tolerance) AS settled_on,
               (SELECT y.amount FROM fallen y
                 WHERE y.id = f.id AND y.date = f.date_limit) AS in_time
          FROM figure f
    ), outcome AS (
        SELECT r.id, r.items, r.settled_on,
               CASE WHEN r.items = 0 THEN 'cancelled'
                    WHEN r.settled_on <= r.date_limit THEN 'kept'
                    WHEN r.today <= r.date_limit
                    THEN CASE WHEN r.borne = 0 AND r.was <> 'open'
                              THEN 'cancelled' ELSE 'open' END
                    WHEN r.in_time - r.before > r.tolerance THEN 'partly'
                    ELSE 'broken' END AS state,
               COALESCE(GREATEST(LEAST(r.in_time, r.need) - r.before, 0), 0) AS paid
          FROM reached r
    ), told AS (
        SELECT o.id, o.state, o.paid, o.settled_on,
               CASE WHEN o.state <> 'cancelled' THEN NULL
                    WHEN p.cause = 'undone' THEN 'undone'
                    WHEN EXISTS (SELECT 1 FROM dso_promise_line l
                                  WHERE l.promise_id = o.id
                                    AND l.released IS NOT TRUE)
                     AND o.items = 0 THEN 'gone'
                    ELSE 'replaced' END AS cause
          FROM outcome o
          JOIN promise p ON p.id = o.id
    )
    UPDATE dso_promise p
       SET state = t.state, cause = t.cause, paid = t.paid, date_settled = t.settled_on,
           write_date = NOW() AT TIME ZONE 'UTC'
      FROM told t
     WHERE t.id = p.id
       AND (p.state, p.cause, COALESCE(p.paid, 0), p.date_settled) IS DISTINCT FROM
           (t.state, t.cause, t.paid, t.settled_on)
 RETURNING p.id
"""

# An instalment that was missed and settled since counts no more against its plan. What
# is still to come of a promise is spread over what its items still owe; what left the
# promise counts no more.
_REFLECT_ITEMS = """
    WITH item AS MATERIALIZED (
        SELECT i.id, i.qualification_id, i.move_id, i.account_id, cc.decimal_places,
               (SELECT SUM(x.amount_residual)
                  FROM account_move_line x
                  JOIN res_partner rp ON rp.id = x.partner_id
                   AND rp.commercial_partner_id = a.partner_id
                 WHERE x.move_id = i.move_id AND x.account_id = ANY(%(receivable)s)
                   AND x.parent_state = 'posted') AS residual
          FROM dso_item i
          JOIN dso_account a ON a.id = i.account_id
          JOIN res_company c ON c.id = a.company_id
          JOIN res_currency cc ON cc.id = c.currency_id
         WHERE i.account_id = ANY(%(accounts)s)
           AND (i.promise_state IS NOT NULL OR i.status_type = 'promise_to_pay')
    ), live AS MATERIALIZED (
        SELECT i.id AS item_id, i.residual, i.decimal_places, p.id, p.state, p.sequence,
               p.date_settled, p.paid, COALESCE(p.plan_id, -p.id) AS act,
               ROW_NUMBER() OVER (PARTITION BY p.id ORDER BY i.id) AS of_promise,
               ROW_NUMBER() OVER (PARTITION BY COALESCE(p.plan_id, -p.id), i.id
                                      ORDER BY p.id) AS of_item
          FROM item i
     LEFT JOIN dso_promise_line l ON l.current_id = i.qualification_id
           AND l.move_id = i.move_id AND l.account_id = i.account_id
           AND l.released IS NOT TRUE
     LEFT JOIN dso_promise p ON p.id = l.promise_id
    ), rest AS MATERIALIZED (
        -- windows, no joins: of fresh rows the planner believes that there is one
        SELECT p.*,
               CASE WHEN p.of_promise = 1 AND p.state = 'open'
                    THEN (SELECT SUM(k.amount_company)
                                 * GREATEST(0, 1 - COALESCE(p.paid, 0)
                                                   / NULLIF(SUM(k.amount), 0))
                            FROM dso_promise_line k
                           WHERE k.promise_id = p.id AND k.released IS NOT TRUE)
                    END AS rest
          FROM live p
    ), share AS MATERIALIZED (
        SELECT r.*,
               LEAST(1, SUM(r.rest) OVER act
                        / NULLIF(SUM(r.residual) FILTER (WHERE r.of_item = 1) OVER act,
                                 0)) AS part
          FROM rest r
        WINDOW act AS (PARTITION BY r.act)
    ), shown AS MATERIALIZED (
        SELECT p.item_id AS id,
               CASE WHEN bool_or(p.state = 'broken' AND p.date_settled IS NULL)
                    THEN 'broken'
                    WHEN bool_or(p.state = 'partly' AND p.date_settled IS NULL)
                    THEN 'partly'
                    WHEN bool_or(p.state = 'open') THEN 'open'
                    ELSE (array_agg(p.state ORDER BY p.sequence DESC, p.id DESC)
                          FILTER (WHERE p.state <> 'cancelled'))[1]
                    END AS state,
               ROUND(p.residual * MAX(p.part) FILTER (WHERE p.state = 'open'),
                     p.decimal_places) AS promised
          FROM share p
      GROUP BY p.item_id, p.residual, p.decimal_places
    )
    UPDATE dso_item i SET promise_state = s.state, promised_company = s.promised
      FROM shown s
     WHERE i.id = s.id
       AND (i.promise_state, i.promised_company) IS DISTINCT FROM
           (s.state, s.promised)
 RETURNING i.id
"""

# The one follow-up of a promise or plan: it waits for the first instalment that is not
# settled, asks for a person when one breaks, and is over when all are kept. When a
# payment is taken back it comes back.
_FOLLOW_UPS = """
    WITH scope (company_id, today) AS (
        SELECT * FROM unnest(%(companies)s::int[], %(todays)s::date[])
    ), promise AS (
        SELECT p.*, COALESCE(p.plan_id, -p.id) AS act,
               p.state = 'open' OR p.state IN ('partly', 'broken')
                   AND p.date_settled IS NULL AS waits
          FROM dso_promise p
         WHERE p.id = ANY(%(changed)s)
            OR p.plan_id IN (SELECT plan_id FROM dso_promise
                              WHERE id = ANY(%(changed)s) AND plan_id IS NOT NULL)
    ), next AS (
        SELECT act, bool_or(state <> 'cancelled') AS alive,
               (array_agg(id ORDER BY sequence, id) FILTER (WHERE waits))[1] AS id
          FROM promise
      GROUP BY act
    ), follow_up AS (
        SELECT x.id, x.state, x.cause, x.date, x.date_forced, s.today, n.alive,
               n.id AS next_id, w.date AS next_date, w.state AS next_state,
               n.id IS DISTINCT FROM x.promise_id AS moves,
               COALESCE(c.dso_promise_follow_up_offset, 0) AS days
          FROM dso_action x
          JOIN promise p ON p.id = x.promise_id
          JOIN next n ON n.act = p.act
          JOIN scope s ON s.company_id = x.company_id
          JOIN res_company c ON c.id = x.company_id
     LEFT JOIN promise w ON w.id = n.id
         WHERE x.kind = 'specific'
    ), moved AS (
        UPDATE dso_action x
           SET promise_id = f.next_id, promise_date = f.next_date,
               date = CASE WHEN f.moves THEN f.next_date + f.days
                           WHEN f.next_state IN ('partly', 'broken')
                            AND f.date_forced IS NULL THEN LEAST(f.date, f.today)
                           ELSE f.date END,
               date_forced = CASE WHEN f.moves THEN NULL ELSE f.date_forced END,
               confirmed = x.confirmed AND NOT f.moves
          FROM follow_up f
         WHERE x.id = f.id AND f.state IN ('planned', 'error')
           AND f.next_id IS NOT NULL
     RETURNING x.id
    ), over AS (
        UPDATE dso_action x
           SET state = 'cancelled', cause = 'kept', confirmed = FALSE,
               date_closed = f.today
          FROM follow_up f
         WHERE x.id = f.id AND f.state IN ('planned', 'error')
           AND f.next_id IS NULL AND f.alive
           AND EXISTS (
               SELECT 1 FROM dso_action_line al
                 JOIN dso_account a ON a.id = al.account_id
                 JOIN account_move_line l ON l.move_id = al.move_id
                  AND l.parent_state = 'posted' AND l.amount_residual > 0
                 JOIN account_account aa ON aa.id = l.account_id
                  AND aa.account_type = 'asset_receivable'
                 JOIN res_partner rp ON rp.id = l.partner_id
                  AND rp.commercial_partner_id = a.partner_id
                WHERE al.action_id = x.id AND al.released IS NOT TRUE)
     RETURNING x.id, f.today
    ), reopened AS (
        UPDATE dso_action x
           SET state = 'planned', cause = NULL, date_closed = NULL,
               promise_id = f.next_id, promise_date = f.next_date,
               date = f.next_date + f.days, date_forced = NULL
          FROM follow_up f
         WHERE x.id = f.id AND f.state = 'cancelled'
           AND f.cause IN ('settled', 'kept') AND f.next_id IS NOT NULL
           AND EXISTS (
               SELECT 1 FROM dso_promise_line l
                 JOIN dso_item i ON i.move_id = l.move_id
                  AND i.account_id = l.account_id
                  AND i.qualification_id = l.current_id
                WHERE l.promise_id = f.next_id AND l.released IS NOT TRUE)
     RETURNING x.id
    ), given AS (
        UPDATE dso_action_line al
           SET released = o.today IS NOT NULL
          FROM (SELECT id, today FROM over
                 UNION ALL SELECT id, NULL FROM reopened) o
         WHERE al.action_id = o.id AND al.released_by_id IS NULL
     RETURNING al.move_id, al.account_id, o.today
    )
    UPDATE dso_item i SET reentry_date = g.today
      FROM given g
     WHERE i.move_id = g.move_id AND i.account_id = g.account_id
       AND g.today IS NOT NULL
 RETURNING i.id
"""

_COUNT = """
    UPDATE dso_account a
       SET promise_kept_count = n.kept, promise_partly_count = n.partly,
           promise_broken_count = n.broken
      FROM (
        SELECT b.id,
               COUNT(*) FILTER (WHERE p.state = 'kept') AS kept,
               COUNT(*) FILTER (WHERE p.state = 'partly') AS partly,
               COUNT(*) FILTER (WHERE p.state = 'broken') AS broken
          FROM dso_account b
     LEFT JOIN dso_promise p ON p.account_id = b.id
         WHERE b.id = ANY(%(accounts)s)
      GROUP BY b.id
           ) n
     WHERE a.id = n.id
       AND (a.promise_kept_count, a.promise_partly_count, a.promise_broken_count)
           IS DISTINCT FROM (n.kept, n.partly, n.broken)
 RETURNING a.id
"""
