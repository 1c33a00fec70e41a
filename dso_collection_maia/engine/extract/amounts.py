"""Amounts of money in a customer's words, with any separators (labels, 5)."""

import re
from decimal import Decimal
from functools import lru_cache

from babel import Locale

from ..text import fold
from ..types import AmountFound

#: Symbols and words, folded, and what they stand for.
_SYMBOLS = {
    "€": "EUR",
    "$": "USD",
    "us$": "USD",
    "c$": "CAD",
    "ca$": "CAD",
    "a$": "AUD",
    "r$": "BRL",
    "£": "GBP",
    "¥": "JPY",
    "円": "JPY",
    "元": "CNY",
    "rmb": "CNY",
    "₺": "TRY",
    "tl": "TRY",
    "zl": "PLN",
    "zlotych": "PLN",
    "kr": "SEK",
    "kronor": "SEK",
    "lei": "RON",
    "de lei": "RON",
    "leu": "RON",
    "nt$": "TWD",
    "hk$": "HKD",
    "mx$": "MXN",
    "s$": "SGD",
    "nz$": "NZD",
    "fcfa": "XOF",
    "franken": "CHF",
    "franke": "CHF",
    "quid": "GBP",
    "eura": "EUR",
    "eure": "EUR",
    "euri": "EUR",
    "lira": "TRY",
    "liraya": "TRY",
    "lirayi": "TRY",
    "lirasi": "TRY",
    "lirasini": "TRY",
    "reais": "BRL",
    "rand": "ZAR",
    "kuna": "HRK",
    "块": "CNY",
    "日元": "JPY",
    "人民币": "CNY",
    "fr.": "CHF",
    "sfr.": "CHF",
    "kn": "HRK",
    "euro": "EUR",
    "euros": "EUR",
    "dollar": "USD",
    "dollars": "USD",
    "pounds": "GBP",
    "yen": "JPY",
    "yuan": "CNY",
}
_NUMBER = (
    r"(?:\d{1,3}(?:[ .,'’]\d{3})+(?![.,]?\d{3})(?:[.,]\d{1,2})?"
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{1,2})?"
    r"|\d+(?:[.,]\d{1,2})?)(?!\d)"
)
_SCALE = {
    "k": 1000,
    "tys": 1000,
    "tys.": 1000,
    "mil": 1000,
    "mila": 1000,
    "mille": 1000,
    "bin": 1000,
    "tusen": 1000,
    "tisuca": 1000,
    "tausend": 1000,
    "thousand": 1000,
    "万": 10_000,
    "萬": 10_000,
    "": 1,
}
_SCALES = "|".join(re.escape(s) for s in sorted(_SCALE, key=len, reverse=True) if s)
# Round sums in words, with a currency behind.
_WORDS = {
    "tausend": 1000,
    "eintausend": 1000,
    "hundert": 100,
    "thousand": 1000,
    "hundred": 100,
    "mille": 1000,
    "mil": 1000,
    "cien": 100,
    "doscientos": 200,
    "quinientos": 500,
    "cento": 100,
    "duizend": 1000,
    "tysiac": 1000,
    "bin": 1000,
    "tusen": 1000,
    "o mie de": 1000,
    "tisucu": 1000,
}
_LEFT = r"(?<![a-z\d.,/\-])"


@lru_cache(maxsize=1)
def currency_codes():
    """ISO 4217 codes, from CLDR."""
    return frozenset(Locale("en").currencies)


@lru_cache(maxsize=1)
def _patterns():
    symbols = "|".join(
        re.escape(s) + (r"(?![a-z])" if s[-1].isalpha() and s[-1].isascii() else "")
        for s in sorted(_SYMBOLS, key=len, reverse=True)
    )
    currency = rf"(?P<cur>(?:{symbols})|[a-z]{{3}}(?![a-z]))"
    number = (
        rf"(?P<num>{_NUMBER})(?:\s?(?P<scale>{_SCALES})(?![a-z]))?(?:[.,]-{{1,2}})?"
    )
    return (
        re.compile(rf"(?<![a-z\d]){currency}\s?{number}(?:\s?(?P<code>[a-z]{{3}})\b)?"),
        re.compile(rf"{_LEFT}{number}\s?{currency}"),
        re.compile(rf"{_LEFT}(?P<num>{_NUMBER})(?![\w/\-]|[.,]\d)"),
        re.compile(rf"(?<![a-z])(?P<word>{'|'.join(_WORDS)})\s{currency}"),
    )


def parse_number(text):
    """The value of a written number.

    A single separator followed by three digits groups thousands; otherwise the last
    separator is the decimal one.

    >>> [str(parse_number(t)) for t in ("1.234,5", "1,234.50", "1 234", "12.5")]
    ['1234.5', '1234.50', '1234', '12.5']
    """
    text = re.sub(r"[\s'’]", "", text)
    last = max(text.rfind("."), text.rfind(","))
    if last >= 0:
        decimals = len(text) - last - 1
        several = text.count(text[last]) > 1
        mixed = "." in text and "," in text
        grouped = several or (decimals == 3 and not mixed and text[0] != "0")
        if grouped:
            text = re.sub(r"[.,]", "", text)
        else:
            text = re.sub(r"[.,]", "", text[:last]) + "." + text[last + 1 :]
    return Decimal(text)


def find_amounts(text, lang=None, known=()):
    """The amounts that ``text`` names, in order.

    :param lang: ISO 639-1 code of the text: ``¥`` is CNY in Chinese
    :param known: (amount, currency) pairs; a number without currency counts only when
        it is one of these amounts
    :return: list of :class:`AmountFound`

    >>> [(str(a.value), a.currency) for a in find_amounts("EUR 1.250,00 and 5k USD")]
    [('1250.00', 'EUR'), ('5000', 'USD')]
    """
    folded = fold(text)
    before, after, bare, words = _patterns()
    hits = []
    for pattern in (before, after):
        for match in pattern.finditer(folded):
            beside = _currency(text, match, "cur", lang)  # none is "pay" in "pay 5 EUR"
            currency = beside
            if "code" in match.groupdict() and match["code"]:
                code = _currency(text, match, "code", lang)
                currency = code or currency
            if currency:
                start = match.start() if beside else match.start("num")
                end = match.end()
                if match.groupdict().get("code") and not code:
                    end = match.end("scale") if match["scale"] else match.end("num")
                value = parse_number(match["num"]) * _SCALE[match["scale"] or ""]
                hits.append((start, end, value, currency))
    for match in words.finditer(folded):
        currency = _currency(text, match, "cur", lang)
        if currency:
            value = Decimal(_WORDS[match["word"]])
            hits.append((match.start(), match.end(), value, currency))
    known = {Decimal(amount): currency for amount, currency in known if amount}
    for match in bare.finditer(folded):
        value = parse_number(match["num"])
        if value in known:
            hits.append((match.start(), match.end(), value, known[value]))
    return _without_overlaps(text, hits)


def _currency(text, match, group, lang):
    written = match[group]
    if written in _SYMBOLS:
        if written == "¥" and lang == "zh":
            return "CNY"
        return _SYMBOLS[written]
    code = text[match.start(group) : match.end(group)]
    if code.upper() in currency_codes() and (
        code.isupper() or code in ("eur", "usd", "gbp", "chf", "Eur")
    ):
        return code.upper()
    return None


def _without_overlaps(text, hits):
    """Of overlapping hits the longest: "$500 CAD" is one amount, in CAD."""
    kept, taken = [], bytearray(len(text))
    for start, end, value, currency in sorted(hits, key=lambda h: (h[0] - h[1], h[0])):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            kept.append(
                AmountFound(start, end, text[start:end], value=value, currency=currency)
            )
    return sorted(kept, key=lambda found: found.start)
