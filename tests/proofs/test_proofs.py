"""Every shipped text in every language, as its reader sees it.

Each text is rendered on its letterhead and opened in a browser as wide as a small phone
and as a window: nothing may stick out, stay unfilled or stay in English. Letters are
printed. With DSO_PROOFS=<folder> the pictures are kept there, to be looked at:

    DSO_PROOFS=/tmp/proofs setup/test tests/proofs
"""

import os
import re
import shutil
import tempfile
from base64 import b64decode
from contextlib import contextmanager
from pathlib import Path

from browsers import chromium
from pypdf import PdfReader

from odoo.tests import freeze_time, tagged

from odoo.addons.dso_collection.tests.sending_common import TODAY, SendingCommon

LANGS = ("en_US", "fr_FR", "de_DE", "es_ES", "it_IT")
WIDTHS = (320, 1200)
A4_WIDTH = 794  # pixels of 96 to an inch
MARGINS = "padding: 10mm 20mm"
CATEGORIES = ("business", "public", "consumer")
#: What would be left of a text that was not filled, or filled with nothing.
UNFILLED = re.compile(
    r"\{\{|t-out|t-if|\bFalse\b|\bNone\b|object\.|/dso/secret"
    r"|Jane Miller|/00042|Our Company|1,250\.00|Customer Ltd|Sam Resolver|Two boxes"
    r"|A button to|Buttons that pay"
    r"|The open items of the account|The items of this action"
    r"|The dates and amounts|law of the customer|What interest rests on"
)
#: Words of our own lists and letterheads that only English readers may see.
ENGLISH = re.compile(
    r"Open invoices|Due date|Open amount|\(overdue\)|credits deducted|Under review"
    r"|Items concerned|Credits and payments|Payment under way|Arranged with you"
    r"|Not due yet|Dear |Kind regards|Yours faithfully|Interest is charged"
)
#: French marks that a line may begin with, as only a plain space stands before them.
LOOSE_MARK = re.compile(r" [?!;:](?:\s|$)")
LONG_NAME = (
    "Gesellschaft für grenzüberschreitende Verkehrswegeplanung und nachhaltige"
    " Infrastrukturfinanzierung Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"
    " Mecklenburg-Vorpommern GmbH & Co. KG"
)
RIGHT_TO_LEFT = "شركة النور للتجارة والمقاولات"


@tagged("post_install", "-at_install")
class TestProofs(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in LANGS:
            cls.env["res.lang"]._activate_lang(lang)
        cls.env["ir.module.module"]._load_module_terms(["dso_collection"], LANGS)
        cls.env.invalidate_all()
        cls.company.write(
            {
                "name": "Fine Goods",
                "country_id": cls.env.ref("base.fr").id,
                "street": "12 Market Street",
                "city": "Lyon",
                "zip": "69001",
                "phone": "+33 4 00 00 00 00",
                "website": "https://www.company.example",
                "dso_penalty_rate": 9,
                "dso_recovery_cost": 40,
            }
        )
        folder = os.environ.get("DSO_PROOFS")
        cls.folder = Path(folder or tempfile.mkdtemp(prefix="dso_proofs"))
        cls.folder.mkdir(parents=True, exist_ok=True)
        if not folder:
            cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.page = cls.enterClassContext(browser(cls))
        cls.html = ""

    def setUp(self):
        super().setUp()
        clock = freeze_time(TODAY)
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)

    def owing(self, name, country="base.fr", contact=None):
        """A customer with items of each kind, in two currencies."""
        partner = self._customer(
            name,
            country_id=self.env.ref(country).id,
            street="1 Harbour Road",
            city="Bordeaux",
            zip="33000",
        )
        if contact:
            partner.child_ids = [
                (0, 0, {"name": contact, "email": "ap@customer.example"})
            ]
        self.invoice("20 Oct", 12345.67, partner=partner)
        self.invoice("13 Nov", 1000, partner=partner)
        other = self.env.ref("base.CHF")
        other.active = True
        self.invoice("18 Nov", 800, partner=partner, currency_id=other.id)
        self.invoice("20 Dec", 300, partner=partner)
        disputed = self.invoice("10 Nov", 70, partner=partner)
        disputed.dso_qualify(self.status("dispute"), "Wrong price")
        self.credit_note(200, partner=partner)
        account = self.account(partner)
        if contact:
            account.contact_id = partner.child_ids
        account.write({"penalties": True, "recovery": True})
        account.evaluate(TODAY)
        return account

    def proof(self, model, account, lang, name, category="business"):
        """Render a text, open it at each width, and look for what is wrong."""
        account.late_category = category
        preview = self.env["dso.text.preview"].create(
            {"action_model_id": model.id, "account_id": account.id, "lang": lang}
        )
        found = preview._rendered()
        for width in WIDTHS:
            with self.subTest(text=name, lang=lang, width=width):
                words = self.open(found["document"], width)
                self.page.screenshot(
                    path=self.folder / f"{name}_{lang}_{width}.png", full_page=True
                )
                self.assertNothingSticksOut(width)
                words = f"{found['subject']}\n{words}"
                self.assertNotRegex(words, UNFILLED)
                if lang != "en_US":
                    self.assertNotRegex(words, ENGLISH)
                if lang == "fr_FR" and model.type != "sms":
                    self.assertNotRegex(words, LOOSE_MARK)
        return found

    def open(self, html, width):
        """Show a message in the browser.

        :return: its words
        """
        type(self).html = html
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.goto("http://proof.example/")
        return self.page.inner_text("body")

    def assertNothingSticksOut(self, width):
        """No part of the page is wider than the window."""
        out = self.page.evaluate(
            """() => [...document.querySelectorAll('body *')]
                .filter(e => e.getBoundingClientRect().right > innerWidth + 0.5
                          || e.getBoundingClientRect().left < -0.5)
                .map(e => e.tagName + ': ' + e.textContent.trim().slice(0, 60))"""
        )
        self.assertEqual(out, [])
        scrolled = self.page.evaluate("document.documentElement.scrollWidth")
        self.assertLessEqual(scrolled, width)

    def models(self):
        return (
            self.env["dso.action.model"]
            .search([("template_id", "!=", False)])
            .filtered(lambda model: model.get_external_id()[model.id])
        )

    # -------------------------------------------------------------------------
    # PROOFS
    # -------------------------------------------------------------------------

    def test_every_text(self):
        """§2: each shipped text in each language, at 320 and at 1200 pixels."""
        account = self.owing("Meridian Trading")
        models = self.models()
        self.assertGreater(len(models), 15)
        for model in models:
            xmlid = model.get_external_id()[model.id].split(".")[1]
            for category in CATEGORIES if model.variant_ids else CATEGORIES[:1]:
                for lang in LANGS:
                    name = xmlid.replace("model_", "")
                    if model.variant_ids:
                        name = f"{name}_{category}"
                    self.proof(model, account, lang, name, category)

    def test_long_list_and_long_names(self):
        """A list of a hundred items, a very long company name and a reader whose name
        runs from right to left."""
        account = self.owing(LONG_NAME, contact=RIGHT_TO_LEFT)
        more = self.many_items(100, account.partner_id)
        # Odoo leaves what general journals hold out of follow-ups
        self.receivables(more).no_followup = False
        account.evaluate(TODAY)
        for xmlid in ("model_reminder_2", "model_statement", "model_formal_notice"):
            model = self.env.ref(f"dso_collection.{xmlid}")
            for lang in LANGS:
                found = self.proof(model, account, lang, f"long_{xmlid}")
                self.assertIn(RIGHT_TO_LEFT, str(found["body"]))
                self.assertGreater(str(found["body"]).count("<tr"), 100)

    def test_letters(self):
        """Letters and notices as they are printed."""
        account = self.owing(LONG_NAME, contact=RIGHT_TO_LEFT)
        letters = self.models().filtered(lambda m: m.type in ("letter", "letter_ar"))
        self.assertTrue(letters)
        for model in letters:
            xmlid = model.get_external_id()[model.id].split(".")[1]
            for category in CATEGORIES if model.variant_ids else CATEGORIES[:1]:
                account.late_category = category
                for lang in LANGS:
                    with self.subTest(letter=xmlid, lang=lang, category=category):
                        self.print_letter(model, account, lang, f"{xmlid}_{category}")

    def print_letter(self, model, account, lang, name):
        preview = self.env["dso.text.preview"].create(
            {"action_model_id": model.id, "account_id": account.id, "lang": lang}
        )
        pdf = self.folder / f"{name}_{lang}.pdf"
        with preview._drafted() as action:
            pdf.write_bytes(action._letter_pdf())
            # the zoom makes up for the printing program, the margins are its own
            html = re.sub(r"zoom: [\d.]+", "zoom: 1", action._letter_html())
            self.open(html.replace("<body", f'<body style="{MARGINS}"', 1), A4_WIDTH)
        self.page.screenshot(path=pdf.with_suffix(".png"), full_page=True)
        self.assertNothingSticksOut(A4_WIDTH)
        words = "\n".join(page.extract_text() for page in PdfReader(pdf).pages)
        self.assertIn("INV/2026", words)
        self.assertNotRegex(words, UNFILLED)
        if lang != "en_US":
            self.assertNotRegex(words, ENGLISH)


@contextmanager
def browser(case):
    """A page that shows what ``case.html`` is, with the company's logo."""
    logo = b64decode(case.company.logo_web or b"")

    def answer(route):
        if "/logo.png" in route.request.url:
            route.fulfill(body=logo, content_type="image/png")
        else:
            route.fulfill(body=str(case.html), content_type="text/html; charset=utf-8")

    with chromium() as opened:
        page = opened.new_page()
        page.route("**/*", answer)
        yield page
