"""Sentence vectors that are kept, so that a text is encoded once.

A record is the vector of one text and a seal over it, over what the encoder is given of
the text and over the encoder itself. Whatever of these changed, or was damaged, the
record is not taken and the text is encoded anew: a record is never believed.
"""

import hashlib

import numpy as np

#: Numbers of a vector, kept as they are: what is learnt of them is the same.
NUMBERS, KIND = 384, np.dtype("<f4")
#: Bytes of a seal, and of a record.
SEAL = hashlib.sha256().digest_size
RECORD = SEAL + NUMBERS * KIND.itemsize


class Memory:
    """The encoder with a memory: each text is looked at several times.

    :param encoder: as :class:`.features.Encoder`; None to do without
    """

    def __init__(self, encoder):
        self._encoder, self._kept = encoder, {}
        self.available = encoder is not None and encoder.available

    def __contains__(self, text):
        return text in self._kept

    def vector(self, text):
        """As that of the encoder, None without one."""
        if not self.available:
            return None
        if text not in self._kept:
            self._kept[text] = self._encoder.vector(text)
        return self._kept[text]

    def take(self, text, record):
        """Take the vector of a text from what was kept of it.

        :param record: bytes, as of :meth:`record`
        :return: whether it was of this text and encoder, and whole
        """
        if not self.available or len(record) != RECORD:
            return False
        numbers = record[SEAL:]
        if record[:SEAL] != self._seal(text, numbers):
            return False
        self._kept[text] = np.frombuffer(numbers, KIND).astype(np.float32)
        return True

    def record(self, text):
        """:data:`RECORD` bytes to keep of a text, None while it was not encoded."""
        if self._kept.get(text) is None:
            return None
        numbers = self._kept[text].astype(KIND).tobytes()
        return self._seal(text, numbers) + numbers

    def _seal(self, text, numbers):
        source = hashlib.sha256(self._encoder.source(text)).digest()
        return hashlib.sha256(source + numbers).digest()
