"""Quick promise, comments edited afterwards, Odoo's own flags (rules.md §3.3, L2)."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import TODAY, DsoCommon, day


class QualifiedCommon(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: cls.env["res.users"].create(
                {
                    "name": f"{role.title()} Person",
                    "login": f"edit_{role}",
                    "email": f"{role}@company.example",
                    "group_ids": [
                        Command.set([cls.env.ref(f"dso_collection.group_{role}").id])
                    ],
                    "company_ids": [Command.set(cls.company.ids)],
                    "company_id": cls.company.id,
                }
            )
            for role in ("viewer", "resolver", "collector")
        }
        cls.dispute = cls.env.ref("dso_collection.status_price_dispute")
        cls.promise = cls.env.ref("dso_collection.status_promise_by_phone")
        cls.contacted = cls.env.ref("dso_collection.status_contacted")

    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)

    def specific(self, partner=None):
        return self.account(partner).open_action_ids.filtered("star")


@tagged("post_install", "-at_install")
class TestQuickPromise(QualifiedCommon):
    def promise_lines(self, moves, user="collector"):
        return (
            self.receivables(moves)
            .with_user(self.users[user])
            .action_dso_quick_promise()
        )

    def test_q7_quick_promise(self):
        """Q7: X = 3 on two invoices today: both promise 26 Nov, one follow-up."""
        moves = self.invoice("1 Nov") | self.invoice("2 Nov", 500)
        moves[0].dso_qualify(self.contacted, "called Ms Roy")
        told = self.promise_lines(moves)
        self.assertEqual(moves.mapped("dso_promise_date"), [day("26 Nov")] * 2)
        self.assertEqual(moves.dso_status_id, self.promise)
        self.assertEqual(self.specific().date, day("26 Nov"))
        self.assertEqual(self.specific().move_ids, moves)
        self.assertEqual(moves[0].dso_comment, "called Ms Roy", "kept")
        self.assertEqual(told["tag"], "dso_qualified")
        rows = self.env["dso.qualification"].browse(told["params"]["ids"])
        rows.with_user(self.users["collector"]).action_undo()
        self.assertEqual(moves[0].dso_status_id, self.contacted)
        self.assertFalse(self.specific())

    def test_settings(self):
        """§3.3: status, days and follow-up are the company's."""
        move = self.invoice("1 Nov")
        other = self.status("promise_to_pay", name="By card")
        self.company.write(
            {
                "dso_quick_promise_status_id": other.id,
                "dso_quick_promise_days": 10,
                "dso_quick_promise_follow_up": False,
            }
        )
        self.promise_lines(move)
        self.assertEqual(move.dso_status_id, other)
        self.assertEqual(move.dso_promise_date, day("3 Dec"))
        self.assertFalse(self.specific())
        with self.assertRaises(ValidationError):
            self.company.dso_quick_promise_status_id = self.dispute

    def test_not_configured(self):
        """§3.3: inactive until configured: refused, with the cure."""
        move = self.invoice("1 Nov")
        self.company.dso_quick_promise_status_id = False
        with self.assertRaisesRegex(UserError, "settings of collection"):
            self.promise_lines(move)
        self.company.dso_quick_promise_status_id = self.promise
        self.promise.active = False
        with self.assertRaisesRegex(UserError, "settings of collection"):
            self.promise_lines(move)

    def test_several_accounts(self):
        """One click on items of several customers: a follow-up for each."""
        other = self._customer("Other")
        moves = self.invoice("1 Nov") | self.invoice("1 Nov", partner=other)
        entry = self.entry((self.customer, 100, "1 Nov"), (other, 200, "1 Nov"))
        mine = self.receivables(entry).filtered(
            lambda line: line.partner_id == self.customer
        )
        (self.receivables(moves) | mine).action_dso_quick_promise()
        self.assertEqual(self.specific().move_ids, moves[0] | entry)
        self.assertEqual(self.specific(other).move_ids, moves[1])
        items = entry.dso_item_ids.filtered("status_id")
        self.assertEqual(items.account_id, self.account(), "not the other's part")

    def test_roles(self):
        """§10: who may qualify may promise."""
        move = self.invoice("1 Nov")
        with self.assertRaises(AccessError):
            self.promise_lines(move, "viewer")
        self.promise_lines(move, "resolver")
        self.assertEqual(move.dso_status_id, self.promise)
        with self.assertRaisesRegex(UserError, "Tick at least one"):
            self.env["account.move.line"].action_dso_quick_promise()
        revenue = move.line_ids - self.receivables(move)
        with self.assertRaisesRegex(UserError, "no receivable item"):
            revenue.action_dso_quick_promise()


@tagged("post_install", "-at_install")
class TestItemEdit(QualifiedCommon):
    def edit(self, records, user="collector"):
        return Form(
            self.env["dso.item.edit"]
            .with_user(self.users[user])
            .with_context(active_model=records._name, active_ids=records.ids)
        )

    def test_comment_edited_afterwards(self):
        """§3.3: a comment is edited by a superseding row; the first one stays in the
        history, status, date and follow-up as they were, and undo gives it back."""
        move = self.invoice("1 Nov")
        with freeze_time("2026-11-20"):
            first = move.dso_qualify(self.dispute, "5 % mising")
        follow_up = self.specific()
        form = self.edit(self.receivables(move))
        self.assertEqual(form.comment, "5 % mising")
        form.comment = "5 % missing"
        form.save().action_apply()
        self.assertEqual(move.dso_comment, "5 % missing")
        self.assertEqual(move.dso_status_date, day("20 Nov"))
        self.assertEqual(self.specific(), follow_up)
        self.assertEqual(first.comment, "5 % mising")
        latest = move.dso_item_ids.qualification_id
        self.assertEqual(latest.amends_id, first)
        self.assertEqual(latest.user_id, self.users["collector"])
        latest.action_undo()
        self.assertEqual(move.dso_comment, "5 % mising")
        self.assertEqual(self.specific(), follow_up)
        move.dso_item_ids.qualification_id.action_undo()
        self.assertFalse(move.dso_status_id)
        self.assertFalse(self.specific())

    def test_resolver_changed_from_the_action(self):
        """§3.3: a resolver changed from the specific action is that of all its items,
        and the action goes to him."""
        moves = self.invoice("1 Nov") | self.invoice("2 Nov")
        moves.dso_qualify(self.dispute, "broken", resolver=self.users["resolver"])
        action = self.specific()
        form = self.edit(action)
        self.assertEqual(form.apply_to, "all")
        form.resolver_id = self.users["collector"]
        form.save().action_apply()
        self.assertEqual(moves.dso_resolver_id, self.users["collector"])
        self.assertEqual(action.resolver_id, self.users["collector"])
        self.assertEqual(moves.mapped("dso_comment"), ["broken"] * 2)

    def test_resolver_of_one_item_or_all(self):
        """§3.3: the user is asked whether all items of the status are meant."""
        moves = self.invoice("1 Nov") | self.invoice("2 Nov")
        apart = self.invoice("3 Nov")
        moves.dso_qualify(self.dispute, "broken", resolver=self.users["resolver"])
        with freeze_time("2026-11-24"):
            apart.dso_qualify(self.dispute, "broken", resolver=self.users["resolver"])
        form = self.edit(self.receivables(moves[0]))
        self.assertEqual(form.other_count, 1)
        form.resolver_id = self.users["collector"]
        form.save().action_apply()
        self.assertEqual(moves[0].dso_resolver_id, self.users["collector"])
        self.assertEqual(moves[1].dso_resolver_id, self.users["resolver"])
        action = self.specific().filtered(lambda a: moves[1] in a.move_ids)
        self.assertEqual(action.resolver_id, self.users["resolver"])
        form = self.edit(self.receivables(moves[1]))
        form.apply_to = "all"
        form.resolver_id = self.users["collector"]
        form.save().action_apply()
        self.assertEqual(moves.dso_resolver_id, self.users["collector"])
        self.assertEqual(action.resolver_id, self.users["collector"])
        self.assertEqual(apart.dso_resolver_id, self.users["resolver"])

    def test_nothing_to_edit(self):
        """Without a status there is no comment to edit; nothing changed is refused."""
        move = self.invoice("1 Nov")
        with self.assertRaisesRegex(UserError, "qualify them"):
            self.edit(move)
        move.dso_qualify(self.contacted, "told")
        with self.assertRaisesRegex(UserError, "Nothing changed"):
            self.edit(move).save().action_apply()

    def test_roles(self):
        """§10: who may not qualify may not edit."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.contacted, "told")
        with self.assertRaises(AccessError):
            self.edit(move, "viewer")
        form = self.edit(move, "resolver")
        form.comment = "told again"
        form.save().action_apply()
        self.assertEqual(move.dso_comment, "told again")


@tagged("post_install", "-at_install")
class TestOwnFlags(QualifiedCommon):
    def test_case_24_excluded_everywhere(self):
        """Case 24: no follow-up or payment blocked: neither leads nor counts, is not
        listed in a message, is told in statement and window, and stays one's to
        qualify."""
        chased = self.invoice("5 Nov", 100)
        unflagged, blocked = self.invoice("1 Nov", 300), self.invoice("2 Nov", 400)
        unflagged.no_followup = True
        blocked.action_toggle_block_payment()
        account = self.evaluate()
        self.assertEqual(account.leader_id, chased, "agenda")
        self.assertEqual(account.proposal_id.amount_claimed, 100, "amounts")
        self.assertEqual(account.balance, 100, "balance")
        rows = {r["move_id"]: r for r in account._statement()}
        for move in unflagged | blocked:
            with self.subTest(move=move.name):
                self.assertTrue(rows[move.id]["blocked"], "statement")
                self.assertNotIn(
                    move.name, str(account.proposal_id.items_table), "message"
                )
        self.assertFalse(rows[chased.id]["blocked"])
        form = Form(
            self.env["dso.qualify"].with_context(
                active_model="dso.account", active_ids=account.ids
            )
        )
        flags = {item.move_id: item.blocked for item in form.save().item_ids}
        self.assertEqual(
            flags, {chased: False, unflagged: True, blocked: True}, "window"
        )
        unflagged.dso_qualify(self.contacted, "told")
        self.assertEqual(unflagged.dso_status_id, self.contacted)

    def test_case_25_disputed_leader(self):
        """Case 25: the leader is disputed: the next oldest leads from the beginning;
        it is paid: the same."""
        first, second, third = (self.invoice(d) for d in ("20 Oct", "1 Nov", "5 Nov"))
        self.assertEqual(self.evaluate().leader_id, first)
        first.dso_qualify(self.dispute, "wrong price")
        self.assertProposal("S2", "4 Nov")
        self.assertEqual(self.account().leader_id, second)
        self.pay(second)
        self.assertProposal("S2", "8 Nov")
        self.assertEqual(self.account().leader_id, third)

    def test_dispute_sets_and_gives_back(self):
        """L2: a company option: a dispute sets the flag, and gives it back where it
        set it: resolved, undone or qualified otherwise."""
        self.company.dso_dispute_no_followup = True
        move, flagged = self.invoice("1 Nov"), self.invoice("2 Nov")
        flagged.no_followup = True
        for end in ("resolve", "undo", "other"):
            with self.subTest(end=end):
                rows = (move | flagged).dso_qualify(self.dispute, "broken")
                self.assertTrue(move.no_followup)
                self.assertTrue(self.receivables(move).no_followup)
                if end == "resolve":
                    self.specific().action_done()
                    self.assertEqual(move.dso_status_type, "dispute_resolved")
                elif end == "undo":
                    rows.action_undo()
                else:
                    (move | flagged).dso_qualify(self.contacted, "")
                self.assertFalse(move.no_followup)
                self.assertTrue(flagged.no_followup, "somebody else's flag stays")

    def test_dispute_flag_of_a_person(self):
        """L2: a flag that a person sets while the item is disputed is his."""
        self.company.dso_dispute_no_followup = True
        move = self.invoice("1 Nov")
        row = move.dso_qualify(self.dispute, "broken")
        move.no_followup = False
        self.assertFalse(move.dso_item_ids.flagged_line_ids)
        move.no_followup = True
        row.action_undo()
        self.assertTrue(move.no_followup)

    def test_partial_dispute_leaves_the_flag(self):
        """L2: of a partly disputed item the rest is claimed: no flag."""
        self.company.dso_dispute_no_followup = True
        move = self.invoice("1 Nov")
        move.dso_qualify(self.dispute, "a part", disputed_amount=200)
        self.assertFalse(move.no_followup)
        move.dso_qualify(self.dispute, "all")
        self.assertTrue(move.no_followup)
        move.dso_qualify(self.dispute, "a part", disputed_amount=200)
        self.assertFalse(move.no_followup)
        self.assertEqual(self.evaluate().balance, 800)

    def test_option_off(self):
        """Without the option nothing is written on the ledger."""
        move = self.invoice("1 Nov")
        move.dso_qualify(self.dispute, "broken")
        self.assertFalse(move.no_followup)

    def test_case_40_sales_user(self):
        """Case 40: who is in sales only opens customer and invoice without an error,
        and sees nothing of collection."""
        sales = self.env["res.users"].create(
            {
                "name": "Sales Person",
                "login": "edit_sales",
                "group_ids": [Command.set([self.env.ref("base.group_user").id])],
                "company_ids": [Command.set(self.company.ids)],
                "company_id": self.company.id,
            }
        )
        self.invoice("1 Nov").dso_qualify(self.dispute, "broken")
        partner = self.customer.with_user(sales)
        views = partner.get_views([(False, "form"), (False, "list")])
        self.assertNotIn("action_dso", str(views["views"]["form"]["arch"]))
        names = list(partner.fields_get())
        self.assertFalse([name for name in names if name.startswith("dso_")])
        self.assertTrue(partner.read(["name"]))
