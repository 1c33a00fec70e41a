"""Disputes: from the status to the outcome (rules.md §3.3, §9)."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
class TestDisputes(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.price = cls.env["dso.status"].create(
            {"name": "Price", "type": "dispute", "delay": 2}
        )
        cls.quality = cls.env["dso.status"].create(
            {"name": "Quality", "type": "dispute", "delay": 7}
        )
        cls.ongoing = cls.env["dso.status"].create(
            {"name": "Contacted", "type": "on_going"}
        )

    def dispute(self, move, on=TODAY, status=None, **values):
        with freeze_time(on):
            move.dso_qualify(status or self.price, "wrong price", **values)
        return self.env["dso.action"].search(
            [("dispute", "=", True), ("state", "=", "planned")],
            order="id desc",
            limit=1,
        )

    def close(self, source, on, outcome="unjustified", **values):
        with freeze_time(on if not isinstance(on, str) else day(on)):
            form = Form(
                self.env["dso.dispute.close"].with_context(
                    active_model=source._name, active_ids=source.ids
                )
            )
            form.outcome = outcome
            for name, value in values.items():
                setattr(form, name, value)
            form.save().action_close()

    def test_case_42_back_in_the_scenario(self):
        """Case 42: finishing the dispute's follow-up sets Dispute resolved, puts the
        item back in the scenario, and records how long it took."""
        move = self.invoice("1 Nov")
        action = self.dispute(move)
        self.assertProposal(None, "no_leader")
        with freeze_time("2026-12-02"):
            window = action.action_complete()
        self.assertEqual(window["res_model"], "dso.dispute.close")
        self.assertEqual(action.state, "planned")
        self.close(
            action,
            "2 Dec",
            outcome="partly",
            sentence="We credit the discount; the rest is due.",
        )
        self.assertRecordValues(
            action, [{"state": "done", "outcome": "Partly justified"}]
        )
        self.assertRecordValues(
            move.dso_item_ids.qualification_id,
            [
                {
                    "status_type": "dispute_resolved",
                    "comment": "wrong price",
                    "status_date": day("2 Dec"),
                    "dispute_outcome": "partly",
                    "dispute_ended_id": self.price.id,
                    "dispute_date": TODAY,
                    "dispute_days": 9,
                    "dispute_decided_by_id": self.env.user.id,
                    "dispute_sentence": "We credit the discount; the rest is due.",
                }
            ],
        )
        self.assertEqual(move.dso_item_ids.dispute_outcome, "partly")
        account = self.assertProposal("S2", "4 Nov", today=day("2 Dec"))
        self.assertEqual(account.leader_id, move)

    def test_q6_sent_and_redated_it_stays_a_dispute(self):
        """Q6: re-dated, the items stay excluded and disputed."""
        move = self.invoice("1 Nov")
        action = self.dispute(move)
        with freeze_time("2026-11-25"):
            action.action_reschedule(day("2 Dec"))
        self.assertProposal(None, "no_leader", today=day("25 Nov"))
        self.assertEqual(move.dso_status_type, "dispute")
        self.close(action, "2 Dec")
        self.assertEqual(move.dso_status_type, "dispute_resolved")
        self.assertEqual(move.dso_status_date, day("2 Dec"))
        self.assertEqual(move.dso_comment, "wrong price")

    def test_resolution_time_by_type(self):
        """§9: from the dispute's status date to the next status date, per type; what
        was undone does not count."""
        for days in (2, 4):
            move = self.invoice("1 Nov")
            action = self.dispute(move)
            with freeze_time(day(f"{23 + days} Nov")):
                action.action_done()
        self.assertEqual(self.price.resolution_days, 3)
        with freeze_time("2026-11-27"):
            move.dso_item_ids.qualification_id.action_undo()
        self.price.invalidate_recordset(["resolution_days"])
        self.assertEqual(self.price.resolution_days, 2)
        self.assertEqual(move.dso_status_type, "dispute")
        # the dispute that came back still dates from its first day
        with freeze_time("2026-11-30"):
            move.dso_qualify(self.quality, "broken, too")
        self.price.invalidate_recordset(["resolution_days"])
        self.assertEqual(self.price.resolution_days, 4.5)
        self.assertEqual(move.dso_item_ids.dispute_date, day("30 Nov"))

    def test_same_dispute_again_goes_on(self):
        """A dispute that is qualified alike again is one dispute."""
        move = self.invoice("1 Nov")
        self.dispute(move)
        self.dispute(move, on=day("25 Nov"))
        self.assertEqual(move.dso_item_ids.dispute_date, TODAY)
        with freeze_time("2026-11-27"):
            move.dso_qualify(self.ongoing, "")
        self.assertEqual(move.dso_item_ids.qualification_id.dispute_days, 4)

    def test_other_status_by_hand_ends_it(self):
        """A status of another type ends the dispute, without an outcome; a new dispute
        forgets the outcome of the one before."""
        move = self.invoice("1 Nov")
        action = self.dispute(move)
        with freeze_time("2026-11-25"):
            rows = move.dso_qualify(self.ongoing, "he agrees")
        self.assertEqual(action.state, "cancelled")
        self.assertRecordValues(
            rows,
            [
                {
                    "dispute_ended_id": self.price.id,
                    "dispute_days": 2,
                    "dispute_outcome": False,
                }
            ],
        )
        action = self.dispute(move, on=day("26 Nov"))
        self.close(action, "27 Nov", outcome="justified")
        self.assertEqual(move.dso_item_ids.dispute_outcome, "justified")
        with freeze_time("2026-11-28"):
            move.dso_qualify(self.ongoing, "still open")
        self.assertEqual(move.dso_item_ids.dispute_outcome, "justified")
        self.dispute(move, on=day("29 Nov"))
        self.assertFalse(move.dso_item_ids.dispute_outcome)

    def test_one_of_two_items(self):
        """What is not ticked stays disputed, on the same follow-up."""
        first, second = self.invoice("1 Nov"), self.invoice("2 Nov", 500)
        action = self.dispute(first | second)
        with freeze_time("2026-11-27"):
            form = Form(
                self.env["dso.dispute.close"].with_context(
                    active_model="dso.action", active_ids=action.ids
                )
            )
            form.outcome = "withdrawn"
            wizard = form.save()
            wizard.item_ids.filtered(lambda i: i.move_id == second).selected = False
            wizard.action_close()
        self.assertEqual(first.dso_status_type, "dispute_resolved")
        self.assertEqual(second.dso_status_type, "dispute")
        self.assertEqual(action.state, "planned")
        self.assertTrue(second.dso_starred)
        self.close(second.dso_item_ids, "30 Nov")
        self.assertEqual(action.state, "done")

    def test_credit_note_is_his(self):
        move = self.invoice("1 Nov")
        action = self.dispute(move)
        other = self.credit_note(5, partner=self._customer("Other"))
        with self.assertRaisesRegex(UserError, "not a credit note of"):
            self.close(action, "27 Nov", credit_note_id=other)
        credit = self.credit_note(100)
        self.close(action, "27 Nov", outcome="justified", credit_note_id=credit)
        self.assertEqual(
            move.dso_item_ids.qualification_id.dispute_credit_note_id, credit
        )

    def test_closed_meanwhile(self):
        move = self.invoice("1 Nov")
        action = self.dispute(move)
        with freeze_time("2026-11-27"):
            form = Form(
                self.env["dso.dispute.close"].with_context(
                    active_model="dso.action", active_ids=action.ids
                )
            )
            form.outcome = "withdrawn"
            wizard = form.save()
            action.action_done()
            with self.assertRaisesRegex(UserError, "in no dispute any more"):
                wizard.action_close()

    def test_partly_disputed_amount_in_the_list(self):
        """L2: of a partly disputed item the list counts the disputed amount."""
        move = self.invoice("1 Nov", 1000)
        self.dispute(move, disputed_amount=300)
        item = move.dso_item_ids
        self.assertEqual((item.open_company, item.dispute_company), (1000, 300))
        groups = self.env["dso.item"]._read_group(
            [("status_type", "=", "dispute")], ["status_id"], ["dispute_company:sum"]
        )
        self.assertEqual(groups, [(self.price, 300)])
        with freeze_time("2026-11-26"):
            item.invalidate_recordset()
            self.assertEqual(item.dispute_age, 3)

    def test_roles(self):
        """A resolver closes the disputes that are his; a viewer none."""
        move = self.invoice("1 Nov")
        resolver = new_test_user(
            self.env, "res", groups="dso_collection.group_resolver"
        )
        viewer = new_test_user(self.env, "vie", groups="dso_collection.group_viewer")
        action = self.dispute(move, resolver=resolver)
        with self.assertRaises(AccessError):
            action.with_user(viewer).action_complete()
        with self.assertRaises(AccessError):
            self.env["dso.dispute.close"].with_user(viewer).create({})
        with freeze_time("2026-11-27"):
            window = action.with_user(resolver).action_complete()
            wizard = (
                self.env["dso.dispute.close"]
                .with_user(resolver)
                .with_context(**window["context"])
                .create({"outcome": "withdrawn"})
            )
            self.assertEqual(wizard.item_ids.move_id, move)
            wizard.action_close()
        self.assertEqual(action.state, "done")
        self.assertEqual(action.user_done_id, resolver)
        self.assertEqual(
            move.dso_item_ids.qualification_id.dispute_decided_by_id, resolver
        )
