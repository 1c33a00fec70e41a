"""`setup/test [PYTEST ARGUMENTS]`: every check, in one pytest run that ends the output.

Without arguments: the pre-commit hooks on all files, then the tests of all addons and
the suites in `tests/`. With arguments, pytest alone with them, in the top folder:

    setup/test dso_collection -k leader
    setup/test tests/replay --durations=5

Tests run on a copy of a database that has the addons and no demo data; it is made
anew when an addon changes, and the copy is dropped at the end. `tests/conftest.py` says
what a suite can use. Without arguments two workers share the files, each with a copy of
its own.
"""

import os
import subprocess
import sys

from . import databases, postgres
from .console import main, say, step

#: A file is run by one worker as a whole: its suite may have a database of its own.
#: Files come in the order of `tests/conftest.py`, not by their number of tests.
WORKERS = [
    *("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"),
    *("-p", "dso_setup.worker_files"),
]


def run(arguments):
    if arguments in (["-h"], ["--help"]):
        say(__doc__)
        return 0
    hooks_failed = not arguments and _hooks()
    with postgres.running():
        databases.configure()
        _drop_left_behind()
        template = databases.make_template()
        database = f"dso_test_{os.getpid()}"
        databases.clone(template, database)
        try:
            code = _pytest(database, arguments, hooks_failed)
        finally:
            databases.drop(database)
    return code or hooks_failed


def _hooks():
    """Run pre-commit on all files; 1 when a hook fails."""
    step("Hooks: pre-commit on all files")
    # they bring their own packages, and must not see ours
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment.setdefault("PRE_COMMIT_HOME", f"{os.environ['DSO_CACHE']}/pre-commit")
    command = ["pre-commit", "run", "--all-files", "--show-diff-on-failure"]
    code = subprocess.run(
        command, cwd=databases.ROOT, env=environment, stdin=subprocess.DEVNULL
    ).returncode
    return int(code != 0)


def _pytest(database, arguments, hooks_failed):
    step("Tests: pytest")
    arguments = arguments or WORKERS
    command = [
        *(sys.executable, "-m", "pytest", f"--odoo-database={database}"),
        *("--odoo-http", *arguments),
    ]
    environment = dict(os.environ)
    if hooks_failed:
        environment["DSO_HOOKS_FAILED"] = "1"  # said again above the closing line
    return subprocess.run(
        command, cwd=databases.ROOT, env=environment, stdin=subprocess.DEVNULL
    ).returncode


def _drop_left_behind():
    """Drop the databases of test runs that were killed."""
    rows = databases.execute(
        "SELECT datname FROM pg_database WHERE datname ~ '^dso_test_[0-9]+'"
    )
    for (name,) in rows:
        process = name.removeprefix("dso_test_").split("-")[0].split("_")[0]
        if not os.path.exists(f"/proc/{process}"):
            databases.drop(name)


if __name__ == "__main__":
    main(run)
