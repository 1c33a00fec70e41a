"""A softmax head over feature vectors: learnt, kept and used with numpy alone.

The objective is convex. :func:`fit_exactly` solves it to the end, so that the same
texts give the same weights (to 1e-6) in whatever order a machine adds numbers;
:func:`fit_dual` stops where predictions do not change any more. Both solve it over the
texts, not over the features (kernel form): with N texts of any dimension each step
costs N x N.
"""

import hashlib
import io
import json

import numpy as np

#: Size of the gradient at which learning has come to its end, and the most steps.
TOLERANCE, MAX_STEPS = 1e-7, 500
#: Steps that L-BFGS remembers.
MEMORY = 12
#: The same where it is solved to the end. Weights are no further off than the size of
#: the gradient divided by the penalty.
EXACT_TOLERANCE, MOST_NEWTON, MOST_INNER = 1e-11, 60, 600


class ModelError(ValueError):
    """A file that is no model of ours, or not the one its manifest speaks of."""


def softmax(scores):
    """Probabilities of each row of ``scores`` (N x classes)."""
    scores = scores - scores.max(axis=-1, keepdims=True)
    powers = np.exp(scores)
    return powers / powers.sum(axis=-1, keepdims=True)


def fit_dual(
    gram, targets, weights, penalty, tolerance=TOLERANCE, steps=MAX_STEPS, offset=0
):
    """Learn a softmax head from inner products.

    :param gram: N x N inner products of the texts' vectors
    :param targets: N x classes, the wanted probabilities, each row sums to 1
    :param weights: N, how much each text counts
    :param penalty: strength of the L2 penalty, above 0
    :param tolerance: size of the gradient at which it has come to its end
    :param steps: the most steps
    :param offset: N x classes scores that are there already, not penalised
    :return: N x classes coefficients A; the head's weights are X' A
    """
    count, classes = targets.shape
    weights = (weights / weights.sum())[:, None]

    def loss(flat):
        coefficients = flat.reshape(count, classes)
        learnt = gram @ coefficients
        scores = learnt + offset
        top = scores.max(axis=1, keepdims=True)
        logs = scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
        value = -(weights * targets * logs).sum()
        value += penalty / 2 * (coefficients * learnt).sum()
        # in the metric of the kernel, in which the problem is well conditioned
        step = weights * (np.exp(logs) - targets) + penalty * coefficients
        return value, step.ravel(), (gram @ step).ravel()

    start = np.zeros(count * classes, gram.dtype)
    return _minimise(loss, start, tolerance, steps).reshape(count, classes)


def fit_exactly(gram, targets, weights, penalty, tolerance=EXACT_TOLERANCE):
    """As :func:`fit_dual`, to the end, in float64: Newton's method, each of whose steps
    is found by conjugate gradients in the metric of the kernel.

    :raise ModelError: when it does not come to its end
    """
    gram = np.asarray(gram, np.float64)
    weights = (np.asarray(weights, np.float64) / np.sum(weights))[:, None]
    point = np.zeros(targets.shape)
    scores = np.zeros(targets.shape)  # gram @ point

    def state(point, scores):
        """(objective, probabilities, gradient in the metric of the kernel)"""
        top = scores.max(axis=1, keepdims=True)
        logs = scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
        value = penalty / 2 * np.vdot(point, scores) - (weights * targets * logs).sum()
        chances = np.exp(logs)
        return value, chances, weights * (chances - targets) + penalty * point

    value, chances, gradient = state(point, scores)
    for _step in range(MOST_NEWTON):
        plain = gram @ gradient
        size = np.sqrt(max(np.vdot(gradient, plain), 0.0))
        if size < tolerance:
            return point
        direction, moved = _newton(
            gram, weights, chances, penalty, gradient, plain, min(0.1, np.sqrt(size))
        )
        slope, length = np.vdot(direction, plain), 1.0
        while True:
            new = state(point + length * direction, scores + length * moved)
            # near the end, differences of the objective are lost in its digits
            if new[0] <= value + 1e-4 * length * slope + 1e-14 or length < 1e-6:
                break
            length /= 2
        point, scores = point + length * direction, scores + length * moved
        value, chances, gradient = new
    raise ModelError(f"Learning did not come to its end: {size}")


def _newton(gram, weights, chances, penalty, gradient, plain, accuracy):
    """(direction of Newton's method, gram @ direction)"""
    rest, rest_plain = -gradient, -plain
    direction, moved = np.zeros_like(rest), np.zeros_like(rest)
    search, search_plain = rest.copy(), rest_plain.copy()
    size = start = np.vdot(rest, rest_plain)
    for _step in range(MOST_INNER):
        curved = chances * search_plain
        curved -= chances * curved.sum(axis=1, keepdims=True)
        curved *= weights
        bent = penalty * search + curved
        bent_plain = penalty * search_plain + gram @ curved
        length = size / np.vdot(search, bent_plain)
        direction += length * search
        moved += length * search_plain
        rest -= length * bent
        rest_plain -= length * bent_plain
        before, size = size, np.vdot(rest, rest_plain)
        if size <= accuracy**2 * start:
            break
        search = rest + size / before * search
        search_plain = rest_plain + size / before * search_plain
    return direction, moved


def _minimise(loss, start, tolerance, steps):
    """L-BFGS in the metric of the kernel, with halved steps.

    ``loss`` gives the value, the gradient in that metric, and the plain gradient.
    """
    point, history = start, []
    value, gradient, plain = loss(point)
    for _step in range(steps):
        if np.sqrt(max(gradient @ plain, 0.0)) < tolerance:
            break
        direction = -_two_loops(gradient, plain, history)
        slope = direction @ plain
        if slope >= 0:
            history.clear()
            direction, slope = -gradient, -(gradient @ plain)
        length = 1.0 if history else 1.0 / max(1.0, np.sqrt(-slope))
        for _halving in range(30):
            new = point + length * direction
            new_value, new_gradient, new_plain = loss(new)
            if new_value <= value + 1e-4 * length * slope:
                break
            length /= 2
        else:
            break  # as good as the numbers allow
        moved, changed, changed_plain = (
            new - point,
            new_gradient - gradient,
            new_plain - plain,
        )
        curvature = moved @ changed_plain
        if curvature > 1e-18:
            history.append((moved, changed, changed_plain, curvature))
            del history[:-MEMORY]
        point, value, gradient, plain = new, new_value, new_gradient, new_plain
    return point


def _two_loops(gradient, plain, history):
    """The quasi-Newton direction from the last steps."""
    result, result_plain, factors = gradient.copy(), plain.copy(), []
    for moved, changed, changed_plain, curvature in reversed(history):
        factor = (moved @ result_plain) / curvature
        factors.append(factor)
        result -= factor * changed
        result_plain -= factor * changed_plain
    if history:
        _moved, changed, changed_plain, curvature = history[-1]
        scale = curvature / (changed @ changed_plain)
        result *= scale
    for (moved, _changed, changed_plain, curvature), factor in zip(
        history, reversed(factors), strict=True
    ):
        result += moved * (factor - (changed_plain @ result) / curvature)
    return result


def fit(vectors, targets, weights, penalty):
    """Learn the weights of a softmax head.

    :param vectors: N x D array
    :return: D x classes weights
    """
    vectors = np.asarray(vectors, np.float64)
    gram = vectors @ vectors.T
    return vectors.T @ fit_exactly(gram, targets, weights, penalty)


def temperature(scores, targets):
    """The one number by which scores are divided so that a confidence of 80 % is right
    in four cases of five (least log loss on texts that were not learnt from).

    :param scores: N x classes
    :param targets: N, index of the right class
    """
    rows = np.arange(len(targets))
    grid = np.exp(np.linspace(np.log(0.3), np.log(4), 120))
    losses = [
        -np.log(softmax(scores / value)[rows, targets] + 1e-12).mean() for value in grid
    ]
    return float(grid[int(np.argmin(losses))])


class Model:
    """What has been learnt: arrays, and a manifest that says of what and how.

    :param arrays: {name: numpy array}
    :param manifest: dict of plain values
    """

    def __init__(self, arrays, manifest):
        self.arrays = arrays
        self.manifest = manifest

    @property
    def version(self):
        return self.manifest["version"]

    @classmethod
    def load(cls, path):
        """Read a model and its manifest beside it (``.json``).

        :param path: :class:`pathlib.Path` of the ``.npz``
        :raise ModelError: when the file is not the one that the manifest names
        """
        try:
            content = path.read_bytes()
            manifest = json.loads(path.with_suffix(".json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"{path.name} cannot be read: {error}") from error
        return cls.from_bytes(content, manifest)

    @classmethod
    def from_bytes(cls, content, manifest):
        """A model from the bytes of its ``.npz``; nothing in it is executed.

        :raise ModelError: when the bytes are not those that the manifest names
        """
        if hashlib.sha256(content).hexdigest() != manifest.get("sha256"):
            raise ModelError("The model is not the one that its manifest names.")
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                return cls(dict(arrays), manifest)
        except (OSError, ValueError) as error:
            raise ModelError(f"The model cannot be read: {error}") from error

    def to_bytes(self):
        """(bytes of the ``.npz``, manifest with their checksum)."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **self.arrays)
        content = buffer.getvalue()
        return content, {
            **self.manifest,
            "sha256": hashlib.sha256(content).hexdigest(),
        }

    def save(self, path):
        content, manifest = self.to_bytes()
        path.write_bytes(content)
        text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False)
        path.with_suffix(".json").write_text(text + "\n", "utf-8")
