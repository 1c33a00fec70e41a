"""What tests of reports on customers have in common."""

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from odoo.addons.dso_collection.tests.common import DsoCommon, day

from ..measures import ledger


class ReportCase(DsoCommon):
    #: Model of the report.
    report = None

    def source(self, when=None, **context):
        """The report as of a day, ``"31 Oct"``, or of today."""
        self.env.flush_all()
        self.env.invalidate_all()
        if when:
            context["dso_as_of"] = fields.Date.to_string(day(when))
        return self.env[self.report].with_context(**context)

    def rows(self, when=None, domain=(), **context):
        return self.source(when, **context).search(
            [("partner_id", "=", self.customer.id), *domain]
        )

    def figures(self, *aggregates, when=None, domain=(), **context):
        """Sums over the customer's rows, as screens show them."""
        ((values),) = self.source(when, **context)._read_group(
            [("partner_id", "=", self.customer.id), *domain], [], aggregates
        )
        return values

    def open_sum(self, when=None, column="residual"):
        """What the ledger says is open on a day, over all customers."""
        self.env.flush_all()
        ((total,),) = self.env.execute_query(
            SQL(
                "SELECT COALESCE(SUM(%s), 0)::float FROM (%s) item",
                SQL.identifier(column),
                ledger.open_items(self.env.companies, day(when) if when else None),
            )
        )
        return total

    def settled(self, due, amount, late):
        """An invoice that was paid so many days after its due date."""
        due = day(due)
        invoice = self.invoice(due, amount, issued=due - timedelta(days=40))
        self.pay(invoice, on=due + timedelta(days=late))
        return invoice

    def assertSameAfter(self, when, read, *events):
        """What a report of a past day says does not change by what comes later."""
        before = read(when)
        self.assertTrue(before)
        for event in events:
            event()
            self.assertEqual(read(when), before)
