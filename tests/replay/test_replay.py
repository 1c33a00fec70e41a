"""A real ledger, day by day, by the database and by `rules.py`: replayed_ledger.py.

Its first three months by default; ``DSO_REPLAY=all`` replays its two years.
"""

import os
from datetime import timedelta

import pytest
from dso_setup import ledger
from replayed_ledger import Replay, ledger_file

QUARTER = timedelta(days=91)
#: How far the slowest payers of the file come in the scenario.
REACHED = {"Preventive reminder", "Reminder 1", "Phone call", "Reminder 2"}


@pytest.mark.timeout(3600)
def test_ledger_day_by_day(new_database, open_database, capsys):
    """L1-L17: in no transaction of two years do the two forms of the rules differ."""
    path = ledger_file()
    invoices = ledger.read(path).invoices
    with open_database(new_database()) as env:
        replay = Replay(env, invoices)
        is_quarter = os.environ.get("DSO_REPLAY", "quarter") != "all"
        try:
            replay.run(replay.first + QUARTER if is_quarter else None)
        finally:
            with capsys.disabled():
                print(f"\n{replay.report()}")
    figures = replay.figures
    if is_quarter:
        assert figures["days"] == QUARTER.days + 1
        return
    # nothing of the file was left out, and every customer's life came to its end
    assert len(invoices) == figures["issued"] == figures["settled"] == 2466
    assert len(replay.customers) == 100
    assert figures["raised"] > 250
    assert set(replay.actions) == REACHED
    assert not any(outcome.proposal for outcome in replay.shadow.outcomes.values())
