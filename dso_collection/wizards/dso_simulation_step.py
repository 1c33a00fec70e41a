"""A step of a scenario that is only tried."""

from odoo import api, fields, models

from ..models.dso_action_model import MODES


class DsoSimulationStep(models.TransientModel):
    _name = "dso.simulation.step"
    _description = "Step of a Simulation"
    _order = "simulation_id, sequence, id"

    simulation_id = fields.Many2one(
        "dso.simulation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="simulation_id.company_id")
    step_id = fields.Many2one(
        "dso.scenario.step", help="The step that it stands for; empty: a new one."
    )
    name = fields.Char(help="Empty: the name of the action model.")
    sequence = fields.Integer(default=1000)
    action_model_id = fields.Many2one(
        "dso.action.model", "Action", required=True, ondelete="cascade"
    )
    type = fields.Selection(related="action_model_id.type")
    base = fields.Selection(
        lambda self: self.env["dso.scenario.step"]._fields["base"].selection,
        "Counted",
        default="due",
        required=True,
    )
    days = fields.Integer()
    mode = fields.Selection(
        MODES, compute="_compute_mode", store=True, readonly=False, precompute=True
    )
    interactive = fields.Selection(
        lambda self: self.env["dso.action.model"]._fields["interactive"].selection,
        compute="_compute_interactive",
        store=True,
        readonly=False,
        precompute=True,
    )

    # one compute for each: what is given must not keep the other

    @api.depends("action_model_id")
    def _compute_mode(self):
        for step in self:
            step.mode = step.step_id.mode or step.action_model_id.mode

    @api.depends("action_model_id")
    def _compute_interactive(self):
        for step in self:
            step.interactive = (
                step.step_id.interactive or step.action_model_id.interactive
            )

    @api.depends("name", "action_model_id")
    def _compute_display_name(self):
        for step in self:
            step.display_name = step.name or step.action_model_id.name or ""

    @api.constrains("mode", "action_model_id")
    def _check_released_by_person(self):
        for step in self:
            step.action_model_id._check_mode(step.mode)

    def _key(self):
        """Id of its step for the rules; a new one has none of a real step."""
        self.ensure_one()
        return self.step_id.id or -self.id
