"""`setup/shell [DB]`."""

import subprocess
import sys

from . import databases, postgres
from .console import Problem, main, say


def run(arguments):
    if arguments[:1] in (["-h"], ["--help"]):
        say("usage: setup/shell [DB]   an `odoo shell`, by default on dso_demo")
        return 0
    with postgres.running():
        databases.configure()
        database = arguments[0] if arguments else databases.make_demo()
        if databases.key_of(database) is None:
            raise Problem(f"there is no database {database}", _cure())
        command = ["shell", "-d", database, "--no-http", "--log-level=warn"]
        return subprocess.run([sys.executable, "-m", "odoo", *command]).returncode


def _cure():
    rows = databases.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE 'dso%' ORDER BY 1"
    )
    names = ", ".join(row[0] for row in rows) or "none yet: start setup/run"
    return f"name one of those there are ({names})"


if __name__ == "__main__":
    main(run)
