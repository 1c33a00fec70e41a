"""The engine that works without any service: features, a softmax head, rules."""

from functools import cache
from pathlib import Path

import numpy as np

from . import decide, features
from .labels import CLASSES, STATUSES
from .model import Model, ModelError, softmax
from .prepare import prepare
from .types import Context, MessageIn, Proposal

DEFAULT = Path(__file__).resolve().parent.parent / "data" / "maia_model.npz"
_STATUS_OF = np.array([STATUSES.index(status) for status, _reason in CLASSES])


#: What sentence vectors of one message may cost, in tokens: twice the longest text that
#: is encoded at once, so that a message is read within its time.
MAX_ENCODED = 2 * features.MAX_TOKENS


class OneMessage:
    """An engine while it reads one message: its words as a whole are always encoded,
    its parts while that costs no more than :data:`MAX_ENCODED`; after that their
    n-grams have to do.

    :param engine: :class:`EmbeddedEngine`
    """

    def __init__(self, engine):
        self.name = engine.name
        self._engine, self._left, self._first = engine, MAX_ENCODED, True

    def probabilities(self, prepared, meaning=True):
        """As :meth:`EmbeddedEngine.probabilities`."""
        if meaning:
            cost = self._engine.cost(prepared)
            meaning = self._first or cost <= self._left
            self._left -= cost if meaning else 0
            self._first = False
        return self._engine.probabilities(prepared, meaning)


class EmbeddedEngine:
    """Reads and judges messages with a model, always alike, without any service.

    :param model: :class:`.model.Model`, the shipped one when None
    :param encoder: gives sentence vectors; None to do without
    """

    def __init__(self, model=None, encoder=features.ENCODER):
        self.model = model or default_model()
        if self.model.manifest["classes"] != ["/".join(pair) for pair in CLASSES]:
            raise ModelError("The model was learnt with other labels.")
        self._encoder = encoder

    @property
    def reduced(self):
        """Whether it has to do without sentence vectors: less of it will be right."""
        return self._encoder is None or not self._encoder.available

    @property
    def name(self):
        kind = "reduced" if self.reduced else "full"
        return f"embedded {self.model.version} {kind}"

    def analyze(self, message: MessageIn, context: Context = Context()) -> Proposal:  # noqa: B008
        """Propose what a message says; see :class:`.types.Proposal`."""
        prepared = prepare(message, context)
        return decide.decide(OneMessage(self), prepared, message, context)

    def cost(self, prepared):
        """Tokens that the sentence vector of prepared words takes."""
        return 0 if self.reduced else self._encoder.tokens(prepared.own)

    def probabilities(self, prepared, meaning=True):
        """Probability of each of :data:`.labels.CLASSES` for prepared words.

        :param meaning: False to look at the n-grams only, which costs next to nothing
        """
        arrays, scales = self.model.arrays, self.model.manifest["scales"]
        vector = None
        if meaning and not self.reduced:
            vector = self._encoder.vector(prepared.own)
        kind = "reduced" if vector is None else "full"
        weights = arrays[f"{kind}_ngrams"]
        indices, values = features.ngrams(prepared.own)
        values = values * arrays["idf"][indices]
        length = float(np.sqrt(values @ values)) or 1.0
        scores = (scales[kind]["ngrams"] / length) * (values @ weights[indices])
        hand = features.hand(prepared)
        scores = scores + scales[kind]["hand"] * (hand @ arrays[f"{kind}_hand"])
        scores = scores + arrays[f"{kind}_bias"]
        if vector is not None:
            scores = scores + (vector - arrays["mean"]) @ arrays["full_meaning"]
        return softmax(scores / self.model.manifest["temperature"][kind])


def by_status(probabilities):
    """{status type: probability} of the probabilities of all classes."""
    sums = np.bincount(_STATUS_OF, weights=probabilities, minlength=len(STATUSES))
    return {status: float(value) for status, value in zip(STATUSES, sums, strict=True)}


@cache
def default_model():
    """The model that is shipped; read once in each process."""
    return Model.load(DEFAULT)
