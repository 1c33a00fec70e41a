"""The page Go live: what would leave on the first day, the checks, the switch."""

from datetime import date, datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, day
from .test_settings import SettingsCommon


@tagged("post_install", "-at_install")
class TestGoLive(SettingsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.email.mode = "auto_confirm"
        cls.manager = new_test_user(
            cls.env,
            "go_live_manager",
            "base.group_user,dso_collection.group_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.collector = new_test_user(
            cls.env,
            "go_live_collector",
            "base.group_user,dso_collection.group_collector",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def setUp(self):
        super().setUp()
        frozen = freeze_time("2026-11-23 10:00:00")  # a Monday, the window is open
        frozen.start()
        self.addCleanup(frozen.stop)

    def page(self, user=None):
        env = self.env(user=user or self.manager)
        return env["dso.go.live"].browse(env["dso.go.live"].action_open()["res_id"])

    def proposal(self, name, due, amount=1000.0, partner=None, **values):
        """The proposal for a new customer with one invoice."""
        partner = partner or self._customer(name, **values)
        self.invoice(due, amount, partner=partner)
        return self.evaluate(account=self.account(partner)).proposal_id

    # -------------------------------------------------------------------------
    # WHAT WOULD LEAVE
    # -------------------------------------------------------------------------

    def test_counts_by_fate_step_and_age(self):
        """Confirmed or fully automatic leaves; the rest waits or has a problem."""
        self.proposal("Waits", "18 Nov", 100)
        self.proposal("Leaves", "19 Nov", 200).action_confirm()
        self.proposal("Old", date(2026, 6, 1), 400).action_confirm()
        self.proposal("No address", "20 Nov", 800, email=False)
        page = self.page()
        self.assertEqual(
            (page.at_once_count, page.at_once_amount), (2, 600), page.overview
        )
        self.assertEqual((page.to_confirm_count, page.problem_count), (1, 1))
        s2 = self.scenario.step_ids[1].id
        self.assertEqual(
            sorted(page._read_messages()),
            [
                ("at_once", s2, None, "d30", 1, 200),
                ("at_once", s2, None, "older", 1, 400),
                ("problem", s2, None, "d30", 1, 800),
                ("to_confirm", s2, None, "d30", 1, 100),
            ],
        )
        self.assertIn("S2", page.overview)
        self.assertIn("STD", page.overview)

    def test_ages_of_the_leader(self):
        for days, due in enumerate(
            ("24 Nov", "23 Nov", "22 Nov", "24 Oct", "23 Oct", "24 Sep", "23 Sep")
            + ("25 Aug", "24 Aug")
        ):
            proposal = self.proposal(f"Customer {days}", due)
            proposal._engine().write({"date": TODAY})
        cells = self.page()._cells(self.page()._read_messages())
        self.assertEqual([count for count, _amount in cells], [2, 2, 2, 2, 1, 9])
        self.assertEqual(cells[-1][1], 9000)

    def test_only_automatic_emails_that_are_due(self):
        """Not what is later, done by hand, of another channel, or closed."""
        self.proposal("Later", "22 Nov").action_confirm()  # S2 on the 25th
        phone = self.proposal("Phone", "1 Nov")
        phone._engine().mode = "manual"
        phone._engine().action_model_id = self.phone
        by_hand = self.proposal("By hand", "19 Nov")
        by_hand._engine().write({"mode": "manual"})
        self.proposal("Done", "19 Nov").action_done()
        text = self._model("Text", "sms", template=True, mode="auto")
        sms = self.proposal("SMS", "19 Nov")
        sms._engine().action_model_id = text
        sms._engine().mode = "auto"
        page = self.page()
        self.assertFalse(page._read_messages())
        self.assertFalse(page.at_once_count)
        self.assertIn("nothing would leave", page.overview)

    def test_specific_actions_have_the_age_of_their_items(self):
        invoice = self.invoice("1 Sep", 300)
        self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "kind": "specific",
                "action_model_id": self.email.id,
                "mode": "auto",
                "date": TODAY,
                "line_ids": [
                    Command.create(
                        {
                            "move_id": invoice.id,
                            "move_name": invoice.name,
                            "due": day("1 Sep"),
                        }
                    )
                ],
            }
        )
        rows = self.page()._read_messages()
        self.assertEqual(
            [row[:5] for row in rows], [("at_once", None, self.email.id, "d90", 1)]
        )
        self.assertIn("E-mail", self.page().overview)

    def test_the_first_day_is_the_next_sending_day(self):
        """E21: on a Saturday, what is due on Monday leaves with what is late."""
        self.proposal("Monday", "20 Nov").action_confirm()  # S2 on the 23rd
        with freeze_time("2026-11-21 10:00:00"):
            page = self.page()
            self.assertEqual(page.horizon, TODAY)
            self.assertEqual(page.at_once_count, 1)
            self.assertIn("23 November", page.opening)
        with freeze_time("2026-11-20 10:00:00"):
            page = self.page()
            self.assertEqual(page.horizon, day("20 Nov"))
            self.assertFalse(page.at_once_count)
            self.assertIn("now", page.opening)

    def test_another_companys_actions_are_not_shown(self):
        self.proposal("Ours", "19 Nov").action_confirm()
        other = self.setup_other_company()["company"]
        self.manager.company_ids += other
        page = self.env["dso.go.live"].with_user(self.manager).with_company(other)
        page = page.create({})
        self.assertEqual(page.company_id, other)
        self.assertFalse(page.at_once_count)
        page.action_switch_on()
        self.assertTrue(other.dso_sending_active)
        self.assertFalse(self.company.dso_sending_active)

    def test_a_foreign_company_is_refused(self):
        other = self.setup_other_company()["company"]
        with self.assertRaises(ValidationError):
            self.env["dso.go.live"].with_user(self.manager).create(
                {"company_id": other.id}
            )

    def test_a_branch_sees_its_root(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.proposal("Ours", "19 Nov").action_confirm()
        user = new_test_user(
            self.env,
            "branch_manager",
            "base.group_user,dso_collection.group_manager",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        page = self.page(user)
        page.read(list(page._fields))
        self.assertEqual(page.company_id.id, self.company.id)
        self.assertEqual(page.at_once_count, 1)
        page.action_switch_on()
        self.assertTrue(self.company.dso_sending_active)

    def test_buttons_open_what_is_counted(self):
        leaves = self.proposal("Leaves", "19 Nov")
        leaves.action_confirm()
        waits = self.proposal("Waits", "18 Nov")
        broken = self.proposal("No address", "20 Nov", email=False)
        page = self.page()
        for verb, expected in (
            ("at_once", leaves),
            ("to_confirm", waits),
            ("problem", broken),
        ):
            action = getattr(page, f"action_{verb}")()
            self.assertEqual(
                self.env[action["res_model"]].search(action["domain"]), expected
            )

    # -------------------------------------------------------------------------
    # CHECKS
    # -------------------------------------------------------------------------

    def test_hours_in_words(self):
        hours = self.page().hours
        self.assertRegex(hours, r"Monday – Friday 8:00.AM – 12:00.PM, 1:00.PM")
        self.assertIn("(UTC)", hours)
        slots = self.calendar.attendance_ids.grouped("dayofweek")
        slots["2"].unlink()
        self.assertRegex(
            self.page().hours, r"Monday – Tuesday 8.*; Thursday – Friday 8"
        )
        slots["1"][0].hour_to = 11
        self.assertRegex(self.page().hours, r"Monday 8.*; Tuesday 8.*11.*; Thursday –")
        self.company.dso_sending_calendar_id = False
        self.assertIn("any time", self.page().hours)

    def test_checks_of_the_company(self):
        account = self.account()
        account.collector_id = False
        self.company.email = False
        page = self.page()
        self.assertFalse(page.bank_accounts)
        self.assertFalse(page.company_email)
        self.assertFalse(page.holiday_count)
        self.assertEqual(page.no_collector_count, 1)
        action = page.action_no_collector()
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]), account
        )
        self.env["res.partner.bank"].create(
            {
                "acc_number": "BE71 0961 2345 6769",
                "partner_id": self.company.partner_id.id,
            }
        )
        self.company.email = "ar@company.example"
        self.collector.email = False
        account.collector_id = self.collector
        self.holiday("25 Dec 00:00", "25 Dec 23:59")
        self.holiday("26 Dec 00:00", "26 Dec 23:59", self._calendar("Other"))
        page = self.page()
        self.assertIn("BE71", page.bank_accounts)
        self.assertEqual(page.company_email, "ar@company.example")
        self.assertEqual(page.holiday_count, 1)
        self.assertFalse(page.no_collector_count)
        self.assertEqual(page.mute_collectors, self.collector.name)

    def test_checks_of_the_server(self):
        Server = self.env["ir.mail_server"]
        Server.search([]).active = False
        page = self.page()
        self.assertIn("No outgoing mail server", page.mail_server_problem)
        Server.create({"name": "Our relay", "smtp_host": "smtp.example"})
        page = self.page()
        self.assertEqual(page.mail_server, "Our relay")
        self.assertFalse(page.mail_server_problem)
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        queue.active = True
        self.assertNotIn(queue.name, self.page().job_problem or "")
        queue.active = False
        self.assertIn(queue.name, self.page().job_problem)
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.assertIn("neutralized", self.page().mail_server_problem)

    # -------------------------------------------------------------------------
    # THE SWITCH
    # -------------------------------------------------------------------------

    def test_the_switch_asks_with_the_number_and_keeps_who_and_when(self):
        self.proposal("Leaves", "19 Nov", 250).action_confirm()
        page = self.page()
        self.assertFalse(page.sending_active)
        question = page.action_ask()
        self.assertEqual((question["target"], question["res_id"]), ("new", page.id))
        shown = page.get_views(question["views"])["views"]["form"]["arch"]
        self.assertIn("at_once_count", shown)
        self.assertFalse(self.company.dso_sending_active)
        page.action_switch_on()
        self.assertTrue(self.company.dso_sending_active)
        self.assertEqual(self.company.dso_sending_user_id, self.manager)
        self.assertEqual(self.company.dso_sending_date, datetime(2026, 11, 23, 10))
        self.assertTrue(self.page().sending_active)

    def test_off_is_immediate(self):
        self.company.dso_sending_active = True
        page = self.page()
        with freeze_time("2026-11-23 11:00:00"):
            page.action_switch_off()
        self.assertFalse(self.company.dso_sending_active)
        self.assertEqual(self.company.dso_sending_date.hour, 11)
        self.assertEqual(self.company.dso_sending_user_id, self.manager)

    def test_only_credit_managers(self):
        page = self.page()
        with self.assertRaises(AccessError):
            self.env["dso.go.live"].with_user(self.collector).action_open()
        for verb in ("ask", "switch_on", "switch_off"):
            with self.assertRaises(AccessError):
                getattr(page.with_user(self.collector), f"action_{verb}")()
        self.assertFalse(self.company.dso_sending_active)
        # not on the company itself either
        with self.assertRaises(AccessError):
            self.company.with_user(self.manager).dso_sending_active = True

    def test_hours_that_never_open_keep_the_switch_off(self):
        self.calendar.attendance_ids.unlink()
        page = self.page()
        self.assertIn("Office hours", page.opening_problem)
        self.assertFalse(page.opening)
        with self.assertRaisesRegex(UserError, "Office hours"):
            page.action_ask()
        with self.assertRaisesRegex(UserError, "Office hours"):
            page.action_switch_on()
        self.assertFalse(self.company.dso_sending_active)
