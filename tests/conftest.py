"""What the suites of this folder can use. `setup/test` runs them.

*In the process.* pytest-odoo opens the test database (a copy of a database that has the
addons and no demo data) and serves it over HTTP: `odoo.tests.TransactionCase` and
`HttpCase` work here as in an addon. The folder `setup/` is on the path:
`from dso_setup import ledger`.

*In processes of their own*, for suites that commit, kill, upgrade or uninstall: the
fixtures below. PGHOST, PGUSER, ODOO_RC and PATH are set for the commands createdb,
psql, pg_dump and `python -m odoo` as they are.

Module names are unique over all suites, as there are no packages here.
"""

import contextlib
import itertools
import os

import pytest


@pytest.fixture(scope="module")
def new_database(request):
    """A function that makes a database of the module's own, dropped at its end.

    ``new_database()`` has our addons and no demo data; ``new_database("dso_base")`` is
    an Odoo with Invoicing on which nothing of ours was ever installed.
    """
    from dso_setup import databases  # there when `setup/test` runs us

    prefix = request.config.getoption("--odoo-database")
    made = []

    def make(template="dso_template"):
        if template == "dso_base":
            with databases.alone("template"):
                databases.make_base(demo=False)
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        names = (f"{prefix}_{worker}{number}" for number in itertools.count(1))
        name = next(name for name in names if databases.key_of(name) is None)
        made.append(name)
        databases.clone(template, name)
        return name

    yield make
    for name in made:
        databases.drop(name)


@pytest.fixture(scope="session")
def odoo_command():
    """A function that runs `odoo ARGUMENTS` to its end; it fails with the cause."""
    from dso_setup import databases

    return databases.odoo


@pytest.fixture(scope="session")
def open_database():
    """``with open_database(name) as env:`` the superuser in a database as it is now.

    Addons may have come or gone since it was open last. At the end it is committed,
    and nothing of it is left in this process.
    """
    return _open_database


@contextlib.contextmanager
def _open_database(name):
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_db
    from odoo.tools import config

    Registry.delete(name)
    testing = config["test_enable"]
    try:
        config["test_enable"] = False  # or loading runs the addons' own tests
        registry = Registry(name)
        config["test_enable"] = testing
        with registry.cursor() as cursor:
            yield api.Environment(cursor, SUPERUSER_ID, {})
    finally:
        config["test_enable"] = testing
        Registry.delete(name)
        close_db(name)


@pytest.fixture(scope="session")
def serve():
    """``with serve(database, port):`` a server process on http://localhost:port."""
    from dso_setup import databases

    return databases.serving


@pytest.fixture(scope="module", autouse=True)
def true_statistics(request):
    """Let the planner start each suite with what the tables hold: nothing.

    A suite may fill and analyze tables in a transaction that it rolls back. Once
    autovacuum has been there, they count as large and without a row, which gives the
    next suite plans of a square's cost. A vacuum truncates them.
    """
    database = request.config.getoption("--odoo-database")
    if database and "DSO_ROOT" in os.environ:
        from dso_setup import databases

        if worker := os.environ.get("PYTEST_XDIST_WORKER"):
            database = f"{database}-{worker}"  # its copy, as pytest-odoo names it

        rows = databases.execute(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename ~ '^(account|dso|mail|res_partner)'",
            database=database,
        )
        databases.execute(
            f"VACUUM (SKIP_LOCKED) {', '.join(name for (name,) in rows)}",
            database=database,
        )


#: Suites that take minutes, the longest first.
LONG = ("replay", "proofs", "property", "faults", "lifecycle", "mutation", "benchmark")


def pytest_collection_modifyitems(items):
    """Begin with what takes longest, so that no worker waits for it at the end."""
    places = {f"tests/{name}/": place for place, name in enumerate(LONG)}

    def place(item):
        found = (n for start, n in places.items() if item.nodeid.startswith(start))
        return next(found, len(LONG))

    items.sort(key=place)


def pytest_terminal_summary(terminalreporter):
    if os.environ.get("DSO_HOOKS_FAILED"):
        terminalreporter.write_line("pre-commit hooks FAILED: see above the tests")
