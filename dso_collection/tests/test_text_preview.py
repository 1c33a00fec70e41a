"""Preview of a text on a customer, and a test to oneself (rules.md §2)."""

from psycopg2.extras import Json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .sending_common import TODAY, SendingCommon


@tagged("post_install", "-at_install")
class TestTextPreview(SendingCommon):
    def setUp(self):
        super().setUp()
        clock = freeze_time(TODAY)
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)
        self.late = self.invoice("13 Nov", 1000)
        self.proposal = self.proposal_of()
        self.user = new_test_user(
            self.env,
            "ed",
            "dso_collection.group_collector",
            email="ed@company.example",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def preview(self, model, user=None, **values):
        return (
            self.env["dso.text.preview"]
            .with_user(user or self.user)
            .create(
                {
                    "action_model_id": model.id,
                    "account_id": self.account().id,
                    **values,
                }
            )
        )

    def test_as_the_customer_would_get_it(self):
        """The text with the customer's items; nothing is left behind by looking."""
        before = self.env["dso.action"].search_count([])
        preview = self.preview(self.email)
        self.assertIn("1,000.00", preview.subject)
        self.assertIn(self.late.name, preview.body)
        self.assertEqual(preview.template_id, self.text)
        self.assertIn("ar@customer.example", preview.recipient)
        self.assertFalse(preview.problem)
        self.assertEqual(self.env["dso.action"].search_count([]), before)
        self.assertEqual(self.account().proposal_id, self.proposal)
        self.assertEqual(self.proposal.state, "planned")

    def test_in_another_language(self):
        """The language asked for holds for text, dates and lists."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(["dso_collection"], ["fr_FR"])
        self.env.invalidate_all()
        preview = self.preview(self.email, lang="fr_FR")
        self.assertIn("13 novembre 2026", preview.body)
        self.assertIn("Madame, Monsieur", preview.body)
        preview.lang = False
        self.assertIn("Dear Sir or Madam", preview.body)

    def test_text_of_the_debtor(self):
        """The text shown is the one that such a debtor gets."""
        notice = self.env.ref("dso_collection.model_formal_notice")
        preview = self.preview(notice)
        self.assertEqual(
            preview.template_id,
            self.env.ref("dso_collection.mail_template_formal_notice"),
        )
        self.account().late_category = "public"
        preview.invalidate_recordset()
        self.assertEqual(
            preview.template_id,
            self.env.ref("dso_collection.mail_template_formal_notice_public"),
        )

    def test_chosen_items_and_colleague(self):
        """Texts on chosen items show the customer's, those to colleagues the user."""
        model = self.env.ref("dso_collection.model_dispute_follow_up_email")
        preview = self.preview(model)
        self.assertIn(self.late.name, preview.body)
        self.assertIn("ed@company.example", preview.recipient)

    def test_opened_from_the_model(self):
        """The button opens it with a customer who owes something."""
        action = self.email.with_user(self.user).action_preview()
        form = Form(
            self.env[action["res_model"]]
            .with_user(self.user)
            .with_context(**action["context"])
        )
        self.assertEqual(form.account_id, self.account())
        self.assertIn(self.late.name, form.body)

    def test_test_goes_to_oneself_only(self):
        """A test goes to the user on the usual letterhead, whoever the customer is, and
        is no contact with him."""
        with self.mock_mail_gateway():
            self.preview(self.email).action_send_test()
        self.assertEqual(len(self._mails), 1)
        mail = self._mails[0]
        self.assertEqual(mail["email_to"], [self.user.email_formatted])
        self.assertTrue(mail["subject"].startswith("Test: "))
        self.assertIn(self.late.name, mail["body"])
        self.assertIn("/logo.png", mail["body"])
        self.assertFalse(self.account().last_any_date)

    def test_no_secret_in_a_test(self):
        """Links that open something are made for customers, not for tests."""
        self.patch(type(self.company), "_dso_paid_online", lambda company: True)
        self.text.body_html = "<p t-out='object.payment_button'/>"
        preview = self.preview(self.email)
        self.assertIn(self.late.name, preview.body)
        self.assertNotIn("/dso/secret", preview.body)

    def test_one_button_to_a_page(self):
        """A test shows the button to the reader's page once, also where the text names
        it, and it leads nowhere."""
        follow_up = self.env.ref("dso_collection.model_dispute_follow_up_email")
        reminder = self.email
        reminder.interactive = "customer"
        self.account().interactive = True
        for model, words in (
            (follow_up, "See the items and answer"),
            (reminder, "See your invoices and answer"),
        ):
            with self.subTest(model.name), self.mock_mail_gateway():
                self.preview(model).action_send_test()
                body = self._mails[0]["body"]
                self.assertEqual(body.count(words), 1)
                self.assertNotIn("/dso/secret", body)

    def test_payment_plan(self):
        """The text of a payment plan shows a schedule, of all its items, also for a
        customer who has no plan; nothing of it is kept."""
        plans = self.env["dso.payment.plan"].search_count([])
        model = self.env.ref("dso_collection.model_plan_confirmation")
        body = self.preview(model).body
        self.assertIn("November 30, 2026", body)
        self.assertIn("December 30, 2026", body)
        self.assertIn("333.33", body)
        self.assertIn("333.34", body)
        self.assertIn("1,000.00", body)
        self.assertEqual(self.env["dso.payment.plan"].search_count([]), plans)

    def test_example_amounts_are_those_of_the_items(self):
        """A promise and a plan that a preview makes up cover the items that it lists,
        also those that are not due, and no credit."""
        self.invoice("20 Dec", 200)
        self.credit_note(150)
        promise = self.preview(
            self.env.ref("dso_collection.model_promise_confirmation")
        )
        self.assertIn("1,200.00", promise.body)
        self.assertIn("in all", promise.body)
        plan = self.preview(self.env.ref("dso_collection.model_plan_confirmation"))
        self.assertIn("400.00", plan.body)
        self.assertIn("1,200.00", plan.body)

    def test_text_message_as_it_leaves(self):
        """A text message is shown without markup, with the link that it ends with."""
        model = self.env.ref("dso_collection.model_sms_reminder")
        model.interactive = "customer"
        self.account().interactive = True
        body = str(self.preview(model).body)
        self.assertIn("https://…", body)
        self.assertNotIn("/dso/secret", body)
        self.assertNotIn("<t", body)

    def test_what_is_broken_is_said(self):
        """A text that cannot be filled says so instead of failing."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_template SET body_html = %s WHERE id = %s",
            [
                Json({"en_US": "<p t-out='1 / (object.amount_claimed - 1000)'/>"}),
                self.text.id,
            ],
        )
        self.text.invalidate_recordset()
        preview = self.preview(self.email)
        self.assertTrue(preview.problem)
        self.assertNotIn("Traceback", preview.problem)
        self.assertFalse(preview.body)
        with self.assertRaises(UserError):
            preview.action_send_test()

    def test_user_without_address(self):
        self.user.email = False
        with self.assertRaisesRegex(UserError, "preferences"):
            self.preview(self.email).action_send_test()

    def test_who_may(self):
        """Collectors and managers preview; of their companies' customers only."""
        viewer = new_test_user(self.env, "vi", "dso_collection.group_viewer")
        with self.assertRaises(AccessError):
            self.preview(self.email, viewer)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "st",
            "dso_collection.group_collector",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.assertRaises(AccessError):
            self.preview(self.email, stranger).body  # noqa: B018
