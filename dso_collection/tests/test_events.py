"""What happens in the ledger shows in collection when the transaction commits.

``self.env.cr.flush()`` runs what a commit runs first: the evaluation of the customers
that the transaction touched. Nothing here calls ``evaluate``.
"""

from datetime import datetime, timedelta
from unittest.mock import patch

import psycopg2.errors

from odoo import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import SQL, mute_logger

from ..models import dso_account as account_module
from ..models.dso_dirty import MAX_FAILURES
from .common import TODAY, DsoCommon, day

QUEUE_LOGGER = "odoo.addons.dso_collection.models.dso_dirty"


class EventsCase(DsoCommon):
    def setUp(self):
        super().setUp()
        today = freeze_time(datetime.combine(TODAY, datetime.min.time()))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)

    def commit(self):
        """What a commit runs before it commits."""
        self.env.cr.flush()

    def queue(self):
        self.env.flush_all()
        return self.env["dso.dirty"].search([])

    def assertNext(self, step, when=None, account=None):
        """After the commit the proposal is this step, or there is none because."""
        self.commit()
        account = account or self.account()
        proposal = account.proposal_id
        if step is None:
            self.assertFalse(proposal)
            if when:
                self.assertEqual(account.reason, when)
        else:
            self.assertEqual((proposal.step_id.name, proposal.date), (step, day(when)))
        self.assertFalse(self.queue(), "the queue is empty after the evaluation")
        return account


@tagged("post_install", "-at_install")
class TestLedgerEvents(EventsCase):
    """Hooks on the ledger (architecture.md, flow 1)."""

    def test_post(self):
        """Posting makes the account and its first proposal."""
        partner = self._customer("New")
        move = self.invoice("10 Nov", partner=partner)
        self.commit()
        account = partner.dso_account_ids
        self.assertEqual(account.company_id, self.company)
        self.assertEqual(account.leader_id, move)
        self.assertNext("S2", "13 Nov", account)

    def test_post_of_a_draft_only(self):
        """A draft is no item."""
        self.invoice("10 Nov").button_draft()
        self.commit()
        self.assertFalse(self.customer.dso_account_ids)

    def test_pay(self):
        """A payment that settles the leader cancels its action."""
        move = self.invoice("10 Nov")
        account = self.assertNext("S2", "13 Nov")
        proposal = account.proposal_id
        self.pay(move)
        self.assertNext(None, "no_leader")
        self.assertEqual(proposal.cause, "settled")

    def test_partial_payment(self):
        """A partial payment changes what is claimed."""
        move = self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        self.pay(move, 400)
        account = self.assertNext("S2", "13 Nov")
        self.assertEqual(account.proposal_id.amount_claimed, 600)

    def test_unallocated_payment(self):
        """A payment without invoice covers the balance."""
        self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        self.unallocated(1000)
        self.assertNext(None, "nothing_to_collect")

    def test_reconcile_by_hand(self):
        """Reconciling two entries by hand."""
        move = self.invoice("10 Nov")
        payment = self.unallocated(1000)
        self.assertNext(None, "nothing_to_collect")
        self.receivables(move | payment.move_id).reconcile()
        self.assertNext(None, "no_leader")

    def test_unreconcile(self):
        """Un-reconciling brings the item back in the same place."""
        move = self.invoice("1 Nov")
        self.invoice("15 Nov", 5000)
        self.commit()
        self.account().proposal_id.action_skip()
        self.assertNext("S3", "11 Nov")
        payment = self.pay(move)
        self.assertNext("S2", "18 Nov")
        self.receivables(move).remove_move_reconcile()
        self.assertNext("S3", "11 Nov")
        self.receivables(move | payment.move_id).reconcile()
        self.assertNext("S2", "18 Nov")
        payment.action_cancel()
        self.assertNext("S3", "11 Nov")

    def test_reset_to_draft_and_cancel(self):
        """Reset to draft, posted again, cancelled."""
        move = self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        move.button_draft()
        self.assertNext(None, "no_leader")
        move.action_post()
        self.assertNext("S2", "13 Nov")
        move.button_draft()
        move.button_cancel()
        self.assertNext(None, "no_leader")

    def test_delete_a_draft(self):
        """A leader that is deleted leaves its number in the history."""
        move = self.invoice("10 Nov")
        self.commit()
        self.account().proposal_id.action_done()
        self.commit()
        done = self.account().action_ids.filtered(lambda a: a.state == "done")
        name = move.name
        move.button_draft()
        move.with_context(force_delete=True).unlink()
        self.assertNext(None, "no_leader")
        self.assertFalse(done.leader_id)
        self.assertEqual(done.line_ids.mapped("move_name"), [name])

    def test_reverse(self):
        """A reversal that settles the invoice."""
        move = self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        move._reverse_moves([{"invoice_date": TODAY}], cancel=True)
        self.assertNext(None, "no_leader")

    def test_credit_note(self):
        """A credit note not allocated yet reduces the claim."""
        self.invoice("10 Nov")
        self.credit_note(300)
        account = self.assertNext("S2", "13 Nov")
        self.assertEqual(account.proposal_id.amount_claimed, 700)

    def test_block_payment(self):
        """Blocking an invoice's payment, and releasing it."""
        move = self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        move.action_toggle_block_payment()
        self.assertNext(None, "no_leader")
        move.action_toggle_block_payment()
        self.assertNext("S2", "13 Nov")

    def test_due_date_of_a_line(self):
        """The due date written on the journal item."""
        move = self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        self.receivables(move).date_maturity = day("15 Nov")
        self.assertNext("S2", "18 Nov")

    def test_due_date_of_a_posted_invoice(self):
        """The due date written on the posted invoice."""
        move = self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        move.invoice_date_due = day("16 Nov")
        self.assertNext("S2", "19 Nov")

    def test_no_followup(self):
        """Odoo's own flag, on the journal item and on the invoice."""
        move = self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        self.receivables(move).no_followup = True
        self.assertNext(None, "no_leader")
        move.no_followup = False
        self.assertNext("S2", "13 Nov")

    def test_customer_of_an_invoice(self):
        """An invoice given to another customer: both are right."""
        move = self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        other = self._customer("Other")
        move.button_draft()
        move.partner_id = other
        move.action_post()
        self.assertNext(None, "no_leader")
        account = self.assertNext("S2", "13 Nov", self.account(other))
        self.assertEqual(account.leader_id, move)

    def test_customer_of_a_line(self):
        """A journal item given to another customer: both are right."""
        entry = self.entry((self.customer, 500, "10 Nov"))
        entry.journal_id.dso_opening = True
        line = self.receivables(entry)
        line.no_followup = False
        self.assertNext("S2", "13 Nov")
        other = self._customer("Other")
        line.partner_id = other
        self.assertNext(None, "no_leader")
        self.assertNext("S2", "13 Nov", self.account(other))

    def test_account_of_a_line(self):
        """A journal item moved to an account that is no trade receivable."""
        move = self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        deposit = self.company_data["default_account_receivable"].copy()
        deposit.non_trade = True
        move.button_draft()
        self.receivables(move).account_id = deposit
        move.action_post()
        self.assertNext(None, "no_leader")

    def test_payment_transaction(self):
        """An online payment under way, and failed."""
        move = self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        transaction = self.transaction(move, 1000)
        self.assertNext(None, "no_leader")
        transaction._set_error("refused")
        self.assertNext("S2", "13 Nov")

    def test_payment_by_the_register_wizard_of_a_group(self):
        """One payment for two invoices."""
        moves = self.invoice("10 Nov") | self.invoice("11 Nov")
        self.assertNext("S2", "13 Nov")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        ).create({"payment_date": TODAY, "group_payment": True})._create_payments()
        self.assertNext(None, "no_leader")

    def test_journal_opening_flag(self):
        """A journal marked as opening receivables."""
        entry = self.entry((self.customer, 500, "10 Nov"))
        self.receivables(entry).no_followup = False
        self.assertNext(None, "no_leader")
        entry.journal_id.dso_opening = True
        self.assertNext("S2", "13 Nov")

    def test_opening_flag_keeps_out_what_odoo_excludes(self):
        """The flag alone does not chase entries that carry no_followup."""
        entry = self.entry((self.customer, 500, "10 Nov"))
        entry.journal_id.dso_opening = True
        self.assertTrue(self.receivables(entry).no_followup)
        self.assertNext(None, "no_leader")

    # Customers -----------------------------------------------------------------

    def _contact(self):
        return self.env["res.partner"].create(
            {"name": "Works", "parent_id": self.customer.id}
        )

    def test_contact_becomes_a_company(self):
        """A contact that becomes a company takes its items along."""
        contact = self._contact()
        entry = self.entry((contact, 500, "10 Nov"))
        entry.journal_id.dso_opening = True
        self.receivables(entry).no_followup = False
        self.assertNext("S2", "13 Nov")
        contact.is_company = True
        self.assertEqual(contact.commercial_partner_id, contact)
        self.assertNext(None, "no_leader")
        self.assertNext("S2", "13 Nov", self.account(contact))

    def test_contact_moves_to_another_customer(self):
        """A contact whose parent changes takes its items along."""
        contact = self._contact()
        entry = self.entry((contact, 500, "10 Nov"))
        entry.journal_id.dso_opening = True
        self.receivables(entry).no_followup = False
        self.assertNext("S2", "13 Nov")
        other = self._customer("Other")
        contact.parent_id = other
        self.assertNext(None, "no_leader")
        self.assertNext("S2", "13 Nov", self.account(other))

    def test_merge(self):
        """Customers merged: one account, one proposal."""
        other = self._customer("Other")
        self.invoice("10 Nov")
        self.invoice("1 Nov", partner=other)
        self.assertNext("S2", "13 Nov")
        account = self.account()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | other).ids, self.customer, extra_checks=False
        )
        self.assertNext("S2", "4 Nov", account)
        self.assertEqual(account.balance, 2000)

    def test_contact_data(self):
        """E-mail, phone and address of whoever receives."""
        self.email.mode = "auto"
        self.invoice("10 Nov")
        account = self.assertNext("S2", "13 Nov")
        self.customer.email = False
        self.commit()
        self.assertEqual(account.proposal_id.problem, "no_contact")
        child = self.env["res.partner"].create(
            {
                "name": "Ledger",
                "parent_id": self.customer.id,
                "type": "invoice",
                "email": "ledger@c.example",
            }
        )
        self.commit()
        self.assertFalse(account.proposal_id.problem)
        child.email = False
        self.commit()
        self.assertEqual(account.proposal_id.problem, "no_contact")
        account.contact_id = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.customer.id}
        )
        self.commit()
        self.assertEqual(account.proposal_id.problem, "no_email")
        account.contact_id.email = "ann@c.example"
        self.commit()
        self.assertFalse(account.proposal_id.problem)


@tagged("post_install", "-at_install")
class TestCollectionEvents(EventsCase):
    """Hooks on collection's own records (architecture.md, flow 1)."""

    def test_qualification_and_undo(self):
        """A dispute, its undoing, its resolution."""
        move = self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        qualification = move.dso_qualify(self.status("dispute"), "late")
        self.assertNext(None, "no_leader")
        qualification.action_undo()
        self.assertNext("S2", "13 Nov")
        move.dso_qualify(self.status("dispute"), "late")
        self.assertNext(None, "no_leader")
        move.dso_qualify(self.status("dispute_resolved"), "", follow_up=False)
        self.assertNext("S2", "13 Nov")

    def test_ignore(self):
        """The ignore flag, both ways."""
        move = self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        move.dso_ignored = True
        self.assertNext(None, "no_leader")
        move.dso_ignored = False
        self.assertNext("S2", "13 Nov")

    def test_scenario_action_verbs(self):
        """Done, skipped, re-dated, cancelled."""
        self.invoice("10 Nov")
        account = self.assertNext("S2", "13 Nov")
        account.proposal_id.action_done()
        self.assertNext("S3", "30 Nov")
        account.proposal_id.action_reschedule(day("25 Nov"))
        self.assertNext("S3", "25 Nov")
        account.proposal_id.action_skip()
        self.assertNext("S4", "8 Dec")
        old = account.proposal_id
        old.action_cancel()
        self.assertNext("S4", "8 Dec")
        self.assertNotEqual(account.proposal_id, old)

    def test_date_field(self):
        """The date edited in a form is a re-dating (L11)."""
        self.invoice("10 Nov")
        account = self.assertNext("S2", "13 Nov")
        account.proposal_id.date = day("27 Nov")
        self.assertNext("S2", "27 Nov")
        self.assertEqual(account.proposal_id.date_forced, day("27 Nov"))

    def test_specific_action_verbs(self):
        """A specific action created, completed, cancelled."""
        move = self.invoice("10 Nov")
        account = self.assertNext("S2", "13 Nov")
        for verb in ("done", "cancel"):
            specific = self.env["dso.action"].create(
                {
                    "account_id": account.id,
                    "kind": "specific",
                    "action_model_id": self.phone.id,
                    "line_ids": [Command.create({"move_id": move.id})],
                }
            )
            self.assertNext(None, "no_leader")
            getattr(specific, f"action_{verb}")()
            self.assertNext("S2", "13 Nov")

    def test_items_of_a_specific_action(self):
        """An item added to a specific action, and taken out."""
        first, second = self.invoice("10 Nov"), self.invoice("11 Nov")
        account = self.assertNext("S2", "13 Nov")
        specific = self.env["dso.action"].create(
            {
                "account_id": account.id,
                "kind": "specific",
                "action_model_id": self.phone.id,
                "line_ids": [Command.create({"move_id": first.id})],
            }
        )
        self.assertNext("S2", "14 Nov")
        specific.line_ids = [Command.create({"move_id": second.id})]
        self.assertNext(None, "no_leader")
        line = specific.line_ids.filtered(lambda line: line.move_id == first)
        line.sudo().unlink()  # users complete the action instead
        self.assertNext("S2", "13 Nov")

    def test_scenario_of_the_account(self):
        """Another scenario, and none."""
        self.invoice("10 Nov")
        account = self.assertNext("S2", "13 Nov")
        account.scenario_id = self._scenario("Other", ("O", 7, self.phone))
        self.assertNext("O", "17 Nov")
        account.scenario_id = False
        self.assertNext(None, "no_scenario")

    def test_client_type_of_the_account(self):
        """Another client type brings its scenario."""
        self.invoice("10 Nov")
        account = self.assertNext("S2", "13 Nov")
        account.client_type_id = self.env["dso.client.type"].create(
            {
                "name": "Special",
                "scenario_id": self._scenario("Other", ("O", 7, self.phone)).id,
            }
        )
        self.assertNext("O", "17 Nov")

    def test_steps_of_the_scenario(self):
        """A step moved, added, archived, deleted."""
        self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        step = self.scenario.step_ids[1]
        step.days = 5
        self.assertNext("S2", "15 Nov")
        new = self.env["dso.scenario.step"].create(
            {
                "name": "S1b",
                "scenario_id": self.scenario.id,
                "sequence": 15,
                "days": 1,
                "action_model_id": self.phone.id,
            }
        )
        self.assertNext("S1b", "11 Nov")
        new.active = False
        self.assertNext("S2", "15 Nov")
        step.unlink()
        self.assertNext("S3", "20 Nov")

    def test_scenario_settings(self):
        """The minimum gap of the scenario."""
        self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov").proposal_id.action_done()
        self.assertNext("S3", "30 Nov")
        self.scenario.minimum_gap = 10
        self.assertNext("S3", "3 Dec")

    def test_scenario_form(self):
        """The scenario edited in its form, steps and all."""
        self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")
        self.scenario.write(
            {"step_ids": [Command.update(self.scenario.step_ids[1].id, {"days": 6})]}
        )
        self.assertNext("S2", "16 Nov")

    def test_action_model(self):
        """A model that loses its text, or its mode changes."""
        self.invoice("10 Nov")
        account = self.assertNext("S2", "13 Nov")
        self.email.template_id = False
        self.commit()
        self.assertEqual(account.proposal_id.problem, "no_template")
        self.email.template_id = self.template
        self.customer.email = False
        self.commit()
        self.assertFalse(account.proposal_id.problem)
        self.email.mode = "auto"
        self.commit()
        self.assertEqual(account.proposal_id.problem, "no_contact")
        self.assertEqual(account.proposal_id.mode, "auto")
        self.scenario.step_ids[1].mode = "manual"
        self.commit()
        self.assertEqual(account.proposal_id.mode, "manual")
        self.assertFalse(account.proposal_id.problem)

    def test_company_settings(self):
        """Minimum amount and its base, ignore threshold, litigation."""
        move = self.invoice("10 Nov", 100)
        self.assertNext("S2", "13 Nov")
        self.company.dso_minimum_amount = 101
        self.assertNext(None, "below_minimum")
        self.company.write({"dso_minimum_amount": 50, "dso_ignore_below": 101})
        self.assertNext(None, "no_leader")
        self.company.dso_ignore_below = 0
        self.assertNext("S2", "13 Nov")
        move.dso_qualify(self.status("litigation"), "court", follow_up=False)
        self.assertNext(None, "no_leader")
        self.company.dso_litigation_excluded = False
        self.assertNext("S2", "13 Nov")
        self.invoice("10 Dec", 500, issued="1 Nov")
        self.company.dso_minimum_amount = 200
        self.assertNext("S2", "13 Nov")
        self.company.dso_minimum_base = "overdue"
        self.assertNext(None, "below_minimum")

    def test_settings_page(self):
        """The same through the settings page."""
        self.invoice("10 Nov", 100)
        self.assertNext("S2", "13 Nov")
        settings = self.env["res.config.settings"].create({})
        settings.dso_minimum_amount = 101
        settings.execute()
        self.assertNext(None, "below_minimum")

    def test_time_zone(self):
        """The company's time zone decides what today is."""
        self.invoice("23 Nov", issued="1 Nov")
        with freeze_time("2026-11-23 23:30:00"):
            self.assertNext("S1", "18 Nov")
            self.company.dso_tz = "Pacific/Auckland"
            self.assertNext("S2", "26 Nov")
            self.company.write({"dso_tz": False})
            self.company.partner_id.tz = "Pacific/Auckland"
            self.assertEqual(self.company._dso_today(), TODAY + timedelta(days=1))

    def test_hold(self):
        """Hold and release, and a hold whose end is moved into the past."""
        self.invoice("10 Nov")
        account = self.assertNext("S2", "13 Nov")
        account.action_hold_30()
        self.assertNext(None, "hold")
        self.assertEqual(account.hold_user_id, self.env.user)
        account.hold_until = TODAY - timedelta(days=1)
        self.assertNext("S2", "13 Nov")
        account.hold_until = False
        self.assertNext(None, "hold")
        account.action_release()
        self.assertNext("S2", "13 Nov")

    def test_grouping(self):
        """Grouped under a head, and released."""
        member = self._customer("Member")
        self.invoice("10 Nov")
        self.invoice("1 Nov", partner=member)
        self.assertNext("S2", "13 Nov")
        account = self.account(member)
        account.head_id = self.account()
        self.assertNext("S2", "4 Nov")
        self.assertNext(None, "grouped", account)
        account.head_id = False
        self.assertNext("S2", "13 Nov")
        self.assertNext("S2", "4 Nov", account)

    def test_head_changed(self):
        """Moved from one head to another: both are right."""
        member = self._customer("Member")
        second = self._customer("Second head")
        self.invoice("1 Nov", partner=member)
        account = self.account(member)
        account.head_id = self.account()
        self.assertNext("S2", "4 Nov")
        account.head_id = self.account(second)
        self.assertNext(None, "no_leader")
        self.assertNext("S2", "4 Nov", self.account(second))

    def test_account_form(self):
        """A customer record opened before its first item waits for it."""
        account = self.account()
        self.assertNext(None, "no_leader")
        with Form(account) as form:
            form.note = "Pays in cash"
        self.invoice("10 Nov")
        self.assertNext("S2", "13 Nov")


@tagged("post_install", "-at_install")
class TestQueue(EventsCase):
    """Failures never abort the accounting transaction (architecture.md, flow 1)."""

    def _fail(self, error):
        def statement(*_args, **_kwargs):
            if isinstance(error, Exception):
                raise error
            return SQL(error)

        return patch.object(account_module, "evaluation_statement", statement)

    def _triggers(self):
        cron = self.env.ref("dso_collection.ir_cron_evaluate_queue")
        return self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])

    def _run(self, name):
        """Run a scheduled action as the server does."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(f"dso_collection.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def _assert_left_to_the_queue(self, error):
        self._triggers().unlink()
        with self._fail(error), mute_logger(QUEUE_LOGGER, "odoo.sql_db"):
            move = self.invoice("10 Nov")
            self.commit()
        self.assertEqual(move.state, "posted")
        self.assertFalse(self.account().proposal_id)
        self.assertEqual(self.queue().mapped("partner_id"), self.customer.ids)
        self.assertTrue(self._triggers())
        self._run("ir_cron_evaluate_queue")
        self.assertNext("S2", "13 Nov")

    def test_failure_in_python(self):
        """An exception leaves the rows queued; the cron takes the rest."""
        self._assert_left_to_the_queue(ValueError("boom"))

    def test_failure_in_the_database(self):
        """A database error is undone by the savepoint; the invoice is posted."""
        self._assert_left_to_the_queue("SELECT 1 / 0")

    def test_serialization_conflict(self):
        """So is a conflict with another transaction."""
        self._assert_left_to_the_queue(psycopg2.errors.SerializationFailure("moved"))

    def test_correction_survives_the_queue(self):
        """L7: a correction is still one when the queue evaluates it later."""
        move = self.invoice("1 Nov")
        self.commit()
        self.account().proposal_id.action_done()
        self.assertNext("S3", "30 Nov")
        payment = self.pay(move)
        self.assertNext(None, "no_leader")
        with self._fail(ValueError("boom")), mute_logger(QUEUE_LOGGER):
            payment.action_cancel()
            self.commit()
        self.assertTrue(self.queue().filtered("corrected"))
        self._run("ir_cron_evaluate_queue")
        self.assertNext("S3", "30 Nov")

    def test_nothing_marked_nothing_run(self):
        """A transaction that touches no receivable evaluates nothing."""
        self.commit()
        with self._fail(AssertionError("evaluated")):
            self._customer("Nobody")
            self.commit()
        self.assertFalse(self.queue())

    def _accounts(self, count):
        partners = [self._customer(f"Customer {index}") for index in range(count)]
        for partner in partners:
            self.invoice("10 Nov", partner=partner)
        self.commit()
        accounts = self.env["dso.account"].browse()
        for partner in partners:
            accounts |= self.account(partner)
        return accounts

    def test_poison_account_starves_nobody(self):
        """An account that fails is parked, the others of its chunk are evaluated."""
        accounts = self._accounts(5)
        poison = accounts[2]
        self.env["dso.dirty"].sudo().create(
            [
                {
                    "account_id": account.id,
                    "company_id": account.company_id.id,
                    "partner_id": account.partner_id.id,
                    "touch": True,
                }
                for account in accounts
            ]
        )
        seen = []
        real = account_module.DsoAccount._evaluate

        def evaluate(self, today=None, touch=False):
            if poison.id in self.ids:
                raise ValueError("poison")
            seen.extend(self.ids)
            return real(self, today=today, touch=touch)

        with (
            patch.object(account_module.DsoAccount, "_evaluate", evaluate),
            mute_logger(QUEUE_LOGGER),
        ):
            for attempt in range(1, MAX_FAILURES + 2):
                self._run("ir_cron_evaluate_queue")
                row = self.queue()
                self.assertEqual(row.account_id, poison.id)
                self.assertEqual(row.failures, min(attempt, MAX_FAILURES))
                self.assertEqual(sorted(seen), (accounts - poison).ids)
        # a later event of the same customer gets through again
        self.invoice("1 Nov", partner=poison.partner_id)
        self.commit()
        self.assertEqual(poison.proposal_id.date, day("4 Nov"))
        self.assertFalse(self.queue())

    def test_nightly_run(self):
        """The night makes missing accounts and moves proposals with the date."""
        self.invoice("25 Nov", issued="1 Nov")
        self.assertNext("S1", "20 Nov")
        loaded = self._customer("Loaded by SQL")
        marks = self.env.cr.precommit.data
        self.invoice("10 Nov", partner=loaded)
        marks.pop("dso_marks", None)
        self.commit()
        self.assertFalse(loaded.dso_account_ids)
        with freeze_time("2026-11-26"):
            self._run("ir_cron_evaluate")
            self.assertEqual(self.account().proposal_id.step_id.name, "S2")
            account = loaded.dso_account_ids
            self.assertEqual(account.proposal_id.date, day("13 Nov"))
            self.assertFalse(self.queue())
            progress = self.env["ir.cron.progress"].search(
                [("cron_id", "=", self.env.ref("dso_collection.ir_cron_evaluate").id)],
                order="id desc",
                limit=1,
            )
            self.assertEqual(progress.remaining, 0)
            self.assertTrue(progress.done)

    def _night(self, today=TODAY):
        """The accounts that a night evaluates."""
        seen = []
        real = account_module.DsoAccount._evaluate

        def evaluate(accounts, *args, **options):
            seen.extend(accounts.ids)
            return real(accounts, *args, **options)

        with (
            freeze_time(today),
            patch.object(account_module.DsoAccount, "_evaluate", evaluate),
            patch.object(account_module, "NIGHTS", 10**9),
        ):
            self._run("ir_cron_evaluate")
        return self.env["dso.account"].browse(sorted(seen))

    def test_night_evaluates_what_moved(self):
        """The night looks at everybody's ledger and evaluates whose figures moved:
        an item that falls overdue, an entry that no hook saw, a hold that may end."""
        accounts = self._accounts(4)
        late, changed, held, quiet = accounts
        self.invoice("24 Nov", issued="1 Nov", partner=late.partner_id)
        self.commit()
        held.hold_reason = "pause"
        self.commit()
        self.assertEqual(self._night(), held)
        self.env.cr.execute(
            """
            UPDATE account_move_line SET amount_residual = amount_residual + 1
             WHERE partner_id = %s AND reconciled IS NOT TRUE AND amount_residual > 0
            """,
            [changed.partner_id.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self._night(day("25 Nov")), late | changed | held)
        self.assertEqual(self._night(day("25 Nov")), held)
        self.assertFalse(quiet & self._night(day("26 Nov")))

    def test_night_of_a_group(self):
        """What moved in a member is evaluated with its head (rules.md L16)."""
        head, member, _other = self._accounts(3)
        member.head_id = head
        self.commit()
        self.assertFalse(self._night())
        self.invoice("24 Nov", issued="1 Nov", partner=member.partner_id)
        self.commit()
        self.assertEqual(self._night(day("25 Nov")), head)

    def test_nights_in_turn(self):
        """Whatever nothing tells of is found within a month: everybody has his turn."""
        accounts = self._accounts(3)
        self.commit()
        Account = found = self.env["dso.account"]
        for night in range(account_module.NIGHTS):
            with freeze_time(TODAY + timedelta(days=night)):
                self.env.cr.execute(Account._nightly_statement(self.company))
            self.env["dso.dirty"].invalidate_model()
            found |= Account.browse(self.queue().mapped("account_id"))
            self.env.cr.execute("DELETE FROM dso_dirty")
        self.assertEqual(found & accounts, accounts)

    def test_nightly_run_changes_nothing_twice(self):
        """L3: a second night without events writes no row."""
        accounts = self._accounts(3)
        self._run("ir_cron_evaluate")
        before = [(a.proposal_id.id, a.evaluated_at) for a in accounts]
        stamp = accounts.mapped("proposal_id.write_date")
        self._run("ir_cron_evaluate")
        self.assertEqual(before, [(a.proposal_id.id, a.evaluated_at) for a in accounts])
        self.assertEqual(stamp, accounts.mapped("proposal_id.write_date"))

    def test_nightly_run_in_chunks(self):
        """The night works in chunks, each with a commit of its own."""
        accounts = self._accounts(5)
        self.env["dso.dirty"].sudo().create(
            [
                {
                    "account_id": account.id,
                    "company_id": account.company_id.id,
                    "partner_id": account.partner_id.id,
                }
                for account in accounts
            ]
        )
        sizes = []
        real = account_module.DsoAccount._evaluate

        def evaluate(self, today=None, touch=False):
            sizes.append(len(self))
            return real(self, today=today, touch=touch)

        self.env.flush_all()
        with (
            patch.object(account_module.DsoAccount, "_evaluate", evaluate),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            left = self.env(cr=cr)["dso.dirty"].sudo()._drain(chunk=2)
        self.assertEqual((sizes, left), ([2, 2, 1], 0))

    def test_rows_of_customers_without_account(self):
        """Rows of customers that are gone do not stay for ever."""
        self.env["dso.dirty"].sudo().create(
            {"company_id": self.company.id, "partner_id": 2**30, "touch": True}
        )
        self._run("ir_cron_evaluate_queue")
        self.assertFalse(self.queue())
