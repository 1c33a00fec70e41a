"""Reading a receivables export: columns, formats, wrong rows."""

from datetime import date
from decimal import Decimal

import pytest
from dso_setup.console import Problem
from dso_setup.ledger_file import counts, read

HEADER = "invoice number,customer,invoice date,due date,amount\n"


@pytest.fixture
def book(tmp_path):
    """A function that reads a ledger with this text."""

    def write_and_read(text, encoding="utf-8"):
        path = tmp_path / "ledger.csv"
        path.write_bytes(text.encode(encoding))
        return read(path)

    return write_and_read


def test_needed_columns_alone(book):
    [invoice] = book(HEADER + "A1,Ada,2013-01-02,2013-02-01,55.94\n").invoices
    assert invoice.number == "A1"
    assert invoice.customer == "Ada"
    assert invoice.issued == date(2013, 1, 2)
    assert invoice.due == date(2013, 2, 1)
    assert invoice.amount == Decimal("55.94")
    assert not invoice.currency and not invoice.settled and not invoice.disputed


def test_another_system_s_headers_and_columns(book):
    ledger = book(
        "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,"
        "InvoiceAmount,Disputed,SettledDate,PaperlessBill,DaysToSettle,DaysLate\n"
        "391,0379-NEVHP,4/6/2013,0000611365,1/2/2013,2/1/2013,55.94,No,1/15/2013,Paper,"
        "13,0\n"
        "406,8976-AMJEO,3/3/2012,0007900770,1/26/2013,2/25/2013,61.74,Yes,3/3/2013,"
        "Electronic,36,6\n"
    )
    first, second = ledger.invoices
    assert (first.number, first.customer) == ("0000611365", "0379-NEVHP")
    assert first.issued == date(2013, 1, 2) and first.due == date(2013, 2, 1)
    assert first.settled == date(2013, 1, 15) and not first.disputed
    assert second.disputed


@pytest.mark.parametrize(
    "issued, due, expected",
    [
        ("2013-06-01", "2013-06-30", date(2013, 6, 30)),
        ("2013-06-01 00:00:00", "2013-06-30T12:00", date(2013, 6, 30)),
        ("6/1/2013", "6/30/2013", date(2013, 6, 30)),
        ("1/6/2013", "30/6/2013", date(2013, 6, 30)),
        ("01.06.2013", "30.06.2013", date(2013, 6, 30)),
        # both can read it: as the spreadsheets of the United States write it
        ("1/2/2013", "3/4/2013", date(2013, 3, 4)),
    ],
)
def test_date_formats(book, issued, due, expected):
    [invoice] = book(HEADER + f"A1,Ada,{issued},{due},1\n").invoices
    assert invoice.due == expected


def test_one_date_format_in_a_file(book):
    ledger = book(
        HEADER + "A1,Ada,6/1/2013,6/30/2013,1\n"
        "A2,Ada,1/2/2013,3/4/2013,1\n"
        "A3,Ada,2/1/2013,30/6/2013,1\n"
    )
    assert [invoice.number for invoice in ledger.invoices] == ["A1", "A2"]
    assert ledger.wrong == [
        (4, "due date '30/6/2013' is not a date written as month/day/year")
    ]


@pytest.mark.parametrize(
    "text, amount",
    [
        ("1234.56", "1234.56"),
        ('"1,234.56"', "1234.56"),
        ('"1.234,56"', "1234.56"),
        ("1 234.5", "1234.5"),
        ('"1,234"', "1234"),
        ('"1,234,567"', "1234567"),
        ("1.234.567", "1234567"),
        ('"12,5"', "12.5"),
        ("-60", "-60"),
        ("1'000.00", "1000"),
    ],
)
def test_amounts(book, text, amount):
    [invoice] = book(HEADER + f"A1,Ada,2013-01-02,2013-02-01,{text}\n").invoices
    assert invoice.amount == Decimal(amount)


def test_semicolons_and_windows_letters(book):
    ledger = book(
        "Rechnung;Customer;Invoice No.;Invoice Date;Due Date;Amount;Currency;Disputed\n"
        "x;Müller & Söhne;R-1;02.01.2013;01.02.2013;1.234,56;eur;no\n",
        encoding="cp1252",
    )
    [invoice] = ledger.invoices
    assert invoice.customer == "Müller & Söhne"
    assert invoice.number == "R-1"
    assert invoice.currency == "EUR"
    assert invoice.amount == Decimal("1234.56")


def test_wrong_rows_are_listed_and_the_rest_loads(book):
    ledger = book(
        "invoice number,customer,invoice date,due date,amount,currency,settled date,"
        "disputed\n"
        "A1,Ada,2013-01-02,2013-02-01,10,EUR,,yes\n"
        ",Ada,2013-01-02,2013-02-01,10,,,\n"
        "A3,,2013-01-02,2013-02-01,10,,,\n"
        "A4,Ada,2013-01-02,,10,,,\n"
        "A5,Ada,2013-13-02,2013-02-01,10,,,\n"
        "A6,Ada,2013-01-02,2013-02-01,ten,,,\n"
        "A7,Ada,2013-01-02,2013-02-01,0,,,\n"
        "A1,Ada,2013-01-02,2013-02-01,10,,,\n"
        "A9,Ada,2013-01-02,2012-02-01,10,,,\n"
        "B1,Ada,2013-01-02,2013-02-01,10,Euro,,\n"
        "B2,Ada,2013-01-02,2013-02-01,10,,soon,\n"
        "B3,Ada,2013-01-02,2013-02-01,10,,,maybe\n"
        "B4,Ada\n"
        "\n"
        "B5,Bob,2013-01-02,2013-02-01,NaN,,,\n"
        "B6,Bob,2013-01-02,2013-02-01,10,,,\n"
    )
    assert [invoice.number for invoice in ledger.invoices] == ["A1", "B6"]
    assert ledger.wrong == [
        (3, "no invoice number"),
        (4, "no customer"),
        (5, "no due date"),
        (6, "invoice date '2013-13-02' is not a date written as 2013-06-30"),
        (7, "amount 'ten' is not a number"),
        (8, "amount '0' is zero"),
        (9, "invoice number A1 is on line 2"),
        (10, "due date 2012-02-01 is before invoice date 2013-01-02"),
        (11, "currency 'EURO' is not a code of three letters"),
        (12, "settled date 'soon' is not a date written as 2013-06-30"),
        (13, "disputed 'maybe' is neither yes nor no"),
        (14, "no invoice date"),
        (16, "amount 'NaN' is not a number"),
    ]


@pytest.mark.parametrize(
    "text, what",
    [
        ("", "no column for: invoice number, customer"),
        ("customer,amount\nAda,1\n", "no column for: invoice number, invoice date"),
        (HEADER, "has no row to load"),
        (HEADER + "A1,Ada,never,never,1\n", "has no row to load .line 2: "),
    ],
)
def test_a_file_that_is_no_ledger_is_refused_in_one_line(book, text, what):
    with pytest.raises(Problem, match=what) as caught:
        book(text)
    assert "\n" not in str(caught.value)
    assert "Cure: " in str(caught.value)


def test_no_file(tmp_path):
    with pytest.raises(Problem, match="No such file"):
        read(tmp_path / "none.csv")


def test_counts_of_a_day(book):
    ledger = book(
        "invoice number,customer,invoice date,due date,amount,settled date,disputed\n"
        "A1,Ada,2013-01-02,2013-02-01,10,2013-01-31,no\n"
        "A2,Ada,2013-01-02,2013-02-01,10,2013-02-01,no\n"
        "A3,Bob,2013-01-31,2013-02-28,10,,yes\n"
        "A4,Bob,2013-02-01,2013-02-28,10,,no\n"
        "A5,Bob,2013-02-01,never,10,,no\n"
    )
    assert counts(ledger, date(2013, 1, 31)) == (
        "ledger.csv as of 2013-01-31: 3 invoices of 2 customers, 2 open (1 disputed), "
        "1 not issued yet, 1 wrong rows"
    )
