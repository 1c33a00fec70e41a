"""Releases: who let a formal notice or a litigation go, on what check list."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from .dso_qualification import ENGINE


class DsoRelease(models.Model):
    """One release: history, never changed (rules.md §2)."""

    _name = "dso.release"
    _description = "Release"
    _order = "id desc"
    _rec_name = "action_id"
    _check_company_auto = True

    action_id = fields.Many2one(
        "dso.action", "Action", required=True, readonly=True, index=True
    )
    account_id = fields.Many2one(related="action_id.account_id", store=True, index=True)
    company_id = fields.Many2one(related="action_id.company_id", store=True, index=True)
    user_id = fields.Many2one("res.users", "Released by", required=True, readonly=True)
    date = fields.Datetime(
        "Released on", required=True, readonly=True, default=fields.Datetime.now
    )
    partner_id = fields.Many2one(
        "res.partner", "Written to", readonly=True, ondelete="set null"
    )
    amount = fields.Monetary(readonly=True, help="What was claimed when released.")
    currency_id = fields.Many2one(related="company_id.currency_id")
    deadline = fields.Date(readonly=True)
    points = fields.Json(
        readonly=True,
        help="The check list: of each point its key, its words, its facts, whether they"
        " speak for it.",
    )
    note = fields.Text(readonly=True)

    points_table = fields.Html("Check list", compute="_compute_points_table")

    @api.depends("points")
    @api.depends_context("lang")
    def _compute_points_table(self):
        """The check list as it was, in the words of whoever ticked it."""
        for release in self:
            release.points_table = Markup("<ul class='mb-0'>%s</ul>") % Markup().join(
                Markup("<li><strong>%s</strong>: %s</li>")
                % (point.get("name"), point.get("fact"))
                for point in release.points or []
            )

    def _engine(self):
        """Releases with the right to keep one."""
        return self.sudo().with_context(dso_engine=ENGINE)  # callers check

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("dso_engine") is not ENGINE:
            raise UserError(self.env._("Release an action by its check list."))
        return super().create(vals_list)

    def write(self, vals):
        if self.env.context.get("dso_engine") is not ENGINE:
            raise UserError(self.env._("A release is history: it cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self.env._("A release is history: it cannot be deleted."))
