"""What if: the coming days of customers, before a scenario is given or changed."""

import json
from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..engine import rules
from ..engine.evaluation import (
    PROBLEM,
    RECIPIENT,
    TYPES_WITH_TEMPLATE,
    evaluation_ctes,
)

#: The days that are looked at unless told otherwise, and at most.
DAYS, MOST_DAYS = 60, 366
#: Customers that are simulated while somebody waits.
MOST_ACCOUNTS = 10_000

# Whom a row is written to, and what keeps it from leaving, by the evaluation's own SQL.
_INSERT = """
    WITH %(ctes)s
    INSERT INTO dso_simulation_line (
           simulation_id, variant, date, account_id, company_id, collector_id,
           kind, name, action_model_id, type, mode, recipient_id, problem, leader_id,
           leader_date, days_late, amount,
           create_uid, create_date, write_uid, write_date)
    SELECT %(simulation)s, %(variant)s, n.date, n.account_id, n.company_id,
           n.collector_id, n.kind, n.name, n.action_model_id, n.type, n.mode,
           CASE WHEN n.interactive IS DISTINCT FROM 'internal'
                 AND n.type NOT IN ('follow_up', 'litigation') THEN k.id END,
           %(problem)s, n.leader_id, n.leader_date, n.date - n.leader_date, n.amount,
           %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
      FROM (
        SELECT e.date, e.account_id, s.company_id, a.collector_id, s.partner_id,
               s.contact_id, s.lawyer_id, s.lawyer_missing, s.closed, s.no_gateway,
               COALESCE(x.kind, 'scenario') AS kind,
               e.name, am.id AS action_model_id,
               am.type, am.recipient_role_id AS role_id,
               am.template_id IS NULL AND am.type = ANY(%(texts)s) AS no_template,
               CASE WHEN e.by_itself THEN COALESCE(e.mode, x.mode)
                    ELSE 'manual' END AS mode,
               COALESCE(e.interactive, x.interactive, am.interactive) AS interactive,
               e.leader_id, COALESCE(e.leader_date, (
                   SELECT MIN(l.due) FROM dso_action_line l
                    WHERE l.action_id = x.id AND l.released IS NOT TRUE))
                   AS leader_date,
               COALESCE(e.amount, x.amount_claimed) AS amount
          FROM jsonb_to_recordset(%(events)s) AS e(
               date date, account_id int, action_id int, action_model_id int,
               name text, mode text, interactive text, by_itself boolean,
               leader_id int, leader_date date, amount numeric)
          JOIN scope s ON s.account_id = e.account_id
          JOIN dso_account a ON a.id = e.account_id
     LEFT JOIN dso_action x ON x.id = e.action_id
          JOIN dso_action_model am
            ON am.id = COALESCE(e.action_model_id, x.action_model_id)
           ) n
 LEFT JOIN res_partner k ON k.id = (%(recipient)s)
 LEFT JOIN res_partner kp ON kp.id = n.partner_id
"""


#: What is taken from the scenario, and changed at will.
TRIAL = {
    "compute": "_compute_trial",
    "store": True,
    "readonly": False,
    "precompute": True,
}


class DsoSimulation(models.TransientModel):
    _name = "dso.simulation"
    _description = "Simulation of Coming Actions"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company.root_id
    )
    scenario_id = fields.Many2one(
        "dso.scenario",
        "Scenario to try",
        check_company=True,
        ondelete="cascade",
        help="Empty: each customer follows his own.",
    )
    domain = fields.Char("Customers", required=True, default="[]")
    account_count = fields.Integer("Number", compute="_compute_account_count")
    days = fields.Integer(default=DAYS, required=True, help="Today included.")
    compare = fields.Boolean(
        "Beside it, what comes as it is now",
        default=True,
        help="What these customers get if nothing is changed.",
    )
    step_ids = fields.One2many(
        "dso.simulation.step",
        "simulation_id",
        "Steps",
        **TRIAL,
    )
    minimum_gap = fields.Integer("Minimum gap", **TRIAL)
    breathing_space = fields.Integer("Breathing space", **TRIAL)
    entry = fields.Selection(
        lambda self: self.env["dso.scenario"]._fields["entry"].selection,
        "A new leader enters",
        **TRIAL,
    )
    line_ids = fields.One2many("dso.simulation.line", "simulation_id")

    @api.depends("scenario_id")
    def _compute_display_name(self):
        for simulation in self:
            simulation.display_name = (
                self.env._("What if: %s", simulation.scenario_id.name)
                if simulation.scenario_id
                else self.env._("What comes")
            )

    @api.depends("scenario_id")
    def _compute_trial(self):
        """The scenario as it is, to be changed at will: nothing of it is written."""
        for simulation in self:
            scenario = simulation.scenario_id
            simulation.minimum_gap = scenario.minimum_gap
            simulation.breathing_space = scenario.breathing_space
            simulation.entry = scenario.entry or "beginning"
            simulation.step_ids = [Command.clear()] + [
                Command.create(
                    {
                        "step_id": step.id,
                        "name": step.name,
                        "sequence": number,
                        "action_model_id": step.action_model_id.id,
                        "base": step.base,
                        "days": step.days,
                        "mode": step.mode or step.action_model_id.mode,
                        "interactive": step.interactive
                        or step.action_model_id.interactive,
                    }
                )
                for number, step in enumerate(
                    scenario.step_ids.sorted(lambda s: (s.sequence, s.id))
                )
            ]

    @api.depends("domain", "company_id")
    def _compute_account_count(self):
        for simulation in self:
            simulation.account_count = self.env["dso.account"].search_count(
                simulation._accounts_domain()
            )

    @api.constrains("days")
    def _check_days(self):
        for simulation in self:
            if not 1 <= simulation.days <= MOST_DAYS:
                raise ValidationError(
                    self.env._("Choose a number of days from 1 to %s.", MOST_DAYS)
                )

    def _accounts_domain(self):
        try:
            chosen = Domain(literal_eval(self.domain or "[]"))
        except (ValueError, SyntaxError, TypeError) as error:
            raise UserError(
                self.env._("This search for customers cannot be read: %s", self.domain)
            ) from error
        return chosen & Domain("company_id", "=", self.company_id.root_id.id)

    # -------------------------------------------------------------------------
    # THE SIMULATION
    # -------------------------------------------------------------------------

    def action_simulate(self):
        """Play the coming days and show them; the ledger, actions and scenarios stay
        as they are.

        :raise UserError: without customers, or with too many to wait for
        """
        self.ensure_one()
        accounts = self.env["dso.account"].search(
            self._accounts_domain(), limit=MOST_ACCOUNTS + 1
        )
        if not accounts:
            raise UserError(self.env._("No customer is found: change the search."))
        if len(accounts) > MOST_ACCOUNTS:
            raise UserError(
                self.env._(
                    "More than %s customers are found: narrow the search, for instance"
                    " to one collector.",
                    MOST_ACCOUNTS,
                )
            )
        self.line_ids.unlink()
        if self.scenario_id:
            self._keep("trial", accounts, self._trial())
        if not self.scenario_id or self.compare:
            self._keep("now", accounts)
        self.env["dso.simulation.line"].invalidate_model(flush=False)
        return self._show()

    def _show(self):
        window = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_simulation_line_action"
        )
        both = bool(self.scenario_id and self.compare)
        views = window["views"]
        if not self.scenario_id:
            # of customers as they are, what and when comes before how many
            views = sorted(views, key=lambda view: view[1] != "list")
        return {
            **window,
            "name": self.env._("The coming %s days", self.days),
            "views": views,
            "domain": [("simulation_id", "=", self.id)],
            "context": {
                "graph_groupbys": ["date:week", "variant" if both else "type"],
                "graph_stacked": not both,
                "dso_both": both,
            },
        }

    def _trial(self):
        """The scenario to try, as :meth:`dso.account._simulate` wants it.

        Steps that are left out keep their place, as archived ones do: who stands
        behind one does not start again.
        """
        scenario = self.scenario_id
        rows = self.step_ids.sorted(lambda row: (row.sequence, row.id))
        scenario._check_step_order(rows)
        own = scenario.with_context(active_test=False).step_ids.sorted(
            lambda step: (step.sequence, step.id)
        )
        place = {step: number for number, step in enumerate(own)}
        gone = [step for step in own if step not in rows.step_id]
        steps = []
        for row in rows:
            while gone and row.step_id and place[gone[0]] < place[row.step_id]:
                steps.append(_rule(gone[0], gone.pop(0).id, active=False))
            steps.append(_rule(row, row._key()))
        steps += [_rule(step, step.id, active=False) for step in gone]
        return (
            rules.Scenario(
                scenario.id,
                tuple(steps),
                self.minimum_gap,
                self.breathing_space,
                self.entry,
            ),
            frozenset(row._key() for row in rows if row.mode != "manual"),
        )

    def _keep(self, variant, accounts, trial=None):
        """Simulate, and write what would be done as lines of this simulation.

        :param str variant: ``trial`` or ``now``
        :param trial: as in :meth:`dso.account._simulate`
        """
        events = accounts._simulate(self.days, trial)
        if not events:
            return
        by_key = {row._key(): row for row in self.step_ids} if trial else {}
        steps = self.env["dso.scenario.step"].browse(
            {event.step for event in events if event.step and event.step not in by_key}
        )
        described = {key: _described(row) for key, row in by_key.items()}
        described.update((step.id, _described(step)) for step in steps)
        planned = self.env["dso.action"].browse(
            {event.follow_up for event in events if event.follow_up}
        )
        names = {action.id: action.display_name for action in planned}
        rows = [
            {
                "date": event.day,
                "account_id": event.account,
                "action_id": event.follow_up,
                "by_itself": event.by_itself,
                "leader_id": event.leader,
                "leader_date": event.leader_date,
                "amount": event.amount,
                "name": names.get(event.follow_up),
                **described.get(event.step, {}),
            }
            for event in events
        ]
        touched = self.env["dso.account"].browse({event.account for event in events})
        heads = touched.head_id | touched.filtered(lambda account: not account.head_id)
        company = self.company_id.root_id
        self.env["dso.simulation.line"].flush_model()
        self.env.cr.execute(
            SQL(
                _INSERT,
                ctes=evaluation_ctes(
                    heads.ids,
                    {company.id: company._dso_today()},
                    self.env["dso.account"]._receivable_account_ids(),
                ),
                simulation=self.id,
                variant=variant,
                problem=PROBLEM,
                recipient=RECIPIENT,
                texts=TYPES_WITH_TEMPLATE,
                uid=self.env.uid,
                events=json.dumps(rows, default=str),
            )
        )


def _rule(step, key, active=True):
    model = step.action_model_id
    formal = model.formal_notice or model.type == "litigation"
    return rules.Step(key, step.base, step.days, formal, active)


def _described(step):
    """What a line tells of a step, of a scenario or of a trial."""
    return {
        "name": step.display_name,
        "action_model_id": step.action_model_id.id,
        "mode": step.mode or step.action_model_id.mode,
        "interactive": step.interactive or step.action_model_id.interactive,
    }


class DsoScenario(models.Model):
    _inherit = "dso.scenario"

    def action_simulate(self):
        """Try this scenario, changed or not, on the customers that have it.

        :raise AccessError: for a user who may not simulate
        """
        self.ensure_one()
        Simulation = self.env["dso.simulation"]
        Simulation.check_access("create")
        window = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_simulation_action"
        )
        return {
            **window,
            "name": self.env._("What if: %s", self.name),
            "context": {
                "default_scenario_id": self.id,
                "default_company_id": (
                    self.company_id.root_id or self.env.company.root_id
                ).id,
                "default_domain": repr([("scenario_id", "=", self.id)]),
            },
        }


class DsoAccount(models.Model):
    _inherit = "dso.account"

    def action_simulate(self):
        """What comes to these customers on the next days, as things stand.

        :raise AccessError: for a user who may not simulate
        """
        self.check_access("read")
        simulation = self.env["dso.simulation"].create(
            {
                "company_id": self[:1].company_id.id or self.env.company.root_id.id,
                "domain": repr([("id", "in", self.ids)]),
                "compare": False,
            }
        )
        return simulation.action_simulate()
