"""Who may read, qualify, chase and set up; and what nobody may do from outside."""

import inspect

from odoo import Command, models
from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, DsoCommon, day

ROLES = ("viewer", "resolver", "collector", "manager")
SETUP = {"viewer": "r", "resolver": "r", "collector": "r", "manager": "rwcu"}
NONE = dict.fromkeys(("viewer", "resolver", "collector", "manager"), "")
READ = dict.fromkeys(ROLES, "r")
ACTIONS = {"viewer": "r", "resolver": "rw", "collector": "rwc", "manager": "rwc"}
#: What each role may do with each model: read, write, create, unlink.
RIGHTS = {
    "dso.account": {
        "viewer": "r",
        "resolver": "r",
        "collector": "rwc",
        "manager": "rwcu",
    },
    "dso.item": READ,
    "dso.qualification": READ,
    "dso.expectation": READ,
    "dso.history": READ,
    "dso.history.export": READ,
    "dso.promise": READ,
    "dso.promise.line": READ,
    "dso.payment.plan": READ,
    "dso.litigation.file": {
        "viewer": "",
        "resolver": "",
        "collector": "rc",
        "manager": "rcu",
    },
    "dso.litigation.report": READ,
    "dso.letter": {"viewer": "r", "resolver": "r", "collector": "rw", "manager": "rw"},
    "dso.letter.batch": {
        "viewer": "r",
        "resolver": "r",
        "collector": "rw",
        "manager": "rw",
    },
    "dso.release": READ,
    "dso.action": ACTIONS,
    "dso.action.line": ACTIONS,
    "dso.client.type": SETUP,
    "dso.scenario": SETUP,
    "dso.scenario.step": SETUP,
    "dso.action.model": SETUP,
    "dso.action.model.variant": SETUP,
    "dso.legal.basis": SETUP,
    "dso.status": SETUP,
    "dso.assignment.rule": SETUP,
    "dso.contact.role": SETUP,
    "dso.hold": READ,
    "dso.absence": {
        "viewer": "r",
        "resolver": "r",
        "collector": "rwcu",
        "manager": "rwcu",
    },
    "dso.reply.line": READ,
    "dso.reply.unmatched": {
        "viewer": "r",
        "resolver": "r",
        "collector": "rw",
        "manager": "rw",
    },
    "dso.reply.suggestion": READ,
    "dso.reply": {"viewer": "r", "resolver": "r", "collector": "rwc", "manager": "rwc"},
    "dso.alert": {
        "viewer": "r",
        "resolver": "r",
        "collector": "rwcu",
        "manager": "rwcu",
    },
    "dso.alert.hit": READ,
    "dso.late.rate": SETUP,
    "dso.late.tier": SETUP,
    "dso.late.claim": READ,
    "dso.payment.profile": SETUP,
    "dso.access.token": READ,
    "dso.access.attempt": NONE,
    "dso.access.request": NONE,
    "dso.access.log": {**NONE, "manager": "r"},
    "dso.document": READ,
    "dso.change": {"viewer": "", "resolver": "", "collector": "", "manager": "r"},
    "dso.dirty": {"viewer": "", "resolver": "", "collector": "", "manager": "r"},
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}


class AccessCase(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: cls._user(role, f"dso_collection.group_{role}") for role in ROLES
        }
        cls.users["internal"] = cls._user("internal", "base.group_user")
        cls.users["billing"] = cls._user("billing", "account.group_account_invoice")
        cls.users["portal"] = new_test_user(
            cls.env,
            login="dso_portal",
            groups="base.group_portal",
            partner_id=cls.customer.id,
        )
        cls.dispute = cls.env["dso.status"].create(
            {"name": "Dispute", "type": "dispute"}
        )

    @classmethod
    def _user(cls, name, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login=f"dso_{name}",
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)

    def refused(self, call, *args, **kwargs):
        with self.assertRaises(AccessError):
            call(*args, **kwargs)
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestRoles(AccessCase):
    # Models --------------------------------------------------------------------

    def test_rights_of_the_roles(self):
        """§10: Viewer < Resolver < Collector < Credit manager, on every model."""
        for model, by_role in RIGHTS.items():
            for role, rights in by_role.items():
                records = self.env[model].with_user(self.users[role])
                for letter, operation in OPERATIONS.items():
                    self.assertEqual(
                        records.has_access(operation),
                        letter in rights,
                        f"{role} {operation} {model}",
                    )

    def test_every_model_is_listed(self):
        """A new model has its rights in the table above."""
        ours = {
            name
            for name, model in self.registry.items()
            if model._original_module == "dso_collection"
            and name.startswith("dso.")
            and not model._abstract
            and not model._transient
        }
        self.assertEqual(ours, set(RIGHTS))

    def test_outsiders(self):
        """Plain internal users and portal users reach none of our models."""
        for name, model in self.registry.items():
            if model._original_module != "dso_collection" or not name.startswith(
                "dso."
            ):
                continue
            for role in ("internal", "portal"):
                records = self.env[name].with_user(self.users[role])
                for operation in OPERATIONS.values():
                    self.assertFalse(
                        records.has_access(operation), f"{role} {operation} {name}"
                    )

    def test_accounting_groups(self):
        """§10: billing users are collectors, accounting administrators managers."""
        self.assertTrue(
            self.users["billing"].has_group("dso_collection.group_collector")
        )
        self.assertFalse(
            self.users["billing"].has_group("dso_collection.group_manager")
        )
        administrator = self._user("advisor", "account.group_account_manager")
        self.assertTrue(administrator.has_group("dso_collection.group_manager"))
        auditor = self._user("auditor", "account.group_account_readonly")
        self.assertTrue(auditor.has_group("dso_collection.group_viewer"))
        self.assertFalse(auditor.has_group("dso_collection.group_resolver"))

    # Verbs ---------------------------------------------------------------------

    def _records(self):
        """A proposal, a dispute's follow-up for the resolver, and one for nobody."""
        self.invoice("10 Nov")
        mine, other = self.invoice("11 Nov"), self.invoice("12 Nov")
        mine.dso_qualify(self.dispute, "", resolver=self.users["resolver"])
        other.dso_qualify(self.dispute, "")
        account = self.evaluate()
        specific = account.open_action_ids.filtered(lambda a: a.kind == "specific")
        mine = specific.filtered("resolver_id")
        return account, account.proposal_id, mine, specific - mine

    def test_viewer(self):
        """A viewer reads, and changes nothing by any method."""
        account, proposal, mine, _other = self._records()
        user = self.users["viewer"]
        account, proposal, mine = (r.with_user(user) for r in (account, proposal, mine))
        move = proposal.leader_id
        self.assertTrue(account.read(["balance", "explanation", "item_count"]))
        self.assertTrue(proposal.read(["colour", "explanation", "amount_claimed"]))
        self.assertTrue(move.read(["dso_status_id", "dso_starred", "dso_comment"]))
        self.assertTrue(account.action_open_items())
        for call in (
            proposal.action_done,
            proposal.action_skip,
            proposal.action_cancel,
            proposal.action_confirm,
            mine.action_done,
            account.action_evaluate,
            account.action_hold_30,
            account.action_release,
            account.qualification_ids[:1].action_undo,
        ):
            self.refused(call)
        self.refused(proposal.action_reschedule, day("1 Dec"))
        self.refused(proposal.write, {"date": day("1 Dec")})
        self.refused(move.dso_qualify, self.dispute, "I say so")
        self.refused(move.write, {"dso_ignored": True})
        self.refused(account.write, {"scenario_id": False})
        self.refused(account.write, {"hold_reason": "pause"})

    def test_viewer_opens_the_record_of_a_new_customer(self):
        """Opening Collection from a contact works for whoever may read."""
        partner = self._customer("Fresh")
        action = partner.with_user(self.users["viewer"]).action_dso_open_account()
        account = self.env["dso.account"].browse(action["res_id"])
        self.assertEqual(account.partner_id, partner)
        self.refused(partner.with_user(self.users["internal"]).action_dso_open_account)

    def test_resolver(self):
        """A resolver qualifies, and drives the follow-ups assigned to him only."""
        account, proposal, mine, other = self._records()
        user = self.users["resolver"]
        move = proposal.leader_id.with_user(user)
        for call in (
            proposal.with_user(user).action_done,
            proposal.with_user(user).action_skip,
            proposal.with_user(user).action_cancel,
            other.with_user(user).action_done,
            other.with_user(user).action_cancel,
            account.with_user(user).action_evaluate,
            account.with_user(user).action_hold_30,
        ):
            self.refused(call)
        self.refused(other.with_user(user).action_reschedule, day("1 Dec"))
        self.refused(
            self.env["dso.action"].with_user(user).create,
            {"account_id": account.id, "action_model_id": self.phone.id},
        )
        mine.with_user(user).action_reschedule(day("1 Dec"))
        mine.with_user(user).note = "asked the driver"
        row = move.dso_qualify(self.dispute, "broken", resolver=user)
        self.assertEqual(row.user_id, user)
        row.with_user(user).action_undo()
        self.assertFalse(move.dso_status_id)
        self.refused(setattr, move, "dso_ignored", True)
        item = mine.move_ids
        mine.with_user(user).action_done()
        self.assertEqual(item.dso_status_type, "dispute_resolved")
        self.env.cr.flush()  # the evaluation of a resolver's transaction

    def test_resolver_cannot_take_an_action_over(self):
        """A resolver cannot make himself the resolver of another's follow-up."""
        _account, proposal, _mine, other = self._records()
        user = self.users["resolver"]
        self.refused(other.with_user(user).write, {"resolver_id": user.id})
        self.refused(proposal.with_user(user).write, {"resolver_id": user.id})

    def test_collector(self):
        """A collector plans, confirms, completes, holds; he sets nothing up."""
        account, proposal, mine, _other = self._records()
        self.email.mode = "auto_confirm"
        user = self.users["collector"]
        proposal.with_user(user).write({"mode": "auto_confirm"})
        proposal.with_user(user).action_confirm()
        proposal.with_user(user).action_reschedule(day("25 Nov"))
        proposal.with_user(user).action_done()
        mine.with_user(user).action_done()
        action = (
            self.env["dso.action"]
            .with_user(user)
            .create(
                {
                    "account_id": account.id,
                    "kind": "specific",
                    "action_model_id": self.phone.id,
                    "line_ids": [Command.create({"move_id": proposal.leader_id.id})],
                }
            )
        )
        action.action_cancel()
        account = account.with_user(user)
        account.action_hold_30()
        self.assertEqual(account.hold_user_id, user)
        account.action_release()
        account.action_evaluate()
        account.note = "calls back on Fridays"
        account.scenario_id = self._scenario("Other", ("O", 1, self.phone))
        self.refused(self.scenario.with_user(user).write, {"minimum_gap": 3})
        self.refused(self.email.with_user(user).write, {"mode": "auto"})
        self.refused(self.dispute.with_user(user).write, {"delay": 3})
        self.refused(account.unlink)

    def test_billing_user_without_collection_screens(self):
        """Posting and paying as a plain billing user evaluates as well."""
        user = self.users["billing"]
        self.env["account.move"].with_user(user).check_access("create")
        move = self.invoice("10 Nov").with_user(user)
        move.button_draft()
        move.action_post()
        self.env.cr.flush()
        self.assertEqual(self.account().proposal_id.step_id.name, "S2")

    def test_events_of_users_without_collection(self):
        """Whoever changes the ledger or a contact need not see collection."""
        self.email.mode = "auto"
        self.invoice("10 Nov")
        self.evaluate()
        user = self._user("contacts", "base.group_user,base.group_partner_manager")
        self.customer.with_user(user).email = False
        self.env.cr.flush()
        self.assertEqual(self.account().proposal_id.problem, "no_contact")
        self.customer.with_user(user).write({"email": "x@customer.example"})
        self.env["res.partner"].with_user(user).create(
            {"name": "Child", "parent_id": self.customer.id, "type": "invoice"}
        )
        self.env.cr.flush()
        self.assertFalse(self.account().proposal_id.problem)

    def test_manager_sets_up(self):
        """A credit manager sets up scenarios, library, statuses and rules."""
        user = self.users["manager"]
        env = self.env(user=user)
        model = env["dso.action.model"].create({"name": "Call", "type": "phone"})
        scenario = env["dso.scenario"].create(
            {
                "name": "Mine",
                "step_ids": [Command.create({"days": 3, "action_model_id": model.id})],
            }
        )
        scenario.step_ids.days = 4
        env["dso.status"].create({"name": "Mine", "type": "on_going"})
        kind = env["dso.client.type"].create(
            {"name": "Mine", "scenario_id": scenario.id}
        )
        env["dso.assignment.rule"].create(
            {"name": "Mine", "domain": "[]", "client_type_id": kind.id}
        )
        scenario.copy()

    def test_nobody_writes_the_history(self):
        """Items and qualifications have no right to write for anybody."""
        move = self.invoice("10 Nov")
        row = move.dso_qualify(self.dispute, "broken")
        for role in (*ROLES, "billing"):
            user = self.users[role]
            with self.assertRaises(UserError):
                row.with_user(user).write({"comment": "x"})
            self.refused(row.with_user(user).unlink)
            self.refused(move.dso_item_ids.with_user(user).write, {"ignored": True})
            self.refused(
                self.env["dso.item"].with_user(user).create,
                {"move_id": move.id, "account_id": self.account().id},
            )

    # Fields on Odoo's own models -----------------------------------------------

    def test_fields_are_hidden(self):
        """Architecture, invariants: our fields on Odoo's models carry groups."""
        for model in ("account.move", "account.move.line", "res.partner"):
            for name, field in self.env[model]._fields.items():
                if name.startswith("dso_"):
                    self.assertIn("dso_collection.group", field.groups or "", name)
                    self.assertFalse(field.copy, name)
        self.assertTrue(self.env["account.journal"]._fields["dso_opening"].groups)

    def test_portal_user_reads_his_invoice_without_our_comment(self):
        """A customer who may read his invoice must not read our comment."""
        move = self.invoice("10 Nov")
        move.dso_qualify(self.dispute, "he is lying")
        self.env.flush_all()
        self.env.invalidate_all()
        theirs = move.with_user(self.users["portal"])
        self.assertTrue(theirs.read(["name", "amount_residual"]))
        self.assertFalse([n for n in theirs.fields_get() if n.startswith("dso_")])
        for name in ("dso_comment", "dso_status_id", "dso_item_ids", "dso_starred"):
            self.refused(theirs.read, [name])
            self.refused(theirs.search, [(name, "!=", False)])
            self.refused(theirs.search_read, [], [name])
            self.refused(theirs.search, [], order=f"{name} desc")
        self.refused(theirs.search, [("dso_comment", "ilike", "lying")])
        self.refused(theirs.search, [("dso_item_ids.comment", "ilike", "lying")])
        self.refused(theirs._read_group, [], ["dso_status_id"], ["__count"])
        self.refused(theirs.formatted_read_group, [], ["dso_status_type"], ["__count"])

    def test_viewer_does_not_read_the_whole_ledger(self):
        """A salesperson with the role Viewer reads customers' items, not wages."""
        bill = self.init_invoice("in_invoice", post=True, amounts=[10])
        wages = self.env["account.move"].create(
            {
                "move_type": "entry",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_expense"
                            ].id,
                            "balance": sign * 3000,
                        }
                    )
                    for sign in (1, -1)
                ],
            }
        )
        payment = self.unallocated(50).move_id
        invoice = self.invoice("10 Nov")
        for role in ("viewer", "resolver", "collector"):
            Move = self.env["account.move"].with_user(self.users[role])
            found = Move.search([("id", "in", (bill | wages | payment | invoice).ids)])
            self.assertEqual(found, payment | invoice)
            self.assertTrue(invoice.with_user(self.users[role]).line_ids.read(["name"]))
            self.refused(wages.line_ids.with_user(self.users[role]).read, ["name"])
        self.assertTrue(wages.with_user(self.users["billing"]).read(["name"]))

    # Remote end points ---------------------------------------------------------

    def test_private_methods(self):
        """Architecture: what takes a date or a record from its caller is private."""
        for model, name in (
            ("dso.account", "evaluate"),
            ("dso.account", "_cron_evaluate"),
            ("dso.account", "_evaluate"),
            ("dso.account", "_step_done"),
            ("dso.action", "action_reschedule"),
            ("dso.action", "_engine"),
            ("account.move", "dso_qualify"),
            ("dso.dirty", "_mark"),
            ("dso.dirty", "_drain"),
        ):
            with self.assertRaises(AccessError, msg=f"{model}.{name}"):
                get_public_method(self.env[model], name)

    def test_public_methods_take_nothing_from_their_caller(self):
        """Our other public methods are buttons: no arguments but flags of a view, and
        the filters of a user, which are searched with his own rights."""
        allowed = {"tab", "due", "chart", "domain"}
        for name, model in self.registry.items():
            for owner in model.mro():
                if not owner.__module__.startswith("odoo.addons.dso_collection."):
                    continue
                for method, function in vars(owner).items():
                    if method.startswith("_") or not inspect.isfunction(function):
                        continue
                    if hasattr(models.BaseModel, method) or any(
                        method in vars(other)
                        for other in model.mro()
                        if not other.__module__.startswith("odoo.addons.dso_")
                        and other is not owner
                    ):
                        continue
                    try:
                        get_public_method(self.env[name], method)
                    except AccessError:
                        continue
                    arguments = set(inspect.signature(function).parameters) - {"self"}
                    self.assertFalse(arguments - allowed, f"{name}.{method}")


@tagged("post_install", "-at_install")
class TestCompanies(AccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company()["company"]
        cls.company.write({"child_ids": [Command.create({"name": "Branch"})]})
        cls.env.cr.precommit.run()  # load the chart of accounts
        cls.branch = cls.company.child_ids
        cls.stranger = cls._user(
            "stranger", "dso_collection.group_manager", company=cls.other
        )
        cls.local = cls._user(
            "local", "dso_collection.group_manager", company=cls.branch
        )

    def test_other_company_sees_nothing(self):
        """No query crosses companies: another company's manager sees nothing."""
        move = self.invoice("10 Nov")
        row = move.dso_qualify(self.dispute, "broken")
        self.invoice("11 Nov")
        account = self.evaluate()
        env = self.env(user=self.stranger)
        for records in (
            account,
            account.action_ids,
            account.action_ids.line_ids,
            row,
            move.dso_item_ids,
        ):
            self.assertTrue(records)
            mine = env[records._name].browse(records.ids)
            self.assertFalse(mine._filtered_access("read"), records._name)
            self.assertFalse(mine.search([("id", "in", records.ids)]))
        self.refused(move.with_user(self.stranger).dso_qualify, self.dispute, "mine")
        self.refused(account.proposal_id.with_user(self.stranger).action_done)
        self.refused(row.with_user(self.stranger).action_undo)
        self.assertEqual(self.customer.with_user(self.stranger).dso_amount_overdue, 0)

    def test_strategy_of_one_company(self):
        """Strategy without company is shared, with one it is the company's own."""
        for record in (self.scenario, self.email, self.dispute):
            self.assertTrue(record.with_user(self.stranger).has_access("read"))
            record.company_id = self.company
            self.assertFalse(record.with_user(self.stranger).has_access("read"))
            self.assertTrue(record.with_user(self.local).has_access("read"))
        self.assertFalse(
            self.scenario.step_ids.with_user(self.stranger).has_access("read")
        )
        with self.assertRaises(UserError):
            self.env["dso.account"].create(
                {
                    "company_id": self.other.id,
                    "partner_id": self._customer("Theirs").id,
                    "scenario_id": self.scenario.id,
                }
            )

    def test_branch_user(self):
        """Whoever works in a branch has the account of its root."""
        self.invoice("10 Nov")
        account = self.evaluate()
        self.env.invalidate_all()
        account = account.with_user(self.local)
        self.assertEqual(account.read(["balance"])[0]["balance"], 1000)
        proposal = account.proposal_id
        self.assertTrue(proposal.read(["colour", "days_late", "due_state"]))
        proposal.action_done()
        self.env.cr.flush()
        self.assertEqual(self.account().last_done_date, TODAY)

    def test_accounts_of_companies_are_apart(self):
        """One customer of two companies has two accounts, each with its strategy."""
        self.other.dso_scenario_id = self._scenario("Theirs", ("T", 1, self.phone))
        self.other.dso_client_type_id = False
        mine = self.account()
        theirs = self.env["dso.account"]._of_partner(self.customer, self.other)
        self.assertNotEqual(mine, theirs)
        self.assertEqual(theirs.scenario_id.name, "Theirs")
        self.assertEqual(mine.scenario_id, self.scenario)
        self.assertEqual(
            self.env["dso.account"]._of_partner(self.customer, self.branch), mine
        )
        visible = self.customer.with_user(self.stranger).dso_account_ids
        self.assertEqual(visible.ids, theirs.ids)
