"""What the tools share: the engine without Odoo, labelled texts, cached vectors."""

import hashlib
import json
import os
import sys
from pathlib import Path

ADDON = Path(__file__).resolve().parent.parent
# one thread: the same sums in the same order, and no thread pool to outlive a fork
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
if str(ADDON) not in sys.path:
    sys.path.insert(0, str(ADDON))


def rows(folder):
    """The labelled texts of ``training`` or ``validation``, by id."""
    found = []
    for path in sorted((ADDON / folder).glob("*.jsonl")):
        found += [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return sorted(found, key=lambda row: row["id"])


class Meanings(dict):
    """{own words: sentence vector}, kept in a file between two runs.

    :param path: of an ``.npz``, None to keep nothing
    """

    def __init__(self, path):
        super().__init__()
        import numpy as np

        self._path, self._kept = path, {}
        if path and path.exists():
            with np.load(path, allow_pickle=False) as arrays:
                self._kept = dict(arrays)

    @staticmethod
    def _key(own):
        return hashlib.sha256(own.encode()).hexdigest()

    def __contains__(self, own):
        return super().__contains__(own) or self._key(own) in self._kept

    def __missing__(self, own):
        return self._kept[self._key(own)]

    def save(self):
        import numpy as np

        if self._path:
            new = {self._key(own): vector for own, vector in self.items()}
            np.savez(self._path, **{**self._kept, **new})
