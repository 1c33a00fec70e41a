"""The benchmark of sending on a few customers: how much work is done, not how fast.

Bounds are counts and ratios within one run, wide enough for any machine.
"""

import benchmark_run
import pytest


@pytest.fixture(scope="module")
def measured(new_database, tmp_path_factory):
    """Figures of one run with 200 e-mails."""
    folder = tmp_path_factory.mktemp("benchmark")
    options = ("--customers", "100")
    return benchmark_run.figures("send", new_database(), folder, *options)


def test_everything_is_queued(measured):
    """Nearly each customer has a leader, and both of his e-mails are queued."""
    assert 180 <= measured["sent until queued"]["count"] <= 200


def test_queries(measured):
    """At most 12 queries for an e-mail, from the lock to the outbox."""
    queries = measured["sent until queued"]["queries"]
    print(f"{queries:.1f} queries each")
    assert queries <= 12


def test_times_the_floor(measured):
    """Locks, evaluation and checks cost less than the e-mail itself."""
    row = measured["sent until queued"]
    ratio = row["cpu"] / row["floor"]
    print(f"{ratio:.1f} times Odoo's composer alone")
    assert ratio <= 2
