"""How the set-up speaks: a line per step, and one line with its cure per failure."""

import errno
import os
import signal
import sys
import time

STARTED = float(os.environ.get("DSO_STARTED") or time.time())


class Problem(Exception):
    """Something the user can cure: what is wrong, and what to do about it."""

    def __init__(self, what, cure):
        super().__init__(f"{what}. Cure: {cure}.")


def step(text):
    """Tell on standard error what is being done, and since when we are at it."""
    sys.stderr.write(f"[{time.time() - STARTED:4.0f}s] {text}\n")


def say(text):
    """Print a result on standard output."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(function):
    """Run a command; a :class:`Problem` ends it with one line, not with a traceback."""
    # what was started gets stopped, however we are asked to end
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))
    try:
        sys.exit(function(sys.argv[1:]))
    except Problem as problem:
        step(f"ERROR: {problem}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        step(f"ERROR: the disk is full ({error.filename}). Cure: free 2 GB there.")
        sys.exit(1)
