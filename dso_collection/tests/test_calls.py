"""Phone calls: whom, what to say, what came out of them (rules.md §2)."""

from datetime import date, datetime

from markupsafe import Markup

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
class TestCalls(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.phone = "+1 555-0100"
        cls.promise = cls.env["dso.status"].create(
            {"name": "Promise", "type": "promise_to_pay", "sequence": 0}
        )
        cls.dispute = cls.env["dso.status"].create(
            {"name": "Price dispute", "type": "dispute", "sequence": 0}
        )
        cls.users = {
            role: new_test_user(
                cls.env,
                f"call_{role}",
                f"dso_collection.group_{role}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for role in ("viewer", "resolver", "collector")
        }

    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)
        self.late = self.invoice("10 Oct", 1000)
        self.later = self.invoice("5 Dec", 300)

    def planned(self):
        """The call of step S3, which is due."""
        account = self.evaluate(TODAY, self.account())
        account.proposal_id.action_done()
        account.with_context(dso_engine=None)
        self.evaluate(date(2026, 11, 30), account)
        action = account.proposal_id
        self.assertEqual(action.type, "phone")
        return action

    def call(self, action=None, user=None, **values):
        opened = (
            action.with_user(user or self.users["collector"]).action_call()
            if action
            else self.account().with_user(user or self.users["collector"]).action_call()
        )
        return (
            self.env["dso.call"]
            .with_user(user or self.users["collector"])
            .with_context(**opened["context"])
            .create(values)
        )

    # -------------------------------------------------------------------------
    # THE SCREEN
    # -------------------------------------------------------------------------

    def test_script_tells_what_the_account_owes(self):
        """A call that nobody planned, or planned without items, speaks of the whole
        account: its amount and its oldest invoice."""
        model = self.env.ref("dso_collection.model_phone_call")
        model.script = Markup(
            "<p>{{ object.claimed_words }}, {{ object.leader_id.name }},"
            " {{ object.leader_date }}</p>"
        )
        planned = self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "action_model_id": model.id,
                "date": TODAY,
            }
        )
        self.assertFalse(planned.line_ids)
        told = f"<p>$\N{NO-BREAK SPACE}1,000.00, {self.late.name}, October 10, 2026</p>"
        for action in (planned, None):
            self.assertEqual(self.call(action).script, Markup(told))

    def test_what_the_screen_shows(self):
        """Numbers, overdue items ticked, what was done before."""
        action = self.planned()
        call = self.call(action)
        self.assertEqual(call.number_ids, self.customer)
        ticked = call.item_ids.filtered("selected")
        self.assertEqual(ticked.move_id, self.late)
        self.assertEqual(call.item_ids.move_id, self.late | self.later)
        self.assertEqual(call.chosen_total, 1000)
        self.assertEqual(call.before_ids.type, "email")
        self.assertFalse(call.warning)

    def test_warnings(self):
        """Who is not to be called, or represented by a lawyer, is told first."""
        self.evaluate(TODAY, self.account())
        self.account().no_phone = True
        call = self.call()
        self.assertIn("not to be called", call.warning)
        lawyer = self.env["res.partner"].create({"name": "Law", "phone": "+1 555-0200"})
        self.account().write({"hold_reason": "lawyer", "hold_lawyer_id": lawyer.id})
        call = self.call()
        self.assertEqual(call.number_ids, lawyer, "nobody past the lawyer")

    def test_script(self):
        """Documented values are filled in; what they contain is no placeholder and no
        HTML."""
        self.phone.script = Markup(
            "<p>{{ object.partner_id.name }} owes <b>{{object.claimed_words}}</b>"
            " since {{&nbsp;object.leader_date }}.</p>"
        )
        self.customer.name = "<b>{{ object.sender_email }}</b>"
        action = self.planned()
        script = str(self.call(action).script)
        self.assertIn("&lt;b&gt;{{ object.sender_email }}&lt;/b&gt; owes", script)
        self.assertIn("October 10, 2026", script)
        self.assertIn("1,000.00", script)

    def test_script_names_documented_values_only(self):
        """What a script names is a documented value, in each translation; nothing is
        evaluated."""
        self.env["res.lang"]._activate_lang("fr_FR")
        for wrong in (
            "{{ 7 * 7 }}",
            "{{ object.env }}",
            "{{ object.unlink() }}",
            "{{ user.password }}",
            "{{ object.partner_id.name.upper() }}",
            "{{ object.payment_button }}",
        ):
            with self.assertRaisesRegex(ValidationError, "unknown placeholder"):
                self.phone.script = f"<p>{wrong}</p>"
            with self.assertRaisesRegex(ValidationError, "unknown placeholder"):
                self.phone.update_field_translations("script", {"fr_FR": wrong})
            with self.assertRaisesRegex(ValidationError, "unknown placeholder"):
                self.phone.with_context(lang="fr_FR").script = f"<p>{wrong}</p>"

    def test_script_is_spoken_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.phone.script = "<p>Good morning</p>"
        self.phone.with_context(
            lang="fr_FR"
        ).script = "<p>Bonjour, {{ object.leader_date }}</p>"
        self.customer.lang = "fr_FR"
        script = str(self.call(self.planned()).script)
        self.assertIn("Bonjour, 10 octobre 2026", script)

    def test_script_is_cleaned(self):
        """What a script contains is no program."""
        self.phone.script = "<p onclick='alert(1)'>Hello<script>alert(1)</script></p>"
        self.assertNotIn("alert", self.phone.script)

    def test_shipped_scripts(self):
        """Calls that are shipped say something, in five languages."""
        langs = ["fr_FR", "de_DE", "es_ES", "it_IT"]
        for lang in langs:
            self.env["res.lang"]._activate_lang(lang)
        self.env["ir.module.module"]._load_module_terms(["dso_collection"], langs)
        self.env.invalidate_all()
        for name, said in (
            ("model_phone_call", ("May I", "Pourrais", "Kann ich", "Podría", "Posso")),
            (
                "model_promise_follow_up",
                ("agreed", "conven", "vereinb", "acord", "conc"),
            ),
        ):
            model = self.env.ref(f"dso_collection.{name}")
            model._check_script()
            for lang, words in zip(["en_US", *langs], said, strict=True):
                script = str(model.with_context(lang=lang).script)
                self.assertIn(words.lower(), script.lower(), lang)
                self.assertEqual(script.count("<li>"), 3)

    def test_call_without_plan(self):
        """A call from the record needs no planned action; it enters the history."""
        self.phone.script = "<p>{{ object.partner_id.name }}</p>"
        account = self.evaluate(TODAY, self.account())
        self.env["dso.action.model"].search(
            [("type", "=", "phone"), ("id", "!=", self.phone.id)]
        ).active = False
        call = self.call(notes="All right.")
        self.assertFalse(call.action_id)
        self.assertIn("Customer", str(call.script))
        before = account.proposal_id
        call.action_reached()
        done = account.action_ids.filtered("call_outcome")
        self.assertEqual((done.state, done.kind), ("done", "out_of_scenario"))
        self.assertEqual(done.outcome, "Reached: All right.")
        self.assertEqual(account.proposal_id, before, "the scenario goes on")

    # -------------------------------------------------------------------------
    # OUTCOMES
    # -------------------------------------------------------------------------

    def test_reached(self):
        action = self.planned()
        self.call(action, notes="Spoke with Jane.\nAll fine.").action_reached()
        self.assertEqual((action.state, action.call_outcome), ("done", "reached"))
        self.assertEqual(action.outcome, "Reached: Spoke with Jane.")
        self.assertIn("All fine.", action.note)
        self.assertEqual(action.user_done_id, self.users["collector"])
        history = self.env["dso.history"].search([("action_id", "=", action.id)])
        self.assertIn("Spoke with Jane.", history.text)

    def test_promise_leads_into_qualification(self):
        """One click: the call is done, the ticked items and the comment are there."""
        action = self.planned()
        window = self.call(action, notes="Pays Friday").action_promise()
        self.assertEqual((action.state, action.call_outcome), ("done", "promise"))
        form = Form(
            self.env["dso.qualify"]
            .with_user(self.users["collector"])
            .with_context(**window["context"])
        )
        form.promise_date = day("4 Dec")
        wizard = form.save()
        self.assertEqual(wizard.status_id.type, "promise_to_pay")
        self.assertEqual(wizard.comment, "Pays Friday")
        ticked = wizard.item_ids.filtered("selected")
        self.assertEqual(ticked.move_id, self.late)
        wizard.action_qualify()
        self.assertEqual(self.late.dso_promise_date, day("4 Dec"))
        self.assertFalse(self.later.dso_status_id)

    def test_dispute_leads_into_qualification(self):
        action = self.planned()
        window = self.call(action).action_dispute()
        status = self.env["dso.status"].browse(window["context"]["default_status_id"])
        self.assertEqual(status.type, "dispute")
        self.assertEqual(action.call_outcome, "dispute")

    def test_promise_without_items(self):
        call = self.call(self.planned())
        call.item_ids.selected = False
        with self.assertRaisesRegex(UserError, "Tick the items"):
            call.action_promise()

    def test_no_answer(self):
        """An attempt is no contact: it is kept, the step is not done and comes back on
        the next working day."""
        action = self.planned()
        with freeze_time("2026-11-30"):
            self.call(action).action_no_answer()
            self.call(action).action_no_answer()
            self.assertIn("2 calls without", self.call(action).unanswered)
            self.assertEqual((action.state, action.date), ("planned", day("1 Dec")))
            attempt = action.account_id.action_ids.filtered("call_outcome")[0]
            self.assertEqual(attempt.call_outcome, "no_answer")
            self.assertEqual((attempt.kind, attempt.state), ("out_of_scenario", "done"))
            self.call(action).action_reached()
            self.assertFalse(self.call().unanswered)

    def test_one_call_without_answer(self):
        self.call(self.planned()).action_no_answer()
        self.assertIn("Nobody answered on", self.call().unanswered)

    def test_call_back(self):
        """The day and the hour in the company's time zone; the hour goes when the
        action is moved to another day."""
        self.company.dso_tz = "Europe/Paris"
        action = self.planned()
        self.call(action, again_on=day("2 Dec"), again_at=14.5).action_call_back()
        self.assertEqual(action.date, day("2 Dec"))
        self.assertEqual(action.call_back_at, datetime(2026, 12, 2, 13, 30))
        action.action_reschedule(day("3 Dec"))
        self.assertFalse(action.call_back_at)

    def test_call_back_without_plan(self):
        """Without a planned call one is planned."""
        account = self.evaluate(TODAY, self.account())
        self.call(again_on=day("2 Dec")).action_call_back()
        planned = account.open_action_ids.filtered(lambda a: a.type == "phone")
        self.assertEqual(planned.date, day("2 Dec"))
        self.assertEqual(planned.kind, "out_of_scenario")

    def test_odd_times(self):
        call = self.call(self.planned())
        for values in (
            {"again_on": False},
            {"again_on": day("1 Nov")},
            {"again_at": 24.0},
            {"again_at": -1.0},
        ):
            call = self.call(self.planned_once(), **values)
            with self.assertRaises(UserError):
                call.action_call_back()

    def planned_once(self):
        return self.account().open_action_ids.filtered(lambda a: a.type == "phone")

    def test_closed_meanwhile(self):
        action = self.planned()
        call = self.call(action)
        action.action_skip()
        with self.assertRaisesRegex(UserError, "already closed"):
            call.action_reached()

    def test_closed_before_the_answer(self):
        """A call that a colleague completed while the phone rang does not come back."""
        action = self.planned()
        call = self.call(action)
        action.action_skip()
        with self.assertRaisesRegex(UserError, "already closed"):
            call.action_no_answer()
        self.assertFalse(action.account_id.action_ids.filtered("call_outcome"))

    def test_items_of_others(self):
        """Ticked items of another customer, which the client may name, are none of this
        call."""
        stranger = self._customer("Stranger")
        theirs = self.invoice("1 Nov", 5, partner=stranger)
        other = self.account(stranger)
        call = self.call(self.planned())
        call.item_ids = [
            Command.create(
                {"account_id": other.id, "move_id": theirs.id, "selected": True}
            )
        ]
        lines = call._chosen_lines()
        self.assertEqual(lines.move_id, self.late)

    def test_follow_up_of_a_dispute(self):
        """Reached does not resolve a dispute by itself: the window asks."""
        self.late.dso_qualify(
            self.dispute,
            "Wrong price",
            follow_up={"action_model_id": self.phone.id, "date": TODAY},
        )
        action = self.account().open_action_ids.filtered("dispute")
        window = self.call(action, notes="Still looks at it").action_reached()
        self.assertEqual(window["res_model"], "dso.dispute.close")
        self.assertEqual(action.state, "planned")
        noted = self.account().action_ids.filtered("call_outcome")
        self.assertEqual(noted.outcome, "Reached: Still looks at it")

    # -------------------------------------------------------------------------
    # WHO MAY
    # -------------------------------------------------------------------------

    def test_who_may_call(self):
        """Collectors call; a resolver calls about his follow-ups; viewers do not."""
        action = self.planned()
        with self.assertRaises(AccessError):
            self.env["dso.call"].with_user(self.users["viewer"]).create(
                {"account_id": self.account().id}
            )
        for role in ("viewer", "resolver"):
            with self.assertRaises(AccessError):
                action.with_user(self.users[role]).action_call()
            with self.assertRaises(AccessError):
                self.account().with_user(self.users[role]).action_call()
        resolver = self.users["resolver"]
        self.late.dso_qualify(
            self.dispute,
            "Wrong price",
            resolver=resolver,
            follow_up={"action_model_id": self.phone.id, "date": TODAY},
        )
        own = self.account().open_action_ids.filtered("dispute")
        self.call(own, user=resolver, again_on=day("2 Dec")).action_no_answer()
        self.assertEqual(own.date, day("2 Dec"))
        stranger = self._customer("Stranger")
        self.invoice("1 Nov", 5, partner=stranger)
        other = self.account(stranger)
        call = (
            self.env["dso.call"]
            .with_user(resolver)
            .create({"account_id": other.id, "action_id": own.id})
        )
        with self.assertRaises(UserError):
            call.action_reached()
        foreign = (
            self.env["dso.call"]
            .with_user(self.users["collector"])
            .create({"account_id": other.id, "action_id": own.id})
        )
        with self.assertRaisesRegex(UserError, "about another customer"):
            foreign.action_reached()
        call = self.env["dso.call"].with_user(resolver).create({"account_id": other.id})
        with self.assertRaises(AccessError):
            call.action_no_answer()
