"""A company's own model: plain Python, no records."""

from datetime import date
from unittest.mock import patch

import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import adapt
from ..engine.adapt import Figures, Lesson, lesson, parted, refused
from ..engine.embedded import EmbeddedEngine, default_model
from ..engine.labels import CLASSES

DAY = date(2026, 11, 23)
PRICE, LATE = ("dispute", "pricing"), ("on_going", "in_process")
#: What only this company's customers mean by it.
SLANG = [
    "the blue form {} is with the tower again",
    "tower has the blue form {} on its table",
    "we gave blue form {} to the tower, wait",
    "blue form {} lies in the tower",
]


@tagged("post_install", "-at_install")
class TestEngineAdapt(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base = default_model()
        cls.replayed = adapt.shipped_lessons("validation")[::5]
        cls.own = [
            lesson(SLANG[n % 4].format(n), DAY, "en", [PRICE], key=str(n))
            for n in range(40)
        ]

    def adapted(self, own=None, replayed=None):
        return adapt.adapt(
            self.base,
            own or self.own,
            self.replayed if replayed is None else replayed,
            "t",
            None,
        )

    def chance(self, model, text, pair=PRICE):
        one = lesson(text, DAY, "en", [pair])
        engine = EmbeddedEngine(model, None)
        return engine.probabilities(one.prepared)[CLASSES.index(pair)]

    def test_learns_what_a_company_means(self):
        """Words of a company's own are understood, in a text that was not seen."""
        text = "your blue form went up to the tower"
        self.assertLess(self.chance(self.base, text), 0.3)
        self.assertGreater(self.chance(self.adapted(), text), 0.5)

    def test_forgets_nothing(self):
        """What the shipped model got right of the shipped texts stays right."""
        before = adapt.figures(self.base, [], self.replayed, None)
        after = adapt.figures(self.adapted(), [], self.replayed, None)
        self.assertGreaterEqual(after.shipped, before.shipped - adapt.TOLERANCE)

    def test_what_is_known_stays(self):
        """Shipped texts teach nothing anew: beside examples that hardly count, the
        model is the shipped one."""
        faint = [Lesson(o.prepared, o.allowed, 1e-6, o.key) for o in self.own]
        model = self.adapted(faint)
        for name, array in self.base.arrays.items():
            np.testing.assert_allclose(model.arrays[name], array, atol=1e-3)

    def test_replayed(self):
        """Of each class in each language so many texts are looked at again, the same
        each time."""
        few = adapt.shipped_lessons("validation", 1)
        keys = [(o.prepared.lang, o.allowed) for o in few]
        self.assertGreater(len(few), 100)
        self.assertEqual(len(keys), len(set(keys)))

    def test_the_same_each_time(self):
        """The same examples give the same model, in whatever order."""
        one = self.adapted()
        two = self.adapted(self.own[::-1], self.replayed[::-1])
        for name, array in one.arrays.items():
            np.testing.assert_allclose(array, two.arrays[name], atol=2e-4)

    def test_the_shipped_model_is_left_alone(self):
        """Another company's engine is not touched by what one learns."""
        before = {name: array.copy() for name, array in self.base.arrays.items()}
        self.adapted()
        for name, array in self.base.arrays.items():
            np.testing.assert_array_equal(array, before[name])

    def test_at_most_half(self):
        """However many texts a company has, they count for a half of all."""
        text = "your blue form went up to the tower"
        many = [Lesson(o.prepared, o.allowed, 1000.0, o.key) for o in self.own]
        even = len(self.replayed) / len(self.own)
        half = [Lesson(o.prepared, o.allowed, even, o.key) for o in self.own]
        self.assertAlmostEqual(
            self.chance(self.adapted(many), text),
            self.chance(self.adapted(half), text),
            3,
        )

    def test_one_of_several(self):
        """A status that stands for several reasons does not choose between them."""
        pairs = [("on_going", "in_process"), ("on_going", "cash_flow")]
        one = lesson("in process with our accounting", DAY, "en", pairs)
        known = EmbeddedEngine(self.base, None).probabilities(one.prepared)[None]
        targets = adapt._targets([one], known)[0]
        columns = [CLASSES.index(pair) for pair in pairs]
        self.assertAlmostEqual(targets[columns].sum(), 1, 6)
        ratio = known[0, columns[0]] / known[0, columns[1]]
        self.assertAlmostEqual(targets[columns[0]] / targets[columns[1]] / ratio, 1, 4)

    def test_kept_apart(self):
        """One text in five is measured on, always the same, and never learnt from."""
        learn, held = parted(self.own)
        self.assertEqual(len(learn) + len(held), len(self.own))
        self.assertTrue(2 <= len(held) <= 16)
        self.assertEqual(parted(self.own[::-1])[1], held[::-1])

    def test_gate(self):
        """A version is refused when a measure falls by more than half a point, or when
        more disputes are taken for settled."""
        before = Figures(own=0.80, shipped=0.90, dangerous=0.04)

        def after(**values):
            return Figures(**{**vars(before), **values})

        self.assertEqual(refused(before, after()), [])
        self.assertEqual(refused(before, after(own=0.796, shipped=0.896)), [])
        self.assertEqual(refused(before, after(own=0.79)), ["own"])
        self.assertEqual(refused(before, after(shipped=0.89)), ["shipped"])
        self.assertEqual(refused(before, after(dangerous=0.041)), ["dangerous"])
        self.assertEqual(refused(before, after(own=0.9, dangerous=0.03)), [])
        nothing = Figures(own=None, shipped=0.9, dangerous=0)
        self.assertEqual(refused(nothing, nothing), [])

    def test_dangerous(self):
        """A dispute taken for a promise is counted, one taken for a question is not."""
        wrong = [lesson("blue form", DAY, "en", [PRICE])]
        mild = [lesson("blue form", DAY, "en", [("on_going", "other")])]
        said = CLASSES.index(("promise_to_pay", "scheduled_payment"))
        chances = np.eye(len(CLASSES))[said]
        with patch.object(EmbeddedEngine, "probabilities", lambda *_args: chances):
            self.assertEqual(adapt.figures(self.base, wrong, [], None).dangerous, 1)
            self.assertEqual(adapt.figures(self.base, mild, [], None).dangerous, 0)
            self.assertEqual(adapt.figures(self.base, wrong, [], None).own, 0)

    def test_learnt_and_measured(self):
        """On those that were kept apart, beside the version in use."""
        rows = [(SLANG[n % 4].format(n), DAY, "en", [PRICE], 1) for n in range(40)]
        with (
            patch.object(adapt.features, "ENCODER", None),
            patch.object(adapt, "shipped_lessons", lambda *_given: self.replayed),
        ):
            nothing = adapt.encode([(row[0], b"") for row in rows], b"", 600)
            learnt = adapt.learn(self.base, rows, 7, nothing)
        own, held = parted([lesson(*row) for row in rows])
        self.assertEqual(learnt.held, len(held))
        version = f"{self.base.version}.7"
        model = adapt.adapt(self.base, own, self.replayed, version, None)
        self.assertEqual(learnt.manifest["version"], version)
        for found, used in ((learnt.before, self.base), (learnt.after, model)):
            self.assertEqual(found, adapt.figures(used, held, self.replayed, None))
