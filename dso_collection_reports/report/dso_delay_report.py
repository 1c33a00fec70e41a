"""Average payment delay and payment profiles (rules.md §9, R3)."""

from odoo import fields, models
from odoo.tools import SQL

from ..measures import ledger, payments
from .as_of import AS_OF, Figure

#: Months of payments that a trend can be drawn of.
HISTORY = 24


class DsoDelayReport(models.Model):
    """One row per instalment of an invoice: paid within two years, or overdue and not
    paid. The average delay is that of paid ones; the delay with unpaid ones counts what
    is overdue with the days that it is late so far, for an average of payments says
    nothing of who does not pay."""

    _name = "dso.delay.report"
    _description = "Payment Delays"
    _inherit = "dso.report.item.row"
    _auto = False
    _rec_name = "move_id"
    _order = "paid desc, id"

    _row_ratios = {
        "delay": ("paid_days", "paid_amount"),
        "delay_with_unpaid": ("all_days", "amount"),
    }

    state = fields.Selection([("paid", "Paid"), ("unpaid", "Unpaid, overdue")], **AS_OF)
    due = fields.Date("Due date", **AS_OF)
    paid = fields.Date("Paid on", **AS_OF)
    days = fields.Integer(
        "Days late", **AS_OF, aggregator=None, help="Negative: paid early."
    )
    recent = fields.Boolean(
        "Last six months",
        **AS_OF,
        help="Paid within the six rolling months of the average delay, or not paid.",
    )
    payment_profile_id = fields.Many2one(
        "dso.payment.profile",
        "Payment profile",
        **AS_OF,
        help="That of the customer's average delay on the day of the report.",
    )
    amount = fields.Monetary(**AS_OF)
    paid_amount = fields.Monetary("Paid", **AS_OF)
    unpaid_amount = fields.Monetary("Unpaid, overdue", **AS_OF)
    delay = Figure(
        "Average payment delay",
        **AS_OF,
        digits=(8, 2),
        aggregator="avg",
        help="Days late of what was paid, weighted by amount; negative: early.",
    )
    delay_with_unpaid = Figure(
        "Delay with unpaid",
        **AS_OF,
        digits=(8, 2),
        aggregator="avg",
        help="The same with overdue invoices, as many days late as they are so far.",
    )

    def _row_query(self, companies, as_of):
        self.env["dso.payment.profile"].flush_model()
        return SQL(
            """
            WITH profile AS MATERIALIZED (
                SELECT d.root_id, d.partner_id, %(profile)s AS profile_id
                  FROM (%(averages)s) d
            )
            SELECT l.*, f.profile_id AS payment_profile_id,
                   CASE WHEN l.state = 'paid' THEN l.amount ELSE 0 END AS paid_amount,
                   CASE WHEN l.state = 'paid' THEN 0 ELSE l.amount END AS unpaid_amount,
                   CASE WHEN l.state = 'paid' THEN l.days END AS delay,
                   l.days AS delay_with_unpaid,
                   CASE WHEN l.state = 'paid' THEN l.amount * l.days END AS paid_days,
                   l.amount * l.days AS all_days
              FROM (
                SELECT id, move_id, company_id, root_id, partner_id, amount, due, paid,
                       days, recent, 'paid' AS state
                  FROM (%(paid)s) paid
             UNION ALL
                SELECT id, move_id, company_id, root_id, partner_id, residual, due,
                       NULL, day - due, TRUE, 'unpaid'
                  FROM (%(open)s) open
                 WHERE residual > 0 AND due < day AND kind = 'invoice'
                   ) l
         LEFT JOIN profile f
                ON f.root_id = l.root_id AND f.partner_id = l.partner_id
            """,
            profile=self.env["dso.account"]._profile_of(
                SQL("d.days"), SQL("d.root_id")
            ),
            averages=payments.average_delays(companies, as_of),
            paid=payments.paid_instalments(companies, as_of, HISTORY),
            open=ledger.open_lines(companies, as_of),
        )

    # -------------------------------------------------------------------------
    # TABLE
    # -------------------------------------------------------------------------

    _report_key = "payment_delay"
    _report_sequence = 40
    _report_group_by = ("payment_profile_id", "partner_id")
    _report_domain = (("recent", "=", True),)
    _report_main = "paid_amount"
    _report_item_fields = (
        "partner_id",
        "move_id",
        "state",
        "due",
        "paid",
        "days",
        "amount",
        "payment_profile_id",
        "collector_id",
        "company_id",
    )

    def _report_columns(self, options):
        """Paid and unpaid amounts, and both averages (rules.md R3)."""
        return [
            self._row_count_column(self.env._("Instalments")),
            self._row_column("paid_amount", "money"),
            self._row_column("delay", "days", total="formula"),
            self._row_column("unpaid_amount", "money"),
            self._row_column("delay_with_unpaid", "days", total="formula"),
        ]
