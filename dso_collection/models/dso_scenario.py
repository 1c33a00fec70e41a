"""Collection scenarios: ordered series of dunning actions."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import rules


class DsoScenario(models.Model):
    _name = "dso.scenario"
    _description = "Collection Scenario"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: shared by all companies.")
    step_ids = fields.One2many("dso.scenario.step", "scenario_id", "Steps", copy=True)
    minimum_gap = fields.Integer(
        "Minimum gap",
        help="Days between any two scenario actions of an account, across restarts;"
        " 0 = off (rules.md L15).",
    )
    breathing_space = fields.Integer(
        "Breathing space",
        help="Days without a step after an item came back from a dispute or a specific"
        " action; 0 = off (rules.md L15).",
    )
    entry = fields.Selection(
        [
            ("beginning", "At the beginning"),
            ("matching_age", "At the step that matches the age"),
            ("where_stopped", "Where the item stopped"),
        ],
        "A new leader enters",
        default="beginning",
        required=True,
        help="Where a restart enters the scenario. Formal notice and later steps are"
        " never an entry: they follow only from a step done.",
    )
    description = fields.Text(translate=True)
    step_count = fields.Integer(compute="_compute_counts")
    account_count = fields.Integer(compute="_compute_counts")

    _positive_gap = models.Constraint(
        "CHECK(minimum_gap >= 0 AND breathing_space >= 0)",
        "Minimum gap and breathing space are a number of days, 0 or more.",
    )

    @api.depends("step_ids")
    def _compute_counts(self):
        accounts = dict(
            self.env["dso.account"]._read_group(
                [("scenario_id", "in", self.ids)], ["scenario_id"], ["__count"]
            )
        )
        for scenario in self:
            scenario.step_count = len(scenario.step_ids)
            scenario.account_count = accounts.get(scenario, 0)

    @api.constrains("step_ids")
    def _check_order(self):
        for scenario in self:
            scenario._check_step_order(
                scenario.step_ids.sorted(lambda step: (step.sequence, step.id))
            )

    def _check_step_order(self, steps):
        """Steps that count from the due date stand in the order of their days.

        :param steps: records with base and days, in their order
        :raise ValidationError: naming two steps that do not
        """
        self.ensure_one()
        previous = None
        for step in steps:
            if step.base != "due":
                continue
            if previous and step.days == previous.days:
                raise ValidationError(
                    self.env._(
                        "%(scenario)s: %(first)s and %(second)s fall on the same"
                        " day (%(days)s days from the due date). Give one of them"
                        " another day.",
                        scenario=self.name,
                        first=previous.display_name,
                        second=step.display_name,
                        days=step.days,
                    )
                )
            if previous and step.days < previous.days:
                raise ValidationError(
                    self.env._(
                        "%(scenario)s: %(second)s (%(second_days)s days) stands"
                        " after %(first)s (%(first_days)s days). Put the steps in"
                        " the order of their days.",
                        scenario=self.name,
                        first=previous.display_name,
                        first_days=previous.days,
                        second=step.display_name,
                        second_days=step.days,
                    )
                )
            previous = step

    def write(self, vals):
        res = super().write(vals)
        if {"step_ids", "minimum_gap", "breathing_space", "entry"} & set(vals):
            self._mark_dirty()
        if {"minimum_gap", "breathing_space", "entry"} & set(vals):
            self.env["dso.change"].sudo()._note("model", self)  # just written
        return res

    def copy_data(self, default=None):
        return [
            dict(vals, name=self.env._("%s (copy)", scenario.name))
            if "name" not in (default or {})
            else vals
            for scenario, vals in zip(self, super().copy_data(default), strict=True)
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_assigned(self):
        for scenario in self:
            count = self.env["dso.account"].search_count(
                [("scenario_id", "=", scenario.id)]
            )
            if count:
                raise UserError(
                    self.env._(
                        "%(scenario)s is the scenario of %(count)s accounts. Give them"
                        " another one, or archive the scenario.",
                        scenario=scenario.name,
                        count=count,
                    )
                )
            givers = self.env["dso.client.type"].with_context(active_test=False).search(
                [("scenario_id", "=", scenario.id)], limit=1
            ) or self.env["res.company"].sudo().search(  # default of any company
                [("dso_scenario_id", "=", scenario.id)], limit=1
            )
            if givers:
                raise UserError(
                    self.env._(
                        "%(scenario)s is given to new customers by %(giver)s. Choose"
                        " another one there first.",
                        scenario=scenario.name,
                        giver=givers.display_name,
                    )
                )

    def _as_rules(self):
        """This scenario as ``rules.py`` wants it.

        :return: (:class:`rules.Scenario`, frozenset of the ids of its steps that leave
            by themselves)
        """
        self.ensure_one()
        steps = self.with_context(active_test=False).step_ids.sorted(
            lambda step: (step.sequence, step.id)
        )
        plan = rules.Scenario(
            self.id,
            tuple(
                rules.Step(
                    step.id,
                    step.base,
                    step.days,
                    step.action_model_id.formal_notice or step.type == "litigation",
                    step.active,
                )
                for step in steps
            ),
            self.minimum_gap,
            self.breathing_space,
            self.entry,
        )
        return plan, frozenset(
            step.id
            for step in steps
            if (step.mode or step.action_model_id.mode) != "manual"
        )

    def _mark_dirty(self):
        accounts = (
            self.env["dso.account"]
            .sudo()  # of any company: only marks, shows nothing
            .search([("scenario_id", "in", self.ids)])
        )
        accounts._mark_dirty()

    def action_open_accounts(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Accounts of %s", self.name),
            "res_model": "dso.account",
            "view_mode": "list,form",
            "domain": [("scenario_id", "=", self.id)],
        }
