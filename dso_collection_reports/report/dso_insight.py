"""Insights: what is wrong with customers, items, actions and settings (rules.md §9)."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

SECTIONS = [
    ("1_client", "Customers"),
    ("2_item", "Items"),
    ("3_action", "Actions and settings"),
]
#: Every anomaly: key, section, name, model of its list. The number of each is its id.
ANOMALIES = [
    ("no_contact", "1_client", "Nobody to write to", "dso.account"),
    ("wrong_email", "1_client", "E-mail address not valid", "dso.account"),
    ("bounced", "1_client", "E-mails come back", "dso.account"),
    ("no_address", "1_client", "Address incomplete", "dso.account"),
    ("no_phone", "1_client", "No phone number", "dso.account"),
    ("credit_balance", "1_client", "Balance in credit", "dso.account"),
    ("hold_over", "1_client", "Hold expired", "dso.account"),
    ("unmapped", "2_item", "Items of no known kind", "dso.item.report"),
    ("no_customer", "2_item", "Receivables without customer", "account.move.line"),
    ("one_sided", "2_item", "Open in one currency only", "account.move.line"),
    ("no_due", "2_item", "Invoices without due date", "account.move.line"),
    ("due_before", "2_item", "Due before they were issued", "account.move.line"),
    ("unallocated", "2_item", "Credits that cover what is overdue", "dso.account"),
    ("no_resolver", "2_item", "Disputes without resolver", "dso.item"),
    ("no_collector", "3_action", "Customers without collector", "dso.account"),
    ("no_scenario", "3_action", "Customers without scenario", "dso.account"),
    ("empty_scenario", "3_action", "Scenario without actions", "dso.account"),
    ("end_of_scenario", "3_action", "End of scenario", "dso.account"),
    ("not_sent", "3_action", "Actions that cannot be sent", "dso.action"),
    ("undelivered", "3_action", "Messages that did not arrive", "dso.action"),
    ("late_follow_up", "3_action", "Follow-ups late by over a week", "dso.action"),
    ("sending_off", "3_action", "Sending is switched off", "res.company"),
]
#: Anomalies of which a click on the cure opens something else than the list.
ASSIGNED = ("no_collector", "no_scenario", "empty_scenario", "end_of_scenario")


class DsoInsight(models.Model):
    """One row per kind of anomaly: how often it occurs, why it matters, where it is
    mended. Rows are the constants above; their counts are taken when they are shown,
    with the rights and in the companies of who looks."""

    _name = "dso.insight"
    _description = "Insight"
    _auto = False
    _order = "section, id"

    key = fields.Selection([(a[0], a[2]) for a in ANOMALIES], "Anomaly", readonly=True)
    section = fields.Selection(SECTIONS, readonly=True)
    count = fields.Integer(
        "Found", compute="_compute_count", search="_search_count", readonly=True
    )
    explanation = fields.Char("Why it matters", compute="_compute_words")
    cure = fields.Char("How it is mended", compute="_compute_words")
    can_assign = fields.Boolean(compute="_compute_can_assign")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT * FROM unnest(%s::int[], %s::varchar[], %s::varchar[])
                          AS a(id, key, section)
            """,
            list(range(1, len(ANOMALIES) + 1)),
            [anomaly[0] for anomaly in ANOMALIES],
            [anomaly[1] for anomaly in ANOMALIES],
        )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_count(self):
        for insight in self:
            insight.count = insight._count()

    def _search_count(self, operator, value):
        """Only what is there, or is not: there are two dozen rows."""
        if operator != ">":
            return NotImplemented
        everything = self.browse(range(1, len(ANOMALIES) + 1))
        return [("id", "in", [i.id for i in everything if i.count > value])]

    def _count(self):
        """Number of records with the anomaly that the user may see."""
        self.ensure_one()
        model = self.env[self._model_name()]
        if not model.has_access("read"):
            return 0
        return model.search_count(self._domain())

    def _model_name(self):
        self.ensure_one()
        return next(anomaly[3] for anomaly in ANOMALIES if anomaly[0] == self.key)

    # -------------------------------------------------------------------------
    # WHAT EACH ANOMALY IS
    # -------------------------------------------------------------------------

    def _domain(self):
        """Where the anomaly is found, as a search on its model.

        Customers count when something of them is open; settled ones disturb nobody.
        """
        self.ensure_one()
        return getattr(self, f"_domain_{self._model_name().replace('.', '_')}")()

    def _domain_dso_account(self):
        companies = Domain("company_id", "in", self.env.companies.root_id.ids)
        owes = Domain("amount_total", ">", 0)
        email = "partner_id.email"
        domains = {
            "no_contact": owes & Domain("missing_contact", "=", True),
            # an address with a space, or without a dot behind the at
            "wrong_email": owes
            & Domain(email, "not in", (False, ""))
            & (Domain(email, "not =like", "%_@_%._%") | Domain(email, "=like", "% %")),
            "bounced": owes & Domain("partner_id.message_bounce", ">", 0),
            "no_address": owes
            & Domain.OR(
                Domain(f"partner_id.{name}", "in", (False, ""))
                for name in ("street", "city", "country_id")
            ),
            "no_phone": owes & Domain("partner_id.phone", "in", (False, "")),
            "credit_balance": Domain("amount_total", "<", 0),
            "hold_over": Domain("hold_reason", "!=", False)
            & Domain("hold_until", "<", self.env.company._dso_today()),
            "unallocated": Domain("reason", "=", "credit_covers"),
            "no_collector": owes & Domain("acting_collector_id", "=", False),
            "no_scenario": owes & Domain("scenario_id", "=", False),
            "empty_scenario": Domain("reason", "=", "empty_scenario"),
            "end_of_scenario": Domain("reason", "=", "end_of_scenario"),
        }
        return companies & domains[self.key]

    def _domain_dso_item_report(self):
        return Domain("kind", "=", "miscellaneous")

    def _domain_dso_item(self):
        return (
            Domain("company_id", "in", self.env.companies.root_id.ids)
            & Domain("status_type", "=", "dispute")
            & Domain("resolver_id", "=", False)
        )

    def _domain_account_move_line(self):
        open_lines = (
            Domain("parent_state", "=", "posted")
            & Domain("account_id", "in", self._receivable_ids())
            & Domain("company_id", "in", self.env.companies.ids)
        )
        invoices = Domain("move_id.move_type", "in", ("out_invoice", "out_receipt"))
        domains = {
            "no_customer": Domain("reconciled", "=", False)
            & Domain("partner_id", "=", False)
            & Domain("amount_residual", "!=", 0),
            "one_sided": Domain("reconciled", "=", False)
            & (
                (
                    Domain("amount_residual", "=", 0)
                    & Domain("amount_residual_currency", "!=", 0)
                )
                | (
                    Domain("amount_residual", "!=", 0)
                    & Domain("amount_residual_currency", "=", 0)
                )
            ),
            "no_due": Domain("reconciled", "=", False)
            & invoices
            & Domain("date_maturity", "=", False),
            "due_before": Domain("reconciled", "=", False)
            & invoices
            & Domain("id", "in", self._due_before()),
        }
        return open_lines & domains[self.key]

    def _receivable_ids(self):
        return self.env["dso.account"]._receivable_account_ids()

    def _due_before(self):
        """SQL of open receivable lines that fall due before their invoice's date."""
        return SQL(
            """
            (SELECT id FROM account_move_line
              WHERE date_maturity < invoice_date AND reconciled IS NOT TRUE
                AND account_id = ANY (%s) AND parent_state = 'posted')
            """,
            self._receivable_ids(),
        )

    def _domain_dso_action(self):
        week = fields.Date.subtract(self.env.company._dso_today(), days=7)
        domains = {
            "not_sent": Domain("state", "=", "error"),
            "undelivered": Domain("undelivered", "=", True),
            "late_follow_up": Domain("kind", "=", "specific")
            & Domain("state", "in", ("planned", "error"))
            & Domain("date", "<", week),
        }
        return (
            Domain("company_id", "in", self.env.companies.root_id.ids)
            & domains[self.key]
        )

    def _domain_res_company(self):
        return Domain("id", "in", self.env.companies.root_id.ids) & Domain(
            "dso_sending_active", "=", False
        )

    @api.depends("key")
    @api.depends_context("lang")
    def _compute_words(self):
        explanations, cures = self._explanations(), self._cures()
        for insight in self:
            insight.explanation = explanations.get(insight.key)
            insight.cure = cures.get(insight.key)

    def _explanations(self):
        """{key: why the anomaly matters}."""
        return {
            "no_contact": self.env._(
                "Reminders by e-mail of these customers reach nobody."
            ),
            "wrong_email": self.env._(
                "No mail server takes a message to these addresses."
            ),
            "bounced": self.env._(
                "Mail servers sent messages to these addresses back."
            ),
            "no_address": self.env._("Letters need a street, a city and a country."),
            "no_phone": self.env._("Nobody can call these customers."),
            "credit_balance": self.env._(
                "More was paid or credited than these customers owe: refund it, or find"
                " what it belongs to."
            ),
            "hold_over": self.env._(
                "The reason to rest is over, as planned; nothing says so."
            ),
            "unmapped": self.env._(
                "Entries that are neither invoice, credit note nor payment; nobody is"
                " reminded of them."
            ),
            "no_customer": self.env._(
                "They are in the balance sheet, but in nobody's statement, and in no"
                " report on customers."
            ),
            "one_sided": self.env._(
                "Settled in one currency and open in another: an exchange difference is"
                " not booked."
            ),
            "no_due": self.env._("Their invoice date counts as due date."),
            "due_before": self.env._(
                "A due date before the invoice date is a typing error."
            ),
            "unallocated": self.env._(
                "Credits and payments that are not allocated cover what is overdue, so"
                " nobody is reminded."
            ),
            "no_resolver": self.env._(
                "Nobody is responsible for solving these disputes."
            ),
            "no_collector": self.env._("Their actions are in nobody's worklist."),
            "no_scenario": self.env._("Without a scenario nobody is reminded."),
            "empty_scenario": self.env._(
                "Their scenario has no action that could be proposed."
            ),
            "end_of_scenario": self.env._(
                "All steps are done and something is still owed: a person decides."
            ),
            "not_sent": self.env._(
                "Something is missing, or failed; each action says what."
            ),
            "undelivered": self.env._("They left and came back, or nobody knows."),
            "late_follow_up": self.env._(
                "Their items rest until somebody takes these follow-ups up."
            ),
            "sending_off": self.env._(
                "Nothing leaves, whatever is planned and confirmed."
            ),
        }

    def _cures(self):
        """{key: how the anomaly is mended}."""
        contact = self.env._("Complete the contact of the customer.")
        assign = self.env._("Give many customers a value at once, or open one of them.")
        entry = self.env._("Open the entry and correct it in accounting.")
        return {
            "no_contact": contact,
            "wrong_email": contact,
            "bounced": contact,
            "no_address": contact,
            "no_phone": contact,
            "credit_balance": self.env._(
                "Open the customer and allocate or refund his credits."
            ),
            "hold_over": self.env._("Release the hold, or give it another end."),
            "unmapped": self.env._(
                "Allocate them, or mark their journal as holding opening receivables."
            ),
            "no_customer": entry,
            "one_sided": entry,
            "no_due": entry,
            "due_before": entry,
            "unallocated": self.env._("Allocate the credits in accounting."),
            "no_resolver": self.env._("Choose a resolver in the list of disputes."),
            "no_collector": assign,
            "no_scenario": assign,
            "empty_scenario": assign,
            "end_of_scenario": assign,
            "not_sent": self.env._("Each action offers what mends it."),
            "undelivered": self.env._("Send them again, another way, or leave them."),
            "late_follow_up": self.env._(
                "Complete the follow-up, or give it another date."
            ),
            "sending_off": self.env._("The go-live page shows what would leave."),
        }

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_can_assign(self):
        manager = self.env.user.has_group("dso_collection.group_manager")
        for insight in self:
            insight.can_assign = manager and insight.key in ASSIGNED

    def action_open_list(self):
        """The records with the anomaly; each one opens where it is mended."""
        self.ensure_one()
        self.check_access("read")
        lists = {
            "dso.account": "dso_collection.dso_account_action",
            "dso.item": "dso_collection.dso_item_action_dispute",
            "dso.item.report": ("dso_collection_reports.dso_item_report_action"),
            "dso.action": "dso_collection.dso_action_action_undelivered",
        }
        name = self._model_name()
        label = dict(self._fields["key"]._description_selection(self.env))[self.key]
        if name == "res.company":
            return self._open_go_live()
        if name in lists:
            action = self.env["ir.actions.act_window"]._for_xml_id(lists[name])
            action.pop("path", None)
        else:
            action = {
                "type": "ir.actions.act_window",
                "res_model": name,
                "view_mode": "list,form",
                "views": [(False, "list"), (False, "form")],
            }
        views = action.get("views") or []
        return {
            **action,
            "name": label,
            "domain": list(self._domain()),
            "context": {"create": False},
            # the list first, whatever the screen begins with
            "views": sorted(views, key=lambda view: view[1] != "list"),
        }

    def _open_go_live(self):
        """The page that switches sending on; for those who may."""
        if not self.env.user.has_group("dso_collection.group_manager"):
            raise UserError(self.env._("A credit manager switches sending on."))
        return self.env["ir.actions.actions"]._for_xml_id(
            "dso_collection.dso_go_live_server_action"
        )

    def action_assign(self):
        """Give all customers with the anomaly a collector or scenario at once."""
        self.ensure_one()
        if not self.can_assign:
            raise UserError(
                self.env._("Credit managers assign many customers at once.")
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_assign_action"
        )
        return {
            **action,
            "context": {
                "default_scope": "search",
                "default_domain": str(list(self._domain())),
                "dialog_size": "large",
            },
        }
