"""An administrator's first hour, and that nothing is left of it after an uninstall.

A plain Odoo with Invoicing in which somebody keeps books. The addon is installed from
the Apps menu, set up on its first page, used, upgraded and uninstalled. Then the schema
and every row of every table must be what they were before: see untouched.py for the
few that Odoo itself changes.
"""

import contextlib
import socket

import pytest
from browser import administrator
from collecting import collect, count, keep_books
from playwright.sync_api import expect
from untouched import Snapshot

ADDONS = ("dso_collection", "dso_collection_maia", "dso_collection_reports")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def books(new_database, open_database, serve):
    """A database with books and without our addons; the admin has logged in once."""
    database = new_database("dso_base")
    with open_database(database) as env:
        keep_books(env)
    port = free_port()
    with serve(database, port), administrator(f"http://localhost:{port}"):
        pass  # the first log-in makes the user's settings
    return database


@pytest.mark.timeout(1800)
def test_first_hour_and_last(books, new_database, open_database, serve, odoo_command):
    """Install, first steps, use, upgrade, uninstall: nothing else was touched."""
    database = new_database(books)
    before = Snapshot(database)
    port = free_port()
    url = f"http://localhost:{port}"
    with serve(database, port), administrator(url) as admin:
        admin.install("DSO Collection")
        first_steps(admin)
    with open_database(database) as env:
        assert env.company.dso_minimum_amount == 5
        done = collect(env)
        assert all(done.values()), done
    upgrade(odoo_command, database, "dso_collection")
    with open_database(database) as env:
        assert count(env) == done, "lost by the upgrade"
    with serve(database, port), administrator(url) as admin:
        admin.uninstall("DSO Collection")
    assert_untouched(before, database)


@pytest.mark.timeout(1800)
def test_all_addons(books, new_database, open_database, odoo_command):
    """The three addons together, from the command line, go without a trace, too."""
    database = new_database(books)
    before = Snapshot(database)
    names = ",".join(ADDONS)
    odoo_command("-d", database, "-i", names, "--stop-after-init", "--no-http")
    with open_database(database) as env:
        done = collect(env)
        assert all(done.values()), done
    upgrade(odoo_command, database, names)
    with open_database(database) as env:
        assert count(env) == done, "lost by the upgrade"
    # the other two go with the one that they depend on
    odoo_command("module", "uninstall", "-d", database, "dso_collection")
    assert_untouched(before, database)


def upgrade(odoo_command, database, names):
    odoo_command("-d", database, "-u", names, "--stop-after-init", "--no-http")


def assert_untouched(before, database):
    left = before.difference(Snapshot(database))
    assert not left, "left behind:\n" + "\n".join(left)


def first_steps(admin):
    """The page that shows what collection sees, settings, and the first evaluation."""
    page = admin.page
    admin.open_app("Collection")
    admin.open_menu("Configuration", "Settings")
    page.locator("[name=dso_minimum_amount] input").fill("5")
    save = page.get_by_role("button", name="Save")
    # what the browser still computes when it is pressed makes the page unsaved again
    for _press in range(5):
        save.click()
        with contextlib.suppress(AssertionError):
            expect(save).to_be_hidden(timeout=10_000)
            break
    expect(save).to_be_hidden()
    admin.open_app("Collection")
    admin.open_menu("Configuration", "First steps")
    overview = page.locator("[name=overview]")
    expect(overview).to_contain_text("Invoices")
    expect(overview).to_contain_text("Credit notes")
    # the opening entry of a general journal, which Odoo keeps out of follow-ups
    expect(overview).to_contain_text("Left out (no follow-up)")
    expect(page.locator("[name=journal_ids]")).to_contain_text(
        "Miscellaneous Operations"
    )
    # Brook & Sons
    expect(page.locator("[name=no_contact_count]")).to_have_text("1")
    expect(page.locator("[name=minimum_amount] input")).to_have_value("5.00")
    page.get_by_role("button", name="Evaluate now").click()  # it opens the agenda
    rows = page.locator(".o_list_view .o_data_row")
    expect(rows).to_have_count(3)
    for customer in ("Azure Lane", "Brook & Sons", "Cedar Mill"):
        expect(rows.filter(has_text=customer)).to_contain_text("Reminder 1")
