"""Move actions to another day (rules.md L11)."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class DsoActionReschedule(models.TransientModel):
    _name = "dso.action.reschedule"
    _description = "Re-date Actions"

    action_ids = fields.Many2many("dso.action", string="Actions")
    action_count = fields.Integer(compute="_compute_action_count")
    by = fields.Selection(
        [("date", "To a date"), ("days", "By a number of days")],
        "Move",
        required=True,
        default="date",
    )
    date = fields.Date("New date")
    days = fields.Integer(
        default=7, help="Counted from its date; for a late action from today."
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "dso.action":
            ids = self.env.context.get("active_ids") or []
            values["action_ids"] = [Command.set(ids)]
            actions = self.env["dso.action"].browse(ids)
            if len(actions) > 1:
                values["by"] = "days"
            elif actions:
                today = actions.company_id._dso_today()
                values["date"] = max(actions.date, today + timedelta(days=1))
        return values

    @api.depends("action_ids")
    def _compute_action_count(self):
        for wizard in self:
            wizard.action_count = len(wizard.action_ids)

    def action_reschedule(self):
        """Give the actions their new dates; those that cannot be moved are told.

        :raise UserError: without a date or days, or when the only action refuses
        """
        self.ensure_one()
        Action = self.env["dso.action"]
        if self.by == "date":
            if not self.date:
                raise UserError(self.env._("Choose the new date."))
            return self.action_ids._do_many("action_reschedule", date=self.date)
        if self.days < 1:
            raise UserError(self.env._("Enter a number of days, 1 or more."))
        by_date = {}
        for action in self.action_ids:
            start = max(action.date, action.company_id._dso_today())
            by_date.setdefault(start + timedelta(days=self.days), []).append(action.id)
        if len(by_date) == 1:
            (date,) = by_date
            return self.action_ids._do_many("action_reschedule", date=date)
        done, refusals = 0, {}
        for date, ids in by_date.items():
            moved, refused = Action.browse(ids)._try_many(
                "action_reschedule", date=date
            )
            done += len(moved)
            for reason, count in refused.items():
                refusals[reason] = refusals.get(reason, 0) + count
        return Action._tell_many(done, refusals)
