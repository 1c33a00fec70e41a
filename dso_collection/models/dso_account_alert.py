"""The alerts that an account is in, as its reader sees them (rules.md §10)."""

from odoo import api, fields, models
from odoo.fields import Domain


class DsoAccount(models.Model):
    _inherit = "dso.account"

    alert_ids = fields.Many2many(
        "dso.alert",
        string="Alerts",
        compute="_compute_alert_ids",
        search="_search_alert_ids",
    )

    @api.depends_context("uid")
    def _compute_alert_ids(self):
        hits = self.env["dso.alert.hit"].search([("account_id", "in", self.ids)])
        by_account = hits.grouped("account_id")
        for account in self:
            account.alert_ids = by_account.get(account, hits.browse()).alert_id.sorted()

    def _search_alert_ids(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        hits = self.env["dso.alert.hit"]
        if operator == "in" and False in value:
            none = Domain("id", "not in", hits._search([]).subselect("account_id"))
            others = [item for item in value if item]
            return none | self._search_alert_ids("in", others) if others else none
        found = hits._search(Domain("alert_id", operator, value))
        return Domain("id", "in", found.subselect("account_id"))
