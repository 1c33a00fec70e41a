"""The main job sends what is due to a real mail server, at any hour, once."""

from datetime import date, datetime

import pytest
from dso_setup import ledger, mailbox, main_job, run
from freezegun import freeze_time

from odoo import SUPERUSER_ID, api
from odoo.modules import module
from odoo.modules.registry import Registry
from odoo.sql_db import close_db
from odoo.tools import config

DAY = date(2026, 3, 15)
SUNDAY = freeze_time(datetime(2026, 3, 15, 10, 0))
LEDGER = """\
invoice,customer,invoice date,due date,amount,settled date,email
A1,Ada,2026-01-10,2026-02-09,100.10,,ada@example.com
B1,Bob,2026-02-01,2026-03-03,200,,bob@example.com
C1,Cy,2026-01-10,2026-02-09,300,,
D1,Di,2026-03-10,2026-06-10,400,,di@example.com
E1,Ed,2026-01-10,2026-02-09,500,2026-03-01,ed@example.com
"""


@pytest.fixture(scope="module")
def registry(new_database, tmp_path_factory):
    """Of a database with this ledger, evaluated, of which nothing was sent."""
    name = new_database()
    path = tmp_path_factory.mktemp("ledger") / "Mine.csv"
    path.write_text(LEDGER)
    # loading a second registry is no reason to run Odoo's own at_install tests
    testing, config["test_enable"] = config["test_enable"], False
    try:
        registry = Registry(name)
    finally:
        config["test_enable"] = testing
    with SUNDAY, registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        company = ledger.load(env, ledger.read(path), DAY)
        ledger.accounts_of(company).evaluate()
        env.ref("base.user_admin").email = "admin@example.com"  # who sends
    yield registry
    Registry.delete(name)
    close_db(name)


@pytest.fixture
def company(registry):
    """The ledger's company; what a test does to it lasts."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        yield env["res.company"].search([("name", "=", "Ledger Mine")])


@pytest.fixture
def box(tmp_path, monkeypatch):
    """A mailbox that Odoo delivers to."""
    monkeypatch.setattr(module, "current_test", False)  # or nothing is sent at all
    with mailbox.Mailbox(tmp_path) as opened:
        monkeypatch.setitem(config.options, "smtp_server", "127.0.0.1")
        monkeypatch.setitem(config.options, "smtp_port", opened.port)
        yield opened


def files(box):
    return sorted(path.name for path in box.folder.iterdir())


def said(rows):
    return [(label.strip(), number) for label, number in rows]


@SUNDAY
def test_nobody_gets_mail_before_sending_is_switched_on(company, box):
    """A ledger's company, whose customers are real."""
    assert not company.dso_sending_active
    assert main_job.send(company)[0] == ("Sent now", 0)
    assert files(box) == []


@SUNDAY
def test_what_is_due_leaves_once_although_it_is_sunday(company, box):
    assert not company._dso_sending_open()
    assert main_job.go_live(company) == 2
    assert said(main_job.send(company)) == [
        ("Sent now", 2),
        ("Reminder 1", 2),
        ("Failed now", 0),
        ("Due, but held back", 0),
    ]
    sent = files(box)
    assert {name[5:].split("-reminder-")[0] for name in sent} == {
        "ada@example.com",
        "bob@example.com",
    }
    assert b"100.10" in (box.folder / next(n for n in sent if "ada" in n)).read_bytes()
    # the hours are closed again for everything else
    assert not company._dso_sending_open()
    [note] = run._notes_on_hours(company)
    assert note.endswith("the server waits for Monday, 08:00.")
    # a second run
    assert main_job.go_live(company) == 0
    assert main_job.send(company)[0] == ("Sent now", 0)
    assert files(box) == sent
    # who switches it off has it off
    company.dso_sending_active = False
    assert main_job.go_live(company) == 0
    assert not company.dso_sending_active


@SUNDAY
def test_what_failed_and_what_waits_is_told_by_cause(company, box, monkeypatch):
    company.dso_sending_active = True
    customer = company.env["res.partner"].search([("name", "=", "Cy")])
    account = ledger.accounts_of(company).filtered(lambda a: a.partner_id == customer)
    customer.email = "cy@example.com"
    account.evaluate()
    assert ("Waits for a confirmation", 1) in said(main_job.send(company))
    account.action_ids.filtered(lambda a: a.state == "planned").action_confirm()
    company.env.cr.commit()
    monkeypatch.setattr(box, "keep", _refuse)
    assert said(main_job.send(company)) == [
        ("Sent now", 0),
        ("Failed now", 1),
        ("Failed", 1),
        ("Due, but held back", 0),
    ]
    assert files(box) == []


def _refuse(*_message):
    raise OSError("the disk is full")
