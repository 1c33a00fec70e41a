"""Payment plans: several dated promises, one follow-up (rules.md §3.3)."""

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .common import TODAY, day
from .sending_common import SendingCommon
from .test_promises import PromiseCommon


@tagged("post_install", "-at_install")
class TestPaymentPlans(SendingCommon, PromiseCommon):
    def wizard(self, moves, model="account.move.line", **values):
        ids = self.receivables(moves).ids if model.endswith("line") else moves.ids
        with freeze_time(TODAY):
            make = Form(
                self.env["dso.payment.plan.make"].with_context(
                    active_model=model, active_ids=ids
                )
            )
            for name, value in values.items():
                setattr(make, name, value)
            return make.save()

    def plan(self, moves, **values):
        values = {"count": 3, "every": "week", "first_date": day("27 Nov"), **values}
        confirm = values.pop("confirm", False)
        make = self.wizard(moves, confirm=confirm, **values)
        with freeze_time(TODAY):
            make.action_make()
        return self.env["dso.payment.plan"].search([], limit=1, order="id desc")

    def states(self, plan):
        return plan.promise_ids.sorted("sequence").mapped("state")

    def test_rounding_is_in_the_last_instalment(self):
        """Equal parts whose sum is the total, to the cent."""
        move = self.invoice("1 Nov", 1000)
        make = self.wizard(move, count=3, every="month", first_date=day("30 Nov"))
        self.assertEqual(
            make.instalment_ids.mapped(lambda line: (line.date, line.amount)),
            [
                (day("30 Nov"), 333.33),
                (day("30 Dec"), 333.33),
                (day("30 Jan 2027"), 333.34),
            ],
        )
        self.assertEqual((make.planned_total, make.difference), (1000, 0))

    def test_life_of_a_plan(self):
        """One follow-up moves from instalment to instalment, asks for a person when
        one is missed, and closes when all is paid."""
        first, second = self.invoice("1 Nov", 600), self.invoice("2 Nov", 300)
        plan = self.plan(first | second, comment="Slow season")
        self.assertRecordValues(
            plan.promise_ids.sorted("sequence"),
            [
                {"sequence": n, "date": day(when), "item_amount": 300, "state": "open"}
                for n, when in ((1, "27 Nov"), (2, "4 Dec"), (3, "11 Dec"))
            ],
        )
        self.assertEqual(
            set((first | second).mapped("dso_status_id.type")), {"promise_to_pay"}
        )
        self.assertEqual(first.dso_comment, "Slow season")
        action = self.follow_ups()
        self.assertRecordValues(
            action, [{"state": "planned", "date": day("27 Nov"), "plan_id": plan.id}]
        )
        self.assertEqual(self.settle().amount_promised, 900)
        # paid on any of its items: the plan is about the sum
        with freeze_time("2026-11-27"):
            self.pay(second)
        account = self.settle("27 Nov")
        self.assertEqual(self.states(plan), ["kept", "open", "open"])
        self.assertEqual((action.date, action.state), (day("4 Dec"), "planned"))
        self.assertEqual(action.promise_date, day("4 Dec"))
        self.assertEqual(account.promise_kept_count, 1)
        # the second one is missed
        account = self.night("9 Dec")
        self.assertEqual(self.states(plan), ["kept", "broken", "open"])
        self.assertEqual((action.date, action.state), (day("4 Dec"), "planned"))
        self.assertEqual(self.follow_ups(), action)
        self.assertEqual((plan.state, account.amount_promised), ("missed", 0))
        self.assertEqual(first.dso_item_ids.promise_state, "broken")
        # caught up: it stays broken in the count, and the plan goes on
        with freeze_time("2026-12-10"):
            self.pay(first, 300)
        account = self.settle("10 Dec")
        self.assertEqual(self.states(plan), ["kept", "broken", "open"])
        self.assertEqual(
            plan.promise_ids.sorted("sequence")[1].date_settled, day("10 Dec")
        )
        self.assertEqual((action.date, plan.state), (day("11 Dec"), "open"))
        self.assertEqual(first.dso_item_ids.promise_state, "open")
        self.assertEqual(account.amount_promised, 300)
        with freeze_time("2026-12-11"):
            self.pay(first, 300)
        account = self.settle("11 Dec")
        self.assertEqual(self.states(plan), ["kept", "broken", "kept"])
        self.assertEqual((action.state, plan.state), ("cancelled", "kept"))
        self.assertEqual(
            (account.promise_kept_count, account.promise_broken_count), (2, 1)
        )

    def test_part_of_the_total(self):
        """A plan for a part of what is open: when it is kept, the rest is dunned."""
        move = self.invoice("1 Nov", 1000)
        plan = self.plan(move, count=2, amount=400.0)
        self.assertEqual(plan.promise_ids.mapped("item_amount"), [200, 200])
        with freeze_time("2026-11-27"):
            self.pay(move, 400)
        self.settle("27 Nov")
        self.assertEqual(self.states(plan), ["kept", "kept"])
        self.assertEqual(self.follow_ups().cause, "kept")
        self.assertProposal("S2", "4 Nov", today=day("27 Nov"))

    def test_credit_is_deducted(self):
        move, credit = self.invoice("1 Nov", 1000), self.credit_note(200)
        plan = self.plan(move | credit, count=2)
        self.assertEqual((plan.amount, len(plan.promise_ids)), (800, 2))
        self.assertEqual(plan.promise_ids.mapped("item_amount"), [400, 400])
        with freeze_time("2026-11-25"):
            (self.receivables(move) | self.receivables(credit)).reconcile()
        self.settle("25 Nov")
        self.assertEqual(self.states(plan), ["open", "open"])
        self.assertEqual(plan.paid, 0)
        with freeze_time("2026-11-26"):
            self.pay(move, 400)
        self.settle("26 Nov")
        self.assertEqual(self.states(plan), ["kept", "open"])

    def test_payment_taken_back(self):
        """L7: an instalment whose payment is taken back waits again, the follow-up
        with it."""
        move = self.invoice("1 Nov", 900)
        plan = self.plan(move)
        with freeze_time("2026-11-25"):
            self.pay(move, 300)
        self.settle("25 Nov")
        self.assertEqual(self.follow_ups().date, day("4 Dec"))
        with freeze_time("2026-11-26"):
            self.receivables(move).remove_move_reconcile()
        self.settle("26 Nov")
        self.assertEqual(self.states(plan), ["open"] * 3)
        self.assertEqual(self.follow_ups().date, day("27 Nov"))

    def test_refusals_say_what_is_wrong(self):
        move = self.invoice("1 Nov", 900)
        other = self.invoice("1 Nov", 50, partner=self._customer("Other"))
        with self.assertRaisesRegex(UserError, "one customer"):
            self.wizard(move | other)
        make = self.wizard(move, first_date=day("27 Nov"))
        with freeze_time(TODAY):
            make.instalment_ids[0].amount = 100
            with self.assertRaisesRegex(UserError, "add up to .*700.00.*900.00"):
                make.action_make()
            make.instalment_ids[0].write({"amount": 300, "date": day("1 Nov")})
            with self.assertRaisesRegex(UserError, "in the past"):
                make.action_make()
            make.instalment_ids[0].date = make.instalment_ids[1].date
            with self.assertRaisesRegex(UserError, "same date"):
                make.action_make()
            make.instalment_ids[0].write({"amount": -300, "date": day("27 Nov")})
            with self.assertRaisesRegex(UserError, "positive"):
                make.action_make()
            make.instalment_ids.unlink()
            with self.assertRaisesRegex(UserError, "1 to 60"):
                make.action_make()
        make = self.wizard(move, amount=901.0)
        with self.assertRaisesRegex(UserError, "901.00.*owe.*900.00"):
            make.action_make()
        make.item_ids.selected = False
        with self.assertRaisesRegex(UserError, "at least one item"):
            make.action_make()
        self.assertFalse(self.env["dso.payment.plan"].search([]))

    def test_confirmation(self):
        """The customer receives the schedule in his language; the internal comment
        never leaves."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        move = self.invoice("1 Nov", 900)
        with freeze_time(TODAY), self.mock_mail_gateway():
            plan = self.plan(move, confirm=True, comment="Bluffing, watch him")
            self.env["mail.mail"].process_email_queue()
        self.assertTrue(plan)
        self.assertEqual(len(self._mails), 1)
        body = self._mails[0]["body"]
        self.assertIn("27 novembre 2026", body)
        self.assertIn("11 décembre 2026", body)
        self.assertIn("900,00", body)
        self.assertNotIn("Bluffing", body)

    def test_confirmation_waits_while_sending_is_off(self):
        self.company.dso_sending_active = False
        move = self.invoice("1 Nov", 900)
        self.plan(move, confirm=True)
        action = self.env["dso.action"].search(
            [("kind", "=", "out_of_scenario"), ("account_id", "=", self.account().id)]
        )
        self.assertRecordValues(action, [{"state": "planned", "mode": "manual"}])

    def test_new_plan_replaces_the_old_one(self):
        move = self.invoice("1 Nov", 900)
        old = self.plan(move)
        new = self.plan(move, count=2)
        self.assertEqual((old.state, new.state), ("cancelled", "open"))
        self.assertEqual(len(self.follow_ups().filtered(lambda a: a.star)), 1)
