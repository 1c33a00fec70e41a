"""The receivable account of a customer: the customer record of collection."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.evaluation import REASONS, evaluation_ctes, evaluation_statement
from .dso_hold import REASONS_TO_HOLD

#: Reasons that ask for a person: counted as problems, listed, coloured.
PROBLEM_REASONS = ["no_scenario", "credit_covers", "end_of_scenario"]
#: Fields that decide who receives.
RECIPIENT_FIELDS = {"contact_id", "hold_lawyer_id"}
#: Fields that can change proposals.
EVALUATED_FIELDS = RECIPIENT_FIELDS | {
    "scenario_id",
    "client_type_id",
    "head_id",
    "hold_reason",
    "hold_until",
    "hold_opening_date",
    "no_email",
    "no_sms",
    "no_phone",
    "no_letter",
    "no_fax",
}
#: Nights in which every account is evaluated once, whether its figures changed or not.
NIGHTS = 28


class DsoAccount(models.Model):
    _name = "dso.account"
    _description = "Receivable Account"
    _inherit = ["mail.thread"]
    _order = "amount_overdue desc, id"
    _rec_names_search = ["partner_id.complete_name", "partner_id.ref"]
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        help="Root company: branches share the account of their root.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('commercial_partner_id', '=', id)]",
        check_company=False,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    # === Strategy === #
    client_type_id = fields.Many2one(
        "dso.client.type", "Client type", check_company=True
    )
    scenario_id = fields.Many2one(
        "dso.scenario",
        check_company=True,
        index=True,
        compute="_compute_scenario_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    collector_id = fields.Many2one(
        "res.users", index=True, domain=[("share", "=", False)]
    )
    contact_id = fields.Many2one(
        "res.partner",
        "Collection contact",
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Who receives reminders. Empty: a contact with the role Collection, else"
        " the invoice address, else the customer.",
    )
    head_id = fields.Many2one(
        "dso.account",
        "Grouped under",
        index="btree_not_null",
        check_company=True,
        domain="[('id', '!=', id), ('head_id', '=', False),"
        " ('company_id', '=', company_id)]",
        help="The head account chases the items of all its members (rules.md L16).",
    )
    member_ids = fields.One2many("dso.account", "head_id", "Grouped accounts")
    note = fields.Text("Global comment", help="Shown on top of the customer record.")
    penalties = fields.Boolean(
        "Late penalties",
        compute="_compute_switches",
        store=True,
        readonly=False,
        precompute=True,
        help="His overdue invoices bear the company's rate of late penalties.",
    )
    recovery = fields.Boolean(
        "Recovery costs",
        compute="_compute_switches",
        store=True,
        readonly=False,
        precompute=True,
        help="Each of his overdue invoices bears the company's recovery cost.",
    )
    interactive = fields.Boolean(
        "Interactive e-mails",
        compute="_compute_switches",
        store=True,
        readonly=False,
        precompute=True,
        help="His e-mails link to a page on which he sees his items and answers.",
    )
    capture = fields.Boolean(
        "Capture answers",
        compute="_compute_switches",
        store=True,
        readonly=False,
        precompute=True,
        help="His e-mails carry a reply address of his own: what comes there is noted"
        " as his reply, whatever his mail program has done with it.",
    )

    # === Hold === #
    hold_reason = fields.Selection(
        REASONS_TO_HOLD,
        "On hold",
        index="btree_not_null",
    )
    hold_until = fields.Date("Hold until", help="Last day of the hold; empty: no end.")
    hold_note = fields.Char("Hold note")
    hold_user_id = fields.Many2one("res.users", "Held by", readonly=True)
    on_hold = fields.Boolean(
        compute="_compute_on_hold", help="The whole account rests by a hold."
    )

    # === Cycle state (rules.md §13), written by the evaluation and by actions === #
    leader_id = fields.Many2one(
        "account.move", "Leader invoice", readonly=True, ondelete="set null"
    )
    leader_account_id = fields.Many2one(
        "dso.account", "Leader's account", readonly=True, ondelete="set null"
    )
    leader_date = fields.Date("Leader due date", readonly=True)
    cycle_scenario_id = fields.Many2one(
        "dso.scenario", readonly=True, ondelete="set null"
    )
    last_step_id = fields.Many2one(
        "dso.scenario.step", "Last step", readonly=True, ondelete="set null"
    )
    last_done_step_id = fields.Many2one(
        "dso.scenario.step", "Last step done", readonly=True, ondelete="set null"
    )
    last_done_date = fields.Date("Last step done on", readonly=True)
    last_any_date = fields.Date("Last scenario action on", readonly=True)
    redate_step_id = fields.Many2one(
        "dso.scenario.step", readonly=True, ondelete="set null"
    )
    redate_date = fields.Date("Re-dated to", readonly=True)
    cycle_memory = fields.Json(readonly=True)
    reason = fields.Selection(
        REASONS, "No proposal because", readonly=True, index="btree_not_null"
    )
    evaluated_at = fields.Datetime("Evaluated at", readonly=True)

    # === Figures of the last evaluation, in company currency === #
    balance = fields.Monetary(
        "Collectable balance", readonly=True, help="What counts for dunning."
    )
    net_overdue = fields.Monetary(
        "Net overdue", readonly=True, help="Overdue less open credits."
    )
    amount_total = fields.Monetary("Open balance", readonly=True)
    amount_overdue = fields.Monetary("Overdue", readonly=True)
    amount_not_due = fields.Monetary("Not due", readonly=True)
    amount_credit = fields.Monetary("Open credits", readonly=True)
    amount_disputed = fields.Monetary("Disputed", readonly=True)
    amount_promised = fields.Monetary("Promised", readonly=True)

    # === Promises, counted when one's outcome changes === #
    promise_kept_count = fields.Integer("Promises kept", readonly=True)
    promise_partly_count = fields.Integer("Promises partly kept", readonly=True)
    promise_broken_count = fields.Integer("Promises broken", readonly=True)

    # === Actions === #
    action_ids = fields.One2many("dso.action", "account_id", "Actions")
    open_action_ids = fields.One2many(
        "dso.action",
        "account_id",
        "Actions to do",
        domain=[("state", "in", ("planned", "error"))],
    )
    closed_action_ids = fields.One2many(
        "dso.action",
        "account_id",
        "History",
        domain=[("state", "in", ("done", "cancelled"))],
    )
    proposal_id = fields.Many2one(
        "dso.action",
        "Proposed action",
        compute="_compute_proposal_id",
        search="_search_proposal_id",
    )
    qualification_ids = fields.One2many("dso.qualification", "account_id")
    reply_ids = fields.One2many("dso.reply", "account_id", "Replies")
    reply_count = fields.Integer(
        "Replies to process", compute="_compute_reply_count", compute_sudo=False
    )
    item_line_ids = fields.Many2many(
        "account.move.line", compute="_compute_item_line_ids", string="Open items"
    )
    item_count = fields.Integer(compute="_compute_item_line_ids")
    explanation = fields.Char("Why", compute="_compute_explanation")
    missing_contact = fields.Boolean(
        compute="_compute_missing_contact", search="_search_missing_contact"
    )

    _company_partner_uniq = models.Constraint(
        "UNIQUE(company_id, partner_id)",
        "This customer already has a receivable account in this company.",
    )
    _head_not_self = models.Constraint(
        "CHECK(head_id IS DISTINCT FROM id)",
        "An account cannot be grouped under itself.",
    )

    # -------------------------------------------------------------------------
    # COMPUTES
    # -------------------------------------------------------------------------

    @api.depends("partner_id.display_name", "company_id")
    @api.depends_context("allowed_company_ids")
    def _compute_display_name(self):
        several = len(self.env.companies.root_id) > 1
        for account in self:
            name = account.partner_id.display_name or ""
            account.display_name = (
                f"{name} ({account.company_id.name})" if several else name
            )

    @api.depends("client_type_id")
    def _compute_scenario_id(self):
        for account in self:
            account.scenario_id = (
                account.client_type_id.scenario_id
                or account.scenario_id
                or account.company_id.dso_scenario_id
            )

    @api.depends("company_id")
    def _compute_switches(self):
        """What the company gives to every new customer (rules.md §1.3)."""
        for account in self:
            root = account.company_id.sudo()  # its defaults only
            account.penalties = root.dso_penalties
            account.recovery = root.dso_recovery
            account.interactive = root.dso_interactive
            account.capture = root.dso_capture

    def _compute_proposal_id(self):
        proposals = {
            action.account_id.id: action
            for action in self.env["dso.action"].search(
                Domain("account_id", "in", self.ids)
                & Domain("kind", "=", "scenario")
                & Domain("state", "in", ("planned", "error"))
            )
        }
        for account in self:
            account.proposal_id = proposals.get(account.id, False)

    def _search_proposal_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        open_proposals = Domain("kind", "=", "scenario") & Domain(
            "state", "in", ("planned", "error")
        )
        ids = [item for item in value if item]
        domain = Domain("action_ids", "any", open_proposals & Domain("id", "in", ids))
        if len(ids) < len(list(value)):
            domain |= ~Domain("action_ids", "any", open_proposals)
        return domain

    @api.depends_context("uid")
    def _compute_item_line_ids(self):
        lines = self.env["account.move.line"].search(
            self._open_items_domain(), order="date_maturity, date, id"
        )
        by_account = {}
        for line in lines:
            key = (line.company_id.root_id.id, line.partner_id.commercial_partner_id.id)
            by_account.setdefault(key, []).append(line.id)
        for account in self:
            ids = by_account.get((account.company_id.id, account.partner_id.id), [])
            account.item_line_ids = self.env["account.move.line"].browse(ids)
            account.item_count = len(ids)

    @api.depends("reply_ids.state")
    def _compute_reply_count(self):
        counts = dict(
            self.env["dso.reply"]._read_group(
                [("account_id", "in", self.ids), ("state", "=", "to_process")],
                ["account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.reply_count = counts.get(account, 0)

    @api.depends("reason", "leader_id", "last_step_id")
    def _compute_explanation(self):
        """The proposal's reason in words, or why there is none (rules.md L3, L12)."""
        labels = dict(self._fields["reason"]._description_selection(self.env))
        for account in self:
            proposal = account.proposal_id
            account.explanation = (
                proposal.explanation if proposal else labels.get(account.reason, "")
            )

    def _compute_missing_contact(self):
        missing = self.filtered_domain(self._missing_contact_domain())
        for account in self:
            account.missing_contact = account in missing

    def _search_missing_contact(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._missing_contact_domain()
        return domain if True in value else ~domain

    def _open_items_domain(self):
        """Open receivable lines of these accounts (architecture, item kinds)."""
        return (
            Domain("parent_state", "=", "posted")
            & Domain("reconciled", "=", False)
            & Domain("amount_residual", "!=", 0)
            & Domain("account_id.account_type", "=", "asset_receivable")
            & Domain("account_id.non_trade", "=", False)
            & Domain("partner_id.commercial_partner_id", "in", self.partner_id.ids)
            & Domain("company_id", "child_of", self.company_id.ids)
        )

    # -------------------------------------------------------------------------
    # CONSTRAINTS, CRUD
    # -------------------------------------------------------------------------

    @api.constrains("company_id", "partner_id")
    def _check_root_and_commercial(self):
        for account in self:
            if account.company_id.parent_id:
                raise ValidationError(
                    self.env._(
                        "%(company)s is a branch: receivable accounts belong to its"
                        " root company %(root)s.",
                        company=account.company_id.name,
                        root=account.company_id.root_id.name,
                    )
                )
            if account.partner_id != account.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(customer)s: open the"
                        " receivable account of %(customer)s.",
                        contact=account.partner_id.display_name,
                        customer=account.partner_id.commercial_partner_id.display_name,
                    )
                )

    @api.constrains("collector_id")
    def _check_collector_is_colleague(self):
        for account in self:
            if account.collector_id.sudo().share:  # whether he is a colleague only
                raise ValidationError(
                    self.env._(
                        "%s is no colleague: choose an internal user as collector.",
                        account.collector_id.sudo().name,  # whom the caller has named
                    )
                )

    @api.constrains("head_id", "company_id")
    def _check_head(self):
        for account in self:
            head = account.head_id
            if head and (head.head_id or account.member_ids):
                raise ValidationError(
                    self.env._(
                        "%(account)s cannot be grouped under %(head)s: groups have one"
                        " level. Group all members under the same head account.",
                        account=account.display_name,
                        head=head.display_name,
                    )
                )
            if head and head.company_id != account.company_id:
                raise ValidationError(
                    self.env._(
                        "%(account)s and %(head)s belong to different companies.",
                        account=account.display_name,
                        head=head.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts._mark_dirty()
        return accounts

    def write(self, vals):
        heads = self.head_id if "head_id" in vals else self.browse()
        if vals.get("hold_reason"):
            vals = {"hold_user_id": self.env.uid, **vals}
        res = super().write(vals)
        if RECIPIENT_FIELDS & set(vals):
            self._unconfirm()
        if {"scenario_id", "client_type_id"} & set(vals):
            self.env["dso.change"].sudo()._note("scenario", self)  # just written
        if "head_id" in vals:
            # other people read now what is owed by these
            self.env["dso.change"].sudo()._note(  # just written
                "recipient", self | heads | self.head_id
            )
        if EVALUATED_FIELDS & set(vals):
            (self | heads | self.head_id)._mark_dirty()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = (
            self.env["dso.action"]
            .sudo()  # any company's history counts
            .search([("account_id", "in", self.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "%s has a collection history and cannot be deleted. Put the account"
                    " on hold to stop chasing it.",
                    used.account_id.display_name,
                )
            )

    def _unconfirm(self):
        """The recipient changed: what was confirmed is to be looked at again (L17)."""
        self.env["dso.action"].sudo().search(  # the accounts' own actions
            Domain("account_id", "in", self.ids)
            & Domain("confirmed", "=", True)
            & Domain("state", "in", ("planned", "error"))
        )._engine().write({"confirmed": False})
        self.env["dso.change"].sudo()._note("recipient", self)  # just changed

    def _mark_dirty(self):
        self.env["dso.dirty"]._mark(accounts=self.ids)

    # -------------------------------------------------------------------------
    # ACCOUNTS OF CUSTOMERS
    # -------------------------------------------------------------------------

    @api.model
    def _ensure(self, pairs=None):
        """Make the missing accounts of customers that have open items.

        :param pairs: list of (root company id, commercial partner id); None = all
            companies and customers
        :return: the new accounts
        """
        company = self.env["res.company"]
        company.flush_model()
        where = SQL("TRUE")
        if pairs is not None:
            where = SQL(
                "(split_part(c.parent_path, '/', 1)::int, p.commercial_partner_id)"
                " IN (SELECT * FROM unnest(%s::int[], %s::int[]))",
                [pair[0] for pair in pairs],
                [pair[1] for pair in pairs],
            )
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO dso_account (
                       company_id, partner_id, client_type_id, scenario_id,
                       collector_id, penalties, recovery, interactive, capture,
                       create_date, create_uid, write_date, write_uid)
                SELECT n.company_id, n.partner_id, r.dso_client_type_id,
                       COALESCE(ct.scenario_id, r.dso_scenario_id),
                       r.dso_collector_id,
                       COALESCE(r.dso_penalties, FALSE),
                       COALESCE(r.dso_recovery, FALSE),
                       COALESCE(r.dso_interactive, FALSE),
                       COALESCE(r.dso_capture, FALSE),
                       NOW() AT TIME ZONE 'UTC', %(uid)s,
                       NOW() AT TIME ZONE 'UTC', %(uid)s
                  FROM (
                    SELECT DISTINCT
                           split_part(c.parent_path, '/', 1)::int AS company_id,
                           p.commercial_partner_id AS partner_id
                      FROM account_move_line l
                      JOIN res_company c ON c.id = l.company_id
                      JOIN res_partner p ON p.id = l.partner_id
                     WHERE l.account_id = ANY (%(receivable)s)
                       AND l.parent_state = 'posted'
                       AND l.reconciled IS NOT TRUE
                       AND l.amount_residual <> 0
                       AND p.commercial_partner_id IS NOT NULL
                       AND %(where)s
                       ) n
                  JOIN res_company r ON r.id = n.company_id
             LEFT JOIN dso_client_type ct ON ct.id = r.dso_client_type_id
                 WHERE NOT EXISTS (
                       SELECT 1 FROM dso_account a
                        WHERE a.company_id = n.company_id
                          AND a.partner_id = n.partner_id)
              ORDER BY n.company_id, n.partner_id
           ON CONFLICT (company_id, partner_id) DO NOTHING
             RETURNING id
                """,
                where=where,
                receivable=self._receivable_account_ids(),
                uid=self.env.uid,
            )
        )
        accounts = self.browse(row[0] for row in rows)
        if accounts:
            # what a new account gets does not depend on who met the customer first
            new = accounts.sudo()  # made just above, nobody worked on them yet
            self.env["dso.assignment.rule"]._assign(new)
        return accounts

    @api.model
    def _of_partner(self, partner, company=None):
        """The account of a customer, made when it has none yet.

        :param partner: res.partner, any contact of the customer
        :param company: res.company, any branch; default the current one
        :return: one dso.account
        """
        customer = partner.commercial_partner_id
        root = (company or self.env.company).root_id
        account = self.search(
            [("company_id", "=", root.id), ("partner_id", "=", customer.id)]
        )
        if not account:
            self.check_access("read")
            partner.check_access("read")
            new = self.sudo().create(  # whoever may read may open the record
                {
                    "company_id": root.id,
                    "partner_id": customer.id,
                    "client_type_id": root.dso_client_type_id.id,
                    "collector_id": root.dso_collector_id.id,
                }
            )
            self.env["dso.assignment.rule"]._assign(new)
            account = new.sudo(self.env.su)
        return account

    # -------------------------------------------------------------------------
    # EVALUATION
    # -------------------------------------------------------------------------

    @api.private
    def evaluate(self, today=None):
        """Evaluate the leader rules for these accounts (rules.md L1-L17).

        Running it twice changes nothing. Accounts that another transaction holds are
        left to the queue.

        :param today: date to evaluate for; default each company's own today
        :return: the accounts whose proposal changed
        """
        self.env["dso.dirty"]._append_marks()
        evaluated, changed = self._evaluate(today=today, touch=True)
        if evaluated:
            self.env["dso.dirty"]._forget(evaluated)
        (self - evaluated)._mark_dirty()
        return changed

    def action_evaluate(self):
        """Evaluate now, from the button of the customer record."""
        self.check_access("write")
        self.evaluate()
        return True

    def _evaluate(self, today=None, touch=False):
        """The evaluation itself, without the queue.

        :param today: date, or None for each company's own today
        :param bool touch: see :func:`evaluation_statement`
        :return: (accounts evaluated, accounts whose proposal changed)
        """
        self.env.flush_all()
        heads = self.env.execute_query(
            SQL(
                """
                SELECT id, company_id FROM dso_account
                 WHERE id IN (SELECT COALESCE(head_id, id) FROM dso_account
                               WHERE id = ANY(%s))
              ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
                """,
                self.ids,
            )
        )
        if not heads:
            return self.browse(), self.browse()
        companies = self.env["res.company"].browse({row[1] for row in heads})
        todays = {c.id: today or c._dso_today() for c in companies}
        groups = self.env.execute_query(
            SQL(
                "SELECT id FROM dso_account"
                " WHERE id = ANY(%(h)s) OR head_id = ANY(%(h)s)",
                h=[row[0] for row in heads],
            )
        )
        groups = self.browse(row[0] for row in groups)
        self.env["dso.promise"]._follow_ledger(groups.ids, todays, decided=touch)
        rows = self.env.execute_query(
            evaluation_statement(
                [row[0] for row in heads],
                todays,
                self._receivable_account_ids(),
                self.env.uid,
                touch,
            )
        )
        self.env["dso.action"].invalidate_model(flush=False)
        self.env["dso.account"].invalidate_model(flush=False)
        self.env["account.move"].invalidate_model(["dso_starred"], flush=False)
        self.env["dso.action"]._refresh_priority(groups.ids)
        return groups, self.browse(row[0] for row in rows)

    def _receivable_account_ids(self):
        """Ids of all trade receivable accounts of the chart.

        As constants of the statement: only so does PostgreSQL use the index of
        unreconciled lines, which is six times faster than any other way to them.
        """
        return [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT id FROM account_account
                     WHERE account_type = 'asset_receivable'
                       AND non_trade IS NOT TRUE
                    """
                )
            )
        ]

    def _item_rows(self, today=None):
        """The open items of these accounts, as the rules see them (rules.md §13).

        :param today: date, or None for each company's own today
        :return: list of dicts: account_id, move_id, contact_id (to whom it was
            invoiced), kind, name, due (earliest open instalment), total and claim
            (company currency), counts (takes part in dunning), starred, under_way, held
            (left out by the hold of its account), ignored (the former included),
            status_type, amount_currency, currency_id, and for the open instalments by
            due date the lists dues, amounts (company currency) and amounts_currency
        """
        self.env.flush_all()
        if not self:
            return []
        todays = {c.id: today or c._dso_today() for c in self.company_id}
        receivable = self._receivable_account_ids()
        return self.env.execute_query_dict(
            SQL(
                """
                WITH %(ctes)s
                SELECT c.account_id, c.move_id, m.partner_id AS contact_id, c.kind,
                       m.name,
                       amount.dues[1] AS due, c.total, c.claim, c.counts, c.starred,
                       c.under_way OR m.payment_state = 'in_payment' AS under_way,
                       c.held,
                       COALESCE(d.ignored, FALSE) OR c.held AS ignored,
                       d.status_type, amount.*
                  FROM claim c
                  JOIN account_move m ON m.id = c.move_id
             LEFT JOIN dso_item d ON d.move_id = c.move_id
                   AND d.account_id = c.account_id
                  JOIN scope s ON s.account_id = c.account_id
            CROSS JOIN LATERAL (
                    SELECT SUM(y.currency) AS amount_currency,
                           MIN(y.currency_id) AS currency_id,
                           array_agg(y.due ORDER BY y.due) AS dues,
                           array_agg(y.company ORDER BY y.due) AS amounts,
                           array_agg(y.currency ORDER BY y.due) AS amounts_currency
                      FROM (
                        SELECT COALESCE(l.date_maturity, l.invoice_date, l.date) AS due,
                               SUM(l.amount_residual) AS company,
                               SUM(l.amount_residual_currency) AS currency,
                               MIN(l.currency_id) AS currency_id
                          FROM account_move_line l
                          JOIN res_partner p ON p.id = l.partner_id
                           AND p.commercial_partner_id = s.partner_id
                         WHERE l.move_id = c.move_id
                           AND l.account_id = ANY (%(receivable)s)
                           AND l.reconciled IS NOT TRUE
                           AND l.amount_residual <> 0
                      GROUP BY 1
                           ) y
                       ) amount
                 WHERE c.account_id = ANY(%(ids)s)
              ORDER BY amount.dues[1], COALESCE(m.invoice_date, m.date), m.name,
                       c.move_id
                """,
                ctes=evaluation_ctes((self.head_id | self).ids, todays, receivable),
                receivable=receivable,
                ids=self.ids,
            )
        )

    def _blocked_items(self):
        """The open items of these accounts that Odoo itself excludes (rules.md L2).

        :return: set of (move id, account id) whose open debits all carry no follow-up,
            or whose payment is blocked
        """
        return {
            (move, account)
            for move, account in self.env.execute_query(
                SQL(
                    """
                    SELECT l.move_id, a.id
                      FROM dso_account a
                      JOIN res_partner p ON p.commercial_partner_id = a.partner_id
                      JOIN account_move_line l ON l.partner_id = p.id
                      JOIN res_company c ON c.id = l.company_id
                       AND split_part(c.parent_path, '/', 1)::int = a.company_id
                      JOIN account_move m ON m.id = l.move_id
                     WHERE a.id = ANY(%s) AND l.account_id = ANY(%s)
                       AND l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
                       AND l.amount_residual > 0
                  GROUP BY l.move_id, a.id
                    HAVING bool_and(COALESCE(l.no_followup, FALSE)
                                    OR COALESCE(m.payment_state = 'blocked', FALSE))
                    """,
                    self.ids,
                    self._receivable_account_ids(),
                )
            )
        }

    @api.model
    def _cron_evaluate(self):
        """Bring every account of every company up to date for today.

        The date alone changes proposals (rules.md L8): once an item falls overdue, or
        a hold ends. All open items of everybody are read and added up, which costs a
        tenth of an evaluation; evaluated are the accounts whose figures are not those
        of their last evaluation, whatever the reason, those that were never evaluated
        or are on hold, and in turn one in :data:`NIGHTS` of the others.
        """
        self.env["dso.dirty"]._append_marks()
        self._ensure()
        self.env.flush_all()
        for company in self.env["res.company"].search([("parent_id", "=", False)]):
            self.env["dso.promise"]._refresh_limits(company)
            self.env.cr.execute(self._nightly_statement(company))
        self.env["ir.cron"]._commit_progress(
            remaining=self.env["dso.dirty"]._count_waiting(0)
        )
        self.env["dso.dirty"]._drain()
        self._refresh_behaviour()

    @api.model
    def _nightly_statement(self, company):
        """SQL that queues the accounts of a root company that are to be evaluated.

        The figures compared are those that the evaluation keeps (``figure`` in
        ``engine/evaluation.py``).
        """
        today = company._dso_today()
        branches = self.env["res.company"].sudo()  # ids only, to read their lines
        return SQL(
            """
            INSERT INTO dso_dirty (company_id, partner_id, account_id, touch)
            SELECT DISTINCT h.company_id, h.partner_id, h.id, FALSE
              FROM (
                SELECT COALESCE(a.head_id, a.id) AS head
                  FROM (
                    SELECT * FROM dso_account WHERE company_id = %(company)s OFFSET 0
                       ) a
             LEFT JOIN (
                    SELECT p.commercial_partner_id AS partner_id,
                           SUM(l.residual) AS total,
                           SUM(l.residual) FILTER (
                               WHERE l.residual > 0 AND l.due < %(today)s) AS overdue,
                           SUM(l.residual) FILTER (
                               WHERE l.residual > 0 AND l.due >= %(today)s) AS not_due
                      FROM (
                        SELECT partner_id, amount_residual AS residual,
                               COALESCE(date_maturity, invoice_date, date) AS due
                          FROM account_move_line
                         WHERE account_id = ANY (%(receivable)s)
                           AND reconciled IS NOT TRUE
                           AND parent_state = 'posted'
                           AND amount_residual <> 0
                           AND company_id = ANY (%(branches)s)
                           ) l
                      JOIN res_partner p ON p.id = l.partner_id
                  GROUP BY p.commercial_partner_id
                       ) f ON f.partner_id = a.partner_id
                 WHERE a.evaluated_at IS NULL
                    OR a.hold_reason IS NOT NULL
                    OR a.id IN (SELECT account_id FROM dso_promise
                                 WHERE state = 'open' AND date_limit < %(today)s)
                    OR (a.id + %(night)s) %% %(nights)s = 0
                    OR COALESCE(a.amount_total, 0) <> COALESCE(f.total, 0)
                    OR COALESCE(a.amount_overdue, 0) <> COALESCE(f.overdue, 0)
                    OR COALESCE(a.amount_not_due, 0) <> COALESCE(f.not_due, 0)
                   ) n
              JOIN dso_account h ON h.id = n.head
             WHERE NOT EXISTS (SELECT 1 FROM dso_dirty d
                                WHERE d.account_id = h.id AND NOT d.touch)
            """,
            company=company.id,
            today=today,
            night=today.toordinal(),
            nights=NIGHTS,
            receivable=self._receivable_account_ids(),
            branches=branches.search([("id", "child_of", company.id)]).ids,
        )

    # -------------------------------------------------------------------------
    # CYCLE STATE
    # -------------------------------------------------------------------------

    def _step_done(self, step, date):
        """A scenario step was done for these accounts (rules.md L5, L7, L10)."""
        for last_any, accounts in self.grouped("last_any_date").items():
            accounts.write(
                {
                    "last_step_id": step.id,
                    "last_done_step_id": step.id,
                    "last_done_date": date,
                    "last_any_date": max(last_any or date, date),
                    "redate_step_id": False,
                    "redate_date": False,
                    "cycle_memory": False,
                }
            )
        self._mark_dirty()

    def _step_skipped(self, step):
        """A step was skipped: the sequence goes on, the interval does not (L10)."""
        self.ensure_one()
        self.write(
            {"last_step_id": step.id, "redate_step_id": False, "redate_date": False}
        )
        self._mark_dirty()

    def _redate(self, step, date):
        """The proposal for ``step`` was given another date by a person (L11)."""
        self.ensure_one()
        self.write({"redate_step_id": step.id, "redate_date": date})
        self._mark_dirty()

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_open_items(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open items of %s", self.partner_id.display_name),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "views": [
                (self.env.ref("dso_collection.account_move_line_view_list").id, "list"),
                (False, "form"),
            ],
            "search_view_id": (
                self.env.ref("dso_collection.account_move_line_view_search").id,
                "search",
            ),
            "domain": list(self._open_items_domain()),
            "context": {"create": False},
        }

    def action_open_replies(self):
        """The replies of this customer, those to process first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_reply_action"
        )
        return {
            **action,
            "domain": [("account_id", "in", (self | self.member_ids).ids)],
            "context": {
                "default_account_id": self.id,
                "search_default_to_process": 1 if self.reply_count else 0,
            },
        }

    def action_open_partner(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.partner_id.display_name,
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "view_mode": "form",
        }
