"""Learning a model from labelled texts; numpy alone, the same result each time."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from . import features
from .clauses import parts
from .labels import CLASSES
from .model import Model, fit_dual, fit_exactly, softmax, temperature
from .prepare import Prepared, prepare
from .text import sentences
from .types import Context, MessageIn

#: How much each block of features counts, and the penalty: found by cross-validation.
SCALES = {
    "full": {"meaning": 1.0, "ngrams": 0.7, "hand": 0.35, "bias": 1.0},
    "reduced": {"ngrams": 1.0, "hand": 0.35, "bias": 1.0},
}
PENALTY = {"full": 3e-5, "reduced": 3e-5}
FOLDS = 5
#: (tolerance, most steps) where a few digits will do.
ROUGH = 1e-4, 45
#: Columns that are multiplied at once in float64.
COLUMNS = 2048


@dataclass(frozen=True)
class Example:
    """A labelled text.

    :param label: index in :data:`.labels.CLASSES`
    :param weight: how much it counts
    """

    prepared: Prepared
    label: int
    weight: float = 1.0
    key: str = ""


def example(row, weight=1.0):
    """An example of a line of ``training/*.jsonl``."""
    message = MessageIn(
        row["text"], date.fromisoformat(row["received_on"]), row.get("lang")
    )
    prepared = prepare(message, Context())
    label = CLASSES.index((row["status_type"], row["reason"]))
    return Example(prepared, label, weight, row.get("id", ""))


def examples(rows):
    """The examples of labelled texts: each as a whole, and where it says different
    things of several invoices, also the words for each of them.

    :param rows: lines of ``training/*.jsonl``
    :return: list of :class:`Example`; those of one line have its id as their key
    """
    found = []
    for row in rows:
        whole = example(row)
        found += [whole, *_stretches(row, whole.prepared)]
    return found


def _stretches(row, prepared):
    labels = {
        item["invoice_number"]: CLASSES.index((item["status_type"], item["reason"]))
        for item in row.get("items") or ()
    }
    if not labels:
        return
    own = prepared.own
    taken = parts(own, sentences(own), prepared.numbers)
    for start, end, numbers in taken if len(taken) > 1 else ():
        part = prepared.part(start, end)
        label = {labels.get(number.text) for number in numbers}
        if part.own and len(label) == 1 and None not in label:
            yield Example(part, label.pop(), key=row["id"])


class Vectors:
    """The features of examples, as blocks of numbers.

    :param meanings: {own words: vector}, filled as needed
    """

    def __init__(self, examples, encoder=features.ENCODER, meanings=None):
        self.examples = examples
        meanings = {} if meanings is None else meanings
        self.meaning = None
        if encoder is not None and encoder.available:
            for one in examples:
                own = one.prepared.own
                if own not in meanings:
                    meanings[own] = encoder.vector(own)
            self.meaning = np.stack([meanings[e.prepared.own] for e in examples])
            self.meaning = self.meaning.astype(np.float64)
        self.ngrams = np.zeros((len(examples), features.BUCKETS), np.float32)
        for row, one in enumerate(examples):
            indices, values = features.ngrams(one.prepared.own)
            self.ngrams[row, indices] = values
        seen = (self.ngrams > 0).sum(axis=0)
        self.idf = np.log((1 + len(examples)) / (1 + seen)).astype(np.float32)
        self.idf[seen < 2] = 0
        self.ngrams *= self.idf
        lengths = np.sqrt(_products_of(self.ngrams, diagonal=True))[:, None]
        self.ngrams /= np.where(lengths > 0, lengths, 1).astype(np.float32)
        self.hand = np.stack([features.hand(e.prepared) for e in examples])
        self.labels = np.array([e.label for e in examples])
        self.weights = np.array([e.weight for e in examples], np.float64)
        self.mean, self.spread = None, 1.0
        if self.meaning is not None:
            self.mean = self.meaning.mean(axis=0)
            self.meaning = self.meaning - self.mean
            self.spread = float(np.sqrt((self.meaning**2).sum(axis=1).mean()))
            self.meaning /= self.spread

    @property
    def kinds(self):
        return ["reduced"] if self.meaning is None else ["full", "reduced"]

    @cached_property
    def _products(self):
        """Inner products of each block, which do not depend on labels."""
        products = {
            "ngrams": _products_of(self.ngrams),
            "hand": _products_of(self.hand),
            "bias": 1.0,
        }
        if self.meaning is not None:
            products["meaning"] = self.meaning @ self.meaning.T
        return products

    def gram(self, kind):
        """Inner products of the scaled features."""
        return sum(
            scale**2 * self._products[name] for name, scale in SCALES[kind].items()
        )

    def weights_of(self, kind, known, coefficients):
        """{name of an array of the model: weights} of coefficients of the rows."""
        scales = SCALES[kind]
        arrays = {
            "ngrams": scales["ngrams"] * _weights_of(self.ngrams[known], coefficients),
            "hand": scales["hand"] * _weights_of(self.hand[known], coefficients),
            "bias": scales["bias"] ** 2 * coefficients.sum(axis=0),
        }
        if kind == "full":
            weights = self.meaning[known].T @ coefficients
            arrays["meaning"] = scales["meaning"] ** 2 / self.spread * weights
        return {f"{kind}_{n}": a.astype(np.float32) for n, a in arrays.items()}


def _blocks(rows):
    """Columns of float32 rows, some at a time in float64: a sum of thousands of float32
    depends on the order of the machine, and learning makes much of it."""
    for start in range(0, rows.shape[1], COLUMNS):
        yield rows[:, start : start + COLUMNS].astype(np.float64)


def _products_of(rows, diagonal=False):
    """Inner products of rows, or of each row with itself, in float64."""
    if diagonal:
        return sum((block**2).sum(axis=1) for block in _blocks(rows))
    return sum(block @ block.T for block in _blocks(rows))


def _weights_of(rows, coefficients):
    """rows' @ coefficients, in float64."""
    return np.concatenate([block.T @ coefficients for block in _blocks(rows)])


def _targets(labels):
    targets = np.zeros((len(labels), len(CLASSES)))
    targets[np.arange(len(labels)), labels] = 1
    return targets


def fold_of(key, folds=FOLDS):
    """The fold of a text, by its id: the same whatever the order of the texts."""
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % folds


def cross_validate(vectors, kind):
    """Scores of each text by a model that has not seen it (N x classes)."""
    fold = np.array([fold_of(one.key) for one in vectors.examples])
    gram = vectors.gram(kind).astype(np.float32)
    scores = np.zeros((len(vectors.labels), len(CLASSES)))
    for number in range(FOLDS):
        known, held = np.where(fold != number)[0], np.where(fold == number)[0]
        if len(held):
            coefficients = _solve(vectors, gram, kind, known, ROUGH)
            scores[held] = gram[np.ix_(held, known)] @ coefficients
    return scores


def _solve(vectors, gram, kind, known, effort):
    if len(known) < len(gram):
        gram = gram[np.ix_(known, known)]
    targets, weights = _targets(vectors.labels[known]), vectors.weights[known]
    if effort is None:
        return fit_exactly(gram, targets, weights, PENALTY[kind])
    targets, weights = targets.astype(gram.dtype), weights.astype(gram.dtype)
    return fit_dual(gram, targets, weights, PENALTY[kind], *effort)


def fit_model(vectors, known, version, temperatures=None, effort=None):
    """A model learnt from the rows ``known``.

    :param temperatures: {kind: temperature}; 1 where not given
    :param effort: None to solve it to the end, or :data:`ROUGH`
    :return: :class:`.model.Model`
    """
    arrays = {"idf": vectors.idf}
    if vectors.meaning is not None:
        arrays["mean"] = vectors.mean.astype(np.float32)
    for kind in vectors.kinds:
        coefficients = _solve(vectors, vectors.gram(kind), kind, known, effort)
        arrays |= vectors.weights_of(kind, known, coefficients)
    manifest = {
        "version": version,
        "classes": ["/".join(pair) for pair in CLASSES],
        "texts": len(known),
        "scales": {kind: SCALES[kind] for kind in vectors.kinds},
        "penalty": {kind: PENALTY[kind] for kind in vectors.kinds},
        "temperature": {
            kind: (temperatures or {}).get(kind, 1.0) for kind in vectors.kinds
        },
    }
    return Model(arrays, manifest)


def learn(vectors, version, out=None):
    """Learn a model from all examples, calibrated on folds.

    :param out: dict that takes the cross-validated probabilities by kind
    :return: :class:`.model.Model`
    """
    temperatures = {}
    for kind in vectors.kinds:
        scores = cross_validate(vectors, kind)
        temperatures[kind] = temperature(scores, vectors.labels)
        if out is not None:
            out[kind] = softmax(scores / temperatures[kind])
    return fit_model(vectors, np.arange(len(vectors.labels)), version, temperatures)
