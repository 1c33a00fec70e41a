"""Who is written to: contacts, roles, the chain and its fallbacks (rules.md §10)."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY
from .sending_common import SendingCommon


@tagged("post_install", "-at_install")
class TestContacts(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.role = cls.env.ref("dso_collection.contact_role_collection")
        cls.escalation = cls.env.ref("dso_collection.contact_role_escalation")

    def contact(self, name, role=None, **values):
        return self.env["res.partner"].create(
            {
                "name": name,
                "parent_id": self.customer.id,
                "email": f"{name.lower()}@customer.example",
                "dso_contact_role_ids": role and [Command.link(role.id)],
                **values,
            }
        )

    def assertRecipient(self, expected, role="collection", channel="email"):
        """The same by the record, by an action and by what a mail is written to."""
        account = self.account()
        self.assertEqual(account._recipients(role, channel), {account: expected})
        action = self.env["dso.action"].new(
            {"account_id": account.id, "action_model_id": self.email.id}
        )
        if (role, channel) == ("collection", "email"):
            self.assertEqual(action.contact_id, expected)

    def test_chain(self):
        """§10: chosen contact, role collection, invoice address, customer."""
        self.assertRecipient(self.customer)
        invoice = self.contact("Bill", type="invoice")
        self.assertRecipient(invoice)
        by_role = self.contact("Rose", self.role)
        self.assertRecipient(by_role)
        chosen = self.contact("Carl")
        self.account().contact_id = chosen
        self.assertRecipient(chosen)
        chosen.active = False
        self.assertRecipient(by_role)
        by_role.active = False
        invoice.email = False
        self.assertRecipient(self.customer)

    def test_chain_of_a_grandchild(self):
        """§10: a contact of a branch of the customer has the role as well."""
        branch = self.contact("Branch")
        person = self.contact("Pia", self.role, parent_id=branch.id)
        self.assertRecipient(person)
        self.customer.email = branch.email = False
        self.assertRecipient(person)
        Account = self.env["dso.account"]
        self.assertFalse(self.account().missing_contact)
        self.assertNotIn(
            self.account(), Account.search([("missing_contact", "=", True)])
        )
        person.email = False
        self.account().invalidate_recordset(["missing_contact"])
        self.assertTrue(self.account().missing_contact)
        self.assertIn(self.account(), Account.search([("missing_contact", "=", True)]))

    def test_role_of_the_action_model(self):
        """§10: an action model is written to a role; without one, to collection."""
        self.email.recipient_role_id = self.escalation
        self.invoice("20 Nov")
        self.assertEqual(self.proposal_of().contact_id, self.customer)
        boss = self.contact("Boss", self.escalation)
        self.account().contact_id = self.contact("Carl")
        proposal = self.proposal_of()
        self.assertEqual(proposal.contact_id, boss)
        (mail,) = self.send()
        self.assertIn("boss@customer.example", mail["email_to"][0])

    def test_reachable_by_the_channel(self):
        """§10: by role, only who can be reached the way the action goes."""
        phone = self.contact("Tel", self.role, email=False, phone="+32 2 555 12 12")
        self.assertRecipient(self.customer)
        self.assertRecipient(phone, channel="sms")
        self.assertRecipient(self.customer, channel="letter")

    def test_case_06_contact_without_mail(self):
        """Case 6: a contact without an address: the customer's own is taken."""
        self.contact("Nomail", self.role, email=False)
        self.contact("Bill", type="invoice", email=False)
        self.invoice("20 Nov")
        self.assertEqual(self.proposal_of().state, "planned")
        (mail,) = self.send()
        self.assertIn("ar@customer.example", mail["email_to"][0])

    def test_case_05_no_address_at_all(self):
        """Case 5: without any e-mail address the step waits for a person, who sees
        why, finds the customer among those without contact, and may write a letter."""
        self.customer.email = False
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.assertEqual((proposal.state, proposal.problem), ("error", "no_contact"))
        Account = self.env["dso.account"]
        self.assertIn(self.account(), Account.search([("missing_contact", "=", True)]))
        self.assertEqual(self.send(), [])
        self.contact("Rose", self.role)
        self.assertEqual(self.proposal_of().state, "planned")
        self.assertNotIn(
            self.account(), Account.search([("missing_contact", "=", True)])
        )

    def test_case_29_several_billing_contacts(self):
        """Case 29: the collection contact gets all of it, in one message; without one,
        the first billing contact does."""
        first = self.contact("Bill", type="invoice")
        second = self.contact("Beth", type="invoice")
        moves = self.invoice("20 Nov", partner=first) | self.invoice(
            "19 Nov", partner=second
        )
        self.assertRecipient(first)
        self.contact("Rose", self.role)
        self.proposal_of()
        (mail,) = self.send()
        self.assertIn("rose@customer.example", mail["email_to"][0])
        for move in moves:
            self.assertIn(move.name, mail["body"])

    def _two_addresses(self):
        self.company.dso_invoice_addresses = "own"
        first = self.contact("Bill", type="invoice")
        second = self.contact("Beth", type="invoice")
        return (
            (first, self.invoice("20 Nov", 100, partner=first)),
            (second, self.invoice("19 Nov", 250, partner=second)),
        )

    def assertShares(self, mails, **expected):
        """Each reader's message names his own invoice and amount, and no other's."""
        self.assertEqual(len(mails), len(expected))
        for name, (own, other, amount) in expected.items():
            [mail] = [m for m in mails if f"{name}@customer" in m["email_to"][0]]
            for move in own:
                self.assertIn(move.name, mail["body"])
            for move in other:
                self.assertNotIn(move.name, mail["body"])
            self.assertIn(amount, mail["subject"])

    def test_case_29_each_receives_his_items(self):
        """Case 29, the other setting: each invoice address receives its own items, in
        one message each; what was invoiced to nobody in particular stays with the
        collection contact."""
        (first, one), (second, two) = self._two_addresses()
        rest = self.invoice("18 Nov", 70)
        self.contact("Rose", self.role)
        action = self.proposal_of()
        mails = self.send()
        self.assertShares(
            mails,
            bill=([one], [two, rest], "100.00"),
            beth=([two], [one, rest], "250.00"),
            rose=([rest], [one, two], "70.00"),
        )
        self.assertEqual((action.state, action.delivery), ("done", "sent"))
        shares = action.share_ids
        self.assertEqual(shares.share_contact_id, first | second)
        self.assertEqual(set(shares.mapped("delivery")), {"sent"})
        self.assertEqual(shares.line_ids.move_id, one | two)
        self.assertEqual(action.line_ids.move_id, rest)
        # one step done, and no more of it
        self.assertEqual(self.send(), [])

    def test_case_29_nothing_left_for_the_contact(self):
        """Case 29: where all items have their address, the step itself goes to one."""
        (_first, one), (_second, two) = self._two_addresses()
        self.contact("Rose", self.role)
        self.proposal_of()
        self.assertShares(
            self.send(), bill=([one], [two], "100.00"), beth=([two], [one], "250.00")
        )

    def test_case_29_address_that_cannot_be_reached(self):
        """Case 29: no item is lost with an address that has no e-mail, is blocked, or
        whose credits cover it."""
        (first, one), (second, two) = self._two_addresses()
        third = self.contact("Bob", type="invoice")
        covered = self.invoice("17 Nov", 40, partner=third)
        self.credit_note(40, partner=third)
        self.contact("Rose", self.role)
        first.email = False
        self.env["mail.blacklist"]._add(second.email)
        self.proposal_of()
        self.assertShares(self.send(), rose=([one, two, covered], [], "350.00"))

    def test_case_29_paid_in_the_outbox(self):
        """Case 29, Q4: each share is looked at for itself before it leaves."""
        (_first, one), (_second, two) = self._two_addresses()
        self.invoice("18 Nov", 70)
        self.contact("Rose", self.role)
        action = self.proposal_of()
        self.send(outbox=False)
        with freeze_time(TODAY):
            self.pay(one)
            self.pay(two, 50)
        mails = self.run_outbox()
        self.assertShares(
            mails,
            beth=([two], [one], "200.00"),
            rose=([], [one, two], "70.00"),
        )
        gone = action.share_ids.filtered(lambda a: a.share_contact_id.name == "Bill")
        self.assertEqual((gone.state, gone.cause), ("cancelled", "settled"))

    def test_case_29_paid_before_it_leaves(self):
        """Case 29, Q4: a share that waited with a problem is over once what it tells
        is paid."""
        (_first, one), _second = self._two_addresses()
        self.contact("Rose", self.role)
        action = self.proposal_of()
        self.send(outbox=False)
        share = action.share_ids.filtered(lambda a: a.share_contact_id.name == "Bill")
        share.line_ids._engine().unlink()
        share._engine().write({"state": "planned", "delivery": False})
        share._park("not_sent")
        with freeze_time(TODAY):
            self.pay(one)
            share.sudo()._send_or_park(self.env.user)
        self.assertEqual((share.state, share.cause), ("cancelled", "settled"))

    def test_case_29_lawyer_receives_all(self):
        """Case 29: behind a lawyer nobody else is written to."""
        self._two_addresses()
        action = self.proposal_of()
        account = self.account()
        account.write(
            {"hold_reason": "lawyer", "hold_lawyer_id": self._customer("Lawyer").id}
        )
        self.assertFalse(action._share_out())

    def test_case_34_blacklisted_contact(self):
        """Case 34: an address on the blacklist stops the step, with its cause."""
        contact = self.contact("Rose", self.role)
        self.env["mail.blacklist"]._add(contact.email)
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.assertEqual(
            (proposal.state, proposal.problem), ("error", "blocked_address")
        )

    def test_chosen_contact_without_mail(self):
        """§10: who was chosen by a person is not replaced silently."""
        self.account().contact_id = self.contact("Carl", email=False)
        self.invoice("20 Nov")
        self.assertEqual(self.proposal_of().problem, "no_email")
        self.assertTrue(self.account().missing_contact)

    def test_contact_of_somebody_else(self):
        """§10: reminders of one customer do not go to another one."""
        stranger = self._customer("Stranger")
        with self.assertRaises(ValidationError):
            self.account().contact_id = stranger
        mine = self.contact("Carl")
        self.account().contact_id = mine
        mine.parent_id = stranger
        self.assertFalse(self.account().contact_id)
        self.assertRecipient(self.customer)

    def test_stale_contact_is_not_written_to(self):
        """§10: even a choice that the database kept is not written to."""
        stranger = self._customer("Stranger")
        account = self.account()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE dso_account SET contact_id = %s WHERE id = %s",
            [stranger.id, account.id],
        )
        self.env.invalidate_all()
        self.assertRecipient(self.customer)

    def test_recipient_changes_while_it_waits(self):
        """L17: what waits in the outbox is rendered again for another contact."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.send(outbox=False)
        self.assertEqual(proposal.sent_to_id, self.customer)
        with freeze_time(TODAY):
            self.account().contact_id = self.contact("Carl")
        (mail,) = self.run_outbox()
        self.assertIn("carl@customer.example", mail["email_to"][0])
        self.assertEqual(proposal.sent_to_id.name, "Carl")

    def test_language_of_the_contact(self):
        """§10: the language of whoever reads decides, contact by contact."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.contact("Rose", self.role, lang="fr_FR")
        self.invoice("20 Nov")
        self.assertEqual(self.proposal_of().lang_code, "fr_FR")

    def test_new_role_unconfirms(self):
        """L17: a confirmation lapses when the recipient changes."""
        self.email.mode = "auto_confirm"
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        proposal.action_confirm()
        self.contact("Rose", self.role)
        self.assertFalse(proposal.confirmed)

    def test_main_contact_button(self):
        """§10: from the customer record, whoever may write the account."""
        carl = self.contact("Carl")
        carl.action_dso_main_contact()
        self.assertEqual(self.account().contact_id, carl)
        viewer = new_test_user(
            self.env, login="v", groups="dso_collection.group_viewer"
        )
        with self.assertRaises(AccessError):
            carl.with_user(viewer).action_dso_main_contact()

    def test_who_gets_what(self):
        """§6: the record shows who receives, why, and what bounced."""
        self.contact("Rose", self.role, lang="en_US").message_bounce = 2
        self.contact("<b>Eve</b>", self.escalation)
        shown = str(self.account().recipients)
        for text in ("Rose", "by role", "2 bounced", "&lt;b&gt;Eve"):
            self.assertIn(text, shown)

    def test_case_40_viewer_opens_the_contacts(self):
        """Case 40: a colleague who may read only opens the customer's contacts."""
        self.contact("Rose", self.role)
        viewer = new_test_user(
            self.env, login="v", groups="dso_collection.group_viewer"
        )
        account = self.account().with_user(viewer)
        self.assertTrue(account.recipients)
        self.assertEqual(account.contact_ids.dso_contact_role_ids, self.role)
        self.assertTrue(account.read(["hold_words", "credit_state", "exposure"]))

    def test_collection_role_stays(self):
        """§10: the role that reminders are written to cannot be deleted."""
        with self.assertRaises(UserError):
            self.role.unlink()

    def test_one_query_for_many(self):
        """Recipients of any number of customers: a constant number of queries."""
        accounts = self.env["dso.account"].union(
            *(self.account(self._customer(f"C{n}")) for n in range(30))
        )
        self.env.flush_all()
        self.env.invalidate_all()
        accounts[:1]._recipients()
        self.env.invalidate_all()
        with self.assertQueryCount(4):
            self.assertEqual(len(accounts._recipients()), 30)
