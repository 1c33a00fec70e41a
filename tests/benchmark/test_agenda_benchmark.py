"""The benchmark of the agenda on a few accounts: how much work is done, not how fast.

Bounds are counts, so that they hold on any machine; what they catch is a query for each
row of a screen.
"""

import benchmark_run
import pytest


@pytest.fixture(scope="module")
def measured(new_database, tmp_path_factory):
    """Figures of one run with 400 accounts, more than a page for each user."""
    folder = tmp_path_factory.mktemp("benchmark")
    options = ("--accounts", "400")
    return benchmark_run.figures("agenda", new_database(), folder, *options)


@pytest.mark.parametrize(
    ("work", "queries"),
    [
        ("manual: first page, credit manager", 30),
        ("counters of both tabs, credit manager", 6),
        ("manual: search by customer, credit manager", 40),
        ("manual: kanban by due, credit manager", 40),
        ("history: first page, credit manager", 20),
        ("chart: done by month and type, credit manager", 6),
    ],
)
def test_queries(measured, work, queries):
    """A screen needs a constant number of queries, however many rows it shows."""
    assert measured[work]["queries"] <= queries


def test_a_page_costs_everybody_the_same(measured):
    """A collector's page of 20 rows needs the queries of a page of 80."""
    page = "manual: first page"
    mine = measured[f"{page}, collector"]["queries"]
    assert measured[f"{page}, credit manager"]["queries"] <= mine + 3
