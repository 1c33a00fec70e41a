"""The order of the worklist: a score with its parts (rules.md §5)."""

from odoo import api, fields, models
from odoo.tools import SQL, float_round, format_amount

from .dso_action import OPEN_STATES

#: Most points of each part; together 100.
AMOUNT, AGE, PROMISES, PROFILE = 40, 30, 15, 15
#: So many points for each so many days overdue: in steps, so that not every score
#: changes every night.
AGE_POINTS, AGE_STEP = 5, 15
#: Points of broken promises of the last year, by their number.
BROKEN = (0, 10, 15)
#: What a due action is before every upcoming one.
DUE = 1000


class DsoAction(models.Model):
    _inherit = "dso.action"

    priority = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        help="0 to 100, of the customer: overdue amount (up to 40), its age (30),"
        " broken promises of a year (15), payment profile (15).",
    )
    priority_words = fields.Char("Priority in words", compute="_compute_priority_words")
    worklist = fields.Integer(
        "Order of the worklist",
        readonly=True,
        copy=False,
        aggregator=None,
        help="The priority, and what is due before what is upcoming; as of the last"
        " evaluation or night.",
    )

    # first page of the worklist
    _worklist_idx = models.Index(
        "(mode, worklist DESC, date, id) WHERE state IN ('planned', 'error')"
    )
    # counters of the tabs, of everybody
    _due_idx = models.Index(
        "(mode, date) INCLUDE (company_id, account_id, state, confirmed)"
        " WHERE state IN ('planned', 'error')"
    )
    # the same, and the first page, of the accounts of a collector
    _open_account_idx = models.Index(
        "(account_id) INCLUDE (company_id, mode, date, state, confirmed)"
        " WHERE state IN ('planned', 'error')"
    )

    @api.depends("priority", "account_id")
    def _compute_priority_words(self):
        parts = {
            row["account_id"]: row for row in self._priority_rows(self.account_id._ids)
        }
        for action in self:
            row = parts.get(action.account_id.id)
            action.priority_words = row and action._priority_in_words(row)

    def _priority_in_words(self, row):
        company = self.company_id
        parts = [
            self.env._(
                "Overdue: %(amount)s (%(points)s of %(most)s)",
                amount=format_amount(self.env, row["amount"] or 0, company.currency_id),
                points=row["amount_points"],
                most=AMOUNT,
            ),
            self.env._(
                "Days overdue on average: %(days)s (%(points)s of %(most)s)",
                days=row["days"] or 0,
                points=row["age_points"],
                most=AGE,
            ),
            self.env._(
                "Promises broken in a year: %(count)s (%(points)s of %(most)s)",
                count=row["broken"] or 0,
                points=row["promise_points"],
                most=PROMISES,
            ),
            self.env._(
                "Payment profile: %(profile)s (%(points)s of %(most)s)",
                profile=self.payment_profile_id.name or self.env._("none yet"),
                points=row["profile_points"],
                most=PROFILE,
            ),
        ]
        return " · ".join(parts)

    @api.model
    def _priority_rows(self, account_ids):
        """Parts of the score of accounts, with what they stand on.

        :return: list of dicts: account_id, today, amount (company currency, the account
            and those grouped under it), days, broken, and the points of each part
        """
        if not account_ids:
            return []
        self.env["dso.account"].flush_model()
        self.env["dso.promise"].flush_model(["account_id", "state", "date_limit"])
        return self.env.execute_query_dict(self._priority_query(account_ids))

    @api.model
    def _priority_query(self, account_ids=None):
        """SQL of :meth:`_priority_rows`; without ids of all accounts that have an open
        action."""
        companies = self.env["res.company"].sudo()  # settings of all, for the job
        companies = companies.search([("parent_id", "=", False)])
        todays = [company._dso_today() for company in companies]
        return SQL(
            """
            SELECT a.id AS account_id, c.today, o.amount, d.days,
                   b.broken,
                   CASE WHEN o.amount <= 0 THEN 0
                        WHEN o.amount >= c.full_amount THEN %(most_amount)s
                        ELSE ROUND(%(most_amount)s * o.amount / c.full_amount)
                    END::int AS amount_points,
                   CASE WHEN o.amount <= 0 THEN 0
                        ELSE LEAST(d.days / %(age_step)s * %(age_points)s, %(most_age)s)
                    END::int AS age_points,
                   (%(broken_points)s::int[])[1 + LEAST(b.broken, 2)]
                       AS promise_points,
                   COALESCE(p.points, 0) AS profile_points
              FROM dso_account a
              JOIN unnest(%(companies)s::int[], %(todays)s::date[],
                          %(amounts)s::numeric[]) AS c(id, today, full_amount)
                ON c.id = a.company_id
        CROSS JOIN LATERAL (
                SELECT COALESCE(a.amount_overdue, 0) + COALESCE((
                           SELECT SUM(m.amount_overdue) FROM dso_account m
                            WHERE m.head_id = a.id), 0) AS amount) o
        CROSS JOIN LATERAL (
                SELECT GREATEST(COALESCE(c.today - a.overdue_since, 0), 0) AS days) d
        CROSS JOIN LATERAL (
                SELECT COUNT(*)::int AS broken FROM dso_promise r
                 WHERE r.account_id = a.id AND r.state = 'broken'
                   AND r.date_limit > c.today - interval '1 year') b
         LEFT JOIN unnest(%(profiles)s::int[], %(points)s::int[])
                   AS p(id, points) ON p.id = a.payment_profile_id
             WHERE %(which)s
            """,
            most_amount=AMOUNT,
            most_age=AGE,
            age_step=AGE_STEP,
            age_points=AGE_POINTS,
            broken_points=list(BROKEN),
            companies=companies.ids,
            todays=todays,
            amounts=[company.dso_priority_amount or 1 for company in companies],
            **self._profile_points(),
            which=SQL(
                "EXISTS (SELECT 1 FROM dso_action x WHERE x.account_id = a.id"
                " AND x.state IN %s)",
                OPEN_STATES,
            )
            if account_ids is None
            else SQL("a.id = ANY(%s)", list(account_ids)),
        )

    @api.model
    def _profile_points(self):
        """Points of each payment profile: none for the best band, all for the worst,
        in equal steps between."""
        profiles = self.env["dso.payment.profile"].sudo()  # bands of all companies
        points = {}
        bands_of = profiles.search([("active", "=", True)]).grouped("company_id")
        for bands in bands_of.values():
            ranked = bands.sorted("from_days")
            steps = max(len(ranked) - 1, 1)
            for rank, band in enumerate(ranked):
                points[band.id] = int(
                    float_round(PROFILE * rank / steps, precision_digits=0)
                )
        return {"profiles": list(points), "points": list(points.values())}

    @api.model
    def _refresh_priority(self, account_ids=None):
        """Bring the score of open actions up to date, in one statement.

        Actions that another transaction holds keep theirs until the next night.

        :param account_ids: ids of accounts; default all, for the nightly job
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH score AS MATERIALIZED (%(query)s),
                     stale AS MATERIALIZED (
                    SELECT x.id, s.points, s.points + n.due AS worklist
                      FROM dso_action x
                      JOIN (SELECT account_id, today,
                                   amount_points + age_points + promise_points
                                   + profile_points AS points
                              FROM score) s ON s.account_id = x.account_id
                CROSS JOIN LATERAL (
                        SELECT CASE WHEN x.date <= s.today THEN %(due)s
                                    ELSE 0 END AS due) n
                     WHERE x.state IN %(open)s
                       AND (x.priority IS DISTINCT FROM s.points
                            OR x.worklist IS DISTINCT FROM s.points + n.due)
                  ORDER BY x.id FOR NO KEY UPDATE OF x SKIP LOCKED)
                UPDATE dso_action x
                   SET priority = stale.points, worklist = stale.worklist
                  FROM stale WHERE x.id = stale.id
                """,
                query=self._priority_query(account_ids),
                open=OPEN_STATES,
                due=DUE,
            )
        )
        self.invalidate_model(["priority", "worklist"], flush=False)

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        # of the others, the evaluation before the commit sees to it
        alone = actions.filtered(lambda a: a.kind == "out_of_scenario")
        if alone:
            self._refresh_priority(alone.account_id.ids)
        return actions

    @api.private
    def action_reschedule(self, date):
        res = super().action_reschedule(date)
        self._refresh_priority(self.account_id.ids)
        return res
