"""What readers see of an e-mail: its table on any screen, its text without HTML."""

from datetime import timedelta

from lxml import html

from odoo.tests import TransactionCase, tagged

from odoo.addons.dso_collection.channels.plain import plain_text

from .sending_common import TODAY, SendingCommon


@tagged("post_install", "-at_install")
class TestPlainText(TransactionCase):
    def test_paragraphs_lists_and_breaks(self):
        self.assertEqual(
            plain_text(
                "<div><p>Dear  Sir,</p><p>one<br>two</p><ul><li>a</li><li>b</li></ul>"
                "</div>"
            ),
            "Dear Sir,\n\none\ntwo\n\n- a\n- b",
        )

    def test_table_in_columns(self):
        """Figures stand one below the other, small print below its row."""
        text = plain_text(
            "<table><caption>Open</caption><tr><th>Number</th><th>Amount</th></tr>"
            "<tr><th>INV/1<br><span>PO 7</span></th><td>1,000.00</td></tr>"
            "<tr><th>INV/22</th><td>5.00</td></tr></table>"
        )
        self.assertEqual(
            text,
            "Open\n----\nNumber    Amount\nINV/1   1,000.00\n  PO 7\nINV/22      5.00",
        )

    def test_wide_table_row_by_row(self):
        """A table that no reader shows in one line is told row by row."""
        name = "x" * 80
        text = plain_text(
            f"<table><tr><th>Number</th><th>Amount</th></tr><tr><td>{name}</td>"
            "<td>5</td></tr></table>"
        )
        self.assertEqual(text, f"Number: {name}\nAmount: 5")

    def test_layout_table_is_no_table(self):
        """Cells that only place text are read one after the other."""
        text = plain_text("<table><tr><td>Hello</td><td>World</td></tr></table>")
        self.assertEqual(text, "Hello World")

    def test_links_and_images(self):
        """A link tells where it leads, once; an image its alternative text."""
        text = plain_text(
            '<img alt="ACME"/><p><a href="https://a.example/x?b=1&amp;c=2">Pay</a></p>'
            '<p><a href="https://a.example">https://a.example</a></p>'
            '<p><a href="mailto:a@b.example">a@b.example</a></p>'
        )
        self.assertEqual(
            text,
            "ACME\n\nPay: https://a.example/x?b=1&c=2\n\nhttps://a.example\n\n"
            "a@b.example",
        )

    def test_escaped_stays_text(self):
        """Text that looks like HTML is text; scripts and styles are not."""
        text = plain_text(
            "<style>p {}</style><p>&lt;b&gt; &amp; {{ 7 * 7 }}</p><script>x()</script>"
        )
        self.assertEqual(text, "<b> & {{ 7 * 7 }}")

    def test_nothing(self):
        for empty in (False, "", "  ", "<!-- -->"):
            self.assertEqual(plain_text(empty), "")


@tagged("post_install", "-at_install")
class TestTable(SendingCommon):
    def tables(self, message):
        root = html.fromstring(message["body"])
        return {
            " ".join(table.findtext("caption").split()): [
                [" ".join(cell.text_content().split()) for cell in row]
                for row in table.iter("tr")
            ]
            for table in root.iter("table")
            if table.find("caption") is not None
        }

    def test_accessible(self):
        """Each table has its caption, heads with their scope, no picture of text."""
        self.invoice("20 Nov")
        self.proposal_of()
        [message] = self.send()
        root = html.fromstring(message["body"])
        [table] = root.iter("table")
        self.assertTrue(table.findtext("caption").strip())
        self.assertEqual(
            [th.get("scope") for th in table.iter("th")], ["col"] * 3 + ["row"]
        )
        self.assertFalse(list(table.iter("img")))
        self.assertTrue(root.get("lang"))
        for image in root.iter("img"):
            self.assertTrue(image.get("alt"))

    def test_text_part(self):
        """The text part tells each item with its amount in one line."""
        invoice = self.invoice("20 Nov", 1234.5)
        self.proposal_of()
        [message] = self.send()
        [line] = [
            line
            for line in message["body_alternative"].splitlines()
            if line.startswith(invoice.name)
        ]
        self.assertIn("11/20/2026 (overdue)", line)
        self.assertTrue(line.endswith("1,234.50"), line)

    def test_same_as_the_statement(self):
        """§12: message, statement of the record and PDF read one set of data: the same
        items under the same headings, with the same amounts."""
        eur = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        self.invoice("20 Nov", 1000, ref="PO 4711")
        self.invoice("19 Nov", 40, currency_id=eur.id)
        partly = self.invoice("18 Nov", 300)
        whole = self.invoice("17 Nov", 150)
        self.invoice("20 Dec", 77)
        self.credit_note(60)
        self.unallocated(15)
        action = self.proposal_of()
        partly.dso_qualify(self.status("dispute"), "Price", disputed_amount=100)
        whole.dso_qualify(self.status("dispute"), "All of it")
        action = self.proposal_of()
        account = action.account_id
        [message] = self.send()
        printed = account.with_context(lang="en_US")._statement_of_customer(today=TODAY)
        [part] = printed["parts"]
        expected = {
            section["title"]: [
                (item["number"], " ".join(item["amount_words"].split()))
                for item in section["items"]
            ]
            for section in part["sections"]
        }
        shown = {}
        for caption, rows in self.tables(message).items():
            shown[caption] = [
                (number.split()[0], amount)  # without reference and remark
                for number, _due, amount in rows[1:]
            ]
        self.assertEqual(shown, expected)
        rows = account._statement(TODAY)
        self.assertAlmostEqual(
            sum(row["company_amount"] for row in rows),
            sum(company for _row, _group, _amount, company in account._listed(rows)),
            2,
        )
        self.assertIn("PO 4711", message["body"])

    def test_instalments(self):
        """§12: each open instalment stands in its own row and says which it is."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (0, 60)
                ],
            }
        )
        issued = TODAY - timedelta(days=10)
        move = self.invoice(issued, 500, issued=issued, invoice_payment_term_id=term.id)
        self.proposal_of()
        [message] = self.send()
        [(_caption, rows)] = self.tables(message).items()
        self.assertEqual(
            [row[0] for row in rows[1:]],
            [f"{move.name} (1 of 2)", f"{move.name} (2 of 2)"],
        )
