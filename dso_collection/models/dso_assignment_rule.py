"""Assignment rules: what a new account gets (rules.md §1.3)."""

from ast import literal_eval

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

#: What a rule can assign; of a switch it says yes, no, or nothing.
RECORDS = ("client_type_id", "scenario_id", "collector_id")
SWITCHES = ("penalties", "recovery", "interactive", "capture")
#: Holds that a rule can tell from the customer alone.
HOLDS = [
    ("direct_debit", "Direct debit mandate"),
    ("key_account", "Key account"),
]
NAMES = (*RECORDS, *SWITCHES, "hold_reason")
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
    capture = fields.Selection(YES_NO, "Capture answers")
    hold_reason = fields.Selection(
        HOLDS, "Put on hold", help="From the beginning, without end."
    )

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self:
            try:
                self.env["res.partner"].search(rule._get_domain(), limit=1)
            except psycopg2.OperationalError:
                raise  # not the search, but another transaction
            except Exception as error:
                # free text: whatever it raises is its author's to mend
                raise ValidationError(
                    self.env._(
                        "%(rule)s: the customer search is not valid: %(error)s",
                        rule=rule.name,
                        error=error,
                    )
                ) from error

    # the name is always given: a rule without any value is checked, too
    @api.constrains("name", *NAMES)
    def _check_value(self):
        for rule in self:
            if not any(rule[name] for name in self._names()):
                raise ValidationError(
                    self.env._(
                        "%s assigns nothing: choose at least one value for the"
                        " customers that match.",
                        rule.name,
                    )
                )

    @api.model
    def _names(self):
        """Names of the fields of an account that a rule can assign, in the order in
        which they are told; other addons add theirs."""
        return NAMES

    def _get_domain(self):
        return Domain(literal_eval(self.domain or "[]"))

    def _value_of(self, name):
        """What this rule writes to the field ``name`` of an account."""
        if name in SWITCHES:
            return self[name] == "yes"
        return self[name].id if name in RECORDS else self[name]

    @api.model
    def _outcome(self, accounts):
        """What the rules say of accounts: the first that matches, value by value.

        One search for each rule and company, whatever the number of accounts. A client
        type brings its scenario, unless a rule gives one.

        :return: {name of a field in _names: {account id: value to write}}
        """
        names = self._names()
        outcome = {name: {} for name in names}
        companies = accounts.sudo()._read_group(  # of whom the rules are read
            [("id", "in", accounts.ids)], ["company_id"]
        )
        rules = self.sudo().search(  # the same whoever met the customer first
            Domain("company_id", "=", False)
            | Domain("company_id", "child_of", [c.id for (c,) in companies])
        )
        Partner = self.env["res.partner"].sudo().with_context(active_test=False)
        # not by the ORM, which reads ten thousand in ten slices
        accounts.flush_model(["company_id", "partner_id"])
        by_company = {}
        for account, partner, company in self.env.execute_query(
            SQL(
                "SELECT id, partner_id, company_id FROM dso_account WHERE id = ANY(%s)",
                accounts.ids if rules else [],
            )
        ):
            by_company.setdefault(company, {})[partner] = account
        for company, ids_of in by_company.items():
            for rule in rules:
                if rule.company_id and rule.company_id.root_id.id != company:
                    continue
                hits = Partner.search(
                    Domain("id", "in", list(ids_of)) & rule._get_domain()
                )
                for name in names:
                    if rule[name]:
                        for partner in hits._ids:
                            outcome[name].setdefault(
                                ids_of[partner], rule._value_of(name)
                            )
        scenarios = {
            client_type: self.env["dso.client.type"].browse(client_type).scenario_id.id
            for client_type in set(outcome["client_type_id"].values())
        }
        for account, client_type in outcome["client_type_id"].items():
            if scenarios[client_type]:
                outcome["scenario_id"].setdefault(account, scenarios[client_type])
        return outcome

    @api.model
    def _assign(self, accounts):
        """Give new accounts what the first matching rule says, value by value.

        :param accounts: dso.account, with their company defaults already set
        """
        if not self.sudo().search_count([], limit=1):  # shows nothing
            return  # before a hundred thousand new accounts are read
        # client types first: writing one gives its scenario
        for name, values in self._outcome(accounts).items():
            by_value = {}
            for account, value in values.items():
                by_value.setdefault(value, []).append(account)
            for value, ids in by_value.items():
                accounts.browse(ids).write({name: value})
