"""The benchmark of the reports on a few items: how much work is done, not how fast.

Bounds are counts, so that they hold on any machine; what they catch is a query for each
row of a report.
"""

import benchmark_run
import pytest

REPORTS = (
    "status report: totals by type",
    "status report: first page",
    "status report: totals of a past day",
    "aged balance: first page by customer",
    "aged balance: totals of a past day",
    "DSO: total",
    "DSO: by collector",
)


@pytest.fixture(scope="module")
def measured(new_database, tmp_path_factory):
    """Figures of one run with 2,000 items, more than a page of customers."""
    folder = tmp_path_factory.mktemp("benchmark")
    return benchmark_run.figures("reports", new_database(), folder, "--items", "2000")


@pytest.mark.parametrize("work", REPORTS)
def test_queries(measured, work):
    """A report needs a constant number of queries, however many items it reads."""
    assert 0 < measured[work]["queries"] <= 20
