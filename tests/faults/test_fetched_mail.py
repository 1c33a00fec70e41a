"""E-mails out and back by real servers: SMTP to a sink, answers from dovecot's IMAP.

A reminder leaves, the answers of a dozen mail programs wait in a real mailbox, and
Odoo's own incoming mail server fetches them. Then the fetching process is killed at
every point at which something could be lost or doubled, and at random ones.
"""

import email
import imaplib
import os
import random
import signal
import time
import traceback
from collections import Counter
from unittest.mock import patch

import psycopg2
import pytest
from imap_server import PASSWORD, USER, ImapServer
from killed_sending import PATIENCE, prepare, transaction
from smtp_sink import Sink

from odoo.modules.registry import Registry
from odoo.sql_db import close_db
from odoo.tools import config

from odoo.addons.dso_collection.tests import mail_samples
from odoo.addons.mail.models.fetchmail import FetchmailServer

#: Answers that wait while the process is killed at random moments.
MANY = 24
#: Where the process is killed: it has read a message from its server, it is writing the
#: reply, it has committed and not yet told the server.
POINTS = ("fetched", "writing", "committed")


@pytest.fixture(scope="module")
def mailbox():
    with ImapServer() as server:
        yield server


@pytest.fixture(scope="module")
def world(new_database, mailbox, tmp_path_factory):
    """(registry, dict of the reminder that left): one customer was written to."""
    name = new_database()
    testing, config["test_enable"] = config["test_enable"], False
    try:
        registry = Registry(name)
    finally:
        config["test_enable"] = testing
    with Sink(tmp_path_factory.mktemp("sink")) as sink:
        prepare(registry, 1, sink.port, 1)
        with transaction(registry) as env:
            env.company.alias_domain_id = env["mail.alias.domain"].create(
                {"name": "company.example", "catchall_alias": "catchall"}
            )
            env["dso.account"].search([]).capture = True
            env["fetchmail.server"].create(
                {
                    "name": "Dovecot",
                    "server_type": "imap",
                    "server": "127.0.0.1",
                    "port": mailbox.port,
                    "user": USER,
                    "password": PASSWORD,
                    "state": "done",
                }
            )
        _in_child(registry, _send)
        assert sink.wait_for(lambda: len(sink.accepted) == 1, PATIENCE)
        [path] = sink.folder.glob("*.eml")
        sent = email.message_from_bytes(path.read_bytes())
    yield registry, {"to": sent["Reply-To"], "answered": sent["Message-Id"]}
    close_db(name)


def _send(registry):
    with (
        transaction(registry) as env,
        patch.object(type(env["ir.mail_server"]), "_disable_send", lambda self: False),
    ):
        env["dso.action"]._cron_send()
        env["mail.mail"].process_email_queue()


def _fetch(registry):
    with transaction(registry) as env:
        failure = env["fetchmail.server"].search([])._fetch_mail()
        if failure:
            raise failure


def _in_child(registry, work, kill_after=None):
    """Do something in a process of its own, as a server does.

    :param kill_after: seconds after which it is killed, if it still runs
    :return: whether it came to its end
    """
    close_db(registry.db_name)  # no connection is shared
    child = os.fork()
    if not child:
        try:
            config["test_enable"] = False
            work(registry)
            os._exit(0)
        except BaseException:  # told by the exit code: pytest is in the parent only
            traceback.print_exc()
        finally:
            os._exit(1)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _child, status = os.waitpid(child, 0)
    assert kill_after is not None or os.WIFSIGNALED(status) or status == 0
    return status == 0


def _dying(registry, point):
    """Work that fetches, and kills its process at a point of the first message."""

    def die(*_args, **_options):
        os.kill(os.getpid(), signal.SIGKILL)

    def fetched(self, *args, **options):
        answer = fetch(self, *args, **options)
        die()
        return answer

    fetch = imaplib.IMAP4.fetch
    target, name, value = {
        "fetched": (imaplib.IMAP4, "fetch", fetched),
        "writing": (registry["dso.reply"], "_adopt_files", die),
        "committed": (imaplib.IMAP4, "store", die),
    }[point]

    def work(registry):
        with patch.object(target, name, value):
            _fetch(registry)

    return work


def _replies(registry):
    """{Message-Id: how many replies it became}."""
    with transaction(registry) as env:
        return Counter(env["dso.reply"].search([]).mapped("message_key"))


def _answers(reminder, start, count):
    return [
        (
            f"From: customer0@example.com\r\nTo: {reminder['to']}\r\n"
            f"Subject: Re: Reminder {number}\r\nMessage-Id: <many.{number}@example>\r\n"
            f"In-Reply-To: {reminder['answered']}\r\n\r\nAnswer {number}\r\n"
        ).encode()
        for number in range(start, start + count)
    ]


@pytest.mark.timeout(3600)
def test_round_trip(world, mailbox):
    """§8: what every mail program answers lands once, on its account and action."""
    registry, reminder = world
    samples = mail_samples.samples(
        reminder["to"], reminder["answered"], "customer0@example.com"
    )
    mailbox.deliver(*(sample.content for sample in samples))
    assert mailbox.unseen() == len(samples)
    assert _in_child(registry, _fetch)
    assert mailbox.unseen() == 0
    with transaction(registry) as env:
        replies = env["dso.reply"].search([], order="id")
        assert len(replies) == len(samples)
        action = env["dso.action"].search([("state", "=", "done")])
        assert replies.action_id == action
        assert replies.account_id == action.account_id
        assert [" ".join(reply.body.split()) for reply in replies] == [
            sample.own for sample in samples
        ]
        assert not any(replies.mapped("stranger"))
        assert replies.filtered("automatic").mapped("body") == [
            sample.own for sample in samples if sample.automatic
        ]
    # the same once more, as a copy of the mailbox would bring it
    mailbox.deliver(*(sample.content for sample in samples[:-1]))
    assert _in_child(registry, _fetch)
    assert mailbox.unseen() == 0
    assert len(_replies(registry)) == len(samples)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("point", POINTS)
def test_killed_at(world, mailbox, point):
    """Nothing is lost and nothing comes twice, wherever the process ends."""
    registry, reminder = world
    number = 1000 + POINTS.index(point)
    key = f"<many.{number}@example>"
    mailbox.deliver(*_answers(reminder, number, 1))
    assert not _in_child(registry, _dying(registry, point))
    assert mailbox.unseen() == 1, "its server takes it for done"
    assert _replies(registry)[key] == (point == "committed")
    assert _in_child(registry, _fetch)
    assert mailbox.unseen() == 0
    assert _replies(registry)[key] == 1


@pytest.mark.timeout(3600)
def test_odoo_alone_loses_it(world, mailbox):
    """The same without our way of reading: the suite can fail."""
    registry, reminder = world

    def plain(self, **options):
        return FetchmailServer._connect__(self, **options)

    mailbox.deliver(*_answers(reminder, 2000, 1))
    with patch.object(registry["fetchmail.server"], "_connect__", plain):
        assert not _in_child(registry, _dying(registry, "fetched"))
    assert mailbox.unseen() == 0
    assert not _replies(registry)["<many.2000@example>"]


@pytest.mark.timeout(3600)
def test_killed_at_random(world, mailbox, capsys):
    """Many answers, a process that is killed again and again, and all of them there
    once."""
    registry, reminder = world
    chance = random.Random(7)
    mailbox.deliver(*_answers(reminder, 0, MANY))
    kills = 0
    while kills < 8 and mailbox.unseen():
        kills += not _in_child(registry, _fetch, kill_after=chance.uniform(0.2, 1.5))
    while mailbox.unseen():
        assert _in_child(registry, _fetch)
    found = _replies(registry)
    expected = {f"<many.{number}@example>" for number in range(MANY)}
    assert {key: found[key] for key in expected} == dict.fromkeys(expected, 1)
    with capsys.disabled():
        print(f"\n{MANY} answers, the fetching process killed {kills} times")
    assert kills


@pytest.mark.timeout(3600)
def test_conflict_while_committing(world, mailbox):
    """What another transaction was in the way of stays on its server."""
    registry, reminder = world

    def conflict(self, *_args, **_options):
        raise psycopg2.errors.SerializationFailure("conflict")

    def work(registry):
        with patch.object(registry["dso.reply"], "_adopt_files", conflict):
            _fetch(registry)

    mailbox.deliver(*_answers(reminder, 3000, 1))
    assert _in_child(registry, work)
    assert mailbox.unseen() == 1
    assert _in_child(registry, _fetch)
    assert mailbox.unseen() == 0
    assert _replies(registry)["<many.3000@example>"] == 1
