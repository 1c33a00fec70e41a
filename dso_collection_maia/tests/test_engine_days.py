"""Which of several days is the day of payment (labels, 4)."""

from datetime import date

import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine.decide import decide
from ..engine.labels import CLASSES
from ..engine.prepare import prepare
from ..engine.types import Context, MessageIn

MONDAY = date(2026, 11, 23)
#: {language: [(words, ISO day, "" for none)]}
SAID = {
    "en": [
        ("We won't pay on 4 December but on 18 December", "2026-12-18"),
        ("Not on the 4th, you get it on the 18th", "2026-12-18"),
        ("We cannot pay on 4 December", ""),
        ("We can't pay until 4 December", "2026-12-04"),
        ("It will be paid no later than 4 December", "2026-12-04"),
        (
            "Your reminder arrived on Saturday; we will transfer on 30 November",
            "2026-11-30",
        ),
        (
            "Delivery is planned for 3 December, but the payment goes out 10 December",
            "2026-12-10",
        ),
        ("Our grant lands on the 4th, you get yours on the 7th", "2026-12-07"),
        ("Initially planned for 31 December, now it is paid on the 18th", "2026-12-18"),
        ("The part we do not dispute is paid on 4 December", "2026-12-04"),
        ("300 EUR on 4 December, 300 EUR on 4 January", "2026-12-04"),
    ],
    "de": [
        ("Nicht am 4. Dezember, sondern am 18. Dezember zahlen wir", "2026-12-18"),
        ("Wir zahlen erst am 18. Dezember", "2026-12-18"),
        ("Der Kunde kommt am 4.12. zurück, wir zahlen am 7.12.", "2026-12-07"),
        ("Spätestens am 4. Dezember überweisen wir", "2026-12-04"),
    ],
    "fr": [
        ("Oubliez le 4 décembre, ce sera le 18 décembre", "2026-12-18"),
        ("Nous ne paierons que le 18 décembre", "2026-12-18"),
        ("Le poseur passe le 3, nous réglons le 10 décembre", "2026-12-10"),
    ],
    "es": [("No puede ser el 4 de diciembre, pagamos el 18", "2026-12-18")],
    "it": [("Il 4 dicembre non ce la faccio, pago il 18 dicembre", "2026-12-18")],
    "nl": [("Niet op 4 december, maar op 18 december betalen we", "2026-12-18")],
    "pt": [("Não é no dia 4, pagamos no dia 18", "2026-12-18")],
    "pl": [("Nie 4 grudnia, lecz 18 grudnia zapłacimy", "2026-12-18")],
    "tr": [("4 Aralık'ta olmadı, 18 Aralık'ta öderiz", "2026-12-18")],
    "ro": [("Nu pe 4 decembrie, plătim pe 18 decembrie", "2026-12-18")],
    "sv": [("Inte den 4 december, vi betalar den 18 december", "2026-12-18")],
    "hr": [("Ne 4. prosinca, nego plaćamo 18. prosinca", "2026-12-18")],
    "zh": [
        ("12月4日来不及了，12月18日付款", "2026-12-18"),
        ("能不能宽限到12月18日付款", "2026-12-18"),
    ],
    "ja": [
        ("12月4日にはお支払いできません。12月18日に振り込みます", "2026-12-18"),
        ("12月18日までお待ちいただけませんか", "2026-12-18"),
    ],
}


class Promising:
    """Takes all words for a promise: only the days decide."""

    name = "test"

    def probabilities(self, prepared, meaning=True):
        chances = np.full(len(CLASSES), 0.01)
        chances[CLASSES.index(("promise_to_pay", "scheduled_payment"))] = 1
        return chances / chances.sum()


@tagged("post_install", "-at_install")
class TestEngineDays(BaseCase):
    def test_the_day_of_payment(self):
        """Words of payment and of the reader speak for a day, denials against it."""
        for lang, cases in SAID.items():
            for text, wanted in cases:
                with self.subTest(lang=lang, text=text):
                    message = MessageIn(text, MONDAY, lang)
                    prepared = prepare(message, Context())
                    found = decide(Promising(), prepared, message, Context())
                    day = found.promise_date
                    self.assertEqual(day.isoformat() if day else "", wanted)
