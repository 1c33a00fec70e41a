"""Promises and payment plans: what becomes of them (rules.md §3.3)."""

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import TODAY, DsoCommon, day
from .sending_common import SendingCommon


class PromiseCommon(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.promised = cls.env["dso.status"].create(
            {"name": "Promise", "type": "promise_to_pay"}
        )
        cls.disputed = cls.env["dso.status"].create(
            {"name": "Price", "type": "dispute", "delay": 2}
        )
        cls.ongoing = cls.env["dso.status"].create(
            {"name": "Contacted", "type": "on_going"}
        )

    def promise(self, moves, when, on=TODAY, **values):
        with freeze_time(on):
            moves.dso_qualify(self.promised, "", promise_date=day(when), **values)
            self.env["dso.account"].flush_model()
        return self.promises(moves)[:1]

    def promises(self, moves):
        return self.env["dso.promise"].search(
            [("move_ids", "in", moves.ids)], order="id desc"
        )

    def night(self, when):
        with freeze_time(day(when)):
            account = self.account()
            for statement in self._nightly():
                self.env.cr.execute(statement)
            rows = self.env["dso.dirty"].search([])
            if rows:
                rows._evaluate_rows()
            self.env.invalidate_all()
        return account

    def _nightly(self):
        self.env["dso.promise"]._refresh_limits(self.company)
        self.env.flush_all()
        yield self.env["dso.account"]._nightly_statement(self.company)

    def settle(self, when=TODAY):
        """What the evaluation before commit does."""
        when = day(when) if isinstance(when, str) else when
        return self.evaluate(when)

    def follow_ups(self):
        return self.env["dso.action"].search(
            [("kind", "=", "specific"), ("account_id", "=", self.account().id)]
        )


@tagged("post_install", "-at_install")
class TestPromises(PromiseCommon):
    def test_case_41_broken_once(self):
        """Case 41: a promise in the future suspends; grace passed unpaid, it is broken,
        and its follow-up is in the agenda once, however often the night comes."""
        move = self.invoice("1 Nov")
        promise = self.promise(move, "27 Nov")  # Friday
        self.assertProposal(None, "no_leader")
        self.assertRecordValues(
            promise,
            [
                {
                    "state": "open",
                    "amount": 1000,
                    "date": day("27 Nov"),
                    "date_limit": day("1 Dec"),
                }
            ],
        )
        item = move.dso_item_ids
        self.assertEqual(item.promise_state, "open")
        self.assertEqual(self.account().amount_promised, 1000)
        for when in ("27 Nov", "28 Nov", "1 Dec"):
            account = self.night(when)
            self.assertEqual((promise.state, item.promise_state), ("open", "open"))
        self.assertEqual(account.amount_promised, 1000)
        for when in ("2 Dec", "3 Dec", "4 Dec"):
            account = self.night(when)
            self.assertEqual((promise.state, item.promise_state), ("broken", "broken"))
            self.assertEqual(account.amount_promised, 0)
            self.assertEqual(account.promise_broken_count, 1)
            action = self.follow_ups()
            self.assertRecordValues(
                action,
                [{"state": "planned", "promise_id": promise.id, "date": day("27 Nov")}],
            )
            with freeze_time(day(when)):
                self.assertEqual(action.due_state, "late")
        self.assertFalse(account.proposal_id)

    def test_case_41_kept(self):
        """Case 41: paid before its date it is kept, and the follow-up closes."""
        move = self.invoice("1 Nov")
        promise = self.promise(move, "27 Nov")
        with freeze_time("2026-11-25"):
            self.pay(move)
        account = self.settle("25 Nov")
        self.assertRecordValues(
            promise,
            [{"state": "kept", "paid": 1000, "date_settled": day("25 Nov")}],
        )
        self.assertEqual(self.follow_ups().state, "cancelled")
        self.assertEqual(
            (account.promise_kept_count, account.promise_broken_count), (1, 0)
        )

    def test_case_41_partly(self):
        """Case 41: partly paid when grace is over, it is partly kept; the follow-up
        goes on for the rest (Q4)."""
        move = self.invoice("1 Nov")
        promise = self.promise(move, "27 Nov")
        with freeze_time("2026-11-26"):
            self.pay(move, 400)
        account = self.settle("26 Nov")
        self.assertRecordValues(promise, [{"state": "open", "paid": 400}])
        self.assertEqual(account.amount_promised, 600)
        account = self.night("2 Dec")
        self.assertRecordValues(
            promise, [{"state": "partly", "paid": 400, "date_settled": False}]
        )
        self.assertEqual(account.amount_promised, 0)
        self.assertEqual(account.promise_partly_count, 1)
        self.assertRecordValues(
            self.follow_ups(), [{"state": "planned", "amount_claimed": 600}]
        )

    def test_q4_two_invoices_one_promise(self):
        """Q4: two invoices in one promise, one paid: it stays for the other; both
        paid: kept and closed."""
        first, second = self.invoice("1 Nov"), self.invoice("2 Nov", 500)
        promise = self.promise(first | second, "27 Nov")
        self.assertEqual(len(promise), 1)
        self.assertEqual((promise.amount, len(promise.line_ids)), (1500, 2))
        with freeze_time("2026-11-24"):
            self.pay(first)
        self.settle("24 Nov")
        self.assertEqual((promise.state, promise.paid), ("open", 1000))
        self.assertEqual(self.follow_ups().amount_claimed, 500)
        with freeze_time("2026-11-25"):
            self.pay(second)
        self.settle("25 Nov")
        self.assertEqual(promise.state, "kept")
        self.assertEqual(self.follow_ups().state, "cancelled")

    def test_payment_booked_late_counts_on_its_own_date(self):
        """Kept is what the ledger says: a payment within grace, booked after it."""
        move = self.invoice("1 Nov")
        promise = self.promise(move, "27 Nov")
        self.night("2 Dec")
        self.assertEqual(promise.state, "broken")
        with freeze_time("2026-12-03"):
            self.pay(move, on=day("1 Dec"))
        account = self.settle("3 Dec")
        self.assertEqual((promise.state, promise.date_settled), ("kept", day("1 Dec")))
        self.assertEqual(
            (account.promise_kept_count, account.promise_broken_count), (1, 0)
        )

    def test_paid_after_grace_stays_broken(self):
        """What is paid after the grace days does not keep a promise, but is told."""
        move = self.invoice("1 Nov")
        promise = self.promise(move, "27 Nov")
        self.night("2 Dec")
        with freeze_time("2026-12-02"):
            self.pay(move)
        self.settle("2 Dec")
        self.assertRecordValues(
            promise,
            [{"state": "broken", "paid": 0, "date_settled": day("2 Dec")}],
        )

    def test_unreconciled_payment_opens_the_question_again(self):
        """L7: a payment taken back takes the outcome back, and the follow-up comes."""
        move = self.invoice("1 Nov")
        promise = self.promise(move, "27 Nov")
        with freeze_time("2026-11-24"):
            self.pay(move)
        account = self.settle("24 Nov")
        self.assertEqual(promise.state, "kept")
        with freeze_time("2026-11-25"):
            self.receivables(move).remove_move_reconcile()
        account = self.settle("25 Nov")
        self.assertRecordValues(
            promise, [{"state": "open", "paid": 0, "date_settled": False}]
        )
        self.assertEqual(move.dso_item_ids.promise_state, "open")
        self.assertEqual(account.promise_kept_count, 0)
        self.assertRecordValues(
            self.follow_ups(), [{"state": "planned", "date": day("27 Nov")}]
        )
        self.assertTrue(move.dso_starred)
        self.night("2 Dec")
        self.assertEqual(promise.state, "broken")

    def test_partial_amount(self):
        """A part that was promised and paid keeps the promise; the rest is dunned
        again, and counts as promised no more."""
        move = self.invoice("1 Nov")
        promise = self.promise(move, "27 Nov", promise_amount=300)
        self.assertEqual(promise.amount, 300)
        self.assertEqual(self.settle().amount_promised, 300)
        with freeze_time("2026-11-27"):
            self.pay(move, 300)
        account = self.settle("27 Nov")
        self.assertEqual(promise.state, "kept")
        self.assertEqual(self.follow_ups().cause, "kept")
        self.assertFalse(move.dso_starred)
        self.assertEqual(account.amount_promised, 0)
        self.assertProposal("S2", "4 Nov", today=day("27 Nov"))
        # and back, should that payment be returned
        with freeze_time("2026-11-30"):
            self.receivables(move).remove_move_reconcile()
        self.settle("30 Nov")
        self.assertEqual(promise.state, "open")
        self.assertEqual(self.follow_ups().state, "planned")
        self.assertTrue(move.dso_starred)

    def test_credit_note_and_write_off_count(self):
        """A credit note lowers what is owed like a payment does."""
        move = self.invoice("1 Nov")
        promise = self.promise(move, "27 Nov")
        with freeze_time("2026-11-25"):
            credit = self.credit_note(1000, "25 Nov")
            (self.receivables(move) | self.receivables(credit)).reconcile()
        self.settle("25 Nov")
        self.assertEqual(promise.state, "kept")

    def test_instalments(self):
        """Of an invoice in instalments, what is due by the promised date is promised;
        all of it when nothing is."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 0}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 60}
                    ),
                ],
            }
        )
        move = self.invoice(
            "1 Nov", 900, issued="1 Nov", invoice_payment_term_id=term.id
        )
        promise = self.promise(move, "27 Nov")
        self.assertEqual(promise.amount, 450)
        with freeze_time("2026-11-27"):
            self.pay(move, 450)
        self.settle("27 Nov")
        self.assertEqual(promise.state, "kept")
        later = self.invoice("20 Dec", 700, issued="1 Nov")
        self.assertEqual(self.promise(later, "10 Dec").amount, 700)

    def test_foreign_currency(self):
        """Amounts are compared in the items' own currency: a rate breaks nothing."""
        other = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        move = self.invoice("1 Nov", 1000, currency_id=other.id)
        promise = self.promise(move, "27 Nov", promise_amount=400)
        self.assertEqual(
            (promise.amount, promise.item_amount, promise.item_currency_id),
            (200, 400, other),
        )
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "name": "2026-11-25", "rate": 3.0}
        )
        with freeze_time("2026-11-26"):
            self.pay(move, 399.99)
        self.settle("26 Nov")
        self.assertEqual((promise.state, promise.paid), ("open", 399.99))
        with freeze_time("2026-11-27"):
            self.pay(move, 0.01)
        self.settle("27 Nov")
        self.assertEqual(promise.state, "kept")

    def test_several_currencies(self):
        """Items of several currencies are added up in company currency."""
        other = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        foreign = self.invoice("1 Nov", 1000, currency_id=other.id)
        own = self.invoice("2 Nov", 300)
        promise = self.promise(foreign | own, "27 Nov")
        self.assertTrue(promise.mixed)
        self.assertEqual((promise.amount, promise.item_amount), (800, 800))
        self.assertEqual(promise.item_currency_id, self.company.currency_id)
        with freeze_time("2026-11-26"):
            self.pay(own)
        self.settle("26 Nov")
        self.assertEqual((promise.state, promise.paid), ("open", 300))
        with freeze_time("2026-11-27"):
            self.pay(foreign)
        self.settle("27 Nov")
        self.assertEqual(promise.state, "kept")

    def test_qualified_again(self):
        """A later qualification ends an open promise; history and what was decided
        stay."""
        move = self.invoice("1 Nov")
        first = self.promise(move, "25 Nov")
        second = self.promise(move, "27 Nov", on=day("24 Nov"))
        self.assertRecordValues(
            first | second,
            [
                {"state": "cancelled", "cause": "replaced"},
                {"state": "open", "cause": False},
            ],
        )
        self.night("2 Dec")
        self.assertEqual(second.state, "broken")
        third = self.promise(move, "10 Dec", on=day("2 Dec"))
        self.assertEqual((second.state, third.state), ("broken", "open"))
        account = self.account()
        self.assertEqual(move.dso_item_ids.promise_state, "open")
        self.assertEqual(account.promise_broken_count, 1)
        with freeze_time("2026-12-03"):
            move.dso_qualify(self.ongoing, "")
        self.assertEqual(third.state, "cancelled")
        self.assertFalse(move.dso_item_ids.promise_state)

    def test_one_of_two_items_qualified_again(self):
        """An item that is qualified otherwise leaves the promise, which goes on for the
        others."""
        first, second = self.invoice("1 Nov"), self.invoice("2 Nov", 500)
        promise = self.promise(first | second, "27 Nov")
        first.dso_qualify(self.disputed, "")
        self.assertEqual(promise.state, "open")
        with freeze_time("2026-11-26"):
            self.pay(second)
        self.settle("26 Nov")
        self.assertEqual(promise.state, "kept")

    def test_undo(self):
        """Undoing a promise cancels it; undoing what ended it gives it back."""
        move = self.invoice("1 Nov")
        promise = self.promise(move, "27 Nov")
        with freeze_time(TODAY):
            rows = move.dso_qualify(self.disputed, "")
            self.assertEqual(promise.state, "cancelled")
            rows.action_undo()
        self.assertRecordValues(promise, [{"state": "open", "cause": False}])
        self.assertEqual(move.dso_item_ids.promise_state, "open")
        self.night("2 Dec")
        self.assertEqual(promise.state, "broken")
        with freeze_time("2026-12-02"):
            move.dso_item_ids.qualification_id.action_undo()
        self.assertRecordValues(promise, [{"state": "cancelled", "cause": "undone"}])
        self.assertEqual(self.account().promise_broken_count, 0)

    def test_noted_afterwards(self):
        """A promised day that has passed (Q2: allowed) does not break it at once: grace
        runs from the day on which it was noted."""
        move = self.invoice("1 Nov")
        promise = self.promise(move, "16 Nov")
        self.assertEqual((promise.state, promise.date_limit), ("open", day("25 Nov")))

    def test_grace_days(self):
        """Grace days are the company's, in working days of the sending calendar, and
        open promises follow a change of either."""
        move = self.invoice("1 Nov")
        promise = self.promise(move, "27 Nov")
        self.company.dso_promise_grace_days = 0
        self.night("24 Nov")
        self.assertEqual(promise.date_limit, day("27 Nov"))
        self.company.dso_promise_grace_days = 2
        self.company.dso_sending_calendar_id = self.env.ref(
            "dso_collection.sending_calendar"
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.company.dso_sending_calendar_id.id,
                "company_id": False,
                "date_from": "2026-11-30 00:00:00",
                "date_to": "2026-11-30 23:59:59",
            }
        )
        self.night("25 Nov")
        self.assertEqual(promise.date_limit, day("2 Dec"))

    def test_offset_of_the_follow_up(self):
        """§12: the follow-up is on the promised date, or the company's days later; a
        broken promise brings it forward."""
        self.company.dso_promise_follow_up_offset = 10
        move = self.invoice("1 Nov")
        self.promise(move, "27 Nov")
        self.assertEqual(self.follow_ups().date, day("7 Dec"))
        self.night("2 Dec")
        self.assertEqual(self.follow_ups().date, day("2 Dec"))

    def test_broken_respects_a_date_given_by_a_person(self):
        move = self.invoice("1 Nov")
        self.promise(move, "27 Nov")
        with freeze_time("2026-11-27"):
            self.follow_ups().action_reschedule(day("9 Dec"))
        self.night("2 Dec")
        self.assertEqual(self.follow_ups().date, day("9 Dec"))

    def test_invoice_reset_to_draft(self):
        """An item that is no longer posted ends its promise; posted again it counts."""
        move = self.invoice("1 Nov")
        promise = self.promise(move, "27 Nov")
        move.button_draft()
        self.settle()
        self.assertRecordValues(promise, [{"state": "cancelled", "cause": "gone"}])
        move.action_post()
        self.settle()
        self.assertEqual(promise.state, "open")

    def test_promises_are_followed_in_a_constant_number_of_queries(self):
        for partner in range(3):
            customer = self._customer(f"C{partner}")
            self.promise(self.invoice("1 Nov", partner=customer), "27 Nov")
        accounts = self.env["dso.promise"].search([]).account_id
        todays = {self.company.id: day("2 Dec")}
        self.env.flush_all()
        self.env["dso.account"]._receivable_account_ids()
        with self.assertQueryCount(6):
            self.env["dso.promise"]._follow_ledger(accounts.ids, todays)
        states = self.env["dso.promise"].search([]).mapped("state")
        self.assertEqual(set(states), {"broken"})


@tagged("post_install", "-at_install")
class TestPromisesSending(SendingCommon, PromiseCommon):
    def test_automatic_follow_ups_wait_for_the_grace_days(self):
        """§12: an automatic e-mail about a promise goes only after the grace days."""
        reminder = self._model("Promise reminder", "email", template=True)
        reminder.write(
            {
                "mode": "auto",
                "template_id": self.env.ref(
                    "dso_collection.mail_template_promise_reminder"
                ).id,
            }
        )
        self.promised.write({"action_model_id": reminder.id, "mode": "auto"})
        move = self.invoice("1 Nov")
        self.promise(move, "27 Nov")
        action = self.follow_ups()
        self.assertEqual(action.mode, "auto")
        with freeze_time("2026-11-30"):
            self.env.invalidate_all()
            self.assertIn("the promise can be kept until", action.held)
        self.assertFalse(self.send(day("30 Nov")))
        self.assertFalse(self.send(day("1 Dec")))
        mails = self.send(day("2 Dec"))
        self.assertEqual(len(mails), 1)
        self.assertNotIn("broken", mails[0]["body"].lower())
