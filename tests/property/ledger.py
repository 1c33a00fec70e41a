"""A life lived in memory: the ledger in plain Python, its accounts by ``rules.py``.

Nothing here looks at the set-based evaluation, at its statement or at a table, so that
both forms are told the same story and nothing else.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from odoo.addons.dso_collection.engine import rules

from .lives import CALENDARS, COMPANIES, KINDS, START, STATUS_TYPES


@dataclass
class Account:
    """One receivable account and what it remembers."""

    scenario: int | None
    head: int | None = None
    hold: bool = False
    hold_until: object = None
    opened: object = None  # day of insolvency proceedings, of such a hold
    cycle: rules.Cycle = field(default_factory=rules.Cycle)
    outcome: rules.Outcome | None = None

    @property
    def proposal(self):
        """The proposal of an account that is not grouped under another one."""
        return self.outcome.proposal if self.outcome and self.head is None else None


@dataclass
class Open:
    """A line of the ledger as it stands now."""

    residual: Decimal
    due: object  # date or None
    blocked: bool


@dataclass
class Known:
    """What collection knows of one item."""

    status_type: str | None = None
    disputed: Decimal = Decimal(0)
    ignored: bool = False
    reentered: object = None
    stars: frozenset[int] = frozenset()  # its open specific actions
    partly: bool = False  # in one for its disputed part only


class Ledger:
    """One life, round after round.

    ``verbs`` holds what a person did to proposals in this round, ``corrected`` which
    items were given back in it: the only things that ``rows.py`` cannot see by
    comparing the state before and after.
    """

    def __init__(self, life):
        self.life = life
        self.settings = COMPANIES[life.company]
        self.scenarios = list(life.scenarios)
        self.accounts = [Account(scenario) for scenario in life.accounts]
        self.today = START
        self.round = 0
        self.lines = {
            (doc, place): Open(self.amount(part), self.day(part.due), part.blocked)
            for doc, document in enumerate(life.documents)
            for place, part in enumerate(document.parts)
        }
        self.payment_state = dict.fromkeys(range(len(life.documents)), "not_paid")
        self.known = {
            (doc, part.account): Known()
            for doc, document in enumerate(life.documents)
            for part in document.parts
        }
        self.past = {key: [] for key in self.known}
        self.led = {}
        self.verbs = []
        self.corrected = set()
        self.effective = 0

    @staticmethod
    def amount(part):
        """Amount of a part in company currency."""
        return Decimal(part.cents) / 100

    @staticmethod
    def day(offset):
        """The day so far from the start; None stays None."""
        return None if offset is None else START + timedelta(offset)

    def name(self, doc):
        """Number of a document: no two are equal in a ledger."""
        return f"{self.life.documents[doc].name}-{doc}"

    # What there is ------------------------------------------------------------

    def posted(self):
        """Documents of the ledger so far."""
        return [
            doc
            for doc, document in enumerate(self.life.documents)
            if document.appears <= self.round
        ]

    def open_lines(self, doc, account=None):
        """Open lines of a document, of one account or all."""
        return [
            (place, self.lines[doc, place])
            for place, part in enumerate(self.life.documents[doc].parts)
            if self.lines[doc, place].residual and account in (None, part.account)
        ]

    def open_documents(self):
        """Documents with something open."""
        return [doc for doc in self.posted() if self.open_lines(doc)]

    def paid_documents(self):
        """Documents something of which was paid."""
        return [
            doc
            for doc in self.posted()
            if any(
                self.lines[doc, place].residual != self.amount(part)
                for place, part in enumerate(self.life.documents[doc].parts)
            )
        ]

    def open_keys(self):
        """Open items, as (document, account)."""
        return [
            key
            for key in self.known
            if key[0] in self.posted() and self.open_lines(*key)
        ]

    def items(self, accounts):
        """The open items of these accounts, as the rules want them."""
        return [
            self.item(doc, account)
            for doc, account in self.open_keys()
            if account in accounts
        ]

    def item(self, doc, account):
        """One item; lines that Odoo blocks count only when it blocks them all."""
        document = self.life.documents[doc]
        issued = self.day(document.issued)
        lines = [line for _place, line in self.open_lines(doc, account)]
        is_blocked = self.payment_state[doc] == "blocked"
        free = [
            line
            for line in lines
            if line.residual < 0 or not (line.blocked or is_blocked)
        ]
        counted = free or lines
        known = self.known[doc, account]
        scenario = self.accounts[self.head_of(account)].scenario
        return rules.Item(
            id=doc,
            kind=KINDS[document.kind],
            residual=sum(line.residual for line in counted),
            due=min(line.due or issued for line in counted),
            invoice_date=issued,
            name=self.name(doc),
            account=account,
            status_type=known.status_type,
            disputed=known.disputed,
            ignored=known.ignored,
            blocked=not free,
            under_way=self.payment_state[doc] == "in_payment",
            held=self.leaves_out(self.accounts[account], issued),
            starred=bool(known.stars),
            reentered=known.reentered,
            led_step=self.led.get((doc, account, scenario)),
        )

    def head_of(self, account):
        """The account that collects for this one."""
        head = self.accounts[account].head
        return account if head is None else head

    # What happens -------------------------------------------------------------

    def begin(self, number):
        """Round ``number`` begins: days pass, documents appear."""
        self.round = number
        self.today += timedelta(CALENDARS[self.life.calendar][number])
        self.verbs = []
        self.corrected = set()

    def happen(self):
        """Everything of the present round. What cannot be done becomes the return of a
        payment, or a payment, so that something always happens."""
        for place, event in enumerate(self.life.rounds[self.round]):
            # a person acts upon what the last evaluation proposed
            acts = event.verb in ("do", "skip", "redate")
            applicable = not (acts and place)
            if not (applicable and getattr(self, event.verb)(event.which, event.how)):
                self.unpay(event.which, event.how) or self.pay(event.which, event.how)
            self.effective += 1

    def evaluate(self):
        """Evaluate every account by the rules."""
        for number, account in enumerate(self.accounts):
            if account.head is not None:
                continue
            group = {
                member
                for member in range(len(self.accounts))
                if self.head_of(member) == number
            }
            has_scenario = account.scenario is not None
            account.outcome = rules.evaluate(
                account.cycle,
                self.items(group),
                self.scenarios[account.scenario] if has_scenario else None,
                self.settings,
                self.today,
                hold=self.on_hold(account),
                corrected=frozenset(key for key in self.corrected if key[1] in group),
            )
            account.cycle = account.outcome.cycle
        for key, known in self.known.items():
            if not self.open_lines(*key):
                known.stars = frozenset()  # closed with its last item (L17)

    def is_held(self, account):
        """Whether a hold of the account is in force today."""
        return account.hold and (
            account.hold_until is None or account.hold_until >= self.today
        )

    def on_hold(self, account):
        """Whether the account rests today."""
        return self.is_held(account) and account.opened is None

    def leaves_out(self, account, issued):
        """Whether the account's hold leaves out an item: one older than insolvency
        proceedings, or any of a member that rests."""
        if account.opened:
            return bool(self.is_held(account) and issued < account.opened)
        return bool(account.head is not None and self.on_hold(account))

    # Each verb says whether there was anything to do it to.

    def _proposed(self, which):
        heads = [
            (number, account)
            for number, account in enumerate(self.accounts)
            if account.proposal
        ]
        return heads[which % len(heads)] if heads else (None, None)

    def do(self, which, how):
        """The proposed step is done today."""
        number, account = self._proposed(which)
        if account is None:
            return False
        proposal = account.proposal
        account.cycle = rules.done(account.cycle, proposal.step, self.today)
        self.led[proposal.leader, proposal.leader_account, account.scenario] = (
            proposal.step
        )
        self.verbs.append(("do", number, proposal.step, self.today))
        return True

    def skip(self, which, how):
        """The proposed step is skipped."""
        number, account = self._proposed(which)
        if account is None:
            return False
        step = account.proposal.step
        account.cycle = rules.skip(account.cycle, step)
        self.verbs.append(("skip", number, step, self.today))
        return True

    def redate(self, which, how):
        """The proposed step is moved, forward or back."""
        number, account = self._proposed(which)
        if account is None:
            return False
        step = account.proposal.step
        day = self.today + timedelta(how * 3 - 4)
        account.cycle = rules.redate(account.cycle, step, day)
        self.verbs.append(("redate", number, step, day))
        return True

    def pay(self, which, how):
        """A document is paid: all of it, its first open line, or half of that."""
        docs = self.open_documents()
        if not docs:
            return False
        doc = docs[which % len(docs)]
        lines = sorted(
            (line for _place, line in self.open_lines(doc)),
            key=lambda line: line.due or START,
        )
        if how % 4 == 0:
            for line in lines:
                line.residual = Decimal(0)
        elif how % 4 < 3:
            lines[0].residual = Decimal(0)
        else:
            lines[0].residual = Decimal(int(lines[0].residual * 50)) / 100
        return True

    def unpay(self, which, how):
        """What was paid of a document is returned."""
        docs = self.paid_documents()
        if not docs:
            return False
        doc = docs[which % len(docs)]
        for place, part in enumerate(self.life.documents[doc].parts):
            self.lines[doc, place].residual = self.amount(part)
            self.corrected.add((doc, part.account))
        return True

    def qualify(self, which, how):
        """An item gets a status, a dispute perhaps for a part of it."""
        keys = self.open_keys()
        if not keys:
            return False
        key = keys[which % len(keys)]
        known = self.known[key]
        self.past[key].append((known.status_type, known.disputed))
        was = known.status_type
        known.status_type = STATUS_TYPES[how % len(STATUS_TYPES)]
        known.disputed = Decimal(0)
        if known.status_type == "dispute" and how >= 6:
            item = self.item(*key)
            known.disputed = abs(Decimal(int(item.residual * (how * 15))) / 100)
            known.partly = True  # its follow-up takes the disputed part only
        if was == "dispute" and known.status_type != "dispute":
            known.reentered = self.today
        return True

    def undo(self, which, how):
        """The last qualification of an item is undone."""
        keys = [key for key, past in self.past.items() if past]
        if not keys:
            return False
        key = keys[which % len(keys)]
        self.known[key].status_type, self.known[key].disputed = self.past[key].pop()
        self.corrected.add(key)
        return True

    def resolve(self, which, how):
        """A dispute is over: its follow-up too."""
        keys = [key for key, known in self.known.items() if known.status_type]
        keys = [key for key in keys if self.known[key].status_type == "dispute"]
        if not keys:
            return False
        known = self.known[keys[which % len(keys)]]
        known.status_type = "dispute_resolved"
        known.stars = frozenset()
        known.partly = False
        known.reentered = self.today
        return True

    def star(self, which, how):
        """A specific action takes an item out; there may be two of them."""
        keys = self.open_keys()
        if not keys:
            return False
        known = self.known[keys[which % len(keys)]]
        known.stars |= {how % 2}
        return True

    def unstar(self, which, how):
        """A specific action is completed."""
        keys = [key for key, known in self.known.items() if known.stars]
        if not keys:
            return False
        known = self.known[keys[which % len(keys)]]
        known.stars = frozenset() if how % 2 else known.stars - {min(known.stars)}
        if not known.stars:
            known.reentered = self.today
        return True

    def due(self, which, how):
        """The due date of an open line is changed."""
        docs = self.open_documents()
        if not docs:
            return False
        _place, line = self.open_lines(docs[which % len(docs)])[0]
        line.due = (line.due or START) + timedelta(how * 7 - 30)
        return True

    def ignore(self, which, how):
        """An item is ignored in collection, or no longer."""
        keys = [key for key, known in self.known.items() if known.ignored]
        keys = keys if keys and how % 3 else self.open_keys()
        if not keys:
            return False
        known = self.known[keys[which % len(keys)]]
        known.ignored = not known.ignored
        return True

    def block(self, which, how):
        """Odoo's own flags: of a line, or of the whole document."""
        docs = self.open_documents()
        if not docs:
            return False
        doc = docs[which % len(docs)]
        if how % 2:
            _place, line = self.open_lines(doc)[0]
            line.blocked = not line.blocked
        else:
            blocked = self.payment_state[doc] == "blocked"
            self.payment_state[doc] = "not_paid" if blocked else "blocked"
        return True

    def under_way(self, which, how):
        """The customer's money is under way, or no longer."""
        docs = [d for d, state in self.payment_state.items() if state == "in_payment"]
        docs = docs if docs and how % 3 else self.open_documents()
        if not docs:
            return False
        doc = docs[which % len(docs)]
        paying = self.payment_state[doc] == "in_payment"
        self.payment_state[doc] = "not_paid" if paying else "in_payment"
        return True

    def scenario(self, which, how):
        """An account gets another scenario, or none."""
        account = self.accounts[which % len(self.accounts)]
        others = [other for other in (0, 1) if other != account.scenario]
        if account.scenario is not None and how % 4 == 0:
            others = [None]
        account.scenario = others[how % len(others)]
        return True

    def archive(self, which, how):
        """A step is archived, or comes back."""
        number = which % 2
        scenario = self.scenarios[number]
        if not scenario.steps:
            return False
        steps = list(scenario.steps)
        place = how % len(steps)
        steps[place] = replace(steps[place], active=not steps[place].active)
        self.scenarios[number] = replace(scenario, steps=tuple(steps))
        return True

    def hold(self, which, how):
        """An account is put on hold, for some days or for good, or released; some of
        the holds are insolvencies, which leave out what is older."""
        held = [account for account in self.accounts if account.hold]
        accounts = held if held and how % 3 else self.accounts
        account = accounts[which % len(accounts)]
        account.hold = not account.hold
        account.hold_until = self.today + timedelta(how) if how < 8 else None
        is_insolvent = account.hold and how % 3 == 2
        account.opened = self.today - timedelta(how * 4) if is_insolvent else None
        return True

    def group(self, which, how):
        """An account is grouped under the first one, or leaves it."""
        if len(self.accounts) < 2:
            return False
        account = self.accounts[1 + which % (len(self.accounts) - 1)]
        account.head = 0 if account.head is None else None
        return True

    # What is compared ---------------------------------------------------------

    def state(self):
        """What each account shows after an evaluation."""
        return [self._shown(account) for account in self.accounts]

    def _shown(self, account):
        cycle = account.cycle
        shown = {
            "leader": (cycle.leader, cycle.leader_account, cycle.leader_date),
            "last_step": cycle.last_step,
            "last_done": (cycle.last_done_step, cycle.last_done_date),
            "last_any_date": cycle.last_any_date,
            "redate": (cycle.redate_step, cycle.redate),
            "reason": "grouped",
            "proposal": None,
        }
        if account.head is None:
            outcome = account.outcome
            proposal = outcome.proposal
            shown["reason"] = outcome.reason
            shown["balance"] = outcome.balance
            shown["net_overdue"] = outcome.net_overdue
            if proposal:
                shown["proposal"] = (
                    proposal.step,
                    proposal.date,
                    proposal.leader,
                    proposal.leader_account,
                    proposal.leader_date,
                )
        return shown
