"""Replies: what holds actions, who takes them up, and what stays (rules.md §7)."""

from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from odoo.addons.dso_collection.models.dso_qualification import ENGINE

from .sending_common import TODAY, SendingCommon, day


@tagged("post_install", "-at_install")
class TestReplies(SendingCommon):
    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)

    def reply(self, body="We pay on Friday.", partner=None, **values):
        """A reply that came in by the customer's page."""
        return (
            self.env["dso.reply"]
            .with_context(dso_engine=ENGINE)
            .create(
                {
                    "account_id": self.account(partner).id,
                    "source": "page",
                    "body": body,
                    **values,
                }
            )
            .with_context(dso_engine=None)
        )

    # HOLD ------------------------------------------------------------------------

    def test_a_reply_holds_automatic_actions(self):
        """§7: an unprocessed reply holds the automatic actions of its account, five
        working days unless the company says otherwise."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        reply = self.reply()
        self.assertEqual(reply.hold_until, day("30 Nov"))
        self.assertEqual(self.send(), [])
        self.assertEqual(action.state, "planned")
        self.assertIn("Held until", action.held)
        self.assertIn("a reply waits to be read", action.held)
        # green, not yellow: nothing is wrong with it
        self.assertEqual(action.colour, "green")
        self.assertEqual(self.send(day("30 Nov")), [])
        self.assertEqual(len(self.send(day("1 Dec"))), 1)
        with freeze_time("2026-12-01"):
            reply.invalidate_recordset()
            self.assertTrue(reply.unread)
            self.assertIn(reply, reply.search([("unread", "=", True)]))
            self.assertNotIn(reply, reply.search([("holding", "=", True)]))

    def test_a_person_may_send_in_spite_of_a_reply(self):
        """§7: held are automatic actions; who has read the reply may write."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.reply()
        with self.mock_mail_gateway():
            action.action_send()
            self.env["mail.mail"].process_email_queue()
            self.assertEqual(len(self._mails), 1)

    def test_taking_it_up_lets_actions_go(self):
        """Validated or dismissed, a reply holds nothing any more."""
        for verb in ("action_validate", "action_dismiss"):
            customer = self._customer(f"Customer {verb}")
            self.invoice("20 Nov", partner=customer)
            self.proposal_of(partner=customer)
            reply = self.reply(partner=customer)
            self.assertEqual(self.send(), [])
            getattr(reply, verb)()
            self.assertEqual(reply.user_id, self.env.user)
            self.assertEqual(len(self.send()), 1, verb)

    def test_reply_while_the_message_waits_in_the_outbox(self):
        """The last look sees a reply: the step counts as not done, and waits."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.send(outbox=False)
        self.assertEqual(action.state, "done")
        reply = self.reply()
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual((action.state, action.cause), ("cancelled", "reply"))
        account = self.evaluate()
        self.assertFalse(account.last_done_step_id)
        again = account.proposal_id
        self.assertEqual(again.step_id, action.step_id)
        reply.action_validate()
        self.assertEqual(len(self.send()), 1)
        self.assertEqual(again.state, "done")

    def test_a_specific_message_in_the_outbox_waits_with_its_items(self):
        """A specific action that has not left keeps its items out of the scenario."""
        invoice = self.invoice("20 Nov")
        account = self.account()
        action = self.env["dso.action"].create(
            {
                "account_id": account.id,
                "kind": "specific",
                "action_model_id": self.email.id,
                "mode": "auto",
                "date": TODAY,
                "line_ids": [
                    Command.create({"account_id": account.id, "move_id": invoice.id})
                ],
            }
        )
        self.send(outbox=False)
        self.assertEqual(action.state, "done")
        reply = self.reply()
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual(action.state, "planned")
        self.assertTrue(invoice.dso_starred)
        self.assertFalse(self.evaluate().proposal_id)
        reply.action_dismiss()
        self.assertEqual(len(self.send()), 1)
        self.assertEqual(action.state, "done")
        self.assertFalse(invoice.dso_starred)

    def test_automatic_answers_hold_nothing(self):
        """§7: absence notices and bounces hold nothing."""
        self.invoice("20 Nov")
        self.proposal_of()
        reply = self.reply("I am away until Monday.", automatic=True)
        self.assertFalse(reply.holding or reply.unread)
        self.assertEqual(len(self.send()), 1)

    def test_no_days_no_hold(self):
        """A company may let replies hold nothing; they are told as unread at once."""
        self.company.dso_reply_hold_days = 0
        self.invoice("20 Nov")
        self.proposal_of()
        reply = self.reply()
        self.assertFalse(reply.holding)
        self.assertTrue(reply.unread)
        self.assertEqual(len(self.send()), 1)

    def test_a_member_holds_its_head(self):
        """L16: the head's messages speak of its members' items."""
        member = self._customer("Member")
        head = self.account()
        self.account(member).head_id = head
        self.invoice("20 Nov", partner=member)
        self.proposal_of()
        self.reply(partner=member)
        self.assertEqual(self.send(), [])

    def test_others_are_not_held(self):
        other = self._customer("Other")
        self.invoice("20 Nov", partner=other)
        self.proposal_of(partner=other)
        self.invoice("20 Nov")
        self.proposal_of()
        self.reply()
        self.assertEqual(len(self.send()), 1)

    def test_working_days(self):
        """Days to read a reply are those of the sending calendar, its holidays left
        out; without a calendar Monday to Friday."""
        add = self.company._dso_add_working_days
        friday = day("20 Nov")
        self.assertEqual(add(friday, 0), friday)
        self.assertEqual(add(friday, 1), TODAY)
        self.assertEqual(add(day("21 Nov"), 1), TODAY)
        self.assertEqual(add(TODAY, -1), friday)
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Mondays",
                "company_id": self.company.id,
                "attendance_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "name": "Monday",
                            "dayofweek": "0",
                            "hour_from": 9,
                            "hour_to": 17,
                        }
                    ),
                ],
            }
        )
        self.company.dso_sending_calendar_id = calendar
        self.assertEqual(add(friday, 2), day("30 Nov"))
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": calendar.id,
                "company_id": self.company.id,
                "date_from": datetime(2026, 11, 30),
                "date_to": datetime(2026, 11, 30, 23, 59),
            }
        )
        self.assertEqual(add(friday, 2), day("7 Dec"))

    # LIFE ------------------------------------------------------------------------

    def test_content_stays(self):
        """What came in is not changed and not deleted; the items may be named."""
        reply = self.reply()
        invoice = self.invoice("20 Nov")
        for values in ({"body": "x"}, {"date": "2026-01-01"}, {"source": "user"}):
            with self.assertRaisesRegex(UserError, "stays as it came in"):
                reply.write(values)
        with self.assertRaisesRegex(UserError, "Use the buttons"):
            reply.state = "validated"
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            reply.sudo().unlink()
        reply.move_ids = invoice
        self.assertEqual(reply.move_ids, invoice)

    def test_items_of_others_are_refused(self):
        foreign = self.invoice("20 Nov", partner=self._customer("Other"))
        with self.assertRaisesRegex(ValidationError, "is not an item of"):
            self.reply(move_ids=[Command.set(foreign.ids)])

    def test_nobody_forges_a_page_reply(self):
        """Users note what they were told; pages and mails come in by themselves."""
        values = {"account_id": self.account().id, "body": "Paid!"}
        with self.assertRaisesRegex(UserError, "come in by themselves"):
            self.env["dso.reply"].create({**values, "source": "page"})
        with self.assertRaisesRegex(UserError, "come in by themselves"):
            self.env["dso.reply"].create({**values, "state": "validated"})
        with self.assertRaisesRegex(ValidationError, "needs some text"):
            self.env["dso.reply"].create({**values, "body": False})
        with Form(self.env["dso.reply"]) as form:
            form.account_id = self.account()
            form.body = "He called: the goods never came."
        self.assertEqual(form.record.source, "user")

    def test_closed_twice(self):
        """Two users, one reply: the second one is told who was faster."""
        reply = self.reply()
        reply.action_validate()
        with self.assertRaisesRegex(UserError, "already processed by"):
            reply.action_dismiss()
        reply.action_reopen()
        self.assertTrue(reply.holding)
        self.assertFalse(reply.user_id)

    def test_roles(self):
        """§10: a viewer and a resolver read replies, a collector takes them up."""
        reply = self.reply()
        for role in ("viewer", "resolver"):
            user = new_test_user(
                self.env,
                login=f"dso_{role}",
                groups=f"dso_collection.group_{role}",
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            mine = reply.with_user(user)
            self.assertEqual(mine.body, "We pay on Friday.")
            for verb in ("action_validate", "action_dismiss", "action_reopen"):
                with self.assertRaises(AccessError):
                    getattr(mine, verb)()
        other = new_test_user(
            self.env,
            login="dso_other",
            groups="dso_collection.group_manager",
            company_id=self.company_data_2["company"].id,
            company_ids=[Command.set(self.company_data_2["company"].ids)],
        )
        self.assertFalse(self.env["dso.reply"].with_user(other).search([]))
        with self.assertRaises(AccessError):
            reply.with_user(other).read(["body"])

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_data_2 = cls.setup_other_company()

    def test_merged_customers(self):
        """Invariant: a merge moves replies to the destination."""
        gone = self._customer("Twin")
        self.invoice("20 Nov", partner=gone)
        reply = self.reply(partner=gone)
        self.account()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((gone | self.customer).ids, self.customer)
        reply.invalidate_recordset()
        self.assertEqual(reply.account_id, self.account())
        self.assertTrue(reply.holding)
