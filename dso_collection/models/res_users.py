"""A user's collection actions among his activities."""

from odoo import api, models, modules


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _get_activity_groups(self):
        """Add the user's actions to do to the activities in the systray: late, today,
        planned (rules.md §5)."""
        groups = super()._get_activity_groups()
        Action = self.env["dso.action"]
        if not self.env.user.has_group("dso_collection.group_resolver"):
            return groups
        late, today, planned = Action._count_own()
        if late or today or planned:
            groups.append(
                {
                    "id": self.env["ir.model"]._get_id("dso.action"),
                    "name": self.env._("Collection"),
                    "model": "dso.action",
                    "type": "activity",
                    "icon": modules.module.get_module_icon("dso_collection"),
                    "domain": [],
                    "total_count": late + today,
                    "overdue_count": late,
                    "today_count": today,
                    "planned_count": planned,
                    "view_type": "list",
                }
            )
        return groups
