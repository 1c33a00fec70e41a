"""The engine in a process of its own: it hangs, dies, fails, and the next is read."""

import os
import signal
from datetime import date
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..engine import apart
from ..engine.embedded import EmbeddedEngine, default_model
from ..engine.model import Model
from ..engine.types import Context, MessageIn

#: Words that make the engine of a process hang in C, die or fail.
SABOTAGE = """
import os, re, signal
engine = importlib.import_module(package + ".embedded").EmbeddedEngine
plain = engine.analyze
def analyze(self, message, context):
    if "hang" in message.text:
        re.match("(a+)+$", "a" * 64 + "!")
    if "die" in message.text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "fail" in message.text:
        raise ValueError("words")
    if "print" in message.text:
        print("words")
    return plain(self, message, context)
engine.analyze = analyze
"""
LAST = 'importlib.import_module(package + ".apart")'


def sabotaged():
    """How a process with such an engine is started, in place of the usual one."""
    return patch.object(apart, "_BOOT", apart._BOOT.replace(LAST, SABOTAGE + LAST))


def message(text):
    return MessageIn(text, date(2026, 11, 23), "en")


@tagged("post_install", "-at_install")
class TestEngineApart(BaseCase):
    def setUp(self):
        super().setUp()
        self.enterContext(sabotaged())
        self.reader = self.enterContext(apart.Reader())
        self.engine = self.reader.engine()

    def said_of(self, text):
        return self.engine.analyze(message(text), Context())

    def test_same_as_in_this_process(self):
        """Each message is read as here, by one process."""
        here = EmbeddedEngine()
        for text in ("We pay INV/12 on Friday.", "print", "Wir zahlen am 4.12. 200 €"):
            self.assertEqual(self.said_of(text), here.analyze(message(text), Context()))
        self.assertEqual(self.engine.name, here.name)
        process = self.reader._process
        self.said_of("ok")
        self.assertIs(self.reader._process, process)

    def test_hanging(self):
        """A loop that no thread of its process could end."""
        self.said_of("ok")
        process = self.reader._process
        with (
            patch.object(self.reader, "_limit", 1),
            self.assertRaises(apart.EngineTimeout),
        ):
            self.said_of("hang")
        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.assertEqual(self.said_of("We will pay").status_type, "promise_to_pay")

    def test_dying(self):
        with self.assertRaises(apart.EngineDied) as died:
            self.said_of("die")
        self.assertNotIsInstance(died.exception, apart.EngineTimeout)
        self.assertEqual(self.said_of("We will pay").status_type, "promise_to_pay")

    def test_failing(self):
        """An error is that of the engine; its process goes on."""
        self.said_of("ok")
        process = self.reader._process
        with self.assertRaisesRegex(ValueError, "words"):
            self.said_of("fail")
        self.said_of("ok")
        self.assertIs(self.reader._process, process)

    def test_models_of_companies(self):
        """Each message is read with the model of its company."""
        shipped = default_model()
        learnt = Model(shipped.arrays, {**shipped.manifest, "version": "9.1"})
        own = self.reader.engine(learnt)
        names = [each.name for each in (own, self.engine, own)]
        self.assertEqual(names[0], names[2])
        self.assertIn("9.1", names[0])
        self.assertEqual(names[1], EmbeddedEngine().name)
        with self.assertRaises(apart.EngineDied):
            own.analyze(message("die"), Context())
        self.assertIn("9.1", own.analyze(message("ok"), Context()).engine)

    def test_its_end(self):
        """Nothing is left when the job ends."""
        with apart.Reader() as reader:
            self.assertIsNone(reader._process)  # nothing to read, nothing started
            reader.engine().analyze(message("ok"), Context())
            process = reader._process
        self.assertIsNotNone(process.returncode)

    def test_an_orphan_ends(self):
        """Who asked was killed while the engine hangs: an alarm ends its process."""
        with apart.Reader(limit=1) as reader:
            process = reader._started()
            with patch.object(apart.pickle, "load", lambda _stream: (True, None)):
                reader._tell("analyze", (message("hang"), Context()))
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            self.assertEqual(process.wait(), -signal.SIGALRM)
