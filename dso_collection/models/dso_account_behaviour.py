"""How a customer pays: average payment delay, profile, age of what he owes."""

from odoo import api, fields, models
from odoo.tools import SQL

#: Rolling months of the average payment delay (rules.md §9).
MONTHS = 6


class DsoAccount(models.Model):
    _inherit = "dso.account"

    average_delay = fields.Float(
        "Average payment delay",
        digits=(8, 2),
        readonly=True,
        aggregator="avg",
        help="Days late of the invoices paid in the last six months, weighted by"
        " amount; negative: early.",
    )
    average_delay_count = fields.Integer(
        "Invoices paid",
        readonly=True,
        help="Paid in the last six months: what the average payment delay stands on.",
    )
    overdue_since = fields.Date(
        "Overdue since, on average",
        readonly=True,
        help="Mean due date of the overdue invoices, weighted by what is open.",
    )
    overdue_age = fields.Integer(
        "Age of the overdue",
        compute="_compute_overdue_age",
        help="Days since the due date of the overdue invoices, weighted by what is"
        " open. The average payment delay knows only what was paid.",
    )
    payment_profile_id = fields.Many2one(
        "dso.payment.profile",
        "Payment profile",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    payment_profile_color = fields.Integer(
        related="payment_profile_id.color", string="Colour of the profile"
    )
    behaviour_words = fields.Char("How he pays", compute="_compute_behaviour_words")
    behaviour_date = fields.Datetime("Payment behaviour of", readonly=True)
    behaviour_until = fields.Date(
        readonly=True, help="Day on which a payment leaves the rolling months."
    )

    @api.depends("average_delay", "average_delay_count")
    def _compute_behaviour_words(self):
        for account in self:
            days = round(account.average_delay, 1)
            if not account.average_delay_count:
                words = self.env._("nothing paid in six months")
            elif days > 0:
                words = self.env._("pays %s days late on average", f"{days:g}")
            elif days < 0:
                words = self.env._("pays %s days early on average", f"{-days:g}")
            else:
                words = self.env._("pays on the due date on average")
            account.behaviour_words = words

    @api.depends("overdue_since")
    def _compute_overdue_age(self):
        for account in self:
            since = account.overdue_since
            account.overdue_age = (
                (account.company_id._dso_today() - since).days if since else 0
            )

    @api.model
    def _refresh_behaviour(self):
        """Bring the payment behaviour of all accounts up to date, for the nightly job.

        One statement for each root company. Only accounts are looked at whose items
        changed since (every change is evaluated), or of whose payments one leaves the
        rolling months today. Accounts that another transaction holds wait for the next
        night.
        """
        self.env.flush_all()
        for company in self.env["res.company"].search([("parent_id", "=", False)]):
            self.env.cr.execute(self._behaviour_statement(company))
        self.invalidate_model(flush=False)
        self.env["dso.action"]._refresh_priority()

    @api.model
    def _behaviour_statement(self, company):
        """SQL that writes average delay, profile and age of the overdue.

        An instalment counts with its whole amount on the day of its last payment; what
        only credit notes settled was not paid. Receivable debits of sales journals and
        of opening journals are invoices (architecture, item kinds).
        """
        branches = self.env["res.company"].sudo()  # ids only, to read their lines
        branch_ids = branches.search([("id", "child_of", company.id)]).ids
        today = company._dso_today()
        return SQL(
            """
            WITH stale AS MATERIALIZED (
                SELECT a.id, a.partner_id
                  FROM dso_account a
                 WHERE a.company_id = %(company)s
                   AND (a.behaviour_date IS NULL
                        OR a.evaluated_at >= a.behaviour_date
                        OR a.behaviour_until <= %(today)s)
              ORDER BY a.id FOR NO KEY UPDATE SKIP LOCKED
            ), journal AS MATERIALIZED (
                SELECT array_agg(id) FILTER (
                           WHERE type = 'sale' OR dso_opening) AS sale,
                       array_agg(id) FILTER (WHERE type = 'sale') AS credit
                  FROM account_journal
                 WHERE company_id = ANY (%(branches)s)
            ), paid AS (
                SELECT p.commercial_partner_id AS partner_id, l.move_id, l.balance,
                       COALESCE(l.date_maturity, l.invoice_date, l.date) AS due,
                       r.last
                  FROM stale s
                  JOIN res_partner p ON p.commercial_partner_id = s.partner_id
                  JOIN account_move_line l ON l.partner_id = p.id
                   AND l.company_id = ANY (%(branches)s)
                   AND l.account_id = ANY (%(receivable)s)
                   AND l.parent_state = 'posted'
                   AND l.reconciled
                   AND l.balance > 0
                   AND l.journal_id = ANY (SELECT unnest(sale) FROM journal)
            CROSS JOIN LATERAL (
                    SELECT MAX(r.max_date) AS last
                      FROM account_partial_reconcile r
                      JOIN account_move_line x ON x.id = r.credit_move_id
                     WHERE r.debit_move_id = l.id
                       AND r.debit_amount_currency > 0
                       AND x.journal_id <> ALL (
                           SELECT unnest(credit) FROM journal)
                       ) r
                 WHERE r.last > %(since)s AND r.last <= %(today)s
            ), delay AS (
                SELECT partner_id,
                       ROUND(SUM(balance * (last - due)) / SUM(balance), 4) AS days,
                       COUNT(DISTINCT move_id) AS count,
                       (MIN(last) + %(months)s::interval)::date AS until
                  FROM paid
              GROUP BY partner_id
            ), late AS (
                SELECT p.commercial_partner_id AS partner_id,
                       DATE '2000-01-01' + ROUND(
                           SUM(l.amount_residual * (
                               COALESCE(l.date_maturity, l.invoice_date, l.date)
                               - DATE '2000-01-01'))
                           / SUM(l.amount_residual))::int AS since
                  FROM stale s
                  JOIN res_partner p ON p.commercial_partner_id = s.partner_id
                  JOIN account_move_line l ON l.partner_id = p.id
                   AND l.company_id = ANY (%(branches)s)
                   AND l.account_id = ANY (%(receivable)s)
                   AND l.parent_state = 'posted'
                   AND l.reconciled IS NOT TRUE
                   AND l.amount_residual > 0
                   AND l.journal_id = ANY (SELECT unnest(sale) FROM journal)
                   AND COALESCE(l.date_maturity, l.invoice_date, l.date) < %(today)s
              GROUP BY p.commercial_partner_id
            )
            UPDATE dso_account a
               SET average_delay = d.days, average_delay_count = d.count,
                   overdue_since = late.since, behaviour_until = d.until,
                   payment_profile_id = %(profile)s,
                   behaviour_date = NOW() AT TIME ZONE 'UTC'
              FROM stale s
         LEFT JOIN delay d ON d.partner_id = s.partner_id
         LEFT JOIN late ON late.partner_id = s.partner_id
             WHERE a.id = s.id
            """,
            company=company.id,
            today=today,
            since=fields.Date.subtract(today, months=MONTHS),
            months=f"{MONTHS} months",
            branches=branch_ids,
            receivable=self._receivable_account_ids(),
            profile=self._profile_of(SQL("d.days"), SQL("a.company_id")),
        )

    @api.model
    def _profile_of(self, days, company):
        """SQL: id of the profile of an average delay, NULL where nothing was paid.

        Profiles of the company itself replace the shared ones. The first band is open
        below.
        """
        return SQL(
            """
            CASE WHEN %(days)s IS NOT NULL THEN (
                SELECT f.id FROM dso_payment_profile f
                 WHERE f.active
                   AND (f.company_id = %(company)s
                        OR f.company_id IS NULL AND NOT EXISTS (
                            SELECT 1 FROM dso_payment_profile o
                             WHERE o.active AND o.company_id = %(company)s))
              ORDER BY f.from_days > %(days)s,
                       CASE WHEN f.from_days <= %(days)s THEN -f.from_days
                            ELSE f.from_days END, f.id
                 LIMIT 1) END
            """,
            days=days,
            company=company,
        )
