"""Each documented placeholder, rendered as a text renders it (rules.md §2)."""

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.dso_collection.models.dso_placeholder import PLACEHOLDERS

from .sending_common import TODAY, SendingCommon


@tagged("post_install", "-at_install")
class TestPlaceholders(SendingCommon):
    def setUp(self):
        super().setUp()
        clock = freeze_time(TODAY)
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)
        self.late = self.invoice("13 Nov", 1000)
        self.later = self.invoice("20 Nov", 500)
        self.coming = self.invoice("20 Dec", 300)
        self.disputed = self.invoice("10 Nov", 70)
        self.disputed.dso_qualify(self.status("dispute"), "Wrong price")
        self.credit = self.credit_note(200)
        self.company.write(
            {"dso_penalty_rate": 7.3, "dso_recovery_cost": 40, "phone": "+1 555-0100"}
        )
        self.account().write({"penalties": True, "recovery": True})
        self.action = self.proposal_of()

    def test_all_documented_ones_render(self):
        """Every documented value can be written into a text, and is described."""
        paths = [path for family in PLACEHOLDERS.values() for path in family]
        self.text.body_html = "".join(
            f"<p id='{path}'><t t-out='object.{path}'/></p>" for path in paths
        )
        body = self.text._render_field("body_html", self.action.ids)[self.action.id]
        for path in paths:
            self.assertIn(f'id="{path}"', body)
            self.assertIn(f"object.{path}", self.email.placeholder_help)
            label = self.env["mail.template"]._dso_placeholder_label(path)
            self.assertTrue(label and label != path)

    def test_lists(self):
        """All, overdue and not due items; the disputed one under its own heading."""
        names = {
            key: getattr(self, key).name
            for key in ("late", "later", "coming", "disputed", "credit")
        }
        action = self.action
        for name in names.values():
            self.assertIn(name, action.items_table)
        self.assertNotIn(names["coming"], action.overdue_table)
        self.assertIn(names["late"], action.overdue_table)
        self.assertIn(names["coming"], action.not_due_table)
        self.assertNotIn(names["late"], action.not_due_table)
        headed, _sep, under_review = action.items_table.partition("Under review")
        self.assertNotIn(names["disputed"], headed)
        self.assertIn(names["disputed"], under_review)
        self.assertFalse(action.selected_table)

    def test_selected(self):
        """Selected items are those of a specific or an out-of-scenario action."""
        action = self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "action_model_id": self.email.id,
                "line_ids": [Command.create({"move_id": self.later.id})],
            }
        )
        self.assertIn(self.later.name, action.selected_table)
        self.assertNotIn(self.late.name, action.selected_table)
        self.assertEqual(action.amount_selected, 500)
        self.pay(self.later, 100)
        action.invalidate_recordset()
        self.assertEqual(action.amount_selected, 400)

    def test_members(self):
        """Grouped accounts: one table for each (rules.md L16)."""
        other = self._customer("Subsidiary")
        invoice = self.invoice("15 Nov", 11, partner=other)
        self.account(other).head_id = self.account()
        action = self.proposal_of()
        tables = action.member_tables
        self.assertLess(tables.index("Customer"), tables.index("Subsidiary"))
        self.assertLess(tables.index("Subsidiary"), tables.index(invoice.name))
        self.assertEqual(tables.count(invoice.name), 1)
        self.assertNotIn("credits deducted", tables)

    def test_amounts(self):
        """Claimed: overdue less credits, without the disputed item (rules.md §12)."""
        action = self.action
        self.assertEqual(action.amount_claimed, 1300)
        self.assertEqual(action.amount_overdue, 1570)
        self.assertEqual(action.amount_not_due, 300)
        self.assertIn("1,300.00", action.claimed_words)

    def test_penalties_and_recovery(self):
        """7.3 % a year: 1,000 for 10 days and 500 for 3 are 2.00 and 0.30; 40 for each
        of the two overdue invoices; nothing for the disputed one (rules.md §6)."""
        action = self.action
        self.assertEqual(action.penalty_amount, 2.30)
        self.assertEqual(action.recovery_amount, 80)
        self.assertEqual(action.amount_costs, 82.30)
        self.assertEqual(action.amount_claimed_with_costs, 1382.30)
        self.account().write({"penalties": False, "recovery": False})
        action.invalidate_recordset()
        self.assertEqual(action.amount_claimed_with_costs, 1300)

    def test_sender(self):
        """Name, phone and address of the collector; the company's phone when he has
        none."""
        action = self.action
        self.assertEqual(action.collector_name, "Ann Collector")
        self.assertEqual(action.collector_phone, "+1 555-0100")
        self.collector.phone = "+1 555-0199"
        action.invalidate_recordset()
        self.assertIn("+1 555-0199", action.signature_block)
        self.assertIn("/logo.png", action.company_logo)

    def test_payment_links_are_secret(self):
        """The link that pays is put in when the mail leaves and is stored nowhere; a
        link to another customer's invoice is taken out."""
        stranger = self.invoice("20 Nov", 9, partner=self._customer("Stranger"))
        self.text.body_html = (
            "<div><t t-out='object.payment_button_undisputed'/>"
            f"<p><a href='/dso/secret/pay/{stranger.id}'>Pay yours</a></p></div>"
        )
        self.patch(type(self.company), "_dso_paid_online", lambda company: True)
        self.action.invalidate_recordset()
        self.assertIn(f"/dso/secret/pay/{self.late.id}", self.action.payment_button)
        self.assertIn(f"/dso/secret/pay/{self.disputed.id}", self.action.payment_button)
        self.assertNotIn(
            f"/dso/secret/pay/{self.disputed.id}",
            self.action.payment_button_undisputed,
        )
        link = "https://pay.example/secret-token"
        self.patch(
            type(self.late),
            "_get_portal_payment_link",
            lambda move: f"{link}/{move.id}",
        )
        self.patch(type(self.late), "_has_to_be_paid", lambda move: True)
        [mail] = self.send()
        self.assertIn(f"{link}/{self.late.id}", mail["body"])
        self.assertIn(f"{link}/{self.later.id}", mail["body"])
        self.assertNotIn("Pay yours", mail["body"])
        self.assertNotIn("/dso/secret", mail["body"])
        stored = self.mails_of(self.action)
        self.assertNotIn("secret-token", str(stored.body_html) + str(stored.body))
        self.assertIn(f"/dso/secret/pay/{self.late.id}", stored.body)

    def test_unpayable_links_are_taken_out(self):
        """Without online payment no button leaves."""
        self.text.body_html = "<div><t t-out='object.payment_button'/>Regards</div>"
        self.patch(type(self.company), "_dso_paid_online", lambda company: True)
        self.patch(type(self.late), "_has_to_be_paid", lambda move: False)
        [mail] = self.send()
        self.assertNotIn("/dso/secret", mail["body"])
        self.assertNotIn("Pay INV", mail["body"])
        self.assertIn("Regards", mail["body"])

    def _provider(self, **values):
        """A provider of online payments, with portal payments switched on."""
        self.env["ir.config_parameter"].set_param(
            "account_payment.enable_portal_payment", "True"
        )
        self.env["payment.provider"].search([]).write({"state": "disabled"})
        return self.env["payment.provider"].create(
            {
                "name": "Cards",
                "company_id": self.company.id,
                "state": "enabled",
                "is_published": True,
                **values,
            }
        )

    def test_paid_online_where_somebody_takes_the_money(self):
        """§2: the payment button stands in the text of a company that takes payments
        online, and in no other: without a provider the link would lead to a page that
        takes none."""
        self.assertFalse(self.action.payment_button)
        provider = self._provider()
        self.action.invalidate_recordset()
        self.assertIn(f"/dso/secret/pay/{self.late.id}", self.action.payment_button)
        self.assertTrue(self.action._secret_link("pay", self.late.id))
        for values in (
            {"state": "disabled"},
            {"state": "enabled", "is_published": False},
        ):
            with self.subTest(**values):
                provider.write(values)
                self.action.invalidate_recordset()
                self.assertFalse(self.action.payment_button)
                self.assertFalse(self.action._secret_link("pay", self.late.id))
        provider.write({"state": "enabled", "is_published": True})
        self.env["ir.config_parameter"].set_param(
            "account_payment.enable_portal_payment", "False"
        )
        self.action.invalidate_recordset()
        self.assertFalse(self.action.payment_button)

    def test_payment_buttons_are_few_and_never_on_paper(self):
        """A long list has buttons for its oldest invoices only; a letter has none, and
        neither has a message to a colleague."""
        self._provider()
        oldest = self.invoice("1 Sep", 5)
        for number in range(8):
            self.invoice(f"{number + 2} Nov", 10)
        self.action.invalidate_recordset()
        found = str(self.action.payment_button)
        self.assertEqual(found.count("/dso/secret/pay/"), 5)
        self.assertIn(f"/dso/secret/pay/{oldest.id}", found)
        for values in (
            {"type": "letter"},
            {"type": "email", "interactive": "internal"},
        ):
            with self.subTest(**values):
                self.action._engine().write(values)
                self.assertFalse(self.action.payment_button)

    def test_shipped_reminders_pay_online(self):
        """A shipped reminder carries the button where the company is paid online."""
        text = self.env.ref("dso_collection.mail_template_reminder_1")

        def body():
            self.action.invalidate_recordset()
            return text._render_field("body_html", self.action.ids)[self.action.id]

        self.assertNotIn("/dso/secret/pay/", body())
        self._provider()
        self.assertIn(f"/dso/secret/pay/{self.late.id}", body())

    def test_braces_in_a_text_are_refused(self):
        """§2: nothing half-rendered leaves: braces are filled in the subject only, and
        a text that has them is refused when it is saved, in each language."""
        for body in (
            "<p>You owe {{ object.claimed_words }}.</p>",
            "<p><a href='https://x.example/{{ object.id }}'>Pay</a></p>",
        ):
            with (
                self.subTest(body=body),
                self.assertRaisesRegex(ValidationError, "object"),
            ):
                self.text.body_html = body
        self.env["res.lang"]._activate_lang("fr_FR")
        with self.assertRaisesRegex(ValidationError, "claimed_words"):
            self.text.with_context(
                lang="fr_FR"
            ).body_html = "<p>Vous devez {{ object.claimed_words }}.</p>"
        self.text.body_html = (
            "<p><a t-attf-href='https://x.example/{{ object.id }}'>Pay</a></p>"
        )
