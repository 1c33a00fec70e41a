"""Read a message: which open items it names, which amounts, which dates.

The reader does not judge what the customer wants (promise, dispute…): it finds what a
person would underline, says in which sentence it stands, and leaves the rest to them.
"""

import re
from datetime import timedelta

from .clean import own_words
from .extract.amounts import find_amounts
from .extract.dates import find_dates
from .extract.invoices import find_invoices
from .extract.written import find_written
from .text import sentences
from .types import Context, Evidence, MessageIn, Reading

#: A date further ahead is no promise but a misreading (labels, 4).
HORIZON = timedelta(days=400)
#: A day without a year that is further ahead than this was here less than three months
#: ago, and more likely belongs to the past: rather no date than a guess (labels, 7).
HORIZON_WITHOUT_YEAR = timedelta(days=275)
_WITHOUT_YEAR = re.compile(r"(?!.*\d{4})(?!.*\d\D+\d+\D+\d).*\d")
_US = re.compile(
    r"\$|\bUSD\b|\b(?:A[LKZR]|C[AOT]|DE|FL|GA|HI|I[DLNA]|K[SY]|LA|M[EDAINSOT]|"
    r"N[EVHJMYCD]"
    r"|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[TA]|W[AVIY])\s\d{5}\b"
)


def read(message: MessageIn, context: Context) -> Reading:
    """Find what ``message`` says of the open items of ``context``.

    Deterministic, and nothing leaves the process. Only the customer's own words count.
    """
    own, removed = own_words(message.text)
    return read_own(own, removed, message.received_on, message.lang, context)


def read_own(own, removed, received_on, lang, context):
    """Find what a customer's own words say of the open items of ``context``."""
    numbers = find_invoices(own, context.items) if context.items else []
    rest = _blank(own, numbers)
    amounts = find_amounts(
        rest, lang, known=[(item.residual, item.currency) for item in context.items]
    )
    dates = find_dates(
        _blank(rest, amounts),
        received_on,
        lang,
        month_first=lang in (None, "en") and bool(_US.search(own)),
        item_dates=[d for item in context.items for d in (item.due, item.issued)],
    )
    # numbers of no open item are told as well, so that nothing seems overlooked
    known = bytearray(len(own))
    for found in numbers:
        known[found.start : found.end] = b"\1" * (found.end - found.start)
    numbers += [
        found
        for found in find_written(own, [*amounts, *dates])
        if not any(known[found.start : found.end])
    ]
    numbers.sort(key=lambda found: found.start)
    reading = Reading(
        own=own,
        removed=removed,
        numbers=tuple(numbers),
        dates=tuple(dates),
        amounts=tuple(amounts),
        promise_date=_promise_date(dates, received_on),
        sentences=sentences(own),
    )
    return _with_evidence(reading, context)


def _blank(text, found):
    """``text`` with what was found blanked, so that nothing is read twice."""
    for mention in found:
        text = (
            text[: mention.start]
            + " " * (mention.end - mention.start)
            + text[mention.end :]
        )
    return text


def is_without_year(written):
    """Whether a date is written with numbers, but without its year."""
    return bool(_WITHOUT_YEAR.match(written))


def is_ahead(found, received_on):
    """Whether a date that was found can be one of a payment still to come."""
    horizon = HORIZON_WITHOUT_YEAR if is_without_year(found.text) else HORIZON
    return not found.of_item and received_on <= found.value <= received_on + horizon


def _promise_date(dates, received_on):
    """The one future date of the message; None when there is none, or a choice."""
    future = {found.value for found in dates if is_ahead(found, received_on)}
    return future.pop() if len(future) == 1 else None


def _with_evidence(reading, context):
    """Items by their number; without any number, by an amount that only one has."""
    evidence, seen = [], set()

    def add(item, by, found):
        if item.key not in seen:
            seen.add(item.key)
            evidence.append(Evidence(item, by, found.text, reading.sentence(found)))

    for found in reading.numbers:
        if len(found.items) == 1:
            add(found.items[0], "number", found)
    if not reading.numbers:
        for found in reading.amounts:
            fitting = [
                item
                for item in context.items
                if item.residual == found.value
                and found.currency in (None, item.currency)
            ]
            if len(fitting) == 1:
                add(fitting[0], "amount", found)
    return Reading(
        own=reading.own,
        removed=reading.removed,
        evidence=tuple(evidence),
        numbers=reading.numbers,
        dates=reading.dates,
        amounts=reading.amounts,
        promise_date=reading.promise_date,
        sentences=reading.sentences,
    )
