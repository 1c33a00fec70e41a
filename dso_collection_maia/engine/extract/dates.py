"""Dates in a customer's words, by the conventions of the label guide (labels, 4).

Numeric and ISO dates and names of months are read in all languages of the product;
relative words ("Friday", "in 10 days", "end of the month") in English only.
"""

import calendar
import re
from datetime import date, timedelta
from functools import lru_cache

from ..text import LOOK_BACK, fold
from ..types import DateFound
from .names import month_names

_ISO = re.compile(r"(?<![\d/.\-])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_CJK = re.compile(r"(?:(\d{4})\s*年\s*)?(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號]")
_FULL = re.compile(
    r"(?<![\d/.\-])(\d{1,2})(?:([/\-])(\d{1,2})\2|\.\s?(\d{1,2})\.\s?)(\d{4}|\d{2})(?!\d)"
)
_SHORT = re.compile(
    r"(?<![\d/.\-])(?:(\d{1,2})/(\d{1,2})(?![\d/])|(\d{1,2})\.\s?(\d{1,2})\.(?!\s?\d))"
)
_NUMBERS = {
    word: number
    for number, words in enumerate(
        "a/an/one two three four five six seven eight nine ten eleven twelve".split(), 1
    )
    for word in words.split("/")
}
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_RELATIVE = re.compile(
    r"(?<![\w'])(?:"
    r"(?P<after>day after tomorrow)"
    r"|(?P<tomorrow>tomorrow)"
    r"|(?P<today>today)"
    r"|(?:with)?in (?:the next )?(?P<n>\d{1,3}|" + "|".join(_NUMBERS) + r")"
    r" (?P<work>working |business )?(?P<unit>day|week|month)s?(?:'? time)?"
    r"|(?:next week (?:on )?(?P<wd1>" + "|".join(_WEEKDAYS) + r"))"
    r"|(?P<wd2>" + "|".join(_WEEKDAYS) + r")(?P<nextweek>,? (?:of )?next week)?"
    r"|(?:the )?end of (?P<which>the |this |next )?(?P<period>week|month|quarter|year)"
    r"|(?P<monthend>month[ -]end|end of month|eom)"
    r"|(?P<week>this|next) week"
    r"|(?:calendar week|week|cw) (?P<cw>\d{1,2})"
    r"|(?:on|by|until|before|till) the (?P<dom>\d{1,2})(?:st|nd|rd|th)"
    r"(?! of| [a-z]*(?:uary|ch|ril|may|june|july|ust|ber))"
    r")(?!\w)"
)
_PAST = re.compile(r"(?:last|since|every|each|previous)\s+(?:week\s+)?(?:on\s+)?$")


@lru_cache(maxsize=32)
def _named(lang):
    """The patterns "4 December 2026", "December 4, 2026" and "end of December"."""
    names = sorted(month_names(lang), key=len, reverse=True)
    month = r"(?P<month>" + "|".join(map(re.escape, names)) + r")(?![^\W\d_])\.?"
    year = r"(?P<year>\d{4})(?!\d)"
    link = r"(?:of\s+the\s+|of\s+|de\s+|del\s+|di\s+)?"
    return (
        re.compile(
            r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er|re|:?e|o|\.)?\s*(?:day\s+)?"
            + link
            + month
            + r"(?:'?\w{2,4}(?=\s))?(?:,?\s*(?:de\s+|del\s+|of\s+)?"
            + year
            + ")?"
        ),
        re.compile(
            r"(?<![^\W\d_])"
            + month
            + r"\s*(?:the\s+)?(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\d.,]?\d)(?:,?\s*"
            + year
            + ")?"
        ),
        re.compile(
            r"(?<![^\W\d_])(?P<part>beginning|start|early|middle|mid|end|late)"
            r"[ -](?:of )?" + month + r"(?:\s+" + year + ")?"
        ),
    )


def find_dates(text, received_on, lang=None, month_first=False, item_dates=()):
    """The dates that ``text`` names, in order.

    :param received_on: date, the reference: a date without a year is the first such
        date on or after it, a weekday the first one strictly after it
    :param lang: ISO 639-1 code of the text, None when unknown
    :param month_first: numeric dates are written month-first (US use)
    :param item_dates: dates of the customer's open items; a past one that is repeated
        without its year is that date, not the next one
    :return: list of :class:`DateFound`

    >>> [f.value.isoformat() for f in find_dates("on 4 December", date(2026, 11, 23))]
    ['2026-12-04']
    """
    finder = _Finder(received_on, month_first, item_dates)
    folded = fold(text)
    hits = []
    for match in _ISO.finditer(folded):
        year, _sep, month, day = match.groups()
        hits.append((match, finder.exact(year, month, day)))
    for match in _CJK.finditer(folded):
        hits.append((match, finder.exact(*match.groups())))
    for match in _FULL.finditer(folded):
        day, _sep, month, dotted, year = match.groups()
        hits.append((match, finder.numeric(day, month or dotted, year, bool(dotted))))
    for match in _SHORT.finditer(folded):
        day, month, dotted_day, dotted = match.groups()
        hits.append(
            (
                match,
                finder.numeric(day or dotted_day, month or dotted, None, bool(dotted)),
            )
        )
    day_month, month_day, part_of_month = _named(lang)
    names = month_names(lang)
    for pattern in (day_month, month_day):
        for match in pattern.finditer(folded):
            if (
                match["month"] in ("may", "march")
                and text[match.start("month")].islower()
            ):
                continue  # the verbs
            hits.append(
                (
                    match,
                    finder.exact(match["year"], names[match["month"]], match["day"]),
                )
            )
    if lang in (None, "en"):
        for match in part_of_month.finditer(folded):
            hits.append(
                (
                    match,
                    finder.part(match["part"], names[match["month"]], match["year"]),
                )
            )
        for match in _RELATIVE.finditer(folded):
            if not _PAST.search(
                folded[max(0, match.start() - LOOK_BACK) : match.start()]
            ):
                hits.append((match, finder.relative(match)))
    return finder.choose(text, folded, hits)


def add_months(day, months):
    """Same day ``months`` later, or the last one of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(
        year=year,
        month=month + 1,
        day=min(day.day, calendar.monthrange(year, month + 1)[1]),
    )


def _month_end(day):
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


class _Finder:
    """The conventions, given what they refer to."""

    def __init__(self, received_on, month_first, item_dates):
        self.today = received_on
        self.month_first = month_first
        self.item_dates = {d for d in item_dates if d and d < received_on}

    def exact(self, year, month, day):
        """(date, whether it is a past date of an item), or None."""
        month, day = int(month), int(day)
        if year:
            year = int(year)
            year += 2000 if year < 100 else 0
            return self._date(year, month, day)
        known = [d for d in self.item_dates if (d.month, d.day) == (month, day)]
        if known:
            return max(known), True
        for year in range(self.today.year, self.today.year + 9):  # 29 February
            found = self._date(year, month, day)
            if found and found[0] >= self.today:
                return found
        return None

    def numeric(self, first, second, year, dotted):
        """Day first, but month first in US use; dots are never US use."""
        day, month = first, second
        if self.month_first and not dotted:
            day, month = second, first
        if int(month) > 12 >= int(day):
            day, month = month, day
        return self.exact(year, month, day)

    def part(self, part, month, year):
        """Beginning, middle and end of a month: 5th, 15th, last day."""
        year = int(year) if year else self.today.year
        if not 1990 <= year <= 2100:
            return None
        last = calendar.monthrange(year, month)[1]
        day = {"middle": 15, "mid": 15, "end": last, "late": last}.get(part, 5)
        found = date(year, month, day)
        if found < self.today and year == self.today.year:
            return self.part(part, month, year + 1)
        return found, False

    def relative(self, match):
        today, groups = self.today, match.groupdict()
        friday = today + timedelta(days=4 - today.weekday())
        if groups["after"] or groups["tomorrow"] or groups["today"]:
            days = 2 if groups["after"] else 1 if groups["tomorrow"] else 0
            return today + timedelta(days=days), False
        if groups["n"]:
            number = _NUMBERS.get(groups["n"]) or int(groups["n"])
            return self._later(number, groups["unit"], groups["work"]), False
        weekday = groups["wd1"] or groups["wd2"]
        if weekday:
            index = _WEEKDAYS.index(weekday)
            if groups["wd1"] or groups["nextweek"]:
                return today + timedelta(days=7 - today.weekday() + index), False
            return today + timedelta(days=(index - today.weekday() - 1) % 7 + 1), False
        if groups["period"] or groups["monthend"]:
            return self._end_of(
                groups["period"] or "month", (groups["which"] or "").strip() == "next"
            )
        if groups["week"]:
            return friday + timedelta(days=7 if groups["week"] == "next" else 0), False
        if groups["cw"]:
            return self._calendar_week(int(groups["cw"]))
        for months in range(3):
            start = add_months(today.replace(day=1), months)
            found = self._date(start.year, start.month, int(groups["dom"]))
            if found and found[0] >= today:
                return found
        return None

    def _later(self, number, unit, working):
        if unit == "month":
            return add_months(self.today, number)
        if unit == "week":
            return self.today + timedelta(days=7 * number)
        if not working:
            return self.today + timedelta(days=number)
        day = self.today
        while number:
            day += timedelta(days=1)
            number -= day.weekday() < 5
        return day

    def _end_of(self, period, is_next):
        today = self.today
        if period == "week":
            days = 4 - today.weekday() + (7 if is_next else 0)
            return today + timedelta(days=days), False
        if period == "month":
            return _month_end(add_months(today.replace(day=1), int(is_next))), False
        if period == "quarter":
            ahead = 2 - (today.month - 1) % 3 + (3 if is_next else 0)
            return _month_end(add_months(today.replace(day=1), ahead)), False
        return date(today.year + int(is_next), 12, 31), False

    def _calendar_week(self, week):
        if not 1 <= week <= 53:
            return None
        for year in (self.today.year, self.today.year + 1):
            try:
                friday = date.fromisocalendar(year, week, 5)
            except ValueError:
                continue
            if friday >= self.today:
                return friday, False
        return None

    def _date(self, year, month, day):
        try:
            found = date(year, month, day)
        except ValueError:
            return None
        return (found, found in self.item_dates) if 1990 <= year <= 2100 else None

    def choose(self, text, folded, hits):
        """Of overlapping hits the longest; a weekday beside a date is part of it."""
        spans, taken = [], bytearray(len(text))
        for match, value in sorted(
            ((m, v) for m, v in hits if v),
            key=lambda hit: (hit[0].start() - hit[0].end(), hit[0].start()),
        ):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            taken[start:end] = b"\1" * (end - start)
            if text[end - 1] == "." and text[end - 2].isalpha():
                end -= 1  # of the sentence, or of an abbreviation
            spans.append((start, end, value))
        spans.sort()
        kept = []
        for index, (start, end, (value, of_item)) in enumerate(spans):
            following = spans[index + 1] if index + 1 < len(spans) else None
            if (
                folded[start:end] in _WEEKDAYS
                and following
                and re.fullmatch(r",?\s*(?:the\s+)?", folded[end : following[0]])
            ):
                continue
            kept.append(
                DateFound(start, end, text[start:end], value=value, of_item=of_item)
            )
        return kept
