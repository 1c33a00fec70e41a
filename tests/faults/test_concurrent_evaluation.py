"""Evaluation and answers while other transactions write: real commits, two
connections.

An evaluation may be skipped or put off, never be wrong for good, and never abort the
accounting transaction that caused it. Of two answers each counts the other.
"""

from contextlib import contextmanager
from datetime import date, timedelta

import psycopg2
import pytest

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.sql_db import close_db
from odoo.tools import config

from odoo.addons.dso_collection.models.dso_reply_page import AnswerPage

TODAY = date.today()


@pytest.fixture(scope="module")
def registry(new_database):
    name = new_database()
    # loading a second registry is no reason to run Odoo's own at_install tests
    testing, config["test_enable"] = config["test_enable"], False
    try:
        registry = Registry(name)
    finally:
        config["test_enable"] = testing
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["account.chart.template"].try_loading(
            "generic_coa", company=env.company, install_demo=False
        )
    yield registry
    Registry.delete(name)
    close_db(name)


@pytest.fixture
def partner_id(registry):
    with transaction(registry) as env:
        return (
            env["res.partner"]
            .create({"name": "Customer", "is_company": True, "email": "c@example.com"})
            .id
        )


@contextmanager
def transaction(registry):
    with registry.cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})


def post(env, partner_id, days_overdue, amount=100.0):
    due = TODAY - timedelta(days=days_overdue)
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner_id,
            "invoice_date": due - timedelta(days=30),
            "invoice_date_due": due,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": "Goods",
                        "price_unit": amount,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }
    )
    move.action_post()
    return move


def pay(env, move_id):
    env["account.payment.register"].with_context(
        active_model="account.move", active_ids=[move_id]
    ).create({})._create_payments()


def state(registry, partner_id):
    """(leader ids, number of open proposals, rows in the queue) as committed."""
    with transaction(registry) as env:
        account = env["dso.account"].search([("partner_id", "=", partner_id)])
        proposals = env["dso.action"].search_count(
            [
                ("account_id", "in", account.ids),
                ("kind", "=", "scenario"),
                ("state", "in", ("planned", "error")),
            ]
        )
        queue = env["dso.dirty"].search_count([("partner_id", "=", partner_id)])
        return account.leader_id.ids, proposals, queue


def drain(registry):
    with transaction(registry) as env:
        env["dso.dirty"]._cron_evaluate_queue()


def test_commit_evaluates(registry, partner_id):
    """A posted invoice leads as soon as its transaction is committed."""
    with transaction(registry) as env:
        move_id = post(env, partner_id, 20).id
    assert state(registry, partner_id) == ([move_id], 1, 0)


def test_stale_snapshot_does_not_overwrite(registry, partner_id):
    """A transaction that began before a payment does not bring the paid leader back."""
    with transaction(registry) as env:
        paid_id = post(env, partner_id, 40).id
        next_id = post(env, partner_id, 20).id
    with registry.cursor() as slow_cr:
        slow = api.Environment(slow_cr, SUPERUSER_ID, {"tracking_disable": True})
        slow["res.partner"].browse(partner_id).read(["name"])  # its snapshot is taken
        with transaction(registry) as env:
            pay(env, paid_id)
        assert state(registry, partner_id) == ([next_id], 1, 0)
        # a change of the account only, so that nothing but the evaluation conflicts
        slow["dso.dirty"]._mark(partners=[partner_id])
        slow_cr.commit()
    leaders, proposals, queue = state(registry, partner_id)
    assert (leaders, proposals) == ([next_id], 1)
    assert queue == 1, "put off, not forgotten"
    drain(registry)
    assert state(registry, partner_id) == ([next_id], 1, 0)


def test_locked_account_is_left_to_the_queue(registry, partner_id):
    """Posting does not wait for, nor fail on, an account that someone holds."""
    with transaction(registry) as env:
        first_id = post(env, partner_id, 10).id
    with registry.cursor() as holder:
        holder.execute(
            "SELECT id FROM dso_account WHERE partner_id = %s FOR NO KEY UPDATE",
            [partner_id],
        )
        with transaction(registry) as env:
            older_id = post(env, partner_id, 30).id
        assert state(registry, partner_id) == ([first_id], 1, 1)
    drain(registry)
    assert state(registry, partner_id) == ([older_id], 1, 0)


def test_two_first_invoices_of_one_customer(registry, partner_id):
    """Two transactions meet a new customer at the same time: one account comes out."""
    with registry.cursor() as slow_cr:
        slow = api.Environment(slow_cr, SUPERUSER_ID, {"tracking_disable": True})
        slow["res.partner"].browse(partner_id).read(["name"])
        with transaction(registry) as env:
            move_id = post(env, partner_id, 20).id
        slow["dso.dirty"]._mark(moves=[move_id], partners=[partner_id])
        slow_cr.commit()
    drain(registry)
    with transaction(registry) as env:
        assert env["dso.account"].search_count([("partner_id", "=", partner_id)]) == 1
    assert state(registry, partner_id) == ([move_id], 1, 0)


def test_nightly_run_with_an_old_snapshot(registry, partner_id):
    """The nightly run starts a chunk, a payment is committed, the chunk is repeated."""
    with transaction(registry) as env:
        move_id = post(env, partner_id, 20).id
    with registry.cursor() as night_cr:
        night = api.Environment(night_cr, SUPERUSER_ID, {})
        account = night["dso.account"].search([("partner_id", "=", partner_id)])
        with transaction(registry) as env:
            pay(env, move_id)
        night.cr.execute(
            "INSERT INTO dso_dirty (company_id, partner_id, account_id, touch)"
            " VALUES (%s, %s, %s, FALSE)",
            [account.company_id.id, partner_id, account.id],
        )
        night["dso.dirty"]._drain()
    assert state(registry, partner_id) == ([], 0, 0)


def test_failing_evaluation_does_not_abort_the_posting(
    registry, partner_id, monkeypatch
):
    """An error of the evaluation leaves the invoice posted and the account queued."""
    Account = registry["dso.account"]

    def fail(*_args, **_kwargs):
        raise ValueError("broken on purpose")

    monkeypatch.setattr(Account, "_evaluate", fail)
    with transaction(registry) as env:
        move_id = post(env, partner_id, 20).id
    monkeypatch.undo()
    with transaction(registry) as env:
        assert env["account.move"].browse(move_id).state == "posted"
    assert state(registry, partner_id)[1:] == (0, 1)
    drain(registry)
    assert state(registry, partner_id) == ([move_id], 1, 0)


def promise(env, partner_id, move):
    """A customer's promise to pay one item tomorrow, as his page takes it in."""
    account = env["dso.account"].search([("partner_id", "=", partner_id)])
    page = AnswerPage(account, account.partner_id)
    situation = {
        "said": "promise",
        "status_id": False,
        "promise_date": TODAY + timedelta(days=1),
        "instalments": 0,
        "every": False,
        "paid_on": False,
        "reference": False,
        "resolution": False,
        "items": [(move.id, move.name, move.currency_id.id, 0.0)],
    }
    name = f"once-{move.id}"
    return env["dso.reply"]._receive(page, name, [situation], "", []).line_ids.accepted


def test_two_promises_at_once(registry, partner_id):
    """Each within the limit, together beyond it: the second conflicts with the first,
    as requests that Odoo does again, and then waits for a person."""
    with transaction(registry) as env:
        env.company.write(
            {"dso_accept_promises": True, "dso_accept_promise_amount": 150}
        )
        first_id = post(env, partner_id, 20).id
        second_id = post(env, partner_id, 10).id
    with registry.cursor() as slow_cr:
        slow = api.Environment(slow_cr, SUPERUSER_ID, {"tracking_disable": True})
        second = slow["account.move"].browse(second_id)
        assert second.name  # its snapshot is taken
        with transaction(registry) as env:
            assert promise(env, partner_id, env["account.move"].browse(first_id))
        with pytest.raises(psycopg2.errors.SerializationFailure):
            promise(slow, partner_id, second)
        slow_cr.rollback()
    with transaction(registry) as env:
        assert not promise(env, partner_id, env["account.move"].browse(second_id))
