"""Payment profiles: named, coloured bands of the average payment delay."""

from odoo import api, fields, models


class DsoPaymentProfile(models.Model):
    """A band of average delays. Bands have no gaps: each ends where the next begins,
    and the first is open below (rules.md §9)."""

    _name = "dso.payment.profile"
    _description = "Payment Profile"
    _order = "from_days, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    color = fields.Integer("Colour")
    company_id = fields.Many2one("res.company", help="Empty: shared by all companies.")
    from_days = fields.Integer(
        "From (days late)",
        help="Average delay from which the profile applies; negative: days early.",
    )
    to_days = fields.Integer(
        "Up to (days late)",
        compute="_compute_to_days",
        help="Day before the next profile; none for the last one.",
    )
    is_first = fields.Boolean(compute="_compute_to_days")
    is_last = fields.Boolean(compute="_compute_to_days")
    account_count = fields.Integer(compute="_compute_account_count")

    @api.depends("from_days", "company_id", "active")
    def _compute_to_days(self):
        everyone = self.search([]).sorted("from_days")
        for profile in self:
            peers = everyone.filtered(
                lambda p, own=profile: p.company_id == own.company_id
            )
            later = peers.filtered(lambda p, own=profile: p.from_days > own.from_days)
            profile.to_days = later[:1].from_days - 1 if later else 0
            profile.is_last = not later
            profile.is_first = not peers.filtered(
                lambda p, own=profile: p.from_days < own.from_days
            )

    def _compute_account_count(self):
        counts = dict(
            self.env["dso.account"]._read_group(
                [("payment_profile_id", "in", self.ids)],
                ["payment_profile_id"],
                ["__count"],
            )
        )
        for profile in self:
            profile.account_count = counts.get(profile, 0)
