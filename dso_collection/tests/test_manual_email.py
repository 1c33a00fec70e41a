"""A person's e-mail: its readers, its copies, and the way back to it."""

from email.message import EmailMessage

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .sending_common import TODAY, SendingCommon

GATEWAY = "odoo.addons.mail.models.mail_thread"


@tagged("post_install", "-at_install")
class TestManualEmail(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.email.mode = "manual"
        cls.jane, cls.paul = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "email": f"{name.lower()}@customer.example",
                    "parent_id": cls.customer.id,
                }
                for name in ("Jane", "Paul")
            ]
        )
        cls.sales = new_test_user(
            cls.env, "sam", "base.group_user", email="sam@company.example", name="Sam"
        )

    def setUp(self):
        super().setUp()
        self.late = self.invoice("20 Nov", 1000)
        self.action = self.proposal_of()

    def sent(self):
        with freeze_time(TODAY):
            self.action.action_send()
        return self.run_outbox()

    def test_copy_and_more_contacts(self):
        """One message with all its readers: contacts in To, colleagues in Cc."""
        self.action.write(
            {
                "also_to_ids": [Command.set((self.jane | self.paul).ids)],
                "copy_user_ids": [Command.set(self.sales.ids)],
            }
        )
        [mail] = self.sent()
        self.assertEqual(
            sorted(mail["email_to"]),
            [
                '"Customer" <ar@customer.example>',
                '"Jane" <jane@customer.example>',
                '"Paul" <paul@customer.example>',
            ],
        )
        self.assertEqual(mail["email_cc"], ['"Sam" <sam@company.example>'])
        message = self.mails_of(self.action).mail_message_id
        self.assertEqual(
            set(message.notification_ids.mapped("notification_status")), {"sent"}
        )
        self.assertEqual(self.action.delivery, "sent")

    def test_readers_who_left_meanwhile(self):
        """Who may not read it any more when it leaves does not get it."""
        self.action.write(
            {
                "also_to_ids": [Command.set((self.jane | self.paul).ids)],
                "copy_user_ids": [Command.set(self.sales.ids)],
            }
        )
        with freeze_time(TODAY):
            self.action.action_send()
        self.jane.active = False
        self.paul.parent_id = self._customer("Elsewhere")
        self.sales.active = False
        [mail] = self.run_outbox()
        self.assertEqual(mail["email_to"], ['"Customer" <ar@customer.example>'])
        self.assertFalse(mail["email_cc"])

    def test_blocked_and_represented(self):
        """Neither a blocked address nor anybody past a lawyer is written to."""
        self.action.also_to_ids = self.jane | self.paul
        self.env["mail.blacklist"].create({"email": "paul@customer.example"})
        self.assertEqual(self.action._also_to(), self.jane)
        lawyer = self.env["res.partner"].create(
            {"name": "Lawyer", "email": "law@law.example"}
        )
        self.account().write({"hold_reason": "lawyer", "hold_lawyer_id": lawyer.id})
        self.assertFalse(self.action._also_to())

    def test_stranger_is_refused(self):
        """Neither another customer's contact nor a portal user is a reader."""
        stranger = self._customer("Stranger")
        with self.assertRaisesRegex(ValidationError, "no contact of"):
            self.action.also_to_ids = stranger
        portal = new_test_user(self.env, "petra", "base.group_portal")
        with self.assertRaisesRegex(ValidationError, "no colleague"):
            self.action.copy_user_ids = portal

    def test_files_of_others(self):
        """§10: nobody sends a file that he may not read himself."""
        clerk = new_test_user(
            self.env,
            "clerk",
            "base.group_user,dso_collection.group_collector",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        Attachment = self.env["ir.attachment"]
        secret = Attachment.create(
            {
                "name": "secret.txt",
                "raw": b"x",
                "res_model": "ir.cron",
                "res_id": self.env.ref("dso_collection.ir_cron_send").id,
            }
        )
        own = Attachment.with_user(clerk).create({"name": "own.txt", "raw": b"x"})
        action = self.action.with_user(clerk)
        link = [Command.link(secret.id)]
        with self.assertRaises(AccessError):
            action.write({"own_attachment_ids": link})
        with self.assertRaises(AccessError):
            action.create(
                {
                    "account_id": action.account_id.id,
                    "action_model_id": self.email.id,
                    "own_attachment_ids": link,
                }
            )
        action.write({"own_attachment_ids": [Command.link(own.id)]})
        self.assertEqual(self.action.own_attachment_ids, own)

    def test_internal_has_no_customer(self):
        """What is for colleagues goes to no contact of the customer."""
        self.action.also_to_ids = self.jane
        with self.assertRaisesRegex(ValidationError, "internal message"):
            self.action.interactive = "internal"

    def test_language_of_one_message(self):
        """§2: a message has the language that its author chose for it, its lists and
        dates included; without one that of its reader."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(["dso_collection"], ["fr_FR"])
        self.action.own_lang = "fr_FR"
        self.assertIn("novembre", self.action.text_body)
        [mail] = self.sent()
        self.assertIn("Rappel", mail["subject"])
        self.assertIn("novembre", mail["body"])
        with self.assertRaises(UserError):
            self.action.own_lang = False

    def test_language_of_a_new_action(self):
        """The language is chosen where an action is planned, also of one that leaves
        by itself, whose text nobody edits afterwards."""
        self.env["res.lang"]._activate_lang("de_DE")
        with freeze_time(TODAY):
            wizard = (
                self.env["dso.action.new"]
                .with_context(active_model="dso.account", active_ids=self.account().ids)
                .create(
                    {
                        "action_model_id": self.email.id,
                        "mode": "auto_confirm",
                        "lang": "de_DE",
                        "date": TODAY,
                    }
                )
            )
            action = wizard._create_action()
        self.assertEqual(action.lang_code, "de_DE")
        with self.assertRaisesRegex(UserError, "by itself"):
            action.own_lang = "en_US"

    def test_who_may_choose(self):
        """Collectors choose readers, of messages that they send themselves."""
        resolver = new_test_user(
            self.env,
            "rita",
            "dso_collection.group_resolver",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.action.with_user(resolver).copy_user_ids = self.sales
        self.action.mode = "auto"
        with self.assertRaisesRegex(UserError, "leaves by itself"):
            self.action.copy_user_ids = self.sales

    # -------------------------------------------------------------------------
    # THE WAY BACK
    # -------------------------------------------------------------------------

    def answer(self, text="We pay on Friday.", sender="jane@customer.example", **more):
        """A real e-mail in answer to what was sent, through the mail gateway.

        :return: the replies of the account that it made
        """
        domain = self.company.alias_domain_id
        [mail] = self.sent()
        self.assertIn(domain.catchall_email, mail["reply_to"])
        known = self.env["dso.reply"].search([])
        message = EmailMessage()
        message["Subject"] = "Re: your reminder"
        message["From"] = f"Jane <{sender}>"
        message["To"] = mail["reply_to"]
        message["Message-Id"] = "<answer@customer.example>"
        message["In-Reply-To"] = mail["message_id"]
        message["References"] = mail["message_id"]
        for name, value in more.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        with mute_logger(GATEWAY), self.mock_mail_gateway():
            self.env["mail.thread"].message_process(False, message.as_bytes())
        return self.env["dso.reply"].search([]) - known

    def reachable(self):
        self.company.alias_domain_id = self.env["mail.alias.domain"].create(
            {"name": "company.example", "catchall_alias": "answers"}
        )

    def test_answer_comes_back(self):
        """The reply address leads back to the action, in whose history the answer
        stands; it waits as a reply and holds what would leave by itself."""
        self.reachable()
        reply = self.answer("We pay on Friday.\n\nOn Monday Ann wrote:\n> You owe us")
        self.assertEqual(reply.action_id, self.action)
        self.assertEqual(reply.account_id, self.account())
        self.assertEqual((reply.source, reply.partner_id), ("mail", self.jane))
        self.assertIn("We pay on Friday.", reply.body)
        self.assertNotIn("You owe us", reply.body)
        self.assertFalse(reply.automatic)
        self.assertTrue(reply.hold_until)
        self.assertIn("You owe us", self.action.message_ids[:1].body)
        self.assertFalse(self.late.dso_status_id, "an e-mail changes no item")

    def test_absence_holds_nothing(self):
        """An answering machine is noted, and holds nothing."""
        self.reachable()
        reply = self.answer("I am away.", Auto_Submitted="auto-replied (vacation)")
        self.assertTrue(reply.automatic)
        self.assertFalse(reply.holding)

    def test_unknown_sender(self):
        """Whoever writes: it is noted under the address that he claims, and no more."""
        self.reachable()
        reply = self.answer(
            "<script>alert(1)</script>{{ 7*7 }}", sender="evil@example.org"
        )
        self.assertFalse(reply.partner_id)
        self.assertIn("evil@example.org", reply.email_from)
        self.assertIn("{{ 7*7 }}", reply.body)
        self.assertNotIn("<script>", str(self.action.message_ids[:1].body))

    def test_own_people_are_no_reply(self):
        """What the sender himself writes back into the thread is no reply."""
        self.reachable()
        self.assertFalse(self.answer("Noted.", sender="ann@company.example"))
