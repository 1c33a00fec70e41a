"""A receivables export (CSV): which columns it has, its rows, what is wrong in it."""

import csv
import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from .console import Problem

#: column: (needed, headers that it is known by, written without case and signs)
COLUMNS = {
    "invoice number": (True, "invoicenumber invoice invoiceno invoiceid number"),
    "customer": (True, "customer customerid customername client debtor"),
    "invoice date": (True, "invoicedate date issuedate issued documentdate"),
    "due date": (True, "duedate due maturity maturitydate"),
    "amount": (True, "amount invoiceamount total amounttotal"),
    "currency": (False, "currency currencycode"),
    "settled date": (False, "settleddate settled paiddate paid paymentdate"),
    "disputed": (False, "disputed dispute"),
    "email": (False, "email customeremail"),
}
COLUMNS_HELP = """\
the ledger's columns, by name, in any order; others are ignored:
  invoice number   unique in the file
  customer         name or number
  invoice date     2013-06-30, 6/30/2013, 30/6/2013 or 30.6.2013, one way in a file
  due date
  amount           with taxes; 1234.56, 1,234.56 or 1.234,56; negative: credit note
  currency         optional, as EUR; default: the company's
  settled date     optional: empty while open
  disputed         optional: yes or no
  email            optional: where the customer's reminders would go
"""
#: In the order in which a file that several of them can read is read.
DATE_FORMATS = {
    "%Y-%m-%d": "2013-06-30",
    "%m/%d/%Y": "month/day/year",
    "%d/%m/%Y": "day/month/year",
    "%d.%m.%Y": "day.month.year",
}
YES = {"yes", "y", "true", "1", "x"}
NO = {"no", "n", "false", "0", ""}


@dataclass(frozen=True)
class Invoice:
    """A row of the ledger; a negative amount is a credit note."""

    number: str
    customer: str
    issued: date
    due: date
    amount: Decimal
    currency: str | None = None
    settled: date | None = None
    disputed: bool = False
    email: str | None = None

    def open_on(self, day):
        return not self.settled or self.settled > day


@dataclass
class Ledger:
    """A file's invoices, and its wrong rows as (line, reason)."""

    name: str
    digest: str
    invoices: list = field(default_factory=list)
    wrong: list = field(default_factory=list)

    def issued_by(self, day):
        return [invoice for invoice in self.invoices if invoice.issued <= day]


def read(path):
    """Read a ledger; a wrong row is listed with its reason, the rest is kept."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Problem(
            f"cannot read {path} ({error.strerror})", "name a CSV file that is there"
        ) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    lines = text.splitlines()
    delimiter = max(",;\t", key=(lines or [""])[0].count)
    reader = csv.reader(lines, delimiter=delimiter)
    columns = _columns(next(reader, []), path)
    rows = [(reader.line_num, row) for row in reader if any(row)]
    dates = [columns[name] for name in columns if name.endswith("date")]
    date_format = _date_format(
        row[index].strip() for _line, row in rows for index in dates if index < len(row)
    )
    book = Ledger(path.name, hashlib.sha256(content).hexdigest()[:12])
    seen = {}
    for line, row in rows:
        row += [""] * (max(columns.values()) + 1 - len(row))
        cells = {name: row[index].strip() for name, index in columns.items()}
        try:
            invoice = _invoice(cells, date_format)
            if invoice.number in seen:
                raise ValueError(
                    f"invoice number {invoice.number} is on line {seen[invoice.number]}"
                )
        except ValueError as error:
            book.wrong.append((line, str(error)))
            continue
        seen[invoice.number] = line
        book.invoices.append(invoice)
    if not book.invoices:
        wrong = f" (line {book.wrong[0][0]}: {book.wrong[0][1]})" if book.wrong else ""
        raise Problem(f"{path} has no row to load{wrong}", "see setup/run --help")
    return book


def _columns(header, path):
    """{column: index} of a file's header."""
    plain = [re.sub("[^a-z]", "", name.lower()) for name in header]
    found = {}
    for name, (_needed, aliases) in COLUMNS.items():
        # the order of the aliases decides between two that are there
        there = [alias for alias in aliases.split() if alias in plain]
        found[name] = plain.index(there[0]) if there else None
    missing = [n for n, (needed, _a) in COLUMNS.items() if needed and found[n] is None]
    if missing:
        raise Problem(
            f"{path} has no column for: {', '.join(missing)} (its header is: "
            f"{', '.join(header)[:120] or 'empty'})",
            "name the columns as in setup/run --help",
        )
    return {name: index for name, index in found.items() if index is not None}


def _date_format(values):
    """The format that reads most of a file's dates."""
    readable = Counter()
    for value in values:
        for date_format in DATE_FORMATS:
            try:
                _date(value, date_format)
            except ValueError:
                continue
            readable[date_format] += 1
    return max(DATE_FORMATS, key=lambda date_format: readable[date_format])


def _date(value, date_format):
    if date_format == "%Y-%m-%d":
        value = value[:10]  # a time may follow
    return datetime.strptime(value, date_format).date()


def _invoice(cells, date_format):
    """A row as an :class:`Invoice`; ValueError with the reason why it is none."""

    def read_date(column):
        try:
            return _date(cells[column], date_format)
        except ValueError:
            written = DATE_FORMATS[date_format]
            raise ValueError(
                f"{column} {cells[column]!r} is not a date written as {written}"
            ) from None

    for column, (needed, _aliases) in COLUMNS.items():
        if needed and not cells[column]:
            raise ValueError(f"no {column}")
    disputed = cells.get("disputed", "").lower()
    if disputed not in YES | NO:
        raise ValueError(f"disputed {disputed!r} is neither yes nor no")
    currency = cells.get("currency", "").upper() or None
    if currency and not re.fullmatch("[A-Z]{3}", currency):
        raise ValueError(f"currency {currency!r} is not a code of three letters")
    issued, due = read_date("invoice date"), read_date("due date")
    if due < issued:
        raise ValueError(f"due date {due} is before invoice date {issued}")
    return Invoice(
        number=cells["invoice number"],
        customer=cells["customer"],
        issued=issued,
        due=due,
        amount=_amount(cells["amount"]),
        currency=currency,
        settled=read_date("settled date") if cells.get("settled date") else None,
        disputed=disputed in YES,
        email=cells.get("email") or None,
    )


def _amount(text):
    """1234.56, 1,234.56, 1.234,56 and 1 234,56, with or without sign."""
    digits = re.sub(r"[\s'\u202f]", "", text)
    last = max(digits.rfind(","), digits.rfind("."))
    whole, decimals = digits, ""
    if last >= 0:
        both = "," in digits and "." in digits
        decimal = digits[last] == "." or len(digits) - last - 1 != 3
        # a sign that is there twice separates thousands, and so does a single comma
        # with three digits behind it
        if digits.count(digits[last]) == 1 and (both or decimal):
            whole, decimals = digits[:last], digits[last + 1 :]
    try:
        amount = Decimal(f"{re.sub('[,.]', '', whole)}.{decimals or 0}")
    except InvalidOperation:
        raise ValueError(f"amount {text!r} is not a number") from None
    if not amount:
        raise ValueError(f"amount {text!r} is zero")
    return amount


def counts(book, day):
    """What of the ledger was loaded, in one line."""
    issued = book.issued_by(day)
    still_open = [invoice for invoice in issued if invoice.open_on(day)]
    return (
        f"{book.name} as of {day}: {len(issued)} invoices of "
        f"{len({invoice.customer for invoice in issued})} customers, "
        f"{len(still_open)} open ({sum(i.disputed for i in still_open)} disputed), "
        f"{len(book.invoices) - len(issued)} not issued yet, "
        f"{len(book.wrong)} wrong rows"
    )
