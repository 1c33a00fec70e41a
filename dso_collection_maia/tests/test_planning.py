"""What to do next, after a reply and without any."""

from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from odoo.addons.dso_collection.models.dso_qualification import ENGINE
from odoo.addons.dso_collection.tests.common import TODAY, DsoCommon


class PlanningCommon(DsoCommon):
    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(TODAY))
        self.Rule = self.env["dso.maia.rule"]
        self.Suggestion = self.env["dso.maia.suggestion"]
        # the shipped table has a test of its own
        self.Rule.search([]).active = False
        self.review = self._model("Review", "follow_up")

    def rule(self, situation, model=None, **values):
        return self.Rule.create(
            {
                "situation": situation,
                "action_model_id": (model or self.phone).id,
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestNextOfReply(PlanningCommon):
    def setUp(self):
        super().setUp()
        self.move = self.invoice("1 Nov")
        self.reasons = self.env["dso.maia.reason"]

    def situation(self, kind, code, promise_date=False, **values):
        reason = self.reasons._of(kind, code)
        status = self.status(
            kind, company_id=self.company.id, maia_reason_ids=reason.ids, **values
        )
        reply = (
            self.env["dso.reply"]
            .with_context(dso_engine=ENGINE)
            .create(
                {"account_id": self.account().id, "source": "page", "body": "so it is"}
            )
        )
        Proposal = self.env["dso.maia.proposal"].sudo()  # written by the product only
        proposal = Proposal.search([("reply_id", "=", reply.id)])
        proposal = proposal or Proposal.create({"reply_id": reply.id})
        proposal.write({"state": "ready"})
        item = proposal.item_ids.create(
            {
                "proposal_id": proposal.id,
                "status_type": kind,
                "reason_id": reason.id,
                "status_id": status.id,
                "move_ids": [Command.set(self.move.ids)],
                "promise_date": promise_date,
                "confidence": 0.9,
            }
        )
        return item.sudo(False)

    def test_status_first(self):
        """What the status itself says stands before the table."""
        reason = self.reasons._of("on_going", "cash_flow")
        self.rule("reply", reason_id=reason.id, days=1)
        item = self.situation(
            "on_going", "cash_flow", action_model_id=self.email.id, delay=5
        )
        plan = item._next_action()
        self.assertEqual(
            (plan["model"], plan["date"]), (self.email, date(2026, 11, 28))
        )
        self.assertEqual((plan["recipient"], plan["mode"]), ("customer", "manual"))
        self.assertIn(item.status_id.name, item.next_text)

    def test_then_the_table(self):
        """Where the status says nothing, the row of the reason does, the company's own
        before a shared one; and the qualification is filled in with it."""
        reason = self.reasons._of("on_going", "cash_flow")
        self.rule("reply", self.review, reason_id=reason.id, sequence=1)
        self.rule("reply", reason_id=reason.id, days=4, company_id=self.company.id)
        item = self.situation("on_going", "cash_flow")
        plan = item._next_action()
        self.assertEqual(
            (plan["model"], plan["date"]), (self.phone, date(2026, 11, 27))
        )
        self.assertIn("Phone", item.next_text)
        context = item.reply_id.with_context(dso_engine=None).action_qualify()[
            "context"
        ]
        window = Form(self.env["dso.qualify"].with_context(**context)).save()
        self.assertEqual(window.follow_up, "action")
        self.assertEqual(window.action_model_id, self.phone)
        self.assertEqual(window.follow_up_date, date(2026, 11, 27))

    def test_another_status_is_another_matter(self):
        """Who chooses another status than was proposed gets what that one says."""
        reason = self.reasons._of("on_going", "cash_flow")
        self.rule("reply", reason_id=reason.id, days=4)
        item = self.situation("on_going", "cash_flow")
        context = item.reply_id.with_context(dso_engine=None).action_qualify()[
            "context"
        ]
        form = Form(self.env["dso.qualify"].with_context(**context))
        form.status_id = self.status("on_going", delay=3)
        self.assertEqual(form.follow_up, "scenario")

    def test_promise(self):
        """A promise with a day is followed up on it; without one, one asks for it."""
        self.rule("no_date", days=2)
        day = date(2026, 12, 4)
        item = self.situation("promise_to_pay", "scheduled_payment", promise_date=day)
        self.assertEqual(item._next_action()["date"], day)
        item = self.situation("promise_to_pay", "scheduled_payment")
        plan = item._next_action()
        self.assertEqual(
            (plan["model"], plan["date"]), (self.phone, date(2026, 11, 25))
        )
        self.assertIn("ask", item.next_text)

    def test_else_the_scenario(self):
        """Where neither says anything, the scenario goes on."""
        account = self.evaluate()
        item = self.situation("on_going", "other")
        plan = item._next_action()
        self.assertEqual(plan["model"], account.proposal_id.action_model_id)
        self.assertEqual(plan["date"], account.proposal_id.date)

    def test_decided(self):
        """What was decided on has its follow-up already."""
        item = self.situation("dispute", "pricing")
        self.assertTrue(item.next_text)
        item.sudo().write({"decision": "filed", "decided_on": fields.Datetime.now()})
        self.assertFalse(item.next_text)


@tagged("post_install", "-at_install")
class TestSuggestions(PlanningCommon):
    def setUp(self):
        super().setUp()
        self.move = self.invoice("1 Oct")
        self.evaluate()

    def refresh(self):
        self.Suggestion.sudo()._refresh(self.company)
        return self.Suggestion.search([("account_id", "=", self.account().id)])

    def broken(self, *days):
        """Promises that were not kept."""
        promise = self.status("promise_to_pay")
        for day in days:
            with freeze_time(day - timedelta(5)):
                self.move.dso_qualify(promise, "so", promise_date=day, follow_up=False)
        self.env["dso.promise"].search(
            [("account_id", "=", self.account().id)]
        ).sudo().with_context(dso_engine=ENGINE).write({"state": "broken"})

    def sent(self, count, day, model=None, **values):
        for _number in range(count):
            self.env["dso.action"].with_context(dso_engine=ENGINE).create(
                {
                    "account_id": self.account().id,
                    "kind": "out_of_scenario",
                    "action_model_id": (model or self.email).id,
                    "date": day,
                    "state": "done",
                    "date_done": day,
                    **values,
                }
            )

    def test_broken_promises(self):
        """One broken promise asks for a call, the second one for a review: the first
        row of the table that fits counts."""
        self.rule("broken", self.review, threshold=2, sequence=1)
        self.rule("broken", sequence=2)
        self.assertFalse(self.refresh())
        self.broken(date(2026, 10, 20))
        suggestion = self.refresh()
        self.assertEqual(suggestion.action_model_id, self.phone)
        self.assertIn("1", suggestion.reason)
        self.broken(date(2026, 10, 20), date(2026, 11, 2))
        suggestion = self.refresh()
        self.assertEqual(len(suggestion), 1)
        self.assertEqual(suggestion.action_model_id, self.review)
        self.assertEqual(suggestion.recipient, "collector")

    def test_broken_long_ago(self):
        """A promise that was broken more than a year ago is forgotten."""
        self.rule("broken")
        self.broken(date(2026, 10, 20))
        self.env["dso.promise"].search([]).sudo().with_context(
            dso_engine=ENGINE
        ).date_limit = date(2025, 11, 22)
        self.assertFalse(self.refresh())

    def test_silence(self):
        """N messages without an answer; calls are none, and what never arrived is
        none."""
        self.rule("silence", threshold=3)
        self.sent(2, date(2026, 11, 2))
        self.sent(4, date(2026, 11, 3), self.phone)
        self.sent(1, date(2026, 11, 3), delivery="bounced")
        self.assertFalse(self.refresh())
        self.sent(1, date(2026, 11, 4))
        suggestion = self.refresh()
        self.assertEqual(suggestion.facts["count"], 3)
        self.assertEqual(suggestion.facts["date"], "2026-11-02")

    def test_silence_ends_with_a_sign(self):
        """Whoever answered, or of whose items somebody noted something, is not
        silent."""
        self.rule("silence", threshold=3)
        self.sent(3, date(2026, 11, 2))
        self.move.dso_qualify(self.status("on_going"), "he called", follow_up=False)
        self.assertFalse(self.refresh())

    def test_silence_ends_with_a_payment(self):
        """Whoever paid something is not silent; what was sent before does not count,
        what is sent afterwards does."""
        self.rule("silence", threshold=2)
        self.sent(2, date(2026, 11, 2))
        self.assertEqual(self.refresh().facts["count"], 2)
        self.pay(self.move, 100, on=date(2026, 11, 3))
        self.assertFalse(self.refresh())
        self.sent(1, date(2026, 11, 4))
        self.assertFalse(self.refresh())
        self.sent(1, date(2026, 11, 5))
        suggestion = self.refresh()
        self.assertEqual(suggestion.facts["count"], 2)
        self.assertEqual(suggestion.facts["date"], "2026-11-04")

    def test_silence_and_what_is_no_payment(self):
        """Neither a credit note, nor a write-off, nor somebody else's payment is a
        sign; money on account is, matched or not, in any journal of money."""
        self.rule("silence", threshold=2)
        self.sent(2, date(2026, 11, 2))
        self.pay(self.invoice("1 Oct", partner=self.env.user.partner_id))
        self.entry((self.customer, -50, None), on="10 Nov")
        self.credit_note(30, "10 Nov")
        self.assertEqual(self.refresh().facts["count"], 2)
        journal = self.company_data["default_journal_bank"]
        self.entry((self.customer, -50, None), journal=journal, on="12 Nov")
        self.assertFalse(self.refresh())

    def test_silence_of_a_group(self):
        """What a member of a group pays is a sign of its head."""
        self.rule("silence", threshold=2)
        self.sent(2, date(2026, 11, 2))
        member = self.env["res.partner"].create({"name": "Member", "is_company": True})
        paid = self.invoice("1 Oct", partner=member)
        account = self.evaluate(TODAY, self.account(member))
        account.head_id = self.account()
        self.assertTrue(self.refresh())
        self.pay(paid, 10)
        self.assertFalse(self.refresh())

    def test_later_than_usual(self):
        """Who pays later than he uses to is called, who always pays late is not."""
        self.rule("late", threshold=10)
        account = self.account()
        self.assertFalse(self.refresh())
        values = {"average_delay_count": 3, "overdue_since": date(2026, 10, 1)}
        account.write({**values, "average_delay": 44})
        self.assertFalse(self.refresh())
        account.write({**values, "average_delay": 43})
        self.assertEqual(self.refresh().facts, {"days": 10, "usual": 43})
        account.average_delay_count = 2
        self.assertFalse(self.refresh())

    def test_nobody_to_write_to(self):
        """Whose reminders reach nobody is suggested."""
        self.rule("contact", self.review)
        self.assertFalse(self.refresh())
        self.customer.email = False
        self.assertTrue(self.refresh().reason)

    def test_risk(self):
        """Who owes more than his limit is suggested."""
        self.rule("risk", self.review)
        self.assertFalse(self.refresh())
        self.account().credit_limit = 500
        self.assertTrue(self.refresh().reason)

    def test_left_alone(self):
        """Not on hold, not while something is planned or a reply waits, not when
        nothing is overdue."""
        self.rule("contact", self.review)
        self.customer.email = False
        self.assertTrue(self.refresh())
        account = self.account()
        account.write({"hold_reason": "pause", "hold_until": TODAY})
        self.assertFalse(self.refresh())
        account.hold_until = TODAY - timedelta(1)
        self.assertTrue(self.refresh())
        action = self.env["dso.action"].create(
            {
                "account_id": account.id,
                "kind": "out_of_scenario",
                "action_model_id": self.phone.id,
                "date": TODAY,
            }
        )
        self.assertFalse(self.refresh())
        action.action_cancel()
        self.assertTrue(self.refresh())
        reply = (
            self.env["dso.reply"]
            .with_context(dso_engine=ENGINE)
            .create({"account_id": account.id, "source": "page", "body": "hello"})
        )
        self.assertFalse(self.refresh())
        reply.with_context(dso_engine=None).action_dismiss()
        self.assertTrue(self.refresh())
        self.pay(self.move)
        self.evaluate()
        self.assertFalse(self.refresh())

    def test_plan(self):
        """Planned, it stands in the agenda; the customer is left alone for a while."""
        self.rule("contact", self.review, days=2)
        self.customer.email = False
        suggestion = self.refresh()
        self.assertEqual(suggestion.date, date(2026, 11, 25))
        suggestion.action_plan()
        action = suggestion.action_id
        self.assertEqual(
            (action.state, action.kind, action.date, action.action_model_id),
            ("planned", "out_of_scenario", date(2026, 11, 25), self.review),
        )
        action.action_cancel()
        self.assertEqual(self.refresh().state, "planned")
        with freeze_time(TODAY + timedelta(15)):
            self.assertCountEqual(self.refresh().mapped("state"), ["open", "planned"])

    def test_plan_once(self):
        """Two clicks plan one action."""
        self.rule("contact", self.review)
        self.customer.email = False
        suggestion = self.refresh()
        suggestion.action_plan()
        suggestion.action_plan()
        count = self.env["dso.action"].search_count(
            [("action_model_id", "=", self.review.id)]
        )
        self.assertEqual(count, 1)

    def test_dismiss(self):
        """Dismissed, it is not suggested again for two weeks."""
        self.rule("contact", self.review)
        self.customer.email = False
        suggestion = self.refresh()
        account = self.account()
        self.assertEqual(account.maia_suggestion_ids, suggestion)
        suggestion.action_dismiss()
        account.invalidate_recordset(["maia_suggestion_ids"])
        self.assertFalse(account.maia_suggestion_ids)
        self.assertEqual(self.refresh(), suggestion)
        self.assertEqual(suggestion.state, "dismissed")
        self.assertFalse(suggestion.action_id)

    def test_planned_by_itself(self):
        """Only what is set to it is planned by itself; it leaves by itself only if its
        mode says so."""
        self.rule("contact", self.review, trigger="plan")
        self.customer.email = False
        suggestion = self.refresh()
        self.assertEqual(suggestion.state, "planned")
        self.assertEqual(suggestion.action_id.mode, "manual")

    def test_what_persons_plan(self):
        """A formal notice and litigation are never planned by themselves."""
        for model in (self.letter, self.court):
            with self.assertRaises(ValidationError):
                self.rule("contact", model, trigger="plan")
            with self.assertRaises(ValidationError):
                self.rule("contact", model, mode="auto")

    def test_a_reply_says_something(self):
        with self.assertRaises(ValidationError):
            self.rule("reply")
        reason = self.env["dso.maia.reason"]._of("on_going", "other")
        with self.assertRaises(ValidationError):
            self.rule("risk", reason_id=reason.id)

    def test_order(self):
        """The worklist has the order of the agenda: the larger amount first."""
        self.rule("contact", self.review)
        self.company.dso_priority_amount = 10_000
        other = self._customer("Larger", email=False)
        self.customer.email = False
        self.invoice("1 Oct", 9_000, partner=other)
        self.evaluate(account=self.account(other))
        self.Suggestion.sudo()._refresh(self.company)
        found = self.Suggestion.search([])
        self.assertEqual(found[:1].account_id.partner_id, other)
        self.assertGreater(found[0].priority, found[1].priority)

    def test_companies_do_not_mix(self):
        """The rows of one company say nothing of the accounts of another."""
        foreign = self.setup_other_company(name="Other")["company"]
        self.rule("contact", self.review, company_id=foreign.id)
        self.customer.email = False
        self.assertFalse(self.refresh())
        self.Suggestion.sudo()._refresh(foreign)
        self.assertFalse(self.Suggestion.search([]))

    def test_second_night(self):
        """Nothing new: the same row, with the facts of today."""
        self.rule("silence", threshold=3)
        self.sent(3, date(2026, 11, 2))
        first = self.refresh()
        self.sent(1, date(2026, 11, 20))
        second = self.refresh()
        self.assertEqual(first, second)
        self.assertEqual(second.facts["count"], 4)

    def test_number_of_queries(self):
        """As many queries for ten customers as for one."""
        self.rule("contact", self.review)
        self.rule("silence")
        self.customer.email = False
        self.refresh()

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.Suggestion.sudo()._refresh(self.company)
            return self.cr.sql_log_count - before

        one = count()
        for number in range(10):
            partner = self._customer(f"C{number}", email=False)
            self.account(partner).amount_overdue = 10
        count()
        self.assertEqual(self.Suggestion.search_count([]), 11)
        self.assertLessEqual(count(), one)

    def test_rights(self):
        """Viewers read, collectors decide, managers edit the table."""
        rule = self.rule("contact", self.review)
        self.customer.email = False
        suggestion = self.refresh()
        for role, may in (("viewer", False), ("resolver", False), ("collector", True)):
            user = new_test_user(self.env, role, f"dso_collection.group_{role}")
            mine = suggestion.with_user(user)
            mine.read(["reason", "priority", "account_id"])
            with self.assertRaises(AccessError):
                mine.write({"state": "dismissed"})
            with self.assertRaises(AccessError):
                rule.with_user(user).write({"days": 3})
            if may:
                mine.action_plan()
            else:
                for button in (mine.action_plan, mine.action_dismiss):
                    with self.assertRaises(AccessError):
                        button()
        self.assertEqual(suggestion.state, "planned")
        manager = new_test_user(self.env, "m", "dso_collection.group_manager")
        rule.with_user(manager).write({"days": 3})

    def test_other_company_is_not_seen(self):
        foreign = self.setup_other_company(name="Other")["company"]
        self.rule("contact", self.review)
        self.customer.email = False
        suggestion = self.refresh()
        user = new_test_user(
            self.env,
            "c",
            "dso_collection.group_collector",
            company_id=foreign.id,
            company_ids=[Command.set(foreign.ids)],
        )
        with self.assertRaises(AccessError):
            suggestion.with_user(user).action_plan()

    def test_shipped_table(self):
        """The shipped rows can be used as they are; nothing is planned by itself."""
        shipped = self.Rule.with_context(active_test=False).search(
            [("id", "not in", self.Rule.search([]).ids)]
        )
        self.assertGreater(len(shipped), 15)
        self.assertEqual(set(shipped.mapped("trigger")), {"suggest"})
        shipped.active = True
        self.customer.email = False
        self.assertTrue(self.refresh().reason)

    def test_the_nightly_job(self):
        self.rule("contact", self.review)
        self.customer.email = False
        with self.enter_registry_test_mode():
            self.env.ref("dso_collection_maia.ir_cron_suggest").method_direct_trigger()
        self.assertTrue(
            self.Suggestion.search([("account_id", "=", self.account().id)])
        )
