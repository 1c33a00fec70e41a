"""Servers are killed while they send; each message comes at most once.

150 e-mails or text messages, 30 faxes, two servers and three kills by default;
``DSO_FAULTS=all`` sends 2,000 (200 faxes) with two and with four servers and kills ten
times.
"""

import os
from itertools import cycle, islice

import pytest
from killed_sending import KILLS, Database, Run, Servers, findings, prepare
from killed_sending import without_extension as _without_extension
from sms_sink import SmsSink
from smtp_sink import Sink

from odoo.modules.registry import Registry
from odoo.sql_db import close_db
from odoo.tools import config

IS_ALL = os.environ.get("DSO_FAULTS") == "all"
#: (customers, servers, kills)
SIZES = [(2000, 2, 10), (2000, 4, 10)] if IS_ALL else [(150, 2, 3)]
#: A PDF takes its time.
FAXES = [(200, 2, 10)] if IS_ALL else [(30, 2, 3)]


@pytest.fixture
def live(new_database, tmp_path, capsys):
    """A function that lives a run and returns its findings."""
    opened = []

    def _live(customers, servers, kills, options=(), kind="email"):
        name = new_database()
        opened.append(name)
        # loading a second registry is no reason to run Odoo's own at_install tests
        testing, config["test_enable"] = config["test_enable"], False
        try:
            registry = Registry(name)
        finally:
            config["test_enable"] = testing
        log = tmp_path / "odoo.log"
        database = Database(name)
        with (
            SmsSink(delay=0.05) if kind == "sms" else Sink(tmp_path / "mailbox", 0.02)
        ) as sink:
            people = prepare(registry, customers, sink.port, servers, kind)
            with Servers(name, servers, log, options) as processes:
                run = Run(database, registry, people, sink, processes, tuple(kills))()
            wrong, figures = findings(run)
        database.close()
        with capsys.disabled():
            print()
            for label, figure in figures.items():
                print(f"{label:<28} {figure:>8,}")
            for kind, text in wrong[:10]:
                print(f"{kind}: {text}")
        return wrong, figures

    yield _live
    for name in opened:
        Registry.delete(name)
        close_db(name)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("customers", "servers", "kills"), SIZES)
def test_killed_servers(live, customers, servers, kills):
    """Peers case 36, E19: every action ends; nothing comes twice, nor once settled."""
    wrong, figures = live(customers, servers, islice(cycle(KILLS), kills))
    assert not wrong
    assert figures["dialogues cut"] >= sum(
        kind == "rcpt" for kind in islice(cycle(KILLS), kills)
    )
    assert figures["delivery unknown"] > 0
    assert figures["actions cancelled"] > 0


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("customers", "servers", "kills"), SIZES)
def test_killed_servers_of_text_messages(live, customers, servers, kills):
    """Peers case 36: the same of text messages, beside a provider on loopback."""
    kinds = tuple(islice(cycle(KILLS), kills))
    wrong, figures = live(customers, servers, kinds, kind="sms")
    assert not wrong
    assert figures["dialogues cut"] >= kinds.count("rcpt")
    assert figures["delivery unknown"] > 0
    assert figures["actions cancelled"] > 0


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("customers", "servers", "kills"), FAXES)
def test_killed_servers_of_faxes(live, customers, servers, kills):
    """Peers case 36: the same of faxes, whose PDFs claim what is owed."""
    kinds = tuple(islice(cycle(KILLS), kills))
    wrong, figures = live(customers, servers, kinds, kind="fax")
    assert not wrong
    assert figures["messages in the mailbox"] > 0


def test_as_odoo_sends_text_messages(live, tmp_path):
    """The same through Odoo's own queue fails: a text message comes twice."""
    options = _without_extension(tmp_path / "addons")
    wrong, _figures = live(60, 2, ["data"], options, kind="sms")
    assert "twice" in {kind for kind, _text in wrong}


def test_as_odoo_sends(live, tmp_path):
    """The same with Odoo's own sending fails: a message comes twice."""
    wrong, _figures = live(60, 2, ["data"], _without_extension(tmp_path / "addons"))
    assert "twice" in {kind for kind, _text in wrong}
