"""Daily limits: to a customer and in all; people are told, never held back."""

from datetime import datetime

import psycopg2

from odoo import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .sending_common import TODAY, SendingCommon, day


@tagged("post_install", "-at_install")
class TestDailyLimits(SendingCommon):
    def specific(self, invoice, mode="auto"):
        with freeze_time(TODAY):
            action = self.env["dso.action"].create(
                {
                    "account_id": self.account().id,
                    "company_id": self.company.id,
                    "action_model_id": self.email.id,
                    "kind": "specific",
                    "mode": mode,
                    "date": TODAY,
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": self.account().id,
                                "move_id": invoice.id,
                                "move_name": invoice.name,
                            }
                        )
                    ],
                }
            )
        self.evaluate()
        return action

    def three(self):
        """Three automatic e-mails that are due for one customer."""
        return self.env["dso.action"].union(
            *(self.specific(self.invoice(f"{number} Nov")) for number in (18, 19, 20))
        )

    def customers(self, number):
        for count in range(number):
            partner = self._customer(f"C{count}", email=f"c{count}@customer.example")
            self.invoice("20 Nov", partner=partner)
            self.evaluate(TODAY, self.account(partner))

    def test_customer(self):
        """§1.3: the third message to a customer waits for the next day, and says so."""
        actions = self.three()
        self.assertEqual(self.company.dso_cap_customer, 2)
        self.assertEqual(len(self.send()), 2)
        waiting = actions.filtered(lambda a: not a.left_on)
        self.assertEqual(waiting, actions[-1])
        with freeze_time(TODAY):
            waiting.invalidate_recordset(["held"])
            self.assertIn("written to today", waiting.held)
            self.assertEqual(waiting.colour, "green", "held, never yellow")
        self.assertEqual(self.send(), [], "nor later on that day")
        self.send(day("24 Nov"))
        self.assertEqual(waiting.left_on, day("24 Nov"))

    def test_none(self):
        """0: any number leaves."""
        self.company.dso_cap_customer = 0
        self.three()
        self.assertEqual(len(self.send()), 3)

    def test_customers_do_not_share(self):
        """One customer's limit is not another's."""
        self.company.dso_cap_customer = 1
        self.customers(3)
        self.assertEqual(len(self.send()), 3)

    def test_company(self):
        """§1.3: what is above the company's limit leaves on the next days."""
        self.company.dso_cap_company = 2
        self.customers(3)
        self.assertEqual(len(self.send()), 2)
        waiting = self.env["dso.action"].search(
            [("state", "=", "planned"), ("mode", "=", "auto"), ("date", "<=", TODAY)]
        )
        self.assertEqual(len(waiting), 1)
        with freeze_time(TODAY):
            self.assertIn("limit of 2 messages", waiting.held)
        self.assertEqual(self.send(), [])
        self.assertEqual(len(self.send(day("24 Nov"))), 1)

    def test_company_of_its_own(self):
        """Company is part of the key: another one's messages are not counted."""
        self.company.dso_cap_company = 1
        other = self.env["res.company"].create({"name": "Other"})
        self.customers(1)
        self.assertEqual(len(self.send()), 1)
        with freeze_time(TODAY):
            actions = self.env["dso.action"]
            self.assertEqual(sum(actions._written_today(self.company).values()), 1)
            self.assertEqual(actions._written_today(other), {})

    def test_person_is_told_not_held(self):
        """A person sends above the limit, and is told."""
        self.company.dso_cap_customer = 1
        first = self.specific(self.invoice("18 Nov"))
        self.assertEqual(len(self.send()), 1)
        second = self.specific(self.invoice("19 Nov"), mode="manual")
        with freeze_time(TODAY):
            notice = second.action_send()["params"]["message"]
        self.assertIn("Written to before today: Customer", notice)
        self.assertEqual(second.delivery, "queued")
        self.assertEqual(first.delivery, "sent")

    def test_people_count(self):
        """What a person has sent is counted: the automatic one waits."""
        self.company.dso_cap_customer = 1
        manual = self.specific(self.invoice("18 Nov"), mode="manual")
        with freeze_time(TODAY):
            notice = manual.action_send()["params"]["message"]
            self.assertNotIn("before", notice)
        self.specific(self.invoice("19 Nov"))
        self.assertEqual(len(self.send()), 1)
        self.assertEqual(manual.delivery, "sent")

    def test_withdrawn_does_not_count(self):
        """What never left uses nothing up."""
        self.company.dso_cap_customer = 1
        invoice = self.invoice("18 Nov")
        first = self.specific(invoice)
        self.send(outbox=False)
        with freeze_time(TODAY):
            self.pay(invoice)
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual(first.state, "cancelled")
        self.specific(self.invoice("19 Nov"))
        self.assertEqual(len(self.send()), 1)

    def test_colleagues_are_not_customers(self):
        """Internal messages neither count nor wait."""
        self.company.dso_cap_customer = 1
        self.company.dso_cap_company = 1
        self.email.interactive = "internal"
        actions = self.three()
        self.assertEqual(set(actions.mapped("interactive")), {"internal"})
        self.assertEqual(len(self.send()), 3)

    def test_claim_counts_again(self):
        """A list that was read before another worker sent is counted again."""
        self.company.dso_cap_customer = 1
        actions = self.three()
        with freeze_time(TODAY), self.mock_mail_gateway():
            waiting = self.env["dso.action"]._waiting_ids(self.company)
            self.assertEqual(len(waiting), 1)
            actions._send_chunk(actions.ids)
            self.env.flush_all()
        self.assertEqual(actions.mapped("delivery"), ["queued", False, False])

    def test_another_worker_counts(self):
        """With a limit of the company one worker sends at a time; the others leave it
        alone, and the lock ends with the run."""
        self.company.dso_cap_company = 5
        self.customers(1)
        with self.registry.cursor() as cr:
            cr.execute("SELECT pg_advisory_lock(%s, %s)", [19052026, self.company.id])
            try:
                self.assertEqual(self.send(), [])
            finally:
                cr.execute("SELECT pg_advisory_unlock_all()")
        self.assertEqual(len(self.send()), 1)
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT pg_try_advisory_lock(%s, %s)", [19052026, self.company.id]
            )
            self.assertEqual(cr.fetchone(), (True,))
            cr.execute("SELECT pg_advisory_unlock_all()")

    def test_by_the_companys_day(self):
        """Case 37: the day is that of the company's time zone."""
        self.company.dso_tz = "Pacific/Auckland"
        self.company.dso_cap_customer = 1
        self.specific(self.invoice("18 Nov"))
        self.specific(self.invoice("19 Nov"))
        # 10:00 and 23:30 in Auckland are on 23 November, 01:00 is on the next day
        self.assertEqual(len(self.send(datetime(2026, 11, 22, 21))), 1)
        self.assertEqual(len(self.send(datetime(2026, 11, 23, 10, 30))), 0)
        self.assertEqual(len(self.send(datetime(2026, 11, 23, 12, 0))), 1)

    @mute_logger("odoo.sql_db")
    def test_not_negative(self):
        """Limits are no negative numbers."""
        for name in ("dso_cap_customer", "dso_cap_company"):
            with self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
                self.company[name] = -1
                self.env.flush_all()
