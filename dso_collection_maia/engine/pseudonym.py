"""Who and where: taken out of a text that is kept to learn from.

What a message says stays, days and amounts too; whoever wrote it does not.
"""

import re

#: What stands in the place of a name, an address, an account.
NAME, MAIL, LINK, ACCOUNT = "N.N.", "mail@example.com", "https://example.com", "IBAN"
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MAIL = re.compile(r"[^\s<>()\[\],;:\"'@]{1,64}@[^\s<>()\[\],;:\"'@]{1,190}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
#: Seven digits or more, with what people put between those of a telephone number.
_LONG = re.compile(r"(?<![\w.,/-])\+?\(?\d(?:[ ./()\u00a0-]{0,2}\d){6,}(?![\w])")
_DAY = re.compile(r"\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}")
_GROUPED = re.compile(r"\d{1,3}(?:[., \u00a0']\d{3})+(?:[.,]\d{1,2})?")
#: Shorter parts of a name are words of many languages.
MIN_NAME = 3
#: Scripts without spaces between words, whose names are short.
_JOINED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def pseudonymised(text, names=(), numbers=()):
    """A text without what tells who wrote it.

    :param str text: own words of a message
    :param names: of people and companies that may stand in it, whole; parts of names
        of two or three words go too
    :param numbers: of invoices, as they are written
    :return: the text with placeholders; long numbers keep their length only
    """
    text = _LINK.sub(LINK, text)
    text = _MAIL.sub(MAIL, text)
    text = _IBAN.sub(ACCOUNT, text)
    for index, number in enumerate(dict.fromkeys(filter(None, numbers)), 1):
        text = re.sub(rf"(?<!\w){re.escape(number)}(?!\w)", f"#{index}", text)
    for name in _names(names):
        pattern = re.escape(name)
        if not _JOINED.search(name):
            pattern = rf"(?<!\w){pattern}(?!\w)"
        text = re.sub(pattern, NAME, text, flags=re.IGNORECASE)
    return _LONG.sub(_without_digits, text)


def _names(names):
    """Whole names, and parts of those of people, longest first."""
    found = set()
    for name in filter(None, names):
        words = name.replace(",", " ").split()
        found.add(" ".join(words))
        if 2 <= len(words) <= 3:
            found.update(words)
    return sorted(filter(_is_name, found), key=len, reverse=True)


def _is_name(name):
    return len(name.strip(".")) >= (2 if _JOINED.search(name) else MIN_NAME)


def _without_digits(match):
    written = match.group()
    if _DAY.fullmatch(written) or _GROUPED.fullmatch(written):
        return written
    return re.sub(r"\d", "0", written)
