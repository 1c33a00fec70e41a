"""The assistant's benchmark on few messages: no hang, no message that takes for ever.

Bounds are about three times what is measured where nothing else runs; CPU time, as
others may use the cores too.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

#: Milliseconds that any message may take.
BUDGET = 2000


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Figures of one small run, with the encoder where it is installed."""
    target = tmp_path_factory.mktemp("maia") / "figures.json"
    script = Path(__file__).with_name("maia.py")
    command = [sys.executable, str(script), "--no-docs", "--json", str(target)]
    done = subprocess.run(
        [*command, "--messages", "24"], capture_output=True, text=True, timeout=900
    )
    print(done.stdout)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(target.read_text())


def test_milliseconds_of_a_message(measured):
    """A short one costs a fraction of a second, a long one no more than its budget."""
    assert measured["short"]["median"] <= 300
    assert measured["long"]["worst"] <= BUDGET


def test_memory(measured):
    """A worker that reads messages stays below 300 MB."""
    for work in measured.values():
        assert work["memory"] <= 300


def test_forked_workers_do_not_hang(measured):
    """The encoder was used before the fork; each worker gets its own, and ends."""
    assert measured["four workers"]["workers"] == 4


def test_hostile_texts_end_in_time(measured):
    """20,000 words, and worse: none takes longer than a long letter may."""
    costs = {k: v for k, v in measured["hostile"].items() if k != "memory"}
    assert len(costs) > 10
    assert {name: cost for name, cost in costs.items() if cost > BUDGET} == {}
