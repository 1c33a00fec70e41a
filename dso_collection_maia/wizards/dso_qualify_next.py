"""The next reminder, filled in from the table of next actions."""

from odoo import api, fields, models


class DsoQualify(models.TransientModel):
    """Where the status itself says nothing, the table of next actions does."""

    _inherit = "dso.qualify"

    def _next_rule(self):
        """The row of the table that applies; may be empty."""
        self.ensure_one()
        item, status = self.maia_item_id, self.status_id
        if (
            not item
            or not status
            or status != item.status_id
            or status.action_model_id
            or (status.type == "promise_to_pay" and self.promise_date)
        ):
            return self.env["dso.maia.rule"]
        return item._next_rule()

    @api.depends("status_id", "maia_item_id")
    def _compute_follow_up(self):
        res = super()._compute_follow_up()
        for wizard in self:
            if wizard._next_rule():
                wizard.follow_up = "action"
        return res

    @api.depends("status_id", "maia_item_id")
    def _compute_action(self):
        res = super()._compute_action()
        for wizard in self:
            rule = wizard._next_rule()
            if rule:
                wizard.action_model_id = rule.action_model_id
                wizard._propose_mode()
                wizard.follow_up_mode = rule.mode or wizard.follow_up_mode
        return res

    @api.depends("status_id", "status_date", "promise_date", "maia_item_id")
    def _compute_follow_up_date(self):
        res = super()._compute_follow_up_date()
        for wizard in self:
            rule = wizard._next_rule()
            if rule:
                start = wizard.status_date or fields.Date.context_today(wizard)
                wizard.follow_up_date = fields.Date.add(start, days=rule.days)
        return res
