"""What could not be delivered goes another way, once (rules.md §2, §5; case 5)."""

from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .sending_common import TODAY, SendingCommon, day


@tagged("post_install", "-at_install")
class TestFallback(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.post = cls._model("Letter", "letter", template=True, mode="auto")
        cls.email.fallback_model_id = cls.post
        cls.customer.write({"street": "1 Main Street", "city": "Town"})

    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)

    def instead_of(self, action):
        return self.env["dso.action"].search([("fallback_of_id", "=", action.id)])

    def test_case_05_email_empty_falls_back_to_letter(self):
        """Without an e-mail address the letter leaves, and the step is done by it."""
        self.customer.email = False
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.assertEqual(action.problem, "no_contact")
        self.send()
        letter = self.instead_of(action)
        self.assertEqual((letter.type, letter.kind), ("letter", "out_of_scenario"))
        self.assertEqual((letter.state, letter.delivery), ("done", "queued"))
        self.assertEqual(letter.letter_id.state, "waiting")
        self.assertEqual((action.state, action.date_done), ("done", TODAY))
        self.assertIn("left in its place", action.outcome)
        self.assertEqual(self.account().last_done_step_id, action.step_id)
        self.send()
        self.assertEqual(self.instead_of(action), letter, "never twice")

    def test_case_34_bounce_goes_by_letter(self):
        """A bounce is settled by the letter that takes its place; its step stays."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.send()
        self.bounce(action)
        self.assertTrue(action.undelivered)
        self.send()
        letter = self.instead_of(action)
        self.assertEqual((letter.type, letter.state), ("letter", "done"))
        self.assertFalse(action.undelivered)
        self.assertEqual(action.delivery, "bounced")
        self.assertEqual(self.account().last_done_date, TODAY)
        self.send()
        self.assertEqual(len(self.instead_of(action)), 1)

    def bounce(self, action):
        message = self.mails_of(action)[-1:].mail_message_id
        message.sudo().notification_ids.write(
            {"notification_status": "bounce", "failure_type": "mail_bounce"}
        )

    def test_manual_is_proposed(self):
        """§2: a manual model is proposed to a person, in the agenda."""
        self.post.mode = "manual"
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.send()
        self.bounce(action)
        self.send()
        letter = self.instead_of(action)
        self.assertEqual((letter.state, letter.colour), ("planned", "red"))
        self.assertIn("In place of", letter.note)

    def test_unknown_is_not_repeated(self):
        """What may have arrived takes no other way by itself; a person may decide."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.send(outbox=False)
        action._engine().delivery = "unknown"
        self.send(outbox=False)
        self.assertFalse(self.instead_of(action))
        self.assertTrue(action.may_fall_back)
        action.action_fall_back()
        self.assertTrue(self.instead_of(action))
        with self.assertRaisesRegex(UserError, "needs no other way"):
            action.action_fall_back()

    def test_failure_of_another_kind(self):
        """A failure that does not lie in the address asks for a person."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.send(outbox=False)
        self.mails_of(action).sudo()._dso_fail("The template is broken")
        self.assertEqual(action.delivery, "failed")
        self.send(outbox=False)
        self.assertFalse(self.instead_of(action))

    def test_next_good_address(self):
        """An e-mail in place of an e-mail goes to the next good address."""
        again = self._model("Again", "email", template_id=self.text.id, mode="auto")
        again.fallback_model_id = self.post
        self.email.fallback_model_id = again
        contact = self.env["res.partner"].create(
            {
                "name": "Invoices",
                "parent_id": self.customer.id,
                "type": "invoice",
                "email": "second@customer.example",
            }
        )
        collection = self.env["res.partner"].create(
            {
                "name": "Collection",
                "parent_id": self.customer.id,
                "email": "first@customer.example",
                "dso_contact_role_ids": self.env.ref(
                    "dso_collection.contact_role_collection"
                ).ids,
            }
        )
        self.account().contact_id = collection
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.assertEqual(action.contact_id, collection)
        self.send()
        self.bounce(action)
        mails = self.send()
        second = self.instead_of(action)
        self.assertEqual(second.own_contact_id, contact)
        self.assertIn("second@customer.example", str(mails[-1]["email_to"]))
        self.bounce(second)
        self.send()
        self.assertEqual(self.instead_of(second).type, "letter")

    def test_nobody_is_reached(self):
        """Without any way it stays what it is: a problem for a person."""
        self.customer.write({"email": False, "street": False})
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.send()
        self.assertFalse(self.instead_of(action))
        self.assertEqual(action.state, "error")
        with self.assertRaisesRegex(UserError, "cannot be reached another way"):
            action.action_fall_back()

    def test_closed_channel(self):
        """§10: no way is taken that the customer has closed."""
        self.customer.email = False
        self.account().no_letter = True
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.send()
        self.assertFalse(self.instead_of(action))

    def test_cured_meanwhile(self):
        """The first one is cured and leaves: the other one is cancelled."""
        self.post.mode = "auto_confirm"
        self.customer.email = False
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.send()
        letter = self.instead_of(action)
        self.assertEqual(letter.state, "planned")
        with self.assertRaisesRegex(UserError, "needs no other way"):
            action.action_fall_back()
        self.customer.email = "new@customer.example"
        self.evaluate(TODAY, self.account())
        self.send()
        self.assertEqual(action.state, "done")
        self.assertEqual((letter.state, letter.cause), ("cancelled", "reached"))

    def test_settled_meanwhile(self):
        """L17: what is settled goes no other way either."""
        self.post.mode = "manual"
        self.customer.email = False
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.send()
        letter = self.instead_of(action)
        self.pay(action.leader_id)
        self.evaluate(TODAY, self.account())
        self.send()
        self.assertEqual((letter.state, letter.cause), ("cancelled", "settled"))

    def test_step_of_next_week(self):
        """A step of next week takes no other way today."""
        self.customer.email = False
        self.invoice("5 Dec")
        action = self.proposal_of()
        self.assertEqual(action.state, "error")
        self.send()
        self.assertFalse(self.instead_of(action))

    def test_what_may_take_the_place(self):
        """No circle, no formal notice, nothing to a colleague."""
        self.post.fallback_model_id = False
        with self.assertRaisesRegex(ValidationError, "its own place"):
            self.post.fallback_model_id = self.email
        with self.assertRaisesRegex(ValidationError, "no formal notice"):
            self.email.fallback_model_id = self.letter
        with self.assertRaisesRegex(ValidationError, "a person decides"):
            self.letter.fallback_model_id = self.post
        with self.assertRaisesRegex(ValidationError, "no formal notice"):
            self.email.fallback_model_id = self.phone

    def test_queries(self):
        """Nothing is asked for each action where none needs another way."""
        for number in range(3):
            customer = self._customer(f"Customer {number}", street="x", city="y")
            self.invoice("20 Nov", partner=customer)
        self.evaluate(TODAY)
        actions = self.env["dso.action"].with_user(SUPERUSER_ID)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            actions._drop_fallbacks()
            self.assertFalse(actions._unreachable_ids())

    def test_what_the_scenario_has_passed(self):
        """A bounce of long ago goes no other way once a later step was done: nobody
        receives a first reminder after the second one."""
        self.email.fallback_model_id = False
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.send()
        self.bounce(action)
        with freeze_time("2026-12-01"):
            self.env.invalidate_all()
            phone = self.proposal_of(day("1 Dec"))
            self.assertEqual(phone.step_id.name, "S3")
            phone.action_done()
            self.email.fallback_model_id = self.post
            self.send(day("1 Dec"))
        self.assertFalse(self.instead_of(action))
        self.assertTrue(action.undelivered, "a person decides")

    def test_one_customer_stops_no_other(self):
        """What cannot be planned for one customer is left alone; all else leaves."""
        self.customer.email = False
        self.invoice("20 Nov")
        action = self.proposal_of()
        other = self._customer("Other")
        self.invoice("20 Nov", partner=other)
        second = self.proposal_of(partner=other)
        Action = type(action)
        real = Action._take_another_way

        def broken(actions):
            if action in actions:
                raise ValueError("The resolver left the company")
            return real(actions)

        with (
            patch.object(Action, "_take_another_way", broken),
            mute_logger("odoo.addons.dso_collection.models.dso_action_fallback"),
        ):
            self.send()
        self.assertEqual(second.delivery, "sent")
        self.assertFalse(self.instead_of(action))
        self.assertEqual(action.state, "error")

    def test_withdrawn_after_its_step_counted(self):
        """The step that was done by the letter in its place is not done when that
        letter does not leave after all."""
        self.invoice("28 Nov")
        before = self.proposal_of()
        self.send()
        self.customer.email = False
        with freeze_time("2026-12-01"):
            self.env.invalidate_all()
            action = self.proposal_of(day("1 Dec"))
            self.send(day("1 Dec"))
            letter = self.instead_of(action)
            self.assertEqual(self.account().last_done_step_id, action.step_id)
            letter.letter_id.action_withdraw()
        self.assertEqual(letter.state, "cancelled")
        self.assertEqual((action.state, action.cause), ("cancelled", "user"))
        self.assertEqual(self.account().last_done_step_id, before.step_id)
        self.assertEqual(self.account().last_done_date, TODAY)
        self.assertEqual(self.account().last_any_date, TODAY)

    def test_never_past_a_lawyer(self):
        """§10: no other address of the customer is tried while a lawyer represents
        him."""
        again = self._model("Again", "email", template_id=self.text.id)
        self.email.fallback_model_id = again
        self.env["res.partner"].create(
            {
                "name": "Invoices",
                "parent_id": self.customer.id,
                "type": "invoice",
                "email": "second@customer.example",
            }
        )
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.send()
        self.bounce(action)
        lawyer = self.env["res.partner"].create(
            {"name": "Lawyer", "email": "office@lawyer.example"}
        )
        self.assertTrue(action._next_address())
        self.account().write({"hold_reason": "lawyer", "hold_lawyer_id": lawyer.id})
        self.assertFalse(action._next_address())

    def test_withdrawn_in_place_of_a_bounce(self):
        """What came back asks for a person again when the letter in its place does not
        leave; its step stays done."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.send()
        self.bounce(action)
        self.send()
        self.assertFalse(action.undelivered)
        self.instead_of(action).letter_id.action_withdraw()
        self.assertTrue(action.undelivered)
        self.assertEqual(self.account().last_done_step_id, action.step_id)
        self.send()
        self.assertEqual(len(self.instead_of(action)), 1, "once")
