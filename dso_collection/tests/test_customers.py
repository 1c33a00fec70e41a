"""Customers merged, moved, opened: nothing lost, doubled or chased wrongly."""

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import TODAY, DsoCommon, day


class CustomersCase(DsoCommon):
    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)

    def commit(self):
        self.env.cr.flush()
        self.env.invalidate_all()

    def opening(self, *lines, **values):
        """An entry of opening receivables that the user chose to chase."""
        entry = self.entry(*lines, **values)
        entry.journal_id.dso_opening = True
        self.receivables(entry).write({"no_followup": False})
        return entry


@tagged("post_install", "-at_install")
class TestMerge(CustomersCase):
    def setUp(self):
        super().setUp()
        self.other = self._customer("Other")

    def merge(self, source=None, destination=None):
        source, destination = source or self.other, destination or self.customer
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source | destination).ids, destination, extra_checks=False
        )
        self.commit()

    def test_both_have_a_history(self):
        """A merge keeps the history of both, and leaves one proposal."""
        mine = self.invoice("10 Nov")
        theirs = self.invoice("1 Nov", partner=self.other)
        disputed = self.invoice("5 Nov", 300, partner=self.other)
        account, source = self.account(), self.account(self.other)
        self.do_steps(("S2", "13 Nov"))
        self.do_steps(("S2", "4 Nov"), ("S3", "11 Nov"), account=source)
        row = disputed.dso_qualify(self.status("dispute"), "broken")
        self.commit()
        proposals = account.proposal_id | source.proposal_id
        specific = source.open_action_ids - proposals
        done = (account | source).action_ids.filtered(lambda a: a.state == "done")
        source_id = source.id
        source.message_post(body="called them")
        self.merge()

        self.assertFalse(source.exists())
        self.assertEqual(self.customer.dso_account_ids, account)
        self.assertEqual(done.account_id, account)
        self.assertEqual(len(done), 3)
        self.assertEqual(row.account_id, account)
        self.assertEqual(specific.account_id, account)
        self.assertEqual(specific.line_ids.account_id, account)
        self.assertEqual(specific.state, "planned")
        self.assertEqual(disputed.dso_status_type, "dispute")
        self.assertTrue(disputed.dso_starred)
        self.assertEqual(account.leader_id, theirs)
        self.assertEqual(account.balance, 2000)
        opened = account.action_ids.filtered(
            lambda a: a.kind == "scenario" and a.state in ("planned", "error")
        )
        self.assertEqual(len(opened), 1)
        self.assertEqual(opened.step_id.name, "S2")
        self.assertEqual(account.last_any_date, day("13 Nov"))
        self.assertIn("called them", "".join(account.message_ids.mapped("body")))
        self.assertEqual(mine.dso_item_ids.account_id | account, account)
        for model in ("dso.action", "dso.action.line", "dso.qualification", "dso.item"):
            self.assertFalse(
                self.env[model].search([("account_id", "=", source_id)]), model
            )

    def test_destination_without_account(self):
        """Merged into a customer without account: the account goes along."""
        move = self.invoice("1 Nov", partner=self.other)
        source = self.account(self.other)
        self.do_steps(("S2", "4 Nov"), account=source)
        self.merge()
        self.assertEqual(source.partner_id, self.customer)
        self.assertEqual(source.leader_id, move)
        self.assertEqual(source.proposal_id.step_id.name, "S3")
        self.assertEqual(source.proposal_id.date, day("11 Nov"))

    def test_source_without_account(self):
        """A customer without account merged into one with: nothing changes."""
        self.invoice("1 Nov")
        account = self.evaluate()
        proposal = account.proposal_id
        self.merge()
        self.assertEqual(account.proposal_id, proposal)

    def test_three_customers(self):
        """Several customers merged at once end in one account."""
        third = self._customer("Third")
        for partner in (self.other, third):
            self.invoice("1 Nov", partner=partner)
        self.commit()
        self.merge(self.other | third)
        account = self.customer.dso_account_ids
        self.assertEqual(len(account), 1)
        self.assertEqual(account.balance, 2000)
        self.assertEqual(len(account.action_ids.filtered("step_id.active")), 1 + 1)

    def test_settings_and_hold(self):
        """What the destination lacks comes from the source: a hold above all."""
        self.invoice("1 Nov", partner=self.other)
        source, account = self.account(self.other), self.account()
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.other.id, "email": "ann@o.example"}
        )
        source.write(
            {
                "hold_reason": "insolvency",
                "hold_note": "opened 1 Nov",
                "note": "careful",
                "contact_id": contact.id,
                "collector_id": self.env.user.id,
            }
        )
        self.merge()
        self.assertRecordValues(
            account,
            [
                {
                    "hold_reason": "insolvency",
                    "hold_note": "opened 1 Nov",
                    "note": "careful",
                    "contact_id": contact.id,
                    "collector_id": self.env.user.id,
                }
            ],
        )
        self.assertFalse(account.proposal_id)

    def test_same_entry_in_both(self):
        """An entry that both had an item in: its row stays once, the dispute holds."""
        entry = self.opening((self.customer, 100, "1 Nov"), (self.other, 200, "1 Nov"))
        dispute = self.status("dispute")
        entry.dso_qualify(dispute, "ours", account=self.account())
        entry.dso_qualify(dispute, "theirs", account=self.account(self.other))
        self.merge()
        account = self.account()
        self.assertEqual(len(entry.dso_item_ids), 1)
        self.assertEqual(entry.dso_item_ids.comment, "ours")
        self.assertEqual(len(account.qualification_ids), 2)
        self.assertFalse(account.proposal_id)

    def test_flags_of_both_disputes_are_given_back(self):
        """Odoo's own flag, set by either dispute, is given back when the one that
        stays is resolved."""
        self.company.dso_dispute_no_followup = True
        entry = self.opening((self.customer, 100, "1 Nov"), (self.other, 200, "1 Nov"))
        lines = self.receivables(entry)
        for partner in (self.customer, self.other):
            entry.dso_qualify(
                self.status("dispute"), "ours", account=self.account(partner)
            )
        self.assertEqual(lines.mapped("no_followup"), [True, True])
        self.merge()
        self.assertEqual(lines.mapped("no_followup"), [True, True])
        entry.dso_qualify(
            self.status("dispute_resolved"), "settled", account=self.account()
        )
        self.assertEqual(lines.mapped("no_followup"), [False, False])

    def test_same_entry_disputed_in_the_source_only(self):
        """What only the source disputed must not be chased as if it were agreed."""
        entry = self.opening((self.customer, 100, "1 Nov"), (self.other, 200, "1 Nov"))
        entry.dso_qualify(
            self.status("on_going"), "ours", account=self.account(), follow_up=False
        )
        entry.dso_qualify(
            self.status("dispute"), "theirs", account=self.account(self.other)
        )
        self.merge()
        self.assertFalse(self.account().proposal_id)

    def test_groups(self):
        """Head or member of a group: the group survives the merge."""
        member = self._customer("Member")
        self.invoice("1 Nov", partner=member)
        source, mine = self.account(self.other), self.account(member)
        mine.head_id = source
        self.merge()
        account = self.account()
        self.assertEqual(mine.head_id, account)
        self.assertEqual(account.leader_account_id, mine)

    def test_member_into_its_head(self):
        """A member merged into its own head ends the group."""
        self.invoice("1 Nov", partner=self.other)
        self.account(self.other).head_id = self.account()
        self.commit()
        self.merge()
        account = self.account()
        self.assertFalse(account.head_id | account.member_ids)
        self.assertEqual(account.proposal_id.step_id.name, "S2")

    def test_head_into_its_member(self):
        """A head merged into its member: the member stands for itself."""
        self.invoice("1 Nov")
        self.account().head_id = self.account(self.other)
        self.commit()
        self.merge()
        account = self.account()
        self.assertFalse(account.head_id)
        self.assertEqual(account.proposal_id.step_id.name, "S2")

    def test_two_companies(self):
        """A merge concerns the accounts of every company."""
        company = self.setup_other_company()["company"]
        Account = self.env["dso.account"]
        theirs = Account._of_partner(self.other, company)
        kept = Account._of_partner(self.customer, company)
        self.account(self.other)
        self.merge()
        self.assertFalse(theirs.exists())
        self.assertEqual(self.customer.dso_account_ids, kept | self.account())

    def test_contact_merged_into_a_customer(self):
        """A mere contact of one customer merged into another: its items move."""
        contact = self.env["res.partner"].create(
            {"name": "Works", "parent_id": self.other.id}
        )
        entry = self.opening((contact, 100, "1 Nov"))
        entry.dso_qualify(self.status("dispute"), "broken")
        self.commit()
        source = self.account(self.other)
        self.assertEqual(source.amount_disputed, 100)
        self.merge(contact)
        account = self.account()
        self.assertEqual(self.receivables(entry).partner_id, self.customer)
        self.assertEqual(entry.dso_item_ids.account_id, account)
        self.assertEqual(entry.dso_status_type, "dispute")
        self.assertFalse(account.proposal_id | source.proposal_id)
        self.assertEqual((account.amount_total, source.amount_total), (100, 0))


@tagged("post_install", "-at_install")
class TestStructure(CustomersCase):
    """A contact that moves to another commercial entity."""

    def setUp(self):
        super().setUp()
        self.contact = self.env["res.partner"].create(
            {"name": "Works", "parent_id": self.customer.id}
        )
        self.other = self._customer("Other")

    def test_statuses_and_follow_ups_move(self):
        """Statuses and open specific actions follow; nothing is chased wrongly."""
        entry = self.opening((self.contact, 100, "1 Nov"))
        promised = self.opening((self.contact, 70, "2 Nov"))
        entry.dso_qualify(self.status("dispute"), "broken", resolver=self.env.user)
        promised.dso_qualify(
            self.status("promise_to_pay"), "", promise_date=day("30 Nov")
        )
        self.commit()
        source = self.account()
        specific = source.open_action_ids
        self.assertEqual(len(specific), 2)
        self.contact.parent_id = self.other
        self.commit()
        target = self.account(self.other)
        self.assertEqual(specific.account_id, target)
        self.assertEqual(specific.line_ids.account_id, target)
        self.assertEqual((entry | promised).dso_item_ids.account_id, target)
        self.assertEqual(target.qualification_ids.account_id, target)
        self.assertFalse(target.proposal_id | source.proposal_id)
        self.assertEqual((source.amount_total, target.amount_total), (0, 170))
        dispute = specific.filtered("dispute")
        dispute.action_done()
        self.commit()
        self.assertEqual(entry.dso_status_type, "dispute_resolved")
        self.assertEqual(target.proposal_id.leader_id, entry)

    def test_specific_action_is_split(self):
        """A specific action of items that part is split, and both stay starred."""
        entry = self.opening((self.contact, 100, "1 Nov"))
        stays = self.invoice("1 Nov")
        rows = (entry | stays).dso_qualify(
            self.status("promise_to_pay"), "", promise_date=day("30 Nov")
        )
        self.commit()
        source = self.account()
        action = source.open_action_ids
        action.action_reschedule(day("2 Dec"))
        self.contact.is_company = True
        self.commit()
        target = self.account(self.contact)
        twin = target.open_action_ids
        self.assertEqual(action.move_ids, stays)
        self.assertEqual(twin.move_ids, entry)
        self.assertRecordValues(
            action | twin,
            [
                {
                    "kind": "specific",
                    "state": "planned",
                    "date": day("2 Dec"),
                    "promise_date": day("30 Nov"),
                    "action_model_id": action.action_model_id.id,
                }
            ]
            * 2,
        )
        self.assertFalse(source.proposal_id | target.proposal_id)
        self.assertEqual(rows.filtered(lambda q: q.move_id == entry).account_id, target)
        # a later qualification still ends the follow-up that came along
        entry.dso_qualify(self.status("on_going"), "", follow_up=False)
        self.commit()
        self.assertEqual((twin.state, twin.cause), ("cancelled", "superseded"))

    def test_ignored_stays_ignored(self):
        """The ignore flag goes along."""
        entry = self.opening((self.contact, 100, "1 Nov"))
        entry.dso_ignored = True
        self.contact.parent_id = self.other
        self.commit()
        self.assertTrue(entry.dso_ignored)
        self.assertFalse(self.account(self.other).proposal_id)

    def test_move_and_back(self):
        """A contact moved and back: what Odoo left with the other customer stays there
        with its dispute."""
        entry = self.opening((self.contact, 100, "1 Nov"))
        entry.dso_qualify(self.status("dispute"), "broken")
        self.commit()
        self.contact.parent_id = self.other
        self.commit()
        self.contact.parent_id = self.customer
        self.commit()
        account = self.account(self.receivables(entry).partner_id)
        self.assertEqual(entry.dso_item_ids.account_id, account)
        self.assertEqual(account.amount_disputed, 100)
        self.assertEqual(len(account.open_action_ids), 1)
        self.assertFalse(self.account().proposal_id | account.proposal_id)

    def test_invoices_of_the_company_itself_stay(self):
        """An invoice's receivable line belongs to the commercial partner then; only
        lines of the contact itself move."""
        move = self.invoice("1 Nov", partner=self.contact)
        self.commit()
        self.assertEqual(self.receivables(move).partner_id, self.customer)
        self.contact.parent_id = self.other
        self.commit()
        self.assertEqual(self.account().leader_id, move)
        self.assertFalse(self.account(self.other).leader_id)

    def test_customer_archived(self):
        """An archived customer who owes money is still chased."""
        self.invoice("1 Nov")
        self.customer.active = False
        self.commit()
        self.assertEqual(self.account().proposal_id.step_id.name, "S2")

    def test_collection_contact(self):
        """The collection contact is one of the customer's."""
        account = self.account()
        account.contact_id = self.contact
        self.invoice("1 Nov")
        self.commit()
        self.assertEqual(account.proposal_id.contact_id, self.contact)


@tagged("post_install", "-at_install")
class TestSharedEntries(CustomersCase):
    def test_opening_entry_of_300_customers(self):
        """An opening entry of 300 customers on one move: nothing until it is included,
        then each customer is chased for its own line."""
        partners = self.env["res.partner"].create(
            [
                {"name": f"Customer {number}", "email": f"c{number}@example.com"}
                for number in range(300)
            ]
        )
        entry = self.entry(
            *[(partner, 100 + index, "1 Nov") for index, partner in enumerate(partners)]
        )
        self.commit()
        accounts = partners.dso_account_ids
        self.assertEqual(len(accounts), 300)
        self.assertEqual(set(accounts.mapped("reason")), {"no_leader"})
        entry.journal_id.dso_opening = True
        self.commit()
        self.assertFalse(accounts.proposal_id)  # Odoo's own flag still excludes them
        lines = self.receivables(entry)
        lines.write({"no_followup": False})
        self.commit()
        self.assertEqual(len(accounts.proposal_id), 300)
        self.assertEqual(accounts.leader_id, entry)
        for account in accounts[:5]:
            line = lines.filtered(lambda x, a=account: x.partner_id == a.partner_id)
            self.assertEqual(account.balance, line.balance)
            self.assertEqual(account.proposal_id.amount_claimed, line.balance)
        first, second = accounts[0], accounts[1]
        entry.dso_qualify(self.status("dispute"), "not ours", account=first)
        lines.filtered(lambda x: x.partner_id == second.partner_id)
        self.unallocated(second.balance, partner=second.partner_id)
        self.commit()
        self.assertFalse(first.proposal_id)
        self.assertEqual(second.reason, "nothing_to_collect")
        self.assertEqual(len(accounts.proposal_id), 298)
        # one customer settles its line: the others are not touched
        third = accounts[2]
        payment = self.unallocated(third.balance, partner=third.partner_id)
        (
            lines.filtered(lambda x: x.partner_id == third.partner_id)
            | self.receivables(payment.move_id)
        ).reconcile()
        self.commit()
        self.assertEqual(third.reason, "no_leader")
        self.assertEqual(len(accounts.proposal_id), 297)

    def test_session_entry(self):
        """A session entry with lines of several customers, one twice, one of nobody:
        nothing lost, doubled or chased wrongly."""
        other = self._customer("Other")
        entry = self.opening(
            (self.customer, 100, "1 Nov"),
            (self.customer, 50, "5 Nov"),
            (other, 70, "1 Nov"),
            (False, 30, "1 Nov"),
        )
        self.commit()
        accounts = self.env["dso.account"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(accounts.partner_id, self.customer | other)
        mine, theirs = self.account(), self.account(other)
        self.assertEqual((mine.balance, theirs.balance), (150, 70))
        self.assertEqual(mine.leader_date, day("1 Nov"))
        self.assertEqual(
            (mine.proposal_id.leader_id, theirs.proposal_id.leader_id), (entry, entry)
        )
        # the line of nobody gets its customer
        nobody = self.receivables(entry).filtered(lambda line: not line.partner_id)
        third = self._customer("Third")
        nobody.partner_id = third
        self.commit()
        self.assertEqual(self.account(third).balance, 30)
        self.assertEqual((mine.balance, theirs.balance), (150, 70))
        # one part settled: the item is due with what is left
        first = self.receivables(entry).filtered(
            lambda line: line.date_maturity == day("1 Nov")
            and line.partner_id == self.customer
        )
        payment = self.unallocated(100)
        (first | self.receivables(payment.move_id)).reconcile()
        self.commit()
        self.assertEqual((mine.balance, mine.leader_date), (50, day("5 Nov")))
        self.assertEqual(theirs.balance, 70)

    def test_specific_action_of_one_part(self):
        """A follow-up of one customer's part closes when that part is settled."""
        other = self._customer("Other")
        entry = self.opening((self.customer, 100, "1 Nov"), (other, 70, "1 Nov"))
        account = self.account()
        entry.dso_qualify(
            self.status("promise_to_pay"),
            "",
            account=account,
            promise_date=day("30 Nov"),
        )
        self.commit()
        action = account.open_action_ids
        self.assertFalse(account.proposal_id)
        self.assertTrue(self.account(other).proposal_id)
        payment = self.unallocated(100)
        lines = self.receivables(entry | payment.move_id)
        lines.filtered(lambda line: line.partner_id == self.customer).reconcile()
        self.commit()
        self.assertEqual((action.state, action.cause), ("cancelled", "settled"))
        self.assertTrue(self.account(other).proposal_id)

    def test_ignoring_one_part(self):
        """Ignored by one customer's record, the other is chased on."""
        other = self._customer("Other")
        entry = self.opening((self.customer, 100, "1 Nov"), (other, 70, "1 Nov"))
        self.commit()
        line = self.receivables(entry).filtered(lambda x: x.partner_id == self.customer)
        line.action_dso_toggle_ignored()
        self.commit()
        self.assertFalse(self.account().proposal_id)
        self.assertTrue(self.account(other).proposal_id)
        self.assertTrue(line.dso_ignored)
        self.assertFalse((self.receivables(entry) - line).dso_ignored)

    def test_done_keeps_each_customers_part(self):
        """What was sent to one customer lists his part only."""
        other = self._customer("Other")
        entry = self.opening((self.customer, 100, "1 Nov"), (other, 70, "1 Nov"))
        self.commit()
        proposal = self.account().proposal_id
        proposal.action_done()
        self.assertRecordValues(
            proposal.line_ids,
            [
                {
                    "move_id": entry.id,
                    "account_id": self.account().id,
                    "amount": 100,
                    "amount_company": 100,
                    "claimed": True,
                }
            ],
        )

    def test_branches_and_root(self):
        """Items of several branches lie on one account, with their own company."""
        self.company.write(
            {"child_ids": [Command.create({"name": f"Branch {n}"}) for n in (1, 2)]}
        )
        self.env.cr.precommit.run()  # load the charts of accounts
        branches = self.company.child_ids
        self.env.user.company_ids |= branches
        moves = self.env["account.move"]
        for branch in branches:
            journal = self.env["account.journal"].create(
                {
                    "name": f"Sales of {branch.name}",
                    "code": f"B{branch.id}",
                    "type": "sale",
                    "company_id": branch.id,
                    "default_account_id": self.company_data[
                        "default_account_revenue"
                    ].id,
                }
            )
            moves |= self.invoice(
                "10 Nov", 100, company_id=branch.id, journal_id=journal.id
            )
        self.commit()
        account = self.customer.dso_account_ids
        self.assertEqual((account.company_id, account.balance), (self.company, 200))
        self.assertEqual(account.leader_id, moves[0])
        moves[0].with_company(branches[0]).dso_qualify(self.status("dispute"), "")
        self.commit()
        self.assertEqual(account.leader_id, moves[1])
        self.assertEqual(account.item_count, 2)
