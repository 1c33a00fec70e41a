"""Assignment rules: what a new account gets (rules.md §1.3)."""

from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

#: What a rule can assign; of a switch it says yes, no, or nothing.
RECORDS = ("client_type_id", "scenario_id", "collector_id")
SWITCHES = ("penalties", "recovery", "interactive")
YES_NO = [("yes", "Yes"), ("no", "No")]


class DsoAssignmentRule(models.Model):
    _name = "dso.assignment.rule"
    _description = "Assignment Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: applies to all companies.")
    domain = fields.Char(
        "Customers", required=True, default="[]", help="Search on customers."
    )
    client_type_id = fields.Many2one(
        "dso.client.type", "Client type", check_company=True
    )
    scenario_id = fields.Many2one("dso.scenario", check_company=True)
    collector_id = fields.Many2one("res.users", domain=[("share", "=", False)])
    penalties = fields.Selection(YES_NO, "Late penalties")
    recovery = fields.Selection(YES_NO, "Recovery costs")
    interactive = fields.Selection(YES_NO, "Interactive e-mails")

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self:
            try:
                self.env["res.partner"].search(rule._get_domain(), limit=1)
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: the customer search is not valid: %(error)s",
                        rule=rule.name,
                        error=error,
                    )
                ) from error

    # the name is always given: a rule without any value is checked, too
    @api.constrains("name", *RECORDS, *SWITCHES)
    def _check_value(self):
        for rule in self:
            if not any(rule[name] for name in RECORDS + SWITCHES):
                raise ValidationError(
                    self.env._(
                        "%s assigns nothing: choose at least one value for the"
                        " customers that match.",
                        rule.name,
                    )
                )

    def _get_domain(self):
        return Domain(literal_eval(self.domain or "[]"))

    def _value_of(self, name):
        """What this rule writes to the field ``name`` of an account."""
        return self[name] == "yes" if name in SWITCHES else self[name].id

    @api.model
    def _assign(self, accounts):
        """Give new accounts what the first matching rule says, value by value.

        :param accounts: dso.account, with their company defaults already set
        """
        if not self.sudo().search_count([], limit=1):  # shows nothing
            return  # before a hundred thousand new accounts are read
        rules = self.sudo().search(  # the same whoever met the customer first
            Domain("company_id", "=", False)
            | Domain("company_id", "child_of", accounts.company_id.ids)
        )
        for company, group in accounts.grouped("company_id").items():
            for name in RECORDS + SWITCHES:
                left = group
                for rule in rules:
                    if not left:
                        break
                    if not rule[name] or (
                        rule.company_id and rule.company_id.root_id != company
                    ):
                        continue
                    partners = (
                        self.env["res.partner"]
                        .with_context(active_test=False)
                        .search(
                            Domain("id", "in", left.partner_id.ids) & rule._get_domain()
                        )
                    )
                    hits = left.filtered(lambda a, p=partners: a.partner_id in p)
                    if hits:
                        hits.write({name: rule._value_of(name)})
                        left -= hits
