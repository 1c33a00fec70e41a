"""The agenda's screens: counters, order, many at once, the customer beside the list,
what a user has set for himself (rules.md §5)."""

from unittest.mock import patch

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ..models.dso_action import PROBLEMS
from .common import TODAY, DsoCommon, day
from .test_actions import ActionsCase


class AgendaCase(ActionsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: cls.user_of(role, cls.company)
            for role in ("viewer", "resolver", "collector")
        }

    @classmethod
    def user_of(cls, role, company):
        return new_test_user(
            cls.env,
            login=f"agenda_{role}_{company.id}",
            groups=f"dso_collection.group_{role}",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def plan(self, model, date, **values):
        return self.action(model=model, date=day(date), **values)


@tagged("post_install", "-at_install")
class TestAgendaCounters(AgendaCase):
    def counts(self, domain=()):
        self.env.flush_all()
        own = [("company_id", "=", self.company.id), *domain]
        found = self.env["dso.action"].agenda_counts(own)
        return {tab: (row["total"], row["todo"]) for tab, row in found.items()}

    def test_red(self):
        """§5: red counts manual actions that are due, automatic ones to confirm that
        are due, and problems; never what is confirmed or fully automatic."""
        self.email.mode = "auto_confirm"
        auto = self._model("Auto", "email", template=True, mode="auto")
        before = self.counts()
        for date in ("22 Nov", "23 Nov", "24 Nov"):
            self.plan(self.phone, date)
            self.plan(self.email, date)
            self.plan(self.email, date).action_confirm()
            self.plan(auto, date)
        after = self.counts()
        self.assertEqual(
            {
                tab: (after[tab][0] - before[tab][0], after[tab][1] - before[tab][1])
                for tab in after
            },
            {"manual": (3, 2), "automatic": (9, 2)},
        )

    def test_problem_is_red(self):
        """§5: an action with a problem needs a person, whatever its date."""
        self.email.write({"mode": "auto_confirm", "template_id": False})
        error = self.proposal()
        self.assertEqual(error.state, "error")
        here = [("account_id", "=", error.account_id.id)]
        error._engine().date = day("24 Nov")
        self.assertEqual(self.counts(here)["automatic"], (1, 1))

    def test_follow_filters_and_rights(self):
        """The counters follow the filters, and count what the user may see only."""
        action = self.plan(self.phone, "22 Nov")
        self.plan(self._model("Second call", "phone"), "22 Nov")
        here = [("account_id", "=", action.account_id.id)]
        self.assertEqual(
            self.counts([*here, ("action_model_id", "=", self.phone.id)])["manual"],
            (1, 1),
        )
        nobody = new_test_user(self.env, login="agenda_nobody")
        with self.assertRaises(AccessError):
            self.env["dso.action"].with_user(nobody).agenda_counts([])

    def test_first_steps(self):
        """An empty agenda leads a manager to the first steps, until there is a
        customer."""
        self.account()
        Action = self.env["dso.action"]
        self.assertNotIn("first_run", Action.get_empty_list_help("<p>Nothing</p>"))
        other = self.env["res.company"].create({"name": "New company"})
        manager = self.user_of("manager", other)
        found = Action.with_user(manager).get_empty_list_help("<p>Nothing</p>")
        self.assertIn("<p>Nothing</p>", found)
        self.assertIn("dso_first_run_server_action", found)
        collector = self.user_of("collector", other)
        found = Action.with_user(collector).get_empty_list_help("<p>Nothing</p>")
        self.assertNotIn("first_run", found)

    def test_overdue_counts_once(self):
        """What a customer owes counts once in the sum of a group, whatever the number
        of his actions, and with it what those grouped under him owe."""
        member = self._customer("Member")
        self.invoice("3 Nov", 1000)
        self.invoice("3 Nov", 200, partner=member)
        account, grouped = self.account(), self.account(member)
        (account | grouped).evaluate(TODAY)
        self.plan(self.phone, "22 Nov")
        self.plan(self.phone, "23 Nov")
        grouped.head_id = account
        account.evaluate(TODAY)
        self.env.flush_all()
        [(actions, total, converted)] = self.env["dso.action"]._read_group(
            [("account_id", "=", account.id), ("state", "in", ("planned", "error"))],
            [],
            ["__count", "amount_overdue:sum", "amount_overdue:sum_currency"],
        )
        self.assertEqual((actions, total, converted), (3, 1200, 1200))

    def test_two_queries(self):
        """Any number of actions is counted by two queries."""
        self.plan(self.phone, "22 Nov")
        self.env.flush_all()
        self.env["dso.action"].agenda_counts([])
        with self.assertQueryCount(2):
            self.env["dso.action"].agenda_counts([])


@tagged("post_install", "-at_install")
class TestWorklist(AgendaCase):
    def test_parts(self):
        """§5: the score is the sum of its parts, and its words say each of them."""
        self.company.dso_priority_amount = 2000
        self.invoice("9 Oct", 1000)
        account = self.account()
        with freeze_time(TODAY):
            account.evaluate(TODAY)
            account._refresh_behaviour()
        action = account.proposal_id
        # 45 days: three steps of 15
        self.assertEqual(action.priority, 20 + 15)
        self.assertIn("20 of 40", action.priority_words)
        self.assertIn("15 of 30", action.priority_words)
        account.sudo().payment_profile_id = self.env["dso.payment.profile"].search(
            [("company_id", "=", False)], order="from_days desc", limit=1
        )
        promise = self.status("promise_to_pay")
        move = self.invoice("20 Oct", 50)
        with freeze_time(day("9 Nov")):
            move.dso_qualify(promise, "By card", promise_date=day("10 Nov"))
        broken = self.env["dso.promise"].search([("account_id", "=", account.id)])
        with freeze_time(TODAY):
            account.evaluate(TODAY)
            self.assertEqual((broken.state, broken.date_settled), ("broken", False))
            self.env["dso.action"]._refresh_priority(account.ids)
        [row] = self.env["dso.action"]._priority_rows(account.ids)
        self.assertEqual((row["promise_points"], row["profile_points"]), (10, 15))
        points = sum(
            row[f"{part}_points"] for part in ("amount", "age", "promise", "profile")
        )
        self.assertEqual(action.priority, points)
        broken.sudo().date_limit = day("23 Nov 2025")
        [row] = self.env["dso.action"]._priority_rows(account.ids)
        self.assertEqual(row["promise_points"], 0, "broken more than a year ago")

    def test_order(self):
        """§5: what is due comes first, then the higher priority, then the date."""
        self.company.dso_priority_amount = 1000
        small, large = self._customer("Small"), self._customer("Large")
        self.invoice("10 Nov", 100, partner=small)
        self.invoice("10 Nov", 900, partner=large)
        actions = {}
        for partner in (small, large):
            account = self.account(partner)
            for date in ("22 Nov", "23 Nov", "24 Nov"):
                actions[partner.name, date] = self.env["dso.action"].create(
                    {
                        "account_id": account.id,
                        "action_model_id": self.phone.id,
                        "date": day(date),
                    }
                )
            account.evaluate(TODAY)
        found = self.env["dso.action"].search(
            [("id", "in", [a.id for a in actions.values()])],
            order="worklist desc, date, id",
        )
        self.assertEqual(
            [(a.partner_id.name, a.date.day) for a in found],
            [
                ("Large", 22),
                ("Large", 23),
                ("Small", 22),
                ("Small", 23),
                ("Large", 24),
                ("Small", 24),
            ],
        )
        # re-dated, it changes its place at once
        actions["Large", "24 Nov"].action_reschedule(TODAY)
        self.assertGreater(
            actions["Large", "24 Nov"].worklist, actions["Small", "22 Nov"].worklist
        )
        with freeze_time(day("24 Nov")):
            self.env["dso.action"]._refresh_priority()
        self.assertGreater(actions["Small", "24 Nov"].worklist, 1000)


@tagged("post_install", "-at_install")
class TestManyAtOnce(AgendaCase):
    def told(self, result):
        return result["params"]["message"]

    def test_confirm(self):
        """§5: what can be confirmed is; of the rest it is said how many and why."""
        self.email.mode = "auto_confirm"
        actions = self.env["dso.action"].browse()
        for model in (self.email, self.email, self.phone, self.email):
            actions |= self.plan(model, "24 Nov")
        actions[3].action_cancel()
        words = self.told(actions.action_confirm_many())
        self.assertEqual(actions.mapped("confirmed"), [True, True, False, False])
        self.assertIn("2 done", words)
        self.assertIn("1 × not an action to confirm", words)
        self.assertIn("1 × already closed", words)
        words = self.told(actions[:2].action_confirm_many())
        self.assertIn("2 × confirmed already", words)

    def test_refusal_in_the_middle(self):
        """One that refuses for a reason of its own stops no other."""
        actions = self.env["dso.action"].browse()
        for _index in range(5):
            actions |= self.plan(self.phone, "23 Nov")
        notice = self.plan(self.letter, "23 Nov")
        self.assertTrue(notice.needs_release)
        # what refuses is known beforehand as a rule, but not always
        with patch.object(type(notice), "_refused", lambda self, name: {}):
            result = (actions | notice).action_done_many()
        self.assertEqual(set(actions.mapped("state")), {"done"})
        self.assertEqual(notice.state, "planned")
        self.assertIn("5 done", self.told(result))
        self.assertIn("1 not", self.told(result))
        self.assertEqual(result["params"]["type"], "warning")

    def test_send(self):
        """Of many, what can be sent is; calls and unreleased notices are told."""
        self.company.dso_sending_active = True
        self.invoice("3 Nov")
        mail = self.plan(self.email, "23 Nov", mode="manual")
        call = self.plan(self.phone, "23 Nov")
        notice = self.plan(self.letter, "23 Nov")
        nowhere = self._customer("No address", email=False)
        self.invoice("3 Nov", partner=nowhere)
        stuck = self.plan(
            self.email, "23 Nov", mode="manual", account=self.account(nowhere)
        )
        told = self.told((mail | call | notice | stuck).action_send_many())
        self.assertEqual(mail.state, "done")
        self.assertEqual(set((call | notice).mapped("state")), {"planned"})
        self.assertEqual(stuck.state, "error")
        self.assertIn("1 done", told)
        self.assertIn("3 not", told)
        self.assertIn("1 × done by hand", told)
        self.assertIn("1 × waits for its release", told)
        self.assertIn("collection contact", told)
        with self.assertRaisesRegex(UserError, "done by hand"):
            call.action_send_many()

    def test_done_queries(self):
        """Steps are completed in no more queries for twenty than for four."""
        accounts = self.env["dso.account"]
        for number in range(24):
            partner = self._customer(f"Many {number}")
            self.invoice("11 Nov", partner=partner)
            accounts |= accounts._of_partner(partner)
        accounts.scenario_id = self._scenario("Calls", ("C1", 3, self.phone))
        accounts.evaluate(TODAY)
        actions = accounts.open_action_ids
        self.assertEqual(len(actions), 24)
        counts = []
        for some in (actions[:4], actions[4:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.action_done()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(set(actions.mapped("state")), {"done"})
        self.assertEqual(len(accounts.filtered("last_done_step_id")), 24)
        self.assertLessEqual(counts[1], counts[0])

    def test_one_refuses_loudly(self):
        """A single action says why it refuses, as its own button does."""
        action = self.plan(self.phone, "23 Nov")
        with self.assertRaises(UserError):
            action.action_skip_many()

    def test_outcome(self):
        """Done, with what came out of it, on one and on many."""
        actions = self.plan(self.phone, "23 Nov") | self.plan(self.phone, "24 Nov")
        window = self.env["dso.action.finish"].with_context(
            active_model="dso.action", active_ids=actions.ids
        )
        window.create({"outcome": "Will pay on Friday"}).action_finish()
        self.assertEqual(set(actions.mapped("state")), {"done"})
        self.assertEqual(set(actions.mapped("outcome")), {"Will pay on Friday"})

    def test_disputes_are_told(self):
        """Who closes a dispute is asked how it ended: not one of many."""
        status = self.env["dso.status"].create({"name": "Price", "type": "dispute"})
        self.invoice("1 Nov").dso_qualify(status, "Wrong price")
        dispute = self.env["dso.action"].search([("dispute", "=", True)])
        call = self.plan(self.phone, "23 Nov")
        told = self.told((dispute | call).action_done_many())
        self.assertEqual((call.state, dispute.state), ("done", "planned"))
        self.assertIn("1 × follows a dispute", told)

    def test_redate(self):
        """All of these by three days; what is closed meanwhile is told."""
        actions = self.plan(self.phone, "22 Nov") | self.plan(self.phone, "26 Nov")
        closed = self.plan(self.phone, "27 Nov")
        window = self.env["dso.action.reschedule"].with_context(
            active_model="dso.action", active_ids=(actions | closed).ids
        )
        form = window.create({"by": "days", "days": 3})
        closed.action_cancel()
        result = form.action_reschedule()
        self.assertEqual(actions.mapped("date"), [day("26 Nov"), day("29 Nov")])
        self.assertIn("1 × already closed", self.told(result))

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_roles(self):
        """§10: what a role may not do to one, it may not do to many."""
        actions = self.plan(self.phone, "23 Nov") | self.plan(self.phone, "24 Nov")
        for role, refused in (
            ("viewer", ("done", "cancel", "skip", "confirm", "assign", "send")),
            ("resolver", ("skip", "confirm", "assign", "send")),
        ):
            for verb in refused:
                as_role = actions.with_user(self.users[role])
                with self.assertRaises(AccessError, msg=f"{role} {verb}"):
                    getattr(as_role, f"action_{verb}_many")()
        self.assertEqual(set(actions.mapped("state")), {"planned"})

    def test_assign(self):
        """The customers of the chosen actions are given to another collector."""
        actions = self.plan(self.phone, "23 Nov") | self.plan(self.phone, "24 Nov")
        context = actions.action_assign_many()["context"]
        self.assertEqual(context["active_model"], "dso.account")
        self.assertEqual(context["active_ids"], actions.account_id.ids)


@tagged("post_install", "-at_install")
class TestSituation(AgendaCase):
    def test_words(self):
        """Leader, overdue, phone, last status, last events, and what can be done."""
        self.customer.phone = "+44 20 7946 0000"
        move = self.invoice("3 Nov", 1200)
        account = self.account()
        account.evaluate(TODAY)
        move.dso_qualify(self.status("on_going", name="Contacted"), "Wants a copy")
        account.evaluate(TODAY)
        action = account.proposal_id
        found = action.get_situation()
        facts = {fact["label"]: fact["value"] for fact in found["facts"]}
        self.assertIn("1,200.00", facts["Overdue"])
        self.assertIn(move.name, facts["Leader"])
        self.assertEqual(facts["Phone"], "+44 20 7946 0000")
        self.assertEqual(facts["Last status"], "Contacted")
        self.assertEqual(found["events"][0]["what"], "Contacted")
        self.assertIn("Wants a copy", found["events"][0]["text"])
        self.assertEqual(action.last_status_id.name, "Contacted")

    def test_buttons_by_role(self):
        """§10: each role is offered what it may do, and each key stands once."""
        action = self.plan(self.phone, "23 Nov")
        self.env.flush_all()
        names = {}
        for role, user in self.users.items():
            buttons = action.with_user(user).get_situation()["buttons"]
            keys = [button["key"] for button in buttons]
            self.assertEqual(len(keys), len(set(keys)), role)
            names[role] = [button["name"] for button in buttons]
        self.assertEqual(names["viewer"], [])
        self.assertEqual(names["resolver"], [], "it is not his follow-up")
        self.assertEqual(names["collector"][0], "action_call")
        resolver = self.users["resolver"]
        own = self.plan(
            self.phone,
            "23 Nov",
            kind="specific",
            moves=self.invoice("1 Nov"),
            resolver_id=resolver.id,
        )
        self.env.flush_all()
        buttons = own.with_user(resolver).get_situation()["buttons"]
        self.assertIn("action_finish", [button["name"] for button in buttons])

    def test_asked_before(self):
        """What cannot be taken back is asked before a key does it."""
        buttons = self.plan(self.phone, "23 Nov").get_situation()["buttons"]
        asks = {button["name"]: bool(button["ask"]) for button in buttons}
        self.assertTrue(asks["action_cancel"])
        self.assertFalse(asks["action_redate"])

    def test_gone(self):
        """An action that is gone is told, without an error."""
        self.assertFalse(self.env["dso.action"].browse(2**30).get_situation())

    def test_cure(self):
        """Whoever sees a problem is led to a record that he may read."""
        self.env["mail.blacklist"].create({"email": self.customer.email})
        action = self.plan(self.email, "23 Nov")
        for problem, _words in PROBLEMS:
            action._park(problem)
            self.env.flush_all()
            mine = action.with_user(self.users["collector"])
            if problem == "no_gateway":
                with self.assertRaisesRegex(UserError, "credit manager"):
                    mine.action_open_cure()
                continue
            cure = mine.action_open_cure()
            record = self.env[cure["res_model"]].browse(cure["res_id"])
            self.assertTrue(record.exists(), problem)
            record.with_user(self.users["collector"]).check_access("read")
        action._park("blocked_address")
        self.env.user.group_ids |= self.env.ref("base.group_system")
        self.assertEqual(action.action_open_cure()["res_model"], "mail.blacklist")

    def test_company(self):
        """Nobody reads the situation of another company's customer."""
        action = self.plan(self.phone, "23 Nov")
        other = self.env["res.company"].create({"name": "Other company"})
        stranger = self.user_of("collector", other)
        self.env.flush_all()
        with self.assertRaises(AccessError):
            action.with_user(stranger).get_situation()


@tagged("post_install", "-at_install")
class TestOwnSettings(AgendaCase):
    def test_filters_are_kept(self):
        """Filters of the agenda stay with the user, over sessions."""
        user = self.users["collector"]
        settings = self.env["res.users.settings"]._find_or_create_for_user(user)
        value = {"facets": [{"name": "late"}], "tabs": ["manual"]}
        settings.with_user(user).set_res_users_settings({"dso_agenda": value})
        found = settings.with_user(user)._res_users_settings_format()
        self.assertEqual(found["dso_agenda"], value)

    def test_others_log_in(self):
        """Who does not work with collection still gets his settings."""
        user = new_test_user(self.env, login="agenda_employee")
        settings = self.env["res.users.settings"]._find_or_create_for_user(user)
        found = settings.with_user(user)._res_users_settings_format()
        self.assertNotIn("dso_agenda", found)
        self.assertIn("user_id", found)

    def test_activities(self):
        """§5: late and today count what needs a person, of collector and resolver."""
        collector, resolver = self.users["collector"], self.users["resolver"]
        self.account().collector_id = collector
        auto = self._model("Auto", "email", template=True, mode="auto")
        for date in ("22 Nov", "23 Nov", "24 Nov"):
            self.plan(self.phone, date)
            self.plan(auto, date)
        self.plan(self.phone, "22 Nov", resolver_id=resolver.id)
        self.env.flush_all()

        def group(user):
            groups = self.env["res.users"].with_user(user)._get_activity_groups()
            return [
                (row["overdue_count"], row["today_count"], row["planned_count"])
                for row in groups
                if row["model"] == "dso.action"
            ]

        before = self.env["dso.action"].with_user(collector)._count_own()
        self.assertEqual(group(collector), [before])
        self.assertEqual(before[0:2], (2, 1))
        self.assertEqual(group(resolver), [(1, 0, 0)])
        self.assertEqual(group(self.users["viewer"]), [])

    def test_activities_open_the_same(self):
        """What the activities count is what they open."""
        collector = self.users["collector"]
        self.account().collector_id = collector
        for date in ("22 Nov", "23 Nov", "24 Nov"):
            self.plan(self.phone, date)
        # a problem does not wait for its day
        self.plan(self.phone, "25 Nov")._park("no_phone")
        self.env.flush_all()
        Action = self.env["dso.action"].with_user(collector)
        late, today, later = Action._count_own()
        self.assertEqual((late, today, later), (1, 2, 1))
        for due, number in (
            ("overdue", late),
            ("today", today),
            ("upcoming_all", later),
        ):
            action = Action.action_open_own(due)
            arch = Action.get_view(action["search_view_id"][0], "search")["arch"]
            domain = [("state", "in", ("planned", "error"))]
            for name in action["context"]:
                if not name.startswith("search_default_"):
                    continue
                node = self.filter_of(arch, name.removeprefix("search_default_"))
                domain += node
            self.assertEqual(Action.search_count(domain), number, due)

    def filter_of(self, arch, name):
        [node] = etree.fromstring(arch).xpath(f"//filter[@name='{name}']")
        return safe_eval(node.get("domain"), {"uid": self.users["collector"].id})


@tagged("post_install", "-at_install", "is_tour")
class TestAgendaUi(DsoCommon, HttpCase):
    def test_agenda(self):
        """§5: tabs, counters, filters that persist, the customer beside the list, keys,
        and many at once, in a browser."""
        self.company.dso_sending_active = False
        for name, amount in (("Brasserie Lumière", 900), ("Atelier Nord", 9000)):
            partner = self._customer(name)
            self.invoice("3 Nov", amount, partner=partner)
            account = self.account(partner)
            account.evaluate()
            for title in ("First call", "Second call"):
                self.env["dso.action"].create(
                    {
                        "account_id": account.id,
                        "action_model_id": self.phone.id,
                        "name": title,
                        "date": "2026-11-01",
                    }
                )
        self.start_tour(
            "/odoo/collection-manual",
            "dso_agenda",
            login=self.env.user.login,
            timeout=180,
        )
        facets = self.env.user.res_users_settings_id.dso_agenda["facets"]
        self.assertIn({"name": "phone"}, facets)
        done = self.env["dso.action"].search(
            [("company_id", "=", self.company.id), ("state", "=", "done")]
        )
        self.assertEqual(len(done), 2)
