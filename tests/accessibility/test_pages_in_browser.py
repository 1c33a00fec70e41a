"""The pages without login in a browser: on a phone and a screen, with scripts and
without. Customers and colleagues come to their end on each, by the same clicks.

axe-core looks at every page on the way (all of a page is ours, but Odoo's payment
form), and nothing may scroll sideways. With DSO_PROOFS=<folder> pictures are kept:

    DSO_PROOFS=/tmp/proofs setup/test tests/accessibility/test_pages_in_browser.py
"""

import os
import re
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from browsers import chromium
from dso_setup import axe  # there when `setup/test` runs us
from playwright.sync_api import expect

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME

from odoo.addons.dso_collection.tests.test_answers import PDF, AnswerCommon
from odoo.addons.dso_collection.tests.test_page_payment import PayCommon

#: Pixels of a small phone, and of a screen.
SIZES = ((360, 780), (1366, 768))
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: Of the payment form what Odoo draws around and in it.
ODOOS = [
    "header",
    "footer",
    "#o_payment_form",
    ".o_payment_form",
    "#oe_neutralize_banner",
]
LOOK = """async ([tags, odoos]) => {
    const found = await axe.run(
        {include: [["body"]], exclude: odoos.map((one) => [one])},
        {runOnly: tags, resultTypes: ["violations"]}
    );
    return found.violations.map(
        ({id, help, nodes}) => `${id}: ${help} ${nodes.map((node) => node.html)}`
    );
}"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@tagged("post_install", "-at_install")
class TestPagesInBrowser(PayCommon, AnswerCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = cls.enterClassContext(chromium())
        cls.axe_script = axe.script().read_text()
        cls.folder = os.environ.get("DSO_PROOFS")

    def setUp(self):
        super().setUp()
        self.customer.name = "Brasserie Lumière"
        self.env["dso.access.log"].sudo().search([]).unlink()

    @contextmanager
    def visitor(self, size, scripts):
        """A page of a browser that was never here before."""
        width, height = size
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            has_touch=width < 600,
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.set_default_timeout(30_000)
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        self.page, self.scripts, self.width = page, scripts, width
        yield page
        context.close()
        self.assertFalse(errors)

    def visitors(self):
        """Each size, with scripts and without; answers of one are none of the next."""
        for size in SIZES:
            for scripts in (True, False):
                with self.env.cr.savepoint() as before:
                    with self.visitor(size, scripts) as page:
                        yield page
                    before.rollback()
                self.env.invalidate_all()

    @contextmanager
    def served(self):
        """While the browser is at work; then what it left in the database is seen."""
        self.env.flush_all()
        self.env.cr.clear()
        with self.allow_requests():
            self.page.context.add_cookies(
                [
                    {
                        "name": TEST_CURSOR_COOKIE_NAME,
                        "value": self.http_request_key,
                        "url": self.base_url(),
                    }
                ]
            )
            yield
            self.page.wait_for_load_state("networkidle")
        self.env.invalidate_all()

    def open_page(self, path):
        with self.served():
            self.page.goto(f"{self.base_url()}{path}")

    def click(self, name, role="button"):
        with self.served():
            self.page.get_by_role(role, name=name).click()

    def look(self, name, title):
        """It is the page with this title, it fits, and nobody is shut out of it."""
        page = self.page
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(title))
        how = "scripts" if self.scripts else "plain"
        if self.folder:
            Path(self.folder).mkdir(parents=True, exist_ok=True)
            shot = f"{name}_{self.width}_{how}.png"
            page.screenshot(path=Path(self.folder) / shot, full_page=True)
        where = f"{name} at {self.width}, {how}"
        self.assertLessEqual(page.evaluate(SIDEWAYS), 0, f"{where} scrolls sideways")
        if self.scripts:
            page.evaluate(self.axe_script)
            self.assertEqual(page.evaluate(LOOK, [TAGS, ODOOS]), [], where)

    # -------------------------------------------------------------------------
    # CUSTOMERS
    # -------------------------------------------------------------------------

    def test_answer(self):
        """A customer ticks items, is told what is missing, promises one, disputes the
        other with a file, and reads what he said; loading it again says nothing
        twice."""
        soon = (self.today + timedelta(days=4)).isoformat()
        for page in self.visitors():
            self.open_page(self.path)
            self.look("page", "Your account with")
            for move in (self.late, self.other):
                page.get_by_role("checkbox", name=move.name).check()
            self.click("Answer to what I chose in the list")
            self.look("form", "Your answer to")
            promise = page.locator("#field-promise_date")
            self.assertFalse(promise.is_visible(), "asked for with its choice only")
            page.get_by_label("I will pay", exact=True).first.check()
            self.assertTrue(promise.is_visible())
            page.get_by_label("Your message").fill("As agreed on the phone.")
            self.click("Send your answer")
            self.look("mistake", "Your answer to")
            alert = page.get_by_role("alert")
            expect(alert).to_contain_text("Nothing was sent yet")
            alert.get_by_role("link").first.click()
            self.assertTrue(promise.evaluate("e => e === document.activeElement"))
            expect(page.get_by_label("Your message")).to_have_value(
                re.compile("agreed")
            )
            promise.fill(soon)
            page.get_by_text(f"Say something else of {self.other.name}").click()
            own = page.locator(f"#field-said-{self.other.id}")
            own.select_option("disputed")
            page.locator(f"#field-cause-{self.other.id}").select_option(
                str(self.price.id)
            )
            page.locator("#field-files").set_input_files(
                {"name": "proof.pdf", "mimeType": "application/pdf", "buffer": PDF}
            )
            self.look("filled", "Your answer to")
            self.click("Send your answer")
            self.look("answered", "Thank you")
            with self.served():
                page.reload()
            reply = self.replies()
            self.assertEqual(len(reply), 1)
            self.assertEqual(
                {(line.move_id, line.said) for line in reply.line_ids},
                {(self.late, "promise"), (self.other, "disputed")},
            )
            self.assertEqual(reply.attachment_ids.name, "proof.pdf")
            self.click("Back to your invoices", role="link")
            self.look("page_after", "Your account with")

    def test_new_link(self):
        """A link that ended leads to a new one, by a button or an address."""
        token = self.env["dso.access.token"].search([], limit=1).sudo()
        token._revoke("address")
        requests = self.env["dso.access.request"].sudo()
        for page in self.visitors():
            before = requests.search_count([])
            self.open_page(self.path)
            self.look("ended", "This link opens nothing")
            self.click("Send me a new link")
            self.look("sent", "Please look into your mailbox")
            self.assertEqual(requests.search_count([]), before + 1)
            self.open_page("/dso/new-link")
            self.look("new_link", "A new link to your invoices")
            page.get_by_label("E-mail address").fill("jane@customer.example")
            self.click("Send me a new link")
            self.look("sent", "Please look into your mailbox")
            self.assertEqual(requests.search_count([]), before + 2)

    def test_payment(self):
        """What is to be paid is shown with its items; who runs no scripts is told
        where else he can pay, and comes back."""
        for page in self.visitors():
            self.open_page(self.path)
            if self.scripts:
                with page.expect_navigation():
                    self.click(re.compile("^Pay all that is open|^Pay what is overdue"))
            else:
                self.click(re.compile("^Pay all that is open|^Pay what is overdue"))
            self.look("payment", "Pay online")
            expect(page.get_by_text(self.late.name)).to_be_visible()
            told = "To pay online your browser has to run scripts"
            # a browser that is told to run none still parses as if it did
            self.assertIn(told, page.locator("noscript").text_content())
            expect(page.get_by_text(told)).to_be_hidden()
            self.click("Back to your invoices", role="link")
            self.look("page", "Your account with")

    # -------------------------------------------------------------------------
    # COLLEAGUES
    # -------------------------------------------------------------------------

    def test_internal(self):
        """A colleague without login reads what he is asked, proposes how to settle it,
        adds a file, and sees afterwards what he said."""
        self.late.dso_qualify(self.price, "Two pallets are missing, he says")
        rita = self.env["res.partner"].create(
            {
                "name": "Rita Warehouse",
                "email": "rita@company.example",
                "parent_id": self.company.partner_id.id,
            }
        )
        asked = self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "action_model_id": self.email.id,
                "kind": "specific",
                "interactive": "internal",
                "mode": "manual",
                "date": self.today,
                "note": "Was it shipped?",
                "line_ids": [
                    Command.create(
                        {"account_id": self.account().id, "move_id": self.late.id}
                    )
                ],
            }
        )
        secret = self.env["dso.access.token"]._issue(
            self.account(), asked, rita, "internal"
        )
        for page in self.visitors():
            self.open_page(f"/dso/i/{secret}")
            self.look("internal", "A question about Brasserie")
            expect(page.get_by_text("Was it shipped?")).to_be_visible()
            expect(page.get_by_role("checkbox", name=self.late.name)).to_be_checked()
            page.get_by_label("How would you settle it").select_option("partly")
            page.get_by_label("Your comment").fill("One of two pallets left us.")
            page.locator("#field-files").set_input_files(
                {"name": "note.pdf", "mimeType": "application/pdf", "buffer": PDF}
            )
            self.click("Send your answer")
            self.look("internal_answered", "Thank you")
            reply = self.replies()
            self.assertEqual(
                (reply.source, reply.line_ids.resolution, reply.attachment_ids.name),
                ("internal", "partly", "note.pdf"),
            )
            self.click("Back to the request", role="link")
            expect(page.get_by_text("One of two pallets left us.")).to_be_visible()
