"""A new link for who holds an old one, or receives our messages at an address."""

import hashlib
import re
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, fields
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..controllers.access_guard import FORM_DAYS
from ..models.dso_access_attempt import ATTEMPTS
from ..models.dso_access_request import PER_DAY
from .test_access_tokens import PAGE, TokenCommon

NOON = datetime(2026, 11, 23, 12)
KEY = re.compile(r'name="form_key"[^>]* value="([^"]+)"')


class NewLinkCommon(TokenCommon):
    def setUp(self):
        super().setUp()
        self.path, self.secret = self.sent_link()
        self.requests = self.env["dso.access.request"]

    def ask(self, now=NOON, **whom):
        """Ask for a link, let the job and the outbox run.

        :return: the messages that left
        """
        with freeze_time(now):
            self.requests._ask("192.0.2.7", **whom)
            self.run_job(self.requests.with_user(SUPERUSER_ID)._cron_send)
        self.assertFalse(self.requests.sudo().search_count([]), "taken up, gone")
        return [m for m in self.run_outbox() if "/dso/" in m["body"]]


@tagged("post_install", "-at_install")
class TestNewLink(NewLinkCommon):
    def test_by_an_old_link(self):
        """Who opens an old link gets a new one, at the address that we know; it opens
        the same page, for the same reader."""
        old = self.token_of().sudo()
        old.expires_at = NOON - timedelta(days=1)
        [mail] = self.ask(link=(self.secret, "customer"))
        self.assertIn("jane@customer.example", str(mail["email_to"]))
        path, secret = PAGE.search(mail["body"]).groups()
        self.assertNotEqual(secret, self.secret)
        self.assertTrue(path.startswith("/dso/c/"))
        token = self.find(secret)
        self.assertEqual(
            (token.account_id, token.recipient_id, token.action_id),
            (old.account_id, old.recipient_id, old.action_id),
        )
        self.assertFalse(self.find(self.secret), "the old one stays closed")
        days = self.company.dso_link_days
        self.assertGreater(token.expires_at, NOON + timedelta(days=days - 1))

    def test_secret_is_stored_nowhere(self):
        """Of the new link, too, only a hash is kept."""
        [mail] = self.ask(link=(self.secret, "customer"))
        secret = PAGE.search(mail["body"]).group(2)
        token = self.find(secret).sudo()
        self.assertEqual(
            token.secret_hash, hashlib.sha256(f"customer:{secret}".encode()).hexdigest()
        )
        self.assertIn("/dso/secret/page/0", token.mail_id.body_html)
        self.assertNotIn(secret, str(token.mail_id.read()))

    def test_by_address(self):
        """Who names the address at which we write to him gets his link there."""
        [mail] = self.ask(email=" Jane@Customer.example ")
        self.assertIn("jane@customer.example", str(mail["email_to"]))
        self.assertTrue(self.find(PAGE.search(mail["body"]).group(2)))

    def test_by_the_contact_s_address(self):
        """So does the contact to whom we would write, before his first message."""
        self.token_of().sudo().unlink()
        [mail] = self.ask(email="jane@customer.example")
        self.assertTrue(self.find(PAGE.search(mail["body"]).group(2)))

    def test_nobody_else(self):
        """A stranger, a colleague of the reader to whom nobody wrote, and whoever
        guesses get nothing."""
        self.env["res.partner"].create(
            {
                "name": "Mallory",
                "email": "mallory@customer.example",
                "parent_id": self.customer.id,
            }
        )
        for whom in (
            {"email": "nobody@elsewhere.example"},
            {"email": "mallory@customer.example"},
            {"email": "jane@customer.example, mallory@customer.example"},
            {"email": ""},
            {"link": ("guess", "customer")},
            {"link": (self.secret, "internal")},
        ):
            with self.subTest(whom=str(whom)):
                self.assertFalse(self.ask(**whom))

    def test_not_where_the_page_is_closed(self):
        """No link where it would open nothing: the page switched off, the reader
        archived, a lawyer in between, a link that a user ended."""
        jane, account = self.jane, self.account()
        lawyer = self._customer("Lawyer", email="law@firm.example")

        def represented():
            account.write({"hold_reason": "lawyer", "hold_lawyer_id": lawyer.id})

        for name, change in (
            ("switched off", lambda: account.write({"interactive": False})),
            ("archived", lambda: jane.write({"active": False})),
            ("ended", lambda: self.token_of()._revoke("user", self.env.user)),
            ("lawyer", represented),
        ):
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                change()
                self.assertFalse(self.ask(link=(self.secret, "customer")))
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertEqual(len(self.ask(link=(self.secret, "customer"))), 1)

    def test_closed_before_it_left(self):
        """What is closed while its message waits leaves nothing."""
        with freeze_time(NOON):
            self.requests._ask("192.0.2.7", link=(self.secret, "customer"))
            self.run_job(self.requests.with_user(SUPERUSER_ID)._cron_send)
        token = self.env["dso.access.token"].sudo().search([("mail_id", "!=", False)])
        self.account().interactive = False
        self.assertFalse([m for m in self.run_outbox() if "/dso/" in m["body"]])
        self.assertEqual(token.mail_id.state, "cancel")

    def test_address_changed(self):
        """A reader with another address by now: the link goes there, never to the old
        one."""
        self.jane.email = "new@customer.example"
        [mail] = self.ask(link=(self.secret, "customer"))
        self.assertIn("new@customer.example", str(mail["email_to"]))
        self.assertNotIn("jane@customer.example", str(mail["email_to"]))

    def test_not_to_who_wants_no_mail(self):
        self.env["mail.blacklist"]._add("jane@customer.example")
        self.assertFalse(self.ask(email="jane@customer.example"))

    def test_not_while_nothing_leaves(self):
        """The switch for sending holds new links, too."""
        self.company.dso_sending_active = False
        self.assertFalse(self.ask(email="jane@customer.example"))

    def test_no_flood(self):
        """One link an hour and three a day for one reader, whoever asks."""
        sent = [
            len(self.ask(email="jane@customer.example", now=NOON + after))
            for after in (
                timedelta(0),
                timedelta(minutes=59),
                timedelta(minutes=61),
                timedelta(minutes=122),
                timedelta(minutes=183),
                timedelta(hours=25),
            )
        ]
        self.assertEqual(sent, [1, 0, 1, 1, 0, 1])
        self.assertEqual(sum(sent[:5]), PER_DAY)

    def test_colleague(self):
        """A colleague renews by his link only: his address alone opens nothing of
        customers."""
        rita = new_test_user(
            self.env, "rita", "base.group_user", email="rita@company.example"
        )
        secret = self.env["dso.access.token"]._issue(
            self.account(), self.action, rita.partner_id, "internal"
        )
        self.assertFalse(self.ask(email="rita@company.example"))
        [mail] = self.ask(link=(secret, "internal"))
        path, secret = PAGE.search(mail["body"]).groups()
        self.assertTrue(path.startswith("/dso/i/"))
        self.assertTrue(self.find(secret, "internal"))

    def test_two_companies(self):
        """A reader for two companies gets one message from each."""
        other = self.env["res.company"].create(
            {"name": "Second", "email": "second@company.example"}
        )
        other.dso_sending_active = True
        account = self.env["dso.account"].create(
            {
                "partner_id": self.customer.id,
                "company_id": other.id,
                "interactive": True,
            }
        )
        mails = self.ask(email="jane@customer.example")
        tokens = [self.find(PAGE.search(m["body"]).group(2)) for m in mails]
        self.assertEqual(
            {token.account_id for token in tokens}, {account, self.account()}
        )

    def test_one_that_fails_stops_nobody(self):
        """A request on which the job breaks is forgotten; the next one is served."""
        requests = type(self.requests)
        send, broken = requests._send_link, []

        def send_link(self, account, reader, purpose, action):
            if not broken:
                broken.append(True)
                raise ValueError("broken on purpose")
            return send(self, account, reader, purpose, action)

        with freeze_time(NOON):
            self.requests._ask("192.0.2.7", link=(self.secret, "customer"))
        with (
            patch.object(requests, "_send_link", send_link),
            mute_logger("odoo.addons.dso_collection.models.dso_access_request"),
        ):
            [mail] = self.ask(email="jane@customer.example")
        self.assertTrue(broken and mail)

    def test_ended_by_a_user(self):
        """Whom a user ended the newest link of gets none by his address either, until
        a message of ours brings him one."""
        self.token_of().sudo().expires_at = NOON - timedelta(days=1)
        tokens = self.env["dso.access.token"]
        newest, _secret = tokens._make(
            self.account(), self.action, self.jane, "customer"
        )
        newest._revoke("user")
        self.assertFalse(self.ask(email="jane@customer.example"))
        tokens._issue(self.account(), self.action, self.jane, "customer")
        self.assertTrue(self.ask(email="jane@customer.example"))

    def test_forgotten(self):
        """What was typed is not kept."""
        with freeze_time(NOON):
            self.requests._ask("192.0.2.7", email="secret@elsewhere.example")
            self.run_job(self.requests.with_user(SUPERUSER_ID)._cron_send)
        self.env.flush_all()
        self.env.cr.execute("SELECT 1 FROM dso_access_request")
        self.assertFalse(self.env.cr.fetchall())
        log = self.env["dso.access.log"].sudo().search([])
        self.assertNotIn("elsewhere", str(log.read()))


@tagged("post_install", "-at_install")
class TestNewLinkPages(NewLinkCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.env["dso.access.attempt"].sudo().search([]).unlink()
        # the server's clock is the real one
        self.token_of().sudo().expires_at = fields.Datetime.now() + timedelta(days=9)
        self.env.flush_all()

    def open(self, path, **options):
        return self.url_open(path, allow_redirects=False, **options)

    def key_of(self, path):
        return KEY.search(self.open(path).text).group(1)

    def asked(self):
        self.env.invalidate_all()
        return self.requests.sudo().search([])

    def test_same_answer(self):
        """Known or not: the same page, the same headers, and one row written."""
        key = self.key_of("/dso/new-link")
        seen = set()
        for path, email in (
            ("/dso/new-link", "jane@customer.example"),
            ("/dso/new-link", "nobody@elsewhere.example"),
            (self.path, ""),
            ("/dso/c/guess", ""),
            ("/dso/i/guess", ""),
        ):
            before = len(self.asked())
            answer = self.open(path, data={"form_key": key, "email": email})
            self.assertEqual(answer.status_code, 200, path)
            seen.add((answer.text, str(sorted(answer.headers))))
            self.assertEqual(len(self.asked()), before + 1)
            self.assertFalse(self.env["mail.mail"].search([("state", "=", "outgoing")]))
        self.assertEqual(len(seen), 1)

    def test_same_work(self):
        """And the same statements of SQL: no time tells them apart."""
        counts = set()
        self.requests._ask("192.0.2.7", email="warm@up.example")
        for whom in (
            {"email": "jane@customer.example"},
            {"email": "nobody@elsewhere.example"},
            {"link": (self.secret, "customer")},
            {"link": ("guess", "customer")},
        ):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.requests._ask("192.0.2.7", **whom)
            self.env.flush_all()
            counts.add(self.env.cr.sql_log_count - before)
        self.assertEqual(len(counts), 1, counts)

    def test_button_of_a_closed_link(self):
        """The page of a closed link has a button that asks for a new one."""
        self.token_of().sudo()._revoke("address")
        self.env.flush_all()
        page = self.open(self.path)
        self.assertEqual(page.status_code, 404)
        self.assertIn("Send me a new link", page.text)
        key = KEY.search(page.text).group(1)
        answer = self.open(self.path, data={"form_key": key})
        self.assertIn("look into your mailbox", answer.text)
        self.assertEqual(
            self.asked().sudo().secret_hash, self.token_of().sudo().secret_hash
        )

    def test_form_key(self):
        """Without a key, with another form's, an old or a changed one: nothing is
        written, the page is shown again with what was typed."""
        key = self.key_of("/dso/new-link")
        day, _dot, digest = key.partition(".")
        for wrong in (
            "",
            "x",
            f"{day}.",
            f"{int(day) + 1}.{digest}",
            f"{int(day) - FORM_DAYS - 1}.{digest}",
            f"{day}.{'0' * 64}",
            f"²{key}",
            "9" * 400,
            "\x00",
        ):
            with self.subTest(wrong):
                answer = self.open(
                    "/dso/new-link", data={"form_key": wrong, "email": "a@b.example"}
                )
                self.assertEqual(answer.status_code, 400)
                self.assertIn("a@b.example", answer.text)
                self.assertFalse(self.asked())

    def test_other_site(self):
        """A form on somebody else's page is refused."""
        data = {"form_key": self.key_of("/dso/new-link"), "email": "a@b.example"}
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
            {"Origin": "https://[evil"},
        ):
            answer = self.open("/dso/new-link", data=data, headers=headers)
            self.assertEqual(answer.status_code, 403, headers)
            self.assertFalse(self.asked())
        for headers in (
            {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
            {"Origin": self.base_url()},
        ):
            answer = self.open("/dso/new-link", data=data, headers=headers)
            self.assertEqual(answer.status_code, 200, headers)

    def test_wrong_address(self):
        """What is no address is said so, and kept in the field."""
        key = self.key_of("/dso/new-link")
        answer = self.open(
            "/dso/new-link", data={"form_key": key, "email": "<jane>\"' onfocus=x"}
        )
        self.assertEqual(answer.status_code, 400)
        self.assertIn("Please enter an e-mail address", answer.text)
        self.assertIn("&lt;jane&gt;", answer.text)
        self.assertFalse(self.asked())

    def test_limited(self):
        """Who asks again and again waits."""
        key = self.key_of("/dso/new-link")
        data = {"form_key": key, "email": "a@b.example"}
        for _attempt in range(ATTEMPTS):
            self.assertEqual(self.open("/dso/new-link", data=data).status_code, 200)
        self.assertEqual(self.open("/dso/new-link", data=data).status_code, 429)
        self.assertEqual(len(self.asked()), ATTEMPTS)
