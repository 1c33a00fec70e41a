"""What a random life of a ledger is, and how one is drawn.

A life has one to three receivable accounts of one company, two scenarios, a handful
of documents, and a list of rounds: in each some days pass, then something happens.
Everything in it is a small number: accounts, documents and steps are told by their
place, days count from ``START``. ``ledger.py`` lives it in memory, ``rows.py`` in the
tables of Odoo.

Hypothesis gives the random generator of a life, not each of its two hundred choices:
its own bias towards small and repeated values makes ledgers without steps and with
nothing open, and a life has to be reduced on the database anyway (``shrink``).
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from odoo.addons.dso_collection.engine.rules import Scenario, Settings, Step

START = date(2026, 9, 1)
ROUNDS = 12

#: Days that pass before each round; the accounts evaluated together share a calendar.
CALENDARS = (
    (0, 1, 2, 3, 1, 5, 2, 7, 1, 1, 10, 4),
    (0, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7),
    (0, 0, 0, 1, 0, 0, 4, 0, 9, 0, 0, 15),
    (0, 3, 11, 2, 20, 1, 6, 0, 13, 5, 0, 30),
)

#: One company for each; documents of a life may belong to a branch of it.
COMPANIES = (
    Settings(),
    Settings(minimum_amount=Decimal(50), ignore_below=Decimal(5)),
    Settings(
        minimum_amount=Decimal(100), minimum_on_overdue=True, litigation_excluded=False
    ),
    Settings(minimum_on_overdue=True, ignore_below=Decimal("40.01")),
)

#: How a document stands in the ledger: (move type, how its line is told, item kind).
KINDS = {
    "invoice": "invoice",
    "receipt": "invoice",
    "opening": "invoice",  # entry of a journal for opening receivables
    "credit_note": "credit_note",
    "payment": "payment",  # entry of a payment
    "statement": "payment",  # entry of a bank statement line
    "miscellaneous": "miscellaneous",
}

STATUS_TYPES = (
    "dispute",
    "promise_to_pay",
    "dispute",
    "litigation",
    "on_going",
    "dispute_resolved",
)

#: What may happen, the frequent things more than once.
VERBS = (
    *["do"] * 7,
    *["pay"] * 4,
    *["unpay"] * 3,
    *["qualify"] * 3,
    *["undo"] * 3,
    *["redate"] * 2,
    *["skip", "skip", "resolve", "resolve", "star", "star", "unstar", "unstar"],
    *["due", "ignore", "block", "under_way", "scenario", "archive", "hold", "group"],
)


@dataclass(frozen=True)
class Part:
    """One receivable line of a document: an instalment, or what one account owes."""

    cents: int  # signed
    due: int | None  # days from START
    account: int
    contact: bool = False  # the line stands on a contact of the customer
    blocked: bool = False  # Odoo's no_followup


@dataclass(frozen=True)
class Document:
    """One journal entry."""

    kind: str
    issued: int  # days from START
    name: str
    parts: tuple[Part, ...]
    appears: int = 0  # the round in which it is posted
    foreign: bool = False
    branch: bool = False


@dataclass(frozen=True)
class Event:
    """What happens; ``which`` picks its object, ``how`` varies it."""

    verb: str
    which: int = 0
    how: int = 0


@dataclass(frozen=True)
class Life:
    """One random life."""

    company: int
    calendar: int
    accounts: tuple[int | None, ...]  # the scenario of each: 0, 1 or None
    scenarios: tuple[Scenario, Scenario]
    documents: tuple[Document, ...]
    rounds: tuple[tuple[Event, ...], ...]


# Small pools make coincidences: equal dates, equal names, equal amounts.
CENTS = (1, 399, 499, 500, 3000, 4000, 4001, 5000, 6000, 10000, 25000, 100000)
# Code point order puts capitals first, a locale does not.
NAMES = ("INV/1", "INV/2", "INV/10", "inv/1", "Inv/1", "ÄNV/1", "_", "")


def one_in(random, count):
    """True once in ``count`` times."""
    return random.randrange(count) == 0


def draw_scenario(random, place):
    """A scenario; its id is its place in the life, and tells those of its steps."""
    steps = [
        Step(
            id=place * 10 + number,
            base="last_action" if one_in(random, 5) else "due",
            days=random.randint(-12, 45),
            formal=one_in(random, 6),
            active=not one_in(random, 10),
        )
        for number in range(1, random.choice((1, 3, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7)))
    ]
    if not one_in(random, 4):  # in the order of their days, as a person has them
        days = iter(sorted(step.days for step in steps if step.base == "due"))
        steps = [
            replace(step, days=next(days)) if step.base == "due" else step
            for step in steps
        ]
    return Scenario(
        id=place,
        steps=tuple(
            replace(step, days=abs(step.days) % 15)
            if step.base == "last_action"
            else step
            for step in steps
        ),
        minimum_gap=random.choice((0, 0, 0, 3, 7, 15)),
        breathing_space=random.choice((0, 0, 5, 12)),
        entry=random.choice(
            ("beginning", "beginning", "matching_age", "where_stopped")
        ),
    )


def draw_document(random, accounts, first):
    """A document; the first one of a life is an invoice that is there at once."""
    kind = random.choice(("invoice",) if first else ("invoice",) * 8 + tuple(KINDS))
    sign = -1 if KINDS[kind] in ("credit_note", "payment") else 1
    if not first and one_in(random, 12):
        sign = -sign
    owner = random.randrange(accounts)
    # few different days, so that leaders tie
    days = random.choice((range(-60, 61), (-30, -10, -9, 0, 20)))
    parts = []
    for _number in range(random.choice((1, 1, 1, 2, 3))):
        parts.append(
            Part(
                cents=sign * random.choice(CENTS),
                due=None if one_in(random, 20) else random.choice(days),
                # an entry may be shared by several accounts
                account=random.randrange(accounts) if one_in(random, 5) else owner,
                contact=one_in(random, 5),
                blocked=one_in(random, 12),
            )
        )
        if kind == "miscellaneous" and one_in(random, 3):
            sign = -sign
    return Document(
        kind=kind,
        issued=random.choice((-90, -60, -59, -30, -7, 0)),
        name=random.choice(NAMES),
        parts=tuple(parts),
        appears=0 if first else random.choice((0, 0, 0, 1, 4, 8)),
        foreign=one_in(random, 4),
        branch=one_in(random, 5),
    )


def draw_event(random):
    """An event of any kind."""
    return Event(random.choice(VERBS), random.randrange(12), random.randrange(12))


def draw_life(random):
    """A life."""
    accounts = random.choice((1, 1, 1, 2, 2, 3))
    return Life(
        company=random.randrange(len(COMPANIES)),
        calendar=random.randrange(len(CALENDARS)),
        accounts=tuple(
            random.choice((0,) * 12 + (1,) * 4 + (None,)) for _ in range(accounts)
        ),
        scenarios=(draw_scenario(random, 0), draw_scenario(random, 1)),
        documents=tuple(
            draw_document(random, accounts, first=not number)
            for number in range(random.randint(3, 8))
        ),
        # mostly one thing at a time, sometimes two in one transaction
        rounds=tuple(
            tuple(draw_event(random) for _ in range(random.choice((1, 1, 2))))
            for _number in range(ROUNDS)
        ),
    )


#: The strategy of the property test.
lives = st.randoms(use_true_random=True).map(draw_life)
