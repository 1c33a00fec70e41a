"""The three steps of a qualification, and what leaves with it (rules.md §3.3)."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from ..models.dso_placeholder import PLACEHOLDERS
from .sending_common import TODAY, SendingCommon, day

#: Words of the internal comment that may be found nowhere outside.
SECRET = "Zebra: he lies about the goods"


@tagged("post_install", "-at_install")
class TestQualifySteps(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        group = "dso_collection.group_"
        cls.users = {
            role: cls.env["res.users"].create(
                {
                    "name": f"{role.title()} Person",
                    "login": f"steps_{role}",
                    "email": f"{role}@company.example",
                    "group_ids": [Command.set([cls.env.ref(group + role).id])],
                    "company_ids": [Command.set(cls.company.ids)],
                    "company_id": cls.company.id,
                }
            )
            for role in ("viewer", "resolver", "collector", "manager")
        }
        cls.dispute = cls.env.ref("dso_collection.status_price_dispute")
        cls.promise = cls.env.ref("dso_collection.status_promise_by_phone")
        cls.contacted = cls.env.ref("dso_collection.status_contacted")

    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)

    def wizard(self, records, user=None, **context):
        return Form(
            self.env["dso.qualify"]
            .with_user(user or self.users["collector"])
            .with_context(active_model=records._name, active_ids=records.ids, **context)
        )

    def specific(self):
        return self.account().open_action_ids.filtered("star")

    def outgoing(self):
        return self.env["mail.mail"].search(
            [("model", "=", "dso.action"), ("state", "=", "outgoing")]
        )

    def of_account(self, account=None):
        """What was written to somebody, out of the scenario."""
        return (account or self.account()).action_ids.filtered(
            lambda a: a.kind == "out_of_scenario"
        )

    # 2 E-mail ------------------------------------------------------------------

    def test_promise_confirmation(self):
        """§3.3: the confirmation notes amount, date and means; it leaves once, as it
        was edited, and the items are promised."""
        first, second = self.invoice("1 Nov", 1000), self.invoice("5 Nov", 500)
        form = self.wizard(first | second)
        form.status_id = self.promise
        form.promise_date = day("4 Dec")
        form.promise_amount = 1200
        form.promise_means = "transfer"
        form.comment = SECRET
        form.step = "email"
        self.assertEqual(form.email_to, "none")
        form.email_to = "customer"
        self.assertIn("ar@customer.example", form.email_recipient)
        self.assertIn("December 4, 2026", form.email_subject)
        for words in ("1,200.00", "December 4, 2026", "Bank transfer", first.name):
            self.assertIn(words, form.email_body)
        form.email_body = form.email_body.replace("Thank you", "Many thanks")
        form.step = "next"
        self.assertEqual(form.follow_up, "action")
        form.save().action_qualify()
        self.assertEqual(
            [(m.dso_status_id, m.dso_promise_date) for m in first | second],
            [(self.promise, day("4 Dec"))] * 2,
        )
        rows = self.account().qualification_ids
        self.assertEqual(
            {row.move_id: row.promise_amount for row in rows},
            {first: 1000, second: 200},
        )
        self.assertEqual(self.specific().date, day("4 Dec"))
        mails = self.run_outbox()
        self.assertEqual(len(mails), 1)
        self.assertIn("Many thanks", mails[0]["body"])
        self.assertIn("ar@customer.example", mails[0]["email_to"][0])
        self.assertFalse(self.run_outbox(), "exactly once")
        action = self.of_account()
        self.assertEqual((action.state, action.delivery), ("done", "sent"))

    def test_comment_never_leaves(self):
        """§3.3: the internal comment reaches the customer through no channel: not the
        message, its subject, the preview, nor any value that texts may use."""
        move = self.invoice("1 Nov")
        mails = []
        for status in (self.dispute, self.promise, self.contacted):
            form = self.wizard(move)
            form.status_id = status
            if status == self.promise:
                form.promise_date = day("4 Dec")
            form.comment = SECRET
            form.step = "email"
            form.email_to = "customer"
            self.assertNotIn("Zebra", form.email_body)
            self.assertNotIn("Zebra", form.email_subject)
            form.save().action_qualify()
            mails += self.run_outbox()
        self.assertEqual(len(mails), 3)
        self.assertNotIn("Zebra", str(mails))
        actions = self.account().action_ids
        self.account().evaluate(TODAY)
        outward = actions.filtered(lambda a: a.interactive != "internal")
        for paths in PLACEHOLDERS.values():
            for path in paths:
                for action in outward:
                    value = action
                    for name in path.split("."):
                        value = value[name]
                    self.assertNotIn("Zebra", str(value), path)
        for template in self.env["mail.template"].search(
            [("model", "=", "dso.action")]
        ):
            for name in ("subject", "body_html"):
                texts = template._render_field(name, outward.ids, compute_lang=True)
                self.assertNotIn("Zebra", str(texts), template.name)

    def test_customer_message_in_his_language(self):
        """§3.3: the text is in its reader's language, whoever writes it."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.ref(
            "dso_collection.mail_template_dispute_acknowledgement"
        ).with_context(lang="fr_FR").subject = "Nous examinons votre objection"
        self.customer.lang = "fr_FR"
        form = self.wizard(self.invoice("1 Nov"))
        form.status_id = self.dispute
        form.step = "email"
        form.email_to = "customer"
        self.assertEqual(form.email_subject, "Nous examinons votre objection")

    def test_colleague_is_proposed(self):
        """§3.3: a resolver chosen proposes an internal e-mail to him, with what was
        said; it goes to him only and is marked as internal."""
        move = self.invoice("1 Nov")
        form = self.wizard(move)
        form.status_id = self.dispute
        form.resolver_id = self.users["resolver"]
        form.comment = SECRET
        self.assertEqual(form.email_to, "colleague")
        form.step = "email"
        self.assertEqual(form.colleague_id, self.users["resolver"])
        self.assertIn("Zebra", form.email_body)
        form.save().action_qualify()
        mails = self.run_outbox()
        self.assertEqual(
            [mail["email_to"] for mail in mails],
            [['"Resolver Person" <resolver@company.example>']],
        )
        action = self.of_account()
        self.assertEqual(action.interactive, "internal")
        self.assertEqual(self.specific().resolver_id, self.users["resolver"])

    def test_nothing_leaves_unseen(self):
        """An e-mail that was proposed is shown before it leaves."""
        move = self.invoice("1 Nov")
        form = self.wizard(move)
        form.status_id = self.dispute
        form.resolver_id = self.users["resolver"]
        wizard = form.save()
        shown = wizard.action_qualify()
        self.assertEqual((shown["res_id"], wizard.step), (wizard.id, "email"))
        self.assertIn(move.name, wizard.email_body)
        self.assertFalse(move.dso_status_id)
        self.assertFalse(self.outgoing())
        wizard.action_qualify()
        self.assertEqual(move.dso_status_id, self.dispute)
        self.assertEqual(len(self.outgoing()), 1)

    def test_edited_text_is_never_evaluated(self):
        """What a person writes is a text, not a template."""
        move = self.invoice("1 Nov")
        form = self.wizard(move)
        form.status_id = self.contacted
        form.step = "email"
        form.email_to = "customer"
        form.email_subject = "{{ object.partner_id.name }}"
        form.email_body = "<p>Sum: {{ 6 * 7 }} <t t-out='object.note'>x</t></p>"
        form.save().action_qualify()
        mail = self.run_outbox()[0]
        self.assertEqual(mail["subject"], "{{ object.partner_id.name }}")
        self.assertIn("{{ 6 * 7 }}", mail["body"])

    def test_edited_text_stays(self):
        """A text that its writer changed is not overwritten when he goes back; he is
        told that it no longer agrees."""
        first, second = self.invoice("1 Nov"), self.invoice("2 Nov")
        form = self.wizard(first)
        form.status_id = self.promise
        form.promise_date = day("4 Dec")
        form.step = "email"
        form.email_to = "customer"
        form.step = "status"
        form.promise_date = day("9 Dec")
        form.step = "email"
        self.assertIn("December 9, 2026", form.email_body, "untouched: filled again")
        form.email_body = "<p>My own words</p>"
        form.step = "status"
        form.promise_date = day("11 Dec")
        form.step = "email"
        self.assertIn("My own words", form.email_body)
        self.assertTrue(form.email_stale)
        form.email_refill = True
        self.assertIn("December 11, 2026", form.email_body)
        self.assertFalse(form.email_stale)
        self.assertTrue(second)

    def test_sending_switched_off(self):
        """The window says so before anything is written, and nothing is proposed."""
        self.company.dso_sending_active = False
        move = self.invoice("1 Nov")
        form = self.wizard(move)
        self.assertTrue(form.sending_off)
        form.status_id = self.dispute
        form.resolver_id = self.users["resolver"]
        self.assertEqual(form.email_to, "none")
        form.save().action_qualify()
        self.assertEqual(move.dso_status_id, self.dispute)

    def test_what_cannot_be_sent_leaves_nothing(self):
        """All of it, or nothing: an e-mail that cannot leave qualifies nothing."""
        self.customer.email = False
        move = self.invoice("1 Nov")
        form = self.wizard(move)
        form.status_id = self.contacted
        form.step = "email"
        form.email_to = "customer"
        wizard = form.save()
        with self.assertRaisesRegex(UserError, "was not sent"):
            wizard.action_qualify()
        self.assertFalse(move.dso_status_id)
        self.assertFalse(self.account().qualification_ids)

    def test_paid_before_it_left(self):
        """Last look: the text of an item that was paid meanwhile does not leave."""
        move = self.invoice("1 Nov")
        form = self.wizard(move)
        form.status_id = self.contacted
        form.step = "email"
        form.email_to = "customer"
        form.save().action_qualify()
        self.pay(move)
        self.assertFalse(self.run_outbox())
        self.assertEqual(self.of_account().cause, "settled")

    def test_partly_paid_before_it_left(self):
        """Last look: a text that a person wrote is not sent with other amounts, nor
        changed behind his back."""
        move = self.invoice("1 Nov")
        form = self.wizard(move)
        form.status_id = self.contacted
        form.step = "email"
        form.email_to = "customer"
        form.save().action_qualify()
        self.pay(move, 300)
        self.assertFalse(self.run_outbox())
        action = self.of_account()
        self.assertEqual(action.delivery, "failed")
        self.assertIn("Write it anew", action.error_detail)

    def test_two_clicks_are_one(self):
        """Validate pressed twice qualifies and writes once."""
        move = self.invoice("1 Nov")
        form = self.wizard(move)
        form.status_id = self.contacted
        form.step = "email"
        form.email_to = "customer"
        wizard = form.save()
        wizard.action_validate()
        with self.assertRaisesRegex(UserError, "Tick at least one"):
            wizard.action_validate()
        self.assertEqual(len(self.account().qualification_ids), 1)
        self.assertEqual(len(self.outgoing()), 1)

    # 3 Next reminder -----------------------------------------------------------

    def test_q3_proposed_and_editable(self):
        """Q3: model, mode, recipient and date of the status, each to be changed."""
        model = self._model("Admin follow-up", "email", template=True)
        status = self.status(
            "dispute",
            delay=3,
            action_model_id=model.id,
            mode="auto_confirm",
            internal_interactive=True,
        )
        move = self.invoice("1 Nov")
        form = self.wizard(move)
        form.status_id = status
        form.resolver_id = self.users["resolver"]
        form.step = "next"
        self.assertEqual(form.action_model_id, model)
        self.assertEqual(form.follow_up_mode, "auto_confirm")
        self.assertEqual(form.follow_up_to, "internal")
        self.assertEqual(form.follow_up_date, day("26 Nov"))
        form.follow_up_mode = "manual"
        form.follow_up_to = "customer"
        form.follow_up_date = day("27 Nov")
        form.step = "email"
        form.email_to = "none"
        form.save().action_qualify()
        self.assertRecordValues(
            self.specific(),
            [
                {
                    "action_model_id": model.id,
                    "mode": "manual",
                    "interactive": "no",
                    "date": day("27 Nov"),
                    "resolver_id": self.users["resolver"].id,
                }
            ],
        )

    def test_q5_a_dispute_has_no_choice(self):
        """Q5: no way out of the follow-up of a dispute."""
        move = self.invoice("1 Nov")
        form = self.wizard(move)
        form.status_id = self.contacted
        form.step = "next"
        form.follow_up = "scenario"
        form.step = "status"
        form.status_id = self.dispute
        form.save().action_qualify()
        self.assertEqual(self.specific().move_ids, move)

    def test_specific_action_only(self):
        """§3.3: without a status, only a specific action on the ticked items."""
        move = self.invoice("1 Nov")
        form = self.wizard(move)
        form.step = "next"
        form.action_model_id = self.phone
        form.follow_up_date = day("1 Dec")
        form.save().action_qualify()
        self.assertFalse(move.dso_status_id)
        self.assertEqual(self.specific().action_model_id, self.phone)
        self.assertEqual(self.specific().amount_claimed, 1000)

    def test_nothing_said(self):
        """Neither status, e-mail nor action: refused."""
        form = self.wizard(self.invoice("1 Nov"))
        form.step = "next"
        form.follow_up = "scenario"
        with self.assertRaisesRegex(UserError, "Choose a status"):
            form.save().action_qualify()

    # The window ----------------------------------------------------------------

    def test_case_45_two_answers_in_one_reply(self):
        """Case 45: promise on A, dispute on B, qualified one after the other in the
        same window; nothing is applied before its Validate, and each can be undone."""
        first, second = self.invoice("1 Nov"), self.invoice("2 Nov")
        form = self.wizard(self.account(), self.users["collector"])
        with form.item_ids.edit(0) as line:
            line.selected = True
        form.status_id = self.promise
        form.promise_date = day("4 Dec")
        wizard = form.save()
        self.assertFalse(first.dso_status_id)
        wizard.action_validate()
        self.assertEqual(first.dso_status_id, self.promise)
        self.assertEqual(wizard.done_text, "1 qualified: Promise by phone.")
        self.assertEqual(wizard.item_ids.filtered("done").move_id, first)
        self.assertFalse(wizard.status_id)
        wizard.item_ids.filtered(lambda i: i.move_id == second).selected = True
        wizard.status_id = self.dispute
        wizard.action_validate()
        self.assertEqual(second.dso_status_id, self.dispute)
        wizard.action_undo()
        self.assertFalse(second.dso_status_id)
        self.assertEqual(wizard.item_ids.filtered("selected").move_id, second)
        self.assertEqual(first.dso_status_id, self.promise)
        wizard.status_id = self.dispute
        told = wizard.action_qualify()
        self.assertEqual(told["tag"], "dso_qualified")
        row = second.dso_item_ids.qualification_id
        self.assertEqual(told["params"]["ids"], row.ids)
        row.action_undo()
        self.assertFalse(second.dso_status_id)

    def test_finish_after_validate(self):
        """Validate and finish with nothing left to apply only closes."""
        move = self.invoice("1 Nov")
        form = self.wizard(move)
        form.status_id = self.contacted
        wizard = form.save()
        wizard.action_validate()
        self.assertEqual(wizard.action_qualify()["type"], "ir.actions.act_window_close")
        self.assertEqual(len(self.account().qualification_ids), 1)

    def test_reply(self):
        """§7: a reply brings its items and its choice, and is processed at the end."""
        move = self.invoice("1 Nov")
        self.invoice("2 Nov")
        reply = self.env["dso.reply"].create(
            {
                "account_id": self.account().id,
                "body": "We pay on the 4th",
                "move_ids": [Command.set(move.ids)],
                "proposed_type": "promise_to_pay",
                "proposed_promise_date": day("4 Dec"),
            }
        )
        form = self.wizard(reply, default_reply_id=reply.id)
        self.assertEqual(form.reply_body, "We pay on the 4th")
        self.assertEqual(form.status_id.type, "promise_to_pay")
        self.assertEqual(form.promise_date, day("4 Dec"))
        self.assertEqual(form.chosen_count, 1)
        form.save().action_qualify()
        self.assertEqual(move.dso_promise_date, day("4 Dec"))
        self.assertEqual(reply.state, "validated")

    def test_promised_amount_leaves_items_without(self):
        """A promised amount goes to the oldest items; one that gets nothing is to be
        unticked."""
        first, second = self.invoice("1 Nov", 1000), self.invoice("2 Nov", 500)
        form = self.wizard(first | second)
        form.status_id = self.promise
        form.promise_date = day("4 Dec")
        form.promise_amount = 900
        with self.assertRaisesRegex(UserError, second.name):
            form.save().action_qualify()

    def test_files_belong_to_the_items(self):
        """§3.3: files of step 1 are seen by whoever sees the item, and do not leave."""
        moves = self.invoice("1 Nov") | self.invoice("2 Nov")
        collector = self.users["collector"]
        form = self.wizard(moves)
        form.status_id = self.dispute
        wizard = form.save()
        file = (
            self.env["ir.attachment"]
            .with_user(collector)
            .create(
                {"name": "note.txt", "raw": b"Two boxes", "res_model": "dso.qualify"}
            )
        )
        wizard.attachment_ids = file
        wizard.action_qualify()
        items = moves.dso_item_ids
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "dso.item"), ("res_id", "in", items.ids)]
        )
        self.assertEqual(len(files), 2)
        self.assertEqual(set(files.mapped("raw")), {b"Two boxes"})
        self.assertEqual(set(files.mapped("description")), {self.dispute.name})

    def test_resolver_of_the_status(self):
        """§3.3: the status names who fixes it: a colleague, or each item's own
        salesperson."""
        first, second = self.invoice("1 Nov"), self.invoice("2 Nov")
        one, two = self.users["resolver"], self.users["collector"]
        first.invoice_user_id = one
        second.invoice_user_id = two
        status = self.status("dispute", resolver_rule="invoice")
        form = self.wizard(first | second, self.users["manager"])
        form.status_id = status
        self.assertFalse(form.resolver_id)
        self.assertTrue(form.resolver_by_item)
        form.save().action_qualify()
        self.assertEqual(first.dso_resolver_id, one)
        self.assertEqual(second.dso_resolver_id, two)
        self.assertEqual(set(self.specific().mapped("resolver_id")), {one, two})
        status.write({"resolver_rule": "user", "resolver_id": two.id})
        first.dso_qualify(status, "")
        self.assertEqual(first.dso_resolver_id, two)
        first.dso_qualify(status, "", resolver=self.env["res.users"])
        self.assertFalse(first.dso_resolver_id)

    # Roles ---------------------------------------------------------------------

    def test_roles(self):
        """§10: each role on each button."""
        move = self.invoice("1 Nov")
        account = self.account()
        with self.assertRaises(AccessError):
            self.wizard(move, self.users["viewer"])
        for role in ("resolver", "collector", "manager"):
            form = self.wizard(account, self.users[role])
            with form.item_ids.edit(0) as line:
                line.selected = True
            form.status_id = self.dispute
            wizard = form.save()
            wizard.action_validate()
            self.assertEqual(move.dso_status_id, self.dispute)
            wizard.action_undo()
            self.assertFalse(move.dso_status_id)
        resolver = self.users["resolver"]
        form = self.wizard(move, resolver)
        form.status_id = self.contacted
        wizard = form.save()
        wizard.write({"step": "email", "email_to": "customer"})
        with self.assertRaisesRegex(AccessError, "Only collectors write"):
            wizard.action_qualify()
        wizard.write({"email_body": "<p>Hello</p>", "email_subject": "Hello"})
        with self.assertRaisesRegex(AccessError, "Only collectors write"):
            wizard.action_qualify()
        wizard.write(
            {"email_to": "colleague", "colleague_id": self.users["collector"].id}
        )
        wizard.write({"email_body": False})
        wizard.action_qualify()
        wizard.action_qualify()
        self.assertEqual(len(self.outgoing()), 1)
        self.assertEqual(move.dso_status_id, self.contacted)
