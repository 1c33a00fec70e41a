"""The real ledger with sending, into a mailbox: sending_replay.py.

Its first three months by default; ``DSO_REPLAY=all`` replays its two years.
"""

import os
from datetime import timedelta

import pytest
from dso_setup import ledger
from replayed_ledger import ledger_file
from sending_replay import CLAIMED, DISPUTED, SendingReplay
from smtp_sink import Sink

QUARTER = timedelta(days=91)


@pytest.mark.timeout(3600)
def test_each_message_says_what_the_ledger_says(
    new_database, open_database, tmp_path, capsys
):
    """L17: each e-mail arrives once and claims nothing paid, disputed or starred."""
    path = ledger_file()
    invoices = ledger.read(path).invoices
    is_quarter = os.environ.get("DSO_REPLAY", "quarter") != "all"
    with (
        open_database(new_database()) as env,
        Sink(tmp_path / "mailbox") as sink,
    ):
        replay = SendingReplay(env, invoices, sink)
        try:
            replay.run(replay.first + QUARTER if is_quarter else None)
            replay.check_end()
        finally:
            with capsys.disabled():
                print(f"\n{replay.report()}")
    figures = replay.figures
    assert figures["e-mails in the mailbox"] > 100
    assert figures[f"listed: {CLAIMED}"] > figures["e-mails in the mailbox"]
    assert figures[f"listed: {DISPUTED}"] > 0
    assert figures["withdrawn: settled"] > 0
    assert figures["rendered again"] > 0
