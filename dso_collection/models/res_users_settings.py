"""What a user of the agenda has set for himself."""

from odoo import api, fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    dso_agenda = fields.Json(
        "Filters of the agenda",
        groups="dso_collection.group_viewer",
        copy=False,
        help="Facets by name, as the web client left them: they are the same on each"
        " tab and in each session.",
    )

    @api.model
    def _get_fields_blacklist(self):
        names = super()._get_fields_blacklist()
        if not self.env.user.has_group("dso_collection.group_viewer"):
            # every user's settings are read at log-in
            names = [*names, "dso_agenda"]
        return names
