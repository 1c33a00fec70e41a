"""Dates in customers' words, by the conventions of the label guide."""

from datetime import date

from odoo.tests import BaseCase, tagged

from ..engine.extract.dates import find_dates

MONDAY = date(2026, 11, 23)


@tagged("post_install", "-at_install")
class TestEngineDates(BaseCase):
    def dates(self, text, lang=None, **values):
        found = find_dates(text, values.pop("on", MONDAY), lang, **values)
        for mention in found:
            self.assertEqual(text[mention.start : mention.end], mention.text)
        return [mention.value.isoformat() for mention in found]

    def assertDate(self, text, expected, lang=None, **values):
        self.assertEqual(self.dates(text, lang, **values), [expected], text)

    def test_numeric(self):
        for text in (
            "paid on 2026-12-04",
            "on 04/12/2026",
            "am 4.12.2026",
            "am 04.12.26",
            "dana 4. 12. 2026.",
            "on 4-12-2026",
            "2026/12/04",
            "bis 4.12.",
            "avant le 4/12",
        ):
            self.assertDate(text, "2026-12-04")

    def test_us_use_is_month_first(self):
        self.assertDate("on 12/04/2026", "2026-12-04", month_first=True)
        self.assertDate("on 12/25/2026", "2026-12-25")
        self.assertDate("am 04.12.2026", "2026-12-04", month_first=True)

    def test_impossible_dates_are_none(self):
        for text in ("31.02.2026", "99/99/2026", "2026-13-40", "30 February"):
            self.assertEqual(self.dates(text), [], text)

    def test_month_names_of_each_language(self):
        for lang, text in (
            ("en", "on 4 December 2026"),
            ("en", "on December 4th, 2026"),
            ("en", "on the 4th of December"),
            ("en", "by Dec. 4"),
            ("fr", "le 4 décembre 2026"),
            ("de", "am 4. Dezember 2026"),
            ("de", "zum 4. Dez."),
            ("es", "el 4 de diciembre de 2026"),
            ("it", "entro il 4 dicembre"),
            ("nl", "op 4 december 2026"),
            ("pt", "no dia 4 de dezembro de 2026"),
            ("zh", "我们将在2026年12月4日付款"),
            ("pl", "do 4 grudnia 2026 r."),
            ("tr", "4 Aralık 2026 tarihinde"),
            ("ro", "pe 4 decembrie 2026"),
            ("ja", "12月4日に支払います"),
            ("sv", "den 4 december"),
            ("hr", "do 4. prosinca 2026."),
        ):
            self.assertDate(text, "2026-12-04", lang)

    def test_names_without_knowing_the_language(self):
        self.assertDate("le 4 décembre", "2026-12-04")
        self.assertDate("do 4 grudnia", "2026-12-04")
        self.assertDate("1er mars 2027", "2027-03-01", "fr")

    def test_names_that_two_languages_share(self):
        """*Listopada* is November in Polish and October in Croatian."""
        self.assertDate("30 listopada 2026", "2026-11-30", "pl")
        self.assertDate("30. listopada 2026", "2026-10-30", "hr")
        self.assertEqual(self.dates("30 listopada 2026"), [])
        self.assertDate("30. studenog", "2026-11-30", "hr")

    def test_without_year_is_the_next_such_date(self):
        self.assertDate("on 4 March", "2027-03-04")
        self.assertDate("on 23 November", "2026-11-23")
        self.assertDate("on 22 November", "2027-11-22")
        self.assertDate("am 29. Februar", "2028-02-29", "de")

    def test_past_date_of_an_open_item(self):
        """A customer who repeats "of 4 October" speaks of the invoice."""
        (found,) = find_dates(
            "your invoice of 4 October", MONDAY, item_dates=[date(2026, 10, 4)]
        )
        self.assertEqual((found.value, found.of_item), (date(2026, 10, 4), True))
        (found,) = find_dates("on 4 December", MONDAY, item_dates=[date(2026, 12, 4)])
        self.assertFalse(found.of_item)

    def test_relative_words(self):
        for text, expected in (
            ("we pay today", "2026-11-23"),
            ("tomorrow", "2026-11-24"),
            ("the day after tomorrow", "2026-11-25"),
            ("in 10 days", "2026-12-03"),
            ("within five working days", "2026-11-30"),
            ("in two weeks", "2026-12-07"),
            ("within a month", "2026-12-23"),
            ("on Friday", "2026-11-27"),
            ("this Friday", "2026-11-27"),
            ("next Monday", "2026-11-30"),
            ("on Friday next week", "2026-12-04"),
            ("next week Friday", "2026-12-04"),
            ("end of the week", "2026-11-27"),
            ("end of next week", "2026-12-04"),
            ("next week", "2026-12-04"),
            ("end of the month", "2026-11-30"),
            ("by month-end", "2026-11-30"),
            ("end of next month", "2026-12-31"),
            ("end of the quarter", "2026-12-31"),
            ("end of next quarter", "2027-03-31"),
            ("end of the year", "2026-12-31"),
            ("beginning of February", "2027-02-05"),
            ("mid-December", "2026-12-15"),
            ("end of December", "2026-12-31"),
            ("calendar week 50", "2026-12-11"),
            ("on the 20th", "2026-12-20"),
        ):
            self.assertDate(text, expected, "en")

    def test_the_last_day_of_the_month(self):
        self.assertDate("within a month", "2027-02-28", "en", on=date(2027, 1, 31))

    def test_weekday_beside_a_date_is_part_of_it(self):
        self.assertDate("on Friday, 4 December 2026", "2026-12-04", "en")
        self.assertDate("Friday the 4th of December", "2026-12-04", "en")

    def test_no_dates(self):
        for text in (
            "paid last Friday",
            "soon, as soon as possible",
            "you may 4 times",
            "1.234,56 EUR",
            "call 555-0142",
            "version 19.0.1",
        ):
            self.assertEqual(self.dates(text, "en"), [], text)

    def test_range_is_the_later_date(self):
        self.assertDate("between 4 and 6 December", "2026-12-06", "en")

    def test_odd_text(self):
        for text in ("", "\n\n", "١٢", "12月", "4 ", "é" * 3000, "1/" * 2000):
            self.dates(text)
