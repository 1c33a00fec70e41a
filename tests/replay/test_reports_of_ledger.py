"""Reports on a real ledger at three dates, against figures reckoned from its file.

The file is read here a second time, by nothing but the csv module, and every figure is
reckoned invoice by invoice; the reports read the same invoices, payments and disputes
from Odoo's ledger as of the same days.
"""

import csv
from datetime import date, datetime, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from dso_setup import ledger
from replayed_ledger import ledger_file

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from odoo.addons.dso_collection_reports.measures import ledger as measure
from odoo.addons.dso_collection_reports.measures import payments

#: When the last invoice of the file is settled.
END = date(2014, 1, 31)
DATES = (date(2012, 12, 31), date(2013, 5, 17), date(2013, 9, 30))
#: Disputed invoices that get a history of disputes: enough to see every case.
DISPUTED = 120


def _day(text):
    return datetime.strptime(text, "%m/%d/%Y").date()


class Row:
    """An invoice as the file tells it."""

    def __init__(self, cells):
        self.number = cells["invoiceNumber"]
        self.customer = cells["customerID"]
        self.issued = _day(cells["InvoiceDate"])
        self.due = _day(cells["DueDate"])
        self.amount = Decimal(cells["InvoiceAmount"])
        self.settled = max(_day(cells["SettledDate"]), self.issued)
        self.disputed = cells["Disputed"] == "Yes"

    def open_on(self, day):
        return self.issued <= day < self.settled

    @property
    def late(self):
        return (self.settled - self.due).days

    @property
    def dispute(self):
        """The days on which its dispute begins and ends, as this test has it."""
        began = self.issued + timedelta(days=3)
        return began, began + timedelta(days=int(self.number[-2:]) % 25 + 1)


def _average(pairs):
    """Average of (days, weight)."""
    whole = sum(weight for _days, weight in pairs)
    return float(sum(days * weight for days, weight in pairs) / whole)


@tagged("post_install", "-at_install")
class TestReportsOfLedger(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = ledger_file()
        with path.open(newline="") as file:
            cls.rows = [Row(cells) for cells in csv.DictReader(file)]
        cls.company = ledger.load(cls.env, ledger.read(path), END)
        cls.env = cls.company.with_context(
            allowed_company_ids=cls.company.ids, tracking_disable=True
        ).env
        cls.company = cls.company.with_env(cls.env)

    def report(self, name, day):
        self.env.flush_all()
        return self.env[name].with_context(dso_as_of=day.isoformat())

    def figures(self, name, day, *aggregates, domain=()):
        [values] = self.report(name, day)._read_group(
            [("company_id", "=", self.company.id), *domain], [], aggregates
        )
        return values

    def test_average_delay(self):
        """R3: of the company and of each customer, six rolling months weighted by
        amount."""
        for day in DATES:
            since = day - relativedelta(months=6)
            paid = [row for row in self.rows if since < row.settled <= day]
            self.assertGreater(len(paid), 100)
            delay, amount, count = self.figures(
                "dso.delay.report",
                day,
                "delay:avg",
                "paid_amount:sum",
                "__count",
                domain=[("recent", "=", True), ("state", "=", "paid")],
            )
            self.assertEqual(count, len(paid))
            self.assertAlmostEqual(amount, float(sum(row.amount for row in paid)), 2)
            self.assertAlmostEqual(
                delay, _average([(row.late, row.amount) for row in paid]), 6
            )
            found = {
                self.env["res.partner"].browse(partner).name: float(days)
                for partner, days in self.env.execute_query(
                    SQL(
                        "SELECT partner_id, days FROM (%s) average",
                        payments.average_delays(self.company, day),
                    )
                )
            }
            self.assertEqual(set(found), {row.customer for row in paid})
            for customer, days in found.items():
                own = [r for r in paid if r.customer == customer]
                self.assertAlmostEqual(
                    days, _average([(row.late, row.amount) for row in own]), 3
                )

    def test_delay_with_unpaid(self):
        """Overdue invoices count with the days that they are late so far."""
        for day in DATES:
            since = day - relativedelta(months=6)
            pairs = [
                (row.late, row.amount)
                for row in self.rows
                if since < row.settled <= day
            ] + [
                ((day - row.due).days, row.amount)
                for row in self.rows
                if row.open_on(day) and row.due < day
            ]
            [delay] = self.figures(
                "dso.delay.report",
                day,
                "delay_with_unpaid:avg",
                domain=[("recent", "=", True)],
            )
            self.assertAlmostEqual(delay, _average(pairs), 6)

    def test_payment_schedule(self):
        """R5: collectable, collected and what remains of each month."""
        for day in DATES:
            start = day.replace(day=1)
            end = start + relativedelta(months=1)
            known = [
                row
                for row in self.rows
                if row.open_on(start - timedelta(days=1)) or start <= row.issued <= day
            ]
            due = [row for row in known if row.due < end]
            collectable, collected, remains, efficiency = self.figures(
                "dso.schedule.report",
                day,
                "collectable:sum",
                "collected_due:sum",
                "remains:sum",
                "efficiency:avg",
            )
            in_time = sum(row.amount for row in due if row.settled <= day)
            whole = sum(row.amount for row in due)
            self.assertAlmostEqual(collectable, float(whole), 2)
            self.assertAlmostEqual(collected, float(in_time), 2)
            self.assertAlmostEqual(efficiency, float(in_time / whole), 6)
            self.assertAlmostEqual(
                remains,
                float(sum(row.amount for row in known if row.settled > day)),
                2,
            )

    def test_overdue_trend(self):
        """What was overdue at the end of each month of a year."""
        for day in DATES[1:]:
            groups = dict(
                self.report("dso.trend.report", day)
                .with_context(dso_trend="month")
                ._read_group(
                    [("company_id", "=", self.company.id)],
                    ["day:day"],
                    ["overdue:sum"],
                )
            )
            for end in measure.trend(day, "month"):
                overdue = sum(
                    row.amount
                    for row in self.rows
                    if row.open_on(end) and row.due < end
                )
                self.assertAlmostEqual(groups.get(end, 0), float(overdue), 2)

    def test_disputes(self):
        """Which disputes were open, how old, how long the closed ones took."""
        disputed = [row for row in self.rows if row.disputed][:DISPUTED]
        moves = {
            move.name: move
            for move in self.env["account.move"].search(
                [("name", "in", [row.number for row in disputed])]
            )
        }
        for move in moves.values():
            self.env["dso.account"]._of_partner(move.partner_id, self.company)
        dispute, resolved = (
            self.env["dso.status"].search([("type", "=", kind)], limit=1)
            for kind in ("dispute", "dispute_resolved")
        )
        for place, status in enumerate((dispute, resolved)):
            by_day = {}
            for row in disputed:
                on = row.dispute[place]
                by_day[on] = by_day.get(on, moves[row.number]) | moves[row.number]
            for on, those in sorted(by_day.items()):
                those.dso_qualify(status, "", status_date=on, follow_up=False)
        for day in DATES:
            begun = [row for row in disputed if row.dispute[0] <= day]
            closed = [row for row in begun if row.dispute[1] <= day]
            still = [row for row in begun if row.dispute[1] > day]
            domain = [("move_id", "in", [move.id for move in moves.values()])]
            days, count = self.figures(
                "dso.dispute.report",
                day,
                "days:avg",
                "__count",
                domain=[*domain, ("state", "=", "closed")],
            )
            self.assertEqual(count, len(closed))
            self.assertAlmostEqual(
                days,
                _average([((r.dispute[1] - r.dispute[0]).days, 1) for r in closed]),
                4,
            )
            age, count = self.figures(
                "dso.dispute.report",
                day,
                "age:avg",
                "__count",
                domain=[*domain, ("state", "=", "open")],
            )
            self.assertEqual(count, len(still))
            if still:
                self.assertAlmostEqual(
                    age, _average([((day - r.dispute[0]).days, 1) for r in still]), 4
                )
