"""A user's collection actions among his activities; how he is told of replies."""

from odoo import api, fields, models, modules


class ResUsers(models.Model):
    _inherit = "res.users"

    dso_reply_notice = fields.Selection(
        [
            ("gathered", "Within minutes"),
            ("daily", "Once a day"),
        ],
        "E-mails about customers' replies",
        default="gathered",
        groups="dso_collection.group_viewer",
        help="Several replies come in one e-mail. The web client tells you at once.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["dso_reply_notice"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["dso_reply_notice"]

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
