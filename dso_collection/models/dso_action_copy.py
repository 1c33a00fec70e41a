"""Who else reads a manual message: contacts of the customer, colleagues in copy."""

from odoo import fields, models


class DsoAction(models.Model):
    _inherit = "dso.action"

    also_to_ids = fields.Many2many(
        "res.partner",
        "dso_action_also_to",
        string="Also to",
        copy=False,
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="More contacts of the customer who receive this message.",
    )
    copy_user_ids = fields.Many2many(
        "res.users",
        "dso_action_copy_user",
        string="Colleagues in copy",
        copy=False,
        domain=[("share", "=", False)],
        help="They stand in Cc of this message; its reader sees them.",
    )
