"""Dates in a customer's words, by the conventions of the label guide (labels, 4).

Numeric and ISO dates are read in any text, names of months and relative words
("Friday", "in 10 days", "end of the month") in the language of the text.
"""

import calendar
import re
from datetime import date, timedelta
from functools import lru_cache

from ..text import LOOK_BACK, fold
from ..types import DateFound
from .date_words import WEEKDAYS, WORDS
from .names import month_names

_ISO = re.compile(r"(?<![\d/.\-])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_CJK = re.compile(
    r"(?:(\d{4})\s*年\s*)?(?<!\d)(\d{1,2})\s*月\s*(\d{1,2})(?:\s*[日号]|"
    r"(?![\d\s]*[日号.,]))"
)
_CJK_WORDS = re.compile(
    r"([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})(?:[日号]|(?=之?前|"
    r"付))"
)
_CJK_DIGITS = {ch: n for n, ch in enumerate("一二三四五六七八九", 1)}
# "20.06" without its last dot: the month has two digits, no currency follows
_DOTTED = re.compile(
    r"(?<![\d/.\-,:$€£])(\d{1,2})\.(0[1-9]|1[0-2])(?![\d%/\-]|[.,:]\d|\.\d)"
    r"(?!\s?(?:€|\$|£|eur|usd|chf|zl|pln|lei|ron|kr|sek|tl|lira|try|h\b|uhr|am\b|pm\b|"
    r"kg|m2|%))"
)
_CLOCK = re.compile(
    r"(?:\b(?:um|at|saat|kl\.?|alle|ore|godz\.?|version|v|ver\.?|o|a las|klo|punkt|"
    r"art\.?|§)\s*)$"
)
_FULL = re.compile(
    r"(?<![\d/.\-])(\d{1,2})(?:([/\-])(\d{1,2})\2|\.\s?(\d{1,2})\.\s?)(\d{4}|"
    r"\d{2})(?!\d)"
)
_SHORT = re.compile(
    r"(?<![\d/.\-])(?:(\d{1,2})/(\d{1,2})(?![\d/])|(\d{1,2})\.\s?(\d{1,2})\.(?!\s?\d))"
)
#: Words for this, without articles: "the week" is no date.
STRICT_THIS = {
    "en": "this",
    "de": "diese[rn]?|laufende[rn]?",
    "fr": "cette|en cours",
    "es": "esta|en curso",
    "it": "questa|in corso|corrente",
    "nl": "deze",
    "pt": "[nd]?esta|em curso|corrente",
    "pl": "(?:w )?(?:tym|ten|tego)",
    "tr": "bu",
    "ro": "aceasta|asta|curenta",
    "sv": "den har|denna|i",
    "hr": r"ov(?:aj|og|om)|tekuc\w{1,3}",
}
_BESIDE = (
    r",?\s*(?:(?:the|den|dem|der|le|el|il|dia|de|dnia|dana|data de|tarihi|d\.|op)\s+)?"
    r"\(?(?:(?:am|on|le|el|dia)\s)?"
)
# What stands before a day that has been, or that comes again and again.
_PAST = re.compile(
    r"(?:(?:last|since|every|each|previous|past|letzten?|vergangenen?|vorigen?|jeden|"
    r"seit|"
    r"chaque|depuis|tous les|todos los|cada|desde|scors[oa]|ogni|dal|vorige|afgelopen|"
    r"elke|sinds|passad[oa]|toda|ostatni\w?|zeszly|w zeszly|minion\w+|kazdy|gecen|her|"
    r"trecut|fiecare|forra|senaste|varje|i forra|prosl\w+|svak\w+|上|先|前)\s*"
    r"(?:week\s+)?(?:on\s+)?|(?:上个?|先)(?:周|週|星期)?)$"
)
# ... and what stands behind it.
_PASSED = re.compile(
    r"\s*(?:dernier|derniere|pasad[oa]|scors[oa]|passad[oa]|trecut[ae]?|ago\b|"
    r"de la semaine derniere|letzter woche|last week|de la semana pasada|"
    r"della settimana scorsa|vorige week|z zeszlego|forra veckan)"
)


#: "INV 12 may be", no month; "6 may" is one.
_VERB = re.compile(r"m\w+ (?!then\b|and\b|or\b|the\b|ok\b|if\b|at\b|by\b)[a-z]")
#: Between the two numbers of "3 to 5 days".
_OR = r"[-/]|to|or|bis|oder|a|ou|o|of|tot|do|lub|till|eller|ili|ila|ile|veya|sau|la"


@lru_cache(maxsize=32)
def _named(lang):
    """The patterns "4 December 2026" and "December 4, 2026"."""
    # "12 şubatta", "8 Marta": cases without an apostrophe
    case = r"(?:[dt][ae]n?|y?[ae]|[iu]n)?" if lang == "tr" else ""
    month = rf"(?P<month>{_months(lang)}){case}(?![^\W\d_])\.?"
    year = r"(?P<year>(?:19|20)\d\d)(?!\d)"
    link = r"(?:of\s+the\s+|of\s+|de\s+|del\s+|di\s+|d')?"
    more = []
    if lang == "tr":  # "eylülün 20'sinde"
        more = [
            rf"(?<![^\W\d_])(?P<month>{_months(lang)})'?[iu]n\s(?P<day>\d{{1,2}})"
            r"(?:'[a-z]{1,6})?(?!\d)(?P<year>)"
        ]
    return (
        *map(re.compile, more),
        re.compile(
            r"(?<!\d)(?<![\d]\.)(?P<day>\d{1,2})"
            r"(?:st|nd|rd|th|er|ste|de|-?ego|-?go|-?tego|-?og|re|:?[ea]|o|"
            r"\.)?\s*(?:day\s+)?"
            + link
            + month
            + r"(?:'?\w{2,4}(?=\s))?(?:,?\s*(?:de\s+|del\s+|di\s+|of\s+)?"
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
    )


def _months(lang):
    names = sorted(month_names(lang), key=len, reverse=True)
    return "|".join(map(re.escape, names))


@lru_cache(maxsize=32)
def _relative(lang):
    """Patterns of relative words: list of (pattern, name of a method of the finder)."""
    if lang in ("zh", "ja"):
        return _relative_cjk(lang)
    words, weekdays = WORDS[lang], WEEKDAYS[lang]
    next_, this = rf"(?:{words['next']})", rf"(?:{words['this']})"
    strict = rf"(?:{STRICT_THIS[lang]})"
    of = rf"(?:(?:{words['of']})\s*)?"
    digits = r"\d{1,3}|" + _longest_first(words["numbers"])
    # of "3 to 5 days" the later number
    number = rf"(?:(?:{digits})\s?(?:{_OR})\s?)?(?P<n>{digits})"
    unit = "|".join(
        f"(?P<{name}>{words[name]})" for name in ("hour", "day", "week", "month")
    )
    period = "|".join(
        f"(?P<p_{name}>{words[name]})" for name in ("week", "month", "quarter", "year")
    )
    work, work2, work3 = (
        rf"(?P<{name}>{words['working']})" for name in ("work", "work2", "work3")
    )
    span = (
        rf"{number}\s?-?(?:{next_}\s)?(?:{work}\s?)?(?:{unit})"
        rf"(?:\s{work2})?"
    )
    weekday = "|".join(f"(?P<wd{i}>{day})" for i, day in enumerate(weekdays))
    week = (
        rf"(?:(?:(?:of|on|{words['of']}|la|in|i|u|w|na|te)\s)?(?:the\s|la\s|le\s)?"
        rf"(?:{next_}\s(?:{words['week']})"
        rf"|(?:{words['week']})\s(?:a\s|de\s)?{next_}))"
    )
    part = "|".join(f"(?P<{name}>{words[name]})" for name in ("begin", "middle", "end"))
    qualified = (
        rf"(?:(?P<next1>{next_})\s|{this}\s)?(?:{period})"
        rf"(?:\s(?:(?P<next2>{next_})|{strict}))?"
    )
    month = rf"(?:(?:{words['month']})\s)?(?P<month>{_months(lang)})"
    year = r"(?:,?\s(?:de |del |di |of )?(?P<year>20\d\d))?"
    patterns = [
        (f"(?P<days{ahead}>{day})", "days") for ahead, day in words["days"].items()
    ]
    patterns += [
        (
            rf"{number}\s?-?(?:{work}\s?(?:{words['day']})|"
            rf"(?:{words['day']})\s{work2})",
            "working_days",
        ),
        (
            rf"{next_}\s{work}\s?(?:{words['day']})"
            rf"|{next_}\s(?:{words['day']})\s{work2}|"
            rf"(?:{words['day']})\s{work3}\s{next_}",
            "next_working_day",
        ),
        (rf"(?:{words['within']})\s(?:the\s|de\s|i\s|le\s)?{span}", "span"),
        (rf"{span}\s?(?:{words['after']})", "span"),
        (
            rf"(?:{next_}\s)?(?:{weekday})(?:,?\s(?P<nextweek>{week})|\s{next_})?",
            "weekday",
        ),
        (
            rf"(?P<nextweek>{week}),?\s(?:on\s|am\s|le\s|el\s|il\s|op\s|na\s|w\s"
            rf"|we\s|pe\s|pa\s|u\s|den\s)?(?:{weekday})",
            "weekday",
        ),
        (rf"(?:{weekday})(?: week|,? en huit)", "weekday_week"),
        (rf"(?:{next_})\s(?:{words['week']})", "next_week"),
        (rf"(?:{words['week']})\s(?:a\s)?(?:{next_})", "next_week"),
        (rf"{strict}\s(?:{words['week']})", "this_week"),
        (rf"(?:{words['week']})\s{strict}", "this_week"),
        (
            rf"(?:{words['calendar_week']})\s?(?P<cw>\d{{1,2}})(?![\d/.,]\d|\d)",
            "calendar_week",
        ),
        (rf"(?P<cw>\d{{1,2}})\.\s?(?:kw|{words['week']})", "calendar_week"),
    ]
    if lang == "tr":
        patterns += [
            (rf"(?P<nextweek>haftaya)\s(?:{weekday})", "weekday"),
            ("haftaya", "next_week"),
        ]
        patterns += [
            (
                rf"(?:(?P<next1>{next_})\s|{this}\s)?(?:{period})\s?(?:{part})",
                "part",
            ),
            (
                rf"(?P<month>{_months(lang)})(?:'?[ii]n)?(?:\sayi(?:nin)?)?{year}\s(?:{part})",
                "part_of_month",
            ),
            (
                rf"(?:{next_}|(?P<this_month>bu))\say(?:in)?\s(?P<dom>\d{{1,2}})"
                r"(?:['’]?[a-z]{1,6})?",
                "dom",
            ),
        ]
    else:
        patterns += [
            (rf"(?:{part})[\s-]?(?:{of}){qualified}", "part"),
            (rf"(?:{part})[\s-]?(?:{of}){month}{year}", "part_of_month"),
        ]
    link = "of |de |del |di |d'|das |do |dnia |a "
    link = f"(?:{link})?"
    later = (
        rf"(?:\s(?:{of})(?:(?P<next1>{next_})\s|(?P<this_month>{this})\s)"
        rf"?(?:{words['month']})(?:\s(?P<next2>{next_}))?)?"
    )
    for day in words["dom"]:
        number_ = (
            r"(?P<dom>\d{1,2})(?![./-]\s?\d|\d"
            rf"|\.?(?:st|nd|rd|th|e|er|-?go)?\s?(?:{link})(?:{_months(lang)}))"
        )
        patterns.append((day.replace("#", number_) + later, "dom"))
    if lang == "hr":
        patterns.append(
            (
                rf"(?:{part})\s(?P<month_number>\d{{1,2}})\.\s(?:mjesec\w*|mj\.)",
                "part_cjk",
            )
        )
    for phrase, period_ in words["ends"].items():
        patterns.append(
            (
                rf"(?P<next1>{next_}\s)?(?P<e_{period_}>{phrase})(?P<next2>\s{next_})?",
                "ends",
            )
        )
    for phrase, (name, count) in words["periods"].items():
        patterns.append((rf"(?P<fixed_{name}_{count}>{phrase})", "fixed"))
    return [
        (re.compile(rf"(?<![\w'/-])(?:{pattern})(?!\w)"), method)
        for pattern, method in patterns
    ]


def _relative_cjk(lang):
    number = r"(?P<n>\d{1,3}|" + _longest_first(WORDS[lang]["numbers"]) + ")"
    weekday = "|".join(f"(?P<wd{i}>{day})" for i, day in enumerate(WEEKDAYS[lang]))
    next_week = "来週|翌週|次週|下个?星期|下个?礼拜|下个?[周週]|下一[周週]"
    this_week = "今週|本[周週]|这个?[周週]|这个?星期|这个?礼拜|本星期"
    next_month = "来月|翌月|次月|下个?月|下個月"
    this_month = "今月|本月|当月|这个?月|這個月"
    if lang == "zh":
        next_week = "下个?星期|下个?礼拜|下个?[周週]|下一[周週]"
    last = "末日?|底"
    month = r"\d{1,2}|十[一二]?|[一二三四五六七八九]"
    patterns = [
        (f"(?P<days{ahead}>{day})", "days")
        for ahead, day in WORDS[lang]["days"].items()
    ]
    patterns += [
        (
            rf"(?:\d{{1,2}}\s?[-~到至]\s?)?{number}\s?(?:(?P<work>个?工作|営業|個?工作)"
            r"|个|個)?"
            r"(?:(?P<hour>小时|時間)|(?P<week>週間|週|周|星期|礼拜)"
            r"|(?P<month>[かヶカヵケ箇]月|月)|(?P<day>天|日))"
            r"(?:間)?(?:以内|之?内|之?后|以后|後|ほど後|(?<=業日)で)",
            "span",
        ),
        (rf"(?P<nextweek>{next_week})の?\s?(?:{weekday})", "weekday"),
        (
            r"(?P<nextweek>下个?(?:周|星期|礼拜))(?:"
            + "|".join(f"(?P<wd{i}>{d})" for i, d in enumerate("一二三四五六日"))
            + ")(?!个)",
            "weekday",
        ),
        (rf"(?:(?:{this_week})の?)?\s?(?:{weekday})", "weekday"),
        (rf"(?:{next_week})(?:中|内|末|之内|以内)?", "next_week"),
        (rf"(?:{this_week})(?:中|内|末|之内|以内)?", "this_week"),
        (r"(?<![\w])週末", "this_week"),
        (r"再来週|下下周", "week_after_next"),
        (rf"(?:(?P<next1>{next_month})|{this_month})の?(?P<e_month>{last})", "ends"),
        (rf"(?<![\d下本当来今翌这个])(?P<e_month>月(?:{last}))", "ends"),
        (r"(?:(?P<next1>来年|明年)の?)?(?P<e_year>年末|年底|年内)", "ends"),
        (r"(?P<next1>下个?|来|翌)?(?P<e_quarter>季度?[末底]|四半期末)", "ends"),
        (
            rf"(?:(?P<month>{month})\s?月|(?P<next1>{next_month})|"
            rf"(?:{this_month}))の?"
            r"(?:(?P<begin>上旬|初め?|头|頭)|(?P<middle>中旬|半ば)"
            r"|(?P<end>下旬|末日?|底))",
            "part_cjk",
        ),
        (
            rf"(?:(?P<next1>{next_month})|(?P<this_month>{this_month}))の?"
            r"(?P<dom>\d{1,2})\s?[日号號]",
            "dom",
        ),
        (
            r"(?<![\d月年/.\-第])(?P<dom>\d{1,2})\s?[日号號]"
            r"(?!以内|之?内|間|後|后|分|付(?!款)|程|ほと|発票|发票|楼|线|仓|店|车|"
            r"营业|営業|連続|游)" + ("(?!前)" if lang == "ja" else ""),
            "dom",
        ),
        (r"(?:每个?月|毎月)の?(?P<dom>\d{1,2})\s?[日号]", "dom"),
        (r"第\s?(?P<cw>\d{1,2})\s?[周週]", "calendar_week"),
    ]
    if lang == "ja":
        patterns.append(
            (rf"(?:(?P<next1>{next_month})|{this_month})(?P<e_month>中)(?!旬)", "ends")
        )
    else:
        patterns.append(
            (
                rf"(?:(?P<month>{month})\s?月|(?P<next1>{next_month})|"
                rf"(?:{this_month}))"
                r"(?P<middle>中)(?!旬)",
                "part_cjk",
            )
        )
    return [
        (re.compile(_fold_pattern(pattern)), method) for pattern, method in patterns
    ]


def _fold_pattern(pattern):
    """Fold kana (voiced marks) but not the ASCII of a pattern."""
    return "".join(ch if ch.isascii() else fold(ch) for ch in pattern)


def _longest_first(words):
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


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
    finder = _Finder(received_on, month_first, item_dates, lang)
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
    for match in _CJK_WORDS.finditer(folded):
        month, day = map(_cjk_number, match.groups())
        hits.append((match, finder.exact(None, month, day)))
    for match in _DOTTED.finditer(folded):
        if not _CLOCK.search(folded[max(0, match.start() - 8) : match.start()]):
            hits.append((match, finder.exact(None, match[2], match[1])))
    names = month_names(lang)
    for pattern in _named(lang):
        for match in pattern.finditer(folded):
            if (
                match["month"] in ("may", "march")
                and text[match.start("month")].islower()
                and (
                    match.start("day") > match.start("month")
                    or _VERB.match(folded, match.start("month"))
                )
            ):
                continue
            hits.append(
                (
                    match,
                    finder.exact(match["year"], names[match["month"]], match["day"]),
                )
            )
    for pattern, method in _relative(finder.lang):
        for match in pattern.finditer(folded):
            before = folded[max(0, match.start() - LOOK_BACK) : match.start()]
            after = folded[match.end() : match.end() + LOOK_BACK]
            if not _PAST.search(before) and not _PASSED.match(after):
                hits.append((match, getattr(finder, method)(match)))
    return finder.choose(text, folded, hits)


def _cjk_number(written):
    """The value of a number below 100 in Chinese signs: 二十三 is 23."""
    tens, ten, ones = written.rpartition("十")
    if not ten:
        return _CJK_DIGITS.get(written, 0)
    return 10 * _CJK_DIGITS.get(tens or "一", 1) + _CJK_DIGITS.get(ones, 0)


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


@lru_cache(maxsize=256)
def _is_weekday(folded, lang):
    return bool(re.fullmatch("|".join(WEEKDAYS[lang]), folded))


class _Finder:
    """The conventions, given what they refer to."""

    def __init__(self, received_on, month_first, item_dates, lang=None):
        self.lang = lang if lang in WORDS else "en"
        self.names = month_names(lang)
        self.numbers = WORDS[self.lang]["numbers"]
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

    # each takes the match of a pattern of _relative and gives (date, False) or None

    def days(self, match):
        ahead = int(match.lastgroup[4:])
        return self.today + timedelta(days=ahead), False

    def span(self, match):
        groups = match.groupdict()
        written = groups["n"]
        number = self.numbers.get(written) or (
            int(written) if written.isdigit() else None
        )
        if not number or number > 366:
            return None
        if groups.get("hour"):
            return self.today + timedelta(days=max(1, round(number / 24))), False
        unit = next((name for name in ("month", "week") if groups.get(name)), "day")
        working = bool(groups.get("work") or groups.get("work2"))
        return self._later(number, unit, working), False

    def working_days(self, match):
        return self.span(match)

    def next_working_day(self, _match):
        return self._later(1, "day", True), False

    def fixed(self, match):
        _fixed, unit, number = match.lastgroup.split("_")
        return self._later(int(number), unit, False), False

    def weekday(self, match):
        groups = match.groupdict()
        index = next(i for i in range(7) if groups[f"wd{i}"])
        today = self.today
        if groups.get("nextweek"):
            return today + timedelta(days=7 - today.weekday() + index), False
        return today + timedelta(days=(index - today.weekday() - 1) % 7 + 1), False

    def weekday_week(self, match):
        """ "Friday week": a week after that Friday."""
        day, of_item = self.weekday(match)
        return day + timedelta(days=7), of_item

    def this_week(self, _match):
        return self._end_of("week", 0)

    def next_week(self, _match):
        return self._end_of("week", 1)

    def week_after_next(self, _match):
        return self._end_of("week", 2)

    def calendar_week(self, match):
        return self._calendar_week(int(match["cw"]))

    def ends(self, match):
        groups = match.groupdict()
        ahead = bool(groups.get("next1") or groups.get("next2"))
        period = next(k for k, v in groups.items() if v and k.startswith("e_"))[2:]
        return self._end_of(period, int(ahead))

    def part(self, match):
        """Beginning, middle or end of this or the next week, month, quarter, year."""
        groups = match.groupdict()
        ahead = int(bool(groups.get("next1") or groups.get("next2")))
        period = next(k for k, v in groups.items() if v and k.startswith("p_"))[2:]
        if groups["end"] or period == "week":
            return self._end_of(period, ahead)
        if period != "month":
            return None
        start = add_months(self.today.replace(day=1), ahead)
        found = start.replace(day=15 if groups["middle"] else 5)
        if found < self.today:
            found = add_months(found, 1)
        return found, False

    def part_of_month(self, match):
        return self._part(match, self.names[match["month"]], match["year"])

    def part_cjk(self, match):
        groups = match.groupdict()
        written = groups.get("month") or groups.get("month_number")
        if written:
            month = int(written) if written.isdigit() else _cjk_number(written)
            return self._part(match, month, None) if 1 <= month <= 12 else None
        start = add_months(self.today.replace(day=1), int(bool(groups.get("next1"))))
        return self._part(match, start.month, start.year)

    def _part(self, match, month, year):
        """Beginning, middle and end of a month: 5th, 15th, last day."""
        groups = match.groupdict()
        written, year = bool(year), int(year or self.today.year)
        if not 1990 <= year <= 2100:
            return None
        last = calendar.monthrange(year, month)[1]
        day = 15 if groups.get("middle") else last if groups.get("end") else 5
        found = date(year, month, day)
        if found < self.today and not written:
            found = date(year + 1, month, day)  # 28 or 29 February
            if groups.get("end"):
                found = _month_end(found.replace(day=1))
        return found, False

    def dom(self, match):
        """The first such day on or after today, or that of the named month."""
        groups, day = match.groupdict(), int(match["dom"])
        first = self.today.replace(day=1)
        if groups.get("next1") or groups.get("next2"):
            return self._date_in(add_months(first, 1), day)
        for months in range(3):
            found = self._date_in(add_months(first, months), day)
            if found and (found[0] >= self.today or groups.get("this_month")):
                return found
        return None

    def _date_in(self, first, day):
        return self._date(first.year, first.month, day)

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

    def _end_of(self, period, ahead):
        """The last day of the period that is so many after the current one."""
        today = self.today
        if period == "week":
            days = 4 - today.weekday() + 7 * ahead
            return today + timedelta(days=days), False
        if period == "month":
            return _month_end(add_months(today.replace(day=1), ahead)), False
        if period == "quarter":
            ahead = 2 - (today.month - 1) % 3 + 3 * ahead
            return _month_end(add_months(today.replace(day=1), ahead)), False
        return date(today.year + ahead, 12, 31), False

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
                following
                and _is_weekday(folded[start:end], self.lang)
                and re.fullmatch(_BESIDE, folded[end : following[0]])
            ):
                continue
            if (
                kept
                and _is_weekday(folded[start:end], self.lang)
                and re.fullmatch(r"[\s（(,]*", folded[kept[-1].end : start])
            ):
                continue
            kept.append(
                DateFound(start, end, text[start:end], value=value, of_item=of_item)
            )
        return kept
