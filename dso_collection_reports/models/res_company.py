"""Company settings of the reports."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..measures import ageing


class ResCompany(models.Model):
    _inherit = "res.company"

    dso_ageing_days = fields.Char(
        "Ageing buckets",
        default="30, 60, 90",
        help="Days late at which a bucket ends, with commas between them. Empty: 30,"
        " 60, 90.",
    )
    dso_ageing_credits = fields.Selection(
        [
            ("netted", "deducted at their own age"),
            ("beside", "in a column of their own"),
        ],
        "Credits in the aged balance",
        default="netted",
        required=True,
        help="Credit notes and unallocated payments.",
    )
    dso_overdue_beyond = fields.Selection(
        [
            ("0", "all that is overdue"),
            ("30", "more than 30 days late"),
            ("60", "more than 60 days late"),
            ("90", "more than 90 days late"),
        ],
        "Overdue % counts",
        default="0",
        required=True,
    )

    @api.constrains("dso_ageing_days")
    def _check_dso_ageing_days(self):
        for company in self:
            try:
                ageing.parse_bounds(company.dso_ageing_days)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "Write the days at which buckets end in ascending order, at"
                        " most %(count)s of them, such as 30, 60, 90.",
                        count=ageing.MAX_BOUNDS,
                    )
                ) from error

    def _dso_ageing(self):
        """How the company wants its receivables aged.

        :return: (upper ends of the buckets in days late, whether credits stand beside,
            days late beyond which the overdue % counts)
        """
        root = self.root_id.sudo()  # a user of a branch may not read the root
        return (
            ageing.parse_bounds(root.dso_ageing_days),
            root.dso_ageing_credits == "beside",
            int(root.dso_overdue_beyond or 0),
        )
