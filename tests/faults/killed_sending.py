"""Automatic messages while the servers that send them are killed, what came of it.

Customers with one or two overdue invoices each are to get one automatic e-mail, text
message or fax. Several
Odoo servers work on the database, all of them sending at the same time; some are killed
with SIGKILL, in the midst of a dialogue with the mail server among other moments, and
started again; meanwhile customers pay. :func:`findings` then compares the mailbox with
what the database says and with when which payment was there.
"""

import contextlib
import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

import psutil
import psycopg2
from pypdf import PdfReader
from sms_sink import ITEM, TextMessage

from odoo import SUPERUSER_ID, Command, api
from odoo.tools import config

#: A payment counts as known to a dialogue that begins so many seconds after its commit:
#: between the last look at the ledger and MAIL FROM, the mail is written out.
MARGIN = 0.5
THREADS = 2  # of each server, for scheduled jobs
PATIENCE = 180  # seconds without what is waited for
BATCH = 250
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_notrack": True}
JOBS = (
    "dso_collection.ir_cron_send",
    "dso_collection.ir_cron_evaluate_queue",
)
#: The job that empties the outbox, by kind of message.
OUTBOXES = {
    "email": "mail.ir_cron_mail_scheduler_action",
    "fax": "mail.ir_cron_mail_scheduler_action",
    "sms": "sms.ir_cron_sms_scheduler_action",
}
#: How a kill finds its moment: all servers or one of them at any moment; the one whose
#: message the mail server is about to take, or has just taken without having said so.
KILLS = ("all", "data", "rcpt", "any")


@dataclass
class Customer:
    """One customer of the run; invoices are {number: amount}."""

    id: int
    address: str  # as the world's end sees it: e-mail address, number
    invoices: dict
    paid: dict = field(default_factory=dict)  # {number: time of the commit}


@contextlib.contextmanager
def transaction(registry):
    with registry.cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, dict(QUIET))


# ------------------------------------------------------------------------ the database
def prepare(registry, count, port, servers, kind="email"):
    """Let ``count`` customers be due for a message each; return them.

    :param kind: type of the messages: email, sms, fax

    Only the jobs of collection and of outgoing mail stay active, and each server gets
    its own to send with: a job runs once at a time, and two are to send at once.
    """
    with transaction(registry) as env:
        company = env.company
        env["account.chart.template"].try_loading(
            "generic_coa", company, install_demo=False
        )
        scenario = env["dso.scenario"].create(
            {
                "name": "One automatic message",
                "minimum_gap": 7,  # none for another leader either
                "step_ids": [
                    Command.create(
                        {
                            "action_model_id": _action_model(env, kind).id,
                            "days": 3,
                            "mode": "auto",
                        }
                    )
                ],
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
        if kind == "sms":
            use_provider(env, port)
        else:
            use_mail_server(env, port)
        company.dso_fax_pattern = "{number}@fax.example.com"
        _use_jobs(env, servers, kind)
    customers = []
    for start in range(0, count, BATCH):
        with transaction(registry) as env:
            numbers = range(start, min(start + BATCH, count))
            customers += _customers(env, numbers, kind)
    with transaction(registry) as env:
        env["dso.dirty"]._cron_evaluate_queue()
    return customers


def use_mail_server(env, port):
    env["ir.mail_server"].search([]).active = False
    env["ir.mail_server"].create(
        {
            "name": "Loopback",
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_encryption": "none",
        }
    )


def use_provider(env, port):
    """Send text messages through Odoo's own provider, which is a sink on loopback."""
    env["ir.config_parameter"].set_param("sms.endpoint", f"http://127.0.0.1:{port}")
    service = env["iap.service"].search([("technical_name", "=", "sms")])
    env["iap.account"].create({"service_id": service.id, "account_token": "loopback"})


def _action_model(env, kind):
    """An action model whose text names each claimed item with its amount."""
    reminder = env.ref("dso_collection.model_reminder_1")
    if kind == "email":
        return reminder
    text = env["mail.template"].create(
        {
            "name": "Items",
            "model_id": env["ir.model"]._get_id("dso.action"),
            "subject": "Reminder",
            "lang": "{{ object.lang_code }}",
            "body_html": "<div><t t-out='object.items_table'/></div>",
        }
    )
    return reminder.copy(
        {"name": kind, "type": kind, "mode": "auto", "template_id": text.id}
    )


def _use_jobs(env, servers, kind):
    jobs = env["ir.cron"]
    for xmlid in (*JOBS, OUTBOXES[kind]):
        jobs |= env.ref(xmlid)
    env["ir.cron"].search([("id", "not in", jobs.ids)]).active = False
    for job in jobs:
        if job != env.ref("dso_collection.ir_cron_evaluate_queue"):
            for _server in range(servers - 1):
                job.copy()


def _customers(env, numbers, kind):
    partners = env["res.partner"].create(
        [
            {
                "name": f"Customer {number:04}",
                "email": f"customer{number}@example.com",
                "phone": f"+3247{number:07}",
                "dso_fax": f"+3225{number:06}",
                "street": f"Street {number}",
                "city": "Brussels",
                "is_company": True,
            }
            for number in numbers
        ]
    )
    due = date.today() - timedelta(days=20)
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": due - timedelta(days=30 + age),
                "invoice_date_due": due - timedelta(days=age),
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "As delivered",
                            "price_unit": 100 + number + age,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
            for number, partner in zip(numbers, partners, strict=True)
            for age in ((0, 5) if number % 4 == 0 else (0,))
        ]
    )
    moves.action_post()
    invoices = defaultdict(dict)
    for move in moves:
        invoices[move.partner_id][move.name] = move.amount_total
    address = {
        "email": lambda partner: partner.email,
        "sms": lambda partner: partner.phone,
        "fax": lambda partner: f"{partner.dso_fax[1:]}@fax.example.com",
    }[kind]
    return [Customer(each.id, address(each), invoices[each]) for each in partners]


class Database:
    """What is asked of the database beside Odoo."""

    def __init__(self, name):
        self.name = name
        self.connection = psycopg2.connect(dbname=name)
        self.connection.autocommit = True
        self.bell = psycopg2.connect(dbname="postgres")
        self.bell.autocommit = True

    def close(self):
        self.connection.close()
        self.bell.close()

    def rows(self, query, *arguments):
        with self.connection.cursor() as cursor:
            cursor.execute(query, arguments)
            return cursor.fetchall() if cursor.description else []

    def wake(self):
        """Make all jobs due now, and tell the servers."""
        self.rows(
            """INSERT INTO ir_cron_trigger (cron_id, call_at)
               SELECT id, now() AT TIME ZONE 'UTC' FROM ir_cron c
                WHERE active AND NOT EXISTS (
                      SELECT FROM ir_cron_trigger WHERE cron_id = c.id)"""
        )
        with self.bell.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", [self.name])

    def left(self):
        """What still has to happen: actions to send, mails to deliver."""
        [row] = self.rows(
            """SELECT (SELECT count(*) FROM dso_action
                        WHERE delivery = 'queued' OR state = 'planned'
                          AND date <= (now() AT TIME ZONE 'UTC')::date),
                      (SELECT count(*) FROM mail_mail WHERE state = 'outgoing'),
                      (SELECT count(*) FROM sms_sms
                        WHERE state IN ('outgoing', 'dso_queued')),
                      (SELECT count(*) FROM dso_dirty)"""
        )
        return row

    def oldest_run(self):
        """When the job ended last whose end is the longest ago; None: one never did."""
        [[moment, missing]] = self.rows(
            """SELECT extract(epoch FROM min(lastcall) AT TIME ZONE 'UTC'),
                      count(*) FILTER (WHERE lastcall IS NULL)
                 FROM ir_cron WHERE active"""
        )
        return None if missing else float(moment)

    def actions(self):
        """{customer: [(state, delivery)]} of what was due."""
        found = defaultdict(list)
        for partner, *action in self.rows(
            """SELECT a.partner_id, x.state, x.delivery FROM dso_action x
                 JOIN dso_account a ON a.id = x.account_id
                WHERE x.state <> 'planned'
                   OR x.date <= (now() AT TIME ZONE 'UTC')::date
             ORDER BY x.id"""
        ):
            found[partner].append(tuple(action))
        return found


# ------------------------------------------------------------------------- the servers
class Servers:
    """Odoo server processes that only run scheduled jobs."""

    def __init__(self, database, count, log, options=()):
        self.command = [
            *(sys.executable, "-m", "odoo", "-d", database, "--no-http"),
            *(f"--max-cron-threads={THREADS}", "--log-level=warn"),
            *(f"--logfile={log}", *options),
        ]
        self.processes = [None] * count
        self.killed = 0

    def __enter__(self):
        for number in range(len(self.processes)):
            self.start(number)
        return self

    def __exit__(self, *_exception):
        for process in self.processes:
            _kill(process)

    def start(self, number):
        self.processes[number] = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def kill(self, numbers):
        for number in numbers:
            _kill(self.processes[number])
            self.killed += 1
        for number in numbers:
            self.start(number)

    def of(self, peer):
        """The number of the server that has the TCP port ``peer``."""
        for number, process in enumerate(self.processes):
            with contextlib.suppress(psutil.NoSuchProcess):
                seen = psutil.Process(process.pid)
                connections = getattr(seen, "net_connections", None) or seen.connections
                if any(each.laddr.port == peer for each in connections(kind="tcp")):
                    return number
        raise AssertionError(f"no server has port {peer}")


def _kill(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def without_extension(folder):
    """Options of a server on which mails leave as Odoo itself sends them."""
    addon = folder / "dso_sending_off"
    addon.mkdir(parents=True)
    (addon / "__manifest__.py").write_text(
        "{'name': 'Sending as in Odoo', 'license': 'LGPL-3', 'depends': ['base'],"
        " 'post_load': 'take_away'}\n"
    )
    (addon / "__init__.py").write_text(
        "def take_away():\n"
        "    from odoo.addons.dso_collection.models.mail_mail import MailMail\n"
        "    from odoo.addons.dso_collection.models.sms_sms import SmsSms\n\n"
        "    del MailMail._send\n"
        "    def as_odoo(self):\n"
        "        self.env.cr.execute(\"UPDATE sms_sms SET state = 'outgoing'\"\n"
        "                            \" WHERE state = 'dso_queued'\")\n"
        "        self.env.invalidate_all()\n\n"
        "    SmsSms._dso_process_queue = as_odoo\n"
        "    del SmsSms._send, SmsSms.write\n"
    )
    paths = [*config["addons_path"], str(folder)]
    return [f"--addons-path={','.join(paths)}", "--load=base,web,dso_sending_off"]


# ------------------------------------------------------------------------------ events
class Payer(threading.Thread):
    """Pays invoices of customers who have got nothing yet, one after the other.

    Half of them are those whose turn is next, so that payments meet their dialogues.
    """

    def __init__(self, registry, customers, sink, seed):
        super().__init__(name="payer")
        self.registry = registry
        self.customers = customers
        self.sink = sink
        self.random = random.Random(seed)
        self.limit = len(customers) // 4
        self.over = threading.Event()
        self.failure = None

    def run(self):
        try:
            for _payment in range(self.limit):
                customer = self._next()
                if customer is None or self.over.is_set():
                    return
                self._pay(customer)
        except Exception as failure:  # shown by the test's own thread
            self.failure = failure

    def _next(self):
        reached = {each.to for each in list(self.sink.dialogues.values())}
        waiting = [
            customer
            for customer in self.customers
            if customer.address not in reached and not customer.paid
        ]
        if not waiting:
            return None
        soon = waiting[:20] if self.random.random() < 0.5 else waiting
        return self.random.choice(soon)

    def _pay(self, customer):
        number = self.random.choice(sorted(customer.invoices))
        for attempt in range(5):
            try:
                with transaction(self.registry) as env:
                    move = env["account.move"].search([("name", "=", number)])
                    env["account.payment.register"].with_context(
                        active_model="account.move", active_ids=move.ids
                    ).create({})._create_payments()
                break
            except psycopg2.errors.OperationalError:  # as Odoo does for its users
                if attempt == 4:
                    raise
        customer.paid[number] = time.time()


class Pump(threading.Thread):
    """Makes the jobs due over and over: a killed server forgets what it ran."""

    def __init__(self, name):
        super().__init__(name="pump")
        self.database = Database(name)
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(0.5):
            self.database.wake()
        self.database.close()


@dataclass
class Run:
    """One run, from the first server's start until nothing is left to do."""

    database: Database
    registry: object
    customers: list
    sink: object
    servers: Servers
    kills: tuple
    seed: int = 1

    def __call__(self):
        chance = random.Random(self.seed)
        payer = Payer(self.registry, self.customers, self.sink, self.seed)
        pump = Pump(self.database.name)
        self.started = time.time()
        pump.start()
        payer.start()
        try:
            for number, kind in enumerate(self.kills):
                share = 0.6 * (number + chance.random() * bool(number))
                self._reach(1 + int(len(self.customers) * share / len(self.kills)))
                self._kill(kind, chance)
            payer.join(PATIENCE)
            self._drain()
            self.seconds = time.time() - self.started
            self._once_more()
        finally:
            payer.over.set()
            pump.over.set()
            payer.join()
            pump.join()
        if payer.failure:
            raise payer.failure
        return self

    def _reach(self, count):
        seen = self.sink.dialogues
        reached = self.sink.wait_for(
            lambda: sum(bool(each.accepted) for each in seen.values()) >= count,
            PATIENCE,
        )
        assert reached, f"not {count} messages: {len(seen)}, {self.database.left()}"

    def _kill(self, kind, chance):
        everybody = range(len(self.servers.processes))
        if kind in ("rcpt", "data"):
            self.sink.hold(kind)
            assert self.sink.wait_for(lambda: self.sink.held, PATIENCE), "no dialogue"
            self.servers.kill([self.servers.of(self.sink.held.peer)])
            self.sink.release()
            return
        threading.Event().wait(chance.uniform(0, 0.5))  # any moment
        self.servers.kill(everybody if kind == "all" else [chance.choice(everybody)])

    def _drain(self):
        until = time.time() + PATIENCE
        left, messages = self.database.left(), len(self.sink.dialogues)
        while any(left):
            more = messages + 10
            self.sink.wait_for(lambda more=more: len(self.sink.dialogues) > more, 1)
            now = self.database.left(), len(self.sink.dialogues)
            if now != (left, messages):
                until = time.time() + PATIENCE
            left, messages = now
            assert time.time() < until, f"left: {left}"

    def _once_more(self):
        """Let each job run once more when everything is over."""
        begin, until = time.time() + 1, time.time() + PATIENCE
        while (self.database.oldest_run() or 0) < begin:
            self.sink.wait_for(lambda: False, 0.5)
            assert time.time() < until, "a job does not run any more"


# ----------------------------------------------------------------------- what came out
def findings(run):
    """[(kind, what is wrong)] and {name: figure} of a run."""
    actions = run.database.actions()
    dialogues = defaultdict(list)
    for each in run.sink.dialogues.values():
        dialogues[each.to].append(each)
    unnamed = dialogues.pop("", [])  # ended before the recipient was named
    messages = defaultdict(list)
    for message in run.sink.messages():
        messages[message.to].append(message)
    wrong = []
    cut = 0
    latest = 0.0
    for customer in run.customers:
        own = actions[customer.id]
        tried = dialogues[customer.address]
        came = messages[customer.address]
        left = [delivery for state, delivery in own if state == "done"]
        is_cut = any(not each.accepted for each in tried)
        cut += is_cut
        facts = {
            "not ended": any(
                state not in ("done", "cancelled", "error") for state, _delivery in own
            ),
            "twice": len(came) > 1,
            "tried again": len(tried) > 1,
            "cut, not unknown": is_cut and left != ["unknown"],
            "came, not sent": came and left not in (["sent"], ["unknown"]),
            "sent, did not come": not came and "sent" in left,
            "nothing left": not (left or customer.paid),
        }
        facts = [kind for kind, is_so in facts.items() if is_so]
        for message in came:
            began = run.sink.dialogues[message.number].began
            facts += _differences(customer, message, began)
            latest = max([latest, *_unseen(customer, message, began)])
        wrong += [(fact, f"{customer}, {own}, {tried}") for fact in facts]
    ids = [message.id for each in messages.values() for message in each]
    if len(ids) != len(set(ids)):
        wrong.append(("twice", "a Message-Id came twice"))
    every = [action for own in actions.values() for action in own]
    states = [state for state, _delivery in every]
    unknown = sum(delivery == "unknown" for _state, delivery in every)
    if unknown > run.servers.killed * THREADS:
        wrong.append(
            ("too many unknown", f"{unknown} after {run.servers.killed} kills")
        )
    return wrong, {
        "customers": len(run.customers),
        "servers": len(run.servers.processes),
        "servers killed": run.servers.killed,
        "payments meanwhile": sum(len(each.paid) for each in run.customers),
        "messages in the mailbox": len(ids),
        "actions done": states.count("done"),
        "actions cancelled": states.count("cancelled"),
        "actions in error": states.count("error"),
        "dialogues cut": cut + len(unnamed),
        "delivery unknown": unknown,
        "payment not seen, ms": round(1000 * latest),
        "seconds": round(run.seconds),
    }


def _claimed(message):
    """{number of an invoice: amount} that a message of any kind claims."""
    if isinstance(message, TextMessage):
        return message.claimed()
    if message.pdf:
        pages = PdfReader(io.BytesIO(message.pdf)).pages
        text = " ".join(page.extract_text() for page in pages)
        return {
            number: float(amount.replace(",", ""))
            for number, amount in ITEM.findall(text.split("credits deducted")[0])
        }
    rows = message.tables().get("Open invoices", ())
    return {number: float(amount) for number, _due, amount in rows}


def _unseen(customer, message, began):
    """How long before the dialogue something was paid that the message claims."""
    for number in _claimed(message):
        if number in customer.paid:
            yield began - customer.paid[number]


def _differences(customer, message, began):
    """What the message claims and was paid, or owes and is not claimed."""
    claimed = _claimed(message)
    for number, amount in customer.invoices.items():
        paid = customer.paid.get(number)
        if paid and paid < began - MARGIN and number in claimed:
            yield f"paid {began - paid:.2f} s before: {number}"
        if (not paid or paid > began) and claimed.get(number) != amount:
            yield f"other amount: {number}, {claimed.get(number)} not {amount}"
