"""Folding and sentences: what all extractors share."""

import re
import unicodedata

_SPECIAL = {
    "ı": "i",
    "ł": "l",
    "đ": "d",
    "ø": "o",
    "’": "'",
    "‘": "'",
    "–": "-",
    "—": "-",
    # a comma of Chinese parts words, never digits
    "，": "、",
    # traditional characters that dates are written with
    "禮": "礼",
    "個": "个",
    "號": "号",
}
_END = re.compile(r"(?<![.!?])[.!?]{1,20}(?=\s{1,20}\S)|[。！？]|\n+")
#: What stands before a mention is looked at so far back: the time to read a text must
#: grow with its length, not with its square.
LOOK_BACK = 48
# Words before a dot that do not end a sentence.
_ABBREVIATIONS = set(
    "no nr inv fact fac ref art mr mrs ms dr hr fr st ca approx tel z bzw incl inkl"
    " jan feb mar apr jun jul aug sep sept oct okt nov dec dez".split()
)


def fold(text):
    """Lower case without accents or wide forms, of the same length as ``text``, so that
    positions in one are positions in the other.

    >>> fold("Décembre İ １２")
    'decembre i 12'
    """
    return text.translate(_FOLDED)


class _Folded(dict):
    """{code of a character: its folded form}, filled as characters come along."""

    def __missing__(self, code):
        ch = chr(code)
        plain = _SPECIAL.get(ch) or _SPECIAL.get(ch.lower())
        if not plain and ch != "\n":
            plain = unicodedata.normalize("NFKD", ch)[:1].lower()[:1]
        self[code] = plain or ch
        return self[code]


_FOLDED = _Folded()


def sentences(text):
    """(start, end) of each sentence of ``text``; together they cover all of it.

    A dot after a number or an abbreviation ends a sentence only before a capital
    letter, a dot after an ordinal before a month does not.
    """
    spans, start = [], 0
    for match in _END.finditer(text):
        if match.group().startswith(".") and not _is_end(text, match):
            continue
        spans.append((start, match.end()))
        start = match.end()
    if start < len(text):
        spans.append((start, len(text)))
    return tuple(span for span in spans if text[slice(*span)].strip())


def _is_end(text, match):
    before = re.search(
        r"(\w+)$", text[max(0, match.start() - LOOK_BACK) : match.start()]
    )
    rest = text[match.end() :].lstrip()
    word = before.group().lower() if before else ""
    if word.isdigit() and len(word) <= 2:
        return False  # "4. Dezember", "4. 12. 2026"
    return word not in _ABBREVIATIONS and (rest[:1].isupper() or not rest[:1].islower())
