"""Disputes and promises as of any day (rules.md §9)."""

from odoo.tests import Form, freeze_time, tagged

from odoo.addons.dso_collection.tests.common import TODAY, day

from .report_case import ReportCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDisputeReport(ReportCase):
    report = "dso.dispute.report"

    def setUp(self):
        super().setUp()
        self.price = self.status("dispute", delay=2)
        self.quality = self.status("dispute", delay=7)
        self.resolved = self.status("dispute_resolved")

    def say(self, move, status, on, **values):
        with freeze_time(day(on)):
            move.dso_qualify(status, "", **values)

    def test_resolution_time(self):
        """From the dispute's status date to that of the next status; open ones have an
        age instead."""
        closed, still = (self.invoice("1 Oct", 1000) for _number in range(2))
        self.say(closed, self.price, "1 Nov", resolver=self.env.user)
        self.say(closed, self.resolved, "15 Nov")
        self.say(still, self.price, "3 Nov")
        rows = self.rows().sorted("began")
        self.assertRecordValues(
            rows,
            [
                {
                    "move_id": closed.id,
                    "status_id": self.price.id,
                    "resolver_id": self.env.user.id,
                    "state": "closed",
                    "began": day("1 Nov"),
                    "ended": day("15 Nov"),
                    "days": 14,
                    "age": 0,
                    "amount": 1000,
                },
                {
                    "move_id": still.id,
                    "status_id": self.price.id,
                    "resolver_id": False,
                    "state": "open",
                    "began": day("3 Nov"),
                    "ended": False,
                    "days": 0,
                    "age": 20,
                    "amount": 1000,
                },
            ],
        )
        days, age = self.figures("days:avg", "age:avg")
        self.assertEqual((days, age), (14, 20))

    def test_repeated_it_lasts_from_its_beginning(self):
        """What says the same dispute again does not begin another one."""
        move = self.invoice("1 Oct", 1000)
        self.say(move, self.price, "1 Nov")
        self.say(move, self.price, "8 Nov")
        self.assertEqual(self.rows().age, 22)
        self.say(move, self.resolved, "15 Nov")
        (row,) = self.rows()
        self.assertEqual((row.began, row.days), (day("1 Nov"), 14))

    def test_another_cause_ends_the_first(self):
        """Another type of dispute is another dispute; the same again goes on."""
        move = self.invoice("1 Oct", 1000)
        self.say(move, self.price, "1 Nov")
        self.say(move, self.price, "5 Nov")
        self.say(move, self.quality, "11 Nov")
        self.assertRecordValues(
            self.rows().sorted("began"),
            [
                {"status_id": self.price.id, "state": "closed", "days": 10},
                {"status_id": self.quality.id, "state": "open", "days": 0},
            ],
        )

    def test_outcome(self):
        """How it ended, with the credit note and who decided."""
        move = self.invoice("1 Oct", 1000)
        self.say(move, self.price, "1 Nov")
        form = Form(
            self.env["dso.dispute.close"].with_context(
                active_model="dso.item", active_ids=move.dso_item_ids.ids
            )
        )
        form.outcome = "partly"
        form.save().action_close()
        (row,) = self.rows()
        self.assertEqual(
            (row.state, row.outcome, row.decided_by_id),
            ("closed", "partly", self.env.user),
        )

    def test_part_in_dispute(self):
        """Of a partly disputed item the disputed part counts."""
        move = self.invoice("1 Oct", 1000)
        self.say(move, self.price, "1 Nov", disputed_amount=250)
        self.assertEqual(self.rows().amount, 250)

    def test_undone_never_was(self):
        """An undone dispute is none; an undone end leaves it open."""
        mistake, again = (self.invoice("1 Oct", 1000) for _number in range(2))
        self.say(mistake, self.price, "1 Nov")
        self.say(again, self.price, "1 Nov")
        self.say(again, self.resolved, "5 Nov")
        for move in (mistake, again):
            move.dso_item_ids.qualification_id.action_undo()
        (row,) = self.rows()
        self.assertEqual((row.move_id, row.state), (again, "open"))

    def test_as_of(self):
        """Case 47: on a day between it was open; before it began it was not there."""
        move = self.invoice("1 Oct", 1000)
        self.say(move, self.price, "1 Nov")
        self.say(move, self.resolved, "15 Nov")
        self.assertFalse(self.rows("31 Oct"))
        (row,) = self.rows("10 Nov")
        self.assertEqual((row.state, row.age, row.ended), ("open", 9, False))
        (row,) = self.rows("15 Nov")
        self.assertEqual((row.state, row.days), ("closed", 14))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestPromiseReport(ReportCase):
    report = "dso.promise.report"

    def promise(self, amount, made, promised):
        move = self.invoice("1 Oct", amount, issued="1 Sep")
        with freeze_time(day(made)):
            move.dso_qualify(
                self.status("promise_to_pay"), "", promise_date=day(promised)
            )
        return move

    def settle(self):
        self.env.flush_all()
        account = self.account()
        account.evaluate(TODAY)

    def test_made_kept_partly_broken(self):
        """Promises by what became of them; the rate is of decided ones, by amount."""
        kept = self.promise(1000, "2 Nov", "9 Nov")
        partly = self.promise(1000, "2 Nov", "10 Nov")
        self.promise(2000, "2 Nov", "11 Nov")
        self.promise(500, "20 Nov", "30 Nov")
        self.pay(kept, on=day("9 Nov"))
        self.pay(partly, 250, on=day("10 Nov"))
        self.settle()
        self.assertRecordValues(
            self.rows().sorted("date"),
            [
                {"state": "kept", "amount": 1000, "decided": 1000, "received": 1000},
                {"state": "partly", "amount": 1000, "decided": 1000, "received": 250},
                {"state": "broken", "amount": 2000, "decided": 2000, "received": 0},
                {"state": "open", "amount": 500, "decided": 0, "received": 0},
            ],
        )
        made, decided, rate = self.figures("amount:sum", "decided:sum", "kept_rate:avg")
        self.assertEqual((made, decided), (4500, 4000))
        self.assertAlmostEqual(rate, 1250 / 4000)

    def test_promises_of_a_past_day(self):
        """Case 47: on a day before it was paid it was open, before it was made it was
        not there."""
        kept = self.promise(1000, "2 Nov", "9 Nov")
        broken = self.promise(700, "3 Nov", "10 Nov")
        self.pay(kept, on=day("9 Nov"))
        self.settle()
        states = {
            when: [row.state for row in self.rows(when).sorted("made")]
            for when in ("1 Nov", "2 Nov", "8 Nov", "9 Nov", "20 Nov")
        }
        self.assertEqual(
            states,
            {
                "1 Nov": [],
                "2 Nov": ["open"],
                "8 Nov": ["open", "open"],
                "9 Nov": ["kept", "open"],
                "20 Nov": ["kept", "broken"],
            },
        )
        self.assertSameAfter(
            "20 Nov",
            lambda when: [row.state for row in self.rows(when).sorted("made")],
            lambda: self.pay(broken),
            self.settle,
        )

    def test_kept_too_late_is_broken(self):
        """What came in after the grace keeps no promise, and is not received of it."""
        late = self.promise(1000, "2 Nov", "6 Nov")
        self.settle()
        self.pay(late, on=day("20 Nov"))
        self.settle()
        row = self.rows()
        self.assertEqual((row.state, row.decided, row.received), ("broken", 1000, 0))

    def test_replaced(self):
        """A promise whose item was qualified again is cancelled from that day on."""
        move = self.promise(1000, "2 Nov", "30 Nov")
        with freeze_time(day("5 Nov")):
            move.dso_qualify(self.status("dispute"), "")
        self.assertEqual(self.rows("4 Nov").state, "open")
        self.assertEqual(self.rows("5 Nov").state, "cancelled")
        self.assertEqual(self.rows().decided, 0)
