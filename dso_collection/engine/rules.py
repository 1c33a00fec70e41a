"""The rules L1-L17 of ``docs/rules.md``, to be read from top to bottom.

Plain Python without Odoo: what one account shows of its ledger goes in, its one
proposed scenario action comes out. Production runs the set-based form of the same
rules (``evaluation.py``); the property test drives both through random lives of
ledgers and demands the same result.

An invoice of 1 000 was due on 20 November; a scenario reminds five days before the
due date, then writes three days and phones ten days after it:

>>> scenario = Scenario(1, (
...     Step(1, "due", -5), Step(2, "due", 3), Step(3, "due", 10),
... ))
>>> invoice = Item(
...     7, "invoice", Decimal(1000),
...     due=date(2026, 11, 20), invoice_date=date(2026, 10, 20), name="INV/7",
... )
>>> today = date(2026, 11, 23)
>>> outcome = evaluate(Cycle(), [invoice], scenario, Settings(), today)
>>> outcome.proposal.step, str(outcome.proposal.date), outcome.proposal.state(today)
(2, '2026-11-23', 'todo')

The e-mail leaves a day late, so the call moves by a day too (L5):

>>> tomorrow = date(2026, 11, 24)
>>> cycle = done(outcome.cycle, 2, tomorrow)
>>> outcome = evaluate(cycle, [invoice], scenario, Settings(), tomorrow)
>>> outcome.proposal.step, str(outcome.proposal.date), outcome.proposal.state(tomorrow)
(3, '2026-12-01', 'upcoming')

Then the customer pays. Nothing is left to lead, so nothing is proposed (L17):

>>> evaluate(outcome.cycle, [], scenario, Settings(), tomorrow).reason
'no_leader'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import astuple, dataclass, field, fields, replace
from datetime import date, timedelta
from decimal import Decimal

ZERO = Decimal(0)

# What goes in -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """One open receivable: what a move still owes to one member account."""

    id: int
    kind: str  # invoice | credit_note | payment | miscellaneous
    residual: Decimal  # signed, in company currency
    due: date  # earliest due date of its open instalments
    invoice_date: date
    name: str
    account: int = 0  # the member account that owes it (L16)
    # on_going | promise_to_pay | dispute | dispute_resolved | litigation
    status_type: str | None = None
    disputed: Decimal = ZERO  # of a dispute; 0 = the whole item
    ignored: bool = False  # "ignored in collection", on debits and credits
    blocked: bool = False  # Odoo's own "no follow-up" or "blocked"
    under_way: bool = False  # the customer's money is under way
    starred: bool = False  # in an open specific action
    held: bool = False  # older than insolvency proceedings, or of a member that rests
    reentered: date | None = None  # back from a dispute or a specific action
    led_step: int | None = None  # last step done in this scenario while it led


@dataclass(frozen=True, slots=True)
class Step:
    """One dunning action of a scenario and the day it is for."""

    id: int
    base: str  # due: days from the leader's due date | last_action: after the last one
    days: int
    formal: bool = False  # formal notice or litigation
    active: bool = True  # an archived step keeps its place, but is never proposed


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps in their order, and what spaces them."""

    id: int
    steps: tuple[Step, ...]
    minimum_gap: int = 0
    breathing_space: int = 0
    entry: str = "beginning"  # beginning | matching_age | where_stopped


@dataclass(frozen=True, slots=True)
class Settings:
    """The company's part of the rules."""

    minimum_amount: Decimal = ZERO
    minimum_on_overdue: bool = False  # compare it with what is overdue only
    ignore_below: Decimal = ZERO
    litigation_excluded: bool = True


# An item leads with its due date (L7) and for one member account (L16).
LeaderKey = tuple[int, int, date]


@dataclass(frozen=True, slots=True)
class Place:
    """How far a leader has come in the scenario: what a change of leader clears."""

    last_step: int | None = None  # done or skipped
    last_done_step: int | None = None
    last_done_date: date | None = None
    redate_step: int | None = None
    redate: date | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    """What an account remembers from one evaluation to the next."""

    scenario: int | None = None
    leader: int | None = None
    leader_account: int | None = None
    leader_date: date | None = None
    # The leader's place, see Place.
    last_step: int | None = None
    last_done_step: int | None = None
    last_done_date: date | None = None
    redate_step: int | None = None
    redate: date | None = None
    # Date of the last scenario action of any leader: survives every change (L15).
    last_any_date: date | None = None
    # Places of earlier leaders, in case their going was a mistake (L7).
    memory: Mapping[LeaderKey, Place] = field(default_factory=dict)


# What comes out ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposal:
    """L3: the one scenario action that an account has at most."""

    step: int
    date: date
    leader: int
    leader_account: int
    leader_date: date

    def state(self, today: date) -> str:
        """Today counts as due: ``todo``, else ``upcoming``."""
        return "todo" if self.date <= today else "upcoming"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One evaluation: a proposal, or the reason why there is none (L12)."""

    cycle: Cycle
    proposal: Proposal | None
    reason: str | None
    balance: Decimal
    net_overdue: Decimal


# The evaluation ---------------------------------------------------------------


def evaluate(
    cycle: Cycle,
    items: Sequence[Item],
    scenario: Scenario | None,
    settings: Settings,
    today: date,
    *,
    hold: bool = False,
    corrected: AbstractSet[tuple[int, int]] = frozenset(),
) -> Outcome:
    """L3: find the one next step of an account, its date, or why there is none.

    ``items`` are the open items of the account, those of its grouped members
    included (L16). ``corrected`` names the (item, account) whose settlement or
    qualification was undone since the last evaluation (L7). Leader and cycle are
    followed whether or not a proposal comes of it.
    """
    balance = collectable_balance(items, settings)
    overdue = net_overdue(items, settings, today)
    leader = find_leader(items, settings, cycle)
    cycle = follow(cycle, leader, scenario, today, corrected)
    reason = why_none(leader, scenario, settings, today, balance, overdue, on_hold=hold)
    proposal = None
    if reason is None:
        proposal = propose(cycle, leader, scenario, today)
        reason = None if proposal else "end_of_scenario"
    return Outcome(cycle, proposal, reason, balance, overdue)


def why_none(
    leader: Item | None,
    scenario: Scenario | None,
    settings: Settings,
    today: date,
    balance: Decimal,
    overdue: Decimal,
    *,
    on_hold: bool,
) -> str | None:
    """L12: the first reason for no action, before the steps are looked at."""
    if on_hold:
        return "hold"
    if scenario is None:
        return "no_scenario"
    if not any(step.active for step in scenario.steps):
        return "empty_scenario"
    if leader is None:
        return "no_leader"
    if balance <= 0:
        return "nothing_to_collect"
    if is_below_minimum(balance, overdue, settings):
        return "below_minimum"
    if leader.due < today and overdue <= 0:
        return "credit_covers"
    return None


# Amounts: what takes part (L2, L12) -------------------------------------------


def claim(item: Item) -> Decimal:
    """L2: the signed amount with which an item takes part: all but what is disputed.

    >>> item = Item(
    ...     1, "invoice", Decimal(1000), date(2026, 11, 20), date(2026, 10, 20), "A"
    ... )
    >>> claim(item)
    Decimal('1000')
    >>> claim(replace(item, status_type="dispute", disputed=Decimal(300)))
    Decimal('700')
    """
    if is_partly_disputed(item):
        return item.residual - item.disputed
    return item.residual


def is_partly_disputed(item: Item) -> bool:
    """L2: a dispute about a part leaves the rest claimed and leading."""
    return item.status_type == "dispute" and 0 < item.disputed < item.residual


def is_disputed(item: Item) -> bool:
    """L2: a dispute about the whole item."""
    return item.status_type == "dispute" and not is_partly_disputed(item)


def is_litigious(item: Item, settings: Settings) -> bool:
    """L2: litigation is out, unless the company switched that off."""
    return item.status_type == "litigation" and settings.litigation_excluded


def is_set_aside(item: Item) -> bool:
    """L2: our flag takes anything out, Odoo's flags a debit only.

    A credit that Odoo blocks still reduces what the customer owes.
    """
    return item.ignored or (item.blocked and item.residual > 0)


def is_small(item: Item, settings: Settings) -> bool:
    """L2: a debit below the ignore threshold."""
    return 0 < claim(item) < settings.ignore_below


def takes_part(item: Item, settings: Settings) -> bool:
    """L2: whether collection counts an item at all."""
    return not (
        is_set_aside(item)
        or item.held
        or item.starred
        or item.under_way
        or is_disputed(item)
        or is_litigious(item, settings)
        or is_small(item, settings)
    )


def collectable_balance(items: Iterable[Item], settings: Settings) -> Decimal:
    """L12: what the customer owes net of his credits."""
    return sum((claim(item) for item in items if takes_part(item, settings)), ZERO)


def net_overdue(items: Iterable[Item], settings: Settings, today: date) -> Decimal:
    """L12: what is overdue, net of all open credits whatever their date."""
    return sum(
        (
            claim(item)
            for item in items
            if takes_part(item, settings) and (item.due < today or claim(item) < 0)
        ),
        ZERO,
    )


def is_below_minimum(balance: Decimal, overdue: Decimal, settings: Settings) -> bool:
    """L12: the company's minimum amount for collection; 0 switches it off."""
    amount = overdue if settings.minimum_on_overdue else balance
    return settings.minimum_amount > 0 and amount < settings.minimum_amount


# The leader (L1, L13) ---------------------------------------------------------


def can_lead(item: Item, settings: Settings) -> bool:
    """L1: only an invoice leads, and only while it takes part (L2)."""
    return item.kind == "invoice" and claim(item) > 0 and takes_part(item, settings)


def find_leader(items: Iterable[Item], settings: Settings, cycle: Cycle) -> Item | None:
    """L1: the oldest due date leads.

    L13: among equals the present leader stays; else the oldest invoice date, then
    the name (in code point order) decide.
    """

    def rank(item: Item):
        is_present = (item.id, item.account) == (cycle.leader, cycle.leader_account)
        tie = (item.invoice_date, item.name, item.account, item.id)
        return (item.due, not is_present, *tie)

    return min(
        (item for item in items if can_lead(item, settings)), key=rank, default=None
    )


# The cycle (L7, L14) ----------------------------------------------------------


def follow(
    cycle: Cycle,
    leader: Item | None,
    scenario: Scenario | None,
    today: date,
    corrected: AbstractSet[tuple[int, int]],
) -> Cycle:
    """L7, L14: start again when the leader or the scenario is another one.

    The date of the last scenario action survives both. A correction is not an
    event: it gives a leader its place back.
    """
    scenario_id = scenario.id if scenario else None
    if cycle.scenario != scenario_id:
        place = entry_place(leader, scenario, today)
        memory = {}
    elif leader_key(cycle) != item_key(leader):
        memory = remember(cycle)
        place = corrected_place(cycle, leader, memory, corrected)
        place = place or entry_place(leader, scenario, today)
    else:
        return cycle
    key = item_key(leader) or (None, None, None)
    return Cycle(scenario_id, *key, *astuple(place), cycle.last_any_date, memory)


def item_key(item: Item | None) -> LeaderKey | None:
    """L7, L16: a leader is an item with its due date, for one member account."""
    return (item.id, item.account, item.due) if item else None


def leader_key(cycle: Cycle) -> LeaderKey | None:
    """The same of the present leader."""
    if cycle.leader is None:
        return None
    return (cycle.leader, cycle.leader_account, cycle.leader_date)


def place_of(cycle: Cycle) -> Place:
    """How far the present leader has come."""
    return Place(*(getattr(cycle, part.name) for part in fields(Place)))


def remember(cycle: Cycle) -> dict[LeaderKey, Place]:
    """L7: keep the place of a leader that goes, until a step is done by another."""
    key = leader_key(cycle)
    return dict(cycle.memory) if key is None else {**cycle.memory, key: place_of(cycle)}


def corrected_place(
    cycle: Cycle,
    leader: Item | None,
    memory: Mapping[LeaderKey, Place],
    corrected: AbstractSet[tuple[int, int]],
) -> Place | None:
    """L7: the place that a correction gives back to the new leader, if any.

    It is a correction when what was undone concerns the item that comes (a payment
    was returned) or the one that goes (a dispute was closed by mistake).
    """
    if leader is None:
        return None
    comes = (leader.id, leader.account)
    goes = (cycle.leader, cycle.leader_account)
    if comes in corrected or goes in corrected:
        return memory.get(item_key(leader))
    return None


def entry_place(leader: Item | None, scenario: Scenario | None, today: date) -> Place:
    """L7: where a restart enters. What lies before counts as skipped, not as done."""
    if leader is None or scenario is None:
        return Place()
    if scenario.entry == "matching_age":
        return Place(last_step=step_before_age(leader, scenario, today))
    if scenario.entry == "where_stopped" and find_step(scenario, leader.led_step):
        return Place(last_step=leader.led_step)
    return Place()


def step_before_age(leader: Item, scenario: Scenario, today: date) -> int | None:
    """The step before the one that fits the leader's age; None = the beginning.

    A formal notice and what comes after it follow only from a step done.
    """
    before = None
    previous = None
    for step in scenario.steps:
        if step.active and step.formal:
            break
        if step.active and step.base == "due" and is_reached(step, leader, today):
            before = previous
        previous = step.id
    return before


def is_reached(step: Step, leader: Item, today: date) -> bool:
    """Whether the day of a due-date step has come."""
    return leader.due + timedelta(step.days) <= today


# The next step and its date (L4-L9, L11, L15) ---------------------------------


def propose(
    cycle: Cycle, leader: Item, scenario: Scenario, today: date
) -> Proposal | None:
    """L3, L11: the next step on its date, or on the date a person gave this step."""
    step = next_step(cycle, leader, scenario, today)
    if step is None:
        return None
    day = step_date(step, cycle, leader, scenario)
    if cycle.redate_step == step.id:
        day = cycle.redate
    return Proposal(step.id, day, leader.id, leader.account, leader.due)


def next_step(
    cycle: Cycle, leader: Item, scenario: Scenario, today: date
) -> Step | None:
    """L10: the step after the last one done or skipped; none = end of scenario.

    L8: a preventive step lapses, no other does.
    """
    for step in steps_after(scenario, cycle.last_step):
        day = step_date(step, cycle, leader, scenario)
        if not has_lapsed(step, day, leader, today):
            return step
    return None


def steps_after(scenario: Scenario, last_step: int | None) -> list[Step]:
    """The steps that may still come, in the scenario's order."""
    ids = [step.id for step in scenario.steps]
    start = ids.index(last_step) + 1 if last_step in ids else 0
    return [step for step in scenario.steps[start:] if step.active]


def has_lapsed(step: Step, day: date, leader: Item, today: date) -> bool:
    """L8: a reminder before the due date is no use after it.

    Its computed date decides, not the one that a person gave it.
    """
    is_preventive = step.base == "due" and step.days < 0
    return is_preventive and (today > leader.due or day > leader.due)


def step_date(step: Step, cycle: Cycle, leader: Item, scenario: Scenario) -> date:
    """The earliest day for a step that all rules allow."""
    if step.base == "due":
        day = due_date_step(step, cycle, leader, scenario)
    else:
        day = last_action_step(step, cycle, leader)
    day = after_minimum_gap(day, cycle, scenario)
    return after_breathing_space(day, leader, scenario)


def due_date_step(step: Step, cycle: Cycle, leader: Item, scenario: Scenario) -> date:
    """L4: due date + days. L5: but keep the interval from the last step done.

    A step done late pushes the rest; one done early pulls nothing forward (max).
    """
    day = leader.due + timedelta(step.days)
    if cycle.last_done_date is None:
        return day
    last = find_step(scenario, cycle.last_done_step)
    is_spaced = last is not None and last.base == "due"
    gap = step.days - last.days if is_spaced else scenario.minimum_gap
    return max(day, cycle.last_done_date + timedelta(gap))


def last_action_step(step: Step, cycle: Cycle, leader: Item) -> date:
    """L6: days after the last step done in this cycle.

    At the beginning of a cycle the last scenario action of any cycle counts, but not
    from before the leader's due date.
    """
    start = cycle.last_done_date
    if start is None:
        start = max(cycle.last_any_date or leader.due, leader.due)
    return start + timedelta(step.days)


def after_minimum_gap(day: date, cycle: Cycle, scenario: Scenario) -> date:
    """L15: no two scenario actions closer than the gap, across restarts too."""
    if scenario.minimum_gap > 0 and cycle.last_any_date:
        return max(day, cycle.last_any_date + timedelta(scenario.minimum_gap))
    return day


def after_breathing_space(day: date, leader: Item, scenario: Scenario) -> date:
    """L15: leave the customer some days after a dispute or a promise has ended."""
    if scenario.breathing_space > 0 and leader.reentered:
        return max(day, leader.reentered + timedelta(scenario.breathing_space))
    return day


def find_step(scenario: Scenario, step_id: int | None) -> Step | None:
    """A step of the scenario by its id, archived ones included."""
    return next((step for step in scenario.steps if step.id == step_id), None)


# What people do (L10, L11) ----------------------------------------------------


def done(cycle: Cycle, step: int, date: date) -> Cycle:
    """L10: a scenario step was sent or completed.

    What earlier leaders had reached is past now (L7).
    """
    return replace(
        cycle,
        last_step=step,
        last_done_step=step,
        last_done_date=date,
        last_any_date=max(cycle.last_any_date or date, date),
        redate_step=None,
        redate=None,
        memory={},
    )


def skip(cycle: Cycle, step: int) -> Cycle:
    """L10: the sequence goes on, the interval still runs from the last step done."""
    return replace(cycle, last_step=step, redate_step=None, redate=None)


def redate(cycle: Cycle, step: int, date: date) -> Cycle:
    """L11: a person moved the proposed step to another day."""
    return replace(cycle, redate_step=step, redate=date)
