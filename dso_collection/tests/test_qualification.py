"""Statuses and qualification (rules.md §3)."""

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged, warmup

from .common import TODAY, DsoCommon, day


class QualificationCommon(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dispute = cls._status("Technical dispute", "dispute", delay=7)
        cls.price = cls._status("Price dispute", "dispute", delay=2)
        cls.promise = cls._status("Promise by phone", "promise_to_pay", delay=7)
        cls.ongoing = cls._status("Reminder N1", "on_going")
        cls.follow_up_model = cls._model("Follow-up", "follow_up")

    @classmethod
    def _status(cls, name, kind, **values):
        return cls.env["dso.status"].create({"name": name, "type": kind, **values})

    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)


@tagged("post_install", "-at_install")
class TestQualification(QualificationCommon):
    def specifics(self, account=None):
        return (account or self.account()).action_ids.filtered(
            lambda a: a.kind == "specific"
        )

    def open_specifics(self, account=None):
        return self.specifics(account).filtered("star")

    # Worked examples -----------------------------------------------------------

    def test_q1_follow_up_date(self):
        """Q1: 7 days → 30 Nov; 2 days → 25 Nov; a date typed by the user is kept."""
        first, second, third = (self.invoice("1 Nov") for _number in range(3))
        first.dso_qualify(self.dispute, "does not run")
        self.assertEqual(self.open_specifics().date, day("30 Nov"))
        second.dso_qualify(self.price, "5 %")
        by_item = {a.move_ids: a.date for a in self.open_specifics()}
        self.assertEqual(by_item[second], day("25 Nov"))
        third.dso_qualify(self.price, "5 %", follow_up={"date": day("1 Dec")})
        by_item = {a.move_ids: a.date for a in self.open_specifics()}
        self.assertEqual(by_item[third], day("1 Dec"))

    def test_q2_promise_date(self):
        """Q2: the promise date is the follow-up date, and required; the past is
        allowed."""
        move = self.invoice("1 Nov")
        with self.assertRaisesRegex(ValidationError, "Promise by phone.*date"):
            move.dso_qualify(self.promise, "pays")
        self.assertFalse(move.dso_status_id)
        move.dso_qualify(self.promise, "pays", promise_date=day("4 Dec"))
        self.assertEqual(self.open_specifics().date, day("4 Dec"))
        self.assertEqual(self.open_specifics().promise_date, day("4 Dec"))
        move.dso_qualify(self.promise, "had paid", promise_date=day("2 Nov"))
        self.assertEqual(move.dso_promise_date, day("2 Nov"))
        self.assertEqual(self.open_specifics().date, day("2 Nov"))

    def test_q3_follow_up_of_the_status(self):
        """Q3: model, mode, interactivity and resolver of the follow-up; white until
        its day, red from then if unconfirmed."""
        model = self._model("Admin dispute follow-up", "email", template=True)
        status = self._status(
            "Admin dispute",
            "dispute",
            delay=3,
            action_model_id=model.id,
            mode="auto_confirm",
            internal_interactive=True,
        )
        move = self.invoice("1 Nov")
        move.dso_qualify(status, "order number?", resolver=self.env.user)
        action = self.open_specifics()
        self.assertRecordValues(
            action,
            [
                {
                    "action_model_id": model.id,
                    "mode": "auto_confirm",
                    "interactive": "internal",
                    "resolver_id": self.env.user.id,
                    "date": day("26 Nov"),
                    "confirmed": False,
                    "dispute": True,
                }
            ],
        )
        self.assertEqual(action.colour, "white")
        with freeze_time("2026-11-26"):
            self.env.invalidate_all()
            self.assertEqual(action.colour, "red")
        self.assertEqual(move.dso_resolver_id, self.env.user)

    def test_q5_dispute_always_has_a_follow_up(self):
        """Q5: a dispute has its follow-up even when none was chosen."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.dispute, "broken", follow_up=False)
        self.assertEqual(self.open_specifics().move_ids, move)
        self.assertTrue(move.dso_starred)
        self.assertProposal(None, "no_leader")

    def test_q6_life_of_a_dispute(self):
        """Q6: re-dated it stays; completed it is resolved, the comment kept."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.dispute, "broken")
        action = self.open_specifics()
        with freeze_time("2026-11-25"):
            action.action_reschedule(day("2 Dec"))
        self.assertProposal(None, "no_leader", today=day("25 Nov"))
        self.assertEqual(move.dso_status_type, "dispute")
        with freeze_time("2026-12-02"):
            action.action_done()
        self.assertEqual(move.dso_status_type, "dispute_resolved")
        self.assertEqual(move.dso_status_date, day("2 Dec"))
        self.assertEqual(move.dso_comment, "broken")
        account = self.assertProposal("S2", "4 Nov", today=day("2 Dec"))
        self.assertEqual(account.leader_id, move)

    def test_q6_cancelled_dispute_follow_up(self):
        """§4: cancelling the follow-up does not resolve the dispute."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.dispute, "broken")
        self.open_specifics().action_cancel()
        self.assertEqual(move.dso_status_type, "dispute")

    def test_q7_several_items_one_follow_up(self):
        """Q7: one promise on two items has one follow-up with both."""
        moves = self.invoice("1 Nov", 1000) | self.invoice("2 Nov", 500)
        rows = moves.dso_qualify(self.promise, "", promise_date=day("26 Nov"))
        self.assertEqual(len(rows), 2)
        action = self.open_specifics()
        self.assertEqual((len(action), action.date), (1, day("26 Nov")))
        self.assertEqual(action.move_ids, moves)
        self.assertEqual(action.amount_claimed, 1500)
        self.assertEqual(moves.mapped("dso_promise_date"), [day("26 Nov")] * 2)

    def test_q8_archived_status(self):
        """Q8: an archived status is offered no more; old items keep it."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.ongoing, "told")
        self.ongoing.active = False
        self.env.invalidate_all()
        self.assertEqual(move.dso_status_id, self.ongoing)
        self.assertNotIn(self.ongoing, self.env["dso.status"].search([]))
        found = self.env["account.move"].search(
            [("dso_status_id", "in", self.ongoing.ids)]
        )
        self.assertEqual(found, move)

    # The door ------------------------------------------------------------------

    def test_records_who_when_what(self):
        """§3.2: status, comment, dates, author, resolver and items are recorded."""
        move = self.invoice("1 Nov", 750)
        row = move.dso_qualify(
            self.promise,
            "by Friday",
            status_date=day("20 Nov"),
            promise_date=day("27 Nov"),
            promise_amount=500,
            resolver=self.env.user,
        )
        self.assertRecordValues(
            row,
            [
                {
                    "account_id": self.account().id,
                    "company_id": self.company.id,
                    "move_id": move.id,
                    "move_name": move.name,
                    "status_id": self.promise.id,
                    "status_type": "promise_to_pay",
                    "comment": "by Friday",
                    "status_date": day("20 Nov"),
                    "promise_date": day("27 Nov"),
                    "promise_amount": 500,
                    "resolver_id": self.env.user.id,
                    "user_id": self.env.user.id,
                    "amount_residual": 750,
                    "undone": False,
                }
            ],
        )
        self.assertEqual(move.dso_status_date, day("20 Nov"))
        self.assertEqual(move.dso_comment, "by Friday")

    def test_follow_up_date_counts_from_the_status_date(self):
        """§3.2: follow-up date = qualification date + days."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.price, "", status_date=day("20 Nov"))
        self.assertEqual(self.open_specifics().date, day("22 Nov"))

    def test_follow_up_of_other_types(self):
        """§3.3: on going starts none, unless its status or the user says so."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.ongoing, "told")
        self.assertFalse(self.specifics())
        self.ongoing.action_model_id = self.phone
        move.dso_qualify(self.ongoing, "told")
        self.assertEqual(self.open_specifics().action_model_id, self.phone)
        move.dso_qualify(self.ongoing, "told", follow_up=False)
        self.assertFalse(self.open_specifics())

    def test_follow_up_values_override(self):
        """§3.3: model, date and resolver of step 3 win over the status."""
        move = self.invoice("1 Nov")
        move.dso_qualify(
            self.price,
            "",
            follow_up={
                "action_model_id": self.phone.id,
                "date": day("9 Dec"),
                "name": "Ask the driver",
            },
        )
        action = self.open_specifics()
        self.assertEqual(action.action_model_id, self.phone)
        self.assertEqual(
            (action.date, action.display_name), (day("9 Dec"), "Ask the driver")
        )

    def test_follow_up_with_another_model_takes_its_mode(self):
        """§2: another model chosen brings its own mode, not an impossible one."""
        model = self._model("Automatic", "email", template=True, mode="auto")
        status = self._status(
            "Auto", "dispute", action_model_id=model.id, mode="auto_confirm"
        )
        move = self.invoice("1 Nov")
        move.dso_qualify(status, "", follow_up={"action_model_id": self.phone.id})
        self.assertEqual(self.open_specifics().mode, "manual")

    def test_customer_text_is_no_status(self):
        """§3.1: the customer wording is a text of the status, not of the item."""
        self.price.customer_wording = "Under review"
        move = self.invoice("1 Nov")
        row = move.dso_qualify(self.price, "he is lying")
        self.assertEqual(row.comment, "he is lying")
        self.assertEqual(row.status_id.customer_wording, "Under review")

    def test_any_item_type_due_or_not(self):
        """§3.2: items may be qualified whatever their type, due or not."""
        credit = self.credit_note(100)
        payment = self.unallocated(50).move_id
        entry = self.entry((self.customer, 20, "1 Nov"))
        future = self.invoice("20 Dec", issued="1 Nov")
        moves = credit | payment | entry | future
        moves.dso_qualify(self.ongoing, "seen")
        self.assertEqual(set(moves.mapped("dso_status_id.id")), {self.ongoing.id})

    def test_what_is_no_item(self):
        """A draft, a supplier bill: refused, by name."""
        bill = self.init_invoice("in_invoice", post=True, amounts=[10])
        draft = self.init_invoice("out_invoice", amounts=[10])
        for move in bill | draft:
            with self.assertRaisesRegex(UserError, "no receivable item"):
                move.dso_qualify(self.ongoing, "?")

    def test_nothing_to_qualify_with(self):
        """No status: refused."""
        with self.assertRaisesRegex(ValidationError, "status"):
            self.invoice("1 Nov").dso_qualify(self.env["dso.status"], "?")

    def test_negative_amounts(self):
        """Negative amounts: refused."""
        move = self.invoice("1 Nov")
        with self.assertRaisesRegex(ValidationError, "positive"):
            move.dso_qualify(self.dispute, "", disputed_amount=-1)
        with self.assertRaisesRegex(ValidationError, "positive"):
            move.dso_qualify(self.promise, "", promise_date=TODAY, promise_amount=-1)

    def test_entry_of_several_customers(self):
        """An entry of several customers is qualified per account."""
        other = self._customer("Other")
        entry = self.entry((self.customer, 100, "1 Nov"), (other, 200, "1 Nov"))
        entry.journal_id.dso_opening = True
        self.receivables(entry).write({"no_followup": False})
        with self.assertRaisesRegex(UserError, "several customers"):
            entry.dso_qualify(self.dispute, "whose?")
        mine, theirs = self.account(), self.account(other)
        rows = entry.dso_qualify(self.dispute, "mine", account=mine)
        self.assertEqual(rows.account_id, mine)
        self.assertEqual(rows.amount_residual, 100)
        self.assertEqual(self.open_specifics(mine).amount_claimed, 100)
        self.assertFalse(self.specifics(theirs))
        (mine | theirs).evaluate(TODAY)
        self.assertEqual((mine.reason, theirs.leader_id), ("no_leader", entry))
        theirs_row = entry.dso_qualify(self.ongoing, "theirs", account=theirs)
        self.assertEqual(theirs_row.amount_residual, 200)
        self.assertFalse(entry.dso_status_id)

    def test_account_without_this_item(self):
        """An account that the entry does not concern: refused."""
        with self.assertRaisesRegex(UserError, "no receivable item"):
            self.invoice("1 Nov").dso_qualify(
                self.ongoing, "?", account=self.account(self._customer("Other"))
            )

    def test_items_of_several_accounts(self):
        """One qualification of items of several customers: one follow-up each."""
        other = self._customer("Other")
        moves = self.invoice("1 Nov") | self.invoice("1 Nov", partner=other)
        moves.dso_qualify(self.dispute, "both")
        self.assertEqual(len(self.open_specifics()), 1)
        self.assertEqual(len(self.open_specifics(self.account(other))), 1)

    def test_archived_customer(self):
        """The items of an archived customer can still be qualified."""
        move = self.invoice("1 Nov")
        self.customer.active = False
        move.dso_qualify(self.dispute, "gone")
        self.assertEqual(move.dso_status_id, self.dispute)

    # Superseding ---------------------------------------------------------------

    def test_a_new_qualification_ends_the_follow_up(self):
        """A later qualification of the item replaces the earlier follow-up."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.dispute, "broken")
        old = self.open_specifics()
        move.dso_qualify(self.promise, "pays", promise_date=day("30 Nov"))
        self.assertEqual((old.state, old.cause), ("cancelled", "superseded"))
        self.assertEqual(self.open_specifics().date, day("30 Nov"))
        self.assertFalse(self.open_specifics().dispute)

    def test_superseding_one_item_of_two(self):
        """The follow-up goes on for the items that were not qualified again."""
        first, second = self.invoice("1 Nov"), self.invoice("2 Nov")
        (first | second).dso_qualify(self.dispute, "broken")
        action = self.open_specifics()
        first.dso_qualify(self.ongoing, "settled by phone", follow_up=False)
        self.assertEqual(action.state, "planned")
        self.assertFalse(first.dso_starred)
        self.assertTrue(second.dso_starred)
        self.assertEqual(self.evaluate().leader_id, first)
        action.action_done()
        self.assertEqual(first.dso_status_id, self.ongoing)
        self.assertEqual(second.dso_status_type, "dispute_resolved")

    def test_superseding_leaves_other_specific_actions(self):
        """A specific action that no qualification made is not touched."""
        move = self.invoice("1 Nov")
        account = self.account()
        own = self.env["dso.action"].create(
            {
                "account_id": account.id,
                "kind": "specific",
                "action_model_id": self.phone.id,
                "line_ids": [Command.create({"move_id": move.id})],
            }
        )
        move.dso_qualify(self.dispute, "broken")
        move.dso_qualify(self.ongoing, "well", follow_up=False)
        self.assertEqual(self.open_specifics(), own)

    def test_dispute_again_keeps_being_a_dispute(self):
        """Another kind of dispute: still excluded, with the new follow-up."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.dispute, "broken")
        move.dso_qualify(self.price, "and too dear")
        self.assertEqual(len(self.open_specifics()), 1)
        self.assertEqual(self.open_specifics().date, day("25 Nov"))
        self.assertProposal(None, "no_leader")

    def test_partial_then_whole_dispute(self):
        """A partial dispute that becomes one about everything excludes the item."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.dispute, "a part", disputed_amount=200)
        self.assertEqual(self.evaluate().balance, 800)
        move.dso_qualify(self.dispute, "all of it")
        self.assertProposal(None, "no_leader")
        self.assertTrue(move.dso_starred)
        move.dso_qualify(self.dispute, "no, a part", disputed_amount=100)
        self.assertEqual(self.evaluate().balance, 900)
        self.assertFalse(move.dso_starred)

    def test_partial_dispute_resolved(self):
        """Completing the follow-up of a partial dispute claims everything again."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.dispute, "a part", disputed_amount=200)
        self.open_specifics().action_done()
        self.assertEqual(move.dso_status_type, "dispute_resolved")
        account = self.evaluate()
        self.assertEqual((account.balance, account.amount_disputed), (1000, 0))

    # History -------------------------------------------------------------------

    def test_history_is_append_only(self):
        """Qualifications are never changed nor deleted."""
        row = self.invoice("1 Nov").dso_qualify(self.ongoing, "told")
        for values in (
            {"comment": "nicer"},
            {"status_id": self.dispute.id},
            {"user_id": self.env.ref("base.user_admin").id},
        ):
            with self.assertRaisesRegex(UserError, "cannot be changed"):
                row.sudo().write(values)
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            row.sudo().unlink()
        self.assertEqual(row.comment, "told")

    def test_no_context_opens_the_history(self):
        """What a remote caller can put into a context does not open it."""
        row = self.invoice("1 Nov").dso_qualify(self.ongoing, "told").sudo()
        for key in (True, 1, "dso_engine", object()):
            with self.assertRaises(UserError):
                row.with_context(dso_engine=key).write({"comment": "x"})

    def test_deleted_entry_keeps_its_history(self):
        """References to a deleted entry are emptied, its number stays."""
        move = self.invoice("1 Nov")
        name = move.name
        row = move.dso_qualify(self.ongoing, "told")
        self.evaluate()
        move.button_draft()
        move.with_context(force_delete=True).unlink()
        self.env.invalidate_all()
        self.assertFalse(row.move_id)
        self.assertEqual(row.move_name, name)

    def test_undo(self):
        """An undo is a new row; item and follow-up are as before."""
        move = self.invoice("1 Nov")
        first = move.dso_qualify(self.promise, "pays", promise_date=day("30 Nov"))
        promise_action = self.open_specifics()
        second = move.dso_qualify(self.dispute, "broken", disputed_amount=100)
        self.assertEqual(promise_action.state, "cancelled")
        second.action_undo()
        self.assertTrue(second.undone)
        self.assertFalse(first.undone)
        self.assertEqual(move.dso_status_id, self.promise)
        self.assertEqual(move.dso_promise_date, day("30 Nov"))
        self.assertEqual(move.dso_comment, "pays")
        self.assertEqual(self.open_specifics(), promise_action)
        self.assertTrue(move.dso_starred)
        rows = self.account().qualification_ids
        self.assertEqual(len(rows), 3)
        self.assertEqual(move.dso_item_ids.qualification_id.undo_of_id, second)
        self.assertFalse(move.dso_item_ids.disputed_amount)

    def test_undo_chain(self):
        """Undoing again goes further back, to no status at all."""
        move = self.invoice("1 Nov")
        first = move.dso_qualify(self.ongoing, "one")
        second = move.dso_qualify(self.dispute, "two")
        third = move.dso_qualify(self.price, "three")
        for undone, status, comment in (
            (third, self.dispute, "two"),
            (second, self.ongoing, "one"),
            (first, self.env["dso.status"], False),
        ):
            move.dso_item_ids.qualification_id.action_undo()
            self.assertTrue(undone.undone)
            self.assertEqual(move.dso_status_id, status)
            self.assertEqual(move.dso_comment, comment)
        self.assertFalse(self.open_specifics())
        self.assertProposal("S2", "4 Nov")
        with self.assertRaisesRegex(UserError, "nothing left to undo"):
            move.dso_item_ids.qualification_id.action_undo()
        last = move.dso_qualify(self.dispute, "again")
        last.action_undo()
        self.assertFalse(move.dso_status_id)
        with self.assertRaisesRegex(UserError, "nothing left to undo"):
            move.dso_item_ids.qualification_id.action_undo()

    def test_undo_of_an_undo_chain_restores_follow_ups(self):
        """Follow-ups come and go with each undo."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.ongoing, "one")
        move.dso_qualify(self.dispute, "two")
        two = self.open_specifics()
        move.dso_qualify(self.price, "three")
        three = self.open_specifics()
        move.dso_item_ids.qualification_id.action_undo()
        self.assertEqual((two.state, three.state), ("planned", "cancelled"))
        move.dso_item_ids.qualification_id.action_undo()
        self.assertEqual((two.state, three.state), ("cancelled", "cancelled"))
        self.assertFalse(move.dso_starred)

    def test_undo_only_the_latest(self):
        """An earlier qualification cannot be undone under a later one."""
        move = self.invoice("1 Nov")
        first = move.dso_qualify(self.ongoing, "one")
        move.dso_qualify(self.dispute, "two")
        with self.assertRaisesRegex(UserError, move.name):
            first.action_undo()
        self.assertEqual(move.dso_status_id, self.dispute)

    def test_undo_of_several_items(self):
        """One act on several items can be undone as one."""
        moves = self.invoice("1 Nov") | self.invoice("2 Nov")
        rows = moves.dso_qualify(self.dispute, "both")
        rows.action_undo()
        self.assertFalse(moves.dso_status_id)
        self.assertFalse(self.open_specifics())
        self.assertEqual(self.specifics().cause, "undone")

    def test_undo_after_the_follow_up_was_done(self):
        """A follow-up that was completed stays done."""
        move = self.invoice("1 Nov")
        row = move.dso_qualify(self.promise, "pays", promise_date=day("23 Nov"))
        action = self.open_specifics()
        action.action_done()
        row.action_undo()
        self.assertEqual(action.state, "done")
        self.assertFalse(move.dso_status_id)
        self.assertProposal("S2", "4 Nov")

    def test_undo_of_a_resolved_dispute(self):
        """L7: the end of a dispute undone: it is disputed and excluded again."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.dispute, "broken")
        self.open_specifics().action_done()
        move.dso_item_ids.qualification_id.action_undo()
        self.assertEqual(move.dso_status_id, self.dispute)
        self.assertProposal(None, "no_leader")

    # Searching and grouping ----------------------------------------------------

    def test_search_and_group(self):
        """Statuses of entries can be searched and grouped by."""
        first, second, third = (self.invoice("1 Nov") for _number in range(3))
        first.dso_qualify(self.dispute, "broken")
        second.dso_qualify(self.promise, "pays", promise_date=day("30 Nov"))
        Move = self.env["account.move"]
        mine = [("partner_id", "=", self.customer.id)]

        def found(*domain):
            return Move.search([*mine, *domain])

        self.assertEqual(found(("dso_status_id", "=", self.dispute.id)), first)
        self.assertEqual(found(("dso_status_id", "=", False)), third)
        self.assertEqual(found(("dso_status_id", "!=", False)), first | second)
        self.assertEqual(found(("dso_status_type", "in", ["dispute"])), first)
        self.assertEqual(
            found(("dso_status_type", "not in", ["dispute"])), second | third
        )
        self.assertEqual(found(("dso_status_id.name", "ilike", "technical")), first)
        self.assertEqual(found(("dso_promise_date", ">=", day("1 Nov"))), second)
        self.assertEqual(found(("dso_comment", "ilike", "pay")), second)
        self.assertEqual(found(("dso_starred", "=", True)), first | second)
        self.assertEqual(found(("dso_starred", "=", False)), third)
        self.assertEqual(found(("dso_ignored", "=", False)), first | second | third)
        third.dso_ignored = True
        self.assertEqual(found(("dso_ignored", "=", True)), third)
        self.assertEqual(found(("dso_ignored", "!=", True)), first | second)
        groups = dict(Move._read_group(mine, ["dso_status_type"], ["__count"]))
        self.assertEqual(groups, {"dispute": 1, "promise_to_pay": 1, False: 1})
        groups = dict(Move._read_group(mine, ["dso_status_id"], ["__count"]))
        self.assertEqual(groups[self.dispute], 1)

    def test_ignored_items_keep_the_flag(self):
        """The inverse of the flag makes one row per account, none on the ledger."""
        move = self.invoice("1 Nov")
        stamp = move.write_date
        move.dso_ignored = True
        self.env.flush_all()
        self.assertEqual(move.write_date, stamp)
        self.assertTrue(move.dso_item_ids.ignored)

    def test_nothing_is_written_on_the_ledger(self):
        """Architecture, dso.item: qualifying leaves the ledger's rows alone."""
        move = self.invoice("1 Nov")
        self.evaluate()
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT xmin::text FROM account_move WHERE id = %s", [move.id]
        )
        before = self.env.cr.fetchall()
        move.dso_qualify(self.dispute, "broken", resolver=self.env.user)
        self.env.cr.flush()
        self.env.cr.execute(
            "SELECT xmin::text FROM account_move WHERE id = %s", [move.id]
        )
        self.assertEqual(before, self.env.cr.fetchall())

    # Statuses ------------------------------------------------------------------

    def test_used_status(self):
        """§3.1: a used status is archived, not deleted; its type stays."""
        self.invoice("1 Nov").dso_qualify(self.ongoing, "told")
        with self.assertRaisesRegex(UserError, "Reminder N1.*archive"):
            self.ongoing.unlink()
        with self.assertRaisesRegex(UserError, "Reminder N1"):
            self.ongoing.type = "dispute"
        self.ongoing.write({"type": "on_going", "name": "Reminder 1"})
        self.ongoing.active = False

    def test_unused_status(self):
        """An unused status can be changed and deleted."""
        self.ongoing.type = "litigation"
        self.ongoing.unlink()

    def test_statuses_in_the_order_of_their_types(self):
        """§3.1: the five fixed types, in their order."""
        self.assertEqual(
            [key for key, _label in self.env["dso.status"]._fields["type"].selection],
            [
                "on_going",
                "promise_to_pay",
                "dispute",
                "dispute_resolved",
                "litigation",
            ],
        )
        types = self.env["dso.status"].search([]).mapped("type_sequence")
        self.assertEqual(types, sorted(types))

    # Cost ----------------------------------------------------------------------


@tagged("post_install", "-at_install")
class TestThousandItems(QualificationCommon):
    @warmup
    def test_query_count(self):
        """performance.md: qualifying, qualifying again and undoing a thousand items
        takes no more queries than one, whether of one customer or of fifty."""
        others = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(50)]
        )
        mine, theirs = self.many_items(1000), self.many_items(200, others)
        one = self.many_items(1)
        self.env["dso.account"]._ensure()
        self.price.action_model_id = self.phone
        self.price.mode = "manual"
        (one | mine[:1]).dso_qualify(self.ongoing, "warm")
        self.env.flush_all()
        # as on a server that has been running for a while
        self.env.cr.execute(
            "ANALYZE account_move, account_move_line, res_partner, dso_account,"
            " dso_item, dso_qualification, dso_action, dso_action_line"
        )
        self.company.dso_dispute_no_followup = True

        def queries(act):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            act()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        def life(moves):
            """Dispute, dispute resolved with follow-up, and two undos."""
            items = self.env["dso.item"]

            def latest():
                return items.search([("move_id", "in", moves.ids)]).qualification_id

            acts = [
                lambda: moves.dso_qualify(self.dispute, "all"),
                lambda: moves.dso_qualify(self.price, None),
                lambda: moves.dso_qualify(
                    self.promise, "soon", promise_date=day("4 Dec")
                ),
                lambda: latest().action_undo(),
                lambda: latest().action_undo(),
            ]
            counts = [queries(act) for act in acts]
            self.assertEqual(set(moves.mapped("dso_status_id")), {self.dispute})
            return counts

        few = life(one)
        for moves in (mine, theirs):
            many = life(moves)
            for before, after in zip(few, many, strict=True):
                # Odoo reads rows a thousand at a time: one more at most
                self.assertLessEqual(after, before + 2, (few, many))
        self.assertLessEqual(max(few), 60, few)
        self.env.cr.execute("ANALYZE dso_item, dso_qualification, dso_action_line")
        for moves in (one, mine):
            # the evaluation before the commit included
            with self.assertQueryCount(60):
                moves.dso_qualify(self.ongoing, "told")
