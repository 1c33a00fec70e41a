"""Late penalties and recovery cost, in plain Python (rules.md §6).

What an overdue invoice bears, day by day: each part of its principal from the day
after the due date to the day on which that part was paid, at the rate of each day,
less what a dispute takes out. Nothing here knows of Odoo; amounts are in company
currency, rates in percent per year.
"""

from calendar import isleap
from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """A rate and its recovery cost from ``start`` to ``end``, both days included."""

    start: date
    end: date | None
    rate: float = 0.0
    day_count: str = "365"
    fixing: str = "daily"
    waiting_days: int = 0
    cap: float = 0.0
    compensation: float = 0.0
    currency: int | None = None
    tier_currency: int | None = None
    #: ((late amount from, compensation), …), ascending
    tiers: tuple = ()

    def covers(self, day):
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass
class Piece:
    """A part of an instalment's principal, open up to and including ``end``."""

    amount: float
    end: date


@dataclass
class Instalment:
    """One receivable line: its pieces make up its principal."""

    key: int
    due: date
    pieces: list[Piece]


@dataclass(frozen=True)
class Dispute:
    """Days from ``start`` until before ``stop`` under which ``amount`` bears nothing.

    ``stop`` None: still under dispute, or found justified: the amount bears nothing at
    all, before or after. ``amount`` None: the whole item.
    """

    amount: float | None
    start: date | None = None
    stop: date | None = None


@dataclass
class Cost:
    """What an instalment bears."""

    penalty: float = 0.0
    #: days that bear: without those under dispute, and those without a rate
    days: int = 0
    #: principal that was late, in company currency
    late: float = 0.0
    #: rates applied, as (rate, first day, last day)
    rates: list = field(default_factory=list)
    #: first day without a known rate
    missing: date | None = None


def timeline(rows):
    """Periods without overlap, out of rows of which earlier ones win.

    :param rows: iterable of :class:`Period`, by falling priority
    :return: list of Period by date, cut where a more important one covers
    """
    rows = list(rows)
    edges = {row.start for row in rows}
    edges |= {row.end + DAY for row in rows if row.end}
    edges = sorted(edges)
    result = []
    for start, after in zip(edges, [*edges[1:], None], strict=False):
        winner = next((row for row in rows if row.covers(start)), None)
        if not winner:
            continue
        end = after - DAY if after else None
        last = result[-1] if result else None
        if last and last[0] is winner and last[2] == start - DAY:
            last[2] = end
        else:
            result.append([winner, start, end])
    return [
        Period(**{**winner.__dict__, "start": start, "end": end})
        for winner, start, end in result
    ]


def at(periods, day):
    """The period of a day, or None."""
    return next((period for period in periods if period.covers(day)), None)


def _year_share(first, last, day_count):
    """Days from ``first`` to ``last`` as a part of a year."""
    if day_count != "actual":
        return ((last - first).days + 1) / int(day_count)
    share = 0.0
    while first <= last:
        end = min(last, date(first.year, 12, 31))
        share += ((end - first).days + 1) / (366 if isleap(first.year) else 365)
        first = end + DAY
    return share


def spans(periods, due, first, last):
    """Days ``first`` to ``last`` of an invoice due on ``due``, cut by rate.

    :return: list of (period or None where no rate is known, first day, last day)
    """
    if last < first:
        return []
    opening = at(periods, due + DAY)
    if opening and opening.fixing == "due":
        return [(opening, first, last)]
    result, day = [], first
    while day <= last:
        period = at(periods, day)
        if period:
            end = min(last, period.end or last)
        else:
            starts = [p.start for p in periods if p.start > day]
            end = min([last] + [start - DAY for start in starts])
        result.append((period, day, end))
        day = end + DAY
    return result


def _factor(periods, due, first, last):
    """Interest of 1 from ``first`` to ``last``; days without a rate bear nothing."""
    return sum(
        period.rate / 100 * _year_share(start, end, period.day_count)
        for period, start, end in spans(periods, due, first, last)
        if period
    )


def _allot(pieces, amount):
    """How much of each piece a disputed ``amount`` takes: the last ones first.

    The undisputed rest is what falls due first and is paid first (rules.md L2).

    :param pieces: list of (due date, Piece)
    :param amount: None for all of it
    """
    taken = [0.0] * len(pieces)
    left = amount
    for index in sorted(
        range(len(pieces)),
        key=lambda i: (pieces[i][0], pieces[i][1].end, i),
        reverse=True,
    ):
        part = pieces[index][1].amount
        if left is not None:
            part = min(part, max(left, 0.0))
            left -= part
        taken[index] = part
    return taken


def late_costs(instalments, periods, disputes=()):
    """What the instalments of one invoice bear.

    :param instalments: list of :class:`Instalment`
    :param periods: of :func:`timeline`
    :param disputes: list of :class:`Dispute`
    :return: {instalment key: :class:`Cost`}; an instalment that may not be claimed yet,
        or bears nothing, has a Cost of zeros
    """
    pieces = [(i.due, piece) for i in instalments for piece in i.pieces]
    lasting = [d.amount for d in disputes if d.stop is None]
    never = None if None in lasting else max(lasting, default=0.0)
    without = _allot(pieces, never)
    paused = []
    for dispute in disputes:
        if dispute.stop is not None and never is not None:
            amount = dispute.amount
            taken = _allot(pieces, None if amount is None else max(amount, never))
            paused.append((dispute, taken))
    costs, index = {}, 0
    for instalment in instalments:
        due, first = instalment.due, instalment.due + DAY
        opening = at(periods, first)
        waiting = timedelta(days=opening.waiting_days if opening else 0)
        cost = costs[instalment.key] = Cost()
        bearing_until = None
        for piece in instalment.pieces:
            amount = piece.amount - without[index]
            index += 1
            if amount <= 0 or piece.end <= due + waiting:
                continue
            cost.late += amount
            cost.penalty += amount * _factor(periods, due, first, piece.end)
            rests = 0
            for dispute, taken in paused:
                part = taken[index - 1] - without[index - 1]
                start = max(first, dispute.start)
                end = min(piece.end, dispute.stop - DAY)
                if part > 0 and start <= end:
                    cost.penalty -= part * _factor(periods, due, start, end)
                    if part >= amount:
                        rests += (end - start).days + 1
            cost.days = max(cost.days, (piece.end - due).days - rests)
            bearing_until = max(bearing_until or piece.end, piece.end)
        if bearing_until:
            for period, start, end in spans(periods, due, first, bearing_until):
                if period:
                    cost.rates.append((period.rate, start, end))
                else:
                    cost.missing = cost.missing or start
                    cost.days -= (end - start).days + 1
            cost.days = max(cost.days, 0)
        if opening and opening.cap:
            cost.penalty = min(cost.penalty, cost.late * opening.cap / 100)
        cost.penalty = max(cost.penalty, 0.0)
    return costs


def recovery_cost(due, late, periods, convert):
    """The recovery cost of an invoice, once whatever its instalments.

    :param due: earliest due date that was missed
    :param late: principal that was late, in company currency
    :param periods: of :func:`timeline`
    :param convert: function (amount, from currency, to currency, date), a currency
        None being that of the company
    :return: amount in company currency, or None when no rate is known for the day
    """
    period = at(periods, due + DAY)
    if not period:
        return None
    amount = period.compensation
    if period.tiers:
        size = convert(late, None, period.tier_currency or period.currency, due)
        for threshold, compensation in period.tiers:
            if size >= threshold:
                amount = compensation
    return convert(amount, period.currency, None, due) if amount else 0.0
