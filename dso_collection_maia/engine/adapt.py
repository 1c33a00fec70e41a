"""A company's own model: the shipped one, and what its people confirmed and corrected.

What is learnt is the difference to the shipped model, from the company's texts and a
sample of the shipped ones beside them, of which the judgement is to stay as it was.
It takes seconds, where learning everything anew takes minutes; sentence vectors, which
take far longer, are computed by :func:`encode` and kept. Whether the result may be used
is decided by :func:`refused`, on texts that it has not seen.
"""

import json
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from . import features
from .clean import clean
from .decide import by_status, likeliest
from .embedded import EmbeddedEngine, default_model
from .labels import CLASSES, DANGEROUS
from .learn import SCALES, fold_of
from .model import Model, fit_dual
from .prepare import MAX_OWN, Prepared, prepare
from .types import Context, MessageIn
from .vectors import RECORD, Memory

ADDON = Path(__file__).resolve().parent.parent
#: Fewer examples say nothing.
LEAST = 20
#: Shipped texts of each class in each language that are looked at again.
REPLAYED = 2
#: A company's texts count for this share at most.
SHARE = 0.5
#: Strength of the penalty on what differs from the shipped model.
PENALTY = 3e-4
#: No measure may fall by more than this.
TOLERANCE = 0.005
#: Of five texts of a company one is kept apart, to measure on.
HELD_OUT = 0
_STATUS_OF = np.array([status for status, _reason in CLASSES])


@dataclass(frozen=True)
class Lesson:
    """A text whose class somebody told.

    :param allowed: indices of the classes that it may be: a company's status can stand
        for several
    :param weight: how much it counts
    :param key: decides whether it is learnt from or measured on, the same each time
    :param shipped: whether it came with the product
    """

    prepared: Prepared
    allowed: tuple
    weight: float = 1.0
    key: str = ""
    shipped: bool = False


@dataclass(frozen=True)
class Figures:
    """What a model gets right; shares between 0 and 1, None without texts."""

    own: float | None
    shipped: float | None
    dangerous: float


@dataclass(frozen=True)
class Learnt:
    """A model that was learnt, and what was measured.

    :param content: bytes of its file
    :param manifest: what belongs to them, see :meth:`.model.Model.to_bytes`
    :param before: :class:`Figures` of the model in use
    :param after: of this one
    :param held: examples that were measured on
    """

    content: bytes
    manifest: dict
    before: Figures
    after: Figures
    held: int


@dataclass(frozen=True)
class Encoded:
    """Sentence vectors to keep, as records of :mod:`.vectors`.

    :param available: whether there is an encoder; without one nothing else counts
    :param shipped: those of the shipped texts, one after the other, as bytes
    :param left: shipped texts that there was no time for
    :param own: one for each example, None where there was no time
    """

    available: bool
    shipped: bytes
    left: int
    own: list


def encode(rows, shipped, seconds):
    """Compute the sentence vectors that were not kept, the shipped texts' first.

    At least one is computed, so that asking again comes to an end.

    :param rows: examples, newest first: (text, its record or b"")
    :param shipped: as :attr:`Encoded.shipped`, b"" when nothing was kept
    :param seconds: of the clock, after which the rest is left out
    :return: :class:`Encoded`
    """
    until = time.monotonic() + seconds
    memory = Memory(features.ENCODER)
    if not memory.available:
        return Encoded(False, b"", 0, [None] * len(rows))
    came = [*shipped_lessons("validation"), *shipped_lessons("training", REPLAYED)]
    texts, records = _records(came, shipped)
    own = [clean(text).own[:MAX_OWN] for text, _record in rows]
    records += [record for _text, record in rows]
    for text, record in zip([*texts, *own], records, strict=True):
        memory.take(text, record)
    missing = [text for text in dict.fromkeys([*texts, *own]) if text not in memory]
    for place, text in enumerate(missing):
        if place and time.monotonic() >= until:
            break
        memory.vector(text)
    # of a company's texts nothing is kept with the shipped ones
    kept = [memory.record(text) or bytes(RECORD) for text in texts]
    left = sum(text not in memory for text in texts)
    return Encoded(True, b"".join(kept), left, [memory.record(text) for text in own])


def _records(lessons, shipped):
    """(texts of shipped lessons, each once; the record of each)"""
    texts = list(dict.fromkeys(one.prepared.own for one in lessons))
    return texts, [shipped[n * RECORD : (n + 1) * RECORD] for n in range(len(texts))]


def learn(used, rows, number, kept):
    """Learn a company's model, and measure it beside the one in use.

    :param used: :class:`.model.Model` in use
    :param rows: examples, newest first: (text, received_on, lang, pairs, weight)
    :param number: of the version
    :param kept: :class:`Encoded` of the same examples
    :return: :class:`Learnt`
    """
    base, memory = default_model(), Memory(features.ENCODER)
    shipped = shipped_lessons("validation")
    replayed = shipped_lessons("training", REPLAYED)
    lessons = [lesson(*row) for row in rows]
    came = _records([*shipped, *replayed], kept.shipped)
    for text, record in zip(*came, strict=True):
        memory.take(text, record)
    for one, record in zip(lessons, kept.own, strict=True):
        memory.take(one.prepared.own, record or b"")
    own, held = parted(lessons)
    model = adapt(base, own, replayed, f"{base.version}.{number}", memory)
    before = figures(used, held, shipped, memory)
    after = figures(model, held, shipped, memory)
    return Learnt(*model.to_bytes(), before, after, len(held))


def lesson(text, received_on, lang, pairs, weight=1.0, key="", shipped=False):
    """A lesson of a text.

    :param pairs: (status type, reason) pairs, of which the text is one
    """
    prepared = prepare(MessageIn(text, received_on, lang or None), Context())
    allowed = tuple(sorted(CLASSES.index(tuple(pair)) for pair in pairs))
    return Lesson(prepared, allowed, weight, key or text, shipped)


def shipped_lessons(folder, most=None):
    """Lessons of the shipped texts of ``training`` or ``validation``.

    :param most: of each class in each language, those with the lowest fold of their id
    """
    rows = []
    for path in sorted((ADDON / folder).glob("*.jsonl")):
        rows += [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    if most:
        groups = defaultdict(list)
        for row in rows:
            groups[row["lang"], row["status_type"], row["reason"]].append(row)
        rows = [
            row
            for key in sorted(groups)
            for row in sorted(groups[key], key=lambda r: fold_of(r["id"], 1 << 32))[
                :most
            ]
        ]
    return [
        lesson(
            row["text"],
            date.fromisoformat(row["received_on"]),
            row["lang"],
            [(row["status_type"], row["reason"])],
            key=row["id"],
            shipped=True,
        )
        for row in rows
    ]


def parted(lessons):
    """(those to learn from, those to measure on)."""
    held = [one for one in lessons if fold_of(one.key) == HELD_OUT]
    return [one for one in lessons if fold_of(one.key) != HELD_OUT], held


def adapt(base, own, replayed, version, encoder=features.ENCODER):
    """Learn a company's model.

    :param base: :class:`.model.Model` that it stands on
    :param own: lessons of the company to learn from, at least one
    :param replayed: shipped lessons beside them
    :param version: name of the result
    :return: :class:`.model.Model`
    """
    memory = encoder if isinstance(encoder, Memory) else Memory(encoder)
    lessons = [*own, *replayed]
    mass = sum(one.weight for one in own)
    rest = sum(one.weight for one in replayed)
    # a company's few texts count for what they are, its many for a half of all
    cut = min(1.0, rest * SHARE / (1 - SHARE) / mass) if rest else 1.0
    weights = np.array([one.weight * cut for one in own] + [r.weight for r in replayed])
    arrays = dict(base.arrays)
    kinds = ["reduced", "full"] if memory.available else ["reduced"]
    for kind in kinds:
        engine = EmbeddedEngine(base, memory if kind == "full" else None)
        known = np.stack([engine.probabilities(one.prepared) for one in lessons])
        changes = _changes(base, kind, lessons, known, weights, memory)
        for name, change in changes.items():
            arrays[name] = (arrays[name] + change).astype(np.float32)
    manifest = {
        **base.manifest,
        "version": version,
        "texts": base.manifest.get("texts", 0) + len(own),
        "adapted_from": base.version,
        "own_texts": len(own),
    }
    manifest.pop("sha256", None)
    return Model(arrays, manifest)


def _changes(base, kind, lessons, known, weights, memory):
    """{name of an array: what is to be added to it}."""
    scales = SCALES[kind]
    heat = base.manifest["temperature"][kind]
    ngrams = np.zeros((len(lessons), features.BUCKETS), np.float32)
    for row, one in enumerate(lessons):
        indices, values = features.ngrams(one.prepared.own)
        values = values * base.arrays["idf"][indices]
        ngrams[row, indices] = values / (float(np.sqrt(values @ values)) or 1.0)
    blocks = {
        "ngrams": scales["ngrams"] * ngrams,
        "hand": scales["hand"] * np.stack([features.hand(o.prepared) for o in lessons]),
        "bias": np.full((len(lessons), 1), scales["bias"], np.float32),
    }
    if kind == "full":
        vectors = np.stack([memory.vector(one.prepared.own) for one in lessons])
        vectors = vectors - base.arrays["mean"]
        spread = float(np.sqrt((vectors**2).sum(axis=1).mean())) or 1.0
        blocks["meaning"] = scales["meaning"] / spread * vectors
    gram = sum((block @ block.T).astype(np.float64) for block in blocks.values())
    targets = _targets(lessons, known)
    # of the shipped texts nothing is learnt anew: what is known of them is to stay
    shipped = [row for row, one in enumerate(lessons) if one.shipped]
    targets[shipped] = known[shipped]
    # on top of what the shipped model says; kept on the scale of its temperature
    coefficients = fit_dual(
        gram, targets, weights, PENALTY, offset=np.log(known + 1e-12)
    )
    changes = {name: block.T @ coefficients for name, block in blocks.items()}
    # these two enter the scores without the scale of their block
    changes["bias"] = scales["bias"] * changes["bias"][0]
    if kind == "full":
        changes["meaning"] = scales["meaning"] / spread * changes["meaning"]
    return {f"{kind}_{name}": heat * change for name, change in changes.items()}


def _targets(lessons, known):
    """Wanted probabilities: of several classes, as the shipped model divides them."""
    targets = np.zeros_like(known)
    for row, one in enumerate(lessons):
        columns = list(one.allowed)
        shares = known[row, columns] + 1e-9
        targets[row, columns] = shares / shares.sum()
    return targets


def figures(model, own, shipped, encoder=features.ENCODER):
    """Measure a model on lessons that it has not seen.

    :param own: of the company
    :param shipped: shipped ones
    :return: :class:`Figures`
    """
    engine = EmbeddedEngine(model, encoder)
    right, danger = {}, 0
    for name, lessons in (("own", own), ("shipped", shipped)):
        hits = 0
        for one in lessons:
            said = likeliest(by_status(engine.probabilities(one.prepared)))
            wanted = {_STATUS_OF[index] for index in one.allowed}
            hits += said in wanted
            danger += any((status, said) in DANGEROUS for status in wanted)
        right[name] = hits / len(lessons) if lessons else None
    count = len(own) + len(shipped)
    return Figures(right["own"], right["shipped"], danger / count if count else 0.0)


def refused(before, after):
    """Why a model must not be used: the names of the measures that fell.

    :param before: :class:`Figures` of the model in use
    :param after: of the new one
    :return: list of ``own``, ``shipped``, ``dangerous``; empty: it may be used
    """
    fell = [
        name
        for name in ("own", "shipped")
        if getattr(before, name) is not None
        and getattr(after, name) < getattr(before, name) - TOLERANCE
    ]
    if after.dangerous > before.dangerous + 1e-9:
        fell.append("dangerous")
    return fell
