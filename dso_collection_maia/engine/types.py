"""What goes into the engine, and what comes out of it."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class MessageIn:
    """One inbound message of a customer, as received.

    :param received_on: the reference of relative dates
    :param lang: ISO 639-1 code of the customer's own words, when known
    :param prior: language of the customer's contact: decides where words do not
    :param automatic: the headers say that no person wrote it (``Auto-Submitted``…)
    :param said: the status type that its author chose himself on the page, when there
        was one: a button wins over words
    """

    text: str
    received_on: date
    lang: str | None = None
    prior: str | None = None
    automatic: bool = False
    said: str | None = None


@dataclass(frozen=True)
class OpenItem:
    """An open item of the customer: what a number or an amount can mean.

    :param key: whatever the caller wants to recognise the item by
    :param number: as printed on the invoice, ``INV/2026/00012``
    :param residual: what is open, in ``currency`` (ISO 4217)
    """

    key: object
    number: str
    residual: Decimal = Decimal(0)
    currency: str | None = None
    due: date | None = None
    issued: date | None = None


@dataclass(frozen=True)
class Context:
    """The only items that a message can be about: the open ones of its customer."""

    items: tuple[OpenItem, ...] = ()


@dataclass(frozen=True)
class Found:
    """Something found in the customer's own words, at ``text[start:end]``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class DateFound(Found):
    value: date = date.min
    of_item: bool = False  # a past date of an open item, repeated by the customer


@dataclass(frozen=True)
class AmountFound(Found):
    value: Decimal = Decimal(0)
    currency: str | None = None


@dataclass(frozen=True)
class NumberFound(Found):
    """An invoice number as written: it names one item, several, or no open one."""

    items: tuple[OpenItem, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """Why an item is proposed: the sentence that names it, and how.

    :param by: ``number`` or ``amount``
    """

    item: OpenItem
    by: str
    written: str
    sentence: str


@dataclass(frozen=True)
class Reading:
    """What a message says, for a person to check. Nothing of it is applied.

    :param own: the customer's own words, without history and signature
    :param removed: what was cut off
    :param evidence: items that the message names, the first mention of each
    :param ambiguous: numbers that fit several open items
    :param unmatched: numbers that fit no open item
    :param promise_date: the one future date, when there is exactly one
    """

    own: str
    removed: str = ""
    evidence: tuple[Evidence, ...] = ()
    numbers: tuple[NumberFound, ...] = ()
    dates: tuple[DateFound, ...] = ()
    amounts: tuple[AmountFound, ...] = ()
    promise_date: date | None = None
    sentences: tuple[tuple[int, int], ...] = field(default=(), repr=False)

    @property
    def ambiguous(self):
        return tuple(n for n in self.numbers if len(n.items) > 1)

    @property
    def unmatched(self):
        return tuple(n for n in self.numbers if not n.items)

    def sentence(self, found):
        """The sentence in which something was found."""
        for start, end in self.sentences:
            if start <= found.start < end:
                return self.own[start:end].strip()
        return found.text


@dataclass(frozen=True)
class ItemProposal:
    """What a message says of one invoice.

    :param number: as written by the customer
    :param items: the open items that it names: one, several or none
    :param sentence: the customer's words that say so
    """

    number: str
    status_type: str
    reason: str
    promise_date: date | None = None
    promise_amount: Decimal | None = None
    currency: str | None = None
    confidence: float = 0.0
    items: tuple[OpenItem, ...] = ()
    sentence: str = ""


@dataclass(frozen=True)
class Proposal:
    """What the engine proposes for a message; a person decides.

    :param status_type: one of :data:`.labels.STATUSES`
    :param reason: one of its reasons in :data:`.labels.REASONS`
    :param items: for single invoices, when the message says different things of them
    :param confidence: how often such proposals are right, 0 to 1
    :param probabilities: {status type: probability}
    :param reasons: {reason of the proposed status type: probability}
    :param doubts: codes of :data:`.decide.DOUBTS`; with any, a person must look closely
    :param evidence: the sentences that speak for the proposal, best first
    :param engine: name and version of what proposed it
    """

    status_type: str
    reason: str
    promise_date: date | None
    promise_amount: Decimal | None
    currency: str | None
    invoice_numbers: tuple[str, ...]
    items: tuple[ItemProposal, ...]
    confidence: float
    probabilities: dict
    reasons: dict
    doubts: tuple[str, ...]
    evidence: tuple[str, ...]
    lang: str
    reading: Reading
    engine: str = ""

    @property
    def needs_review(self):
        return bool(self.doubts)
