"""Payment profiles: named, coloured bands of the average payment delay."""

from odoo import api, fields, models
from odoo.tools import SQL


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
        everyone = self.search(
            [("company_id", "in", [False, *self.company_id.ids])], order="from_days"
        )
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

    _from_uniq = models.UniqueIndex(
        "(from_days, COALESCE(company_id, 0)) WHERE active",
        "Two payment profiles begin at the same delay.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        profiles = super().create(vals_list)
        self._assign()
        return profiles

    def write(self, vals):
        res = super().write(vals)
        if {"from_days", "company_id", "active"} & set(vals):
            self._assign()
        return res

    def unlink(self):
        res = super().unlink()
        self._assign()
        return res

    @api.model
    def _assign(self):
        """Give every account the profile of its average delay, in one statement."""
        self.env.flush_all()
        Account = self.env["dso.account"]
        self.env.cr.execute(
            SQL(
                """
                UPDATE dso_account a
                   SET payment_profile_id = n.profile
                  FROM (
                    SELECT b.id, %s AS profile
                      FROM dso_account b
                     WHERE b.average_delay_count > 0
                       ) n
                 WHERE a.id = n.id
                   AND a.payment_profile_id IS DISTINCT FROM n.profile
                """,
                Account._profile_of(SQL("b.average_delay"), SQL("b.company_id")),
            )
        )
        Account.invalidate_model(["payment_profile_id"], flush=False)

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
