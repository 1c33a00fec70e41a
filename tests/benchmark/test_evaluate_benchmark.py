"""The benchmark on its smallest ledger: how much work is done, not how fast.

Bounds are counts and ratios within one run, wide enough for any machine; what they
catch is work that grows with the number of customers.
"""

import benchmark_run
import pytest


@pytest.fixture(scope="module")
def measured(new_database, tmp_path_factory):
    """Facts and rows of one run on 10,000 open items of 1,000 customers."""
    folder = tmp_path_factory.mktemp("benchmark")
    options = ("--size", "10k", "--companies", "2")
    return benchmark_run.figures(
        "evaluate", new_database(), folder, *options, timeout=900
    )


def _row(measured, start):
    [row] = [row for name, row in measured["rows"].items() if name.startswith(start)]
    return row


def test_everybody_is_evaluated(measured):
    """Each customer has an account in his companies, nearly all of them a leader."""
    facts = measured["facts"]
    assert 1000 <= facts["accounts"] <= 1200
    assert facts["with a leader"] > 0.9 * facts["accounts"]
    assert facts["proposals"] > 0.9 * facts["with a leader"]
    assert facts["left"] == 0


@pytest.mark.parametrize(
    ("work", "queries"),
    [("first evaluation", 150), ("next night", 60), ("1 % changed", 12), ("one", 12)],
)
def test_queries(measured, work, queries):
    """Queries do not grow with the customers of a chunk."""
    assert _row(measured, work)["queries"] <= queries


@pytest.mark.parametrize(
    ("work", "times"), [("first evaluation", 250), ("next night", 60)]
)
def test_times_the_floor(measured, work, times):
    """CPU stays within a multiple of the least that plain SQL needs.

    A join that is quadratic in the chunk already shows at this size.
    """
    row = _row(measured, work)
    if row["postgres"] is None:
        pytest.skip("PostgreSQL runs on another machine: its CPU time is not known")
    ratio = (row["python"] + row["postgres"]) / row["floor"]
    print(f"{work}: {ratio:.1f} times its floor")
    assert ratio <= times


def test_memory(measured):
    """The process holds no ledger: the peak is that of Odoo itself."""
    assert _row(measured, "first evaluation")["peak"] <= 300
