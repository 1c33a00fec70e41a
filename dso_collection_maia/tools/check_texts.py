#!/usr/bin/env python3
"""Check labelled texts: fields, labels, duplicates, how many of each class.

    python tools/check_texts.py [--complete] [FILE.jsonl ...]

Without files, all of ``training/`` and ``validation/`` of this addon. Ends with 1 when
a line breaks the label guide, with ``--complete`` also when there are too few texts.

A line of a file ``<lang>.jsonl`` is an object with the fields ``id``, ``lang``,
``channel``, ``received_on``, ``text``, ``status_type``, ``reason``, ``promise_date``,
``promise_amount``, ``currency``, ``invoice_numbers``, ``hard``, ``source`` (``dso``)
and, where one message says different things of several invoices, ``items``.
"""

import argparse
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

ADDON = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ADDON))

from engine.labels import (  # noqa: E402
    CLASSES,
    LANGUAGES,
    RARE,
    REASONS,
    STATUSES,
)

FIELDS = set(
    "id lang channel received_on text status_type reason promise_date promise_amount"
    " currency invoice_numbers hard source".split()
)
ITEM_FIELDS = set(
    "invoice_number status_type reason promise_date promise_amount currency".split()
)
#: A promise further ahead is a slip of the pen.
HORIZON = timedelta(days=400)
#: From this share of common word triples on, two texts are one (Jaccard).
NEAR = 0.5
#: So many words in a row in so many texts of a language are a template.
STOCK_WORDS, STOCK_TEXTS = 7, 4
TEXTS, PER_CLASS, HARD = 360, 8, 1 / 3


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--complete", action="store_true")
    options = parser.parse_args(arguments)
    files = options.files or sorted(ADDON.glob("training/*.jsonl")) + sorted(
        ADDON.glob("validation/*.jsonl")
    )
    problems, warnings, lines = [], [], []
    for path in files:
        these = list(read_lines(path, problems))
        lines += these
        for where, row in these:
            problems += [f"{where}: {text}" for text in check_row(row, path.stem)]
            warnings += [f"{where}: {text}" for text in doubts(row)]
        short = missing(path, [row for _where, row in these])
        (problems if options.complete else warnings).extend(short)
        sys.stdout.write(table(path, [row for _where, row in these]))
    problems += repeated_ids(lines)
    for level, text in near_duplicates(lines):
        (problems if level == "error" else warnings).append(text)
    for text in warnings:
        sys.stdout.write(f"warning: {text}\n")
    for text in problems:
        sys.stdout.write(f"error: {text}\n")
    sys.stdout.write(
        f"{len(lines)} texts, {len(problems)} errors, {len(warnings)} warnings\n"
    )
    return 1 if problems else 0


def read_lines(path, problems):
    """Yield ("file:line", object) of a JSONL file; broken lines go to ``problems``."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        where = f"{path.parent.name}/{path.name}:{number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            problems.append(f"{where}: no JSON ({error})")
            continue
        if isinstance(row, dict):
            yield where, row
        else:
            problems.append(f"{where}: no object")


def check_row(row, lang):
    """Yield what is wrong with a line, by the label guide."""
    if FIELDS - set(row) or set(row) - FIELDS - {"items"}:
        yield (
            f"missing {sorted(FIELDS - set(row))},"
            f" unknown {sorted(set(row) - FIELDS - {'items'})}"
        )
        return
    if row["lang"] != lang or lang not in LANGUAGES:
        yield f"lang {row['lang']!r} in {lang}.jsonl"
    if row["channel"] not in ("portal", "email"):
        yield f"channel {row['channel']!r}"
    if row["source"] != "dso":
        yield f"source {row['source']!r}"
    if not isinstance(row["hard"], bool):
        yield "hard is true or false"
    if not isinstance(row["text"], str) or len(row["text"]) > 30_000:
        yield "text is a string, at most 30,000 characters"
        return
    received = as_date(row["received_on"])
    if not received or not 2023 <= received.year <= 2028:
        yield f"received_on {row['received_on']!r}"
        return
    yield from check_situation(row, received)
    if not isinstance(row["invoice_numbers"], list):
        yield "invoice_numbers is a list"
        return
    for number in row["invoice_numbers"]:
        if not isinstance(number, str) or number not in row["text"]:
            yield f"invoice number {number!r} does not stand so in the text"
    yield from check_items(row, received)


def check_items(row, received):
    """Yield what is wrong with the situations of single invoices."""
    items = row.get("items")
    if items is None or items == []:
        return
    if not isinstance(items, list) or len(items) < 2:
        yield "items: two or more, or none at all"
        return
    for item in items:
        if not isinstance(item, dict) or set(item) != ITEM_FIELDS:
            yield f"items: each has exactly {sorted(ITEM_FIELDS)}"
            return
        if item["invoice_number"] not in row["invoice_numbers"]:
            yield f"items: {item['invoice_number']!r} is not in invoice_numbers"
        yield from check_situation(item, received, of_item=True)
    situations = {(item["status_type"], item["reason"]) for item in items}
    dates = {item["promise_date"] for item in items}
    if len(situations) == len(dates) == 1:
        yield "items: all say the same, so leave them out"


def check_situation(row, received, of_item=False):
    """Yield what is wrong with status, reason, date and amount."""
    status, reason = row["status_type"], row["reason"]
    if reason not in REASONS.get(status, ()):
        yield f"{status!r} with {reason!r}"
        return
    promised = row["promise_date"]
    if promised is not None:
        day = as_date(promised)
        if not day or not received <= day <= received + HORIZON:
            yield f"promise_date {promised!r}, received {received}"
        if status in ("on_going", "dispute_resolved"):
            yield f"{status} has no promise_date (label guide, 2)"
    amount, currency = row["promise_amount"], row["currency"]
    if amount is None:
        if currency is not None:
            yield "currency is null when promise_amount is"
        return
    if isinstance(amount, bool) or not isinstance(amount, int | float) or amount <= 0:
        yield f"promise_amount {amount!r}"
    if currency is not None and not re.fullmatch("[A-Z]{3}", currency):
        yield f"currency {currency!r}"
    if status in ("on_going", "dispute_resolved"):
        yield f"{status} has no promise_amount (label guide, 5)"


def doubts(row):
    """Yield what is probably a slip."""
    if FIELDS - set(row) or not isinstance(row["text"], str):
        return
    amount = row["promise_amount"]
    if isinstance(amount, int | float) and not stands_in(amount, row["text"]):
        yield f"promise_amount {amount} does not stand in the text"
    items = row.get("items") or []
    if items and all(isinstance(i, dict) and "status_type" in i for i in items):
        strongest = min(
            (i["status_type"] for i in items if i["status_type"] in STATUSES),
            key=STATUSES.index,
            default=None,
        )
        if strongest and STATUSES.index(strongest) < STATUSES.index(row["status_type"]):
            yield f"an item is {strongest}, the message only {row['status_type']}"
        if not row["hard"]:
            yield "several situations are hard"
    if not row["text"].strip() and row["status_type"] != "on_going":
        yield "an empty text says nothing"


def stands_in(amount, text):
    """Whether the digits of an amount stand in a text, with any separators."""
    digits = unicodedata.normalize("NFKC", text)
    whole = str(int(Decimal(str(amount))))
    plain = re.sub(r"(?<=\d)[.,'’\s](?=\d)", "", digits)
    return whole in plain or re.search(r"\d\s*(?:k|tys|mil|bin|万|tusen)\b|万", digits)


def as_date(text):
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def repeated_ids(lines):
    seen = {}
    for where, row in lines:
        key = row.get("id")
        if not isinstance(key, str) or not key:
            yield f"{where}: id {key!r}"
        elif key in seen:
            yield f"{where}: id {key} is also that of {seen[key]}"
        else:
            seen[key] = where


def words(text):
    """The words of a text, folded, numbers masked; single signs in Chinese and
    Japanese, which write no spaces."""
    text = unicodedata.normalize("NFKD", text.lower())
    text = "".join(ch for ch in text if not unicodedata.combining(ch))
    text = re.sub(r"\d+", "0", text)
    return re.findall(r"[぀-ヿ㐀-鿿]|[^\W_]+", text)


def near_duplicates(lines):
    """Yield ("error" | "warning", text) of texts too much alike, in each language."""
    by_language = defaultdict(list)
    for where, row in lines:
        if isinstance(row.get("text"), str):
            by_language[row.get("lang")].append((where, words(row["text"])))
    for these in by_language.values():
        yield from _alike(these)
        yield from _stock(these)


def _alike(these):
    shingles = []
    for where, tokens in these:
        triples = set(zip(tokens, tokens[1:], tokens[2:], strict=False))
        shingles.append((where, triples or set(tokens), tuple(tokens)))
    for index, (where, triples, tokens) in enumerate(shingles):
        for other, others, their_tokens in shingles[:index]:
            if tokens == their_tokens:
                yield "error", f"{where}: same words as {other}"
            elif len(triples) > 4 and len(others) > 4:
                common = len(triples & others)
                share = common / (len(triples) + len(others) - common)
                if share >= NEAR:
                    yield "error", f"{where}: {share:.0%} like {other}"


def _stock(these):
    texts = defaultdict(set)
    for where, tokens in these:
        for start in range(len(tokens) - STOCK_WORDS + 1):
            texts[tuple(tokens[start : start + STOCK_WORDS])].add(where)
    told = set()
    for phrase, where in sorted(texts.items(), key=lambda entry: -len(entry[1])):
        key = frozenset(where)
        if len(where) >= STOCK_TEXTS and key not in told:
            told.add(key)
            names = ", ".join(sorted(where)[:6])
            yield "warning", f"{len(where)} texts say {' '.join(phrase)!r}: {names}"


def missing(path, rows):
    """Yield what a file still lacks. Validation has 20 texts of any class."""
    if path.parent.name == "validation":
        if len(rows) < 20:
            yield f"{path.name}: {len(rows)} of 20 validation texts"
        return
    if len(rows) < TEXTS:
        yield f"{path.name}: {len(rows)} of {TEXTS} texts"
    counts = Counter((row.get("status_type"), row.get("reason")) for row in rows)
    for pair in CLASSES:
        if pair not in RARE and counts[pair] < PER_CLASS:
            yield f"{path.name}: {counts[pair]} of {PER_CLASS} for {'/'.join(pair)}"
    hard = sum(row.get("hard") is True for row in rows)
    if hard < HARD * len(rows):
        yield f"{path.name}: {hard} of {len(rows)} are hard, a third is due"


def table(path, rows):
    """How many texts of each class a file has, as text."""
    counts = Counter((row.get("status_type"), row.get("reason")) for row in rows)
    hard = sum(row.get("hard") is True for row in rows)
    several = sum(bool(row.get("items")) for row in rows)
    mails = sum(row.get("channel") == "email" for row in rows)
    head = (
        f"{path.parent.name}/{path.name}: {len(rows)} texts, {hard} hard,"
        f" {several} with items, {mails} by e-mail\n"
    )
    body = "".join(
        f"  {counts[pair]:4d}  {'/'.join(pair)}\n" for pair in CLASSES if counts[pair]
    )
    return head + body


if __name__ == "__main__":
    sys.exit(main())
