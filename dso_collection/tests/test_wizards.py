"""The wizards: qualify, new action, re-date, first steps."""

from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestWizards(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.resolver = new_test_user(
            cls.env,
            "resolver_of_wizards",
            "base.group_user,dso_collection.group_resolver",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.collector = new_test_user(
            cls.env,
            "collector_of_wizards",
            "base.group_user,dso_collection.group_collector",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def wizard(self, model, records, user=None):
        env = self.env(user=user) if user else self.env
        return Form(
            env[model].with_context(
                active_model=records._name,
                active_ids=records.ids,
                active_id=records[:1].id,
            )
        )

    def tick(self, form, *moves):
        for index in range(len(form.item_ids)):
            with form.item_ids.edit(index) as line:
                line.selected = line.move_id in moves

    # -------------------------------------------------------------------------
    # QUALIFY
    # -------------------------------------------------------------------------

    def test_qualify_from_the_account(self):
        """Q1: as the status says; only what is ticked."""
        first, second = self.invoice("20 Oct"), self.invoice("1 Nov", 500)
        self.evaluate()
        price = self.status("dispute", delay=2)
        form = self.wizard("dso.qualify", self.account(), self.resolver)
        self.assertEqual(form.chosen_count, 0)
        form.status_id = price
        self.tick(form, first)
        self.assertEqual((form.chosen_count, form.chosen_total), (1, 1000))
        self.assertIn("11/25/2026", form.follow_up_text)
        form.comment = "Discount forgotten"
        form.save().action_qualify()
        self.assertEqual(first.dso_status_id, price)
        self.assertEqual(first.dso_comment, "Discount forgotten")
        self.assertFalse(second.dso_status_id)
        follow_up = self.account().open_action_ids.filtered("star")
        self.assertEqual((follow_up.date, follow_up.move_ids), (day("25 Nov"), first))

    def test_tick_all_overdue(self):
        overdue, not_due = self.invoice("20 Oct"), self.invoice("20 Dec")
        form = self.wizard("dso.qualify", self.account())
        form.all_overdue = True
        form.status_id = self.status("on_going")
        wizard = form.save()
        chosen = wizard.item_ids.filtered("selected").move_id
        self.assertEqual(chosen, overdue)
        self.assertIn(not_due, wizard.item_ids.move_id)

    def test_qualify_invoices_of_several_customers(self):
        """From the invoice list: one follow-up per customer."""
        other = self._customer("Other")
        invoices = self.invoice("20 Oct") | self.invoice("1 Nov", partner=other)
        untouched = self.invoice("2 Nov")
        promise = self.status("promise_to_pay")
        form = self.wizard("dso.qualify", invoices)
        self.assertEqual(form.chosen_count, 2)
        self.assertTrue(form.several_accounts)
        form.status_id = promise
        with self.assertRaises(AssertionError, msg="the promised date is required"):
            form.save()
        form.promise_date = day("1 Dec")
        form.save().action_qualify()
        self.assertEqual(invoices.dso_status_id, promise)
        self.assertFalse(untouched.dso_status_id)
        actions = self.env["dso.action"].search(
            [
                ("kind", "=", "specific"),
                ("account_id.partner_id", "in", invoices.partner_id.ids),
            ]
        )
        self.assertEqual(len(actions), 2)
        self.assertEqual(set(actions.mapped("date")), {day("1 Dec")})

    def test_qualify_lets_the_scenario_continue(self):
        """E12: a promise while the scenario goes on."""
        invoice = self.invoice("20 Oct")
        form = self.wizard("dso.qualify", invoice)
        form.status_id = self.status("promise_to_pay")
        form.promise_date = day("1 Dec")
        form.step = "next"
        form.follow_up = "scenario"
        form.save().action_qualify()
        self.assertFalse(invoice.dso_starred)
        self.assertEqual(self.evaluate().leader_id, invoice)

    def test_qualify_with_a_chosen_follow_up(self):
        invoice = self.invoice("20 Oct")
        status = self.status("dispute", action_model_id=self.email.id, mode="auto")
        form = self.wizard("dso.qualify", invoice)
        form.status_id = status
        form.step = "next"
        self.assertEqual(form.action_model_id, self.email)
        form.action_model_id = self.phone
        form.follow_up_date = day("5 Dec")
        form.save().action_qualify()
        action = self.account().open_action_ids.filtered("star")
        self.assertEqual(
            (action.action_model_id, action.mode, action.date),
            (self.phone, "manual", day("5 Dec")),
        )

    def test_qualify_a_disputed_part(self):
        invoice = self.invoice("20 Oct")
        form = self.wizard("dso.qualify", invoice)
        form.status_id = self.status("dispute")
        form.disputed_amount = 250
        form.save().action_qualify()
        self.assertEqual(self.evaluate().amount_disputed, 250)

    def test_qualify_from_the_agenda(self):
        """A scenario action brings its leader, a specific one its items."""
        first = self.invoice("20 Oct")
        self.invoice("1 Nov")
        account = self.evaluate()
        form = self.wizard("dso.qualify", account.proposal_id)
        self.assertEqual(form.chosen_count, 1)
        form.status_id = self.status("dispute")
        wizard = form.save()
        self.assertEqual(wizard.item_ids.filtered("selected").move_id, first)
        wizard.action_qualify()
        action = account.open_action_ids.filtered("star")
        form = self.wizard("dso.qualify", action)
        form.status_id = self.status("on_going")
        self.assertEqual(form.save().item_ids.filtered("selected").move_id, first)

    def test_qualify_nothing(self):
        self.invoice("20 Oct")
        form = self.wizard("dso.qualify", self.account())
        form.status_id = self.status("on_going")
        with self.assertRaises(UserError):
            form.save().action_qualify()

    def test_entry_of_several_customers(self):
        """An opening entry is qualified for the customer whose line was chosen."""
        other = self._customer("Other")
        receivable = self.company_data["default_account_receivable"]
        entry = self.env["account.move"].create(
            {
                "date": day("1 Oct"),
                "line_ids": [
                    Command.create(
                        {
                            "partner_id": partner.id,
                            "account_id": receivable.id,
                            "date_maturity": day("20 Oct"),
                            "debit": 100.0,
                        }
                    )
                    for partner in (self.customer, other)
                ]
                + [
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_revenue"
                            ].id,
                            "credit": 200.0,
                        }
                    )
                ],
            }
        )
        entry.action_post()
        mine, others = (
            entry.line_ids.filtered(lambda line, p=partner: line.partner_id == p)
            for partner in (self.customer, other)
        )
        status = self.status("on_going")
        form = self.wizard("dso.qualify", mine)
        self.assertEqual(form.chosen_count, 1)
        form.status_id = status
        form.save().action_qualify()
        self.assertEqual(mine.dso_status_id, status)
        self.assertFalse(others.dso_status_id)
        Line = self.env["account.move.line"]
        own = [("move_id", "=", entry.id), ("debit", ">", 0)]
        self.assertEqual(Line.search([*own, ("dso_status_id", "=", status.id)]), mine)
        self.assertEqual(Line.search([*own, ("dso_status_id", "=", False)]), others)
        self.assertEqual(
            Line.search([*own, ("dso_status_type", "=", "on_going")]), mine
        )

    # -------------------------------------------------------------------------
    # IGNORE, UNDO
    # -------------------------------------------------------------------------

    def test_ignore_from_the_statement(self):
        """L2: an ignored item leaves dunning, and comes back."""
        first, second = self.invoice("20 Oct"), self.invoice("1 Nov")
        account = self.evaluate()
        line = account.item_line_ids.filtered(lambda x: x.move_id == first)
        line.with_user(self.collector).action_dso_toggle_ignored()
        self.assertTrue(line.dso_ignored)
        self.assertEqual(self.evaluate().leader_id, second)
        line.with_user(self.collector).action_dso_toggle_ignored()
        self.assertFalse(line.dso_ignored)
        self.assertEqual(self.evaluate().leader_id, first)

    def test_undo_only_the_latest(self):
        invoice = self.invoice("20 Oct")
        dispute, on_going = self.status("dispute"), self.status("on_going")
        first = invoice.dso_qualify(dispute, "a")
        second = invoice.dso_qualify(on_going, "b")
        self.assertFalse(first.can_undo)
        self.assertTrue(second.can_undo)
        second.action_undo()
        self.assertEqual(invoice.dso_status_id, dispute)
        undo = self.account().qualification_ids.filtered("undo_of_id")
        self.assertTrue(undo.can_undo)
        undo.action_undo()
        self.assertFalse(invoice.dso_status_id)
        latest = self.account().qualification_ids.sorted("id")[-1]
        self.assertFalse(latest.can_undo, "nothing stands before it")

    # -------------------------------------------------------------------------
    # NEW ACTION
    # -------------------------------------------------------------------------

    def test_new_specific_action(self):
        first, second = self.invoice("20 Oct"), self.invoice("1 Nov")
        account = self.evaluate()
        form = self.wizard("dso.action.new", account, self.collector)
        form.kind = "specific"
        form.action_model_id = self.phone
        form.date = day("30 Nov")
        wizard = form.save()
        with self.assertRaises(UserError):
            wizard.action_create()
        wizard.item_ids.filtered(lambda i: i.move_id == first).selected = True
        wizard.action_create()
        self.assertTrue(first.dso_starred)
        account = self.evaluate()
        self.assertEqual(account.leader_id, second)
        action = account.open_action_ids.filtered("star")
        self.assertEqual((action.amount_claimed, action.date), (1000, day("30 Nov")))

    def test_new_out_of_scenario_action(self):
        """E25: it changes nothing else."""
        invoice = self.invoice("20 Oct")
        proposal = self.evaluate().proposal_id
        form = self.wizard("dso.action.new", self.account())
        form.action_model_id = self.email
        result = form.save().action_create()
        action = self.env["dso.action"].browse(result["res_id"])
        self.assertEqual(action.kind, "out_of_scenario")
        action.action_done()
        account = self.evaluate()
        self.assertEqual((account.proposal_id, account.leader_id), (proposal, invoice))

    def test_new_action_for_one_customer(self):
        self.invoice("20 Oct")
        other = self._customer("Other")
        self.invoice("20 Oct", partner=other)
        with self.assertRaises(UserError):
            self.wizard("dso.action.new", self.account() | self.account(other))

    # -------------------------------------------------------------------------
    # RE-DATE
    # -------------------------------------------------------------------------

    def test_redate_one_to_a_date(self):
        """L11, E20."""
        self.invoice("10 Nov")
        action = self.evaluate().proposal_id
        form = self.wizard("dso.action.reschedule", action, self.collector)
        self.assertEqual((form.by, form.date), ("date", day("24 Nov")))
        form.date = day("30 Nov")
        form.save().action_reschedule()
        self.assertEqual(self.evaluate().proposal_id.date, day("30 Nov"))

    def test_redate_many_by_days(self):
        """Late actions move from today, upcoming ones from their date."""
        upcoming = self._customer("Upcoming")
        self.invoice("10 Nov")
        self.invoice("28 Nov", partner=upcoming)
        late = self.evaluate().proposal_id
        later = self.evaluate(account=self.account(upcoming)).proposal_id
        later.action_reschedule(day("26 Nov"))
        form = self.wizard("dso.action.reschedule", late | later)
        self.assertEqual(form.by, "days")
        form.days = 3
        form.save().action_reschedule()
        self.assertEqual((late.date, later.date), (day("26 Nov"), day("29 Nov")))
        form = self.wizard("dso.action.reschedule", late | later)
        form.days = 0
        with self.assertRaises(UserError):
            form.save().action_reschedule()

    # -------------------------------------------------------------------------
    # AGENDA
    # -------------------------------------------------------------------------

    def test_agenda_groups(self):
        """Grouping by due state and colour says what the fields say."""
        self.email.mode = "auto_confirm"
        self.invoice("10 Nov")
        self.invoice("20 Nov", partner=self._customer("Today"))
        self.invoice("5 Dec", partner=self._customer("Upcoming"))
        self.invoice("10 Nov", partner=self._customer("Problem", email=False))
        self.env.cr.flush()  # the evaluation before the commit
        Action = self.env["dso.action"]
        own = [("company_id", "=", self.company.id)]
        actions = Action.search(own)
        self.assertEqual(len(actions), 4)
        for name in ("due_state", "colour"):
            groups = dict(Action._read_group(own, [name], ["id:recordset"]))
            for value, group in groups.items():
                self.assertEqual(set(group.mapped(name)), {value})
                self.assertEqual(Action.search([*own, (name, "in", [value])]), group)
        self.assertEqual(
            set(actions.mapped("due_state")), {"late", "today", "upcoming"}
        )

    def test_agenda_starts_with_own_actions(self):
        Action = self.env["dso.action"]
        self.assertEqual(
            Action.action_open_agenda()["context"], {"dso_agenda_tab": "agenda"}
        )
        mine = Action.with_user(self.collector).action_open_agenda("manual")
        self.assertEqual(
            mine["context"], {"dso_agenda_tab": "manual", "search_default_mine": 1}
        )
        mine = Action.with_user(self.resolver).action_open_agenda()
        self.assertEqual(
            mine["context"],
            {"dso_agenda_tab": "agenda", "search_default_my_follow_ups": 1},
        )

    def test_problem_has_its_cure(self):
        self.customer.email = False
        self.email.mode = "auto_confirm"
        self.invoice("10 Nov")
        action = self.evaluate().proposal_id
        self.assertEqual(action.state, "error")
        cure = action.action_open_cure()
        self.assertEqual(
            (cure["res_model"], cure["res_id"]), ("res.partner", self.customer.id)
        )

    # -------------------------------------------------------------------------
    # FIRST STEPS
    # -------------------------------------------------------------------------

    def page(self, user=None):
        env = self.env(user=user) if user else self.env
        action = env["dso.first.run"].action_open()
        return env["dso.first.run"].browse(action["res_id"])

    def test_first_steps_counts(self):
        """Kinds, ages, what is left out, customers without contact."""
        silent = self._customer("Silent", email=False)
        self.invoice("5 Dec")
        self.invoice("10 Nov", 200, partner=silent)
        self.invoice(date(2026, 8, 1), 50)
        self.credit_note(30)
        self.unallocated(70)
        page = self.page()
        cells = {
            key: (count, float(amount))
            for key, (count, amount) in page._read_receivables().items()
        }
        self.assertEqual(
            cells,
            {
                ("invoice", "not_due"): (1, 1000),
                ("invoice", "d30"): (1, 200),
                ("invoice", "older"): (1, 50),
                ("credit_note", "d30"): (1, -30),
                ("payment", "d30"): (1, -70),
            },
        )
        self.assertEqual((page.customer_count, page.no_contact_count), (2, 1))
        found = self.env["res.partner"].search(page.action_no_contact()["domain"])
        self.assertEqual(found, silent)
        self.env["res.partner"].create(
            {
                "name": "Billing",
                "parent_id": silent.id,
                "type": "invoice",
                "email": "billing@silent.example",
            }
        )
        self.assertEqual(self.page().no_contact_count, 0)
        self.assertIn("1,250.00", page.overview)

    def test_first_steps_opening_journal(self):
        """L2: no_followup leaves out, including takes in, leaving out takes back."""
        journal = self.env["account.journal"].create(
            {"name": "Opening", "code": "OPN", "type": "general"}
        )
        entry = self.env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": day("1 Oct"),
                "line_ids": [
                    Command.create(
                        {
                            "partner_id": self.customer.id,
                            "account_id": self.company_data[
                                "default_account_receivable"
                            ].id,
                            "date_maturity": day("20 Oct"),
                            "debit": 75.0,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_revenue"
                            ].id,
                            "credit": 75.0,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        line = entry.line_ids.filtered("partner_id")
        self.assertTrue(line.no_followup)
        page = self.page()
        self.assertIn(("left_out", "d60"), page._read_receivables())
        row = page.journal_ids.filtered(lambda r: r.journal_id == journal)
        self.assertEqual((row.count, row.amount, row.included), (1, 75, False))
        row.action_include()
        self.assertTrue(journal.dso_opening)
        self.assertFalse(line.no_followup)
        self.assertEqual(self.evaluate().leader_id, entry)
        page = self.page()
        self.assertIn(("invoice", "d60"), page._read_receivables())
        row = page.journal_ids.filtered(lambda r: r.journal_id == journal)
        self.assertTrue(row.included)
        row.action_exclude()
        self.assertTrue(line.no_followup)
        self.assertFalse(self.evaluate().leader_id)

    def test_first_steps_settings_and_evaluation(self):
        """A credit manager without any other right sets up and evaluates."""
        manager = new_test_user(
            self.env,
            "manager_of_wizards",
            "base.group_user,dso_collection.group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.invoice("10 Nov")
        account = self.account()
        account.collector_id = False
        page = self.page(manager)
        self.env.invalidate_all()
        page.write({"minimum_amount": 2000, "collector_id": manager.id})
        self.assertEqual(self.company.dso_minimum_amount, 2000)
        self.assertEqual(self.company.dso_scenario_id, self.scenario, "not touched")
        self.assertEqual(self.company.dso_collector_id, manager)
        self.assertEqual(page.no_collector_count, 1)
        page.action_give_collector()
        self.assertEqual(account.collector_id, manager)
        action = page.action_evaluate()
        self.assertEqual(action["res_model"], "dso.action")
        self.assertEqual(account.reason, "below_minimum")
        page.minimum_amount = 0
        page.action_evaluate()
        self.assertEqual(account.proposal_id.date, day("13 Nov"))

    def test_first_steps_are_the_credit_managers(self):
        with self.assertRaises(AccessError):
            self.env["dso.first.run"].with_user(self.collector).action_open()
        page = self.page()
        with self.assertRaises(AccessError):
            page.with_user(self.collector).action_evaluate()

    def test_first_steps_of_one_company(self):
        """Another company's receivables are not counted."""
        other = self.setup_other_company()["company"]
        self.invoice("10 Nov")
        page = self.env["dso.first.run"].with_company(other).create({})
        self.assertEqual(page.company_id, other)
        self.assertEqual(page.customer_count, 0)
        self.assertFalse(page._read_receivables())

    def test_first_steps_of_a_company_of_others(self):
        """No remote call opens the page of a company that the user does not work in."""
        other = self.setup_other_company()["company"]
        manager = new_test_user(
            self.env,
            "manager_of_one",
            "base.group_user,dso_collection.group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        for model in ("dso.first.run", "dso.go.live"):
            with self.assertRaisesRegex(ValidationError, "in which you work"):
                self.env[model].with_user(manager).create({"company_id": other.id})

    def test_items_without_customer_are_told(self):
        entry = self.env["account.move"].create(
            {
                "date": day("1 Nov"),
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_receivable"
                            ].id,
                            "debit": 10.0,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_revenue"
                            ].id,
                            "credit": 10.0,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        page = self.page()
        self.assertEqual(page.no_partner_count, 1)
        lines = self.env["account.move.line"].search(page.action_no_partner()["domain"])
        self.assertEqual(lines.move_id, entry)

    # -------------------------------------------------------------------------
    # RIGHTS
    # -------------------------------------------------------------------------

    def test_a_viewer_may_not_qualify(self):
        viewer = new_test_user(
            self.env,
            "viewer_of_wizards",
            "base.group_user,dso_collection.group_viewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.invoice("20 Oct")
        line = self.account().item_line_ids
        with self.assertRaises(AccessError):
            self.wizard("dso.qualify", self.account(), viewer)
        with self.assertRaises(AccessError):
            line.with_user(viewer).action_dso_toggle_ignored()

    def test_settled_item_is_refused_in_words(self):
        entry = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.customer.id}
        )
        form = self.wizard("dso.qualify", entry)
        form.status_id = self.status("on_going")
        with self.assertRaises(UserError):
            form.save().action_qualify()
        with self.assertRaises(ValidationError):
            self.env["dso.action"].create(
                {
                    "account_id": self.account().id,
                    "kind": "specific",
                    "action_model_id": self.phone.id,
                    "date": TODAY + timedelta(days=1),
                }
            )
