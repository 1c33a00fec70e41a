"""Invoice numbers in customers' words, matched with the open items."""

from odoo.tests import BaseCase, tagged

from ..engine.extract.invoices import find_invoices
from ..engine.types import OpenItem

ITEMS = [OpenItem(n, f"INV/2026/{n:05}") for n in (12, 13, 14, 120)]


@tagged("post_install", "-at_install")
class TestEngineInvoices(BaseCase):
    def named(self, text, items=None):
        found = find_invoices(text, ITEMS if items is None else items)
        for mention in found:
            self.assertEqual(text[mention.start : mention.end], mention.text)
        return [tuple(item.key for item in mention.items) for mention in found]

    def test_forms_of_one_number(self):
        for text in (
            "INV/2026/00012 is paid",
            "inv/2026/00012",
            "INV-2026-00012",
            "INV 2026 00012".replace(" 2026 ", "/2026/"),
            "INV/12",
            "INV12",
            "INV 12",
            "INV-00012",
            "2026/00012",
            "2026/12",
            "number 00012",
            "00012",
            "invoice 12",
            "Invoice no. 12",
            "invoice #12",
            "Facture n° 12",
            "Rechnung Nr. 12",
            "la factura 12",
            "fattura 12",
            "factuur 12",
            "faktura nr 12",
            "račun 12",
            "#12",
        ):
            self.assertEqual(self.named(text), [(12,)], text)

    def test_lists(self):
        for text in (
            "invoices INV/12 and INV/13",
            "INV/12, 13",
            "invoices 12 and 13",
            "Rechnungen 12 und 13",
            "factures 12 et 13",
            "INV/2026/00012 & INV/2026/00013",
            "2026/00012, 2026/00013",
        ):
            self.assertEqual(self.named(text), [(12,), (13,)], text)
        self.assertEqual(self.named("invoices 12, 13 and 14"), [(12,), (13,), (14,)])

    def test_ranges(self):
        for text in (
            "invoices 12 to 14",
            "INV/12 - INV/14",
            "invoices 12-14",
            "Rechnungen 12 bis 14",
            "factures 12 à 14",
        ):
            self.assertEqual(set(self.named(text)), {(12,), (13,), (14,)}, text)
        self.assertEqual(self.named("INV/12 to INV/120"), [(12,), (120,)])

    def test_list_ends_at_a_date_or_an_amount(self):
        for text in (
            "INV/12 and 13 December",
            "INV/12, 13 EUR",
            "INV/12 to 13 December",
            "INV/12 le 13 décembre",
        ):
            self.assertEqual(self.named(text), [(12,)], text)

    def test_one_number_is_not_part_of_another(self):
        self.assertEqual(self.named("INV/120"), [(120,)])
        self.assertEqual(self.named("INV/1"), [()])

    def test_not_invoices(self):
        for text in (
            "12 pieces are missing",
            "in 12 days",
            "on 12 December",
            "PO 12",
            "PO12",
            "order 12",
            "delivery note 12",
            "EUR 12",
            "12 %",
            "12.50 EUR",
            "thank you",
            "",
        ):
            self.assertEqual(self.named(text), [], text)

    def test_not_open(self):
        """A number that no open item has is told, not matched."""
        self.assertEqual(self.named("INV/2026/00099 was paid"), [()])
        self.assertEqual(self.named("invoice 4711"), [()])

    def test_ambiguous(self):
        """A short form that fits several items names none of them for sure."""
        items = [OpenItem("a", "INV/2025/00012"), OpenItem("b", "INV/2026/00012")]
        self.assertEqual(self.named("INV/12", items), [("a", "b")])
        self.assertEqual(self.named("INV/2025/12", items), [("a",)])

    def test_other_numbering(self):
        items = [OpenItem(1, "FAC-0007"), OpenItem(2, "2026-118"), OpenItem(3, "R77")]
        self.assertEqual(self.named("FAC 7", items), [(1,)])
        self.assertEqual(self.named("facture 2026-118", items), [(2,)])
        self.assertEqual(self.named("R77", items), [(3,)])
        self.assertEqual(self.named("Rechnung 77", items), [(3,)])
