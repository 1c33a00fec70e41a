"""Customers' e-mails become replies: the right customer, the right action, once."""

from email.message import EmailMessage
from unittest.mock import patch

import psycopg2

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.fetchmail_server import _peek
from . import mail_samples
from .common import TODAY
from .sending_common import SendingCommon

GATEWAY = "odoo.addons.mail.models.mail_thread"
OURS = "odoo.addons.dso_collection.models.mail_thread"


class MailReplyCommon(SendingCommon):
    """A company with a domain of its own; a reminder has left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.alias_domain_id = cls.env["mail.alias.domain"].create(
            {"name": "company.example", "catchall_alias": "answers"}
        )
        cls.jane = cls.env["res.partner"].create(
            {
                "name": "Jane Miller",
                "email": "jane@customer.example",
                "parent_id": cls.customer.id,
            }
        )
        cls.collector.group_ids += cls.env.ref("dso_collection.group_collector")

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(TODAY))

    def reminder(self, partner=None):
        """The e-mail that left to a customer, as a dict of Odoo's mail mock."""
        self.invoice("20 Nov", partner=partner)
        self.proposal_of(partner=partner)
        [mail] = self.send()
        return mail

    def receive(self, content, **options):
        """Let the mail gateway take a message in.

        :param content: bytes, or an EmailMessage
        :return: (replies, unmatched e-mails) that it made
        """
        if isinstance(content, EmailMessage):
            content = content.as_bytes()
        replies = self.env["dso.reply"].search([])
        unmatched = self.env["dso.reply.unmatched"].search([])
        with mute_logger(GATEWAY, OURS), self.mock_mail_gateway():
            self.env["mail.thread"].message_process(False, content, **options)
            self.sent_back = list(self._mails)
        return (
            self.env["dso.reply"].search([]) - replies,
            self.env["dso.reply.unmatched"].search([]) - unmatched,
        )

    def message(self, to, text="We pay on Friday.", **headers):
        message = EmailMessage()
        message["From"] = headers.pop("sender", "Jane <jane@customer.example>")
        message["To"] = to
        message["Subject"] = headers.pop("subject", "Your reminder")
        message["Message-Id"] = headers.pop("key", "<answer@customer.example>")
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        return message

    def reply_address(self, name="collection"):
        self.company.dso_reply_alias_name = name
        return f"{name}@company.example"

    def capture(self, way="reply_to"):
        self.company.dso_capture_way = way
        account = self.account()
        account.capture = True
        return account


@tagged("post_install", "-at_install")
class TestMailReplies(MailReplyCommon):
    # WHAT MAIL PROGRAMS WRITE -----------------------------------------------------

    def test_every_program_lands_once(self):
        """§8: answers of every mail program come to their action, once, with the words
        of their author only; the whole e-mail is kept."""
        mail = self.reminder()
        action = self.env["dso.action"].search([("state", "=", "done")])
        for sample in mail_samples.samples(mail["reply_to"], mail["message_id"]):
            with self.subTest(sample.name):
                [reply], unmatched = self.receive(sample.content)
                self.assertFalse(unmatched)
                self.assertEqual(reply.action_id, action)
                self.assertEqual(reply.partner_id, self.jane)
                self.assertEqual(" ".join(reply.body.split()), sample.own)
                self.assertEqual(reply.automatic, sample.automatic)
                self.assertFalse(reply.stranger or reply.fraud)
                self.assertEqual(self.receive(sample.content), (reply[:0], unmatched))
                if sample.name in ("gmail", "outlook", "japanese"):
                    self.assertTrue(reply.folded)
                    self.assertIn(mail_samples.REMINDER, reply.original)
                if sample.name in ("winmail", "large"):
                    self.assertEqual(len(reply.attachment_ids), 1)
        self.assertTrue(reply.answered)

    def test_only_the_quote(self):
        """An e-mail with nothing but a quote is shown as it is."""
        mail = self.reminder()
        message = self.message(
            mail["reply_to"], "> You owe us", In_Reply_To=mail["message_id"]
        )
        [reply], _unmatched = self.receive(message)
        self.assertIn("You owe us", reply.body)

    # THE CUSTOMER'S OWN ADDRESS ---------------------------------------------------

    def test_own_address(self):
        """§8: one address a customer, unguessable, as reply address of his e-mails."""
        account = self.capture()
        mail = self.reminder()
        self.assertIn(account.capture_address, mail["reply_to"])
        self.assertRegex(
            account.capture_address,
            rf"^capture\.{self.company.id}\.{account.id}\.[a-z2-7]{{16}}@company",
        )
        before = account.capture_address
        account._make_capture_addresses()
        self.assertEqual(account.capture_address, before)

    def test_no_address_unless_wanted(self):
        """Customers whose answers are not captured have none."""
        account = self.capture()
        account.capture = False
        mail = self.reminder()
        account._make_capture_addresses()
        self.assertFalse(account.capture_address)
        self.assertNotIn("capture.", mail["reply_to"] or "")

    def test_answer_without_references(self):
        """What comes to a customer's address is his, whoever sends it and whatever his
        program left out; a stranger is told apart."""
        account = self.capture()
        self.reminder()
        [reply], _unmatched = self.receive(
            self.message(account.capture_address, sender="new@elsewhere.example")
        )
        self.assertEqual(reply.account_id, account)
        self.assertFalse(reply.action_id)
        self.assertTrue(reply.stranger)
        self.assertFalse(reply.partner_id)
        self.assertTrue(reply.holding)

    def test_own_address_finds_the_action(self):
        """The references tell which message it answers, in another thread, too."""
        account = self.capture()
        mail = self.reminder()
        [reply], _unmatched = self.receive(
            self.message(account.capture_address, References=mail["message_id"])
        )
        action = self.env["dso.action"].search([("state", "=", "done")])
        self.assertEqual((reply.account_id, reply.action_id), (account, action))
        self.assertIn("on your account with us", reply.answered)

    def test_references_of_another_customer(self):
        """An action of somebody else is not this customer's, whatever a header says."""
        other = self._customer("Other", email="other@other.example")
        mail = self.reminder(partner=other)
        account = self.capture()
        account._make_capture_addresses()
        [reply], _unmatched = self.receive(
            self.message(account.capture_address, References=mail["message_id"])
        )
        self.assertEqual(reply.account_id, account)
        self.assertFalse(reply.action_id)

    def test_in_copy(self):
        """A company may put the address in copy instead: our own message comes back by
        it, and is no reply; an answer to all is one."""
        account = self.capture("copy")
        mail = self.reminder()
        self.assertIn("answers@company.example", mail["reply_to"])
        self.assertIn(account.capture_address, str(mail["email_cc"]))
        own = self.message(
            "jane@customer.example",
            Cc=account.capture_address,
            key=mail["message_id"],
            sender="ann@company.example",
        )
        self.assertEqual(list(map(len, self.receive(own))), [0, 0])
        answer = self.message(
            "ann@company.example",
            Cc=account.capture_address,
            In_Reply_To=mail["message_id"],
        )
        [reply], _unmatched = self.receive(answer)
        self.assertEqual(reply.account_id, account)

    def test_answer_to_all(self):
        """Copied to the customer's address with the company's as reply address, an
        answer to all comes to both: it is one reply, to its message."""
        self.capture("copy")
        address = self.reply_address()
        mail = self.reminder()
        capture = self.account().capture_address
        self.assertIn(address, mail["reply_to"])
        for number, to in enumerate(
            ((address, capture), (capture, address), (f"{address}, {capture}", ""))
        ):
            with self.subTest(to=to):
                replies, unmatched = self.receive(
                    self.message(
                        to[0],
                        Cc=to[1],
                        In_Reply_To=mail["message_id"],
                        key=f"<all-{number}@x>",
                    )
                )
                self.assertEqual(len(replies), 1)
                self.assertFalse(unmatched)
                self.assertEqual(replies.account_id, self.account())
                self.assertTrue(replies.action_id)
        # of somebody nobody knows it is the customer's reply, and waits nowhere else
        [reply], unmatched = self.receive(
            self.message(
                address, Cc=capture, sender="x@nobody.example", key="<stranger@x>"
            )
        )
        self.assertEqual(reply.account_id, self.account())
        self.assertFalse(unmatched)

    def test_switched_per_customer(self):
        """Switched off, no message carries the address; what still comes there is
        heard."""
        account = self.capture()
        account._make_capture_addresses()
        address = account.capture_address
        account.capture = False
        mail = self.reminder()
        self.assertNotIn(address, mail["reply_to"])
        [reply], _unmatched = self.receive(self.message(address))
        self.assertEqual(reply.account_id, account)

    def test_new_customers_get_the_company_default(self):
        """§1.3: the switch of a new customer is the company's, a rule's before it."""
        self.company.dso_capture = True
        partner = self._customer("New")
        self.invoice("20 Nov", partner=partner)
        self.assertTrue(self.account(partner).capture)
        self.env["dso.assignment.rule"].create(
            {"name": "No", "domain": "[('name', '=', 'Newest')]", "capture": "no"}
        )
        partner = self._customer("Newest")
        self.invoice("20 Nov", partner=partner)
        self.assertFalse(self.account(partner).capture)

    def test_one_mail_to_two_customers(self):
        """Sent to the addresses of two customers, it is a reply of each, once."""
        first = self.capture()
        second = self.account(self._customer("Second"))
        second.capture = True
        (first | second)._make_capture_addresses()
        both = f"{first.capture_address}, {second.capture_address}"
        message = self.message(both)
        replies, _unmatched = self.receive(message)
        self.assertEqual(replies.account_id, first | second)
        self.assertEqual(list(map(len, self.receive(message))), [0, 0])
        # merged, it is the reply of one
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (second.partner_id | self.customer).ids, self.customer
        )
        replies.invalidate_recordset()
        self.assertEqual(replies.account_id, first)
        [reply], _unmatched = self.receive(
            self.message(both.split(", ")[1], key="<later@x>")
        )
        self.assertEqual(reply.account_id, first)

    def test_colleagues(self):
        """What a colleague writes to a customer's address is no reply; what he passes
        on is."""
        account = self.capture()
        account._make_capture_addresses()
        own = {"sender": "ann@company.example"}
        self.assertFalse(self.receive(self.message(account.capture_address, **own))[0])
        [reply], _unmatched = self.receive(
            self.message(
                account.capture_address,
                "see below\n\n-------- Forwarded Message --------\n"
                "From: Jane\n\nWe pay on Friday.",
                subject="Fwd: your reminder",
                key="<passed-on@x>",
                **own,
            )
        )
        self.assertIn("We pay on Friday.", reply.body)

    # THE COMPANY'S ADDRESS --------------------------------------------------------

    def test_company_address(self):
        """Without an address of the customer's own, answers go to the company's."""
        address = self.reply_address()
        mail = self.reminder()
        self.assertIn(address, mail["reply_to"])
        [reply], unmatched = self.receive(
            self.message(
                address, References=mail["message_id"], sender="boss@elsewhere.example"
            )
        )
        self.assertFalse(unmatched)
        self.assertEqual(reply.account_id, self.account())
        self.assertTrue(reply.action_id and reply.stranger)

    def test_known_sender(self):
        """Without references, the only customer who knows the address is the one."""
        self.account()
        address = self.reply_address()
        [reply], unmatched = self.receive(self.message(address))
        self.assertEqual(reply.account_id, self.account())
        self.assertFalse(unmatched or reply.stranger)
        twin = self._customer("Twin", email="jane@customer.example")
        self.account(twin)
        replies, [mail] = self.receive(self.message(address, key="<second@x>"))
        self.assertFalse(replies)
        self.assertEqual(
            mail.suggestion_ids.account_id, self.account() | self.account(twin)
        )

    def test_lost_references_at_the_catchall(self):
        """What Odoo would send back unread is taken in when its sender is known; what
        belongs to nobody stays Odoo's."""
        self.account()
        [reply], _unmatched = self.receive(self.message("answers@company.example"))
        self.assertEqual(reply.account_id, self.account())
        self.assertFalse(self.sent_back)
        found = self.receive(
            self.message("answers@company.example", sender="x@y.example", key="<2@x>")
        )
        self.assertEqual(list(map(len, found)), [0, 0])

    # UNMATCHED --------------------------------------------------------------------

    def stranger(self, text="Hello", sender="Tom <tom@elsewhere.example>", **headers):
        _replies, [mail] = self.receive(
            self.message(self.reply_address(), text, sender=sender, **headers)
        )
        return mail

    def test_suggestions(self):
        """§8: a stranger's e-mail waits; who it may be is told by numbers, by the
        domain of the address, by names."""
        invoice = self.invoice("20 Nov")
        colleague = self._customer("Globex Trading", email="office@elsewhere.example")
        self.account(colleague)
        self.account()
        mail = self.stranger(f"About {invoice.name}: done. Globex  Trading Ltd")
        self.assertFalse(self.sent_back)
        self.assertEqual(
            [(s.account_id.partner_id, s.because) for s in mail.suggestion_ids],
            [(self.customer, "item"), (colleague, "domain")],
        )
        self.assertIn("globex trading", mail.suggestion_ids[1].words.lower())
        self.assertFalse(self.account().reply_ids)

    def test_names_in_a_text(self):
        """A name is found as such, whatever stands around it, and where no blanks stand
        between words; a part of another word is none."""
        names = ("Azure", "Wilson & Sons Ltd.", "山田商事株式会社")
        accounts = [self.account(self._customer(name)) for name in names]
        for number, (text, found) in enumerate(
            (
                ("Greetings from Lazurenko", None),
                ("we are (Azure), please", accounts[0]),
                ("on behalf of Wilson &\nSons Ltd.", accounts[1]),
                ("Wilson & Sons Ltd, Leeds", accounts[1]),
                ("お世話になっております。山田商事株式会社の田中です。", accounts[2]),
                ("x " * 3_000 + "Azure", None),
            )
        ):
            mail = self.stranger(text, key=f"<name-{number}@x>", subject="Hello")
            with self.subTest(text[:40]):
                self.assertEqual(
                    mail.suggestion_ids.account_id, found or self.account()[:0]
                )

    def test_providers_tell_nothing(self):
        """Two customers at one mail provider have nothing to do with each other."""
        partner = self._customer("At a provider", email="a@gmail.com")
        self.account(partner)
        mail = self.stranger(sender="b@gmail.com")
        self.assertFalse(mail.suggestion_ids)

    def test_assign(self):
        """One click: it is a reply of that customer, with its words and its files, and
        the address is remembered where one wishes."""
        account = self.account()
        mail = self.stranger("We pay.\n\n> You owe us", In_Reply_To="<unknown@x>")
        mail = mail.with_user(self.collector)
        mail.account_id = account
        mail.learn = True
        self.collector.group_ids += self.env.ref("base.group_partner_manager")
        reply = self.env["dso.reply"].browse(mail.action_assign()["res_id"])
        self.assertEqual((reply.account_id, reply.body), (account, "We pay."))
        self.assertEqual(reply.source, "mail")
        self.assertIn("You owe us", reply.original)
        self.assertFalse(reply.stranger)
        self.assertEqual(reply.partner_id.email, "tom@elsewhere.example")
        self.assertEqual(reply.partner_id.parent_id, self.customer)
        self.assertEqual((mail.state, mail.reply_id), ("assigned", reply))
        with self.assertRaisesRegex(UserError, "already processed by"):
            mail.action_assign()

    def test_stranger_writes_again(self):
        """A second e-mail to one that nobody knew waits like the first; once that one
        is assigned, it is a reply of the same customer."""
        first = self.stranger()
        again = {
            "sender": "Bob <bob@unknown.example>",
            "In_Reply_To": first.mail_message_id.message_id,
        }
        replies, [second] = self.receive(
            self.message(
                self.company.dso_reply_alias_id.alias_full_name,
                "Any news?",
                key="<second@x>",
                **again,
            )
        )
        self.assertFalse(replies)
        self.assertEqual((second.body, second.state), ("Any news?", "open"))
        first.with_user(self.collector).account_id = self.account()
        first.with_user(self.collector).action_assign()
        [reply], unmatched = self.receive(
            self.message(
                self.company.dso_reply_alias_id.alias_full_name,
                "And now?",
                key="<third@x>",
                **again,
            )
        )
        self.assertEqual((reply.account_id, reply.body), (self.account(), "And now?"))
        self.assertFalse(unmatched)

    def test_choose_a_suggestion(self):
        invoice = self.invoice("20 Nov")
        self.account()
        mail = self.stranger(f"{invoice.name} is paid")
        suggestion = mail.suggestion_ids.with_user(self.collector)
        suggestion.action_choose()
        self.assertEqual(mail.reply_id.account_id, self.account())
        self.assertTrue(mail.reply_id.stranger, "nobody asked to remember it")

    def test_dismiss(self):
        mail = self.stranger().with_user(self.collector)
        with self.assertRaisesRegex(UserError, "Choose the customer"):
            mail.action_assign()
        mail.action_dismiss()
        self.assertEqual((mail.state, mail.user_id), ("dismissed", self.collector))
        mail.action_reopen()
        self.assertEqual(mail.state, "open")

    def test_roles_and_companies(self):
        """§10: viewers read, collectors assign; another company sees nothing."""
        mail = self.stranger()
        user = new_test_user(
            self.env,
            login="dso_viewer",
            groups="dso_collection.group_viewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.assertEqual(mail.with_user(user).body, "Hello")
        for verb in ("action_assign", "action_dismiss", "action_reopen"):
            with self.assertRaises(AccessError):
                getattr(mail.with_user(user), verb)()
        with self.assertRaises(AccessError):
            mail.with_user(user).account_id = self.account()
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            login="dso_other",
            groups="dso_collection.group_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in ("dso.reply.unmatched", "dso.reply.suggestion"):
            self.assertFalse(self.env[model].with_user(stranger).search([]))

    def test_content_stays(self):
        """What came in is not changed, not deleted and not forged."""
        mail = self.stranger().with_user(self.collector)
        for values in ({"body": "x"}, {"state": "assigned"}, {"fraud": False}):
            with self.assertRaisesRegex(UserError, "stays as it came in"):
                mail.write(values)
        with self.assertRaisesRegex(UserError, "are kept"):
            mail.sudo().unlink()
        with self.assertRaisesRegex(UserError, "come in by themselves"):
            mail.sudo().create({"date": TODAY, "company_id": self.company.id})
        self.account()
        [reply], _unmatched = self.receive(
            self.message(self.reply_address(), key="<2@x>")
        )
        with self.assertRaisesRegex(UserError, "stays as it came in"):
            reply.with_user(self.collector).write({"fraud": False})

    def test_no_reply_by_a_remote_caller(self):
        """A collector who posts a message of type e-mail makes no reply of it."""
        account = self.account().with_user(self.collector)
        with self.mock_mail_gateway():
            account.with_context(dso_incoming={"automatic": False}).message_post(
                body="Paid!", message_type="email"
            )
        self.assertFalse(account.reply_ids)

    # MACHINES ---------------------------------------------------------------------

    def test_bounce_of_nothing_we_sent(self):
        """§8: a failure that belongs to none of our messages is filed apart, not
        dropped."""
        account = self.capture()
        account._make_capture_addresses()
        replies, unmatched = self.receive(
            self.message(
                account.capture_address,
                "User unknown",
                sender="MAILER-DAEMON@relay.example",
            )
        )
        self.assertFalse(unmatched)
        self.assertTrue(replies.automatic)
        self.assertFalse(replies.holding)

    def test_report_of_a_relay(self):
        """§8: a delivery report is a machine's, whoever sends it and whatever words its
        subject has."""
        account = self.capture()
        account._make_capture_addresses()
        message = self.message(
            account.capture_address,
            "Your message could not be handed on.",
            sender="relay@isp.example",
            subject="Your reminder",
        )
        message.make_mixed()
        message.replace_header("Content-Type", "multipart/report; boundary=part")
        replies, unmatched = self.receive(message)
        self.assertFalse(unmatched)
        self.assertTrue(replies.automatic)
        self.assertFalse(replies.holding)

    def test_many_in_an_hour(self):
        """A robot that announces thirty payments in an hour is heard thirty times, and
        nobody answers it."""
        account = self.capture()
        account._make_capture_addresses()
        for number in range(30):
            replies, _unmatched = self.receive(
                self.message(account.capture_address, key=f"<{number}@robot>")
            )
            self.assertEqual(len(replies), 1, number)
            self.assertFalse(self.sent_back)

    # NOTHING TWICE, NOTHING LOST --------------------------------------------------

    def test_without_id(self):
        """A message without an id is known again by its content."""
        account = self.capture()
        account._make_capture_addresses()
        message = self.message(account.capture_address)
        del message["Message-Id"]
        self.assertEqual(len(self.receive(message)[0]), 1)
        with freeze_time("2026-11-24"):  # Odoo's own id would be of this moment
            self.assertEqual(list(map(len, self.receive(message))), [0, 0])

    def test_unreadable_id(self):
        """An id on which parsers break stops nobody: the message is known by its
        content."""
        account = self.capture()
        account._make_capture_addresses()
        plain = self.message(account.capture_address)
        del plain["Message-Id"]
        for key in (b"<@x>", b"<", b"<>", b"<a@[", b"<<a@b>>", b"<@b>\r\n\tfolded"):
            content = b"Message-Id: " + key + b"\r\n" + plain.as_bytes() + key
            with self.subTest(key):
                [reply], _unmatched = self.receive(content)
                self.assertIn("We pay on Friday.", reply.body)
                self.assertEqual(list(map(len, self.receive(content))), [0, 0])

    def test_deleted_while_fetching(self):
        """A message that another program deleted meanwhile stops none behind it."""

        class Mailbox:
            _unread_messages = ["1", "2", "3"]

            def fetch(self, number, _what):
                return "OK", [None if number == "2" else (b"", number.encode())]

        self.assertEqual(list(_peek(Mailbox())), [("3", b"3"), ("1", b"1")])

    def test_two_processes_at_once(self):
        """Whoever comes second stores nothing and fails nowhere, where Odoo's own look
        comes too early to see the first."""
        account = self.capture()
        account._make_capture_addresses()
        message = self.message(account.capture_address)
        [reply], _unmatched = self.receive(message)
        # as another transaction sees it that began before
        self.env["mail.message"].search(
            [("message_id", "=", "<answer@customer.example>")]
        ).message_id = "<unseen@x>"
        with mute_logger("odoo.sql_db"):
            self.assertEqual(list(map(len, self.receive(message))), [0, 0])
        self.assertEqual(account.reply_ids, reply)

    def test_broken(self):
        """What cannot be read waits for a person, whole."""
        account = self.capture()
        account._make_capture_addresses()
        message = self.message(account.capture_address).as_bytes()
        reply = type(self.env["dso.reply"])
        with patch.object(reply, "_note_mail", side_effect=KeyError("charset")):
            replies, [mail] = self.receive(message)
        self.assertFalse(replies)
        self.assertEqual(mail.company_id, self.company)
        self.assertIn("charset", mail.failure)
        self.assertEqual(mail.attachment_ids.raw, message)
        # read again, as after a process that ended before its server knew
        with patch.object(reply, "_note_mail", side_effect=KeyError("charset")):
            self.assertEqual(list(map(len, self.receive(message))), [0, 0])
        mail.with_user(self.collector).account_id = account
        mail.with_user(self.collector).action_assign()
        self.assertEqual(mail.reply_id.attachment_ids, mail.attachment_ids)

    def test_broken_mail_of_others(self):
        """What is not for us fails as it did before us."""
        with self.assertRaises(ValueError):
            self.receive(self.message("nobody@company.example"))

    def test_conflict_is_no_failure(self):
        """Another transaction in the way: nothing is stored, it is tried again."""
        account = self.capture()
        account._make_capture_addresses()
        reply = type(self.env["dso.reply"])
        error = psycopg2.errors.SerializationFailure("conflict")
        with (
            patch.object(reply, "_note_mail", side_effect=error),
            self.assertRaises(psycopg2.errors.SerializationFailure),
        ):
            self.receive(self.message(account.capture_address))
        self.assertFalse(self.env["dso.reply.unmatched"].search([]))

    # FRAUD ------------------------------------------------------------------------

    def test_changed_bank_details(self):
        """§8: a mail about changed bank details is flagged, whoever wrote it; the
        sender is not remembered, and nobody answers."""
        self.account()
        [reply], _unmatched = self.receive(
            self.message(
                self.reply_address(),
                "Please note that our bank account has changed. Use the new IBAN.",
            )
        )
        self.assertEqual(reply.fraud, "bank_change")
        self.assertFalse(self.sent_back)
        stranger = self.stranger("Kindly send us all invoice copies.", key="<3@x>")
        self.assertEqual(stranger.fraud, "stranger")
        stranger.account_id = self.account()
        stranger.learn = True
        with self.assertRaisesRegex(UserError, "may be a fraud"):
            stranger.with_user(self.collector).action_assign()

    def test_learn_later(self):
        """The unknown sender of a reply is added to the contacts by a button; where
        fraud is possible he is not."""
        account = self.capture()
        account._make_capture_addresses()
        [reply], _unmatched = self.receive(
            self.message(account.capture_address, sender="Tom <tom@new.example>")
        )
        reply.action_learn_address()
        self.assertFalse(reply.stranger)
        self.assertEqual(reply.partner_id.parent_id, self.customer)
        [reply], _unmatched = self.receive(
            self.message(
                account.capture_address,
                "Our bank details have changed.",
                sender="Eve <eve@new.example>",
                key="<eve@x>",
            )
        )
        with self.assertRaisesRegex(UserError, "may be a fraud"):
            reply.action_learn_address()

    def test_the_customer_s_account_is_no_warning(self):
        """His own account number below his letter is no news; another one is."""
        account = self.capture()
        account._make_capture_addresses()
        number = "DE89 3704 0044 0532 0130 00"
        text = f"We pay on Friday.\n\nJane Miller\nIBAN {number}"
        address = account.capture_address
        [reply], _unmatched = self.receive(self.message(address, text))
        self.assertEqual(reply.fraud, "other_account")
        self.env["res.partner.bank"].create(
            {"acc_number": number, "partner_id": self.customer.id}
        )
        [reply], _unmatched = self.receive(self.message(address, text, key="<2@x>"))
        self.assertFalse(reply.fraud)

    def test_our_own_account_is_no_warning(self):
        """Whoever names our own account has paid to it."""
        self.account()
        number = "DE89 3704 0044 0532 0130 00"
        self.env["res.partner.bank"].create(
            {"acc_number": number, "partner_id": self.company.partner_id.id}
        )
        address = self.reply_address()
        [reply], _unmatched = self.receive(
            self.message(address, f"We have paid to {number} today.")
        )
        self.assertFalse(reply.fraud)
        [reply], _unmatched = self.receive(
            self.message(address, "Refund to GB33BUKB20201555555555", key="<2@x>")
        )
        self.assertEqual(reply.fraud, "other_account")

    # SETTINGS ---------------------------------------------------------------------

    def test_address_for_answers(self):
        """The address is an alias of Odoo's, renamed and switched off in the
        settings."""
        self.reply_address("Collection Answers")
        alias = self.company.dso_reply_alias_id
        self.assertEqual(alias.alias_full_name, "collection-answers@company.example")
        self.company.dso_reply_alias_name = "money"
        self.assertEqual(self.company.dso_reply_alias_id, alias)
        self.assertEqual(alias.alias_name, "money")
        self.company.dso_reply_alias_name = False
        self.assertNotIn("money", self.reminder()["reply_to"])
