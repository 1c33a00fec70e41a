"""How long a company keeps what it learns from."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    dso_maia_keep_months = fields.Integer(
        "Keep examples (months)",
        default=24,
        help="Examples that the assistant learns from are deleted after so many months;"
        " 0: they are kept.",
    )

    _dso_maia_keep_months_range = models.Constraint(
        "CHECK(COALESCE(dso_maia_keep_months, 0) BETWEEN 0 AND 600)",
        "Examples are kept for 0 to 600 months.",
    )
