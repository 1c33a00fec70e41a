"""A step places an action model of the library on a day of a scenario."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .dso_action_model import MODES


class DsoScenarioStep(models.Model):
    _name = "dso.scenario.step"
    _description = "Scenario Step"
    _order = "scenario_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(translate=True, help="Empty: the name of the action model.")
    scenario_id = fields.Many2one(
        "dso.scenario", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="scenario_id.company_id")
    active = fields.Boolean(
        default=True,
        help="A step that was used and is deleted is archived: it keeps its place, so"
        " that accounts that stand behind it do not start again.",
    )
    sequence = fields.Integer(default=10)
    action_model_id = fields.Many2one(
        "dso.action.model", required=True, check_company=True, ondelete="restrict"
    )
    type = fields.Selection(related="action_model_id.type")
    model_mode = fields.Selection(
        related="action_model_id.mode", string="Mode of the action"
    )
    base = fields.Selection(
        [
            ("due", "from the leader's due date"),
            ("last_action", "after the last scenario action"),
        ],
        "Counted",
        default="due",
        required=True,
    )
    days = fields.Integer(
        default=0, help="Negative: before the leader's due date (rules.md L4, L8)."
    )
    mode = fields.Selection(MODES, help="Empty: as the action model says.")
    interactive = fields.Selection(
        [
            ("no", "Plain"),
            ("customer", "Interactive"),
            ("internal", "Internal interactive"),
        ],
        help="Empty: as the action model says.",
    )
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language",
        help="Empty: the language of the customer.",
    )

    @api.depends("name", "action_model_id")
    def _compute_display_name(self):
        for step in self:
            step.display_name = step.name or step.action_model_id.name or ""

    @api.constrains("base", "days")
    def _check_days(self):
        for step in self:
            if step.base == "last_action" and step.days < 0:
                raise ValidationError(
                    self.env._(
                        "%s counts days after the last scenario action: the number of"
                        " days cannot be negative.",
                        step.display_name,
                    )
                )

    @api.constrains("mode", "action_model_id")
    def _check_released_by_person(self):
        for step in self:
            step.action_model_id._check_mode(step.mode or step.action_model_id.mode)

    @api.constrains("base", "days", "sequence", "active", "scenario_id")
    def _check_order(self):
        self.scenario_id._check_order()

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps.scenario_id._mark_dirty()
        self.env["dso.change"].sudo()._note("model", steps.scenario_id)  # just changed
        return steps

    def write(self, vals):
        res = super().write(vals)
        if {"mode", "interactive"} & set(vals):
            self._realign_proposals()
        self.scenario_id._mark_dirty()
        self.env["dso.change"].sudo()._note("model", self)  # just written
        return res

    def unlink(self):
        """Delete steps; those that were used are archived and keep their place."""
        scenarios = self.scenario_id
        used = self.filtered(lambda step: step in self._used())
        used.active = False
        res = super(DsoScenarioStep, self - used).unlink()
        scenarios._mark_dirty()
        self.env["dso.change"].sudo()._note("model", scenarios)  # just changed
        return res

    def _realign_proposals(self):
        """Open proposals leave as their step says now, and are to be confirmed anew:
        what was switched to manual must not go out by itself (rules.md L17)."""
        proposals = (
            self.env["dso.action"]
            .sudo()  # of any company: follows a write that was checked
            .search(
                [
                    ("step_id", "in", self.ids),
                    ("kind", "=", "scenario"),
                    ("state", "in", ("planned", "error")),
                ]
            )
        )
        for step, group in proposals.grouped("step_id").items():
            model = step.action_model_id
            group.filtered(lambda a, m=model: a.action_model_id == m)._engine().write(
                {
                    "type": model.type,
                    "mode": step.mode or model.mode,
                    "interactive": step.interactive or model.interactive,
                    "confirmed": False,
                }
            )

    def _used(self):
        actions = (
            self.env["dso.action"]
            .sudo()  # any company's history counts
            ._read_group([("step_id", "in", self.ids)], ["step_id"])
        )
        accounts = (
            self.env["dso.account"]
            .sudo()  # any company's accounts count
            ._read_group([("last_step_id", "in", self.ids)], ["last_step_id"])
        )
        used = {step.id for (step,) in actions + accounts}
        self.env["dso.account"].flush_model(["cycle_memory"])
        used.update(
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT (kept.value->>'last')::int
                      FROM dso_account a, jsonb_each(a.cycle_memory) kept
                     WHERE (kept.value->>'last')::int = ANY(%s)
                    """,
                    self.ids,
                )
            )
        )
        return self.browse(used)
