"""What to do next with which customer: the worklist, with its reasons (rules.md §8)."""

import json

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from odoo.addons.dso_collection.models.dso_action import OPEN_STATES

from .dso_maia_rule import OF_ACCOUNTS

#: Days in which a customer on whom somebody decided is left alone.
REST = 14


class DsoMaiaSuggestion(models.Model):
    """The most relevant next action of one account, found at night.

    Not for who is on hold, has a reply that waits, or for whom a person has planned
    something already.
    """

    _name = "dso.maia.suggestion"
    _description = "Suggested Next Action"
    _order = "priority desc, date, id"
    _rec_name = "account_id"

    account_id = fields.Many2one(
        "dso.account",
        "Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    collector_id = fields.Many2one(related="account_id.collector_id")
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    amount_overdue = fields.Monetary(
        related="account_id.amount_overdue", currency_field="company_currency_id"
    )
    rule_id = fields.Many2one(
        "dso.maia.rule", "Because of", required=True, readonly=True, ondelete="cascade"
    )
    situation = fields.Selection(related="rule_id.situation", store=True)
    action_model_id = fields.Many2one(related="rule_id.action_model_id")
    recipient = fields.Selection(related="rule_id.recipient")
    facts = fields.Json(readonly=True)
    date = fields.Date("On", required=True, readonly=True)
    priority = fields.Integer(
        readonly=True,
        aggregator=None,
        help="0 to 100, of the customer, as in the agenda.",
    )
    state = fields.Selection(
        [
            ("open", "Suggested"),
            ("planned", "Planned"),
            ("dismissed", "Dismissed"),
        ],
        required=True,
        default="open",
        readonly=True,
        index=True,
    )
    action_id = fields.Many2one(
        "dso.action", "Planned action", readonly=True, ondelete="set null"
    )
    user_id = fields.Many2one("res.users", "Decided by", readonly=True)
    decided_on = fields.Date(readonly=True)
    reason = fields.Char("Why", compute="_compute_reason")

    _open_uniq = models.UniqueIndex(
        "(account_id) WHERE state = 'open'", "An account has one suggestion at a time."
    )

    @api.depends("situation", "facts")
    @api.depends_context("lang")
    def _compute_reason(self):
        for one in self:
            facts = one.facts or {}
            day = fields.Date.to_date(facts.get("date"))
            words = {
                "count": facts.get("count"),
                "date": format_date(self.env, day, date_format="medium") if day else "",
                "days": facts.get("days"),
                "usual": facts.get("usual"),
            }
            one.reason = {
                "broken": self.env._(
                    "Broken promises within a year: %(count)s, the last one for"
                    " %(date)s.",
                    **words,
                ),
                "silence": self.env._(
                    "Messages since %(date)s without an answer: %(count)s.", **words
                ),
                "late": self.env._(
                    "Pays %(usual)s days late on average; what is overdue is %(days)s"
                    " days older than that.",
                    **words,
                ),
                "contact": self.env._(
                    "No contact has an e-mail address: reminders reach nobody."
                ),
                "risk": self.env._("Owes more than the credit limit."),
            }.get(one.situation)

    # -------------------------------------------------------------------------
    # DECIDING
    # -------------------------------------------------------------------------

    @api.model
    def _check_collector(self):
        if not self.env.user.has_group("dso_collection.group_collector"):
            raise AccessError(self.env._("Only collectors plan actions."))

    def action_plan(self):
        """Put these suggestions into the agenda.

        :raise AccessError: for a user who may not plan actions
        """
        self._check_collector()
        self.check_access("read")
        self._plan()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_dismiss(self):
        """Put these suggestions aside; their customers are left alone for a while."""
        self._check_collector()
        self.check_access("read")
        self._close("dismissed")
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_open_account(self):
        self.ensure_one()
        return self.account_id.get_formview_action()

    def _plan(self):
        """Create the actions of these suggestions, with the rights of the user."""
        waiting = self._locked_open()
        if not waiting:
            return
        actions = self.env["dso.action"].create([one._values() for one in waiting])
        waiting._close("planned")
        # callers checked role and records; the action was made with their rights
        for one, action in zip(waiting.sudo(), actions, strict=True):
            one.action_id = action

    def _values(self):
        """Values of the action."""
        rule, account = self.rule_id, self.account_id
        values = {
            "account_id": account.id,
            "kind": "out_of_scenario",
            "action_model_id": rule.action_model_id.id,
            "date": max(self.date, self.company_id._dso_today()),
        }
        if rule.mode:
            values["mode"] = rule.mode
        if rule.recipient == "resolver":
            values["resolver_id"] = (account.collector_id or self.env.user).id
        return values

    def _locked_open(self):
        """Those that are still open, locked: two users do not plan the same twice."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM dso_maia_suggestion
                 WHERE id = ANY(%s) AND state = 'open'
              ORDER BY id FOR UPDATE
                """,
                self.ids,
            )
        )
        return self.browse(row[0] for row in rows)

    def _close(self, state):
        waiting = self._locked_open().sudo()  # callers checked the role and the records
        waiting.write(
            {
                "state": state,
                "user_id": self.env.uid,
                "decided_on": fields.Date.context_today(self),
            }
        )

    # -------------------------------------------------------------------------
    # FINDING
    # -------------------------------------------------------------------------

    @api.model
    def _cron_suggest(self):
        """Find what to do next, in all companies, for the nightly job."""
        companies = self.env["res.company"].search([("parent_id", "=", False)])
        for done, company in enumerate(companies, 1):
            self._refresh(company)
            self.env["ir.cron"]._commit_progress(remaining=len(companies) - done)

    @api.model
    def _refresh(self, company):
        """Bring the suggestions of a company up to date: what is no longer so goes.

        A number of queries that the accounts do not change.

        :param company: res.company, a root
        """
        self.env.flush_all()
        found = self._found(company)
        self._delete_over(company, found)
        new = self._insert_found(company, found)
        self._refresh_priority(company)
        self.invalidate_model(flush=False)
        self.browse(new).filtered(lambda one: one.rule_id.trigger == "plan")._plan()

    @api.model
    def _found(self, company):
        """{account id: (row of the table, facts)} of accounts that may be suggested."""
        rules = self.env["dso.maia.rule"].search(
            Domain("situation", "in", OF_ACCOUNTS)
            & Domain("company_id", "in", (False, company.id))
        )
        free = self._free(company) if rules else set()
        found = {}
        for rule in rules:
            for account, facts in rule._accounts(company).items():
                if account in free:
                    found.setdefault(account, (rule, facts))
        return found

    @api.model
    def _free(self, company):
        """Accounts that owe something overdue and that nobody takes care of."""
        today = company._dso_today()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id FROM dso_account a
                 WHERE a.company_id = %(company)s
                   AND a.head_id IS NULL AND a.amount_overdue > 0
                   AND (a.hold_reason IS NULL OR a.hold_until < %(today)s)
                   AND NOT EXISTS (
                       SELECT 1 FROM dso_action x
                        WHERE x.account_id = a.id AND x.kind <> 'scenario'
                          AND x.state IN %(open)s)
                   AND NOT EXISTS (
                       SELECT 1 FROM dso_reply r
                        WHERE r.account_id = a.id AND r.state = 'to_process')
                   AND NOT EXISTS (
                       SELECT 1 FROM dso_maia_suggestion s
                        WHERE s.account_id = a.id AND s.decided_on > %(rested)s)
                """,
                company=company.id,
                today=today,
                open=OPEN_STATES,
                rested=fields.Date.subtract(today, days=REST),
            )
        )
        return {row[0] for row in rows}

    @api.model
    def _delete_over(self, company, found):
        """What is no longer so, or for another reason, is suggested no more."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM dso_maia_suggestion s
                 WHERE s.company_id = %s AND s.state = 'open'
                   AND (s.account_id, s.rule_id) NOT IN (
                       SELECT * FROM unnest(%s::int[], %s::int[]))
                """,
                company.id,
                list(found),
                [rule.id for rule, _facts in found.values()],
            )
        )

    @api.model
    def _insert_found(self, company, found):
        """Suggest what is new, refresh the facts of what is not.

        :return: ids of the new suggestions
        """
        today = company._dso_today()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO dso_maia_suggestion (
                       account_id, company_id, rule_id, situation, facts, date, state,
                       priority, create_uid, create_date, write_uid, write_date)
                SELECT k.account_id, %(company)s, k.rule_id, k.situation,
                       k.facts::jsonb, k.day, 'open', 0, %(uid)s,
                       NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
                  FROM unnest(%(accounts)s::int[], %(rules)s::int[],
                              %(situations)s::varchar[], %(facts)s::text[],
                              %(days)s::date[])
                       AS k(account_id, rule_id, situation, facts, day)
           ON CONFLICT (account_id) WHERE state = 'open'
             DO UPDATE SET facts = EXCLUDED.facts
             RETURNING id, xmax = 0
                """,
                company=company.id,
                uid=self.env.uid,
                accounts=list(found),
                rules=[rule.id for rule, _facts in found.values()],
                situations=[rule.situation for rule, _facts in found.values()],
                facts=[json.dumps(facts) for _rule, facts in found.values()],
                days=[
                    fields.Date.add(today, days=rule.days)
                    for rule, _facts in found.values()
                ],
            )
        )
        return [row[0] for row in rows if row[1]]

    @api.model
    def _refresh_priority(self, company):
        """The score of the agenda, of accounts with a suggestion."""
        rows = self.env.execute_query(
            SQL(
                "SELECT account_id FROM dso_maia_suggestion"
                " WHERE company_id = %s AND state = 'open'",
                company.id,
            )
        )
        if not rows:
            return
        self.env.cr.execute(
            SQL(
                """
                UPDATE dso_maia_suggestion s
                   SET priority = p.amount_points + p.age_points + p.promise_points
                                  + p.profile_points
                  FROM (%s) p
                 WHERE p.account_id = s.account_id AND s.state = 'open'
                """,
                self.env["dso.action"]._priority_query([row[0] for row in rows]),
            )
        )
