"""pytest plugin: each worker of a test run has files of its own.

pytest-odoo copies the database for each worker, but lets all of them, and every other
database that a worker opens, use one filestore: what one collects as garbage another
misses.
"""

import os
import shutil
from pathlib import Path
from unittest.mock import patch

import pytest


@pytest.fixture(scope="session", autouse=True)
def worker_files(load_registry, request):
    """Let Odoo find files as it does outside of tests, in a copy of the test files."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker:
        yield
        return
    from odoo.tools import config

    def filestore(database):
        return type(config).filestore(config, database)

    database = request.config.getoption("--odoo-database")
    original = Path(filestore(database))
    own = Path(filestore(f"{database}-{worker}"))
    if original.exists():
        # files of a filestore are never changed, only added and removed
        shutil.copytree(original, own, copy_function=os.link, dirs_exist_ok=True)
    with patch.object(config, "filestore", filestore):
        yield
    shutil.rmtree(own, ignore_errors=True)
