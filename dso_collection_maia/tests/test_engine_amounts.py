"""Amounts in customers' words."""

from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..engine.extract.amounts import find_amounts


@tagged("post_install", "-at_install")
class TestEngineAmounts(BaseCase):
    def amounts(self, text, lang=None, known=()):
        found = find_amounts(text, lang, known)
        for mention in found:
            self.assertEqual(text[mention.start : mention.end], mention.text)
        return [(mention.value, mention.currency) for mention in found]

    def assertAmount(self, text, value, currency, lang=None):
        self.assertEqual(
            self.amounts(text, lang), [(Decimal(str(value)), currency)], text
        )

    def test_separators(self):
        for text in (
            "EUR 1.234,56",
            "1,234.56 EUR",
            "1 234,56 €",
            "€1'234.56",
            "1\u00a0234,56\u202f€",
            "1234,56 euros",
            "we pay €1234.56.",
        ):
            self.assertAmount(text, "1234.56", "EUR")
        self.assertAmount("1.234 €", 1234, "EUR")
        self.assertAmount("12.5 €", "12.5", "EUR")
        self.assertAmount("500,- €", 500, "EUR")
        self.assertAmount("1.234.567,00 EUR", 1234567, "EUR")
        self.assertAmount("INR 12,34,567.50", "1234567.50", "INR")

    def test_currencies(self):
        for text, value, currency in (
            ("$500", 500, "USD"),
            ("$500 CAD", 500, "CAD"),
            ("C$ 500", 500, "CAD"),
            ("US$2,000", 2000, "USD"),
            ("R$ 1.000,00", 1000, "BRL"),
            ("£99.90", "99.90", "GBP"),
            ("1 500 kr", 1500, "SEK"),
            ("2 340,60 zł", "2340.60", "PLN"),
            ("1.200 TL", 1200, "TRY"),
            ("900 lei", 900, "RON"),
            ("CHF 1'000.-", 1000, "CHF"),
            ("5万円", 50000, "JPY"),
            ("¥8,000", 8000, "JPY"),
            ("8000元", 8000, "CNY"),
            ("金额8000元", 8000, "CNY"),
            ("5k EUR", 5000, "EUR"),
            ("total of 100 usd", 100, "USD"),
        ):
            self.assertAmount(text, value, currency)
        self.assertAmount("¥8,000", 8000, "CNY", "zh")

    def test_several(self):
        self.assertEqual(
            self.amounts("1.000,00 EUR now and 500 USD later"),
            [(Decimal("1000.00"), "EUR"), (Decimal(500), "USD")],
        )

    def test_numbers_without_currency(self):
        """They count when they are what is open of an item."""
        self.assertEqual(self.amounts("we sent 2,340.60"), [])
        self.assertEqual(
            self.amounts("we sent 2,340.60", known=[(Decimal("2340.6"), "EUR")]),
            [(Decimal("2340.60"), "EUR")],
        )

    def test_no_amounts(self):
        for text in ("", "in 10 days", "invoice 500", "on 04.12.2026", "500 the rest"):
            self.assertEqual(self.amounts(text), [], text)

    def test_a_word_of_three_letters_is_no_currency(self):
        """ "pay 500 EUR" is found at its digits."""
        (found,) = find_amounts("We pay 500 EUR")
        self.assertEqual(found.text, "500 EUR")

    def test_each_language(self):
        for lang, text, value, currency in (
            ("en", "80 quid", 80, "GBP"),
            ("en", "R$ 1.250,50", "1250.50", "BRL"),
            ("de", "tausend Euro", 1000, "EUR"),
            ("de", "850 Franken", 850, "CHF"),
            ("fr", "650 000 FCFA", 650000, "XOF"),
            ("es", "8,000 MXN", 8000, "MXN"),
            ("it", "€ 1.250,00", 1250, "EUR"),
            ("nl", "1.250,- euro", 1250, "EUR"),
            ("pt", "R$ 300", 300, "BRL"),
            ("pl", "5 tys. złotych", 5000, "PLN"),
            ("tr", "15 bin TL", 15000, "TRY"),
            ("ro", "3000 de lei", 3000, "RON"),
            ("sv", "12 500 kr", 12500, "SEK"),
            ("hr", "250 eura", 250, "EUR"),
            ("zh", "H01，52,000元", 52000, "CNY"),
            ("zh", "3万元", 30000, "CNY"),
            ("ja", "440,000円", 440000, "JPY"),
        ):
            self.assertAmount(text, value, currency, lang)
