#!/usr/bin/env python3
"""Compare two learnt models: their weights, and what they say of the texts apart.

    python tools/compare.py ONE.npz OTHER.npz [--vectors CACHE.npz]

Ends with 1 when a weight differs by more than 1e-6, or a proposal at all.
"""

import argparse
import sys
from pathlib import Path

import maia_tool
import numpy as np
from engine.embedded import EmbeddedEngine  # noqa: E402
from engine.model import Model  # noqa: E402
from evaluate import KeptEncoder, analyze  # noqa: E402

EQUAL = 1e-6


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("models", type=Path, nargs=2)
    parser.add_argument("--vectors", type=Path, help="keeps sentence vectors")
    options = parser.parse_args(arguments)
    one, other = (Model.load(path) for path in options.models)
    farthest = 0.0
    for name in sorted(one.arrays):
        difference = float(np.abs(one.arrays[name] - other.arrays[name]).max())
        farthest = max(farthest, difference)
        sys.stdout.write(f"{name}: weights differ by at most {difference:.2g}\n")
    meanings, rows = maia_tool.Meanings(options.vectors), maia_tool.rows("validation")
    same = True
    for kind, encoder in (("full", KeptEncoder(meanings)), ("reduced", None)):
        engines = EmbeddedEngine(one, encoder), EmbeddedEngine(other, encoder)
        pairs = [[analyze(engine, row) for engine in engines] for row in rows]
        alike = sum(_said(a) == _said(b) for a, b in pairs)
        chance = max(
            abs(a.probabilities[status] - b.probabilities[status])
            for a, b in pairs
            for status in a.probabilities
        )
        same = same and alike == len(rows)
        sys.stdout.write(
            f"{kind}: {alike} of {len(rows)} proposals are the same, probabilities"
            f" differ by at most {chance:.2g}\n"
        )
    meanings.save()
    return int(farthest > EQUAL or not same)


def _said(proposal):
    """What a proposal says, without how sure it is."""
    return (
        *(proposal.status_type, proposal.reason),
        *(proposal.promise_date, proposal.promise_amount, proposal.currency),
        *(proposal.invoice_numbers, set(proposal.doubts)),
        *((i.number, i.status_type, i.reason, i.promise_date) for i in proposal.items),
    )


if __name__ == "__main__":
    sys.exit(main())
