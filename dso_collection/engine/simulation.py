"""The coming days, played with the rules: what would go to whom, on which day.

Plain Python without Odoo, like ``rules.py`` whose :func:`~rules.evaluate` decides every
day. Nobody pays, nobody qualifies, and every action is done on its day: a message that
leaves by itself on the first sending day from then on, everything else on the day
itself. A property test moves the clock of real accounts day by day and demands the
same actions.

An invoice of 1 000 was due on 20 November, and nothing was done yet:

>>> scenario = rules.Scenario(1, (rules.Step(1, "due", 3), rules.Step(2, "due", 10)))
>>> invoice = rules.Item(
...     7, "invoice", Decimal(1000),
...     due=date(2026, 11, 20), invoice_date=date(2026, 10, 20), name="INV/7",
... )
>>> customer = Customer(
...     5, rules.Cycle(), scenario, rules.Settings(),
...     [Debt(invoice, ((invoice.due, invoice.residual),))],
... )
>>> for event in play(customer, date(2026, 11, 23), date(2027, 1, 21)):
...     print(event.day, event.step, event.amount)
2026-11-23 1 1000
2026-11-30 2 1000

Step 1 leaves by itself, and nothing leaves before Wednesday (E21):

>>> customer.by_itself = frozenset([1])
>>> sending = frozenset([date(2026, 11, 25)])
>>> for event in play(customer, date(2026, 11, 23), date(2027, 1, 21), sending):
...     print(event.day, event.step)
2026-11-25 1
2026-12-02 2
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from . import rules

DAY = timedelta(days=1)
#: Last day of a hold without an end.
FOREVER = date.max

# (entry, account): an item of a member account
ItemKey = tuple[int, int]


@dataclass(slots=True)
class Debt:
    """An open item, and what of it the calendar changes."""

    item: rules.Item  # neither starred nor held
    dues: tuple[tuple[date, Decimal], ...]  # its open instalments, blocked ones too
    held_until: date | None = None  # last day on which a hold leaves it out

    @property
    def key(self) -> ItemKey:
        return (self.item.id, self.item.account)


@dataclass(slots=True)
class FollowUp:
    """An open action outside the scenario, with the items that are left of it."""

    id: int
    account: int
    date: date
    items: set[ItemKey] = field(default_factory=set)
    starred: set[ItemKey] = field(default_factory=set)  # those that it takes out
    qualified: set[ItemKey] = field(default_factory=set)  # born of their status
    specific: bool = True
    resolves: bool = False  # the follow-up of a dispute
    by_itself: bool = False
    again: int = 0  # days until it asks for a person, once it left by itself


@dataclass(slots=True)
class Customer:
    """A head account with its members, as it stands on the first day."""

    account: int
    cycle: rules.Cycle
    scenario: rules.Scenario | None
    settings: rules.Settings
    debts: list[Debt]
    follow_ups: list[FollowUp] = field(default_factory=list)
    by_itself: AbstractSet[int] = frozenset()  # steps that leave without a person
    held_until: date | None = None  # last day on which the whole account rests
    by_hand_until: date | None = None  # last day as a key account
    # member accounts that rest, and their last day
    resting: dict[int, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """An action done on a day: of a step, or one that is planned already."""

    day: date
    account: int
    step: int | None = None
    follow_up: int | None = None
    by_itself: bool = False
    leader: int | None = None
    leader_account: int | None = None
    leader_date: date | None = None
    amount: Decimal | None = None  # claimed, in company currency; None: by its items
    items: tuple[ItemKey, ...] = ()


def play(
    customer: Customer,
    start: date,
    end: date,
    sending: AbstractSet[date] | None = None,
) -> list[Event]:
    """What is done for a customer from ``start`` to ``end``, both included.

    ``sending`` are the days on which something leaves by itself; None = every day.
    """
    return _Game(customer, end, sending).run(start)


def items_on(customer: Customer, day: date) -> list[rules.Item]:
    """The open items of a customer as the rules see them on a day."""
    return _Game(customer, day, None).items_on(day)


class _Game:
    """One customer while his days go by."""

    def __init__(self, customer, end, sending):
        self.customer = customer
        self.end = end
        self.sending = sending
        self.cycle = customer.cycle
        self.items = {debt.key: debt.item for debt in customer.debts}
        self.debts = {debt.key: debt for debt in customer.debts}
        self.follow_ups = [
            replace(f, items=set(f.items), starred=set(f.starred))
            for f in customer.follow_ups
        ]
        self.shown = None  # items as the rules see them, until something changes
        self.shown_until = date.min
        self.events = []

    def run(self, start):
        day = start
        while day <= self.end:
            outcome = self.live(day)
            day = self.next_day(day, outcome)
        return self.events

    # One day ------------------------------------------------------------------

    def live(self, day):
        """Do what is due; return what the rules say then."""
        while True:
            due = [f for f in self.follow_ups if self.leaves_on(f, day)]
            for follow_up in sorted(due, key=lambda f: (f.date, f.id)):
                if follow_up in self.follow_ups:
                    self.complete(follow_up, day)
            outcome = rules.evaluate(
                self.cycle,
                self.items_on(day),
                self.customer.scenario,
                self.customer.settings,
                day,
                hold=_in_force(self.customer.held_until, day),
            )
            self.cycle = outcome.cycle
            proposal = outcome.proposal
            if not proposal or self.first_day(proposal, day) > day:
                return outcome
            self.do(proposal, day)

    def do(self, proposal, day):
        """The step is done; what its leader had reached counts where it returns."""
        self.events.append(
            Event(
                day,
                self.customer.account,
                step=proposal.step,
                by_itself=self.is_automatic(proposal.step, day),
                leader=proposal.leader,
                leader_account=proposal.leader_account,
                leader_date=proposal.leader_date,
                amount=self.claimed(proposal, day),
            )
        )
        self.cycle = rules.done(self.cycle, proposal.step, day)
        key = (proposal.leader, proposal.leader_account)
        self.items[key] = replace(self.items[key], led_step=proposal.step)
        self.shown = None

    def complete(self, follow_up, day):
        """A specific action gives its items back, and ends their dispute (§4)."""
        self.events.append(
            Event(
                day,
                follow_up.account,
                follow_up=follow_up.id,
                by_itself=follow_up.by_itself,
                items=tuple(sorted(follow_up.items)),
            )
        )
        if follow_up.by_itself and follow_up.again:
            follow_up.date = day + follow_up.again * DAY
            follow_up.by_itself = False
            return
        self.follow_ups.remove(follow_up)
        if not follow_up.specific:
            return
        for key in follow_up.items & self.items.keys():
            item = replace(self.items[key], reentered=day)
            if follow_up.resolves and item.status_type == "dispute":
                item = replace(
                    item, status_type="dispute_resolved", disputed=rules.ZERO
                )
                self.supersede(key)
            self.items[key] = item
        self.shown = None

    def supersede(self, key):
        """A new status ends the follow-ups that earlier ones gave its item."""
        for other in list(self.follow_ups):
            if key in other.qualified:
                other.items.discard(key)
                other.starred.discard(key)
                if not other.items:
                    self.follow_ups.remove(other)

    # What the rules see ---------------------------------------------------------

    def items_on(self, day):
        """The open items with the stars and holds of a day."""
        if self.shown is None or day > self.shown_until:
            starred = set().union(*(f.starred for f in self.follow_ups))
            self.shown = [
                replace(item, starred=key in starred, held=held)
                if (held := self.is_held(key, day)) or key in starred
                else item
                for key, item in self.items.items()
            ]
            self.shown_until = min(
                (last for last in self.last_days() if last >= day), default=FOREVER
            )
        return self.shown

    def is_held(self, key, day):
        return _in_force(self.debts[key].held_until, day) or _in_force(
            self.customer.resting.get(key[1]), day
        )

    def last_days(self):
        """Last days of holds: the day after is another one."""
        customer = self.customer
        yield from (d.held_until for d in customer.debts if d.held_until)
        yield from customer.resting.values()
        yield from filter(None, (customer.held_until, customer.by_hand_until))

    def claimed(self, proposal, day):
        """What a step claims: overdue instalments less credits; before the due date
        the instalment that falls due (rules.md L12)."""
        settings = self.customer.settings
        if proposal.leader_date >= day:
            key = (proposal.leader, proposal.leader_account)
            falling = sum(
                amount
                for due, amount in self.debts[key].dues
                if due == proposal.leader_date
            )
            return min(rules.claim(self.items[key]), falling)
        total = rules.ZERO
        for item in self.items_on(day):
            if not rules.takes_part(item, settings):
                continue
            claim = rules.claim(item)
            late = sum(
                amount
                for due, amount in self.debts[item.id, item.account].dues
                if due < day and amount > 0
            )
            total += claim if claim < 0 else min(late, claim)
        return max(total, rules.ZERO)

    # Which day comes next -------------------------------------------------------

    def is_automatic(self, step, day):
        """Whether a step leaves by itself; to a key account nothing does."""
        return step in self.customer.by_itself and not _in_force(
            self.customer.by_hand_until, day
        )

    def sending_day(self, day):
        """The first day from ``day`` on which something leaves by itself."""
        if self.sending is None or day in self.sending:
            return day
        return min((other for other in self.sending if other > day), default=FOREVER)

    def first_day(self, proposal, day):
        """The day on which a proposal is done, seen from ``day``."""
        first = max(proposal.date, day)
        if self.is_automatic(proposal.step, first):
            return self.sending_day(first)
        return first

    def leaves_on(self, follow_up, day):
        return self.follow_up_day(follow_up, day) == day

    def follow_up_day(self, follow_up, day):
        """The day on which a planned action is done, seen from ``day``: what leaves by
        itself waits for the end of a hold."""
        first = max(follow_up.date, day)
        if not follow_up.by_itself or _in_force(self.customer.by_hand_until, first):
            return first
        for last in (
            self.customer.held_until,
            self.customer.resting.get(follow_up.account),
        ):
            if _in_force(last, first):
                first = _after(last)
        return self.sending_day(first)

    def next_day(self, day, outcome):
        """The next day on which anything can change: between two of these days the
        rules say the same every day.

        While nobody pays, what is overdue only grows: that an item falls due matters
        to an account that is kept back because too little is overdue, and else of the
        leader only, whose preventive steps lapse.
        """
        proposal = outcome.proposal
        days = [_after(last) for last in self.last_days()]
        if outcome.reason in ("credit_covers", "below_minimum"):
            days += [_after(item.due) for item in self.items.values()]
        if outcome.cycle.leader_date:
            days.append(_after(outcome.cycle.leader_date))
        tomorrow = day + DAY
        days += [self.follow_up_day(f, tomorrow) for f in self.follow_ups]
        if proposal:
            days.append(self.first_day(proposal, tomorrow))
        return min((other for other in days if other > day), default=FOREVER)


def _in_force(last, day):
    """Whether a hold with this last day still holds."""
    return last is not None and day <= last


def _after(last):
    """The day after the last one; there is none after one without an end."""
    return last if last == FOREVER else last + DAY
