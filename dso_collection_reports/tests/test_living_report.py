"""Living qualification rate: which statuses still say something (rules.md §9)."""

from datetime import timedelta

from odoo.tests import Form, freeze_time, new_test_user, tagged

from odoo.addons.dso_collection.tests.common import TODAY, day

from .report_case import ReportCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestLivingReport(ReportCase):
    report = "dso.living.report"

    def row(self, move):
        return self.rows(domain=[("move_id", "=", move.id)]).ensure_one()

    def life(self, move):
        row = self.row(move)
        return row.life, row.cause

    def promise(self, promised, made="2 Nov"):
        move = self.invoice("1 Oct", 1000)
        with freeze_time(day(made)):
            move.dso_qualify(
                self.status("promise_to_pay"),
                "",
                promise_date=day(promised),
                follow_up=False,
            )
        self.account().evaluate(TODAY)
        return move

    def follow_up(self, when, **values):
        move = self.invoice("1 Oct", 1000)
        with freeze_time(day("1 Nov")):
            move.dso_qualify(
                self.status("on_going"),
                "",
                follow_up={
                    "action_model_id": self.phone.id,
                    "date": day(when),
                    **values,
                },
            )
        return move

    def test_promise_lives_until_its_grace_is_over(self):
        """In the future or within grace it lives; two working days as shipped."""
        self.assertEqual(self.life(self.promise("27 Nov")), ("living", False))
        # Thursday 19 + 2 working days = Monday 23, today
        self.assertEqual(self.life(self.promise("19 Nov")), ("living", False))
        stale = self.promise("18 Nov")
        self.assertEqual(self.life(stale), ("stale", "promise"))
        self.assertEqual(self.row(stale).stale_since, day("21 Nov"))
        self.assertEqual(self.row(stale).stale_days, 2)

    def test_as_of_now_only(self):
        """Follow-ups have no history: whatever the day asked for, it is that of now."""
        self.promise("18 Nov")
        self.assertEqual(self.rows("1 Oct").day, TODAY)

    def test_follow_up_lives_for_seven_days(self):
        """Open and not late by more than seven days: it lives; then it is stale."""
        self.assertEqual(self.life(self.follow_up("30 Nov")), ("living", False))
        self.assertEqual(self.life(self.follow_up("16 Nov")), ("living", False))
        late = self.follow_up("15 Nov")
        self.assertEqual(self.life(late), ("stale", "late"))
        row = self.row(late)
        self.assertEqual((row.stale_since, row.stale_days), (TODAY, 0))
        self.assertTrue(row.follow_up_id)
        row.follow_up_id.action_done()
        self.assertEqual(self.life(late), ("stale", "missing"))

    def test_without_follow_up_it_is_stale_at_once(self):
        """A status alone says nothing of what comes next."""
        move = self.invoice("1 Oct", 1000)
        with freeze_time(day("13 Nov")):
            move.dso_qualify(self.status("on_going"), "", follow_up=False)
        row = self.row(move)
        self.assertEqual((row.life, row.cause), ("stale", "missing"))
        self.assertEqual((row.stale_since, row.stale_days), (day("13 Nov"), 10))

    def test_owner(self):
        """Whose turn it is: resolver, else collector."""
        resolver = new_test_user(
            self.env,
            "living_resolver",
            "base.group_user,dso_collection.group_resolver",
            company_id=self.company.id,
        )
        account = self.account()
        account.collector_id = self.env.user
        self.assertEqual(self.row(self.follow_up("15 Nov")).owner_id, self.env.user)
        move = self.invoice("1 Oct", 1000)
        move.dso_qualify(self.status("dispute"), "", resolver=resolver)
        self.assertEqual(self.row(move).owner_id, resolver)

    def test_both_rates(self):
        """The classic rate counts every status, the living one those that live; debit
        items only, not due ones not at all."""
        self.promise("27 Nov")
        self.promise("18 Nov")
        self.invoice("1 Oct", 2000)
        self.credit_note(300)
        self.invoice("20 Dec", 900, issued="1 Nov")
        overdue, rate, living = self.figures(
            "overdue:sum", "rate:avg", "living_rate:avg"
        )
        self.assertEqual(overdue, 4000)
        self.assertAlmostEqual(rate, 0.5)
        self.assertAlmostEqual(living, 0.25)
        classic = self.env["dso.item.report"].qualification_rate(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertAlmostEqual(rate, classic)

    def test_nothing_overdue_no_rate(self):
        """R1: nothing overdue: no rate, not 0 %."""
        self.invoice("20 Dec", 900, issued="1 Nov")
        self.assertFalse(self.rows())
        self.assertFalse(self.figures("living_rate:avg")[0])

    def test_plan_with_a_missed_instalment(self):
        """Of a payment plan the instalment that was missed decides."""
        move = self.invoice("1 Oct", 1000)
        with freeze_time(day("2 Nov")):
            form = Form(
                self.env["dso.payment.plan.make"].with_context(
                    active_model="account.move.line",
                    active_ids=self.receivables(move).ids,
                )
            )
            form.count = 2
            form.every = "month"
            form.first_date = day("6 Nov")
            form.confirm = False
            form.save().action_make()
        self.account().evaluate(TODAY)
        for action in self.env["dso.action"].search(
            [("account_id", "=", self.account().id), ("kind", "=", "specific")]
        ):
            action.action_cancel()
        self.assertEqual(self.life(move), ("stale", "promise"))
        self.pay(move, 500, on=TODAY - timedelta(days=1))
        self.account().evaluate(TODAY)
        self.assertEqual(self.life(move), ("living", False))
