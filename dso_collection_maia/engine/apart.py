"""The engine in a process of its own, which may hang or die without taking along the
job, or the user's window, that asked it.

A loop in C holds its thread and every other one: only the end of its process ends it.
The process needs no Odoo and no database, is started when it is first asked, and goes
when the job ends. What it needs of time and memory does not count for the worker.
"""

import contextlib
import importlib
import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path

#: Seconds of the clock that a message may take, loading the engine included: what takes
#: two on an idle machine is let through on a very busy one.
LIMIT = 60
#: What tells numpy how many threads to use.
THREADS = "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"
_logger = logging.getLogger(__name__)
#: Makes this package known under its name without what stands above it, then serves.
_BOOT = """
import importlib, json, sys, types
sys.path[:], folder, package = json.loads(sys.argv[1])
above = package.split(".")[:-1]
for length in range(1, len(above) + 1):
    module = sys.modules[".".join(above[:length])] = types.ModuleType(above[length - 1])
    module.__path__ = [folder] if length == len(above) else []
if not above:
    sys.path.insert(0, folder)
importlib.import_module(package + ".apart").serve()
"""


class EngineDied(RuntimeError):
    """The engine's process ended while it read a message."""


class EngineTimeout(EngineDied):
    """It was ended, as it took longer than a message may take."""


class Reader:
    """A process with the engine, for one job: a context manager.

    :param limit: seconds that each question may take
    """

    def __init__(self, limit=LIMIT):
        self._limit = limit
        self._process, self._model = None, None

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self._end()

    def engine(self, model=None):
        """The engine with a model, to be used while this is open.

        :param model: :class:`.model.Model`, the shipped one when None
        :return: what has ``name`` and ``analyze`` of :class:`.embedded.EmbeddedEngine`
        """
        return _Remote(self, model)

    def read(self, message, context):  # pylint: disable=method-required-super
        """As :func:`.reader.read`; raises :class:`EngineDied`."""
        return self.ask(self._model, "read", message, context)

    def encode(self, *arguments):
        """As :func:`.adapt.encode`; raises :class:`EngineDied`."""
        return self.ask(self._model, "encode", *arguments)

    def learn(self, model, *arguments):
        """As :func:`.adapt.learn` with a model; raises :class:`EngineDied`."""
        return self.ask(model, "learn", *arguments)

    def ask(self, model, verb, *arguments):
        """What the engine's ``verb`` gives.

        :raise EngineTimeout: when it took too long
        :raise EngineDied: when its process ended; the next one asks a new process
        """
        late = threading.Event()

        def end():
            late.set()
            process.kill()

        process = self._started()
        timer = threading.Timer(self._limit, end)
        timer.daemon = True
        timer.start()
        answered = False
        try:
            if model is not self._model:
                self._tell("model", (model and (model.arrays, model.manifest),))
                self._model = model
            done, answer = self._tell(verb, arguments)
            answered = True
        except Exception as error:
            # whatever comes of half an answer, or of one that is none
            if late.is_set():
                raise EngineTimeout(f"It took more than {self._limit} s.") from error
            raise EngineDied("The engine's process ended.") from error
        finally:
            timer.cancel()
            # what it still says would be taken for the answer to the next question
            if not answered or late.is_set():
                self._end()
        if not done:
            raise answer
        return answer

    def _tell(self, verb, arguments):
        pickle.dump((verb, arguments), self._process.stdin)
        self._process.stdin.flush()
        return pickle.load(self._process.stdout)  # noqa: S301 - our own process

    def _started(self):
        if self._process is None or self._process.poll() is not None:
            self._end()
            package = __name__.rpartition(".")[0]
            folder = str(Path(__file__).resolve().parents[1])
            place = json.dumps([list(sys.path), folder, package])
            self._process = subprocess.Popen(  # noqa: S603 - this program, our words
                [sys.executable, "-c", _BOOT, place, str(self._limit)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # on a busy host its threads would wait for each other, at full load
                env={**os.environ, **dict.fromkeys(THREADS, "1")},
            )
        return self._process

    def _end(self):
        process, self._process, self._model = self._process, None, None
        if process is not None:
            process.kill()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):  # what it did not take any more
                    stream.close()
            process.wait()


class _Remote:
    def __init__(self, reader, model):
        self._reader, self._model = reader, model

    @property
    def name(self):
        return self._reader.ask(self._model, "name")

    def analyze(self, message, context):
        """As :meth:`.embedded.EmbeddedEngine.analyze`; raises :class:`EngineDied`."""
        return self._reader.ask(self._model, "analyze", message, context)


def serve():
    """Answer what comes in, until nobody asks any more. The main of the process."""
    given, taken = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever is printed is no answer
    limit = int(sys.argv[2]) + 1
    while True:
        try:
            verb, arguments = pickle.load(given)  # noqa: S301 - from who started us
        except EOFError:
            return
        # who asked may be gone, and then nobody else ends a loop
        _alarm(limit)
        try:
            answer = True, _do(verb, *arguments)
        except Exception as error:
            _logger.exception("Engine")
            answer = False, error
        _alarm(0)
        try:
            content = pickle.dumps(answer)
        except Exception:  # an error of a library need not be one that can be told
            content = pickle.dumps((False, EngineDied(type(answer[1]).__name__)))
        taken.write(content)
        taken.flush()


def _alarm(seconds):
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)  # not handled: it ends the process, also out of C


_ENGINE = []


def _part(name):
    # only when it is asked for: who asks needs none of it
    return importlib.import_module(f".{name}", __package__)


def _do(verb, *arguments):
    if verb == "read":
        return _part("reader").read(*arguments)
    if verb == "encode":
        return _part("adapt").encode(*arguments)
    embedded = _part("embedded")
    if verb == "model" or not _ENGINE:
        known = arguments[0] if verb == "model" else None
        model = known and _part("model").Model(*known)
        _ENGINE[:] = [embedded.EmbeddedEngine(model=model)]
        if verb == "model":
            return None
    engine = _ENGINE[0]
    if verb == "learn":
        return _part("adapt").learn(engine.model, *arguments)
    return engine.name if verb == "name" else engine.analyze(*arguments)
