"""Actions of the agenda: verbs, states, colours, history (rules.md §2, §4, §5)."""

import psycopg2.errors

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, DsoCommon, day


class ActionsCase(DsoCommon):
    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)

    def action(self, kind="out_of_scenario", model=None, moves=(), **values):
        account = values.pop("account", None) or self.account()
        return self.env["dso.action"].create(
            {
                "account_id": account.id,
                "kind": kind,
                "action_model_id": (model or self.phone).id,
                "line_ids": [Command.create({"move_id": move.id}) for move in moves],
                **values,
            }
        )

    def proposal(self, due="10 Nov", **values):
        self.invoice(due, **values)
        return self.evaluate().proposal_id


@tagged("post_install", "-at_install")
class TestVerbs(ActionsCase):
    def test_what_can_be_created(self):
        """L3: scenario actions come from the evaluation, all actions are born open."""
        move = self.invoice("10 Nov")
        for values in (
            {"kind": "scenario"},
            {"state": "done"},
            {"state": "cancelled"},
            {"state": "error"},
        ):
            with self.assertRaisesRegex(UserError, "planned"):
                self.action(moves=move, **values)
        with self.assertRaisesRegex(ValidationError, "at least one item"):
            self.action("specific")
        action = self.action()
        self.assertRecordValues(
            action,
            [
                {
                    "state": "planned",
                    "kind": "out_of_scenario",
                    "date": TODAY,
                    "company_id": self.company.id,
                    "type": "phone",
                    "mode": "manual",
                    "confirmed": False,
                    "star": False,
                }
            ],
        )

    def test_items_of_an_action(self):
        """§4: an action concerns items of its own account."""
        other = self._customer("Other")
        move = self.invoice("10 Nov", partner=other)
        with self.assertRaisesRegex(ValidationError, move.name):
            self.action("specific", moves=move)
        mine = self.invoice("10 Nov", 700)
        action = self.action("specific", moves=mine)
        self.assertRecordValues(
            action.line_ids,
            [
                {
                    "account_id": self.account().id,
                    "move_name": mine.name,
                    "due": day("10 Nov"),
                    "amount": 700,
                    "released": False,
                }
            ],
        )
        self.assertTrue(action.star)

    def test_done_scenario(self):
        """L10: done advances the scenario, is dated, signed, and keeps its items."""
        self.invoice("20 Dec", 500, issued="1 Nov")
        self.invoice("15 Nov", 300).dso_ignored = True
        self.credit_note(90, issued="23 Nov")
        disputed = self.invoice("12 Nov", 60)
        disputed.dso_qualify(self.status("dispute"), "broken")
        action = self.proposal("10 Nov", amount=1000)
        claimed = action.amount_claimed
        self.assertEqual(claimed, 910)
        action.action_done()
        self.assertRecordValues(
            action,
            [
                {
                    "state": "done",
                    "date_done": TODAY,
                    "date_closed": TODAY,
                    "user_done_id": self.env.user.id,
                    "colour": False,
                    "due_state": False,
                }
            ],
        )
        account = self.account()
        self.assertEqual(account.last_done_step_id, action.step_id)
        self.assertEqual(
            (account.last_done_date, account.last_any_date), (TODAY, TODAY)
        )
        lines = {line.amount: line.claimed for line in action.line_ids}
        self.assertEqual(lines, {1000: True, -90: True, 60: False, 500: False})
        self.assertEqual(
            sum(action.line_ids.filtered("claimed").mapped("amount_company")), claimed
        )

    def test_done_out_of_scenario(self):
        """§4: an out-of-scenario action only enters the history."""
        proposal = self.proposal()
        action = self.action(moves=proposal.leader_id)
        action.action_done()
        self.assertEqual((action.state, action.date_done), ("done", TODAY))
        account = self.assertProposal("S2", "13 Nov")
        self.assertEqual(account.proposal_id, proposal)
        self.assertFalse(account.last_any_date)

    def test_done_specific(self):
        """§4: completing gives the items back, their status unchanged."""
        move = self.invoice("10 Nov")
        move.dso_qualify(self.status("promise_to_pay"), "", promise_date=TODAY)
        action = self.account().open_action_ids
        action.action_done()
        self.assertEqual((action.state, action.star), ("done", False))
        self.assertTrue(action.line_ids.released)
        self.assertEqual(move.dso_status_type, "promise_to_pay")
        self.assertFalse(move.dso_starred)
        self.assertEqual(move.dso_item_ids.reentry_date, TODAY)

    def test_done_dispute_without_a_resolved_status(self):
        """§3.3: no active status of the type Dispute resolved: said so, with cure."""
        self.env["dso.status"].search(
            [("type", "=", "dispute_resolved")]
        ).active = False
        move = self.invoice("10 Nov")
        move.dso_qualify(self.status("dispute"), "")
        action = self.account().open_action_ids
        with self.assertRaisesRegex(UserError, "Create one"):
            action.action_done()

    def test_batch(self):
        """A verb works on many actions at once, also of several accounts."""
        other = self._customer("Other")
        self.invoice("10 Nov")
        self.invoice("10 Nov", partner=other)
        accounts = self.account() | self.account(other)
        accounts.evaluate(TODAY)
        proposals = accounts.proposal_id
        proposals.action_done()
        self.assertEqual(set(proposals.mapped("state")), {"done"})
        accounts.evaluate(TODAY)
        self.assertEqual(set(accounts.proposal_id.mapped("step_id.name")), {"S3"})

    def test_batch_with_a_closed_one(self):
        """One closed action in a batch: nothing is done, and it is named."""
        first, second = self.action(), self.action()
        first.action_cancel()
        with self.assertRaisesRegex(UserError, "Phone for Customer.*Cancelled"):
            (first | second).action_done()
        self.assertEqual(second.state, "planned")

    def test_closed_is_closed(self):
        """No verb works on a closed action."""
        done, cancelled = self.action(), self.action()
        done.action_done()
        cancelled.action_cancel()
        self.assertEqual(cancelled.cause, "user")
        for action in done | cancelled:
            for verb in ("done", "skip", "cancel", "confirm"):
                with self.assertRaisesRegex(UserError, "already closed"):
                    getattr(action, f"action_{verb}")()
            with self.assertRaisesRegex(UserError, "already closed"):
                action.action_reschedule(TODAY)

    def test_skip_is_for_scenario_actions(self):
        """L10: only a scenario step can be skipped."""
        with self.assertRaisesRegex(UserError, "Only scenario actions"):
            self.action().action_skip()

    def test_reschedule(self):
        """§4, L11: any open action can be re-dated; it needs a date."""
        action = self.action()
        action.action_reschedule(day("1 Dec"))
        self.assertEqual((action.date, action.date_forced), (day("1 Dec"),) * 2)
        with self.assertRaisesRegex(UserError, "needs a date"):
            action.action_reschedule(False)
        action.date = day("5 Dec")
        self.assertEqual(action.date_forced, day("5 Dec"))

    def test_confirm(self):
        """§2: only automatic actions to confirm, and only without a problem."""
        self.email.mode = "auto_confirm"
        with self.assertRaisesRegex(UserError, "not an action to confirm"):
            self.action().action_confirm()
        self.customer.email = False
        proposal = self.proposal()
        with self.assertRaisesRegex(UserError, "No collection contact"):
            proposal.action_confirm()
        self.customer.email = "a@customer.example"
        self.evaluate()
        proposal.action_confirm()
        self.assertTrue(proposal.confirmed)
        self.assertEqual(proposal.confirmed_amount, 1000)

    def test_confirmation_falls_with_the_mode(self):
        """L17: what was confirmed is not what would leave now."""
        self.email.mode = "auto_confirm"
        for values in (
            {"mode": "manual"},
            {"interactive": "customer"},
            {"action_model_id": self._model("Two", "email", template=True).id},
        ):
            action = self.action(model=self.email, mode="auto_confirm")
            action.action_confirm()
            action.write(values)
            self.assertFalse(action.confirmed, values)

    def test_nobody_confirms_by_writing(self):
        """§2: an action is confirmed by its button, which checks, not by a write."""
        self.email.mode = "auto_confirm"
        action = self.action(model=self.email)
        with self.assertRaisesRegex(UserError, "buttons"):
            action.write({"confirmed": True})
        with self.assertRaisesRegex(UserError, "planned"):
            self.action(model=self.email, confirmed=True)
        action.action_confirm()
        action.write({"confirmed": False})
        self.assertFalse(action.confirmed)


@tagged("post_install", "-at_install")
class TestHistory(ActionsCase):
    def test_closed_actions_are_append_only(self):
        """Architecture, invariants: business fields of closed actions stay."""
        proposal = self.proposal()
        proposal.action_done()
        for values in (
            {"date_done": day("1 Nov")},
            {"outcome": "agreed"},
            {"action_model_id": self.email.id},
            {"note": "later"},
            {"line_ids": [Command.clear()]},
            {"state": "planned"},
            {"date": day("1 Dec")},
            {"amount_claimed": 1},
        ):
            with self.assertRaisesRegex(UserError, "closed"):
                proposal.sudo().write(values)
        line = proposal.line_ids[0].sudo()
        for values in ({"amount": 1}, {"claimed": False}, {"move_name": "x"}):
            with self.assertRaisesRegex(UserError, "closed"):
                line.write(values)
        with self.assertRaisesRegex(UserError, "closed"):
            line.unlink()
        with self.assertRaisesRegex(UserError, "closed"):
            self.env["dso.action.line"].sudo().create(
                {"action_id": proposal.id, "move_id": proposal.leader_id.id}
            )

    def test_actions_are_never_deleted(self):
        """Open or closed, an action is history."""
        action = self.action()
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            action.sudo().unlink()

    def test_nobody_creates_past_the_buttons(self):
        """What only the verbs write is not given at creation either, also not by a
        default of the context."""
        self.invoice("20 Oct")
        account = self.evaluate()
        values = {"account_id": account.id, "action_model_id": self.email.id}
        Action = self.env["dso.action"]
        self.email.mode = "auto_confirm"
        for name, value in (
            ("confirmed", True),
            ("state", "done"),
            ("kind", "scenario"),
            ("sent_by_id", self.env.uid),
            ("send_when_ready_id", self.env.uid),
            ("delivery", "failed"),
            ("retry_at", "2026-11-01"),
            ("letter_id", 1),
            ("fallback_of_id", account.proposal_id.id),
            ("type", "phone"),
            ("left_on", "2026-11-23"),
            ("sent_to_id", self.customer.id),
            ("share_of_id", account.proposal_id.id),
            ("share_contact_id", self.customer.id),
            ("by_hand", True),
            ("amount_claimed", 5),
            ("leader_id", account.leader_id.id),
            ("problem", "no_email"),
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(UserError, "by their buttons"),
            ):
                Action.create({**values, name: value})
            with (
                self.subTest(f"default_{name}"),
                self.assertRaisesRegex(UserError, "by their buttons"),
            ):
                Action.with_context(**{f"default_{name}": value}).create(values)
        action = Action.create(values)
        for name, value in (
            ("type", "phone"),
            ("left_on", "2026-11-23"),
            ("sent_to_id", False),
            ("share_contact_id", self.customer.id),
            ("by_hand", True),
            ("amount_claimed", 5),
            ("leader_id", account.leader_id.id),
            ("problem", "no_email"),
            ("error_detail", "x"),
            ("sms_message_id", False),
            ("delivered_at", False),
            ("retry_count", 1),
            ("promise_amount", 1),
        ):
            with self.subTest(name), self.assertRaisesRegex(UserError, "buttons"):
                action.write({name: value})

    def test_state_and_kind_are_not_written(self):
        """States change by the verbs."""
        action = self.action()
        for values in (
            {"state": "done"},
            {"state": "error"},
            {"kind": "specific"},
            {"date_done": TODAY},
            {"user_done_id": self.env.user.id},
            {"delivery": "sent"},
        ):
            with self.assertRaisesRegex(UserError, "buttons"):
                action.write(values)

    def test_scenario_action_stays_with_its_leader(self):
        """A proposal belongs to account, step and leader."""
        proposal = self.proposal()
        other = self.account(self._customer("Other"))
        for values in (
            {"account_id": other.id},
            {"step_id": self.scenario.step_ids[3].id},
            {"leader_id": self.invoice("15 Nov").id},
            {"action_model_id": self.phone.id},
        ):
            with self.assertRaisesRegex(UserError, "what its step says"):
                proposal.write(values)

    def test_an_action_does_not_change_its_customer(self):
        """Items and history of one customer do not end up with another."""
        other = self.account(self._customer("Other"))
        move = self.invoice("10 Nov")
        action = self.action("specific", moves=move)
        with self.assertRaisesRegex(UserError, "stays with its customer"):
            action.write({"account_id": other.id})

    def test_no_context_opens_the_history(self):
        """What a remote caller can put into a context does not open it."""
        action = self.action()
        action.action_done()
        for key in (True, "dso_engine", object()):
            with self.assertRaises(UserError):
                action.with_context(dso_engine=key).write({"outcome": "x"})

    def test_one_open_proposal_per_account(self):
        """Architecture, invariants: the database refuses a second proposal."""
        proposal = self.proposal()
        with (
            self.assertRaises(psycopg2.errors.UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                """INSERT INTO dso_action (account_id, company_id, kind, state, mode,
                                           action_model_id, date)
                   SELECT account_id, company_id, kind, state, mode, action_model_id,
                          date FROM dso_action WHERE id = %s""",
                [proposal.id],
            )

    def test_account_with_history_is_not_deleted(self):
        """§10: a customer with a history is put on hold, not deleted."""
        self.action().action_done()
        with self.assertRaisesRegex(UserError, "Customer.*hold"):
            self.account().unlink()


@tagged("post_install", "-at_install")
class TestAgenda(ActionsCase):
    def test_colours(self):
        """§5: yellow > green > red > white; automatic counts as confirmed; today
        counts as due; what a person does later is blue. The search and the grouping say
        the same."""
        self.email.mode = "auto_confirm"
        auto = self._model("Auto", "email", template=True, mode="auto")
        yesterday, tomorrow = day("22 Nov"), day("24 Nov")
        expected = {}
        for model, date, confirmed, colour in (
            (self.phone, yesterday, False, "red"),
            (self.phone, TODAY, False, "red"),
            (self.phone, tomorrow, False, "blue"),
            (self.email, yesterday, False, "red"),
            (self.email, TODAY, False, "red"),
            (self.email, tomorrow, False, "white"),
            (self.email, yesterday, True, "green"),
            (self.email, tomorrow, True, "green"),
            (auto, yesterday, False, "green"),
            (auto, tomorrow, False, "green"),
        ):
            action = self.action(model=model, date=date)
            if confirmed:
                action.action_confirm()
            expected[action] = colour
        self.email.template_id = False
        error = self.proposal()
        self.assertEqual(error.state, "error")
        expected[error] = "yellow"
        actions = self.env["dso.action"].browse([a.id for a in expected])
        self.env.invalidate_all()
        for action, colour in expected.items():
            self.assertEqual(action.colour, colour, (action.type, action.date))
        inside = [("id", "in", actions.ids)]
        groups = dict(
            self.env["dso.action"]._read_group(inside, ["colour"], ["id:recordset"])
        )
        for colour in ("yellow", "green", "red", "blue", "white"):
            wanted = {a.id for a, c in expected.items() if c == colour}
            found = self.env["dso.action"].search([*inside, ("colour", "=", colour)])
            self.assertEqual(set(found.ids), wanted)
            self.assertEqual(set(groups[colour].ids), wanted)

    def test_due_states(self):
        """§5: late, today, upcoming, for records, searches and groups."""
        actions = self.env["dso.action"].browse()
        for date in ("22 Nov", "23 Nov", "24 Nov"):
            actions |= self.action(date=day(date))
        self.assertEqual(actions.mapped("due_state"), ["late", "today", "upcoming"])
        inside = [("id", "in", actions.ids)]
        for action in actions:
            found = self.env["dso.action"].search(
                [*inside, ("due_state", "=", action.due_state)]
            )
            self.assertEqual(found, action)
        groups = self.env["dso.action"]._read_group(inside, ["due_state"], ["__count"])
        self.assertEqual(dict(groups), {"late": 1, "today": 1, "upcoming": 1})
        actions.action_done()
        self.assertFalse(
            self.env["dso.action"].search(
                [*inside, ("due_state", "in", ["late", "today", "upcoming"])]
            )
        )

    def test_explanation(self):
        """§5: why this action, on this day: leader, step, interval, re-dating."""
        move = self.invoice("1 Nov")
        proposal = self.evaluate().proposal_id
        self.assertIn(move.name, proposal.explanation)
        self.assertIn("11/01/2026", proposal.explanation)
        self.assertIn("S2: 3 days after the due date", proposal.explanation)
        self.assertNotIn("last action", proposal.explanation)
        proposal.action_done()
        proposal = self.evaluate().proposal_id
        self.assertIn("last action 11/23/2026", proposal.explanation)
        proposal.action_reschedule(day("1 Dec"))
        self.evaluate()
        self.assertIn("re-dated", proposal.explanation)
        account = self.account()
        self.assertEqual(account.explanation, proposal.explanation)
        account.hold_reason = "pause"
        self.evaluate()
        self.assertEqual(account.explanation, "On hold")

    def test_explanation_of_preventive_and_last_action_steps(self):
        """The same for the other kinds of steps."""
        proposal = self.proposal("5 Dec", issued="1 Nov")
        self.assertIn("S1: 5 days before the due date", proposal.explanation)
        self.account().scenario_id = self._scenario(
            "After", ("N", 10, self.phone, "last_action")
        )
        proposal = self.evaluate().proposal_id
        self.assertIn("N: 10 days after the last action", proposal.explanation)

    def test_days_late(self):
        """§5: the days late are those of the leader, or of the oldest item."""
        self.assertEqual(self.proposal("10 Nov").days_late, 13)
        moves = self.invoice("13 Nov") | self.invoice("3 Nov")
        self.assertEqual(self.action("specific", moves=moves).days_late, 20)

    def test_error_and_cure(self):
        """§5: a problem in plain words, and the record where it is cured."""
        self.email.mode = "auto"
        self.customer.email = False
        proposal = self.proposal()
        self.assertEqual(proposal.error, "No collection contact defined")
        cure = proposal.action_open_cure()
        self.assertEqual(
            (cure["res_model"], cure["res_id"]), ("res.partner", self.customer.id)
        )
        self.email.template_id = False
        self.evaluate()
        self.assertEqual(proposal.error, "The action model has no text")
        cure = proposal.action_open_cure()
        self.assertEqual(
            (cure["res_model"], cure["res_id"]), ("dso.action.model", self.email.id)
        )

    def test_a_problem_can_be_done_by_hand(self):
        """§5: an action with a problem stays, and can be completed by a person."""
        self.email.template_id = False
        proposal = self.proposal()
        self.assertEqual(proposal.state, "error")
        proposal.action_done()
        self.assertEqual((proposal.state, proposal.error), ("done", False))

    # What a person releases -----------------------------------------------------

    def test_formal_notice_and_litigation_are_never_automatic(self):
        """§2: whichever way the mode is set: model, step, status, action."""
        notice = self._model("Notice", "letter_ar", template=True)
        self.assertTrue(notice.formal_notice)
        for model in (notice, self.court, self.phone):
            for mode in ("auto", "auto_confirm"):
                with self.assertRaisesRegex(ValidationError, "Choose the mode Manual"):
                    model.mode = mode
                with self.assertRaisesRegex(ValidationError, model.name):
                    self.action(model=model, mode=mode)
                with self.assertRaisesRegex(ValidationError, model.name):
                    self.env["dso.status"].create(
                        {
                            "name": "Auto",
                            "type": "on_going",
                            "action_model_id": model.id,
                            "mode": mode,
                        }
                    )
                with self.assertRaisesRegex(ValidationError, model.name):
                    self.scenario.step_ids[4].write(
                        {"action_model_id": model.id, "mode": mode}
                    )

    def test_what_becomes_a_formal_notice(self):
        """§2: a model that steps or statuses use automatically cannot become one."""
        model = self._model("E-mail notice", "email", template=True)
        step = self.scenario.step_ids[4]
        step.write({"action_model_id": model.id, "mode": "auto_confirm"})
        with self.assertRaisesRegex(ValidationError, "formal notice"):
            model.formal_notice = True
        step.mode = False
        status = self.env["dso.status"].create(
            {
                "name": "Auto",
                "type": "on_going",
                "action_model_id": model.id,
                "mode": "auto",
            }
        )
        with self.assertRaisesRegex(ValidationError, "formal notice"):
            model.formal_notice = True
        status.mode = "manual"
        model.formal_notice = True

    def test_modes_follow_the_model(self):
        """§1.2: mode and interactivity are the model's unless the step says else."""
        self.email.write({"mode": "auto", "interactive": "customer"})
        self.scenario.step_ids[3].write({"mode": "manual", "interactive": "no"})
        proposal = self.proposal("10 Nov")
        self.assertEqual((proposal.mode, proposal.interactive), ("auto", "customer"))
        proposal.action_skip()
        self.evaluate()
        self.account().proposal_id.action_skip()
        proposal = self.evaluate().proposal_id
        self.assertEqual(proposal.step_id.name, "S4")
        self.assertEqual((proposal.mode, proposal.interactive), ("manual", "no"))


@tagged("post_install", "-at_install")
class TestActionModelChanged(ActionsCase):
    def test_another_model_brings_its_type_and_mode(self):
        """What an action is follows its model; what is given beside it stays (L17)."""
        text = self._model("SMS", "sms", template=True, mode="auto_confirm")
        action = self.action(model=self.email, mode="auto")
        action.write({"action_model_id": text.id, "mode": "manual"})
        self.assertEqual((action.type, action.mode), ("sms", "manual"))
        action.action_model_id = self.phone
        self.assertEqual((action.type, action.mode), ("phone", "manual"))
        action.action_model_id = text
        self.assertEqual((action.type, action.mode), ("sms", "auto_confirm"))
