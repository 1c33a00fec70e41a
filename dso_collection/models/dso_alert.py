"""Alerts: which accounts ask for attention, and who is told (rules.md §10)."""

from ast import literal_eval

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

#: What reaches somebody outside; a follow-up or a litigation is our own affair.
OUTWARD_TYPES = ("email", "sms", "letter", "letter_ar", "fax", "phone")
#: Colours of the levels as Odoo's tags know them.
LEVEL_COLORS = {"info": 4, "warning": 2, "danger": 1}
AMOUNTS = {
    "overdue": "amount_overdue",
    "net_overdue": "net_overdue",
    "total": "amount_total",
    "disputed": "amount_disputed",
}
#: Whatever changes who is in an alert.
CRITERIA = {
    "active",
    "company_id",
    "user_id",
    "amount_basis",
    "amount_min",
    "amount_max",
    "idle",
    "idle_days",
    "disputed",
    "disputed_days",
    "promise_broken",
    "over_limit",
    "over_insured",
    "guarantee_ends",
    "guarantee_days",
    "steps_done",
    "no_contact",
    "no_collector",
    "hold_ended",
    "domain",
    "item_domain",
}


class DsoAlert(models.Model):
    """A marker with criteria on accounts and their open items, all of them cumulative.

    Who is in it is kept in ``dso.alert.hit``, brought up to date for all accounts by
    one statement an alert and company.
    """

    _name = "dso.alert"
    _description = "Alert"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: watches all companies.")
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        help="The alert watches what its owner may see.",
    )
    private = fields.Boolean(help="Seen by its owner only.")
    type = fields.Selection(
        [("collection", "Collection"), ("risk", "Risk")], help="Empty: both."
    )
    level = fields.Selection(
        [("info", "Information"), ("warning", "Warning"), ("danger", "Danger")],
        required=True,
        default="warning",
    )
    color = fields.Integer(compute="_compute_color")
    subscriber_ids = fields.Many2many(
        "res.users",
        "dso_alert_subscriber",
        string="Told when an account enters",
        domain=[("share", "=", False)],
        help="One message a day, about all alerts together.",
    )

    # === Criteria === #
    amount_basis = fields.Selection(
        [
            ("overdue", "Overdue"),
            ("net_overdue", "Overdue without disputes, less credits"),
            ("total", "Open balance"),
            ("disputed", "Disputed"),
        ],
        "Amount",
    )
    amount_min = fields.Float("At least", help="In the account's company currency.")
    amount_max = fields.Float("At most", help="0: no upper limit.")
    idle = fields.Boolean("Last action older than")
    idle_days = fields.Integer(
        "Idle days",
        default=10,
        help="The customer was not written to or called for so many days, or never.",
    )
    disputed = fields.Boolean("Disputed for longer than")
    disputed_days = fields.Integer("Disputed days", default=30)
    promise_broken = fields.Boolean(
        "A promise is broken", help="And what was promised is still open."
    )
    over_limit = fields.Boolean("Over the credit limit")
    over_insured = fields.Boolean(
        "Over the insured amount", help="Insurance and other guarantees together."
    )
    guarantee_ends = fields.Boolean("Guarantee or insurance ends within")
    guarantee_days = fields.Integer("Guarantee days", default=30)
    steps_done = fields.Boolean(
        "All steps done", help="The scenario has nothing left to propose."
    )
    no_contact = fields.Boolean("Nobody to write to")
    no_collector = fields.Boolean("No collector")
    hold_ended = fields.Boolean("A hold is over", help="And nobody released it yet.")
    domain = fields.Char("Customer record", help="Search on customer records.")
    item_domain = fields.Char(
        "Open items", help="Search on open items: one of them must match."
    )

    hit_ids = fields.One2many("dso.alert.hit", "alert_id", "Accounts", readonly=True)
    account_count = fields.Integer("Customers", compute="_compute_account_count")
    refreshed_at = fields.Datetime("Counted", readonly=True)
    problem = fields.Char(
        readonly=True, help="Why it could not be counted; who is in it may be outdated."
    )
    words = fields.Char("Criteria", compute="_compute_words")

    _days_positive = models.Constraint(
        "CHECK(idle_days >= 0 AND disputed_days >= 0 AND guarantee_days >= 0)",
        "A number of days cannot be negative.",
    )

    # -------------------------------------------------------------------------
    # COMPUTES, CONSTRAINTS
    # -------------------------------------------------------------------------

    @api.depends("level")
    def _compute_color(self):
        for alert in self:
            alert.color = LEVEL_COLORS.get(alert.level, 0)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_account_count(self):
        counts = dict(
            self.env["dso.alert.hit"]._read_group(
                Domain("alert_id", "in", self.ids)
                & Domain("company_id", "in", self.env.companies.root_id.ids),
                ["alert_id"],
                ["__count"],
            )
        )
        for alert in self:
            alert.account_count = counts.get(alert, 0)

    @api.depends(*(CRITERIA - {"active", "company_id", "user_id"}))
    def _compute_words(self):
        for alert in self:
            alert.words = "; ".join(alert._criteria_in_words())

    def _criteria_in_words(self):
        """The ready criteria of one alert, a phrase each."""
        self.ensure_one()
        phrases = []
        if self.amount_basis:
            bases = dict(self._fields["amount_basis"]._description_selection(self.env))
            basis = bases[self.amount_basis]
            if self.amount_max:
                phrases.append(
                    self.env._(
                        "%(basis)s from %(low)s to %(high)s",
                        basis=basis,
                        low=f"{self.amount_min:g}",
                        high=f"{self.amount_max:g}",
                    )
                )
            else:
                phrases.append(
                    self.env._(
                        "%(basis)s at least %(low)s",
                        basis=basis,
                        low=f"{self.amount_min:g}",
                    )
                )
        if self.idle:
            phrases.append(self.env._("no action for %s days", self.idle_days))
        if self.disputed:
            phrases.append(
                self.env._("disputed for more than %s days", self.disputed_days)
            )
        if self.guarantee_ends:
            phrases.append(
                self.env._("a guarantee ends within %s days", self.guarantee_days)
            )
        for name in (
            "promise_broken",
            "over_limit",
            "over_insured",
            "steps_done",
            "no_contact",
            "no_collector",
            "hold_ended",
        ):
            if self[name]:
                phrases.append(self._fields[name]._description_string(self.env))
        if self._given(self.domain) or self._given(self.item_domain):
            phrases.append(self.env._("own criteria"))
        return phrases

    @staticmethod
    def _given(domain):
        return bool(domain and domain.strip() not in ("", "[]"))

    # ``name`` is always given: an alert without criteria is checked, too
    @api.constrains("name", *CRITERIA)
    def _check_criteria(self):
        for alert in self:
            if not alert._criteria_in_words():
                raise ValidationError(
                    self.env._(
                        "%s has no criterion, every customer would be in it: choose at"
                        " least one.",
                        alert.name,
                    )
                )
            if alert.amount_max and alert.amount_max < alert.amount_min:
                raise ValidationError(
                    self.env._(
                        "%s: the highest amount is below the lowest one.", alert.name
                    )
                )
            for model, domain in (
                ("dso.account", alert.domain),
                ("account.move.line", alert.item_domain),
            ):
                try:
                    # as the owner: nobody finds out what he may not read
                    alert._as_owner().env[model].search(alert._parse(domain), limit=1)
                except psycopg2.OperationalError:
                    raise  # not the search, but another transaction
                except Exception as error:
                    # free text: whatever it raises is its author's to mend
                    raise ValidationError(
                        self.env._(
                            "%(alert)s: the search is not valid: %(error)s",
                            alert=alert.name,
                            error=error,
                        )
                    ) from error

    def _check_owner(self, vals_list):
        """An alert watches with its owner's eyes: nobody borrows those of others."""
        if any(
            vals.get("user_id", self.env.uid) != self.env.uid for vals in vals_list
        ) and not (
            self.env.su or self.env.user.has_group("dso_collection.group_manager")
        ):
            raise AccessError(
                self.env._("Only a credit manager makes alerts in the name of others.")
            )

    @api.model
    def _parse(self, domain):
        return Domain(literal_eval(domain.strip()) if self._given(domain) else [])

    # -------------------------------------------------------------------------
    # WHO IS IN IT
    # -------------------------------------------------------------------------

    def _account_domain(self, company, today):
        """The accounts of one root company that meet all criteria but ``item_domain``.

        :param company: res.company, a root
        :param date today: the company's
        :return: Domain on dso.account
        """
        self.ensure_one()
        domain = Domain("company_id", "=", company.id) & self._parse(self.domain)
        if self.amount_basis:
            name = AMOUNTS[self.amount_basis]
            # NULL is an amount of zero
            if self.amount_min > 0:
                domain &= Domain(name, ">=", self.amount_min)
            if self.amount_max:
                domain &= Domain(name, "<=", self.amount_max) | Domain(name, "=", False)
        if self.idle:
            since = fields.Date.subtract(today, days=self.idle_days)
            recent = Domain(
                "action_ids",
                "any",
                Domain("state", "=", "done")
                & Domain("type", "in", OUTWARD_TYPES)
                & Domain("interactive", "!=", "internal")
                & Domain("date_done", ">", since),
            )
            # members of a group are chased where it is collected (rules.md L16)
            domain &= ~recent & (
                Domain("head_id", "=", False) | ~Domain("head_id", "any", recent)
            )
        # what is stored comes first: figures are computed of the few that have a limit
        if self.over_limit:
            domain &= Domain("amount_total", ">", 0)
            if not company.sudo().account_use_credit_limit:  # one setting
                domain &= Domain("credit_limit", ">", 0)
            domain &= Domain("credit_state", "=", "over")
        if self.over_insured:
            domain &= Domain("insured_amount", ">", 0) | Domain(
                "guarantee_amount", ">", 0
            )
            domain &= Domain("covered_amount", ">", 0)
            domain &= Domain("uncovered_amount", ">", 0)
        if self.guarantee_ends:
            last = fields.Date.add(today, days=self.guarantee_days)
            domain &= Domain.OR(
                Domain(amount, ">", 0)
                & Domain(name, ">=", today)
                & Domain(name, "<=", last)
                for amount, name in (
                    ("guarantee_amount", "guarantee_until"),
                    ("insured_amount", "insured_to"),
                )
            )
        if self.steps_done:
            domain &= Domain("reason", "=", "end_of_scenario")
        if self.no_contact:
            domain &= Domain("missing_contact", "=", True)
        if self.no_collector:
            domain &= Domain("collector_id", "=", False)
        if self.hold_ended:
            domain &= Domain("hold_reason", "!=", False) & Domain(
                "hold_until", "<", today
            )
        return domain

    def _item_conditions(self, today):
        """What some open item of the account must be, a condition each.

        :param date today: the company's
        :return: list of SQL on ``l`` (its journal item) and ``i`` (its dso.item)
        """
        self.ensure_one()
        conditions = []
        if self.disputed:
            conditions.append(
                SQL(
                    "i.status_type = 'dispute' AND i.status_date < %s",
                    fields.Date.subtract(today, days=self.disputed_days),
                )
            )
        if self.promise_broken:
            conditions.append(SQL("i.promise_state IN ('broken', 'partly')"))
        if self._given(self.item_domain):
            query = self.env["account.move.line"]._search(self._parse(self.item_domain))
            conditions.append(SQL("l.id IN %s", query.subselect()))
        return conditions

    def _as_owner(self):
        """This alert as its owner sees it, in all of his companies."""
        self.ensure_one()
        owner = self.user_id
        return self.with_user(owner).with_context(
            allowed_company_ids=owner.company_ids.ids, active_test=False
        )

    def _hits_query(self, company):
        """SQL: id of the accounts of a root company that are in this alert."""
        today = company._dso_today()
        alert = self._as_owner()
        Account = alert.env["dso.account"]
        query = Account._search(alert._account_domain(company, today))
        receivable = Account._receivable_account_ids()
        exists = [
            SQL(
                """
                EXISTS (
                    SELECT 1
                      FROM res_partner p
                      JOIN account_move_line l ON l.partner_id = p.id
                       AND l.account_id = ANY(%(receivable)s)
                       AND l.parent_state = 'posted'
                       AND l.reconciled IS NOT TRUE AND l.amount_residual <> 0
                      JOIN res_company c ON c.id = l.company_id
                       AND split_part(c.parent_path, '/', 1)::int = a.company_id
                 LEFT JOIN dso_item i ON i.move_id = l.move_id AND i.account_id = a.id
                     WHERE p.commercial_partner_id = a.partner_id AND %(condition)s)
                """,
                receivable=receivable,
                condition=condition,
            )
            for condition in alert._item_conditions(today)
        ]
        return SQL(
            "SELECT a.id FROM dso_account a WHERE a.id IN %s%s",
            query.subselect(),
            SQL("").join(SQL(" AND %s", condition) for condition in exists),
        )

    def _refresh(self):
        """Bring up to date who is in these alerts.

        An alert that is counted for the first time, or whose criteria changed, finds
        its accounts there: nobody is told of them. One that cannot be counted any more
        (its owner lost a right, a field is gone) says so, and stops no other.
        """
        self.env.flush_all()
        for alert in self.sudo():  # who is in an alert is not for users to write
            try:
                with self.env.cr.savepoint():
                    alert._count()
                    alert.problem = False
            except (AccessError, ValidationError, ValueError, KeyError) as error:
                alert.problem = " ".join(str(error).split())[:300]
        self.env["dso.alert.hit"].invalidate_model(flush=False)
        self.invalidate_model(["hit_ids", "account_count"], flush=False)
        self.env["dso.account"].invalidate_model(["alert_ids"], flush=False)

    def _count(self):
        """One statement writes who is in this alert, and takes out who is not."""
        self.ensure_one()
        roots = self.env["res.company"].search([("parent_id", "=", False)])
        if not self.user_id._is_superuser():
            roots &= self.user_id.company_ids.root_id
        if self.company_id:
            roots &= self.company_id.root_id
        found = SQL("SELECT NULL::int WHERE FALSE")
        if roots and self.active:
            found = SQL(" UNION ALL ").join(
                self._hits_query(company) for company in roots
            )
        self.env.execute_query(
            SQL(
                """
                WITH found (id) AS MATERIALIZED (%(found)s), gone AS (
                    DELETE FROM dso_alert_hit h
                     WHERE h.alert_id = %(alert)s
                       AND h.account_id NOT IN (SELECT id FROM found)
                )
                INSERT INTO dso_alert_hit (alert_id, account_id, company_id,
                                           entered_at, told)
                SELECT %(alert)s, a.id, a.company_id, %(now)s, %(told)s
                  FROM found f
                  JOIN dso_account a ON a.id = f.id
           ON CONFLICT (alert_id, account_id) DO NOTHING
             RETURNING id
                """,
                found=found,
                alert=self.id,
                now=fields.Datetime.now(),
                told=not self.refreshed_at,
            )
        )
        self.refreshed_at = fields.Datetime.now()

    @api.model
    def _cron_refresh(self):
        """Count all alerts, then tell subscribers who entered (once a day)."""
        for alert in self.search([("active", "=", True)]):
            alert._refresh()
            self.env["ir.cron"]._commit_progress(1, remaining=0)
        self._tell()

    @api.model
    def _tell(self):
        """One message to each subscriber about the accounts that entered his alerts.

        He is told what he may see: accounts of his companies, alerts that are shared or
        his own.
        """
        hits = self.env["dso.alert.hit"].search([("told", "=", False)])
        for user in hits.alert_id.subscriber_ids:
            mine = (
                self.env["dso.alert.hit"]
                .with_user(user)
                .with_context(allowed_company_ids=user.company_ids.ids, lang=user.lang)
                .search(
                    Domain("told", "=", False)
                    & Domain("alert_id.subscriber_ids", "in", user.ids)
                )
            )
            if mine:
                mine._tell(user)
        hits.told = True

    # -------------------------------------------------------------------------
    # CRUD, BUTTONS
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_owner(vals_list)
        alerts = super().create(vals_list)
        alerts._refresh()
        return alerts

    def write(self, vals):
        self._check_owner([vals])
        changed = CRITERIA & set(vals)
        if changed:
            vals = {**vals, "refreshed_at": False}
        res = super().write(vals)
        if changed:
            self._refresh()
        return res

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", alert.name)}
            if "name" not in (default or {})
            else vals
            for alert, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def action_open_accounts(self):
        """The accounts in this alert.

        :raise UserError: for an alert that has just been deleted
        """
        self.ensure_one()
        if not self.exists():
            raise UserError(self.env._("This alert does not exist any more."))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_account_action"
        )
        return {
            **action,
            "name": self.name,
            "domain": [("alert_ids", "in", self.ids)],
            "context": {},
        }

    def action_subscribe(self):
        """The user is told, or told no more, when an account enters."""
        for alert in self:
            alert.check_access("read")
            command = "unlink" if self.env.user in alert.subscriber_ids else "link"
            alert.sudo().write(  # one's own subscription, to what one may read
                {"subscriber_ids": [getattr(fields.Command, command)(self.env.user.id)]}
            )
        return True

    @api.model
    def action_open(self):
        """The user's alerts, counted now."""
        self.search([("active", "=", True)])._refresh()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_alert_action"
        )
