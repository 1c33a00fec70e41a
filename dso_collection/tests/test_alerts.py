"""Alerts: who is in them, who sees them, who is told (rules.md §10)."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
class TestAlerts(DsoCommon):
    def setUp(self):
        super().setUp()
        clock = freeze_time(str(TODAY))
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)
        self.invoice("1 Nov", 1000)
        self.evaluate()
        self.receivable = self.account()

    def alert(self, **criteria):
        return self.env["dso.alert"].create({"name": "Watch", **criteria})

    def assertIn_(self, found, **criteria):
        """Whether the account is in an alert with these criteria."""
        alert = self.alert(**criteria)
        self.env.flush_all()
        hits = self.env["dso.alert.hit"].search([("alert_id", "=", alert.id)])
        self.assertEqual(self.receivable in hits.account_id, found, criteria)
        return alert

    def contact(self, on, kind="phone", **values):
        """An action of the past that reached the customer."""
        action = self.env["dso.action"].create(
            {
                "account_id": self.receivable.id,
                "kind": "out_of_scenario",
                "action_model_id": {"phone": self.phone, "email": self.email}[kind].id,
                "date": on,
                **values,
            }
        )
        with freeze_time(on):
            action.action_done()
        return action

    # -------------------------------------------------------------------------
    # CRITERIA
    # -------------------------------------------------------------------------

    def test_a1_last_action_older_than_ten_days(self):
        """A1: last action 13 Nov → in; 14 Nov → out; never → in."""
        self.assertIn_(True, idle=True, idle_days=10)
        self.contact(day("13 Nov"))
        self.assertIn_(True, idle=True, idle_days=10)
        self.contact(day("14 Nov"))
        self.assertIn_(False, idle=True, idle_days=10)

    def test_only_outward_contacts_count(self):
        """A follow-up between colleagues is no contact with the customer."""
        follow_up = self._model("Ask", "follow_up")
        self.contact(day("20 Nov"), action_model_id=follow_up.id)
        self.assertIn_(True, idle=True, idle_days=10)
        self.contact(day("20 Nov"), kind="email")
        self.assertIn_(False, idle=True, idle_days=10)

    def test_who_collects_for_a_group_chases_its_members(self):
        """A grouped account is chased where the group is; a contact of its own counts
        for it as before, and none of its counts for the others."""
        head = self._customer("Head office")
        self.invoice("13 Nov", 500, partner=head)
        self.evaluate()
        member = self.receivable
        member.head_id = self.account(head)
        self.assertIn_(True, idle=True, idle_days=10)
        self.receivable = member.head_id
        self.contact(day("20 Nov"))
        self.assertIn_(False, idle=True, idle_days=10)
        self.receivable = member
        self.assertIn_(False, idle=True, idle_days=10)
        self.assertIn_(True, idle=True, idle_days=2)
        self.contact(day("22 Nov"))
        self.assertIn_(False, idle=True, idle_days=2)
        self.receivable = member.head_id
        self.assertIn_(True, idle=True, idle_days=2)

    def test_amounts(self):
        """Least and most are both included; a credit lowers the net overdue."""
        for low, high, found in (
            (1000, 0, True),
            (1000.01, 0, False),
            (0, 1000, True),
            (0, 999.99, False),
        ):
            self.assertIn_(
                found, amount_basis="overdue", amount_min=low, amount_max=high
            )
        self.credit_note(400)
        self.evaluate()
        self.assertIn_(False, amount_basis="net_overdue", amount_min=601)
        self.assertIn_(True, amount_basis="net_overdue", amount_min=600)

    def test_criteria_are_cumulative(self):
        self.assertIn_(True, idle=True, amount_basis="overdue", amount_min=500)
        self.assertIn_(False, idle=True, amount_basis="overdue", amount_min=5000)

    def test_disputed_for_long(self):
        """Older than N days, and only while the item is open."""
        invoice = self.receivable.item_line_ids.move_id
        invoice.dso_qualify(
            self.status("dispute"), "Wrong", status_date=TODAY - timedelta(days=31)
        )
        alert = self.assertIn_(True, disputed=True, disputed_days=30)
        self.assertIn_(False, disputed=True, disputed_days=31)
        self.pay(invoice)
        alert._refresh()
        self.assertFalse(alert.account_count)

    def test_broken_promise(self):
        invoice = self.receivable.item_line_ids.move_id
        with freeze_time("2026-11-10"):
            invoice.dso_qualify(
                self.status("promise_to_pay"), "Soon", promise_date=day("12 Nov")
            )
            alert = self.assertIn_(False, promise_broken=True)
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("dso_collection.ir_cron_evaluate").method_direct_trigger()
        self.env.invalidate_all()
        alert._refresh()
        self.assertEqual(alert.account_count, 1)
        self.pay(invoice)
        alert._refresh()
        self.assertFalse(alert.account_count)

    def test_credit(self):
        """Over the limit, over what is insured, a guarantee that ends soon."""
        self.assertIn_(False, over_limit=True)
        self.assertIn_(False, over_insured=True)
        self.assertIn_(False, guarantee_ends=True)
        self.receivable.write(
            {
                "credit_limit": 999,
                "guarantee_amount": 500,
                "guarantee_until": TODAY + timedelta(days=30),
            }
        )
        self.assertIn_(True, over_limit=True)
        self.assertIn_(True, over_insured=True)
        self.assertIn_(True, guarantee_ends=True, guarantee_days=30)
        self.assertIn_(False, guarantee_ends=True, guarantee_days=29)
        # the limit on the customer, where the company works with Odoo's
        self.receivable.credit_limit = 0
        self.assertIn_(False, over_limit=True)
        self.company.account_use_credit_limit = True
        self.receivable.partner_id.credit_limit = 999
        self.assertIn_(True, over_limit=True)
        self.receivable.guarantee_until = TODAY - timedelta(days=1)
        self.assertIn_(False, guarantee_ends=True, guarantee_days=30)

    def test_state_of_the_account(self):
        self.assertIn_(False, steps_done=True)
        self.scenario.step_ids[1:].active = False
        self.evaluate()
        self.receivable.proposal_id.action_done()
        self.evaluate()
        self.assertIn_(True, steps_done=True)
        self.assertIn_(False, no_contact=True)
        self.customer.email = False
        self.assertIn_(True, no_contact=True)
        self.receivable.collector_id = self.env.user
        self.assertIn_(False, no_collector=True)
        self.receivable.collector_id = False
        self.assertIn_(True, no_collector=True)

    def test_hold_over(self):
        """A hold is alerted on the day after its last one."""
        self.receivable.write({"hold_reason": "pause", "hold_until": TODAY})
        alert = self.assertIn_(False, hold_ended=True)
        with freeze_time(TODAY + timedelta(days=1)):
            alert._refresh()
            self.assertEqual(alert.account_count, 1)
            self.receivable.action_release()
            alert._refresh()
            self.assertFalse(alert.account_count)

    def test_own_criteria(self):
        """Searches on the record and on its open items."""
        self.assertIn_(True, domain="[('partner_id.name', '=', 'Customer')]")
        self.assertIn_(False, domain="[('partner_id.name', '=', 'Nobody')]")
        self.assertIn_(True, item_domain="[('amount_residual', '>=', 1000)]")
        self.assertIn_(False, item_domain="[('amount_residual', '>', 1000)]")
        self.assertIn_(
            False, item_domain="[('account_id.account_type', '=', 'income')]"
        )

    def test_bad_criteria(self):
        """Refused by name: no criterion, a broken search, swapped amounts."""
        for values, words in (
            ({}, "no criterion"),
            ({"domain": "[('nonsense', '=', 1)]"}, "Watch: the search is not valid"),
            ({"domain": "import os"}, "Watch: the search is not valid"),
            ({"item_domain": "[('move_id.nonsense', '=', 1)]"}, "not valid"),
            (
                {"amount_basis": "total", "amount_min": 9, "amount_max": 8},
                "below the lowest",
            ),
        ):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, words):
                self.alert(**values)

    # -------------------------------------------------------------------------
    # WHO SEES AND WHO IS TOLD
    # -------------------------------------------------------------------------

    def test_marks(self):
        """One mark each on the record, its actions, and in searches."""
        first = self.alert(idle=True, level="danger")
        second = self.alert(no_collector=True, level="info")
        self.assertEqual(self.receivable.alert_ids, first | second)
        self.assertEqual(self.receivable.alert_ids.mapped("color"), [1, 4])
        self.assertEqual(self.receivable.proposal_id.alert_ids, first | second)
        search = self.env["dso.account"].search
        mine = [("id", "=", self.receivable.id)]
        self.assertTrue(search([*mine, ("alert_ids", "in", first.ids)]))
        self.assertTrue(search([*mine, ("alert_ids.level", "=", "info")]))
        self.assertFalse(search([*mine, ("alert_ids", "=", False)]))
        shared = self.env["dso.alert"].search([("id", "not in", (first | second).ids)])
        (first | second | shared).unlink()
        self.assertTrue(search([*mine, ("alert_ids", "=", False)]))

    def test_private(self):
        """A private alert and its marks are its owner's, also among managers."""
        private = self.alert(idle=True, private=True)
        colleague = new_test_user(
            self.env,
            "colleague",
            "dso_collection.group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        theirs = private.with_user(colleague)
        self.assertFalse(theirs.search([("id", "=", private.id)]))
        self.assertNotIn(private, self.receivable.with_user(colleague).alert_ids)
        with self.assertRaises(AccessError):
            theirs.action_open_accounts()
            theirs.read(["name"])
        self.assertIn(private, self.receivable.alert_ids)

    def test_rights(self):
        """A collector makes his own; a viewer makes none, but may be told."""
        collector, viewer = (
            new_test_user(
                self.env,
                name,
                f"dso_collection.group_{name}",
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for name in ("collector", "viewer")
        )
        shared = self.alert(idle=True)
        alerts = self.env["dso.alert"].with_user(collector)
        own = alerts.create({"name": "Mine", "idle": True})
        self.assertEqual(own.user_id, collector)
        self.assertEqual(own.account_count, shared.account_count)
        with self.assertRaises(AccessError):
            shared.with_user(collector).name = "Theirs"
        with self.assertRaisesRegex(AccessError, "credit manager"):
            own.user_id = self.env.user
        with self.assertRaises(AccessError):
            self.env["dso.alert"].with_user(viewer).create({"name": "X", "idle": True})
        with self.assertRaises(AccessError):
            self.env["dso.alert.hit"].with_user(viewer).search([]).unlink()
        shared.with_user(viewer).action_subscribe()
        self.assertIn(viewer, shared.subscriber_ids)
        shared.with_user(viewer).action_subscribe()
        self.assertNotIn(viewer, shared.subscriber_ids)
        self.assertTrue(self.env["dso.alert"].with_user(viewer).action_open())

    def test_what_the_owner_may_not_read_is_no_criterion(self):
        """A search on a field of others is refused, not answered by a count."""
        collector = new_test_user(self.env, "curious", "dso_collection.group_collector")
        with self.assertRaisesRegex(ValidationError, "not valid"):
            self.env["dso.alert"].with_user(collector).create(
                {
                    "name": "Spy",
                    "domain": "[('company_id.account_fiscal_country_id.vat_label',"
                    " '!=', False), ('partner_id.signup_type', '!=', False)]",
                }
            )

    def test_alert_that_cannot_be_counted(self):
        """It says why, keeps who was in it, and stops no other alert."""
        broken, sound = self.alert(idle=True), self.alert(no_collector=True)
        self.env.cr.execute(
            "UPDATE dso_alert SET domain = %s WHERE id = %s",
            ["[('gone', '=', 1)]", broken.id],
        )
        self.env.invalidate_all()
        self.invoice("1 Nov", partner=self._customer("Newcomer"))
        with self.enter_registry_test_mode():
            self.env.ref("dso_collection.ir_cron_alerts").method_direct_trigger()
        self.env.invalidate_all()
        self.assertIn("gone", broken.problem)
        self.assertTrue(broken.account_count)
        self.assertFalse(sound.problem)
        broken.domain = False
        self.assertFalse(broken.problem)

    def test_other_company(self):
        """An alert of all companies counts each user's own; one of a company only
        that one's."""
        other = self.setup_other_company()["company"]
        alert = self.alert(idle=True)
        self.env["dso.account"].with_company(other)._of_partner(
            self._customer("Elsewhere"), other
        )
        elsewhere = self.alert(idle=True, company_id=other.id)
        alert._refresh()
        self.assertFalse(
            elsewhere.hit_ids.account_id & self.receivable, "company of the alert"
        )
        mine = self.env["dso.alert.hit"].with_context(
            allowed_company_ids=self.company.ids
        )
        self.assertEqual(
            mine.with_user(self.env.user).search([]).company_id, self.company
        )

    def test_told_once_when_entering(self):
        """Subscribers get one message a day about whoever entered, in all alerts; not
        about those who were there when the alert was made, nor twice."""
        user = new_test_user(
            self.env,
            "reader",
            "dso_collection.group_viewer",
            email="reader@example.com",
            notification_type="inbox",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        idle = self.alert(idle=True, name="Idle", subscriber_ids=user.ids)
        late = self.alert(
            amount_basis="overdue", amount_min=1, name="Late", subscriber_ids=user.ids
        )
        private = self.alert(idle=True, private=True, subscriber_ids=user.ids)

        def news():
            with self.enter_registry_test_mode():
                self.env.ref("dso_collection.ir_cron_alerts").method_direct_trigger()
            self.env.invalidate_all()
            return (
                self.env["mail.message"]
                .sudo()
                .search([("notified_partner_ids", "in", user.partner_id.ids)])
            )

        self.assertFalse(news())
        newcomer = self._customer("Newcomer <b>")
        self.invoice("1 Nov", 250, partner=newcomer)
        self.account(newcomer).evaluate()
        message = news()
        self.assertEqual(len(message), 1)
        self.assertIn("Idle", message.body)
        self.assertIn("Late", message.body)
        self.assertIn("Newcomer &lt;b&gt;", message.body)
        self.assertNotIn(private.name, message.body)
        self.assertEqual(message.body.count("250.00"), 2)
        self.assertEqual(news(), message)
        self.assertEqual(idle.account_count, late.account_count)

    def test_changed_criteria_tell_nobody(self):
        alert = self.alert(amount_basis="overdue", amount_min=5000)
        alert.amount_min = 1
        self.assertIn(self.receivable, alert.hit_ids.account_id)
        self.assertTrue(all(alert.hit_ids.mapped("told")))

    def test_query_count(self):
        """A constant number of queries, however many accounts are in it."""
        alert = self.alert(
            idle=True, amount_basis="overdue", amount_min=1, over_limit=True
        )
        self.env["res.partner"].create([{"name": f"C{i}"} for i in range(50)])
        with self.assertQueryCount(14):
            alert._refresh()
            self.env.flush_all()
        accounts = self.receivable.browse(
            self.env["dso.account"].search([], limit=80).ids
        )
        self.env.invalidate_all()
        with self.assertQueryCount(6):
            accounts.mapped("alert_ids.color")
