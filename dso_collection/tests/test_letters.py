"""Letters: where things stand on paper, and what may stand there (rules.md §2)."""

from io import BytesIO

from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from .sending_common import TODAY, SendingCommon


@tagged("post_install", "-at_install")
class TestLetterPdf(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.write(
            {
                "street": "1 Main Street",
                "zip": "10115",
                "city": "Berlin",
                "country_id": cls.env.ref("base.de").id,
            }
        )
        cls.customer.write(
            {
                "street": "14 rue de la République",
                "zip": "69002",
                "city": "Lyon",
                "country_id": cls.env.ref("base.fr").id,
            }
        )

    def action(self, model=None, **values):
        account = self.evaluate(TODAY, self.account())
        return self.env["dso.action"].create(
            {
                "account_id": account.id,
                "action_model_id": (model or self.letter).id,
                **values,
            }
        )

    def test_pdf(self):
        """§2: a letter is a PDF of its own; the registered one says so."""
        self.invoice("20 Oct")
        action = self.action()
        content = action._letter_pdf()
        self.assertTrue(content.startswith(b"%PDF"))
        self.assertEqual(PdfFileReader(BytesIO(content)).getNumPages(), 1)
        page = action._letter_html()
        self.assertIn("Registered letter", page)
        plain = self.action(self._model("Letter", "letter", template=True))
        self.assertNotIn("Registered letter", plain._letter_html())

    def test_page_numbers(self):
        """A long letter goes on on further pages."""
        for number in range(3):
            self.invoice("20 Oct", amount=100 + number)
        self.letter.template_id.body_html = "<p>Line</p>" * 80
        content = self.action()._letter_pdf()
        self.assertGreater(PdfFileReader(BytesIO(content)).getNumPages(), 1)

    def test_address(self):
        """The window shows the legal name, the person, the address; abroad the country
        in capitals, at home none."""
        self.invoice("20 Oct")
        contact = self.env["res.partner"].create(
            {
                "name": "Jane Miller",
                "parent_id": self.customer.id,
                "street": "2 rue du Port",
                "city": "Marseille",
                "country_id": self.env.ref("base.fr").id,
            }
        )
        self.assertEqual(
            self.action()._letter_address(),
            ["Customer", "14 rue de la République", "69002 Lyon", "FRANCE"],
        )
        action = self.action(own_contact_id=contact.id)
        lines = action._letter_address()
        self.assertEqual(lines[:2], ["Customer", "Jane Miller"])
        self.company.partner_id.country_id = self.env.ref("base.fr")
        self.assertNotIn("FRANCE", self.action()._letter_address())

    def test_layout_by_country(self):
        """Without a choice the window is where it usually is in the country."""
        self.assertEqual(self.company._dso_letter_layout(), "din_b")
        self.company.partner_id.country_id = self.env.ref("base.fr")
        self.assertEqual(self.company._dso_letter_layout(), "right")
        self.company.dso_letter_layout = "din_a"
        self.assertEqual(self.company._dso_letter_layout(), "din_a")

    def test_nothing_is_fetched(self):
        """What a text brings is printed without being fetched, run or followed."""
        self.invoice("20 Oct")
        action = self.action(own_body="<p>placeholder</p>")
        page = action._on_paper(
            '<p onclick="x()">Text <img src="http://evil.example/a.png"/>'
            '<img src="/web/image/999999"/><script>bad()</script>'
            '<iframe src="file:///etc/passwd"></iframe>'
            '<span style="background:url(http://evil.example)">shown</span>'
            '<img src="data:image/png;base64,AAAA"/></p>'
            '<p><a href="/dso/secret/pay/7">Pay INV</a></p>'
        )
        for absent in ("evil", "script", "iframe", "onclick", "secret", "Pay INV"):
            self.assertNotIn(absent, page)
        self.assertIn("shown", page)
        self.assertIn("data:image/png", page)

    def test_without_text(self):
        """A letter without a text names the cure."""
        self.invoice("20 Oct")
        action = self.action()
        self.letter.template_id = False
        with self.assertRaisesRegex(Exception, "give its action model one"):
            action._letter_pdf()
