"""An action that would be done on one of the coming days."""

from odoo import api, fields, models

from ..models.dso_action import PROBLEMS
from ..models.dso_action_model import MODES, TYPES


class DsoSimulationLine(models.TransientModel):
    _name = "dso.simulation.line"
    _description = "Simulated Action"
    _order = "date, account_id, id"

    simulation_id = fields.Many2one(
        "dso.simulation", required=True, index=True, ondelete="cascade"
    )
    variant = fields.Selection(
        [("now", "As it is now"), ("trial", "As tried")], "Scenario", readonly=True
    )
    date = fields.Date(readonly=True)
    account_id = fields.Many2one("dso.account", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    collector_id = fields.Many2one("res.users", readonly=True)
    kind = fields.Selection(
        lambda self: self.env["dso.action"]._fields["kind"].selection, readonly=True
    )
    name = fields.Char("Action", readonly=True)
    action_model_id = fields.Many2one("dso.action.model", "Action model", readonly=True)
    type = fields.Selection(TYPES, readonly=True)
    mode = fields.Selection(MODES, readonly=True)
    recipient_id = fields.Many2one("res.partner", "Written to", readonly=True)
    problem = fields.Selection(
        PROBLEMS, readonly=True, help="What would keep it from leaving."
    )
    leader_id = fields.Many2one("account.move", "Leader invoice", readonly=True)
    leader_date = fields.Date("Due date", readonly=True)
    days_late = fields.Integer("Days late", readonly=True, aggregator="avg")
    amount = fields.Monetary("Claimed", readonly=True)

    @api.depends("account_id", "name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.account_id.display_name}: {line.name}"

    def action_open_account(self):
        """The customer record behind a line."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
            "name": self.account_id.display_name,
        }
