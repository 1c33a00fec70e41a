"""Replies that the assistant reads, while its engine hangs or dies and servers are
killed in the midst of reading.

Real Odoo servers run the job that reads; one reply makes the engine wait for ever, one
ends its process, and one waits long enough for its server to be killed. All others are
read once, a new one comes in meanwhile, and what cannot be read is given up in words.
"""

import time

import psutil
import pytest
from killed_sending import PATIENCE, Database, Servers, _customers, transaction

from odoo.modules.registry import Registry
from odoo.sql_db import close_db
from odoo.tools import config

from odoo.addons.dso_collection.models.dso_qualification import ENGINE
from odoo.addons.dso_collection_maia.models.dso_maia_proposal import MAX_ATTEMPTS

SERVERS = 2
#: Seconds that a message may take here, and the engine to be loaded on a busy machine.
LIMIT = 20
READING = "dso_collection_maia.ir_cron_maia_read"
GOOD = "We will pay on Friday."
#: Replies by what they do to the engine; "wait" is as long as the test wants.
BAD = {"hang": "We pay. HANG", "die": "We pay. DIE"}
#: What becomes of them in the end.
ERRORS = {
    "hang": "The engine took too long.",
    "die": "The engine broke down while it read.",
}
SABOTAGE = """
import os, re, signal, time
engine = importlib.import_module(package + ".embedded").EmbeddedEngine
plain = engine.analyze
def analyze(self, message, context):
    if "HANG" in message.text:
        re.match("(a+)+$", "a" * 64 + "!")
    if "DIE" in message.text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "WAIT" in message.text and not os.path.exists({gate!r}):
        open({gate!r}, "w").close()
        time.sleep(600)
    return plain(self, message, context)
engine.analyze = analyze
"""
#: An addon of the servers: their engine runs with :data:`SABOTAGE`.
ADDON = """
def sabotage():
    from odoo.addons.dso_collection_maia.engine import apart
    last = 'importlib.import_module(package + ".apart")'
    apart._BOOT = apart._BOOT.replace(last, {code!r} + last)
    apart.Reader.__init__.__defaults__ = ({limit},)
"""


@pytest.fixture
def world(new_database):
    """(registry, database) with a customer, whose replies only a job reads."""
    name = new_database()
    testing, config["test_enable"] = config["test_enable"], False
    try:
        registry = Registry(name)
    finally:
        config["test_enable"] = testing
    with transaction(registry) as env:
        env["account.chart.template"].try_loading(
            "generic_coa", env.company, install_demo=False
        )
        job = env.ref(READING)
        env["ir.cron"].search([("id", "!=", job.id)]).active = False
        _customers(env, range(1), "email")
    with transaction(registry) as env:
        env["dso.dirty"]._cron_evaluate_queue()
    database = Database(name)
    yield registry, database
    database.close()
    Registry.delete(name)
    close_db(name)


def options(folder, limit=LIMIT):
    """Options of servers whose engine can be made to hang and to die."""
    addon = folder / "addons" / "dso_sabotage"
    addon.mkdir(parents=True)
    (addon / "__manifest__.py").write_text(
        "{'name': 'Sabotage', 'license': 'LGPL-3', 'depends': ['base'],"
        " 'post_load': 'sabotage'}\n"
    )
    code = SABOTAGE.format(gate=str(folder / "gate"))
    (addon / "__init__.py").write_text(ADDON.format(code=code, limit=limit))
    paths = [*config["addons_path"], str(addon.parent)]
    return [f"--addons-path={','.join(paths)}", "--load=base,web,dso_sabotage"]


def reply(registry, *texts):
    """Ids of new replies; a mail or a page brings them, and no job is waited for."""
    with transaction(registry) as env:
        account = env["dso.account"].search([], limit=1)
        return (
            env["dso.reply"]
            .with_context(dso_engine=ENGINE)
            .create(
                [
                    {"account_id": account.id, "source": "page", "body": text}
                    for text in texts
                ]
            )
            .ids
        )


def proposals(database):
    """{id of a reply: (state, attempts, error, number of situations)}."""
    return {
        row[0]: row[1:]
        for row in database.rows(
            """SELECT p.reply_id, p.state, p.attempts, p.error,
                      (SELECT count(*) FROM dso_maia_proposal_item i
                        WHERE i.proposal_id = p.id)
                 FROM dso_maia_proposal p"""
        )
    }


def wait_for(database, fact, *arguments):
    """Wake the job until a fact is true."""
    until = time.time() + PATIENCE
    while not fact(*arguments):
        database.wake()
        assert time.time() < until, proposals(database)
        time.sleep(0.5)


def all_are(database, state, replies):
    found = proposals(database)
    return all(found[number][0] == state for number in replies)


def later(database):
    """A quarter of an hour passes for what was taken up and not ended."""
    past = "interval '20 minutes'"
    database.rows(f"UPDATE dso_maia_proposal SET claimed_on = claimed_on - {past}")
    database.rows(f"UPDATE ir_cron_trigger SET call_at = call_at - {past}")


def readers(processes):
    """The processes of the engine that servers have started."""
    return [
        child
        for process in processes
        for child in psutil.Process(process.pid).children()
        if child.status() != psutil.STATUS_ZOMBIE and "-c" in child.cmdline()
    ]


@pytest.mark.timeout(1800)
def test_engine_hangs_and_dies(world, tmp_path):
    """§8: what hangs or dies stops no other reply, and is given up after three times,
    in words."""
    registry, database = world
    bad = dict(zip(BAD, reply(registry, *BAD.values()), strict=True))
    good = reply(registry, *[GOOD] * 5)
    log = tmp_path / "odoo.log"
    with Servers(database.name, SERVERS, log, options(tmp_path)) as servers:
        wait_for(database, all_are, database, "ready", good)
        later_on = reply(registry, GOOD)
        wait_for(database, all_are, database, "ready", later_on)
        found = proposals(database)
        assert {found[number][:2] for number in bad.values()} == {("queued", 1)}
        for attempt in range(2, MAX_ATTEMPTS + 1):
            later(database)
            wait_for(
                database,
                lambda attempt=attempt: all(
                    proposals(database)[number][1] == attempt for number in bad.values()
                ),
            )
        wait_for(database, all_are, database, "failed", bad.values())
        found = proposals(database)
        assert {kind: found[number][2] for kind, number in bad.items()} == ERRORS
        wait_for(database, lambda: not readers(servers.processes))
    assert {found[number] for number in good + later_on} == {("ready", 1, None, 1)}
    assert "HANG" not in log.read_text()


@pytest.mark.timeout(1800)
def test_server_killed_while_reading(world, tmp_path):
    """A server is killed while its engine reads: the reply stays, is read a quarter of
    an hour later, once; the others are read at once by who is left."""
    registry, database = world
    [waiting] = reply(registry, "We will pay on Friday. WAIT")
    good = reply(registry, *[GOOD] * 5)
    gate = tmp_path / "gate"
    with Servers(
        database.name, SERVERS, tmp_path / "odoo.log", options(tmp_path, 600)
    ) as servers:
        wait_for(database, gate.exists)
        assert proposals(database)[waiting][:2] == ("queued", 1)
        [reading] = readers(servers.processes)
        [number] = [
            number
            for number, process in enumerate(servers.processes)
            if process.pid == reading.ppid()
        ]
        servers.kill([number])
        wait_for(database, all_are, database, "ready", good)
        assert proposals(database)[waiting][:2] == ("queued", 1)
        later(database)
        wait_for(database, all_are, database, "ready", [waiting])
    found = proposals(database)
    assert found[waiting] == ("ready", 2, None, 1)
    assert {found[number] for number in good} == {("ready", 1, None, 1)}
