"""Mass assignment and assignment rules of existing accounts (rules.md §1.6)."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
class TestAssignment(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._scenario(
            "OTHER", ("O1", 1, cls.email), ("O2", 9, cls.phone), ("O3", 20, cls.phone)
        )
        cls.bob = new_test_user(
            cls.env,
            login="bob",
            groups="dso_collection.group_collector",
            company_id=cls.company.id,
        )

    def setUp(self):
        super().setUp()
        clock = freeze_time(str(TODAY))
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)

    def accounts(self, count, **values):
        partners = self.env["res.partner"].create(
            [{"name": f"C{n}", "is_company": True, **values} for n in range(count)]
        )
        return self.env["dso.account"].create(
            [
                {"company_id": self.company.id, "partner_id": partner.id}
                for partner in partners
            ]
        )

    def window(self, accounts, **values):
        return (
            self.env["dso.assign"]
            .with_context(active_model="dso.account", active_ids=accounts.ids)
            .create(values)
        )

    def test_values(self):
        """§1.6: chosen values go to the chosen customers, and nobody else."""
        accounts = self.accounts(3)
        window = self.window(
            accounts[:2],
            scenario_id=self.other.id,
            collector_id=self.bob.id,
            penalties="yes",
            interactive="no",
            hold_reason="key_account",
            hold_until=day("31 Dec"),
        )
        self.assertEqual((window.account_count, window.changed_count), (2, 2))
        window.action_apply()
        for account in accounts[:2]:
            self.assertEqual(account.scenario_id, self.other)
            self.assertEqual(account.collector_id, self.bob)
            self.assertTrue(account.penalties)
            self.assertFalse(account.interactive)
            self.assertEqual(account.hold_until, day("31 Dec"))
            self.assertEqual(account.hold_ids.reason, "key_account")
            self.assertEqual(account.hold_user_id, self.env.user)
        self.assertEqual(accounts[2].scenario_id, self.scenario)
        self.assertFalse(accounts[2].collector_id | accounts[2].hold_user_id)

    def test_preview(self):
        """§1.6: who would get what, before anything is written."""
        accounts = self.accounts(3)
        accounts[0].collector_id = self.bob
        window = self.window(accounts, collector_id=self.bob.id)
        self.assertEqual(window.changed_count, 2)
        shown = str(window.preview)
        for text in ("none", "<b>bob", ">2<", "C1", "C2"):
            self.assertIn(text, shown)
        self.assertNotIn("C0", shown)
        self.assertEqual(
            window.action_show_changed()["domain"], [("id", "in", accounts[1:].ids)]
        )
        self.assertFalse(accounts[1].collector_id)
        accounts.collector_id = self.bob
        with self.assertRaises(UserError):
            window.action_apply()

    def test_preview_escapes(self):
        """Case 33: a customer's name is text, not markup."""
        accounts = self.accounts(1, name="<img src=x onerror=alert(1)>")
        accounts.partner_id.name = "<img src=x onerror=alert(1)>"
        shown = str(self.window(accounts, collector_id=self.bob.id).preview)
        self.assertNotIn("<img", shown)

    def test_client_type_brings_its_scenario(self):
        """§1.6: as on the record; a scenario chosen beside it wins."""
        kind = self.env["dso.client.type"].create(
            {"name": "Risky", "scenario_id": self.other.id}
        )
        accounts = self.accounts(2)
        self.window(accounts[0], client_type_id=kind.id).action_apply()
        self.assertEqual(accounts[0].scenario_id, self.other)
        self.window(
            accounts[1], client_type_id=kind.id, scenario_id=self.scenario.id
        ).action_apply()
        self.assertEqual(accounts[1].client_type_id, kind)
        self.assertEqual(accounts[1].scenario_id, self.scenario)

    def test_rules(self):
        """§1.6: the first rule that matches, value by value; else the defaults."""
        self.env["dso.assignment.rule"].create(
            [
                {
                    "name": "C1",
                    "sequence": 1,
                    "domain": "[('name', '=', 'C1')]",
                    "collector_id": self.bob.id,
                    "hold_reason": "direct_debit",
                },
                {
                    "name": "All C",
                    "sequence": 2,
                    "domain": "[('name', 'like', 'C')]",
                    "collector_id": self.env.user.id,
                    "penalties": "yes",
                },
            ]
        )
        accounts = self.accounts(2)
        third = self.account(self._customer("Third"))
        third.collector_id = self.bob
        accounts |= third
        self.company.dso_collector_id = self.env.user
        window = self.window(accounts, source="rules")
        window.action_apply()
        self.assertEqual(
            accounts.mapped("collector_id.id"), [self.env.user.id, self.bob.id]
        )
        self.assertEqual(third.collector_id, self.bob)
        self.assertEqual(accounts.mapped("penalties"), [True, True, False])
        self.assertEqual(accounts[1].hold_reason, "direct_debit")
        self.window(accounts, source="rules", use_defaults=True).action_apply()
        self.assertEqual(third.collector_id, self.env.user)

    def test_search(self):
        """§1.6: everybody who matches a search, of this company only."""
        accounts = self.accounts(2)
        accounts[0].note = "x"
        window = self.env["dso.assign"].create(
            {"domain": "[('note', '=', 'x')]", "collector_id": self.bob.id}
        )
        window.action_apply()
        self.assertEqual(accounts[0].collector_id, self.bob)
        self.assertFalse(accounts[1].collector_id)
        with self.assertRaises(UserError):
            self.env["dso.assign"].create(
                {"domain": "__import__('os')", "collector_id": self.bob.id}
            )._accounts()

    def test_scenario_change_replaces_the_proposal(self):
        """L14: a few customers are evaluated within the click."""
        self.invoice("1 Nov")
        self.assertProposal("S2", "4 Nov")
        self.window(self.account(), scenario_id=self.other.id).action_apply()
        self.assertProposal("O1", "2 Nov")

    def test_start_at_step(self):
        """§12: a scenario change may start at a step; those before are skipped."""
        self.invoice("1 Nov")
        self.do_steps(("S2", "4 Nov"))
        steps = self.other.step_ids
        self.window(
            self.account(), scenario_id=self.other.id, start_step_id=steps[1].id
        ).action_apply()
        self.assertProposal("O2", "10 Nov")
        self.on(TODAY, "done")
        self.assertEqual(self.account().proposal_id.step_id.name, "O3")
        # the first step: at the beginning
        self.window(self.account(), scenario_id=self.scenario.id).action_apply()
        self.window(
            self.account(), scenario_id=self.other.id, start_step_id=steps[0].id
        ).action_apply()
        self.assertProposal("O1", "2 Nov")

    def test_start_at_step_of_another_scenario(self):
        """§12: a step of another scenario is refused."""
        window = self.window(
            self.accounts(1),
            scenario_id=self.other.id,
            start_step_id=self.scenario.step_ids[0].id,
        )
        with self.assertRaises(UserError):
            window.action_apply()

    def test_filters(self):
        """§1.6: customers without scenario or collector are found."""
        accounts = self.accounts(2)
        accounts[0].write({"scenario_id": False, "collector_id": self.bob.id})
        search = self.env["dso.account"].search
        self.assertIn(accounts[0], search([("scenario_id", "=", False)]))
        nobody = search([("acting_collector_id", "=", False)])
        self.assertIn(accounts[1], nobody)
        self.assertNotIn(accounts[0], nobody)

    def test_rights(self):
        """§10: a resolver assigns nobody."""
        accounts = self.accounts(1)
        user = new_test_user(
            self.env,
            login="r",
            groups="dso_collection.group_resolver",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.env["dso.assign"].with_user(user).create({})
        window = self.window(accounts, penalties="yes").with_user(user)
        with self.assertRaises(AccessError):
            window.action_apply()

    def test_case_31_other_company(self):
        """Case 31: customers of another company are neither counted nor changed."""
        other = self.setup_other_company()["company"]
        foreign = self.env["dso.account"].create(
            {"company_id": other.id, "partner_id": self._customer("Foreign").id}
        )
        mine = self.accounts(1)
        window = (
            self.env["dso.assign"]
            .with_user(self.bob)
            .with_context(allowed_company_ids=self.company.ids)
            .create(
                {
                    "scope": "chosen",
                    "account_keys": (foreign | mine).ids,
                    "penalties": "yes",
                }
            )
        )
        self.assertEqual(window.account_count, 1)
        window.action_apply()
        self.assertFalse(foreign.penalties)
        self.assertTrue(mine.penalties)

    def test_scenario_of_another_company(self):
        """Case 31: a scenario of one company is refused for customers of another."""
        other = self.setup_other_company()["company"]
        self.other.company_id = other
        window = self.window(self.accounts(1), scenario_id=self.other.id)
        with self.assertRaises(UserError):
            window.action_apply()

    def _many(self, count):
        """Accounts with their customers, made by SQL."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            WITH p AS (
                INSERT INTO res_partner (
                       name, complete_name, active, is_company, type, autopost_bills)
                SELECT 'Many ' || n, 'Many ' || n, TRUE, TRUE, 'contact', 'ask'
                  FROM generate_series(1, %s) n
             RETURNING id), q AS (
                INSERT INTO dso_account (company_id, partner_id, scenario_id)
                SELECT %s, id, %s FROM p RETURNING id, partner_id)
            SELECT array_agg(id), array_agg(partner_id) FROM q
            """,
            [count, self.company.id, self.scenario.id],
        )
        ids, partners = self.env.cr.fetchone()
        self.env.cr.execute(
            "UPDATE res_partner SET commercial_partner_id = id WHERE id = ANY(%s)",
            [partners],
        )
        self.env.invalidate_all()
        return self.env["dso.account"].browse(ids)

    def _queries(self, accounts, **values):
        window = self.window(accounts, **values)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        window.action_apply()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_ten_thousand(self):
        """Ten thousand customers take as many queries as three hundred, and are left
        to the queue."""
        self.env["dso.assignment.rule"].create(
            {
                "name": "All",
                "domain": "[('name', 'like', 'Many')]",
                "collector_id": self.bob.id,
                "hold_reason": "key_account",
            }
        )
        few, many = self._many(300), self._many(10000)
        for values in (
            {
                "scenario_id": self.other.id,
                "start_step_id": self.other.step_ids[1].id,
                "penalties": "yes",
            },
            {"source": "rules"},
        ):
            self._queries(self._many(201), **values)  # what is read once
            small = self._queries(few, **values)
            large = self._queries(many, **values)
            self.assertLessEqual(large, small, values)
            self.assertLess(large, 25)
        self.assertEqual(many.collector_id, self.bob)
        self.assertEqual(many.scenario_id, self.other)
        self.assertEqual(len(many.hold_ids), 10000)
        self.assertGreaterEqual(
            self.env["dso.dirty"].search_count([("account_id", "in", many.ids)]), 10000
        )
