"""Servers are killed while they print letters; each letter is printed once.

40 letters, two servers and three kills by default; ``DSO_FAULTS=all`` prints 300 and
kills ten times. A clerk asks for print files and posts them all the while; customers
pay, and nothing that was paid before is printed.
"""

import io
import os
import random
import threading
import time
from collections import Counter

import psycopg2
import pytest
from killed_sending import (
    PATIENCE,
    Database,
    Payer,
    Servers,
    _customers,
    transaction,
)
from pypdf import PdfReader
from sms_sink import ITEM

from odoo import Command
from odoo.modules.registry import Registry
from odoo.sql_db import close_db
from odoo.tools import config

IS_ALL = os.environ.get("DSO_FAULTS") == "all"
CUSTOMERS, KILLS = (300, 10) if IS_ALL else (40, 3)
JOBS = (
    "dso_collection.ir_cron_send",
    "dso_collection.ir_cron_letters",
    "dso_collection.ir_cron_evaluate_queue",
)


def prepare(registry, count):
    """Let ``count`` customers be due for a letter each; return them."""
    with transaction(registry) as env:
        company = env.company
        env["account.chart.template"].try_loading(
            "generic_coa", company, install_demo=False
        )
        text = env["mail.template"].create(
            {
                "name": "Items",
                "model_id": env["ir.model"]._get_id("dso.action"),
                "subject": "Reminder",
                "lang": "{{ object.lang_code }}",
                "body_html": "<div><t t-out='object.items_table'/></div>",
            }
        )
        letter = env["dso.action.model"].create(
            {
                "name": "Letter",
                "type": "letter",
                "mode": "auto",
                "template_id": text.id,
            }
        )
        step = {"action_model_id": letter.id, "days": 3, "mode": "auto"}
        scenario = env["dso.scenario"].create(
            {
                "name": "One letter",
                "minimum_gap": 7,
                "step_ids": [Command.create(step)],
            }
        )
        company.write(
            {
                "email": "collection@company.example",
                "dso_tz": "UTC",
                "dso_client_type_id": False,
                "dso_scenario_id": scenario.id,
                "dso_sending_calendar_id": False,
                "dso_sending_active": True,
            }
        )
        jobs = env["ir.cron"]
        for xmlid in JOBS:
            jobs |= env.ref(xmlid)
        env["ir.cron"].search([("id", "not in", jobs.ids)]).active = False
        for job in jobs[:2]:
            job.copy()  # a job runs once at a time, and two servers are to work at once
    with transaction(registry) as env:
        customers = _customers(env, range(count), "email")
    with transaction(registry) as env:
        env["dso.dirty"]._cron_evaluate_queue()
    return customers


class Clerk(threading.Thread):
    """Asks for print files of what waits, and posts what is ready."""

    def __init__(self, registry):
        super().__init__(name="clerk")
        self.registry = registry
        self.over = threading.Event()
        self.failure = None

    def run(self):
        while not self.over.wait(0.5):
            for verb in (self._print, self._post):
                try:
                    with transaction(self.registry) as env:
                        verb(env)
                except psycopg2.errors.OperationalError:
                    continue  # a person presses the button once more
                except Exception as failure:  # shown by the test's own thread
                    self.failure = failure
                    return

    def _print(self, env):
        waiting = env["dso.letter"].search(
            [("state", "=", "waiting"), ("batch_id", "=", False)], limit=15
        )
        if waiting:
            waiting.action_print()

    def _post(self, env):
        for batch in env["dso.letter.batch"].search([("state", "=", "ready")]):
            batch.action_posted()
        for batch in env["dso.letter.batch"].search([("state", "=", "failed")]):
            batch.action_try_again()


class Printed:
    """Takes the place of the sink: which customers were written to already."""

    def __init__(self):
        self.dialogues = {}


@pytest.mark.timeout(3600)
def test_killed_printers(new_database, tmp_path, capsys):
    """Peers case 36: every letter ends; none is printed twice, nor once settled."""
    wrong, figures = _live(new_database(), tmp_path)
    with capsys.disabled():
        print()
        for label, figure in figures.items():
            print(f"{label:<28} {figure:>8,}")
    assert not wrong, wrong[:10]
    assert figures["letters posted"] > CUSTOMERS / 2
    assert figures["actions cancelled"] > 0


def test_without_the_last_look(new_database, tmp_path):
    """The same without the look before a letter is printed fails: paid ones claim."""
    addon = tmp_path / "addons" / "dso_not_looking"
    addon.mkdir(parents=True)
    (addon / "__manifest__.py").write_text(
        "{'name': 'No last look', 'license': 'LGPL-3', 'depends': ['base'],"
        " 'post_load': 'take_away'}\n"
    )
    (addon / "__init__.py").write_text(
        "def take_away():\n"
        "    from odoo.addons.dso_collection.models.dso_letter import DsoLetter\n\n"
        "    DsoLetter._look = lambda self: self\n"
    )
    paths = [*config["addons_path"], str(addon.parent)]
    options = [f"--addons-path={','.join(paths)}", "--load=base,web,dso_not_looking"]
    wrong, _figures = _live(new_database(), tmp_path, options, slow=True)
    assert any("before" in text for text in wrong), wrong


def _live(name, tmp_path, options=(), slow=False):
    """Live a run.

    :param slow: the clerk begins when all payments are there
    :return: as :func:`findings`
    """
    testing, config["test_enable"] = config["test_enable"], False
    try:
        registry = Registry(name)
    finally:
        config["test_enable"] = testing
    database = Database(name)
    try:
        customers = prepare(registry, CUSTOMERS)
        clerk = Clerk(registry)
        payer = Payer(registry, customers, Printed(), 1)
        chance = random.Random(1)
        with Servers(name, 2, tmp_path / "odoo.log", options) as servers:
            if slow:
                _wait_for_letters(database)
            payer.start()
            if slow:
                payer.join(PATIENCE)
            clerk.start()
            try:
                for number in range(0 if slow else KILLS):
                    _until(database, (number + 0.5) * CUSTOMERS / KILLS / 2)
                    threading.Event().wait(chance.uniform(0, 1))
                    servers.kill([0, 1] if number % 2 else [chance.randrange(2)])
                payer.join(PATIENCE)
                _drain(database)
            finally:
                payer.over.set()
                payer.join()
                clerk.over.set()
                clerk.join()
        assert not clerk.failure, clerk.failure
        assert not payer.failure, payer.failure
        return findings(registry, customers)
    finally:
        database.close()
        Registry.delete(name)
        close_db(name)


def _wait_for_letters(database):
    """Wait until a letter of every customer waits."""
    end = time.time() + PATIENCE
    while _count(database, "state = 'waiting'") < CUSTOMERS:
        database.wake()
        assert time.time() < end, "no letters"
        threading.Event().wait(0.5)


def _until(database, count):
    """Wait until so many letters are printed."""
    _wait(
        database,
        lambda: _count(database, "state IN ('made', 'posted')"),
        lambda printed: printed >= count,
    )


def _drain(database):
    """Wait until nothing is left to print or to post."""
    _wait(
        database,
        lambda: (
            _count(database, "state IN ('waiting', 'made')"),
            database.left()[0],
            database.left()[3],
        ),
        lambda left: not any(left),
    )


def _wait(database, look, is_enough):
    """Wait as long as something moves; a busy machine may take its time."""
    seen, end = None, 0
    while not is_enough(now := look()):
        if now != seen:
            seen, end = now, time.time() + PATIENCE
        assert time.time() < end, f"stuck at {now}, left: {database.left()}"
        database.wake()
        threading.Event().wait(0.5)


def _count(database, where):
    [[count]] = database.rows(f"SELECT count(*) FROM dso_letter WHERE {where}")
    return count


def findings(registry, customers):
    """[what is wrong] and {name: figure}."""
    wrong, printed = [], Counter()
    with transaction(registry) as env:
        paid = {}
        for customer in customers:
            paid.update(customer.paid)
        posted = env["dso.letter"].search([("state", "=", "posted")])
        for letter in posted:
            began = letter.attachment_id.create_date.timestamp()
            for number in _claimed(letter.attachment_id.raw):
                if number in paid and paid[number] < began:
                    wrong.append(f"{number} paid {began - paid[number]:.1f} s before")
        for batch in env["dso.letter.batch"].search([("state", "=", "posted")]):
            own = batch.letter_ids.filtered(lambda letter: letter.state == "posted")
            pages = len(PdfReader(io.BytesIO(batch.attachment_id.raw)).pages)
            if pages != sum(own.mapped("page_count")):
                wrong.append(f"{batch.name}: {pages} pages of {len(own)} letters")
            printed.update(_claimed(batch.attachment_id.raw))
        wrong += [f"{number} twice" for number, times in printed.items() if times > 1]
        by_action = Counter(posted.mapped("action_id.id"))
        wrong += [
            f"action {key} twice" for key, times in by_action.items() if times > 1
        ]
        actions = env["dso.action"].search([])
        for action in actions.filtered(lambda a: a.state == "done"):
            if (action.delivery, by_action[action.id]) != ("sent", 1):
                wrong.append(f"{action.id}: {action.delivery}, {by_action[action.id]}")
        figures = {
            "customers": len(customers),
            "payments meanwhile": len(paid),
            "letters posted": len(posted),
            "letters rendered anew": env["dso.letter"].search_count(
                [("state", "=", "withdrawn")]
            ),
            "print files": env["dso.letter.batch"].search_count([]),
            "actions done": len(actions.filtered(lambda a: a.state == "done")),
            "actions cancelled": len(
                actions.filtered(lambda a: a.state == "cancelled")
            ),
        }
    return wrong, figures


def _claimed(content):
    """Numbers of the invoices that stand in a PDF, as often as they do."""
    text = "\n".join(
        page.extract_text() for page in PdfReader(io.BytesIO(content)).pages
    )
    return [number for number, _amount in ITEM.findall(text)]
