"""The life of specific and out-of-scenario actions (rules.md §4)."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .sending_common import TODAY, SendingCommon, day


@tagged("post_install", "-at_install")
class TestActionLife(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = new_test_user(
            cls.env,
            login="rex",
            name="Rex Resolver",
            email="rex@company.example",
            groups="dso_collection.group_resolver",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.internal = cls._model(
            "Internal request", "email", template=True, interactive="internal"
        )

    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)

    def window(self, moves, model=None, **values):
        """The window New action with these items ticked, filled in."""
        view = "dso_collection.dso_action_new_view_form"
        wizard = self.env["dso.action.new"].with_context(
            active_model="account.move", active_ids=moves.ids
        )
        form = Form(wizard, view)
        form.action_model_id = model or self.email
        for name, value in values.items():
            setattr(form, name, value)
        return form

    def outbox(self, button, *args):
        """Press a button; what left."""
        with self.mock_mail_gateway():
            result = button(*args)
            self.env["mail.mail"].process_email_queue()
            self.env.flush_all()
            return result, list(self._mails)

    # OUT OF SCENARIO ---------------------------------------------------------------

    def test_at_once_to_the_customer(self):
        """§4: beside the scenario, at once; it neither advances nor excludes."""
        invoice = self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.email.mode = "manual"
        form = self.window(invoice)
        self.assertTrue(form.may_send)
        self.assertEqual((form.chosen_count, form.chosen_total), (1, 1000))
        _result, [mail] = self.outbox(form.save().action_create_and_send)
        self.assertIn("ar@customer.example", mail["email_to"][0])
        account = self.evaluate()
        self.assertEqual(account.proposal_id, proposal)
        self.assertFalse(account.last_any_date)
        done = account.closed_action_ids
        self.assertEqual((done.kind, done.state), ("out_of_scenario", "done"))
        self.assertEqual(done.move_ids, invoice)

    def test_planned_to_the_customer(self):
        """§4: or planned for a day, and then it leaves by itself."""
        invoice = self.invoice("20 Jan 2027")
        form = self.window(invoice, date=day("25 Nov"), mode="auto")
        self.assertFalse(form.may_send)
        form.save().action_create()
        self.assertEqual(self.send(day("24 Nov")), [])
        self.assertEqual(len(self.send(day("25 Nov"))), 1)
        self.assertEqual(self.send(day("26 Nov")), [])

    def test_to_a_colleague(self):
        """§4, §7: what is for a colleague never reaches the customer."""
        invoice = self.invoice("20 Nov")
        form = self.window(invoice, self.internal)
        self.assertEqual(form.reader, "colleague")
        form.resolver_id = self.colleague
        wizard = form.save()
        _result, [mail] = self.outbox(wizard.action_create_and_send)
        self.assertIn("rex@company.example", mail["email_to"][0])
        self.assertNotIn("customer.example", str(mail["email_to"]))

    def test_any_text_to_a_colleague(self):
        """§4: also a text that customers get may be sent to a colleague, and the other
        way round the reader decides."""
        invoice = self.invoice("20 Nov")
        form = self.window(invoice, reader="colleague", resolver_id=self.colleague)
        action = form.save()._create_action()
        self.assertEqual(action.interactive, "internal")
        self.assertEqual(action.recipient_id, self.colleague.partner_id)
        form = self.window(invoice, self.internal, reader="customer")
        action = form.save()._create_action()
        self.assertEqual(action.interactive, "no")
        self.assertEqual(action.recipient_id, self.customer)

    def test_to_nobody(self):
        """A message to a colleague needs the colleague."""
        invoice = self.invoice("20 Nov")
        wizard = (
            self.env["dso.action.new"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"action_model_id": self.internal.id})
        )
        with self.assertRaisesRegex(UserError, "Choose the colleague"):
            wizard.action_create()

    def test_sending_off(self):
        """Nothing is left behind by a message that cannot leave."""
        self.company.dso_sending_active = False
        invoice = self.invoice("20 Nov")
        form = self.window(invoice)
        self.assertFalse(form.may_send)
        wizard = form.save()
        with self.assertRaisesRegex(UserError, "switched off"):
            wizard.action_create_and_send()
        self.assertFalse(
            self.env["dso.action"].search([("kind", "=", "out_of_scenario")])
        )

    def test_any_type(self):
        """§4: notices and calls are planned just so; they are done by hand, notices
        and litigation once they are released."""
        invoice = self.invoice("20 Nov")
        for model in (self.letter, self.phone, self.court):
            form = self.window(invoice, model)
            self.assertFalse(form.may_send, model.name)
            result = form.save().action_create()
            action = self.env["dso.action"].browse(result["res_id"])
            self.assertEqual((action.type, action.mode), (model.type, "manual"))
            if model != self.phone:
                with self.assertRaisesRegex(UserError, "press Release"):
                    action.action_done()
                continue
            action.action_done()
            self.assertEqual(action.state, "done")

    # EDITED BY HAND ----------------------------------------------------------------

    def edited(self, **values):
        """A manual message on an invoice, its text edited."""
        self.email.mode = "manual"
        self.invoice("20 Nov")
        action = self.proposal_of()
        action.action_edit_text()
        action.write(values)
        return action

    def test_edited_text_leaves_as_it_stands(self):
        """§2: of a manual message the collector edits the text; nothing that he writes
        is evaluated."""
        action = self.edited()
        self.assertIn("INV/", action.own_body)
        self.assertIn("1,000.00", action.own_body)
        action.own_body = (
            "<p>Dear Ms Fox, {{ 1111 * 1111 }} <t t-out='1111 * 1111'/> thank you.</p>"
        )
        action.own_subject = "{{ object.id }} {{ 1111 * 1111 }}"
        _result, [mail] = self.outbox(action.action_send)
        self.assertIn("Dear Ms Fox, {{ 1111 * 1111 }}", mail["body"])
        self.assertNotIn("1234321", mail["body"])
        self.assertNotIn("1234321", mail["subject"])
        self.assertEqual((action.state, action.delivery), ("done", "sent"))
        with self.assertRaisesRegex(UserError, "is closed"):
            action.own_body = "<p>Something else</p>"

    def test_edited_text_that_the_ledger_overtook(self):
        """Nothing leaves that names an amount which is not owed any more."""
        action = self.edited()
        self.pay(action.leader_id, 300)
        self.evaluate()
        with self.assertRaisesRegex(UserError, "changed since its text was written"):
            action.action_send()
        action.action_edit_text()
        self.assertIn("700.00", action.own_body)
        _result, [mail] = self.outbox(action.action_send)
        self.assertIn("700.00", mail["body"])

    def test_edited_text_paid_in_the_outbox(self):
        """The last look holds for edited texts, too."""
        action = self.edited()
        action.action_send()
        self.pay(action.leader_id)
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual((action.state, action.cause), ("cancelled", "settled"))

    def test_edited_text_partly_paid_in_the_outbox(self):
        """A text that a person wrote cannot be rendered again: he is asked."""
        action = self.edited()
        action.action_send()
        self.pay(action.leader_id, 300)
        self.assertEqual(self.run_outbox(), [])
        self.assertEqual((action.state, action.delivery), ("done", "failed"))
        self.assertTrue(action.undelivered)

    def test_back_to_the_text_of_the_model(self):
        action = self.edited(own_subject="Mine")
        action.action_model_text()
        self.assertFalse(action.own_body or action.own_subject or action.own_date)
        _result, [mail] = self.outbox(action.action_send)
        self.assertNotEqual(mail["subject"], "Mine")

    def test_automatic_texts_are_fixed(self):
        """§2: the content of automatic messages is the model's."""
        self.invoice("20 Nov")
        action = self.proposal_of()
        with self.assertRaisesRegex(UserError, "leaves by itself"):
            action.action_edit_text()
        with self.assertRaisesRegex(UserError, "leaves by itself"):
            action.own_body = "<p>x</p>"
        phone = self.env["dso.action"].create(
            {"account_id": self.account().id, "action_model_id": self.phone.id}
        )
        with self.assertRaisesRegex(UserError, "is done by hand"):
            phone.action_edit_text()

    def test_another_reader_for_once(self):
        """§2: the collector chooses another contact of the customer, in his language;
        nobody else's."""
        boss = self.env["res.partner"].create(
            {
                "name": "The boss",
                "parent_id": self.customer.id,
                "email": "boss@customer.example",
            }
        )
        action = self.edited(own_contact_id=boss.id)
        self.assertEqual(action.recipient_id, boss)
        _result, [mail] = self.outbox(action.action_send)
        self.assertIn("boss@customer.example", mail["email_to"][0])
        stranger = self._customer("Stranger", email="x@stranger.example")
        other = self.env["dso.action"].create(
            {"account_id": self.account().id, "action_model_id": self.email.id}
        )
        with self.assertRaisesRegex(ValidationError, "is no contact of"):
            other.own_contact_id = stranger

    def test_who_edits(self):
        """§10: collectors write to customers, resolvers do not."""
        invoice = self.invoice("20 Nov")
        self.email.mode = "manual"
        self.window(
            invoice, kind="specific", resolver_id=self.colleague
        ).save().action_create()
        action = self.account().open_action_ids.filtered("star")
        with self.assertRaises(AccessError):
            action.with_user(self.colleague).action_edit_text()
        with self.assertRaises(AccessError):
            action.with_user(self.colleague).own_body = "<p>x</p>"

    # SPECIFIC ----------------------------------------------------------------------

    def test_life_of_a_specific_action(self):
        """§4: edited, sent several times without completing, re-dated, completed."""
        invoice = self.invoice("10 Nov")
        other = self.invoice("15 Nov")
        self.email.mode = "manual"
        self.window(
            invoice, kind="specific", name="First reading"
        ).save().action_create()
        account = self.evaluate()
        action = account.open_action_ids.filtered(lambda a: a.kind == "specific")
        self.assertTrue(action.star and invoice.dso_starred)
        self.assertEqual(account.leader_id, other)
        action.write({"name": "Second reading", "resolver_id": self.colleague.id})
        for count in (1, 2):
            _result, mails = self.outbox(action.action_send)
            self.assertEqual(len(mails), 1, count)
            self.assertEqual(
                (action.state, action.display_name[:6]), ("planned", "Second")
            )
            self.assertTrue(invoice.dso_starred)
        action.action_reschedule(day("2 Dec"))
        self.assertEqual(action.date, day("2 Dec"))
        action.action_done()
        self.assertFalse(invoice.dso_starred)
        self.assertEqual(self.evaluate().leader_id, invoice)

    def test_case_35_two_messages_on_one_item(self):
        """Peers case 35: a second message on an item keeps both links."""
        invoice = self.invoice("10 Nov")
        self.email.mode = "manual"
        for _time in range(2):
            self.outbox(self.window(invoice).save().action_create_and_send)
        lines = self.env["dso.action.line"].search([("move_id", "=", invoice.id)])
        self.assertEqual(len(lines.action_id), 2)
        self.assertEqual(set(lines.action_id.mapped("delivery")), {"sent"})

    def test_item_in_two_actions(self):
        """§4: an item in two specific actions stays out until both are closed."""
        invoice = self.invoice("10 Nov")
        for _time in range(2):
            self.window(invoice, self.phone, kind="specific").save().action_create()
        account = self.evaluate()
        first, second = account.open_action_ids
        first.action_done()
        self.assertTrue(invoice.dso_starred)
        self.assertFalse(self.evaluate().leader_id)
        second.action_cancel()
        self.assertFalse(invoice.dso_starred)
        self.assertEqual(self.evaluate().leader_id, invoice)

    def test_closed_when_paid(self):
        """§4, L17: cleared items close it by themselves, one after the other."""
        first, second = self.invoice("10 Nov"), self.invoice("12 Nov", 500)
        self.window(
            first | second, mode="auto", kind="specific", date=day("1 Dec")
        ).save().action_create()
        action = self.account().open_action_ids
        self.pay(first)
        self.env.cr.flush()
        self.assertEqual(action.state, "planned")
        self.pay(second)
        self.evaluate()
        self.assertEqual((action.state, action.cause), ("cancelled", "settled"))
        self.assertEqual(self.send(day("1 Dec")), [])

    def test_no_specific_action_without_items(self):
        """§4: a specific action is on at least one item."""
        invoice = self.invoice("10 Nov")
        form = self.window(invoice, kind="specific")
        with form.item_ids.edit(0) as item:
            item.selected = False
        wizard = form.save()
        with self.assertRaisesRegex(UserError, "at least one item"):
            wizard.action_create()

    def test_who_plans(self):
        """§10: collectors plan actions; resolvers drive theirs, and write to
        colleagues only."""
        invoice = self.invoice("10 Nov")
        with self.assertRaises(AccessError):
            self.env["dso.action.new"].with_user(self.colleague).create(
                {"account_id": self.account().id, "action_model_id": self.phone.id}
            )
        self.window(
            invoice, self.phone, kind="specific", resolver_id=self.colleague
        ).save().action_create()
        action = (
            self.account().open_action_ids.filtered("star").with_user(self.colleague)
        )
        action.action_reschedule(day("1 Dec"))
        action.action_done()
        self.assertEqual(action.user_done_id, self.colleague)
