"""When a customer will pay: how his payments, and those of others, were spread.

The spread is that of Kaplan and Meier: an invoice that is still open counts as one
that was not paid up to its age, so that who pays nothing does not look punctual. The
few payments of one customer are completed by those of similar customers, and theirs by
those of everybody, as if the group had added :data:`STRENGTH` invoices to what is known
of each day.
"""

from dataclasses import dataclass

import numpy as np

#: Days after the due date that are told apart; what lies outside counts as the edge.
FIRST, LAST = -90, 365
DAYS = LAST - FIRST + 1
#: How many invoices the wider group counts for, beside those of a customer, of a
#: segment: found on the first eighteen months of the ledger of tools/backtest.py.
STRENGTH = {"customer": 1.0, "segment": 30.0}
#: Invoices that a customer, a segment, must have paid for a date to be called theirs.
ENOUGH = {"customer": 3, "segment": 10}
#: What nobody has ever done is not impossible: a chance of a day without any record.
FLOOR = 1e-4


@dataclass
class Tally:
    """How many invoices were seen, and paid, at each age; a row for each group.

    :param risk: groups x DAYS, invoices that were open at the beginning of that day
    :param paid: groups x DAYS, those of them that were paid on it
    """

    risk: np.ndarray
    paid: np.ndarray

    def grouped(self, group, count):
        """The same by wider groups.

        :param group: the wider group of each row
        :param int count: number of wider groups
        """
        result = Tally(np.zeros((count, DAYS)), np.zeros((count, DAYS)))
        np.add.at(result.risk, group, self.risk)
        np.add.at(result.paid, group, self.paid)
        return result


def column(days):
    """Column of ages in days after the due date (array of int, any range)."""
    return np.clip(np.asarray(days, np.int64), FIRST, LAST) - FIRST


def tally(group, count, entry, age, paid, times=None):
    """Count invoices by group and age.

    :param group: N, the row of each invoice's group
    :param int count: number of groups
    :param entry: N, age in days after the due date when it became known (negative)
    :param age: N, age when it was paid, or its age today while it is open
    :param paid: N, whether it was paid
    :param times: N, how often such an invoice is there; 1 when None
    :return: :class:`Tally`
    """
    group = np.asarray(group, np.int64)
    paid = np.asarray(paid, bool)
    times = np.ones(len(group)) if times is None else np.asarray(times, np.float64)
    last, first = column(age), column(entry)
    first = np.minimum(first, last)
    # what is open today may still be paid today: it was seen up to yesterday
    seen = np.where(paid, last + 1, last)
    size = count * (DAYS + 1)
    steps = np.bincount(group * (DAYS + 1) + first, times, size)
    steps -= np.bincount(group * (DAYS + 1) + np.maximum(seen, first), times, size)
    risk = steps.reshape(count, DAYS + 1)[:, :DAYS].cumsum(axis=1)
    done = np.bincount(group[paid] * DAYS + last[paid], times[paid], count * DAYS)
    return Tally(np.maximum(risk, 0), done.reshape(count, DAYS))


def chances(own, wider, strength):
    """Chance of each day that what is still open is paid on it.

    :param own: :class:`Tally` of groups
    :param wider: chances of the wider group of each, groups x DAYS or one row
    :param strength: number of invoices that the wider group counts for
    :return: groups x DAYS, between 0 and 1
    """
    return (own.paid + strength * wider) / (own.risk + strength)


def of_everybody(total):
    """Chances of one wide group, of its :class:`Tally` with one row."""
    return chances(total, np.full(DAYS, FLOOR), 1.0)[0]


class Spread:
    """Chances of groups, ready to be asked.

    :param chances: groups x DAYS, see :func:`chances`
    """

    #: Shares that are still open are told apart down to exp(-DEPTH).
    DEPTH = 200.0

    def __init__(self, chances):
        logs = np.log1p(-np.minimum(chances, 1 - 1e-12))
        # the share that is still open before each day, as a logarithm
        self._open = np.zeros((len(chances), DAYS + 1))
        np.cumsum(logs, axis=1, out=self._open[:, 1:])
        np.maximum(self._open, -self.DEPTH, out=self._open)
        # one ascending row: each group begins beyond the end of the one before it
        self._begin = 2 * self.DEPTH * np.arange(len(chances))
        self._ladder = (self._begin[:, None] - self._open[:, 1:]).ravel()

    def expected(self, group, age, likely=0.5):
        """The day by which a share of such invoices is paid, given that they are open.

        :param group: N, rows
        :param age: N, age today in days after the due date
        :param likely: that share; one half gives the least mean error
        :return: N, days after the due date, today at the earliest; beyond
            :data:`LAST`: not expected
        """
        group, age = np.asarray(group, np.int64), np.asarray(age, np.int64)
        aim = self._open[group, column(age)] + np.log1p(-likely)
        rung = np.searchsorted(self._ladder, self._begin[group] - aim - 1e-9)
        day = rung - group * DAYS + FIRST
        never = (day > LAST) | (age > LAST)
        return np.where(never, LAST + 1, np.maximum(day, age))
