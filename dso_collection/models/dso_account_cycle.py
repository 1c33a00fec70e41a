"""Where an account stands now, and a step taken back that never left."""

from odoo import fields, models
from odoo.tools import SQL

from ..engine.evaluation import evaluation_ctes

#: {key in a kept cycle: field of the account}
CYCLE_DATES = {"date": "last_done_date", "any": "last_any_date"}
CYCLE_STEPS = {"last": "last_step_id", "done": "last_done_step_id"}


class DsoAccount(models.Model):
    _inherit = "dso.account"

    def _position(self):
        """What the evaluation would say of this account now; nothing is written.

        :return: dict of leader_id, leader_date, reason (key of REASONS or None) and
            amount_claimed
        """
        self.ensure_one()
        self.env.flush_all()
        head = self.head_id or self
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH %(ctes)s
                SELECT new_leader_id AS leader_id, new_leader_date AS leader_date,
                       reason, COALESCE(amount_claimed, 0)::float AS amount_claimed
                  FROM result WHERE account_id = %(id)s
                """,
                ctes=evaluation_ctes(
                    head.ids,
                    {self.company_id.id: self.company_id._dso_today()},
                    self._receivable_account_ids(),
                ),
                id=self.id,
            )
        )
        return (
            rows[0]
            if rows
            else {
                "leader_id": False,
                "leader_date": False,
                "reason": "grouped",
                "amount_claimed": 0,
            }
        )

    def _cycle_state(self):
        """The cycle of this account (rules.md §13), to give it back one day."""
        self.ensure_one()
        state = {key: self[name].id for key, name in CYCLE_STEPS.items()}
        for key, name in CYCLE_DATES.items():
            state[key] = fields.Date.to_string(self[name]) or None
        state["memory"] = self.cycle_memory or None
        return state

    def _step_undone(self, action):
        """A step that was done by handing over its message never left (L10).

        The cycle is as it was before, also where it has been put aside meanwhile for
        another leader; only what was done later stays.

        :param action: the scenario action, with its ``cycle_before``
        """
        self.ensure_one()
        before = action.cycle_before or {}
        day = fields.Date.to_string(action.date_done)
        values = {}
        later = action._later_steps()
        if not later and self.last_any_date == action.date_done:
            values["last_any_date"] = before.get("any") or False
        for other in later.filtered("cycle_before")[:1]:
            # should it not leave either, nothing of this one is to come back
            kept = dict(other.cycle_before)
            if kept.get("any") == day:
                kept["any"] = before.get("any")
            if (kept.get("done"), kept.get("date")) == (action.step_id.id, day):
                kept.update({name: before.get(name) for name in ("done", "date")})
            other._engine().cycle_before = kept
        if (self.last_done_step_id, self.last_done_date) == (
            action.step_id,
            action.date_done,
        ):
            for key, name in CYCLE_STEPS.items():
                # it may be deleted meanwhile
                step = self.env["dso.scenario.step"].browse(before.get(key) or ())
                values[name] = step.exists().id
            values["last_done_date"] = before.get("date") or False
            values["cycle_memory"] = before.get("memory") or False
        else:
            memory = dict(self.cycle_memory or {})
            for key, kept in memory.items():
                if (kept.get("done"), kept.get("date")) == (action.step_id.id, day):
                    memory[key] = {
                        **kept,
                        **{name: before.get(name) for name in ("last", "done", "date")},
                    }
            values["cycle_memory"] = memory or False
        self.write(values)
        self._mark_dirty()

    def _step_moved(self, action, date):
        """A step that was done by handing over its message left on a later day (E21).

        :param action: the scenario action, with the ``date_done`` it had so far
        :param date: the day on which it leaves
        """
        self.ensure_one()
        values = {}
        if (self.last_done_step_id, self.last_done_date) == (
            action.step_id,
            action.date_done,
        ):
            values["last_done_date"] = date
        if self.last_any_date == action.date_done:
            values["last_any_date"] = date
        if values:
            self.write(values)
            self._mark_dirty()
