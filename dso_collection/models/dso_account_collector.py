"""Collectors: who works on an account today (rules.md §10)."""

from odoo import api, fields, models
from odoo.fields import Domain


class DsoAccount(models.Model):
    _inherit = "dso.account"

    acting_collector_id = fields.Many2one(
        "res.users",
        "Acting collector",
        compute="_compute_acting_collector_id",
        search="_search_acting_collector_id",
        help="The collector; his substitute while he is absent; nobody when he was"
        " archived without one.",
    )

    @api.depends("collector_id", "company_id")
    def _compute_acting_collector_id(self):
        for company, accounts in self.grouped("company_id").items():
            acting = (
                self.env["dso.absence"]._substitutes(company.sudo())  # its today only
                if company
                else {}
            )
            for account in accounts:
                collector = account.collector_id
                account.acting_collector_id = acting.get(
                    collector.id, collector.id if collector.active else False
                )

    def _search_acting_collector_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        users = self.env["res.users"].sudo()  # ids only
        wanted = {user for user in value if user}
        archived = users.search([("active", "=", False)]).ids
        domains = []
        for company in self.env.companies.root_id:
            acting = self.env["dso.absence"]._substitutes(company.sudo())  # its today
            replaced = {user for user, other in acting.items() if other not in wanted}
            collectors = (wanted - replaced - set(archived)) | {
                user for user, other in acting.items() if other in wanted
            }
            domain = Domain("collector_id", "in", list(collectors))
            if len(wanted) < len(set(value)):
                gone = set(archived) - set(acting)
                domain |= Domain("collector_id", "in", [False, *gone])
            domains.append(Domain("company_id", "=", company.id) & domain)
        return Domain.OR(domains)


class DsoAction(models.Model):
    _inherit = "dso.action"

    acting_collector_id = fields.Many2one(
        related="account_id.acting_collector_id", string="Acting collector"
    )
