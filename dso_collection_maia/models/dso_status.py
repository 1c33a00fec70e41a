"""Which of the engine's reasons a status stands for."""

from odoo import fields, models


class DsoStatus(models.Model):
    _inherit = "dso.status"

    maia_reason_ids = fields.Many2many(
        "dso.maia.reason",
        "dso_maia_reason_status",
        "status_id",
        "reason_id",
        "Proposed for",
        domain="[('status_type', '=', type)]",
        help="MAIA proposes this status when a reply says one of these.",
    )
