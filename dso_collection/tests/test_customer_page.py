"""What a customer sees on his page (rules.md §7), behind a link and in the portal."""

from datetime import date, timedelta
from io import BytesIO

import openpyxl
from lxml import html

from odoo import fields
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import format_amount, format_date, mute_logger

from ..models.dso_account_page import MAX_ITEMS, amount_writer, date_writer
from ..report.qr_code import qr_code
from .common import TODAY, DsoCommon, day
from .test_access_tokens import TokenCommon

#: The smallest picture.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


class PageCommon(DsoCommon):
    def page(self, account=None, **asked):
        """The page's values as of TODAY."""
        account = (account or self.account()).sudo()
        with freeze_time(TODAY):
            return account._page_values(account.partner_id, asked)

    def money(self, text):
        """``"$ 1,000.00"`` as Odoo writes it: what belongs together stays in a line."""
        return text.replace(" ", "\N{NO-BREAK SPACE}")

    def item(self, move, page=None):
        [item] = [i for i in (page or self.page())["items"] if i["key"] == str(move.id)]
        return item


@tagged("post_install", "-at_install")
class TestCustomerPage(PageCommon):
    # -------------------------------------------------------------------------
    # ITEMS
    # -------------------------------------------------------------------------

    def test_items(self):
        """Every open item with its dates, what is open of it, and its state in
        words."""
        late = self.invoice("13 Nov", 1000)
        due = self.invoice("30 Nov", 250)
        credit = self.credit_note(40)
        paid = self.invoice("1 Nov", 70)
        self.pay(paid, on=TODAY)
        page = self.page()
        self.assertEqual(page["count"], 3)
        self.assertEqual(
            [i["key"] for i in page["items"]],
            [str(move.id) for move in (credit, late, due)],
        )
        item = self.item(late, page)
        self.assertEqual(item["number"], late.name)
        self.assertEqual(
            (item["state"], item["status"], item["late_words"]),
            ("overdue", "Overdue", "10 days late"),
        )
        self.assertEqual(
            (item["due"], item["open"]), ("11/13/2026", self.money("$ 1,000.00"))
        )
        self.assertEqual(self.item(due, page)["status"], "Not due yet")
        item = self.item(credit, page)
        self.assertEqual((item["state"], item["due"]), ("credit", ""))
        self.assertEqual(item["open_amount"], -40)
        self.assertFalse(item["may_answer"])

    def test_status_in_customer_wording(self):
        """A status is told in its customer wording with its agreed date; what is
        internal is never among the values."""
        promised = self.invoice("13 Nov", 1000)
        disputed = self.invoice("12 Nov", 500)
        promise = self.status(
            "promise_to_pay", name="Liar again", customer_wording="We wait for you"
        )
        dispute = self.status("dispute", name="Their usual excuse")
        with freeze_time(TODAY):
            promised.dso_qualify(promise, "never pays", promise_date=day("27 Nov"))
            disputed.dso_qualify(dispute, "unbelievable")
        page = self.page()
        item = self.item(promised, page)
        self.assertEqual(item["status"], "We wait for you: 11/27/2026")
        self.assertEqual(item["agreed"], "11/27/2026")
        item = self.item(disputed, page)
        self.assertEqual((item["state"], item["status"]), ("review", "Under review"))
        self.assertEqual(item["claimed_amount"], 0)
        for internal in ("Liar", "never pays", "excuse", "unbelievable"):
            self.assertNotIn(internal, str(page))

    def test_only_values(self):
        """A page is made of texts, numbers and truth values, of no records."""
        self.invoice("13 Nov", 1000)

        def look(value):
            if isinstance(value, dict):
                for name, inner in value.items():
                    self.assertIsInstance(name, str)
                    look(inner)
            elif isinstance(value, (list, set, tuple)):
                for inner in value:
                    look(inner)
            else:
                self.assertIsInstance(value, (str, int, float, bool, type(None)))

        look(self.page())

    def test_litigation_and_ignored_are_hidden(self):
        """What is in litigation or left out of collection is not on the page, in no
        total and behind no key (rules.md §12)."""
        self.invoice("13 Nov", 1000)
        court = self.invoice("13 Nov", 300)
        ignored = self.invoice("13 Nov", 200)
        with freeze_time(TODAY):
            court.dso_qualify(self.status("litigation"), "to court")
            ignored.dso_ignored = True
        page = self.page()
        self.assertEqual(page["count"], 1)
        self.assertEqual(page["totals"][0]["balance"], self.money("$ 1,000.00"))
        account = self.account().sudo()
        for move in (court, ignored):
            self.assertIsNone(account._page_item(str(move.id)))
            self.assertIsNone(account._page_invoice_pdf(str(move.id)))

    def test_partly_disputed(self):
        """Of an item in dispute for a part, both parts are told; it is under review
        and overdue at once."""
        move = self.invoice("13 Nov", 1000)
        with freeze_time(TODAY):
            move.dso_qualify(
                self.status("dispute"), "100 too much", disputed_amount=100
            )
        item = self.item(move)
        self.assertEqual(
            (item["claimed"], item["disputed"]),
            (self.money("$ 900.00"), self.money("$ 100.00")),
        )
        self.assertEqual(item["pay_amount"], 900)
        for show in ("overdue", "review"):
            self.assertTrue(self.page(show=show)["items"], show)

    def test_instalments(self):
        """Each open instalment with its date; overdue is only what is due of them
        (peers, case 44)."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Two parts",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 40, "nb_days": 0}),
                    (0, 0, {"value": "percent", "value_amount": 60, "nb_days": 60}),
                ],
            }
        )
        move = self.invoice(
            "20 Nov", 1000, issued="10 Nov", invoice_payment_term_id=term.id
        )
        page = self.page()
        item = self.item(move, page)
        self.assertEqual(
            [(p["number"], p["open"], p["late"]) for p in item["instalments"]],
            [
                ("1 of 2", self.money("$ 400.00"), True),
                ("2 of 2", self.money("$ 600.00"), False),
            ],
        )
        self.assertEqual(page["totals"][0]["overdue"], self.money("$ 400.00"))
        self.assertEqual(page["totals"][0]["balance"], self.money("$ 1,000.00"))

    def test_totals_by_currency(self):
        """Currencies are never added up (peers, case 44)."""
        euro = self.setup_other_currency("EUR")
        self.invoice("13 Nov", 1000)
        self.invoice("13 Nov", 300, currency_id=euro.id)
        totals = self.page()["totals"]
        self.assertEqual([t["currency"] for t in totals], ["USD", "EUR"])
        self.assertEqual(totals[0]["overdue"], self.money("$ 1,000.00"))
        self.assertIn("300.00", totals[1]["overdue"])

    def test_members(self):
        """A page shows the items of the accounts that are grouped under it, by name;
        a member's own page shows its own only."""
        own = self.invoice("13 Nov", 1000)
        other = self._customer("Branch office")
        theirs = self.invoice("13 Nov", 300, partner=other)
        stranger = self.invoice("13 Nov", 5, partner=self._customer("Stranger"))
        self.account(other).head_id = self.account()
        page = self.page()
        self.assertEqual(
            {i["key"] for i in page["items"]}, {str(own.id), str(theirs.id)}
        )
        self.assertTrue(page["several"])
        self.assertEqual(self.item(theirs, page)["account"], "Branch office")
        member = self.page(self.account(other))
        self.assertEqual([i["key"] for i in member["items"]], [str(theirs.id)])
        self.assertIsNone(self.account().sudo()._page_item(str(stranger.id)))

    def test_payment_under_way(self):
        """An item whose payment is under way is told as such, and not asked for."""
        move = self.invoice("13 Nov", 1000)
        self.transaction(move, 1000)
        item = self.item(move)
        self.assertEqual((item["state"], item["pay_amount"]), ("paying", 0))
        self.assertFalse(self.page()["totals"][0]["overdue"])

    # -------------------------------------------------------------------------
    # SEARCH AND FILTER
    # -------------------------------------------------------------------------

    def test_filters(self):
        """Filters count what they let in, keep the search, and hide when empty."""
        late = self.invoice("13 Nov", 1000, ref="PO 4711")
        due = self.invoice("30 Nov", 250)
        self.credit_note(40)
        page = self.page(show="overdue", q="1000")
        self.assertEqual([i["key"] for i in page["items"]], [str(late.id)])
        self.assertEqual(
            [(f["key"], f["count"], f["chosen"]) for f in page["filters"]],
            [
                ("all", 3, False),
                ("overdue", 1, True),
                ("due", 1, False),
                ("credits", 1, False),
            ],
        )
        self.assertEqual(page["filters"][0]["query"], "?q=1000")
        self.assertEqual(page["filters"][2]["query"], "?show=due&q=1000")
        for words in ("po 4711", f" {late.name.lower()} po", "1,000.00 4711"):
            found = self.page(q=words)["items"]
            self.assertEqual([i["key"] for i in found], [str(late.id)], words)
        self.assertEqual(
            [i["key"] for i in self.page(show="due")["items"]], [str(due.id)]
        )
        self.assertFalse(self.page(q="nothing like it")["items"])

    def test_hostile_filters(self):
        """Whatever a request asks for narrows the list or is ignored."""
        self.invoice("13 Nov", 1000)
        self.assertEqual(self.page(show="' OR 1=1", q=None)["show"], "all")
        page = self.page(q="<script>" + "x" * 10_000)
        self.assertLessEqual(len(page["search"]), 100)
        self.assertFalse(page["items"])
        self.assertTrue(self.page(q="\x00 %s {0}")["count"])

    def test_amounts_as_odoo_writes_them(self):
        """Written by the thousand, amounts read as Odoo writes each."""
        languages = self.env["res.lang"].with_context(active_test=False)
        for code in ("en_US", "de_DE", "fr_FR", "hi_IN", "ar_001", "de_CH"):
            lang = languages.search([("code", "=", code)])
            lang.active = True
            for name in ("USD", "JPY", "KWD", "HUF", "INR"):
                currency = (
                    self.env["res.currency"]
                    .with_context(active_test=False)
                    .search([("name", "=", name)])
                )
                env = self.env(context={"lang": code})
                write = amount_writer(env, currency)
                for amount in (0, 0.005, -0.004, 7, 999.995, -1234.5, 12345678.9):
                    with self.subTest(code=code, name=name, amount=amount):
                        self.assertEqual(
                            write(amount), format_amount(env, amount, currency)
                        )

    def test_logo(self):
        """The company's own, not what Odoo shows until there is one."""
        self.invoice("13 Nov", 1000)
        self.company.logo = self.company._get_logo()
        self.assertFalse(self.page()["company"]["logo"])
        self.company.logo = PIXEL
        self.assertIn("/logo.png", self.page()["company"]["logo"])
        self.company.logo = False
        self.assertFalse(self.page()["company"]["logo"])

    def test_dates_as_odoo_writes_them(self):
        """Written from a pattern read once, dates read as Odoo writes each."""
        languages = self.env["res.lang"].with_context(active_test=False)
        for code in ("en_US", "de_DE", "fr_FR", "ja_JP", "ar_001", "th_TH"):
            lang = languages.search([("code", "=", code)])
            lang.active = True
            env = self.env(context={"lang": code})
            write = date_writer(env)
            for written in (date(2026, 1, 2), date(1999, 12, 31), False):
                with self.subTest(code=code, day=written):
                    self.assertEqual(write(written), format_date(env, written))

    def test_longest_list(self):
        """Beyond what one page lists, it says how many more there are."""
        self.many_items(MAX_ITEMS + 5).line_ids.no_followup = False
        page = self.page()
        self.assertEqual(len(page["items"]), MAX_ITEMS)
        self.assertEqual(page["left_out"], page["count"] - MAX_ITEMS)
        self.assertGreater(page["left_out"], 0)

    def test_queries(self):
        """As many queries for 200 items as for one."""
        self.invoice("13 Nov", 1000)

        def queries():
            self.env.invalidate_all()
            account = self.account().sudo()
            before = self.env.cr.sql_log_count
            self.page(account)
            return self.env.cr.sql_log_count - before

        queries()
        one = queries()
        self.many_items(200).line_ids.no_followup = False
        self.assertLessEqual(queries(), one + 1)
        self.assertLess(one, 40)

    # -------------------------------------------------------------------------
    # WHO ASKS FOR THE MONEY
    # -------------------------------------------------------------------------

    def test_bank(self):
        """The trusted account that all claimed invoices name, or none."""
        bank = self.env["res.partner.bank"].create(
            {
                "acc_number": "BE71096123456769",
                "partner_id": self.company.partner_id.id,
                "allow_out_payment": True,
            }
        )
        self.invoice("13 Nov", 1000, partner_bank_id=bank.id)
        self.assertEqual(self.page()["bank"]["number"], "BE71096123456769")
        bank.allow_out_payment = False
        self.assertFalse(self.page()["bank"])

    def test_payment_code(self):
        """Where Odoo makes a payment code, it asks for what is overdue."""
        bank = self.env["res.partner.bank"].create(
            {
                "acc_number": "BE71096123456769",
                "partner_id": self.company.partner_id.id,
                "allow_out_payment": True,
            }
        )
        asked = []

        def build(_bank, amount, free, _structured, currency, debtor, **_options):
            asked.append((amount, free, currency.name, debtor))
            return {"qr_method": "test"}

        codes = {"barcode_type": "QR", "value": "pay this"}
        self.patch(type(bank), "_build_qr_code_vals", build)
        self.patch(
            type(bank), "_get_qr_code_generation_params", lambda _bank, **_asked: codes
        )
        move = self.invoice("13 Nov", 1000, partner_bank_id=bank.id)
        self.invoice("30 Nov", 250, partner_bank_id=bank.id)
        page = self.page()
        self.assertEqual(asked, [(1000, move.name, "USD", self.customer)])
        self.assertEqual(page["bank"]["qr_amount"], self.money("$ 1,000.00"))
        self.assertEqual(page["bank"]["qr"], qr_code("pay this"))
        codes["mask"] = "ch_cross"

        def broken(_bank, **_asked):
            raise RuntimeError("no library of pictures")

        self.patch(type(bank), "_get_qr_code_base64", broken)
        with self.assertLogs("odoo.addons.dso_collection", "WARNING"):
            self.assertFalse(self.page()["bank"]["qr"])

    def test_collector(self):
        """Who answers: the acting collector with photo and phone, else the company."""
        self.invoice("13 Nov", 1000)
        user = new_test_user(
            self.env,
            "ann",
            "dso_collection.group_collector",
            name="Ann Collector",
            email="ann@company.example",
            phone="+1 555-0100",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        user.image_1920 = (
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
            "awAAAABJRU5ErkJggg=="
        )
        self.account().collector_id = user
        who = self.page()["collector"]
        self.assertEqual((who["name"], who["phone"]), ("Ann Collector", "+1 555-0100"))
        self.assertTrue(who["photo"].startswith("data:image/png;base64,"))
        self.account().collector_id = False
        self.assertEqual(self.page()["collector"]["name"], self.company.name)


@tagged("post_install", "-at_install")
class TestCustomerPageHttp(TokenCommon, HttpCase):
    """The page behind a link, as the customer's browser gets it."""

    def setUp(self):
        super().setUp()
        path, self.secret = self.sent_link()
        self.path = path
        # the server's clock is the real one
        self.token_of().sudo().expires_at = fields.Datetime.now() + timedelta(days=9)
        self.env.flush_all()

    def open(self, path="", **options):
        return self.url_open(self.path + path, allow_redirects=False, **options)

    def test_page(self):
        """Items, totals, files and contact, in the reader's language, with the anchors
        that messages lead to."""
        answer = self.open()
        self.assertEqual(answer.status_code, 200)
        self.assertIn(f'id="item-{self.late.id}"', answer.text)
        self.assertIn(self.late.name, answer.text)
        self.assertIn(f"{self.path}/invoice/{self.late.id}.pdf", answer.text)
        self.assertIn(f"{self.path}/statement.xlsx", answer.text)
        self.env["res.lang"]._activate_lang("fr_FR")
        self.jane.lang = "fr_FR"
        self.env.flush_all()
        self.assertIn('lang="fr-FR"', self.open().text)

    def test_search(self):
        """Search and filters are addresses: they work without scripts."""
        self.assertIn(self.late.name, self.open("?q=" + self.late.name).text)
        self.assertNotIn(self.late.name, self.open("?q=zzz&show=credits").text)

    def test_invoice_pdf(self):
        """The file that Odoo made goes out byte for byte; it is saved, not shown."""
        content = b"%PDF-1.4 exactly this"
        self.env["ir.attachment"].create(
            {
                "name": "internal name.pdf",
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_field": "invoice_pdf_report_file",
                "res_id": self.late.id,
            }
        )
        self.env.flush_all()
        answer = self.open(f"/invoice/{self.late.id}.pdf")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.content, content)
        self.assertTrue(answer.headers["Content-Disposition"].startswith("attachment"))
        self.assertNotIn("internal", answer.headers["Content-Disposition"])
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")

    def test_foreign_invoices(self):
        """No key of another customer's, a paid or an unknown item gives a file."""
        stranger = self.invoice("20 Nov", 5, partner=self._customer("Stranger"))
        entry = self.entry((self.customer, 10, "1 Nov"))
        paid = self.invoice("20 Nov", 70)
        self.pay(paid)
        self.env.flush_all()
        for key in (stranger.id, entry.id, paid.id, 0, -1, "x", "1e9", "9" * 30, "%00"):
            answer = self.open(f"/invoice/{key}.pdf")
            self.assertEqual(answer.status_code, 404, key)
            self.assertNotIn("Stranger", answer.text)

    def test_statement_xlsx(self):
        """The statement is a workbook of these items only."""
        self.invoice("20 Nov", 777, partner=self._customer("Stranger"))
        self.env.flush_all()
        answer = self.open("/statement.xlsx")
        self.assertEqual(answer.status_code, 200)
        sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
        cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
        self.assertIn(self.late.name, cells)
        self.assertIn(1000, cells)
        self.assertNotIn(777, cells)

    def test_colleague_looks(self):
        """A colleague in copy reads the same link: logged in, he may look, and not
        answer for the customer (rules.md §7)."""
        token = self.token_of().sudo()
        public = self.env.ref("base.public_user")
        self.assertTrue(token.with_user(public).sudo()._may_answer())
        self.assertFalse(token.with_user(self.collector).sudo()._may_answer())


@tagged("post_install", "-at_install")
class TestCustomerPortal(PageCommon, HttpCase):
    """The same page for who logs in."""

    def setUp(self):
        super().setUp()
        self.late = self.invoice("13 Nov", 1000)
        contact = self.env["res.partner"].create(
            {"name": "Joel", "parent_id": self.customer.id, "email": "joel@c.example"}
        )
        self.user = new_test_user(
            self.env, "joel-portal", "base.group_portal", partner_id=contact.id
        )
        self.record = self.account()
        self.record.interactive = True
        self.authenticate("joel-portal", "joel-portal")

    def test_page(self):
        """The portal leads to the page of the user's own customer, with its files."""
        answer = self.url_open("/my/collection")
        self.assertEqual(answer.status_code, 200)
        self.assertIn(f'id="item-{self.late.id}"', answer.text)
        base = f"/my/collection/{self.record.id}"
        self.assertIn(f"{base}/statement.xlsx", answer.text)
        answer = self.url_open(f"{base}/statement.xlsx")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_case_44(self):
        """Peers, case 44: what the portal calls overdue is what Odoo's ledger has as
        overdue of the whole entity, in each currency, of instalments those due."""
        today = fields.Date.today()
        euro = self.setup_other_currency("EUR")
        term = self.env["account.payment.term"].create(
            {
                "name": "Two parts",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 40, "nb_days": 0}),
                    (0, 0, {"value": "percent", "value_amount": 60, "nb_days": 60}),
                ],
            }
        )
        site = self.env["res.partner"].create(
            {"name": "Warehouse", "parent_id": self.customer.id, "type": "delivery"}
        )
        before = today - timedelta(days=6)
        self.invoice(before, 500, issued=before, invoice_payment_term_id=term.id)
        self.invoice(before, 70, partner=site, currency_id=euro.id)
        self.invoice(today + timedelta(days=9), 90, currency_id=euro.id)
        self.invoice(before, 999, partner=self._customer("Stranger"))
        overdue = self.env["account.move.line"]._read_group(
            [
                ("partner_id.commercial_partner_id", "=", self.customer.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("date_maturity", "<", today),
            ],
            ["currency_id"],
            ["amount_residual_currency:sum"],
        )
        page = self.url_open(f"/my/collection/{self.record.id}").text
        shown = html.fromstring(page).xpath(
            "//div[contains(@class, 'dso-line-overdue')]/dd"
        )
        self.assertEqual(
            {amount.text_content().strip() for amount in shown},
            {format_amount(self.env, amount, currency) for currency, amount in overdue},
        )
        self.assertEqual([amount for _currency, amount in overdue], [1200, 70])

    def test_card(self):
        """The portal's home has a card, shown to customers with a page only."""
        self.assertIn("/my/collection", self.url_open("/my/home").text)
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["collection_count"]}
        )
        self.assertEqual(counters["collection_count"], 1)
        self.record.interactive = False
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["collection_count"]}
        )
        self.assertEqual(counters["collection_count"], 0)

    def test_others(self):
        """Nobody opens the account of another customer, one that is switched off, or
        one that a lawyer stands before."""
        other = self._customer("Stranger")
        self.invoice("13 Nov", 5, partner=other)
        foreign = self.account(other)
        foreign.interactive = True
        own = f"/my/collection/{self.record.id}"
        with mute_logger("odoo.http"):
            for url in ("", "/statement.pdf", f"/invoice/{self.late.id}.pdf"):
                path = f"/my/collection/{foreign.id}{url}"
                self.assertEqual(self.url_open(path).status_code, 404, path)
            self.record.write({"hold_reason": "lawyer"})
            self.assertEqual(self.url_open(own).status_code, 404)
            self.record.write({"hold_reason": False})
            self.assertEqual(self.url_open(own).status_code, 200)
            self.record.interactive = False
            self.assertEqual(self.url_open(own).status_code, 404)
            self.assertEqual(self.url_open(f"{own}/statement.xlsx").status_code, 404)
            self.assertIn(
                "no account that you could see", self.url_open("/my/collection").text
            )


#: Words that some languages write as English does.
SAME_IN_SOME = (
    "PDF",
    "BIC",
    "Bank",
    "Status",
    "Total",
    '<span class="dso-hidden">File</span>',
)


@tagged("post_install", "-at_install")
class TestPageLanguages(PageCommon):
    def test_every_language(self):
        """Nothing that the page says is left in English, in the languages that the
        texts ship in."""
        languages = ("fr_FR", "de_DE", "es_ES", "it_IT")
        for lang in languages:
            self.env["res.lang"]._activate_lang(lang)
        self.env["ir.module.module"]._load_module_terms(["dso_collection"], languages)
        for name in (
            "customer_page",
            "page_totals",
            "page_search",
            "page_items",
            "page_pay",
            "page_contact",
            "page_files",
            "page_bank",
            "pay_form",
            "pay_nothing",
            "pay_done",
            "portal_accounts",
            "portal_account",
        ):
            view = self.env.ref(f"dso_collection.{name}")
            terms, _context = view.get_field_translations("arch_db", list(languages))
            self.assertTrue(terms)
            for term in terms:
                words = any(letter.isalpha() for letter in term["source"])
                if words and term["source"] not in SAME_IN_SOME:
                    with self.subTest(page=name, **term):
                        self.assertTrue(term["value"], term)
        self.invoice("13 Nov", 1000)
        for lang, late in (("fr_FR", "retard"), ("de_DE", "überfällig")):
            with freeze_time(TODAY):
                page = (
                    self.account()
                    .sudo()
                    .with_context(lang=lang)
                    ._page_values(self.customer)
                )
            self.assertIn(late, page["items"][0]["late_words"])
