"""Why this action, on this day: the rules that decided, in words (rules.md §5).

What decides is asked of ``engine/rules.py``, on the ledger as it stands now.
"""

from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date

from ..engine import rules, simulation
from .dso_action import OPEN_STATES

#: Items that one sentence names.
NAMED = 5


class DsoAction(models.Model):
    _inherit = "dso.action"

    why = fields.Html(
        "Rules that decided",
        compute="_compute_why",
        sanitize=False,
        help="What made this action, its step and its day, with the rules by name.",
    )

    @api.depends("state", "date", "date_forced", "step_id", "leader_id", "line_ids")
    def _compute_why(self):
        scenario = self.filtered(
            lambda a: a.kind == "scenario" and a.state in OPEN_STATES and a._origin
        )
        customers = {}
        for company, actions in scenario.grouped("company_id").items():
            for customer in actions.account_id._simulated(company.root_id):
                customers[customer.account] = customer
        for action in self:
            customer = customers.get(action.account_id._origin.id)
            if customer and action in scenario:
                told = action._why_proposed(customer)
            else:
                told = action._why_planned()
            action.why = Markup("<ul class='mb-0'>%s</ul>") % Markup().join(
                Markup("<li>%s</li>") % sentence for sentence in told if sentence
            )

    # -------------------------------------------------------------------------
    # PROPOSED BY THE SCENARIO
    # -------------------------------------------------------------------------

    def _why_proposed(self, customer):
        """Sentences about a proposal, leader first, day last.

        :param customer: the account, a :class:`simulation.Customer`
        """
        self.ensure_one()
        cycle, plan = customer.cycle, customer.scenario
        items = simulation.items_on(customer, self.company_id._dso_today())
        leader = rules.find_leader(items, customer.settings, cycle)
        step = plan and rules.find_step(plan, self.step_id.id)
        if not leader or not step or leader.id != self.leader_id.id:
            return [self.env._("It is evaluated anew, because the ledger has changed.")]
        return [
            *self._why_leader(leader, items, customer.settings),
            self._why_step(step, leader, plan),
            *self._why_steps_before(step, cycle, plan, leader),
            *self._why_day(step, cycle, plan, leader),
            self.date_forced
            and self.env._(
                "A person moved it to %s, which holds against all of this (L11).",
                self._day(self.date_forced),
            ),
        ]

    def _why_leader(self, leader, items, settings):
        leading = [item for item in items if rules.can_lead(item, settings)]
        yield (
            self.env._(
                "%(invoice)s leads: due %(date)s, the oldest due date of %(count)s"
                " invoices that may lead (L1).",
                invoice=leader.name,
                date=self._day(leader.due),
                count=len(leading),
            )
            if len(leading) > 1
            else self.env._(
                "%(invoice)s leads, due %(date)s: no other invoice may lead (L1).",
                invoice=leader.name,
                date=self._day(leader.due),
            )
        )
        if any(item.due == leader.due and item != leader for item in leading):
            yield self.env._(
                "Others have the same due date: the one that led already stays, else"
                " the oldest invoice leads (L13)."
            )
        older = [
            item
            for item in items
            if item.kind == "invoice"
            and item.due < leader.due
            and not rules.can_lead(item, settings)
        ]
        if older:
            names = [
                self.env._(
                    "%(invoice)s (%(reason)s)",
                    invoice=item.name,
                    reason=self._why_left_out(item, settings),
                )
                for item in sorted(older, key=lambda item: item.due)[:NAMED]
            ]
            yield self.env._(
                "Older, but left out: %(invoices)s%(more)s (L2).",
                invoices=", ".join(names),
                more=self.env._(" and %s more", len(older) - NAMED)
                if len(older) > NAMED
                else "",
            )

    def _why_left_out(self, item, settings):
        if item.starred:
            return self.env._("in a specific action")
        if rules.is_disputed(item):
            return self.env._("disputed")
        if rules.is_litigious(item, settings):
            return self.env._("in litigation")
        if item.under_way:
            return self.env._("payment under way")
        if rules.is_set_aside(item):
            return self.env._("ignored in collection")
        if rules.is_small(item, settings):
            return self.env._("below the threshold")
        return self.env._("left out by a hold")

    def _why_step(self, step, leader, plan):
        active = [other.id for other in plan.steps if other.active]
        values = {
            "step": self.step_id.display_name,
            "number": active.index(step.id) + 1 if step.id in active else "?",
            "count": len(active),
            "scenario": self.step_id.scenario_id.display_name,
            "days": abs(step.days),
            "date": self._day(leader.due + timedelta(step.days)),
        }
        if step.base != "due":
            return self.env._(
                "%(step)s is step %(number)s of %(count)s of %(scenario)s:"
                " %(days)s days after the last scenario action (L6).",
                **values,
            )
        if step.days < 0:
            return self.env._(
                "%(step)s is step %(number)s of %(count)s of %(scenario)s:"
                " %(days)s days before the due date, %(date)s (L4).",
                **values,
            )
        return self.env._(
            "%(step)s is step %(number)s of %(count)s of %(scenario)s: %(days)s days"
            " after the due date, %(date)s (L4).",
            **values,
        )

    def _why_steps_before(self, step, cycle, plan, leader):
        """What was done, skipped or has lapsed before this step."""
        names = self._step_names(plan)
        if cycle.last_done_step in names:
            yield self.env._(
                "%(step)s was done on %(date)s (L10).",
                step=names[cycle.last_done_step],
                date=self._day(cycle.last_done_date),
            )
        if cycle.last_step in names and cycle.last_step != cycle.last_done_step:
            yield self.env._(
                "%s and what lies before counts as skipped: the sequence goes on, the"
                " interval still runs from the last step done (L10).",
                names[cycle.last_step],
            )
        if not cycle.last_step:
            yield self.env._(
                "No step was done for this leader yet: the scenario starts at its"
                " beginning (L7)."
            )
        passed = []
        for other in rules.steps_after(plan, cycle.last_step):
            if other.id == step.id:
                break
            passed.append(names[other.id])
        if passed:
            yield self.env._(
                "%s has lapsed: it reminds before the due date, not after it (L8).",
                ", ".join(passed),
            )

    def _why_day(self, step, cycle, plan, leader):
        """The days before which the rules allow nothing, and which of them decides."""
        day = rules.step_date(step, cycle, leader, plan)
        if step.base == "due":
            own = rules.due_date_step(step, cycle, leader, plan)
            if cycle.last_done_date and own > leader.due + timedelta(step.days):
                yield self.env._(
                    "The interval to the step before is kept, %(days)s days: not"
                    " before %(date)s (L5).",
                    days=(own - cycle.last_done_date).days,
                    date=self._day(own),
                )
        else:
            own = rules.last_action_step(step, cycle, leader)
        spaced = rules.after_minimum_gap(own, cycle, plan)
        if spaced > own:
            yield self.env._(
                "At least %(days)s days lie between two scenario actions, the last of"
                " which was on %(last)s: not before %(date)s (L15).",
                days=plan.minimum_gap,
                last=self._day(cycle.last_any_date),
                date=self._day(spaced),
            )
        if day > spaced:
            yield self.env._(
                "The leader came back on %(back)s and has %(days)s days of breathing"
                " space: not before %(date)s (L15).",
                back=self._day(leader.reentered),
                days=plan.breathing_space,
                date=self._day(day),
            )
        yield self.env._("So it is for %s.", self._day(day))

    def _step_names(self, plan):
        steps = self.env["dso.scenario.step"].sudo()  # names of the own scenario
        return {
            step.id: step.display_name
            for step in steps.browse(step.id for step in plan.steps)
        }

    # -------------------------------------------------------------------------
    # PLANNED BY A PERSON, OR OVER
    # -------------------------------------------------------------------------

    def _why_planned(self):
        """Sentences about an action outside the scenario, or one that is over."""
        self.ensure_one()
        author = self.create_uid.sudo().name or ""  # his name only
        if self.kind == "scenario":
            yield self.env._(
                "%(invoice)s led, due %(date)s; the step was %(step)s (L1, L4).",
                invoice=self._leader_name() or "?",
                date=self._day(self.leader_date),
                step=self.display_name,
            )
        elif self.kind == "specific":
            names = [name for name in self.line_ids.mapped("move_name") if name]
            yield self.env._(
                "Planned by %(user)s for %(items)s, which take no part in the scenario"
                " until it is done or cancelled (L2).",
                user=author,
                items=", ".join(names[:NAMED])
                + (
                    self.env._(" and %s more", len(names) - NAMED)
                    if len(names) > NAMED
                    else ""
                ),
            )
        else:
            yield self.env._(
                "Planned by %s outside the scenario, whose steps and intervals it"
                " leaves alone (L10).",
                author,
            )
        status = self.line_ids.qualification_id.status_id[:1]
        if status:
            yield self.env._("Its items were qualified as %s.", status.display_name)
        if self.promise_date:
            yield self.env._(
                "Payment was promised for %s.", self._day(self.promise_date)
            )
        if self.date_forced and self.state in OPEN_STATES:
            yield self.env._("A person moved it to %s (L11).", self._day(self.date))
        if self.state == "done":
            yield self.env._("It was done on %s.", self._day(self.date_done))
        elif self.state == "cancelled":
            labels = dict(self._fields["cause"]._description_selection(self.env))
            yield self.env._("It was cancelled: %s (L17).", labels.get(self.cause, "?"))

    def _day(self, date):
        return format_date(self.env, date)
