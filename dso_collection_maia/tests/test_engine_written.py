"""Numbers of invoices without knowing which are open (labels, 6)."""

from datetime import date

from odoo.tests import BaseCase, tagged

from ..engine.prepare import prepare
from ..engine.types import Context, MessageIn

MONDAY = date(2026, 11, 23)


@tagged("post_install", "-at_install")
class TestEngineWritten(BaseCase):
    def numbers(self, text, lang):
        prepared = prepare(MessageIn(text, MONDAY, lang), Context())
        return [found.text for found in prepared.numbers]

    def test_each_language(self):
        for lang, text, expected in (
            ("en", "INV-2041 and INV-2042 go out Friday", ["INV-2041", "INV-2042"]),
            ("en", "the price of 4410 is wrong", ["4410"]),
            ("de", "Rechnung 771 und 772 sind falsch", ["771", "772"]),
            ("fr", "la facture n° F-2026/31 est réglée", ["F-2026/31"]),
            ("es", "la factura 88-B está pagada", ["88-B"]),
            ("it", "fattura n. 118/26 pagata", ["118/26"]),
            ("nl", "factuur 2026.0031 is betaald", ["2026.0031"]),
            ("pt", "a nota fiscal 5512 está errada", ["5512"]),
            ("pl", "FV/3/24 i FV/4/24 opłacone", ["FV/3/24", "FV/4/24"]),
            ("tr", "FTR-2026/118 numaralı fatura", ["FTR-2026/118"]),
            ("ro", "factura FCT 2210 este plătită", ["FCT 2210"]),
            ("sv", "faktura 30118 betalas", ["30118"]),
            ("hr", "račun 12/1/1 je plaćen", ["12/1/1"]),
            ("hr", "Po KZ-3 uložen je prigovor", ["KZ-3"]),
            ("tr", "MK-4'ü kabul etmiyoruz", ["MK-4"]),
            ("ro", "Atașez OP-ul pentru F 8812", ["F 8812"]),
            ("zh", "FP2026-11已付款", ["FP2026-11"]),
            ("ja", "請求書K-0827の件", ["K-0827"]),
        ):
            self.assertEqual(self.numbers(text, lang), expected, text)

    def test_other_documents_are_none(self):
        for lang, text in (
            ("en", "PO 4711 and P.O. no. 88123"),
            ("en", "purchase order 4711, delivery note 8812, credit note CN-20"),
            ("en", "call me on +44 20 7946 0958 or 0161 496 0000"),
            ("de", "Bestellnummer 450001 und Lieferschein 8123"),
            ("fr", "commande 45100, avoir n° 330"),
            ("es", "pedido 99120 y albarán 5531"),
            ("pl", "zamówienie 88120"),
            ("ja", "注文番号 55120"),
            ("en", "1,250.00 EUR on 04/12/2026 at 10:30, 40 boxes, 15%"),
            ("en", "IBAN DE89 3704 0044 0532 0130 00"),
            ("en", "Your request was given the number SR-44712"),
        ):
            self.assertEqual(self.numbers(text, lang), [], text)

    def test_quoted_numbers_do_not_count(self):
        text = "INV-1 is paid.\n> INV-2 is due"
        self.assertEqual(self.numbers(text, "en"), ["INV-1"])
