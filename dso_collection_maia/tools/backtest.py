#!/usr/bin/env python3
"""Measure expected payment dates on a ledger whose payments are known.

    python tools/backtest.py LEDGER.csv [--until 2013-06-30] [--write docs/expected.md]

What was known on the last day of learning tells the day on which every invoice that
was issued later will be paid; the mean of the days by which that is wrong stands beside
those of two simple rules. The file has the columns of the public late payment
histories: customerID, countryCode, InvoiceDate, DueDate, SettledDate (month/day/year),
InvoiceAmount.
"""

import argparse
import csv
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import maia_tool  # noqa: F401 -- lets the engine be imported
import numpy as np
from engine import expected  # noqa: E402

#: Rolling days of the average payment delay, six months.
RECENT = 183
#: When an invoice is asked about: (words, days after the due date; None: when issued).
ASKED = (("when issued", None), ("on the due date", 0), ("15 days after it", 15))
HEAD = """# How well payments are foreseen

Written by `tools/backtest.py`. Mean of the days, early or late, by which the expected
day of payment is wrong.

"""


@dataclass(frozen=True)
class Invoice:
    customer: str
    segment: str
    issued: date
    due: date
    settled: date
    amount: float

    @property
    def delay(self):
        """Days after the due date on which it was paid."""
        return (self.settled - self.due).days


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--until", type=date.fromisoformat, default=date(2013, 6, 30))
    parser.add_argument("--write", type=Path)
    options = parser.parse_args(arguments)
    invoices = read(options.ledger)
    text = report(invoices, options.until)
    sys.stdout.write(text)
    if options.write:
        options.write.write_text(HEAD + text, "utf-8")
    return 0


def read(path):
    """The invoices of a file."""

    def day(text):
        return datetime.strptime(text, "%m/%d/%Y").date()

    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Invoice(
                row["customerID"],
                row["countryCode"],
                day(row["InvoiceDate"]),
                day(row["DueDate"]),
                day(row["SettledDate"]),
                float(row["InvoiceAmount"]),
            )
            for row in csv.DictReader(lines)
        ]


def report(invoices, until):
    """The table, and what it was made of."""
    known = [one for one in invoices if one.issued <= until]
    asked = [one for one in invoices if one.issued > until]
    lines = [
        "| asked | invoices | expected day | due date | customer's average delay |",
        "| --- | --- | --- | --- | --- |",
    ]
    for words, age in ASKED:
        errors = measure(known, asked, until, age)
        lines.append(
            f"| {words} | {errors['count']} | **{errors['expected']:.2f}** "
            f"| {errors['due']:.2f} | {errors['average']:.2f} |"
        )
    lines += [
        "",
        f"Learnt from {len(known)} invoices of {len({i.customer for i in known})}"
        f" customers issued until {until}; asked about the {len(asked)} issued after"
        " it, as far as they were still open on the day of asking. The due date, and"
        " the average delay (six months before, by amount), are taken as the day of"
        " asking where they lie before it.",
        "",
    ]
    return "\n".join(lines)


def measure(known, asked, until, age):
    """Mean absolute errors in days of our day and of the two simple rules.

    :param age: days after the due date at which it is asked, None: when issued
    :return: dict with count, expected, due and average
    """
    spread, rows = learn(known, until)
    average = averages(known, until)
    still = [one for one in asked if age is None or one.delay >= age]
    ages = np.array([(i.issued - i.due).days if age is None else age for i in still])
    real = np.array([one.delay for one in still])
    # a customer without history is like his segment; without one, like everybody
    group = [rows.get(i.customer, rows.get((i.segment,), rows[()])) for i in still]
    ours = spread.expected(group, ages)
    past = np.array([average.get(i.customer, average[()]) for i in still]).round()
    return {
        "count": len(still),
        "expected": np.abs(ours - real).mean(),
        "due": np.abs(np.maximum(0, ages) - real).mean(),
        "average": np.abs(np.maximum(past, ages) - real).mean(),
    }


def learn(known, until):
    """What could be known of customers on a day.

    :return: (:class:`engine.expected.Spread`, {customer, (segment,) or (): its row})
    """
    customers = sorted({one.customer for one in known})
    segments = sorted({one.segment for one in known})
    segment_of = {one.customer: segments.index(one.segment) for one in known}
    paid = [one.settled <= until for one in known]
    seen = expected.tally(
        [customers.index(one.customer) for one in known],
        len(customers),
        [(one.issued - one.due).days for one in known],
        [
            one.delay if settled else (until + timedelta(1) - one.due).days
            for one, settled in zip(known, paid, strict=True)
        ],
        paid,
    )
    of = np.array([segment_of[customer] for customer in customers])
    whole = seen.grouped(of, len(segments))
    everybody = expected.of_everybody(whole.grouped(np.zeros(len(segments), int), 1))
    similar = expected.chances(whole, everybody, expected.STRENGTH["segment"])
    own = expected.chances(seen, similar[of], expected.STRENGTH["customer"])
    rows = [*customers, *((segment,) for segment in segments), ()]
    chances = np.vstack([own, similar, everybody])
    return expected.Spread(chances), {name: row for row, name in enumerate(rows)}


def averages(known, until):
    """{customer: average delay by amount of the last six months; (): of everybody}."""
    sums = {}
    for one in known:
        if until - timedelta(RECENT) < one.settled <= until:
            for key in (one.customer, ()):
                days, amount = sums.get(key, (0, 0))
                sums[key] = days + one.delay * one.amount, amount + one.amount
    return {key: days / amount for key, (days, amount) in sums.items()}


if __name__ == "__main__":
    sys.exit(main())
