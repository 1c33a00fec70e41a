"""How long personal data is kept; its export and its erasure; who sees the log."""

import base64
import io
import json
import zipfile
from datetime import datetime, timedelta

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ..models.dso_access_log import LIMITS, NETWORK_LIMIT, WINDOW
from ..models.dso_qualification import ENGINE
from .test_access_tokens import TokenCommon

NOON = datetime(2026, 11, 23, 12)


@tagged("post_install", "-at_install")
class TestPersonalData(TokenCommon):
    def setUp(self):
        super().setUp()
        self.manager = new_test_user(
            self.env,
            "mona",
            "dso_collection.group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.sent_link()
        self.token = self.token_of()
        self.log = self.env["dso.access.log"]
        self.log._note("page", "192.0.2.7", self.token)
        self.reply = self.came_in()

    def came_in(self, date=NOON, partner=None, **vals):
        file = self.env["ir.attachment"].create({"name": "id.txt", "raw": b"passport"})
        with freeze_time(date):
            reply = (
                self.env["dso.reply"]
                .sudo()  # as pages do: nobody writes what is answered
                .with_context(dso_engine=ENGINE)
                .create(
                    {
                        "account_id": self.account().id,
                        "source": "page",
                        "date": date,
                        "partner_id": (partner or self.jane).id,
                        "email_from": "Jane <jane@customer.example>",
                        "name": "About my illness",
                        "body": "I was in hospital",
                        "move_ids": [Command.set(self.late.ids)],
                        "attachment_ids": [Command.set(file.ids)],
                        "line_ids": [
                            Command.create(
                                {
                                    "move_id": self.late.id,
                                    "move_name": self.late.name,
                                    "said": "promise",
                                    "promise_date": "2026-12-04",
                                    "amount": 500,
                                    "currency_id": self.company.currency_id.id,
                                    "reference": "Jane's own account",
                                }
                            )
                        ],
                        **vals,
                    }
                )
            )
            return reply.with_env(self.env)

    def wizard(self, user=None, partner=None):
        return (
            self.env["dso.personal.data"]
            .with_user(user or self.manager)
            .create({"partner_id": (partner or self.jane).id})
        )

    def data_of(self, wizard):
        wizard.action_export()
        content = base64.b64decode(wizard.content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        return json.loads(files.pop("data.json")), files

    # -------------------------------------------------------------------------
    # EXPORT AND ERASURE
    # -------------------------------------------------------------------------

    def test_export(self):
        """A contact gets what he wrote, his files, his links and his visits; no secret
        and nothing of others (GDPR art. 15)."""
        self.came_in(partner=self.customer, email_from="x@y.example", body="Not hers")
        wizard = self.wizard()
        self.assertEqual(
            (wizard.reply_count, wizard.link_count, wizard.access_count), (1, 1, 1)
        )
        data, files = self.data_of(wizard)
        [reply] = data["replies"]
        self.assertEqual(reply["text"], "I was in hospital")
        self.assertEqual(reply["answers"][0]["promised_for"], "2026-12-04")
        self.assertEqual(reply["answers"][0]["amount"], 500)
        self.assertEqual(list(files.values()), [b"passport"])
        self.assertEqual(data["contact"]["email"], "jane@customer.example")
        self.assertEqual(len(data["links"]), 1)
        self.assertEqual(data["accesses"][0]["network"], "192.0.2.0/24")
        text = json.dumps(data)
        self.assertNotIn("Not hers", text)
        self.assertNotIn(self.token.sudo().secret_hash, text)

    def test_by_address(self):
        """What came from his address is his, though nobody has put his name to it; an
        address that only resembles it is not."""
        self.reply._engine().partner_id = False
        self.came_in(partner=self.customer, email_from="janeXcustomer@customer.example")
        self.assertEqual(self.wizard()._replies(), self.reply)
        self.jane.email = "jane_@customer.example"
        self.assertFalse(self.wizard()._replies())

    def test_erase(self):
        """Erasure takes words, files, links, visits and the author; items, what was
        said of them and figures stay (GDPR art. 17)."""
        file = self.reply.attachment_ids
        self.wizard().action_erase()
        reply = self.reply
        self.assertFalse(
            reply.body or reply.name or reply.email_from or reply.partner_id
        )
        self.assertTrue(reply.erased_at)
        self.assertFalse(file.exists())
        self.assertEqual(reply.move_ids, self.late)
        [line] = reply.line_ids
        self.assertEqual(
            (line.said, line.amount, line.move_name, str(line.promise_date)),
            ("promise", 500, self.late.name, "2026-12-04"),
        )
        self.assertFalse(line.reference)
        self.assertFalse(self.token.exists())
        [access] = self.log.search([])
        self.assertEqual(access.account_id, self.account())
        self.assertFalse(access.partner_id or access.network or access.detail)
        data, files = self.data_of(self.wizard())
        self.assertEqual((data["replies"], data["links"], files), ([], [], {}))

    def test_erase_messages(self):
        """What he wrote by e-mail is gone from its thread; what others wrote stays."""
        threads = {
            author: self.action.message_post(
                body=f"Words of {author.name}",
                message_type="email",
                author_id=author.id,
                email_from=author.email,
            )
            for author in (self.jane, self.customer)
        }
        self.wizard().action_erase()
        mine, others = threads[self.jane], threads[self.customer]
        self.assertFalse(mine.body or mine.author_id or mine.email_from)
        self.assertIn("Words of", others.body)

    def unmatched(self, **vals):
        """An e-mail that came from Jane's address and found no customer."""
        mails = self.env["dso.reply.unmatched"].sudo().with_context(dso_engine=ENGINE)
        mail = mails.create(
            {
                "company_id": self.company.id,
                "name": "My illness",
                "email_from": '"J. Miller" <JANE@customer.example>',
                "body": "I am still in hospital",
                "date": NOON,
                **vals,
            }
        )
        mail.mail_message_id = mail.message_post(
            body="I am still in hospital",
            message_type="email",
            email_from=mail.email_from,
        )
        return mail

    def test_erase_notices_and_confirmations(self):
        """What told the collector of an answer, and what confirmed it, repeat its
        words: both go, with a new link that waits."""
        self.run_job(self.env["dso.reply"].with_user(SUPERUSER_ID)._cron_tell)
        self.company.dso_sending_active = True
        self.reply.sudo()._confirm()
        requests = self.env["dso.access.request"].sudo()
        requests._send_link(
            self.account().sudo(), self.jane, "customer", self.action.sudo()
        )
        words = [("body", "ilike", "I was in hospital")]
        messages = self.env["mail.message"].sudo()
        self.assertEqual(messages.search_count(words), 2)
        link = self.env["mail.mail"].sudo().search([("subject", "ilike", "new link")])
        self.assertEqual(link.recipient_ids, self.jane)
        incoming = self.action.message_post(
            body="x",
            message_type="email",
            author_id=self.jane.id,
            incoming_email_to="Ann <ann@company.example>, jane.private@home.example",
            incoming_email_cc="jane.private@home.example",
        )
        self.wizard().action_erase()
        self.assertFalse(messages.search_count(words))
        self.assertFalse(link.exists())
        self.assertFalse(incoming.incoming_email_to or incoming.incoming_email_cc)

    def test_erase_unmatched(self):
        """What came from his address without finding a customer is his, too."""
        mail = self.unmatched()
        wizard = self.wizard()
        self.assertEqual(wizard.reply_count, 2)
        data, _files = self.data_of(wizard)
        self.assertIn("still in hospital", json.dumps(data))
        wizard.action_erase()
        self.assertFalse(mail.name or mail.body or mail.email_from)
        self.assertFalse(mail.mail_message_id.body or mail.mail_message_id.email_from)

    def test_unmatched_are_kept_for_a_time(self):
        self.company.dso_keep_reply_months = 12
        waiting, gone = self.unmatched(), self.unmatched(state="dismissed")
        with freeze_time(NOON):
            broken = self.env["dso.reply.unmatched"]._keep_broken(
                self.company, b"From: jane", KeyError("x"), "<broken@x>"
            )
        broken._engine().state = "dismissed"
        with freeze_time("2027-11-23 11:00"):
            self.env["dso.reply"].sudo()._gc_kept()
            self.assertTrue(gone.body)
        with freeze_time("2027-11-23 13:00"):
            self.env["dso.reply"].sudo()._gc_kept()
        self.assertFalse(gone.body or gone.mail_message_id.body)
        self.assertFalse(broken.attachment_ids or broken.failure, "read by nobody")
        self.assertTrue(waiting.body and waiting.mail_message_id.body)

    def test_who_may(self):
        """Credit managers only."""
        for group in ("viewer", "resolver", "collector"):
            user = new_test_user(self.env, f"u{group}", f"dso_collection.group_{group}")
            with self.assertRaises(AccessError):
                self.wizard(user)
        wizard = self.wizard()
        collector = self.collector
        for method in ("action_export", "action_erase"):
            with self.assertRaises(AccessError):
                getattr(wizard.with_user(collector), method)()
        self.assertTrue(self.reply.body)

    def test_other_company(self):
        """A manager of another company neither exports nor erases ours."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "stan",
            "dso_collection.group_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        wizard = self.wizard(stranger)
        data, files = self.data_of(wizard)
        self.assertFalse(data["replies"] or data["links"] or data["accesses"] or files)
        wizard.action_erase()
        self.assertTrue(self.reply.body)
        self.assertTrue(self.token.exists())

    # -------------------------------------------------------------------------
    # RETENTION
    # -------------------------------------------------------------------------

    def test_replies_are_kept_for_a_time(self):
        """Words of a processed reply go after the months of the company, its files
        after theirs; what nobody has processed waits."""
        self.company.write({"dso_keep_reply_months": 12, "dso_keep_file_months": 6})
        done = self.reply.with_user(self.manager)
        done.action_validate()
        waiting = self.came_in()
        replies = self.env["dso.reply"].sudo()

        def clean(now):
            with freeze_time(now):
                replies._gc_kept()
            return bool(self.reply.attachment_ids), bool(self.reply.body)

        self.assertEqual(clean("2027-05-23 11:00"), (True, True))
        self.assertEqual(clean("2027-05-23 13:00"), (False, True))
        self.assertEqual(clean("2027-11-23 11:00"), (False, True))
        self.assertEqual(clean("2027-11-23 13:00"), (False, False))
        self.assertTrue(waiting.body and waiting.attachment_ids)

    def test_kept_without_end(self):
        """0 months: nothing is taken away."""
        self.company.write(
            {
                "dso_keep_reply_months": 0,
                "dso_keep_file_months": 0,
                "dso_keep_log_months": 0,
            }
        )
        self.reply.with_user(self.manager).action_validate()
        with freeze_time("2050-01-01"):
            self.env["dso.reply"].sudo()._gc_kept()
            self.log.sudo()._gc_kept()
        self.assertTrue(self.reply.body and self.reply.attachment_ids)
        self.assertTrue(self.log.search([]))

    def test_log_is_kept_for_a_time(self):
        self.company.dso_keep_log_months = 3
        access = self.log.sudo().search([])
        access.accessed_at = NOON
        with freeze_time("2027-02-23 11:59"):
            access._gc_kept()
            self.assertTrue(access.exists())
        with freeze_time("2027-02-23 12:01"):
            access._gc_kept()
            self.assertFalse(access.exists())

    # -------------------------------------------------------------------------
    # LOG
    # -------------------------------------------------------------------------

    def test_addresses_are_shortened(self):
        """No line of a single person stands in the log."""
        network = self.log._network_of
        self.assertEqual(network("203.0.113.77"), "203.0.113.0/24")
        self.assertEqual(network("2001:db8:1:2::77"), "2001:db8:1::/48")
        self.assertFalse(network("nonsense"))
        self.assertFalse(network(None))

    def test_limit_of_a_link(self):
        """A link that is opened too often waits; it is noted once, and it ends."""
        kind, limit = "document", LIMITS["document"]
        log = self.log.sudo()
        with freeze_time(NOON):
            for number in range(limit):
                self.assertFalse(log._is_limited(self.token, kind, f"192.0.{number}.1"))
                log._note(kind, f"192.0.{number}.1", self.token)
            for _attempt in range(3):
                self.assertTrue(log._is_limited(self.token, kind, "192.0.200.1"))
            self.assertFalse(log._is_limited(self.token, "page", "192.0.200.1"))
        self.assertEqual(log.search_count([("kind", "=", "limited")]), 1)
        with freeze_time(NOON + timedelta(minutes=WINDOW)):
            self.assertFalse(log._is_limited(self.token, kind, "192.0.200.1"))

    def test_limit_of_a_network(self):
        """So does a network with many links."""
        log = self.log.sudo()
        with freeze_time(NOON):
            log.create(
                [
                    {"kind": "page", "network": "192.0.3.0/24", "accessed_at": NOON}
                    for _number in range(NETWORK_LIMIT)
                ]
            )
            self.assertTrue(log._is_limited(self.token, "page", "192.0.3.9"))
            self.assertFalse(log._is_limited(self.token, "page", "192.0.4.9"))
