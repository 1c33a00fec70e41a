"""A browser beside Odoo's own tests: with or without scripts, as wide as one likes."""

import resource
import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

PROGRAMS = ("google-chrome", "chromium", "chromium-browser")


@contextmanager
def chromium():
    """A browser of playwright's; pages in it are its user's to make."""
    program = next(filter(None, map(shutil.which, PROGRAMS)))
    with unlimited_memory(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@contextmanager
def unlimited_memory():
    """Odoo limits its process's address space; a browser reserves far more."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limits[1], limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
