"""Paying online from the customer's page (rules.md §7)."""

import re
from contextlib import nullcontext
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from ..controllers.payment import PAY
from ..models.dso_account_pay import PAYABLE_TYPES
from .test_access_tokens import TokenCommon
from .test_customer_page import PageCommon
from .test_new_link import KEY

OFFER = re.compile(r'value="((?:overdue|open)-[\d-]+)"')


class PayCommon(PageCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what other addons bring is not for these tests
        cls.env["payment.provider"].sudo().search([]).is_published = False
        cls.method = (
            cls.env["payment.method"]
            .sudo()
            .with_context(active_test=False)
            .search([("is_primary", "=", True)], limit=1)
        )
        cls.provider = (
            cls.env["payment.provider"]
            .sudo()
            .create(
                {
                    "name": "Test provider",
                    "company_id": cls.company.id,
                    "state": "test",
                    "is_published": True,
                    "payment_method_ids": [(6, 0, cls.method.ids)],
                }
            )
        )
        cls.method.write(
            {
                "active": True,
                "supported_country_ids": False,
                "supported_currency_ids": False,
            }
        )

    def offers(self):
        return {o["key"].split("-")[0]: o for o in self.page()["offers"]}

    def payment(self, asked, *moves):
        account = self.account().sudo()
        return account._page_payment(
            asked, [str(move.id) for move in moves], self.customer
        )


@tagged("post_install", "-at_install")
class TestPagePayment(PayCommon):
    def test_offers(self):
        """All that is overdue, and all that is open; what is under review is in
        neither, what is under way either."""
        late = self.invoice("13 Nov", 1000)
        due = self.invoice("30 Dec", 250)
        disputed = self.invoice("13 Nov", 70)
        disputed.dso_qualify(self.status("dispute"), "why")
        self.transaction(self.invoice("13 Nov", 33), 33)
        offers = self.offers()
        self.assertEqual(offers["overdue"]["amount"], self.money("$ 1,000.00"))
        self.assertEqual(offers["open"]["amount"], self.money("$ 1,250.00"))
        payment = self.payment(offers["open"]["key"])
        self.assertEqual(
            (payment["amount"], payment["move_ids"]), (1250, (late + due).ids)
        )
        self.assertEqual(payment["partner_id"], self.customer.id)

    def test_no_provider(self):
        """Nothing is offered where nobody takes payments."""
        move = self.invoice("13 Nov", 1000)
        self.provider.is_published = False
        self.assertFalse(self.offers())
        self.assertIn("cannot be paid online", self.payment("chosen", move)["problem"])

    def test_unpublished_provider(self):
        """Nor is one that is not published, not even to who may see it in Odoo."""
        move = self.invoice("13 Nov", 1000)
        other = self.env["res.company"].create({"name": "Other company"})
        self.provider.copy(
            {"company_id": other.id, "state": "test", "is_published": True}
        )
        self.provider.is_published = False
        self.assertFalse(self.offers())
        self.assertIn("cannot be paid online", self.payment("chosen", move)["problem"])

    def test_other_companys_provider(self):
        """Nor is a provider of another company."""
        self.invoice("13 Nov", 1000)
        other = self.env["res.company"].create({"name": "Other company"})
        self.provider.company_id = other
        self.assertFalse(self.offers())

    def test_chosen(self):
        """What was ticked, one under review too; of one that is partly under review
        the rest, alone."""
        late = self.invoice("13 Nov", 1000)
        disputed = self.invoice("13 Nov", 70)
        disputed.dso_qualify(self.status("dispute"), "why")
        partly = self.invoice("13 Nov", 500)
        partly.dso_qualify(self.status("dispute"), "why", disputed_amount=100)
        self.assertEqual(self.payment("chosen", late, disputed)["amount"], 1070)
        self.assertEqual(self.payment("chosen", partly)["amount"], 400)
        self.assertIn(partly.name, self.payment("chosen", late, partly)["problem"])
        self.assertEqual(self.payment(self.offers()["overdue"]["key"])["amount"], 1000)

    def test_refused(self):
        """Nothing, strangers' items, credits, what is settled or under way, several
        currencies, and offers that were not made: told in words."""
        euro = self.setup_other_currency("EUR")
        late = self.invoice("13 Nov", 1000)
        foreign = self.invoice("13 Nov", 10, currency_id=euro.id)
        stranger = self.invoice("13 Nov", 5, partner=self._customer("Stranger"))
        credit = self.credit_note(40)
        paid = self.invoice("13 Nov", 20)
        self.pay(paid)
        paying = self.invoice("13 Nov", 33)
        self.transaction(paying, 33)
        for moves in ((), (stranger,), (credit,), (paid,), (paying,)):
            self.assertIn("nothing to pay", self.payment("chosen", *moves)["problem"])
        self.assertIn("one", self.payment("chosen", late, foreign)["problem"])
        for asked in ("overdue", "open-1-1-1", "", None, "everything", "overdue--"):
            self.assertIn("problem", self.payment(asked, late), asked)

    def test_instalments(self):
        """Of an invoice in instalments the overdue ones are offered first."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Two parts",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 40, "nb_days": 0}),
                    (0, 0, {"value": "percent", "value_amount": 60, "nb_days": 90}),
                ],
            }
        )
        self.invoice("20 Nov", 1000, issued="10 Nov", invoice_payment_term_id=term.id)
        offers = self.offers()
        self.assertEqual(self.payment(offers["overdue"]["key"])["amount"], 400)
        self.assertEqual(self.payment(offers["open"]["key"])["amount"], 1000)

    def test_only_what_a_transaction_settles(self):
        """An entry that is no invoice is shown, and not paid online."""
        entry = self.entry((self.customer, 10, "1 Nov"))
        entry.line_ids.no_followup = False
        item = self.item(entry)
        self.assertNotIn(entry.move_type, PAYABLE_TYPES)
        self.assertEqual(item["pay_amount"], 0)


@tagged("post_install", "-at_install")
class TestPagePaymentHttp(PayCommon, TokenCommon, HttpCase):
    """From the page to the transaction, behind a link."""

    def setUp(self):
        super().setUp()
        path, self.secret = self.sent_link()
        self.path = path
        self.token_of().sudo().expires_at = fields.Datetime.add(
            fields.Datetime.now(), days=9
        )
        self.env.flush_all()

    def open(self, path, **options):
        return self.url_open(path, allow_redirects=False, **options)

    def choose(self, asked, *moves):
        key = KEY.search(self.open(self.path).text)
        return self.open(
            f"{self.path}/pay",
            data={
                "form_key": key.group(1) if key else "",
                "pay": asked,
                "item": [m.id for m in moves],
            },
        )

    def pay_online(self, address, amount=1000, **values):
        return self.make_jsonrpc_request(
            f"{address}/transaction",
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "token_id": None,
                "amount": amount,
                "flow": "redirect",
                "tokenization_requested": False,
                "landing_route": "https://elsewhere.example/",
                "is_validation": False,
                "access_token": None,
                "csrf_token": "",
                **values,
            },
        )

    def form(self):
        answer = self.choose(OFFER.search(self.open(self.path).text).group(1))
        self.assertEqual(answer.status_code, 303)
        return answer.headers["Location"].replace(self.base_url(), "")

    def test_round_trip(self):
        """Offer, form, transaction: linked to the invoices, for what is open, back to
        the page; then the item is under way and its reminder is, too."""
        address = self.form()
        self.assertNotIn(self.secret, address)
        form = self.open(address)
        self.assertEqual(form.status_code, 200)
        self.assertIn(self.late.name, form.text)
        self.assertIn(f"{address}/transaction", form.text)
        self.assertNotIn(self.secret, form.text)
        self.pay_online(address)
        transaction = self.late.transaction_ids
        self.assertEqual(
            (transaction.amount, transaction.partner_id, transaction.invoice_ids),
            (1000, self.jane, self.late),
        )
        self.assertEqual(transaction.landing_route, f"{address}/back")
        back = self.open(f"{address}/back")
        self.assertEqual(back.status_code, 303)
        self.assertTrue(back.headers["Location"].endswith(self.path))
        transaction._set_pending()
        self.assertEqual(self.item(self.late)["state"], "paying")
        self.env.flush_all()
        answer = self.choose("chosen", self.late)
        self.assertEqual(answer.status_code, 400)
        self.assertIn("nothing to pay", answer.text)

    def test_hostile_transaction(self):
        """Neither another amount, an unpublished provider, stored means without login
        nor unknown values make a transaction."""
        address = self.form()
        hidden = self.provider.copy({"is_published": False, "state": "test"})
        with mute_logger("odoo.http"):
            for values in (
                {"amount": 1},
                {"amount": 1001},
                {"amount": "1000"},
                {"amount": None},
                {"amount": [1000]},
                {"provider_id": hidden.id},
                {"provider_id": 0},
                {"flow": "token", "token_id": 1},
                {"invoice_ids": [1]},
                {"partner_id": 3},
            ):
                with self.assertRaises(JsonRpcException, msg=values):
                    self.pay_online(address, **values)
        self.assertFalse(self.late.transaction_ids)

    def test_no_traceback(self):
        """What is refused, unknown or breaks is told in words, to scripts too."""
        address = self.form()
        broken = patch.object(
            type(self.env["dso.account"]),
            "_page_payment",
            side_effect=lambda *args: {}["no!"],
        )
        for where, kwargs in (
            (address, {"amount": 1}),
            (address, {"unknown": 1}),
            (f"{PAY}/nothing", {}),
            (address, None),
        ):
            with mute_logger("odoo.http"), broken if kwargs is None else nullcontext():
                answer = self.url_open(
                    f"{where}/transaction",
                    json={
                        "params": {"provider_id": 1, "amount": 1000, **(kwargs or {})}
                    },
                )
            with self.subTest(where=where, kwargs=kwargs):
                error = answer.json()["error"]["data"]
                self.assertTrue(error["message"])
                for inside in ("Traceback", "File ", "no!"):
                    self.assertNotIn(inside, answer.text)
        with mute_logger("odoo.http"), broken:
            answer = self.open(f"{address}?debug=1")
        self.assertEqual(answer.status_code, 500)
        for inside in ("Traceback", "no!"):
            self.assertNotIn(inside, answer.text)

    def test_no_name_of_a_model(self):
        """Nor does a script read which of our records its user may not."""
        address = self.form()
        broken = patch.object(
            type(self.env["dso.account"]),
            "_page_payment",
            side_effect=AccessError("You may not read dso.account"),
        )
        with mute_logger("odoo.http"), broken:
            answer = self.url_open(
                f"{address}/transaction",
                json={"params": {"provider_id": 1, "amount": 1000}},
            )
        self.assertIn("This did not work", answer.text)
        self.assertNotIn("dso.account", answer.text)

    def test_means_of_somebody_else(self):
        """Who holds a copied link pays with his own means: logged in as a colleague or
        as another customer, he neither sees nor uses nor adds those of its reader."""
        means = (
            self.env["payment.token"]
            .sudo()
            .create(
                {
                    "provider_id": self.provider.id,
                    "payment_method_id": self.method.id,
                    "partner_id": self.jane.id,
                    "provider_ref": "ref",
                    "payment_details": "4242",
                }
            )
        )
        self.method.support_tokenization = True
        self.provider.allow_tokenization = True
        stranger = self._customer("Stranger")
        new_test_user(self.env, "colin", "base.group_user")
        new_test_user(self.env, "stranger", "base.group_portal", partner_id=stranger.id)
        new_test_user(
            self.env,
            "jane-portal",
            "base.group_portal",
            partner_id=self.jane.id,
            email=self.jane.email,
        )
        self.env.flush_all()
        for login in (None, "colin", "stranger"):
            self.authenticate(login, login)
            address = self.form()
            shown = self.open(address).text
            self.assertNotIn("4242", shown, login)
            self.assertNotIn("tokenize_checkbox", shown, login)
            with (
                self.assertRaises(JsonRpcException, msg=login),
                mute_logger("odoo.http"),
            ):
                self.pay_online(address, flow="token", token_id=means.id)
            self.assertFalse(self.late.transaction_ids)
        self.authenticate("jane-portal", "jane-portal")
        self.assertIn("4242", self.open(self.form()).text, "her own")

    def test_other_browser(self):
        """The form opens to who chose, in his browser only, while his link works."""
        address = self.form()
        self.token_of().sudo()._revoke("user")
        self.env.flush_all()
        with mute_logger("odoo.http"):
            self.assertEqual(self.open(address).status_code, 404)
            with self.assertRaises(JsonRpcException):
                self.pay_online(address)
        self.token_of().sudo().revoked_at = False
        self.opener.cookies.clear()
        self.env.flush_all()
        for path in ("", "/back"):
            self.assertEqual(self.open(address + path).status_code, 404)
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.pay_online(address)
        self.assertFalse(self.late.transaction_ids)

    def test_settled_meanwhile(self):
        """What was settled since the form was opened is not paid again."""
        address = self.form()
        self.pay(self.late)
        self.env.flush_all()
        self.assertIn("nothing to pay", self.open(address).text)
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.pay_online(address)
        self.assertFalse(self.late.transaction_ids)

    def test_portal(self):
        """A portal user pays the same, for his own account only."""
        new_test_user(
            self.env, "jane-portal", "base.group_portal", partner_id=self.jane.id
        )
        other = self._customer("Stranger")
        self.invoice("20 Nov", 5, partner=other)
        foreign = self.account(other)
        foreign.interactive = True
        self.env.flush_all()
        self.authenticate("jane-portal", "jane-portal")
        base = f"/my/collection/{self.account().id}"
        page = self.open(base).text
        data = {
            "pay": OFFER.search(page).group(1),
            "csrf_token": re.search(r'name="csrf_token" value="(\w+)"', page).group(1),
        }
        with mute_logger("odoo.http"):
            wrong = f"/my/collection/{foreign.id}/pay"
            self.assertEqual(self.open(wrong, data=data).status_code, 404)
            without = self.open(f"{base}/pay", data={"pay": data["pay"]})
            self.assertEqual(without.status_code, 400)
        answer = self.open(f"{base}/pay", data=data)
        self.assertEqual(answer.status_code, 303)
        address = answer.headers["Location"].replace(self.base_url(), "")
        self.pay_online(address)
        self.assertEqual(self.late.transaction_ids.partner_id, self.jane)
        back = self.open(f"{address}/back")
        self.assertTrue(back.headers["Location"].endswith(base))
