"""First steps: what collection sees in the ledger, before the first evaluation."""

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL, formatLang

#: Accounts evaluated inside the click; more are left to the nightly job, run at once.
EVALUATED_AT_ONCE = 20_000
CHUNK = 2_000

BUCKETS = ("not_due", "d30", "d60", "d90", "older")
KINDS = ("invoice", "credit_note", "payment", "miscellaneous", "left_out")


class DsoFirstRun(models.TransientModel):
    _name = "dso.first.run"
    _description = "First Steps"
    _inherit = ["dso.company.page"]
    # a page that stays open over a day must not lose its buttons
    _transient_max_hours = 48.0

    overview = fields.Html(compute="_compute_overview", sanitize=False)
    journal_ids = fields.One2many("dso.first.run.journal", "run_id", "Journals")
    customer_count = fields.Integer("Customers", compute="_compute_customers")
    no_contact_count = fields.Integer(
        "Customers without contact", compute="_compute_customers"
    )
    no_partner_count = fields.Integer(
        "Items without customer", compute="_compute_no_partner_count"
    )
    account_count = fields.Integer(compute="_compute_accounts")
    no_scenario_count = fields.Integer("No scenario count", compute="_compute_accounts")
    no_collector_count = fields.Integer(
        "No collector count", compute="_compute_accounts"
    )
    proposal_count = fields.Integer("Proposal count", compute="_compute_accounts")
    problem_count = fields.Integer("Problem count", compute="_compute_accounts")

    # === Settings of the company === #
    scenario_id = fields.Many2one(
        "dso.scenario",
        "Default scenario",
        compute="_compute_scenario_id",
        inverse="_inverse_scenario_id",
        domain="[('company_id', 'in', (False, company_id))]",
    )
    collector_id = fields.Many2one(
        "res.users",
        "Default collector",
        compute="_compute_collector_id",
        inverse="_inverse_collector_id",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    minimum_amount = fields.Monetary(
        "Minimum amount",
        compute="_compute_minimum_amount",
        inverse="_inverse_minimum_amount",
        help="A customer who owes less gets no scenario action.",
    )
    ignore_below = fields.Monetary(
        "Ignore items below",
        compute="_compute_ignore_below",
        inverse="_inverse_ignore_below",
        help="Smaller items are left out of dunning.",
    )

    # -------------------------------------------------------------------------
    # COMPUTES
    # -------------------------------------------------------------------------

    @api.depends("company_id")
    def _compute_display_name(self):
        for page in self:
            page.display_name = self.env._("First steps")

    @api.depends("company_id", "journal_ids.included")
    def _compute_overview(self):
        labels = {
            "invoice": self.env._("Invoices"),
            "credit_note": self.env._("Credit notes"),
            "payment": self.env._("Unallocated payments"),
            "miscellaneous": self.env._("Miscellaneous entries"),
            "left_out": self.env._("Left out (no follow-up)"),
        }
        for page in self:
            cells = page._read_receivables()
            rows = []
            for kind in KINDS:
                row = [cells.get((kind, bucket), (0, 0)) for bucket in BUCKETS]
                if not any(count for count, _amount in row):
                    continue
                rows.append((kind, labels[kind], page._with_total(row)))
            seen = [row for kind, _label, row in rows if kind != "left_out"]
            total = [
                tuple(sum(values) for values in zip(*column, strict=True))
                for column in zip(*seen, strict=True)
            ]
            page.overview = self.env["ir.qweb"]._render(
                "dso_collection.first_run_overview",
                {
                    "rows": rows,
                    "total": total,
                    "money": lambda amount, page=page: formatLang(
                        self.env, amount, currency_obj=page.currency_id
                    ),
                },
            )

    @api.model
    def _with_total(self, row):
        return [*row, (sum(c for c, _a in row), sum(a for _c, a in row))]

    def _read_receivables(self):
        """Open receivables of the root company by kind and age.

        Kinds are those of the evaluation; *left out* are the debits that Odoo excludes
        from follow-ups (rules.md L2).

        :return: {(kind, bucket): (count of items, amount in company currency)}
        """
        self.ensure_one()
        today = self.company_id._dso_today()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT kind, bucket, COUNT(*), SUM(residual)
                  FROM (
                    SELECT CASE
                             WHEN l.no_followup AND l.amount_residual > 0
                               THEN 'left_out'
                             WHEN m.move_type IN ('out_invoice', 'out_receipt')
                               OR (j.dso_opening AND m.move_type = 'entry')
                               THEN 'invoice'
                             WHEN m.move_type = 'out_refund' THEN 'credit_note'
                             WHEN m.origin_payment_id IS NOT NULL
                               OR l.statement_line_id IS NOT NULL THEN 'payment'
                             ELSE 'miscellaneous' END AS kind,
                           CASE
                             WHEN COALESCE(l.date_maturity, l.date) >= %(today)s
                               THEN 'not_due'
                             WHEN COALESCE(l.date_maturity, l.date) >= %(today)s - 30
                               THEN 'd30'
                             WHEN COALESCE(l.date_maturity, l.date) >= %(today)s - 60
                               THEN 'd60'
                             WHEN COALESCE(l.date_maturity, l.date) >= %(today)s - 90
                               THEN 'd90'
                             ELSE 'older' END AS bucket,
                           l.amount_residual AS residual
                      FROM %(receivables)s
                      JOIN account_move m ON m.id = l.move_id
                      JOIN account_journal j ON j.id = l.journal_id
                     WHERE l.partner_id IS NOT NULL
                       ) x
              GROUP BY kind, bucket
                """,
                today=today,
                receivables=self._sql_receivables(),
            )
        )
        return {(kind, bucket): (count, amount) for kind, bucket, count, amount in rows}

    def _sql_receivables(self):
        """Open trade receivable lines ``l`` of the root company and its branches."""
        self.ensure_one()
        self.env.flush_all()
        return SQL(
            """
            (SELECT l.* FROM account_move_line l
               JOIN account_account aa ON aa.id = l.account_id
                AND aa.account_type = 'asset_receivable'
                AND aa.non_trade IS NOT TRUE
              WHERE l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
                AND l.amount_residual <> 0
                AND l.company_id = ANY(%s)) l
            """,
            self._companies().ids,
        )

    def _companies(self):
        """The root company and its branches, whether the user chose them or not."""
        return (
            self.env["res.company"]
            .sudo()  # ids only, of the own company
            .search([("id", "child_of", self.company_id.id)])
        )

    def _customers(self):
        """Commercial partners with open receivables in this company."""
        self.ensure_one()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT p.commercial_partner_id
                  FROM %s JOIN res_partner p ON p.id = l.partner_id
                 WHERE p.commercial_partner_id IS NOT NULL
                """,
                self._sql_receivables(),
            )
        )
        return self.env["res.partner"].browse(row[0] for row in rows)

    def _no_contact_domain(self):
        """Customers whose reminders would have no e-mail address to go to."""
        no_mail = Domain("email", "in", (False, ""))
        with_mail = Domain("type", "=", "invoice") & ~no_mail
        with_contact = (
            self.env["dso.account"]
            .search(
                Domain("company_id", "=", self.company_id.id)
                & Domain("contact_id", "any", ~no_mail)
            )
            .partner_id
        )
        with_contact |= self.env["dso.account"]._reached_by_role()
        return (
            Domain("id", "in", (self._customers() - with_contact).ids)
            & no_mail
            & ~Domain("child_ids", "any", with_mail)
        )

    @api.depends("company_id")
    def _compute_customers(self):
        Partner = self.env["res.partner"].with_context(active_test=False)
        for page in self:
            page.customer_count = len(page._customers())
            page.no_contact_count = Partner.search_count(page._no_contact_domain())

    def _no_partner_domain(self):
        return (
            Domain("company_id", "in", self._companies().ids)
            & Domain("parent_state", "=", "posted")
            & Domain("reconciled", "=", False)
            & Domain("amount_residual", "!=", 0)
            & Domain("account_id.account_type", "=", "asset_receivable")
            & Domain("account_id.non_trade", "=", False)
            & Domain("partner_id", "=", False)
        )

    @api.depends("company_id")
    def _compute_no_partner_count(self):
        for page in self:
            page.no_partner_count = self.env["account.move.line"].search_count(
                page._no_partner_domain()
            )

    @api.depends("company_id")
    def _compute_accounts(self):
        Account = self.env["dso.account"]
        Action = self.env["dso.action"]
        for page in self:
            own = Domain("company_id", "=", page.company_id.id)
            page.account_count = Account.search_count(own)
            page.no_scenario_count = Account.search_count(
                own & Domain("scenario_id", "=", False)
            )
            page.no_collector_count = Account.search_count(
                own & Domain("collector_id", "=", False)
            )
            page.proposal_count = Action.search_count(
                own & Domain("state", "in", ("planned", "error"))
            )
            page.problem_count = Action.search_count(
                own & Domain("state", "=", "error")
            )

    # One compute and one inverse for each setting: fields that share them would be
    # written back empty when only one of them is saved.

    @api.depends("company_id.dso_scenario_id")
    def _compute_scenario_id(self):
        for page in self:
            page.scenario_id = page.company_id.dso_scenario_id

    def _inverse_scenario_id(self):
        self._save_setting("scenario_id")

    @api.depends("company_id.dso_collector_id")
    def _compute_collector_id(self):
        for page in self:
            page.collector_id = page.company_id.dso_collector_id

    def _inverse_collector_id(self):
        self._save_setting("collector_id")

    @api.depends("company_id.dso_minimum_amount")
    def _compute_minimum_amount(self):
        for page in self:
            page.minimum_amount = page.company_id.dso_minimum_amount

    def _inverse_minimum_amount(self):
        self._save_setting("minimum_amount")

    @api.depends("company_id.dso_ignore_below")
    def _compute_ignore_below(self):
        for page in self:
            page.ignore_below = page.company_id.dso_ignore_below

    def _inverse_ignore_below(self):
        self._save_setting("ignore_below")

    def _save_setting(self, name):
        """Write a setting of the page to its company.

        Credit managers may, though they may not write companies.
        """
        self._check_manager()
        for page in self:
            company = page.company_id.sudo()  # collection's own setting, role checked
            if company[f"dso_{name}"] != page[name]:
                company[f"dso_{name}"] = page[name]

    # -------------------------------------------------------------------------
    # BUSINESS METHODS
    # -------------------------------------------------------------------------

    @api.model
    def action_open(self):
        """Open a fresh page for the current company."""
        self._check_manager()
        page = self.create({})
        page._read_journals()
        return page._open("dso_collection.dso_first_run_action")

    def _read_journals(self):
        """List the general journals whose open debits Odoo keeps out of follow-ups,
        and those that are included already."""
        self.ensure_one()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT j.id, COUNT(l.id), COALESCE(SUM(l.amount_residual), 0)
                  FROM account_journal j
             LEFT JOIN %s ON l.journal_id = j.id AND l.amount_residual > 0
                   AND (l.no_followup OR j.dso_opening)
                   AND l.partner_id IS NOT NULL
                 WHERE j.type = 'general' AND j.company_id = ANY(%s)
                   AND (l.id IS NOT NULL OR j.dso_opening)
              GROUP BY j.id ORDER BY j.sequence, j.id
                """,
                self._sql_receivables(),
                self._companies().ids,
            )
        )
        self.journal_ids = [Command.clear()] + [
            Command.create({"journal_id": journal, "count": count, "amount": amount})
            for journal, count, amount in rows
        ]

    def action_evaluate(self):
        """Make the missing accounts of this company, evaluate all, open the agenda.

        A company with very many accounts is left to the nightly job, started at once.
        """
        self.ensure_one()
        self._check_manager()
        Account = self.env["dso.account"]
        Account._ensure(
            [(self.company_id.id, partner.id) for partner in self._customers()]
        )
        accounts = Account.search([("company_id", "=", self.company_id.id)])
        agenda = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_action_action_agenda"
        )
        if len(accounts) > EVALUATED_AT_ONCE:
            job = self.env.ref("dso_collection.ir_cron_evaluate")
            job.sudo()._trigger()  # role checked at the top
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "info",
                    "message": self.env._(
                        "%s customers: the evaluation runs in the background. The"
                        " agenda fills within a few minutes.",
                        len(accounts),
                    ),
                    "next": agenda,
                },
            }
        for start in range(0, len(accounts), CHUNK):
            accounts[start : start + CHUNK].evaluate()
        return agenda

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_no_contact(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers without e-mail address"),
            "res_model": "res.partner",
            "view_mode": "list,form",
            "domain": list(self._no_contact_domain()),
            "context": {"active_test": False},
        }

    def action_no_partner(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open receivables without customer"),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "domain": list(self._no_partner_domain()),
            "context": {"create": False},
        }

    def _open_accounts(self, name, domain):
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "dso_collection.dso_account_action"
            ),
            "name": name,
            "display_name": name,
            "domain": [("company_id", "=", self.company_id.id), domain],
            "context": {},
        }

    def action_give_scenario(self):
        """Give the default scenario to the customers of this company without one."""
        return self._give_default("scenario_id")

    def action_give_collector(self):
        """Give the default collector to the customers of this company without one."""
        return self._give_default("collector_id")

    def _give_default(self, name):
        self.ensure_one()
        self._check_manager()
        self.env["dso.account"].search(
            [("company_id", "=", self.company_id.id), (name, "=", False)]
        ).write({name: self[name].id})
        return True

    def action_no_scenario(self):
        return self._open_accounts(
            self.env._("Customers without scenario"), ("scenario_id", "=", False)
        )

    def action_no_collector(self):
        return self._open_accounts(
            self.env._("Customers without collector"), ("collector_id", "=", False)
        )
