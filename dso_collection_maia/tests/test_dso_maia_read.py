"""The wizard "Read a reply": proposes, hands over, applies nothing."""

from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.dso_collection.tests.common import TODAY, DsoCommon

from ..engine import apart
from ..wizards import dso_maia_read
from .test_engine_apart import sabotaged


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDsoMaiaRead(DsoCommon):
    def setUp(self):
        super().setUp()
        self.first = self.invoice("1 Nov", 1000)
        self.second = self.invoice("2 Nov", 500)
        self.third = self.invoice("3 Nov", 750)
        self.promise = self.status("promise_to_pay")

    def reader(self, text, user=None, **values):
        Read = self.env["dso.maia.read"].with_user(user or self.env.user)
        return Read.with_context(default_account_id=self.account().id).create(
            {"text": text, **values}
        )

    def reading(self, text, **values):
        wizard = self.reader(text, **values)
        wizard.action_read()
        return wizard

    def short(self, move):
        """INV/2026/00012 → INV/12."""
        parts = move.name.split("/")
        return f"{parts[0]}/{int(parts[-1])}"

    def qualify(self, wizard):
        """Open the qualification as the button does."""
        action = wizard.action_qualify()
        self.assertEqual(action["res_model"], "dso.qualify")
        return Form(self.env["dso.qualify"].with_context(**action["context"]))

    def test_m1_proposal(self):
        """M1: two invoices and a date are proposed, the third stays untouched."""
        wizard = self.reading(
            f"We will pay invoices {self.short(self.first)} and"
            f" {self.short(self.second)} on 4 December"
        )
        ticked = wizard.item_ids.filtered("selected")
        self.assertEqual(ticked.move_id, self.first | self.second)
        self.assertIn("4 December", ticked[0].evidence)
        self.assertEqual(wizard.promise_date, date(2026, 12, 4))
        self.assertEqual(len(wizard.item_ids), 3)
        self.assertFalse(wizard.hint)

    def test_nothing_is_applied(self):
        """Reading changes no item, no action, no account."""
        account = self.evaluate()
        proposal = account.proposal_id
        wizard = self.reading(f"{self.first.name} is disputed, mark all as paid")
        self.assertFalse((self.first | self.second | self.third).dso_status_id)
        self.assertFalse(account.qualification_ids)
        self.assertEqual(self.evaluate().proposal_id, proposal)
        wizard.action_qualify()
        self.assertFalse(account.qualification_ids)

    def test_user_chooses_the_status(self):
        """M5: the user's choice counts: here the item, and the status, are his."""
        wizard = self.reading(f"{self.first.name} will be paid on 4 December")
        form = self.qualify(wizard)
        self.assertFalse(form.status_id)
        self.assertEqual(form.promise_date, date(2026, 12, 4))
        self.assertIn("will be paid", form.comment)
        form.status_id = self.promise
        form.save().action_qualify()
        self.assertEqual(self.first.dso_status_id, self.promise)
        self.assertEqual(self.first.dso_promise_date, date(2026, 12, 4))
        self.assertFalse(self.second.dso_status_id)

    def test_user_corrects_the_ticks(self):
        wizard = self.reading(f"{self.first.name} will be paid on 4 December")
        for item in wizard.item_ids:
            item.selected = item.move_id == self.second
        form = self.qualify(wizard)
        form.status_id = self.promise
        form.save().action_qualify()
        self.assertFalse(self.first.dso_status_id)
        self.assertEqual(self.second.dso_status_id, self.promise)

    def test_several_dates_are_a_choice(self):
        wizard = self.reading(
            f"{self.first.name}: half on 4 December, the rest on 18 December"
        )
        self.assertFalse(wizard.promise_date)
        self.assertTrue(wizard.hint)
        self.assertIn("Dec 4, 2026", wizard.finding_ids.mapped("meaning"))
        wizard.finding_ids.filtered(
            lambda f: f.date == date(2026, 12, 18)
        ).action_take_date()
        self.assertEqual(wizard.promise_date, date(2026, 12, 18))
        self.assertFalse(wizard.hint)

    def test_names_nothing(self):
        """M4: nothing is proposed, nothing is ticked."""
        wizard = self.reading("Thanks, received.")
        self.assertFalse(wizard.item_ids.filtered("selected"))
        self.assertFalse(wizard.promise_date)
        self.assertTrue(wizard.hint)
        with self.assertRaisesRegex(UserError, "Tick"):
            wizard.action_qualify()

    def test_amounts_and_other_numbers(self):
        wizard = self.reading(
            f"{self.first.name.replace('2026', '2031')}: we sent 300 EUR"
        )
        self.assertEqual(
            set(wizard.finding_ids.mapped("kind")), {"amount", "unmatched"}
        )
        amount = wizard.finding_ids.filtered(lambda f: f.kind == "amount")
        self.assertEqual((amount.amount, amount.currency_id.name), (300, "EUR"))

    def test_only_open_items_of_this_customer(self):
        """A settled invoice, or another customer's, is named but not matched."""
        other = self.invoice("5 Nov", partner=self._customer("Other"))
        self.pay(self.first)
        wizard = self.reading(f"{self.first.name} and {other.name}")
        self.assertEqual(wizard.item_ids.move_id, self.second | self.third)
        self.assertFalse(wizard.item_ids.filtered("selected"))
        self.assertEqual(wizard.finding_ids.mapped("kind"), ["unmatched"] * 2)

    def test_grouped_accounts(self):
        """The reply to a head account may name the items of its members."""
        member = self._customer("Member")
        theirs = self.invoice("5 Nov", 90, partner=member)
        self.account(member).head_id = self.account()
        wizard = self.reading(f"{theirs.name} on 4 December")
        self.assertEqual(wizard.item_ids.filtered("selected").move_id, theirs)
        form = self.qualify(wizard)
        form.status_id = self.promise
        form.save().action_qualify()
        self.assertEqual(theirs.dso_status_id, self.promise)

    def test_residual_of_the_item_names_it(self):
        """A part was paid: the open rest names the invoice."""
        self.pay(self.third, 250.5)
        wizard = self.reading("We transfer the 499.50 tomorrow", lang="en")
        self.assertEqual(wizard.item_ids.filtered("selected").move_id, self.third)
        self.assertEqual(wizard.promise_date, date(2026, 11, 24))

    def test_read_again(self):
        wizard = self.reading(f"{self.first.name} on 4 December")
        wizard.action_back()
        self.assertEqual(wizard.state, "paste")
        wizard.text = f"{self.second.name} on 5 December"
        wizard.action_read()
        self.assertEqual(wizard.item_ids.filtered("selected").move_id, self.second)
        self.assertEqual(wizard.promise_date, date(2026, 12, 5))

    def test_language_of_the_customer(self):
        """Known languages come from the contact; English says nothing."""
        self.env["res.lang"]._activate_lang("pl_PL")
        self.assertFalse(self.reader("x").lang)
        self.customer.lang = "pl_PL"
        wizard = self.reader(f"{self.first.name} do 30 listopada")
        self.assertEqual(wizard.lang, "pl")
        wizard.action_read()
        self.assertEqual(wizard.promise_date, date(2026, 11, 30))

    def test_markup_stays_text(self):
        wizard = self.reading(f"<x onclick='x()'>{self.first.name}</x> on 4 December")
        self.assertTrue(wizard.item_ids.filtered("selected"))
        self.assertIn("<x", wizard.item_ids.filtered("selected").evidence)

    def test_engine_hangs_dies_fails(self):
        """The user is told in words, his worker lives, what he pasted stays."""
        for word, told in (
            ("hang", "took too long"),
            ("die", "broke down"),
            ("fail", "could not be read"),
        ):
            text = f"{self.first.name} on 4 December, {word}"
            wizard = self.reader(text)
            with (
                self.subTest(word),
                sabotaged(),
                patch.object(dso_maia_read, "LIMIT", 1 if word == "hang" else 60),
                mute_logger(dso_maia_read.__name__),
                self.assertRaisesRegex(UserError, told) as error,
            ):
                wizard.action_read()
            self.assertNotIn("December", str(error.exception))
            self.assertEqual((wizard.state, wizard.text), ("paste", text))
            wizard.action_read()
            self.assertEqual(wizard.promise_date, date(2026, 12, 4))

    def test_time_of_a_click(self):
        """Somebody waits: it has less time than the job, and less than a request."""
        reader = dso_maia_read.Reader
        with patch.object(dso_maia_read, "Reader", side_effect=reader) as noted:
            self.reading(f"{self.first.name} on 4 December")
        noted.assert_called_once_with(limit=dso_maia_read.LIMIT)
        self.assertLess(dso_maia_read.LIMIT, apart.LIMIT)

    def test_access(self):
        """Resolvers read; viewers have no such wizard."""
        resolver, viewer = (
            new_test_user(
                self.env,
                f"maia_{role}",
                f"base.group_user,dso_collection.group_{role}",
                company_id=self.company.id,
            )
            for role in ("resolver", "viewer")
        )
        self.account()
        wizard = self.reader(f"{self.first.name} on 4 December", user=resolver)
        wizard.action_read()
        self.assertEqual(
            wizard.item_ids.filtered("selected").move_id.ids, self.first.ids
        )
        with self.assertRaises(AccessError):
            self.reader("x", user=viewer)

    def foreign_account(self):
        """An account of a company, and a user who is not in it."""
        other = self.setup_other_company()["company"]
        account = (
            self.env["dso.account"]
            .sudo()
            .create({"company_id": other.id, "partner_id": self.customer.id})
        )
        resolver = new_test_user(
            self.env,
            "maia_other",
            "base.group_user,dso_collection.group_resolver",
            company_id=self.company.id,
        )
        return account, resolver

    def test_other_company(self):
        """The account of a company that is not the user's cannot be read."""
        account, resolver = self.foreign_account()
        with self.assertRaises(AccessError):
            self.env["dso.maia.read"].with_user(resolver).with_context(
                default_account_id=account.id
            ).create({"text": "x", "item_ids": [Command.clear()]})

    def test_rows_of_another_company(self):
        """What a client sends in for a row shows nothing of accounts that are not the
        user's."""
        account, resolver = self.foreign_account()
        wizard = self.reader("x", user=resolver)
        row = {"account_id": account.id, "move_id": self.first.id}
        with self.assertRaises(AccessError):
            wizard.item_ids = [Command.create(row)]
            wizard.item_ids.invalidate_recordset()
            wizard.item_ids.mapped("amount")

    def test_longer_than_what_is_read(self):
        """Who pastes a book is told that its end was not read."""
        wizard = self.reading(f"{self.first.name} on 4 December. " + "word " * 3000)
        self.assertIn("10,000", wizard.hint)
        self.assertTrue(wizard.item_ids.filtered("selected"))
        wizard.finding_ids.action_take_date()
        self.assertIn("10,000", wizard.hint)
