"""Names of months in the languages of the product, from CLDR by way of Babel."""

from functools import cache

from babel.dates import get_month_names

from ..text import fold

LANGUAGES = "en fr de es it nl pt zh pl tr ro ja sv hr".split()
# Spoken forms that CLDR does not list.
_MORE = {
    "en": {"sept": 9},
    "de": {"janner": 1, "jaenner": 1, "feber": 2},
    "fr": {"sept": 9},
    "hr": {
        "sijecnja": 1,
        "veljace": 2,
        "studenog": 11,
    },
}


@cache
def _names(lang, width):
    names = {}
    for context in ("format", "stand-alone"):
        for month, name in get_month_names(width, context, lang).items():
            folded = fold(name).rstrip(".").strip()
            if not folded[:1].isdigit():  # "12月" is read as a number
                names[folded] = month
    if width == "wide":
        names.update(_MORE.get(lang, {}))
    return names


@cache
def month_names(lang=None):
    """{folded name: month} for a message in ``lang``, unknown when None.

    The message's own language and English count with their abbreviations. Names of
    the other languages count when they are full and mean the same month in each of
    them: *listopada* is November in Polish and October in Croatian.
    """
    meanings = {}
    for other in LANGUAGES:
        for name, month in _names(other, "wide").items():
            meanings.setdefault(name, set()).add(month)
    names = {name: next(iter(m)) for name, m in meanings.items() if len(m) == 1}
    for known in ("en", lang):
        if known in LANGUAGES:
            names.update(_names(known, "abbreviated"))
            names.update(_names(known, "wide"))
    return names
