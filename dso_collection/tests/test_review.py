"""What must not leave, must not get lost and must not be shown to others."""

import csv
import io
import zipfile

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .sending_common import TODAY, SendingCommon, day


@tagged("post_install", "-at_install")
class TestReview(SendingCommon):
    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)

    def merge(self, source, target):
        merger = self.env["base.partner.merge.automatic.wizard"].create({})
        merger._merge((source | target).ids, target)

    def manual(self, **values):
        return self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "kind": "out_of_scenario",
                "action_model_id": self.email.id,
                "mode": "manual",
                "date": TODAY,
                **values,
            }
        )

    # MERGED CUSTOMERS --------------------------------------------------------------

    def test_merge_keeps_litigation_files(self):
        """rules.md §3.3: the proofs of a customer survive his merge."""
        twin = self._customer("Twin")
        invoice = self.invoice("1 Oct", partner=twin)
        file = self.env["dso.litigation.file"]._ask(self.account(twin), invoice)
        target = self.account()
        self.merge(twin, self.customer)
        self.assertEqual(file.exists().account_id, target)

    def test_merge_keeps_closed_channels(self):
        """rules.md §10: who wants no e-mail gets none after a merge either."""
        twin = self._customer("Twin")
        self.account(twin).no_email = True
        target = self.account()
        self.merge(twin, self.customer)
        self.assertTrue(target.no_email)
        self.assertEqual(len(target.hold_ids), 2)
        self.assertEqual(len(target.hold_ids.filtered("active_now")), 1)

    def test_merge_keeps_the_hold_in_force(self):
        """rules.md §10: an expired or lighter hold does not hide a lawyer."""
        lawyer = self._customer("Lawyer")
        for until, reason in ((day("1 Nov"), "pause"), (False, "key_account")):
            with self.subTest(reason=reason):
                twin, other = self._customer("Twin"), self._customer("Other")
                self.account(twin).write(
                    {"hold_reason": "lawyer", "hold_lawyer_id": lawyer.id}
                )
                target = self.account(other)
                target.write({"hold_reason": reason, "hold_until": until})
                self.merge(twin, other)
                self.assertTrue(target.on_hold)
                self.assertEqual(target._recipients()[target], lawyer)

    def test_merge_keeps_the_stricter_hold_of_the_target(self):
        """rules.md §10: nor does a lighter one of the other replace it."""
        lawyer = self._customer("Lawyer")
        twin = self._customer("Twin")
        self.account(twin).hold_reason = "pause"
        target = self.account()
        target.write({"hold_reason": "lawyer", "hold_lawyer_id": lawyer.id})
        self.merge(twin, self.customer)
        self.assertEqual(target.hold_reason, "lawyer")

    # WHO READS IT ------------------------------------------------------------------

    def test_reader_who_left_the_customer(self):
        """rules.md §10: a contact that moved to another customer reads no more."""
        self.invoice("1 Oct")
        person = self._customer(
            "Pia", is_company=False, parent_id=self.customer.id, email="pia@x.example"
        )
        action = self.manual(own_contact_id=person.id)
        self.assertEqual(action._recipient(), person)
        person.parent_id = self._customer("Somebody else")
        self.env.invalidate_all()
        self.assertEqual(action._recipient(), self.customer)

    def test_reader_who_is_archived(self):
        """rules.md §10: nor does one that was archived."""
        person = self._customer(
            "Pia", is_company=False, parent_id=self.customer.id, email="pia@x.example"
        )
        action = self.manual(own_contact_id=person.id)
        person.active = False
        self.env.invalidate_all()
        self.assertEqual(action._recipient(), self.customer)

    # WHAT IT SAYS ------------------------------------------------------------------

    def test_sent_again_after_a_payment(self):
        """rules.md §4: a text that names what was paid since does not leave, sent
        again either."""
        invoice = self.invoice("1 Oct", 1000)
        self.invoice("2 Oct", 500)
        action = self.manual()
        action.action_edit_text()
        with self.mock_mail_gateway():
            action.action_send()
        action._engine().write({"delivery": "bounced"})
        again = self.env["dso.action"].browse(action.action_send_again()["res_id"])
        self.assertTrue(again.own_body)
        self.pay(invoice)
        with self.assertRaises(UserError), self.mock_mail_gateway():
            again.action_send()

    def test_sent_again_unchanged(self):
        """… and does, when the ledger says the same."""
        self.invoice("1 Oct", 1000)
        action = self.manual()
        action.action_edit_text()
        with self.mock_mail_gateway():
            action.action_send()
        action._engine().write({"delivery": "bounced"})
        again = self.env["dso.action"].browse(action.action_send_again()["res_id"])
        with self.mock_mail_gateway():
            again.action_send()
        self.assertEqual(again.delivery, "queued")

    def test_text_created_with_its_action(self):
        """A text that comes with a new action is as old as the action."""
        invoice = self.invoice("1 Oct", 1000)
        action = self.manual(own_subject="Pay", own_body="<p>Pay 1000</p>")
        self.assertEqual(action.own_amount, 1000)
        self.pay(invoice, 400)
        self.assertTrue(action._text_outdated())

    def test_text_of_other_items_of_the_same_amount(self):
        """rules.md §4: paid one, owes another one of the same amount: the text that
        tells the first one does not leave."""
        invoice = self.invoice("1 Oct", 1000)
        self.invoice("20 Nov", 70)
        action = self.manual()
        action.action_edit_text()
        self.assertFalse(action._text_outdated())
        self.pay(invoice)
        self.invoice("10 Oct", 1000)
        self.env.invalidate_all()
        self.assertTrue(action._text_outdated())

    def test_nothing_is_filled_in_an_own_text(self):
        """A text that a person wrote goes as it is: no expression in it is run."""
        self.invoice("1 Oct", 1000)
        self.account().note = "never tell him"
        action = self.manual(note="never tell him")
        action.write(
            {
                "own_subject": "A {{ object.note }}",
                "own_body": "<p>B <t t-out='object.note'/> {{ object.note }}</p>",
            }
        )
        with self.mock_mail_gateway():
            action.action_send()
        mail = self.mails_of(action)
        self.assertNotIn("never tell", f"{mail.subject} {mail.body_html}")

    # FILES -------------------------------------------------------------------------

    def test_reply_leaves_files_where_they_are(self):
        """A file that belongs to a record stays there when a reply names it."""
        invoice = self.invoice("1 Oct")
        file = self.env["ir.attachment"].create(
            {
                "name": "a.txt",
                "raw": b"a",
                "res_model": "account.move",
                "res_id": invoice.id,
            }
        )
        self.env["dso.reply"].create(
            {
                "account_id": self.account().id,
                "body": "See the file",
                "attachment_ids": [Command.set(file.ids)],
            }
        )
        self.assertEqual((file.res_model, file.res_id), ("account.move", invoice.id))

    # TWICE -------------------------------------------------------------------------

    def test_late_costs_claimed_at_once(self):
        """rules.md §6: of two people who claim at once, the one who waited begins
        anew; a mere lock would show him the claims as they were before it."""
        self.invoice("1 Oct")
        account = self.account()
        account.write({"recovery": True, "penalties": True})
        self.company.write({"dso_penalty_rate": 10, "dso_recovery_cost": 40})
        wizard = (
            self.env["dso.late.invoice"]
            .with_context(default_account_id=account.id)
            .create({"reason": "Goodwill"})
        )
        self.env.flush_all()

        def version():
            query = "SELECT ctid FROM dso_account WHERE id = %s"
            self.env.cr.execute(query, [account.id])
            return self.env.cr.fetchone()

        before = version()
        wizard._locked_items()
        self.assertNotEqual(version(), before)

    def test_plan_made_twice(self):
        """rules.md §3.3: one plan and one confirmation, however often the button is
        pressed."""
        invoice = self.invoice("1 Oct")
        wizard = (
            self.env["dso.payment.plan.make"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "confirm": False,
                    "amount": 1000,
                    "instalment_ids": [
                        Command.create({"date": day("27 Nov"), "amount": 1000})
                    ],
                }
            )
        )
        wizard.action_make()
        with self.assertRaises(UserError):
            wizard.action_make()

    def test_text_for_a_colleague_stays_inside(self):
        """§7: a text that was written for a colleague, internal comment included, does
        not leave when the reader is changed to the customer."""
        invoice = self.invoice("1 Oct")
        colleague = new_test_user(
            self.env, login="rex", groups="dso_collection.group_resolver"
        )
        wizard = (
            self.env["dso.qualify"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "status_id": self.status("promise_to_pay").id,
                    "promise_date": day("27 Nov"),
                    "comment": "he is a liar",
                    "follow_up": "scenario",
                    "email_to": "colleague",
                    "colleague_id": colleague.id,
                    "email_model_id": self.env.ref(
                        "dso_collection.model_internal_request"
                    ).id,
                }
            )
        )
        with self.mock_mail_gateway():
            wizard.action_qualify()
            self.assertIn("liar", wizard.email_body)
            wizard.email_to = "customer"
            wizard.email_model_id = self.email
            wizard.action_qualify()
        self.assertEqual(wizard.step, "email")
        self.assertFalse(self.account().action_ids.filtered("own_body"))
        self.assertNotIn("liar", str(wizard.email_body))

    def test_text_of_another_promise(self):
        """§3.3: the customer is not told a day that was changed after the text was
        filled; what a person wrote leaves once the change was pointed out."""
        invoice = self.invoice("1 Oct")
        for text in (False, "<p>My own words</p>"):
            wizard = (
                self.env["dso.qualify"]
                .with_context(active_model="account.move", active_ids=invoice.ids)
                .create(
                    {
                        "status_id": self.status("promise_to_pay").id,
                        "promise_date": day("27 Nov"),
                        "follow_up": "scenario",
                        "email_to": "customer",
                        "email_model_id": self.env.ref(
                            "dso_collection.model_promise_confirmation"
                        ).id,
                    }
                )
            )
            with self.subTest(text=text), self.mock_mail_gateway():
                wizard.action_qualify()
                self.assertIn("November 27", wizard.email_body)
                wizard.step = "status"
                if text:
                    wizard.email_body = text
                wizard.promise_date = day("4 Dec")
                wizard.action_qualify()
                self.assertEqual(wizard.step, "email")
                self.assertFalse(wizard.done_ids)
                self.assertEqual(wizard.email_stale, bool(text))
                if not text:
                    self.assertIn("December 4", wizard.email_body)
                wizard.action_qualify()
                self.assertTrue(wizard.done_ids)

    # WHAT IS PROMISED --------------------------------------------------------------

    def test_promised_after_an_item_left(self):
        """rules.md §3.3: of an item that is disputed since, nothing is promised any
        more, and nothing more than before of the others."""
        status = self.status("promise_to_pay")
        one, two = self.invoice("1 Oct"), self.invoice("2 Oct")
        (one | two).dso_qualify(
            status,
            "",
            promise_date=day("27 Nov"),
            promise_amount={one.id: 500, two.id: 500},
        )
        account = self.evaluate()
        self.assertEqual(account.amount_promised, 1000)
        two.dso_qualify(self.status("dispute"), "")
        account = self.evaluate()
        self.assertEqual(one.dso_item_ids.promised_company, 500)
        self.assertEqual(account.amount_promised, 500)


@tagged("post_install", "-at_install")
class TestReviewBranches(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "child_ids": [
                    Command.create({"name": "North"}),
                    Command.create({"name": "South"}),
                ]
            }
        )
        cls.env.cr.precommit.run()  # load the charts of accounts
        cls.north, cls.south = cls.company.child_ids
        cls.env.user.company_ids |= cls.north | cls.south
        cls.local = new_test_user(
            cls.env,
            login="north",
            groups="dso_collection.group_collector,account.group_account_invoice",
            company_id=cls.north.id,
            company_ids=[Command.set(cls.north.ids)],
        )
        cls.company.write(
            {"dso_penalties": True, "dso_recovery": True, "dso_penalty_rate": 10}
        )

    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)
        self.own = self.invoice_of(self.north)
        self.theirs = self.invoice_of(self.south)
        self.record = self.evaluate().with_user(self.local)

    def invoice_of(self, branch):
        journal = self.env["account.journal"].create(
            {
                "name": f"Sales of {branch.name}",
                "code": branch.name[:3].upper(),
                "type": "sale",
                "company_id": branch.id,
                "default_account_id": self.company_data["default_account_revenue"].id,
            }
        )
        return self.invoice("1 Oct", journal_id=journal.id, company_id=branch.id)

    def test_litigation_file_of_a_branch_user(self):
        """§10: the file tells only what whoever asked may read himself."""
        file = self.env["dso.litigation.file"].browse(
            self.record.action_litigation_file()["res_id"]
        )
        self.assertEqual(file.move_ids, self.own)
        self.run_job(self.env["dso.litigation.file"].with_user(SUPERUSER_ID)._cron_make)
        self.env.flush_all()
        self.assertEqual(file.state, "ready", file.error)
        archive = zipfile.ZipFile(io.BytesIO(file.attachment_id.raw))
        text = archive.read("statement.csv").decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        self.assertEqual([row["Number"] for row in rows], [self.own.name])
        self.assertNotIn(self.theirs.name, archive.read("statement.html").decode())

    def test_late_costs_of_a_branch_user(self):
        """§10: nobody waives late costs on items that he may not read."""
        account = self.env["dso.account"].browse(self.record.id)
        account.write({"penalties": True, "recovery": True})
        wizard = (
            self.env["dso.late.invoice"]
            .with_user(self.local)
            .with_context(default_account_id=account.id)
            .create({"reason": "Goodwill"})
        )
        self.assertEqual(wizard.sudo().line_ids.move_id, self.own)
        wizard.action_waive()
        self.assertEqual(account.late_claim_ids.move_id, self.own)

    def test_windows_of_a_branch_user(self):
        """§10: windows offer, and tell of, what their user may read himself."""
        wizard = (
            self.env["dso.qualify"]
            .with_user(self.local)
            .with_context(active_model="dso.account", active_ids=self.record.ids)
            .create({"email_to": "none", "follow_up": "scenario"})
        )
        self.assertEqual(wizard.sudo().item_ids.move_id, self.own)
        line = (
            self.env["dso.wizard.item"]
            .with_user(self.local)
            .create({"account_id": self.record.id, "move_id": self.theirs.id})
        )
        told = line.read(["name", "amount", "due"])[0]
        self.assertFalse(told["name"] or told["amount"] or told["due"])

    def test_records_of_a_branch_user(self):
        """§10: actions and accounts open, and do not tell the other branch's leader."""
        self.own.button_draft()
        proposal = self.evaluate().proposal_id
        self.assertEqual(proposal.leader_id, self.theirs)
        self.assertTrue(proposal.text_subject)
        self.env.flush_all()
        action = proposal.with_user(self.local).with_context(
            allowed_company_ids=self.north.ids
        )
        self.env.invalidate_all()
        self.assertNotIn(self.theirs.name, str(action.get_situation()))
        self.assertFalse(action.text_subject)
        for record in (action, action.account_id):
            for name in record._fields:
                self.env.invalidate_all()
                self.assertTrue(record.read([name]), name)

    def test_text_about_items_of_others(self):
        """§10: no text is proposed, and none sent, about what its user may not
        read."""
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            login="stranger",
            groups="dso_collection.group_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for user in (stranger, self.local):
            wizard = (
                self.env["dso.qualify"]
                .with_user(user)
                .create(
                    {
                        "email_to": "customer",
                        "email_model_id": self.email.id,
                        "follow_up": "scenario",
                        "item_ids": [
                            Command.create(
                                {
                                    "account_id": self.record.id,
                                    "move_id": self.theirs.id,
                                    "selected": True,
                                }
                            )
                        ],
                    }
                )
            )
            for call in (wizard._fill_email, wizard.action_qualify):
                with self.assertRaises(AccessError):
                    call()
            self.assertFalse(wizard.email_body)
            wizard.email_body = "<p>Pay</p>"
            with self.assertRaises(AccessError), self.mock_mail_gateway():
                wizard.action_qualify()

    def test_colleagues_are_internal_users(self):
        """§7, §10: collectors and resolvers, who read what is internal, are internal
        users, whoever asks."""
        portal = new_test_user(self.env, login="outside", groups="base.group_portal")
        with self.assertRaisesRegex(ValidationError, "no colleague"):
            self.record.collector_id = portal
        with self.assertRaisesRegex(ValidationError, "no colleague"):
            self.env["dso.action"].create(
                {
                    "account_id": self.record.id,
                    "action_model_id": self.email.id,
                    "resolver_id": portal.id,
                }
            )
        with self.assertRaisesRegex(ValidationError, "Choose a colleague"):
            self.own.dso_qualify(self.status("dispute"), "x", resolver=portal)
