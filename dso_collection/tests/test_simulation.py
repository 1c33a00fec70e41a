"""What if: the coming days of a scenario or a customer, nothing written."""

import doctest
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.dso_collection.engine import simulation

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
class TestSimulation(DsoCommon):
    def setUp(self):
        super().setUp()
        clock = freeze_time(TODAY)
        clock.start()
        self.addCleanup(clock.stop)

    def simulate(self, scenario=None, accounts=None, **values):
        """(variant, day, action) of each line of a simulation."""
        accounts = accounts or self.account()
        record = self.env["dso.simulation"].create(
            {
                "scenario_id": scenario and scenario.id,
                "domain": repr([("id", "in", accounts.ids)]),
                "compare": False,
                **values,
            }
        )
        record.action_simulate()
        return record

    def told(self, record):
        return [(line.date, line.name) for line in record.line_ids]

    def test_doctests(self):
        """The examples in the docstrings hold."""
        result = doctest.testmod(simulation)
        self.assertGreater(result.attempted, 0)
        self.assertEqual(result.failed, 0)

    def test_steps_and_their_intervals(self):
        """rules.md §5: each step on its day, apart by L5 once one is late (E22)."""
        self.invoice("15 May")
        record = self.simulate()
        self.assertEqual(
            self.told(record),
            [
                (day("23 Nov"), "S2"),
                (day("30 Nov"), "S3"),
                (day("8 Dec"), "S4"),
                (day("20 Dec"), "S5"),
                (day("4 Jan 2027"), "S6"),
            ],
        )
        first = record.line_ids[0]
        self.assertEqual(first.amount, 1000)
        self.assertEqual(first.recipient_id, self.customer)
        self.assertEqual(first.days_late, (TODAY - day("15 May")).days)
        self.assertEqual(first.variant, "now")

    def test_only_the_days_asked_for(self):
        """The last day is the given number of days from today, today included."""
        self.invoice("15 May")
        self.assertEqual(len(self.simulate(days=7).line_ids), 1)
        self.assertEqual(len(self.simulate(days=8).line_ids), 2)
        for days in (0, 367):
            with self.assertRaises(ValidationError):
                self.simulate(days=days)

    def test_another_scenario(self):
        """L14: another scenario starts at its first step; the account keeps its own."""
        self.invoice("20 Nov")
        account = self.evaluate()
        other = self._scenario("Soft", ("T1", 5, self.phone), ("T2", 20, self.phone))
        record = self.simulate(other, compare=True)
        by_variant = record.line_ids.grouped("variant")
        self.assertEqual(
            self.told_of(by_variant["trial"]),
            [(day("25 Nov"), "T1"), (day("10 Dec"), "T2")],
        )
        self.assertEqual(by_variant["now"][0].name, "S2")
        self.assertEqual(account.scenario_id, self.scenario)
        self.assertEqual(account.proposal_id.step_id.name, "S2")

    def told_of(self, lines):
        return [(line.date, line.name) for line in lines]

    def test_changed_steps(self):
        """A step moved, one left out, one added: those who are under way go on from
        where they stand, as if the scenario had been changed so (L5)."""
        self.invoice("10 Nov")
        self.do_steps(("S2", "13 Nov"))
        self.evaluate()
        with Form(
            self.env["dso.simulation"].with_context(
                default_scenario_id=self.scenario.id,
                default_domain=repr([("id", "in", self.account().ids)]),
            )
        ) as form:
            form.compare = False
            form.step_ids.remove(3)
            with form.step_ids.edit(2) as step:
                self.assertEqual((step.name, step.days), ("S3", 10))
                step.days = 14
            with form.step_ids.new() as step:
                step.name = "Last word"
                step.action_model_id = self.phone
                step.days = 60
        record = form.record
        record.action_simulate()
        told = self.told(record)
        # the same change for real, played the same way
        steps = self.scenario.step_ids
        steps[3].active = False
        steps[2].days = 14
        self.scenario.step_ids = [
            Command.create(
                {
                    "name": "Last word",
                    "action_model_id": self.phone.id,
                    "days": 60,
                    "sequence": 100,
                }
            )
        ]
        self.assertEqual(told, self.told(self.simulate()))
        self.assertIn((day("24 Nov"), "S3"), told)
        self.assertNotIn("S4", [name for _day, name in told])
        self.assertEqual(told[-1][1], "Last word")

    def test_order_of_tried_steps(self):
        """What a scenario refuses is refused when it is tried."""
        self.invoice("20 Nov")
        record = self.env["dso.simulation"].create({"scenario_id": self.scenario.id})
        record.step_ids[1].days = 100
        with self.assertRaisesRegex(ValidationError, "order of their days"):
            record.action_simulate()

    def test_sending_days(self):
        """E21: what leaves by itself waits for a sending day, and so do later steps."""
        self.email.mode = "auto"
        self.company.dso_sending_calendar_id = self.env.ref(
            "dso_collection.sending_calendar"
        )
        self.invoice("10 Nov")
        self.do_steps(("S2", "13 Nov"), ("S3", "20 Nov"))
        # S4 falls on Saturday 28 November
        told = self.told(self.simulate())
        self.assertEqual(told[:2], [(day("30 Nov"), "S4"), (day("12 Dec"), "S5")])
        self.email.mode = "manual"
        self.assertEqual(self.told(self.simulate())[0], (day("28 Nov"), "S4"))

    def test_dispute_ends_and_item_comes_back(self):
        """E10, Q6: the follow-up is listed; its item leads again when it is done."""
        invoice = self.invoice("5 Oct")
        status = self.status("dispute", delay=4)
        self.status("dispute_resolved")
        invoice.dso_qualify(status, "Price")
        record = self.simulate()
        kinds = [(line.date, line.kind) for line in record.line_ids[:2]]
        self.assertEqual(
            kinds, [(day("27 Nov"), "specific"), (day("27 Nov"), "scenario")]
        )
        first = record.line_ids[0]
        self.assertEqual(first.amount, 1000)
        self.assertEqual(first.leader_date, day("5 Oct"))
        self.assertEqual(first.name, self.account().open_action_ids.display_name)

    def test_hold_ends(self):
        """§10: nothing while the customer rests, everything on the day after."""
        self.invoice("15 May")
        account = self.account()
        account.write({"hold_reason": "pause", "hold_until": day("10 Dec")})
        self.assertEqual(self.told(self.simulate())[0], (day("11 Dec"), "S2"))
        account.hold_until = False
        self.assertFalse(self.simulate().line_ids)

    def test_problem_is_told(self):
        """L17: what could not leave by itself is marked, as in the agenda."""
        self.email.mode = "auto_confirm"
        self.customer.email = False
        self.invoice("15 May")
        lines = self.simulate().line_ids
        self.assertEqual(lines[0].problem, "no_contact")
        self.assertFalse(lines[1].problem, "a call")

    def test_nothing_is_written(self):
        """A simulation leaves accounts, actions and scenarios as they are."""
        self.invoice("15 May")
        account = self.evaluate()
        before = (
            account.read()[0],
            account.action_ids.read(),
            self.scenario.step_ids.read(),
        )
        self.env.flush_all()
        self.simulate(self.scenario, compare=True)
        self.env.invalidate_all()
        self.assertEqual(
            before,
            (
                account.read()[0],
                account.action_ids.read(),
                self.scenario.step_ids.read(),
            ),
        )

    def test_queries(self):
        """Set-based: as many queries for twenty customers as for one."""
        accounts = self.env["dso.account"]
        for number in range(20):
            partner = self._customer(f"Many {number}")
            self.many_items(1, partner)
            accounts |= accounts._of_partner(partner)
        accounts.evaluate(TODAY)
        self.env.flush_all()
        counts = []
        for some in (accounts[:1], accounts):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._simulate(60)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_rights(self):
        """Collectors simulate; others are refused, and nobody sees another's."""
        self.invoice("15 May")
        account = self.evaluate()
        users = {
            name: self.env["res.users"].create(
                {
                    "name": name,
                    "login": f"what_if_{name}",
                    "group_ids": [
                        Command.set(
                            [
                                self.env.ref("base.group_user").id,
                                self.env.ref(f"dso_collection.group_{name}").id,
                            ]
                        )
                    ],
                }
            )
            for name in ("viewer", "resolver", "collector", "manager")
        }
        for name in ("viewer", "resolver"):
            with self.assertRaises(AccessError):
                account.with_user(users[name]).action_simulate()
        action = account.with_user(users["collector"]).action_simulate()
        lines = self.env["dso.simulation.line"].with_user(users["collector"])
        lines = lines.search(action["domain"])
        self.assertTrue(lines.read(["name"]))
        with self.assertRaises(AccessError):
            lines.with_user(users["manager"]).read(["name"])

    def test_no_customer(self):
        """A search that finds nobody is told, and one that cannot be read."""
        record = self.env["dso.simulation"].create(
            {"domain": "[('partner_id.name', '=', 'nobody at all')]"}
        )
        with self.assertRaisesRegex(UserError, "No customer"):
            record.action_simulate()
        with self.assertRaisesRegex(UserError, "cannot be read"):
            record.domain = "[('partner_id'"
            record.action_simulate()

    def test_other_company(self):
        """Company is part of every key: another company's customers stay out."""
        self.invoice("15 May")
        self.evaluate()
        other = self.setup_other_company(name="Elsewhere")["company"]
        record = self.env["dso.simulation"].create({"company_id": other.id})
        with self.assertRaisesRegex(UserError, "No customer"):
            record.action_simulate()

    def test_line_opens_its_customer(self):
        """A line leads to the customer record."""
        self.invoice("15 May")
        line = self.simulate().line_ids[0]
        self.assertEqual(line.action_open_account()["res_id"], self.account().id)
        self.assertEqual(line.date, date(2026, 11, 23))
