"""What to do next: the table that a company edits (rules.md §8)."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.dso_collection.engine.evaluation import KIND
from odoo.addons.dso_collection.models.dso_action_model import MODES

#: Situations of an account, as the nightly job finds them.
OF_ACCOUNTS = ("broken", "silence", "late", "contact", "risk")
#: Types of message that a customer should have answered.
REMINDERS = ("email", "sms", "letter", "letter_ar", "fax")
#: Invoices paid in six months that make an average delay one to rely on.
ENOUGH_PAID = 3


class DsoMaiaRule(models.Model):
    """In this situation, that action: one row of the table.

    The status's own settings come first. Of several situations of one account the first
    row of the table counts.
    """

    _name = "dso.maia.rule"
    _description = "Next Action"
    _order = "sequence, id"
    _rec_name = "action_model_id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: shared by all companies.")
    situation = fields.Selection(
        [
            ("reply", "A reply says"),
            ("no_date", "A promise without a day"),
            ("broken", "Promises broken within a year"),
            ("silence", "Messages without an answer"),
            ("late", "Later than the customer usually pays"),
            ("contact", "Reminders reach nobody"),
            ("risk", "Over the credit limit"),
        ],
        required=True,
        default="reply",
    )
    reason_id = fields.Many2one("dso.maia.reason", "What it says", ondelete="cascade")
    threshold = fields.Integer(
        "From",
        default=1,
        aggregator=None,
        help="So many broken promises, messages without an answer, days later than"
        " usual.",
    )
    action_model_id = fields.Many2one(
        "dso.action.model", "Action", required=True, check_company=True
    )
    days = fields.Integer("After days", aggregator=None)
    mode = fields.Selection(MODES, help="Empty: as the action model says.")
    trigger = fields.Selection(
        [("suggest", "Suggest it"), ("plan", "Plan it by itself")],
        "MAIA may",
        required=True,
        default="suggest",
        help="What is planned by itself stands in the agenda; whether it leaves by"
        " itself is for its mode to say.",
    )
    recipient = fields.Selection(
        [
            ("customer", "The customer"),
            ("resolver", "A colleague"),
            ("collector", "The collector"),
        ],
        "Goes to",
        compute="_compute_recipient",
    )

    _days_positive = models.Constraint(
        "CHECK(days >= 0)", "An action cannot be planned before its reason."
    )
    _threshold_positive = models.Constraint(
        "CHECK(threshold >= 1)", "The number from which a row counts is 1 or more."
    )

    @api.depends("action_model_id")
    def _compute_recipient(self):
        for rule in self:
            rule.recipient = self._goes_to(rule.action_model_id)

    @api.model
    def _goes_to(self, model):
        """Whom an action of this model is for: key of :attr:`recipient`."""
        if model.interactive == "internal":
            return "resolver"
        return "collector" if model.type in ("follow_up", "litigation") else "customer"

    @api.constrains("situation", "reason_id")
    def _check_reason(self):
        for rule in self:
            if (rule.situation == "reply") != bool(rule.reason_id):
                raise ValidationError(
                    self.env._(
                        "Choose what the reply says, and only where a reply says it."
                    )
                )

    @api.constrains("mode", "action_model_id", "trigger")
    def _check_mode(self):
        """A formal notice and litigation stay with persons (rules.md §2)."""
        for rule in self:
            if rule.mode:
                rule.action_model_id._check_mode(rule.mode)
            model = rule.action_model_id
            if rule.trigger == "plan" and (
                model.formal_notice or model.type == "litigation"
            ):
                raise ValidationError(
                    self.env._(
                        "%s is planned by a person only: let it be suggested.",
                        model.name,
                    )
                )

    # -------------------------------------------------------------------------
    # WHAT A REPLY ASKS FOR
    # -------------------------------------------------------------------------

    @api.model
    def _of_reply(self, company, situation, reason=None):
        """The row for what a reply says; a company's own before a shared one.

        :param company: res.company, the root of an account
        :param situation: ``reply`` with a reason, or ``no_date``
        """
        rules = self.search(
            Domain("situation", "=", situation)
            & Domain("reason_id", "=", reason.id if reason else False)
            & Domain("company_id", "in", (False, company.id))
        )
        return rules.sorted(lambda r: (not r.company_id, r.sequence, r.id))[:1]

    # -------------------------------------------------------------------------
    # WHICH ACCOUNTS ARE IN A SITUATION
    # -------------------------------------------------------------------------

    def _accounts(self, company):
        """Accounts of a company in the situation of this row.

        :return: {account id: facts}, facts being plain values for the words
        """
        self.ensure_one()
        Account = self.env["dso.account"]
        if self.situation in ("contact", "risk"):
            domain = {
                "contact": Domain("missing_contact", "=", True),
                "risk": Domain("credit_state", "=", "over"),
            }[self.situation]
            own = Domain("company_id", "=", company.id)
            found = Account.search(own & Domain("amount_overdue", ">", 0) & domain)
            return dict.fromkeys(found.ids, {})
        query = getattr(self, f"_query_{self.situation}")(company)
        return {
            row.pop("account_id"): {
                key: value if isinstance(value, int) else str(value)
                for key, value in row.items()
            }
            for row in self.env.execute_query_dict(query)
        }

    def _query_broken(self, company):
        today = company._dso_today()
        return SQL(
            """
            SELECT account_id, COUNT(*)::int AS count, MAX(date) AS date
              FROM dso_promise
             WHERE company_id = %s AND state = 'broken'
               AND date_limit > %s
          GROUP BY account_id HAVING COUNT(*) >= %s
            """,
            company.id,
            fields.Date.subtract(today, years=1),
            self.threshold,
        )

    def _query_silence(self, company):
        """Messages that left since the customer was last heard of: by an answer, by
        what somebody noted of his items, by money of his or of who is grouped under
        him."""
        today = company._dso_today()
        # ids only, to count their lines: the job reads for all of a root company
        branches = self.env["res.company"].sudo()
        return SQL(
            """
            WITH message AS MATERIALIZED (
                SELECT x.account_id, x.date_done AS day
                  FROM dso_action x
                  JOIN dso_action_model m ON m.id = x.action_model_id
                   AND m.type IN %(types)s
                 WHERE x.company_id = %(company)s AND x.state = 'done'
                   AND x.date_done > %(since)s
                   AND COALESCE(x.delivery, '') NOT IN ('failed', 'bounced')
            ), written AS MATERIALIZED (
                SELECT account_id AS id FROM message
              GROUP BY account_id HAVING COUNT(*) >= %(threshold)s
            ), heard AS (
                SELECT account_id, MAX(day) AS day FROM (
                    SELECT account_id, date::date AS day FROM dso_reply
                     WHERE company_id = %(company)s
                 UNION ALL
                    SELECT account_id, status_date FROM dso_qualification
                     WHERE company_id = %(company)s
                 UNION ALL
                    SELECT w.id, l.date
                      FROM written w
                      JOIN dso_account a ON COALESCE(a.head_id, a.id) = w.id
                      JOIN res_partner p ON p.commercial_partner_id = a.partner_id
                      JOIN account_move_line l ON l.partner_id = p.id
                       AND l.company_id = ANY (%(branches)s)
                       AND l.account_id = ANY (%(receivable)s)
                       AND l.parent_state = 'posted' AND l.balance < 0
                       AND l.date > %(since)s AND l.date <= %(today)s
                      JOIN account_move m ON m.id = l.move_id
                      JOIN account_journal j ON j.id = m.journal_id
                     WHERE j.type IN ('bank', 'cash', 'credit')
                        OR %(kind)s = 'payment'
                       ) s GROUP BY account_id
            )
            SELECT x.account_id, COUNT(*)::int AS count, MIN(x.day) AS date
              FROM message x
              JOIN written w ON w.id = x.account_id
         LEFT JOIN heard ON heard.account_id = x.account_id
             WHERE heard.day IS NULL OR x.day > heard.day
          GROUP BY x.account_id HAVING COUNT(*) >= %(threshold)s
            """,
            company=company.id,
            branches=branches.search([("id", "child_of", company.id)]).ids,
            receivable=self.env["dso.account"]._receivable_account_ids(),
            kind=KIND,
            types=REMINDERS,
            since=fields.Date.subtract(today, years=1),
            today=today,
            threshold=self.threshold,
        )

    def _query_late(self, company):
        return SQL(
            """
            SELECT id AS account_id,
                   (%(today)s - overdue_since - ROUND(average_delay))::int AS days,
                   ROUND(average_delay)::int AS usual
              FROM dso_account
             WHERE company_id = %(company)s AND average_delay_count >= %(enough)s
               AND %(today)s - overdue_since - ROUND(average_delay) >= %(threshold)s
            """,
            company=company.id,
            today=company._dso_today(),
            enough=ENOUGH_PAID,
            threshold=self.threshold,
        )
