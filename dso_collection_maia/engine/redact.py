"""What would tell who somebody is, taken out of a text.

Used before words leave this server: names, addresses of mail and web, phone and bank
numbers become tokens; numbers of invoices become ``#1``, ``#2``.
"""

import re
from dataclasses import dataclass, field

from .text import fold

_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_WEB = re.compile(r"\b(?:https?://|www\.)\S{1,500}", re.IGNORECASE)
_IBAN = re.compile(
    r"\b[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,4})?\b"
)
_PHONE = re.compile(r"(?<![\w/.,-])(?:\+|00)?\(?\d(?:[\s()./-]{0,3}\d){7,14}(?![\w/])")
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
#: Tokens look so; what already looks so in a text is taken out as well.
TOKEN = re.compile(r"\[(?:NAME|MAIL|WEB|BANK|PHONE)\d*\]|#\d+")


@dataclass
class Redacted:
    """A text without what tells who somebody is.

    :param text: what may leave
    :param numbers: {token: number of an invoice as written}
    """

    text: str
    numbers: dict = field(default_factory=dict)


def redact(text, numbers=(), names=()):
    """Take names and numbers out of a text.

    :param numbers: numbers of invoices as written in ``text``, in order
    :param names: names of people and companies that may stand in it
    :return: :class:`Redacted`
    """
    text = TOKEN.sub("[X]", text)
    tokens = {}
    for number in dict.fromkeys(numbers):
        token = f"#{len(tokens) + 1}"
        pattern = re.compile(rf"(?<!\w){re.escape(number)}(?!\w)")
        text, count = pattern.subn(token, text)
        if count:
            tokens[token] = number
    text = _MAIL.sub("[MAIL]", text)
    text = _WEB.sub("[WEB]", text)
    text = _IBAN.sub(_bank, text)
    text = _PHONE.sub(_phone, text)
    for name in sorted({n.strip() for n in names if n}, key=len, reverse=True):
        text = _without_name(text, name)
    return Redacted(text, tokens)


def _bank(match):
    """Words of four letters are no bank account: it has eight digits at least."""
    return "[BANK]" if sum(ch.isdigit() for ch in match.group()) >= 8 else match.group()


def _phone(match):
    """Days and amounts are no phone numbers."""
    written = match.group()
    if _DATE.fullmatch(written.strip()) or re.search(r"[.,]\d{2}$", written):
        return written
    return "[PHONE]"


def _without_name(text, name):
    """Without a name, and without each of its words of three letters or more."""
    for part in (name, *(word for word in re.split(r"\W+", name) if len(word) > 2)):
        pattern = re.compile(rf"(?<!\w){re.escape(fold(part))}(?!\w)")
        folded, kept, end = fold(text), [], 0
        for match in pattern.finditer(folded):
            kept += [text[end : match.start()], "[NAME]"]
            end = match.end()
        text = "".join(kept) + text[end:]
    return text
