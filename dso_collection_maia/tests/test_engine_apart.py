"""The engine in a process of its own: it hangs, dies, fails, and the next is read."""

import io
import os
import pickle
import signal
import sys
import threading
from datetime import date
from unittest.mock import patch

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..engine import apart, reader
from ..engine.embedded import EmbeddedEngine, default_model
from ..engine.model import Model
from ..engine.types import Context, MessageIn

#: Words that make the engine of a process hang in C, die or fail.
SABOTAGE = """
import os, pickle, re, signal
engine = importlib.import_module(package + ".embedded").EmbeddedEngine
reader = importlib.import_module(package + ".reader")
def spoilt(message):
    if "hang" in message.text:
        re.match("(a+)+$", "a" * 64 + "!")
    if "die" in message.text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "fail" in message.text:
        raise ValueError("words")
    if "print" in message.text:
        print("words")
    if "garble" in message.text:
        os.write(1, pickle.dumps((True, "of another one"))[:-9] + b"R")
analyze, read = engine.analyze, reader.read
engine.analyze = lambda self, *given: spoilt(given[0]) or analyze(self, *given)
reader.read = lambda *given: spoilt(given[0]) or read(*given)
"""
LAST = 'importlib.import_module(package + ".apart")'


def sabotaged():
    """How a process with such an engine is started, in place of the usual one."""
    return patch.object(apart, "_BOOT", apart._BOOT.replace(LAST, SABOTAGE + LAST))


def message(text):
    return MessageIn(text, date(2026, 11, 23), "en")


class LateTimer(threading.Timer):
    """Runs off just when it is stopped."""

    def cancel(self):
        self.function()
        return super().cancel()


class NotedTimer(threading.Timer):
    """Is known to the test."""

    made = []

    def __init__(self, *given):
        super().__init__(*given)
        self.made.append(self)


@tagged("post_install", "-at_install")
class TestEngineApart(BaseCase):
    def setUp(self):
        super().setUp()
        self.enterContext(sabotaged())
        self.reader = self.enterContext(apart.Reader(limit=30))
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

    def test_reads_without_judging(self):
        """What a pasted text names, as read here; and an engine that hangs at it."""
        text = message("We pay INV/12 on Friday, 200 EUR.")
        self.assertEqual(
            self.reader.read(text, Context()), reader.read(text, Context())
        )
        with (
            patch.object(self.reader, "_limit", 1),
            self.assertRaises(apart.EngineTimeout),
        ):
            self.reader.read(message("hang"), Context())

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

    def test_garbled(self):
        """What is no answer ends the process: the rest would be taken for the next."""
        self.said_of("ok")
        process = self.reader._process
        with self.assertRaises(apart.EngineDied):
            self.said_of("garble")
        self.assertIsNotNone(process.returncode)
        self.assertEqual(self.said_of("We will pay").status_type, "promise_to_pay")

    def test_interrupted(self):
        """Who waited is interrupted: the answer does not come to the next question, and
        an engine that hangs does not hold up who ends it."""
        for text in ("Invoice 12 is wrong, the price is", "hang"):
            self.said_of("ok")
            process = self.reader._process
            interrupted = patch.object(
                apart.pickle, "load", side_effect=KeyboardInterrupt
            )
            with interrupted, self.assertRaises(KeyboardInterrupt):
                self.said_of(text)
            self.assertEqual(process.returncode, -signal.SIGKILL)
            self.assertEqual(self.said_of("We will pay").status_type, "promise_to_pay")

    def test_ended_while_nobody_asked(self):
        """A process that was ended between two messages, say for its memory, is made
        anew; no message is lost."""
        self.said_of("ok")
        process = self.reader._process
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        self.assertEqual(self.said_of("We will pay").status_type, "promise_to_pay")

    def test_answer_at_the_last_moment(self):
        """The time is over just when the answer is there: it counts, the process is
        not asked any more."""
        reader = self.reader

        with patch.object(apart.threading, "Timer", LateTimer):
            self.assertEqual(self.said_of("We will pay").status_type, "promise_to_pay")
        self.assertIsNone(reader._process)
        self.assertEqual(self.said_of("We will pay").status_type, "promise_to_pay")

    def test_no_timer_stays(self):
        """A timer that goes on would end the process while it reads another one."""
        NotedTimer.made.clear()
        with patch.object(apart.threading, "Timer", NotedTimer):
            self.said_of("ok")
            with self.assertRaises(ValueError):
                self.said_of("fail")
        self.assertTrue(NotedTimer.made)
        self.assertTrue(all(timer.finished.is_set() for timer in NotedTimer.made))

    def test_one_thread(self):
        """Threads of numpy that wait for each other cost a busy host three times as
        much as the work itself."""
        started = apart.subprocess.Popen
        with patch.object(apart.subprocess, "Popen", side_effect=started) as popen:
            self.said_of("ok")
        given = popen.call_args.kwargs["env"]
        self.assertEqual(given["OPENBLAS_NUM_THREADS"], "1")
        self.assertEqual(given["OMP_NUM_THREADS"], "1")
        self.assertEqual(given["PATH"], os.environ["PATH"])

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
            self.assertEqual(process.wait(20), -signal.SIGALRM)


@tagged("post_install", "-at_install")
class TestEngineServes(BaseCase):
    """The main of the process, here: what comes in, what goes out."""

    def served(self, do, *verbs, limit=7):
        """(answers to these verbs, what was printed, seconds of the alarm in turn)."""
        given = io.BytesIO(b"".join(pickle.dumps((verb, ())) for verb in verbs))
        taken, printed = io.TextIOWrapper(io.BytesIO()), io.StringIO()
        with (
            patch.object(sys, "stdin", io.TextIOWrapper(given)),
            patch.object(sys, "stdout", taken),
            patch.object(sys, "stderr", printed),
            patch.object(sys, "argv", ["-c", "", str(limit)]),
            patch.object(apart.signal, "alarm") as alarm,
            patch.object(apart, "_do", do),
            mute_logger(apart.__name__),
        ):
            apart.serve()
        taken.buffer.seek(0)
        answers = [pickle.load(taken.buffer) for _verb in verbs]  # noqa: S301 - ours
        self.assertFalse(taken.buffer.read())
        seconds = [call.args[0] for call in alarm.call_args_list]
        return answers, printed.getvalue(), seconds

    def test_in_their_order(self):
        """Each question has one answer, in its turn; what is printed is none."""
        answers, printed, _seconds = self.served(
            lambda verb: sys.stdout.write("words\n") and verb, "one", "two"
        )
        self.assertEqual(answers, [(True, "one"), (True, "two")])
        self.assertEqual(printed, "words\nwords\n")

    def test_alarm(self):
        """It is set for each question, a second after who asked ends it, and not while
        nobody asks; after an error, too."""

        def do(verb):
            if verb == "fail":
                raise ValueError(verb)

        answers, _printed, seconds = self.served(do, "ok", "fail", "ok")
        self.assertEqual(seconds, [8, 0] * 3)
        self.assertEqual([done for done, _answer in answers], [True, False, True])
        self.assertIsInstance(answers[1][1], ValueError)

    def test_what_cannot_be_told(self):
        """An error, or an answer, that cannot be sent is told by its name."""

        class Strange(Exception):
            pass

        def do(verb):
            if verb == "fail":
                raise Strange
            return Strange() if verb == "odd" else verb

        answers, _printed, _seconds = self.served(do, "fail", "odd", "ok")
        for done, error in answers[:2]:
            self.assertFalse(done)
            self.assertIsInstance(error, apart.EngineDied)
            self.assertIn("Strange", str(error))
        self.assertEqual(answers[2], (True, "ok"))
