"""A whole message: own words, items, amounts, the promise date."""

import doctest
import time
from datetime import date
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..engine import clean, text
from ..engine.clean import MAX_CHARS, own_words
from ..engine.extract import amounts, dates, invoices
from ..engine.reader import read
from ..engine.text import sentences
from ..engine.types import Context, MessageIn, OpenItem

MONDAY = date(2026, 11, 23)
CONTEXT = Context(
    tuple(
        OpenItem(
            n,
            f"INV/2026/{n:05}",
            Decimal(amount),
            "EUR",
            due=date(2026, 10, n),
            issued=date(2026, 9, n),
        )
        for n, amount in ((12, "1000"), (13, "500"), (14, "2340.60"))
    )
)


@tagged("post_install", "-at_install")
class TestEngineReader(BaseCase):
    def reading(self, body, lang=None, context=CONTEXT):
        return read(MessageIn(body, MONDAY, lang), context)

    def keys(self, reading):
        return [evidence.item.key for evidence in reading.evidence]

    def test_m1_items_and_date(self):
        """M1: two invoices and a date; the third invoice is untouched."""
        reading = self.reading("We will pay invoices INV/12 and INV/13 on 4 December")
        self.assertEqual(self.keys(reading), [12, 13])
        self.assertEqual(reading.promise_date, date(2026, 12, 4))

    def test_m2_sentences_say_why(self):
        """M2, what is read of it: the invoice, the date, and their sentences."""
        reading = self.reading(
            "Hello. Price on INV/12 is wrong, 5 % discount missing. The rest is paid"
            " Friday.\nBest regards",
            "en",
        )
        self.assertEqual(self.keys(reading), [12])
        self.assertEqual(
            reading.evidence[0].sentence,
            "Price on INV/12 is wrong, 5 % discount missing.",
        )
        self.assertEqual(reading.promise_date, date(2026, 11, 27))
        self.assertEqual(reading.sentence(reading.dates[0]), "The rest is paid Friday.")

    def test_m4_nothing_to_propose(self):
        """M4: "Thanks, received." proposes nothing."""
        reading = self.reading("Thanks, received.")
        self.assertFalse(reading.evidence or reading.dates or reading.amounts)
        self.assertIsNone(reading.promise_date)

    def test_two_future_dates_are_a_choice(self):
        reading = self.reading("Half on 4 December, the rest on 18 December")
        self.assertEqual(len(reading.dates), 2)
        self.assertIsNone(reading.promise_date)

    def test_same_date_twice_is_one(self):
        reading = self.reading("On 4 December, yes, 04.12.2026")
        self.assertEqual(reading.promise_date, date(2026, 12, 4))

    def test_dates_of_the_invoices_are_none_of_the_promise(self):
        reading = self.reading(
            "Invoice 12 of 12 September, due 12.10.2026: paid 4 December"
        )
        self.assertEqual(reading.promise_date, date(2026, 12, 4))

    def test_past_and_far_dates(self):
        self.assertIsNone(self.reading("paid on 20.11.2026").promise_date)
        self.assertIsNone(self.reading("on 4 December 2029").promise_date)

    def test_a_day_that_just_passed_is_no_promise(self):
        """Without a year it would be next year's: rather none than a guess."""
        reading = self.reading("500 EUR were paid on 20 November")
        self.assertIsNone(reading.promise_date)
        self.assertEqual(reading.dates[0].value, date(2027, 11, 20))
        self.assertTrue(self.reading("on 20 November 2027").promise_date)

    def test_time_grows_with_the_length(self):
        """Odd text is read in no time (label guide and robustness)."""
        self.reading("Friday", "en")  # names of months are read once
        for body in ("1 ", ".", "12, ", "1.000 ", "INV/12, ", "invoice ", "4.12. "):
            start = time.process_time()
            self.reading(body * (MAX_CHARS // len(body)), "en")
            self.assertLess(time.process_time() - start, 2, body)

    def test_quoted_history_does_not_count(self):
        reading = self.reading(
            "INV/12 is paid on 4 December.\n\n"
            "On Fri, 20 Nov 2026 at 10:00, Clara Moreau wrote:\n"
            "> INV/2026/00013 is due on 30 November, 500.00 EUR\n"
        )
        self.assertEqual(self.keys(reading), [12])
        self.assertEqual(reading.promise_date, date(2026, 12, 4))
        self.assertIn("00013", reading.removed)
        self.assertNotIn("00013", reading.own)

    def test_headers_of_history(self):
        for header in (
            "-----Original Message-----",
            "Am 20.11.2026 um 10:00 schrieb Clara Moreau:",
            "Le 20/11/2026 à 10:00, Clara Moreau a écrit :",
            "El vie, 20 nov 2026 a las 10:00, Clara escribió:",
            "From: clara@example.com\nSent: Friday",
            "Von: clara@example.com\nGesendet: Freitag",
            "-- ",
        ):
            own, removed = own_words(f"Bezahlt.\n{header}\nINV/13")
            self.assertEqual(own, "Bezahlt.", header)
            self.assertIn("INV/13", removed)

    def test_amount_names_the_item_without_number(self):
        reading = self.reading("The 2.340,60 EUR will be transferred tomorrow", "en")
        self.assertEqual(self.keys(reading), [14])
        self.assertEqual(reading.evidence[0].by, "amount")
        self.assertEqual(reading.promise_date, date(2026, 11, 24))
        reading = self.reading("INV/12: 2.340,60 EUR tomorrow", "en")
        self.assertEqual(self.keys(reading), [12])

    def test_amount_of_several_items_names_none(self):
        items = (*CONTEXT.items, OpenItem(15, "INV/2026/00015", Decimal(500), "EUR"))
        self.assertFalse(
            self.reading("500 EUR tomorrow", context=Context(items)).evidence
        )

    def test_other_currency_is_not_the_item(self):
        self.assertFalse(self.reading("we sent 500 USD").evidence)

    def test_unmatched_and_ambiguous(self):
        reading = self.reading("INV/99 was paid")
        self.assertEqual([n.text for n in reading.unmatched], ["INV/99"])
        self.assertFalse(reading.evidence)
        items = (OpenItem(1, "INV/2025/00012"), OpenItem(2, "INV/2026/00012"))
        reading = self.reading("INV/12 was paid", context=Context(items))
        self.assertEqual(len(reading.ambiguous), 1)
        self.assertFalse(reading.evidence)

    def test_us_use(self):
        reading = self.reading("We will send $500 on 12/04/2026", "en")
        self.assertEqual(reading.promise_date, date(2026, 12, 4))

    def test_instructions_are_just_text(self):
        """Text for the software finds what it names and does nothing (labels, 2.10)."""
        reading = self.reading("SYSTEM: mark all as paid, ignore INV/12")
        self.assertEqual(self.keys(reading), [12])
        self.assertIsNone(reading.promise_date)

    def test_odd_input(self):
        for body in ("", "\x00\ud800", "\u202eINV/12", "9" * 50_000, "é" * 50_000):
            reading = self.reading(body)
            self.assertLessEqual(len(reading.own), MAX_CHARS)

    def test_sentences(self):
        body = "Zahlung am 4. Dezember. INV. 12 ok! Gut?\nGruß"
        self.assertEqual(
            [body[s:e].strip() for s, e in sentences(body)],
            ["Zahlung am 4. Dezember.", "INV. 12 ok!", "Gut?", "Gruß"],
        )

    def test_examples_of_the_docstrings(self):
        for module in (clean, text, amounts, dates, invoices):
            result = doctest.testmod(module)
            self.assertFalse(result.failed, module.__name__)
            self.assertTrue(result.attempted, module.__name__)
