"""Complete actions, with what came out of them (rules.md §5)."""

from odoo import api, fields, models


class DsoActionFinish(models.TransientModel):
    _name = "dso.action.finish"
    _description = "Complete Actions"

    action_keys = fields.Json(help="Ids of the chosen actions.")
    action_count = fields.Integer("Actions", compute="_compute_action_count")
    outcome = fields.Char("What came out of it")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        if context.get("active_model") == "dso.action":
            values["action_keys"] = context.get("active_ids") or []
        return values

    @api.depends("action_keys")
    def _compute_action_count(self):
        for wizard in self:
            wizard.action_count = len(wizard.action_keys or [])

    def _actions(self):
        ids = [key for key in self.action_keys or [] if isinstance(key, int)]
        return self.env["dso.action"].browse(ids)

    def action_finish(self):
        """Complete those of the actions that can be; the rest is told."""
        self.ensure_one()
        return self._actions()._do_many("action_done", outcome=self.outcome)
