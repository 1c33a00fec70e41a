"""What would be done on the coming days: accounts as the rules see them (rules.md §5).

Read with the evaluation's own statement, played by ``engine/simulation.py``. Nothing is
written.
"""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from ..engine import rules, simulation
from ..engine.evaluation import evaluation_ctes
from .dso_action_send import FOLLOW_UP_DAYS

_ACCOUNTS = """
    WITH %(ctes)s
    SELECT s.account_id, s.head, s.company_id, s.scenario_id, s.cycle_scenario_id,
           s.leader_id, s.leader_account_id, s.leader_date, s.last_step_id,
           s.last_done_step_id, s.last_done_date, s.last_any_date, s.redate_step_id,
           s.redate_date, s.on_hold, s.by_hand, s.opened, a.hold_until
      FROM scope s
      JOIN dso_account a ON a.id = s.account_id
"""

# Amounts as text: exact, where Odoo reads numbers as floats.
_DEBTS = """
    WITH %(ctes)s, dues AS (
        SELECT account_id, move_id, array_agg(due) AS dues,
               array_agg(residual::text) AS residuals, MIN(due) AS first_due
          FROM line
      GROUP BY account_id, move_id
    )
    SELECT s.head, i.account_id, i.move_id, i.kind,
           (i.late + i.not_due + i.credit - i.blocked)::text AS residual,
           i.due IS NULL AS blocked, COALESCE(i.due, l.first_due) AS due,
           COALESCE(m.invoice_date, m.date) AS invoice_date,
           COALESCE(m.name, '') AS name, d.status_type,
           COALESCE(d.disputed_company, 0)::text AS disputed,
           COALESCE(d.ignored, FALSE) AS ignored,
           i.in_payment IS TRUE
               OR i.move_id IN (SELECT move_id FROM paying) AS under_way,
           i.before_opening, d.reentry_date, l.dues, l.residuals
      FROM item i
      JOIN scope s ON s.account_id = i.account_id
      JOIN dues l ON l.account_id = i.account_id AND l.move_id = i.move_id
      JOIN account_move m ON m.id = i.move_id
 LEFT JOIN dso_item d ON d.move_id = i.move_id AND d.account_id = i.account_id
"""

# Where items stopped in these scenarios (rules.md §12, entry "where it stopped").
_LED = """
    SELECT DISTINCT ON (x.leader_id, x.leader_account_id, st.scenario_id)
           x.leader_id, x.leader_account_id, st.scenario_id, x.step_id
      FROM dso_action x
      JOIN dso_scenario_step st ON st.id = x.step_id
     WHERE x.kind = 'scenario' AND x.state = 'done'
       AND x.leader_id = ANY(%(moves)s) AND st.scenario_id = ANY(%(scenarios)s)
  ORDER BY x.leader_id, x.leader_account_id, st.scenario_id, x.date_done DESC,
           x.id DESC
"""

# What leaves by itself about a promise waits for its grace; a promise that breaks asks
# for its follow-up on the next day at the latest.
_FOLLOW_UPS = """
    SELECT x.id, x.account_id, x.kind,
           CASE WHEN x.mode <> 'manual' AND p.state = 'open'
                THEN GREATEST(x.date, p.date_limit + 1)
                WHEN p.state = 'open' AND x.date_forced IS NULL
                THEN LEAST(x.date, GREATEST(p.date_limit + 1, %(first)s))
                ELSE x.date END AS date,
           COALESCE(x.dispute, FALSE) AS resolves, x.mode <> 'manual' AS by_itself,
           COALESCE(x.dispute, FALSE) OR p.plan_id IS NOT NULL AS stays,
           MIN(st.delay) FILTER (WHERE st.delay > 0) AS delay,
           array_agg(l.move_id) FILTER (WHERE l.id IS NOT NULL) AS moves,
           array_agg(l.account_id) FILTER (WHERE l.id IS NOT NULL) AS accounts,
           array_agg(l.disputed_only IS NOT TRUE) FILTER (WHERE l.id IS NOT NULL)
               AS stars,
           array_agg(l.qualification_id IS NOT NULL) FILTER (WHERE l.id IS NOT NULL)
               AS qualified
      FROM dso_action x
 LEFT JOIN dso_promise p ON p.id = x.promise_id
 LEFT JOIN dso_action_line l ON l.action_id = x.id AND l.released IS NOT TRUE
       AND l.move_id IS NOT NULL
 LEFT JOIN dso_qualification q ON q.id = l.qualification_id
 LEFT JOIN dso_status st ON st.id = q.status_id
     WHERE x.account_id = ANY(%(accounts)s) AND x.kind <> 'scenario'
       AND x.state IN ('planned', 'error')
  GROUP BY x.id, p.id
"""


class DsoAccount(models.Model):
    _inherit = "dso.account"

    def _simulate(self, days, trial=None):
        """What would be done for these accounts on the coming days (rules.md §5).

        Nobody pays, nobody qualifies, every action is done on its day; what leaves by
        itself leaves on sending days. Accounts that are grouped are simulated with
        their head account.

        :param int days: how many days, today included
        :param trial: (:class:`rules.Scenario`, steps that leave by themselves) that all
            of them follow instead of their own scenario, or None
        :return: list of :class:`simulation.Event`, in no order
        """
        self.env.flush_all()
        heads = self.head_id | self.filtered(lambda account: not account.head_id)
        events = []
        for company, accounts in heads.grouped("company_id").items():
            start = company._dso_today()
            end = start + timedelta(days=days - 1)
            sending = company._dso_sending_days(start, end)
            for customer in accounts._simulated(company, trial):
                events += simulation.play(customer, start, end, sending)
        return events

    def _simulated(self, company, trial=None):
        """These head accounts of a root company as the simulation wants them.

        :param trial: as in :meth:`_simulate`
        :return: list of :class:`simulation.Customer`; a constant number of queries
        """
        today = company._dso_today()
        ctes = evaluation_ctes(
            self.ids, {company.id: today}, self._receivable_account_ids()
        )
        rows = self.env.execute_query_dict(SQL(_ACCOUNTS, ctes=ctes))
        scenarios = self.env["dso.scenario"].browse(
            {row["scenario_id"] for row in rows if row["scenario_id"]}
        )
        plans = {s.id: s.sudo()._as_rules() for s in scenarios}  # of own accounts
        if trial:
            plans = dict.fromkeys([None, *plans], trial)
        settings = company._dso_rule_settings()
        debts, resting = self._simulated_debts(ctes, rows, plans)
        follow_ups = self._simulated_follow_ups([r["account_id"] for r in rows], today)
        customers = []
        members = defaultdict(list)
        for row in rows:
            members[row["head"]].append(row["account_id"])
        for row in rows:
            account = row["account_id"]
            if row["head"] != account:
                continue
            plan, by_itself = plans.get(row["scenario_id"], (None, frozenset()))
            customers.append(
                simulation.Customer(
                    account,
                    _cycle(row),
                    plan,
                    settings,
                    debts[account],
                    [f for member in members[account] for f in follow_ups[member]],
                    by_itself,
                    held_until=_last_day(row) if row["on_hold"] else None,
                    by_hand_until=_last_day(row) if row["by_hand"] else None,
                    resting={
                        member: resting[member]
                        for member in members[account]
                        if member in resting
                    },
                )
            )
        return customers

    def _simulated_debts(self, ctes, accounts, plans):
        """({head: list of Debt}, {member that rests: last day})."""
        by_id = {row["account_id"]: row for row in accounts}
        resting = {
            key: _last_day(row)
            for key, row in by_id.items()
            if row["on_hold"] and row["head"] != key
        }
        rows = self.env.execute_query_dict(SQL(_DEBTS, ctes=ctes))
        led = self._where_items_stopped(rows, plans)
        debts = defaultdict(list)
        for row in rows:
            head = by_id[row["head"]]
            plan = plans.get(head["scenario_id"], (None, None))[0]
            item = rules.Item(
                row["move_id"],
                row["kind"],
                Decimal(row["residual"]),
                row["due"],
                row["invoice_date"],
                row["name"],
                row["account_id"],
                row["status_type"],
                Decimal(row["disputed"]),
                row["ignored"],
                row["blocked"],
                row["under_way"],
                reentered=row["reentry_date"],
                led_step=plan and led.get((row["move_id"], row["account_id"], plan.id)),
            )
            debts[row["head"]].append(
                simulation.Debt(
                    item,
                    tuple(
                        zip(row["dues"], map(Decimal, row["residuals"]), strict=True)
                    ),
                    _last_day(by_id[row["account_id"]])
                    if row["before_opening"]
                    else None,
                )
            )
        return debts, resting

    def _where_items_stopped(self, debts, plans):
        """{(move id, account id, scenario id): step id}, for scenarios that ask."""
        scenarios = {
            plan.id for plan, _steps in plans.values() if plan.entry == "where_stopped"
        }
        if not scenarios:
            return {}
        rows = self.env.execute_query(
            SQL(
                _LED,
                moves=[row["move_id"] for row in debts],
                scenarios=list(scenarios),
            )
        )
        return {row[:3]: row[3] for row in rows}

    def _simulated_follow_ups(self, accounts, today):
        """{account id: list of FollowUp}: what is planned outside the scenario."""
        found = defaultdict(list)
        for row in self.env.execute_query_dict(
            SQL(_FOLLOW_UPS, accounts=accounts, first=today)
        ):
            keys = list(zip(row["moves"] or [], row["accounts"] or [], strict=True))
            specific = row["kind"] == "specific"
            found[row["account_id"]].append(
                simulation.FollowUp(
                    row["id"],
                    row["account_id"],
                    row["date"],
                    set(keys),
                    {k for k, s in zip(keys, row["stars"] or (), strict=True) if s}
                    if specific
                    else set(),
                    {k for k, q in zip(keys, row["qualified"] or (), strict=True) if q},
                    specific,
                    row["resolves"],
                    row["by_itself"],
                    (row["delay"] or FOLLOW_UP_DAYS) if row["stays"] else 0,
                )
            )
        return found


def _last_day(row):
    """Last day of the hold of an account, given its row."""
    return row["hold_until"] or simulation.FOREVER


def _cycle(row):
    """The cycle of an account, given its row."""
    return rules.Cycle(
        row["cycle_scenario_id"],
        row["leader_id"],
        row["leader_account_id"],
        row["leader_date"],
        row["last_step_id"],
        row["last_done_step_id"],
        row["last_done_date"],
        row["redate_step_id"],
        row["redate_date"],
        row["last_any_date"],
    )
