"""Until when it is kept what was expected."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    dso_maia_kept_until = fields.Date(
        "Expected payments kept until",
        readonly=True,
        copy=False,
        help="The last end of a month of which it is kept what was expected.",
    )
