"""Access tokens: the one way in for links, from the message to the page."""

import hashlib
import logging
import re
import smtplib
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ..models.dso_access_attempt import ATTEMPTS, WINDOW
from .sending_common import TODAY, SendingCommon

PAGE = re.compile(r"https?://[^/\"]+(/dso/[ci]/([\w-]+))")


class TokenCommon(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.email.interactive = "customer"
        cls.jane = cls.env["res.partner"].create(
            {
                "name": "Jane Miller",
                "email": "jane@customer.example",
                "parent_id": cls.customer.id,
                "type": "invoice",
            }
        )

    def setUp(self):
        super().setUp()
        self.late = self.invoice("20 Nov", 1000)
        self.action = self.proposal_of()
        self.account().interactive = True

    def sent_link(self):
        """Let the proposal leave.

        :return: (path, secret) of the page that its message links to
        """
        [mail] = self.send()
        return PAGE.search(mail["body"]).groups()

    def token_of(self, action=None):
        return self.env["dso.access.token"].search(
            [("action_id", "=", (action or self.action).id)]
        )

    def find(self, secret, purpose="customer", now=TODAY):
        with freeze_time(datetime(now.year, now.month, now.day, 12)):
            return self.env["dso.access.token"]._find(secret, purpose)


@tagged("post_install", "-at_install")
class TestAccessTokens(TokenCommon):
    # -------------------------------------------------------------------------
    # IN THE MESSAGE
    # -------------------------------------------------------------------------

    def test_link_in_message(self):
        """An interactive message leaves with a button and with item numbers that lead
        to one page of its reader (rules.md §7)."""
        [mail] = self.send()
        links = set(PAGE.findall(mail["body"]))
        self.assertEqual(len(links), 1, "one secret for all links of a message")
        [(path, secret)] = links
        self.assertIn(f"{path}#item-{self.late.id}", mail["body"])
        self.assertIn("See your invoices and answer", mail["body"])
        self.assertEqual(mail["body"].count("See your invoices"), 1)
        token = self.token_of()
        self.assertEqual(
            (token.account_id, token.recipient_id, token.purpose),
            (self.account(), self.jane, "customer"),
        )
        self.assertEqual(len(secret), 43, "256 bits")
        self.assertEqual(
            token.expires_at.date(), TODAY + timedelta(days=self.company.dso_link_days)
        )

    def test_only_the_hash_is_stored(self):
        """The secret of a link stands in what left, and nowhere in the database."""
        _path, secret = self.sent_link()
        token = self.token_of()
        self.assertEqual(
            token.sudo().secret_hash,
            hashlib.sha256(f"customer:{secret}".encode()).hexdigest(),
        )
        mail = self.mails_of(self.action)
        self.assertIn("/dso/secret/page/0", mail.body_html)
        self.env.flush_all()
        for table, columns in (
            ("mail_mail", "body_html, headers"),
            ("mail_message", "body"),
            ("dso_access_token", "secret_hash"),
        ):
            self.env.cr.execute(f"SELECT {columns} FROM {table}")  # pylint: disable=E8103
            self.assertNotIn(secret, str(self.env.cr.fetchall()), table)

    def test_every_message_its_own_secret(self):
        """Two messages never share a secret."""
        other = self._customer("Other", email="other@customer.example")
        self.invoice("20 Nov", 500, partner=other)
        self.evaluate(TODAY, self.account(other))
        self.account(other).interactive = True
        secrets = {PAGE.search(mail["body"]).group(2) for mail in self.send()}
        self.assertEqual(len(secrets), 2)

    def test_plain_message_has_no_link(self):
        """A plain message has no links, though the customer has a page."""
        self.action._engine().interactive = "no"
        [mail] = self.send()
        self.assertNotIn("/dso/", mail["body"])
        self.assertIn(self.late.name, mail["body"])
        self.assertFalse(self.token_of())

    def test_customer_without_page_has_no_link(self):
        """Nor has an interactive one to a customer whose page is switched off."""
        self.account().interactive = False
        [mail] = self.send()
        self.assertNotIn("/dso/", mail["body"])
        self.assertIn(self.late.name, mail["body"])
        self.assertFalse(self.token_of())

    def test_switched_off_before_leaving(self):
        """What was rendered with links leaves without them when the page was switched
        off meanwhile; item numbers stay as words."""
        self.send(outbox=False)
        self.assertIn("/dso/secret/item", self.mails_of(self.action).body_html)
        self.account().interactive = False
        [mail] = self.run_outbox()
        self.assertNotIn("/dso/", mail["body"])
        self.assertNotIn("See your invoices", mail["body"])
        self.assertIn(self.late.name, mail["body"])
        self.assertFalse(self.token_of())

    def test_token_outlives_a_lost_result(self):
        """The token is committed before the dialogue: a message that arrived, whose
        result was lost, has a link that opens."""
        self.send(outbox=False)

        def cut(*_args, **_options):
            raise smtplib.SMTPServerDisconnected("gone")

        with (
            mute_logger(
                "odoo.addons.mail.models.mail_mail",
                "odoo.addons.dso_collection.models.mail_mail",
            ),
            freeze_time(TODAY),
            self.mock_mail_gateway(),
            patch.object(type(self.env["ir.mail_server"]), "send_email", cut),
        ):
            self.env["mail.mail"].process_email_queue()
        self.assertEqual(self.action.delivery, "unknown")
        self.assertEqual(len(self.token_of()), 1)

    def test_foreign_context_puts_nothing_in(self):
        """Links from a caller's context are not taken for ours."""
        self.send(outbox=False)
        mail = self.mails_of(self.action)
        evil = {("page", 0): "https://evil.example"}
        body = mail.with_context(dso_links=evil)._prepare_outgoing_body()
        self.assertNotIn("evil.example", body)

    def test_internal_message(self):
        """An internal message links to the colleague's page, never to the
        customer's."""
        resolver = new_test_user(
            self.env, "rita", "base.group_user", email="rita@company.example"
        )
        action = self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "action_model_id": self.email.id,
                "interactive": "internal",
                "mode": "manual",
                "resolver_id": resolver.id,
                "date": TODAY,
            }
        )
        with freeze_time("2026-11-23"):
            action.action_send()
        mails = [m for m in self.run_outbox() if "rita" in str(m["email_to"])]
        path, secret = PAGE.search(mails[0]["body"]).groups()
        self.assertTrue(path.startswith("/dso/i/"))
        token = self.token_of(action)
        self.assertEqual(
            (token.purpose, token.recipient_id), ("internal", resolver.partner_id)
        )
        self.assertTrue(self.find(secret, "internal"))
        self.assertFalse(self.find(secret, "customer"), "one purpose, one page")
        resolver.active = False
        self.assertFalse(self.find(secret, "internal"), "who left sees nothing")

    # -------------------------------------------------------------------------
    # VALID OR NOT
    # -------------------------------------------------------------------------

    def test_found_until_it_expires(self):
        _path, secret = self.sent_link()
        days = self.company.dso_link_days
        self.assertEqual(self.find(secret), self.token_of())
        self.assertTrue(self.find(secret, now=TODAY + timedelta(days=days - 1)))
        self.assertFalse(self.find(secret, now=TODAY + timedelta(days=days)))

    def test_unknown_is_not_found(self):
        _path, secret = self.sent_link()
        for wrong in ("", "x", secret[:-1], secret + "A", secret.swapcase(), None, 5):
            self.assertFalse(self.find(wrong), wrong)
        digest = self.token_of().sudo().secret_hash
        self.assertFalse(self.find(digest), "the hash itself opens nothing")
        self.assertFalse(self.find("A" * 10_000))

    def test_compared_in_constant_time(self):
        """What is found by its beginning is compared whole, in constant time; what is
        not found is compared all the same."""
        _path, secret = self.sent_link()
        compare = "odoo.addons.dso_collection.models.dso_access_token.hmac"
        with patch(f"{compare}.compare_digest", return_value=False) as compared:
            self.assertFalse(self.find(secret))
            self.assertFalse(self.find("unknown"))
        self.assertEqual(compared.call_count, 2)

    def test_same_beginning_is_not_enough(self):
        _path, secret = self.sent_link()
        token = self.token_of().sudo()
        token.secret_hash = token.secret_hash[:16] + "0" * 48
        self.assertFalse(self.find(secret))

    def test_reader_left(self):
        """A reader who is archived, moves, or gets another address sees nothing."""
        _path, secret = self.sent_link()
        for change, because in (
            ({"active": False}, "archived"),
            ({"email": "new@customer.example"}, "address"),
            ({"parent_id": self._customer("Elsewhere").id}, "moved"),
        ):
            with self.subTest(because), self.env.cr.savepoint() as savepoint:
                self.jane.write(change)
                token = self.token_of()
                self.assertEqual(token.revoked_because, because)
                self.assertFalse(self.find(secret))
                savepoint.rollback()
                self.env.invalidate_all()
                self.assertTrue(self.find(secret))
        self.jane.write({"email": "Jane@Customer.example"})
        self.assertTrue(self.find(secret), "the same address in other letters")
        self.jane.write({"country_id": self.env.ref("base.be").id})
        self.jane.write({"phone": "0470 99 99 99"})
        self.assertTrue(self.find(secret), "the number has nothing to do with e-mails")

    def _sql(self, table, record, **values):
        """Change a row as an import past every hook would."""
        self.env.flush_all()
        for name, value in values.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = %s",
                    SQL.identifier(table),
                    SQL.identifier(name),
                    value,
                    record.id,
                )
            )
        self.env.invalidate_all()

    def test_looked_at_again_when_opened(self):
        """A link whose reader or customer was changed past all that revokes is looked
        at once more when it is opened."""
        _path, secret = self.sent_link()
        elsewhere = self._customer("Elsewhere")
        account = self.account()
        for table, record, values in (
            ("res_partner", self.jane, {"active": False}),
            ("res_partner", self.jane, {"commercial_partner_id": elsewhere.id}),
            ("res_partner", self.customer, {"active": False}),
            ("dso_account", account, {"interactive": False}),
        ):
            with (
                self.subTest(table=table, **values),
                self.env.cr.savepoint() as savepoint,
            ):
                self._sql(table, record, **values)
                self.assertFalse(self.token_of().revoked_at)
                self.assertFalse(self.find(secret))
                savepoint.rollback()
                self.env.invalidate_all()
                self.assertTrue(self.find(secret))

    def test_colleague_looked_at_again(self):
        """The same of a colleague who is no user of ours any more."""
        rita = new_test_user(
            self.env, "rita", "dso_collection.group_resolver", email="rita@x.example"
        )
        secret = self.env["dso.access.token"]._issue(
            self.account(), self.action, rita.partner_id, "internal"
        )
        now = fields.Date.today()
        self.assertTrue(self.find(secret, "internal", now))
        for values in ({"active": False}, {"share": True}):
            with self.subTest(**values), self.env.cr.savepoint() as savepoint:
                self._sql("res_users", rita, **values)
                self.assertFalse(self.find(secret, "internal", now))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_no_page_on_paper(self):
        """Nobody clicks a letter: it links to no page."""
        self.assertEqual(self.action._page_purpose(), "customer")
        for of_type in ("letter", "letter_ar", "fax"):
            self.action._engine().type = of_type
            self.assertFalse(self.action._page_purpose())
            self.assertFalse(self.action.interactive_button)

    def test_customer_erased(self):
        """Links go with the reader who is deleted."""
        _path, secret = self.sent_link()
        self.action.sudo().message_ids.notification_ids.unlink()
        self.action._engine().sent_to_id = False
        self.jane.unlink()
        self.assertFalse(self.find(secret))
        self.assertFalse(self.token_of())

    def test_switched_off(self):
        """Who switches the page off ends its links, for good."""
        _path, secret = self.sent_link()
        self.account().interactive = False
        self.assertFalse(self.find(secret))
        self.account().interactive = True
        self.assertFalse(self.find(secret), "switched on again it stays closed")
        self.assertEqual(self.token_of().revoked_because, "switched_off")

    def test_lawyer(self):
        """While a lawyer represents the customer, the customer's own links rest."""
        _path, secret = self.sent_link()
        lawyer = self.env["res.partner"].create(
            {"name": "Lawyer", "email": "law@law.example"}
        )
        self.account().write({"hold_reason": "lawyer", "hold_lawyer_id": lawyer.id})
        self.assertFalse(self.find(secret))
        self.account().action_release()
        self.assertTrue(self.find(secret))

    def test_merge(self):
        """A merge moves the rows to the destination and ends the links: they were sent
        about the items of then."""
        _path, secret = self.sent_link()
        token = self.token_of()
        target = self._customer("Target")
        self.invoice("1 Nov", 300, partner=target)
        self.evaluate(TODAY, self.account(target))
        target_account = self.account(target)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | target).ids, target
        )
        self.env.invalidate_all()
        self.assertEqual(token.account_id, target_account)
        self.assertEqual(token.revoked_because, "merged")
        self.assertFalse(self.find(secret))

    # -------------------------------------------------------------------------
    # USERS
    # -------------------------------------------------------------------------

    def test_revoke(self):
        """A collector ends a link; a viewer sees the list and may not."""
        _path, secret = self.sent_link()
        token = self.token_of()
        viewer = new_test_user(self.env, "vera", "dso_collection.group_viewer")
        viewer.write(
            {"company_ids": [(4, self.company.id)], "company_id": self.company.id}
        )
        self.assertEqual(token.with_user(viewer).purpose, "customer")
        with self.assertRaises(AccessError):
            token.with_user(viewer).action_revoke()
        collector = new_test_user(self.env, "carl", "dso_collection.group_collector")
        collector.write(
            {"company_ids": [(4, self.company.id)], "company_id": self.company.id}
        )
        token.with_user(collector).action_revoke()
        self.assertEqual(token.revoked_by_id, collector)
        self.assertFalse(self.find(secret))

    def test_nobody_writes_or_reads_secrets(self):
        """Users neither make, change nor delete tokens, nor read what is kept."""
        self.sent_link()
        manager = new_test_user(
            self.env, "mona", "dso_collection.group_manager,base.group_system"
        )
        manager.write(
            {"company_ids": [(4, self.company.id)], "company_id": self.company.id}
        )
        token = self.token_of().with_user(manager)
        for attempt in (
            lambda: token.write({"expires_at": "2030-01-01"}),
            lambda: token.unlink(),
            lambda: token.copy(),
            lambda: token.read(["secret_hash"]),
            lambda: token.search([("secret_hash", "like", "a")]),
            lambda: self.env["dso.access.attempt"].with_user(manager).search([]),
        ):
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                attempt()

    def test_other_company(self):
        """Tokens of another company are not listed."""
        self.sent_link()
        other = self.env["res.company"].create({"name": "Other company"})
        stranger = new_test_user(
            self.env,
            "stan",
            "dso_collection.group_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        tokens = self.env["dso.access.token"].with_user(stranger)
        self.assertFalse(tokens.search([("action_id", "=", self.action.id)]))

    def test_state(self):
        self.sent_link()
        token = self.token_of()
        with freeze_time("2026-11-24"):
            self.assertEqual(token.state, "valid")
            self.assertIn(token, token.search([("state", "=", "valid")]))
        token.invalidate_recordset()
        with freeze_time("2027-11-24"):
            self.assertEqual(token.state, "expired")
            self.assertIn(token, token.search([("state", "=", "expired")]))
        token._revoke("user")
        self.assertEqual(token.state, "revoked")
        self.assertIn(token, token.search([("state", "=", "revoked")]))
        self.assertNotIn(token, token.search([("state", "in", ("valid", "expired"))]))

    def test_forgotten(self):
        """Ended links are forgotten after 90 days, valid ones are not."""
        self.sent_link()
        token = self.token_of().sudo()
        end = token.expires_at
        with freeze_time(end + timedelta(days=89)):
            token._gc_ended()
            self.assertTrue(token.exists())
        with freeze_time(end + timedelta(days=91)):
            token._gc_ended()
            self.assertFalse(token.exists())

    # -------------------------------------------------------------------------
    # WHO GUESSES
    # -------------------------------------------------------------------------

    def test_sources(self):
        """Neighbours in one IPv6 network are one source; no address is kept."""
        attempts = self.env["dso.access.attempt"]
        source = attempts._source_of
        self.assertEqual(source("2001:db8::1"), source("2001:db8::2"))
        self.assertNotEqual(source("2001:db8::1"), source("2001:db8:0:1::1"))
        self.assertNotEqual(source("192.0.2.1"), source("192.0.2.2"))
        self.assertEqual(source(None), source("nonsense"))
        self.assertNotIn("192", source("192.0.2.1"))

    def test_limit_ends(self):
        attempts = self.env["dso.access.attempt"]
        source = attempts._source_of("192.0.2.1")
        with freeze_time("2026-11-23 12:00:00"):
            for _attempt in range(ATTEMPTS):
                self.assertFalse(attempts._is_limited(source))
                attempts._note(source)
            self.assertTrue(attempts._is_limited(source))
            self.assertFalse(attempts._is_limited(attempts._source_of("192.0.2.2")))
        with freeze_time(datetime(2026, 11, 23, 12, WINDOW)):
            self.assertFalse(attempts._is_limited(source))
        attempts = attempts.sudo()
        with freeze_time(datetime(2026, 11, 23, 12, WINDOW, 1)):
            attempts._gc_old()
        self.assertFalse(attempts.search_count([("source", "=", source)]))


@tagged("post_install", "-at_install")
class TestAccessPages(TokenCommon, HttpCase):
    """The pages as a stranger's browser gets them."""

    def setUp(self):
        super().setUp()
        self.env["dso.access.attempt"].sudo().search([]).unlink()
        self.company.write({"phone": "+1 555-0100"})

    def sent_link(self):
        # the server's clock is the real one
        path, secret = super().sent_link()
        self.token_of().sudo().expires_at = fields.Datetime.now() + timedelta(days=9)
        self.env.flush_all()
        return path, secret

    def open(self, path, **options):
        return self.url_open(path, allow_redirects=False, **options)

    def test_customer_page(self):
        """The page names the company, whom to write to, and what is open."""
        path, _secret = self.sent_link()
        answer = self.open(path)
        self.assertEqual(answer.status_code, 200)
        for shown in (self.company.name, self.customer.name, self.late.name, "1,000"):
            self.assertIn(shown, answer.text)
        self.assertIn("ann@company.example", answer.text)
        self.assertIn("tel:+1555-0100", answer.text)
        self.assertTrue(self.token_of().opened_at)

    def test_collector_who_left(self):
        """Who left the company is not named, called or written to: the page names the
        company."""
        path, _secret = self.sent_link()
        self.collector.phone = "+1 555-0999"
        self.collector.active = False
        self.company.email = "office@company.example"
        managers = self.env.ref("dso_collection.group_manager").all_user_ids
        self.patch(
            type(self.company), "_dso_fallback_sender", lambda _c: managers.browse()
        )
        self.env.flush_all()
        answer = self.open(path).text
        self.assertNotIn("ann@company.example", answer)
        self.assertNotIn("555-0999", answer)
        self.assertIn("office@company.example", answer)

    def test_headers(self):
        """Nobody keeps a page: no store, no index, no referrer, no cookie, no frame,
        no script in it, nothing from elsewhere."""
        path, _secret = self.sent_link()
        for url in (path, "/dso/c/unknown", "/dso/i/unknown", "/dso/secret/page/0"):
            answer = self.open(url)
            headers = answer.headers
            self.assertEqual(headers["Cache-Control"], "no-store", url)
            self.assertEqual(headers["Referrer-Policy"], "no-referrer", url)
            self.assertIn("noindex", headers["X-Robots-Tag"], url)
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"], url)
            self.assertEqual(headers["X-Frame-Options"], "DENY", url)
            self.assertNotIn("Set-Cookie", headers, url)
            self.assertFalse(re.search(r"<script(?! src=\"/dso_)", answer.text), url)
            self.assertNotIn("style=", answer.text, url)
            self.assertIn('name="robots"', answer.text, url)

    def test_answered_alike(self):
        """Unknown, expired, revoked, of another purpose: one and the same answer, that
        says what to do."""
        path, secret = self.sent_link()
        token = self.token_of().sudo()
        answers = [self.open("/dso/c/unknown"), self.open(f"/dso/i/{secret}")]
        token.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()
        answers.append(self.open(path))
        token.expires_at = fields.Datetime.now() + timedelta(days=1)
        token._revoke("user")
        self.env.flush_all()
        answers.append(self.open(path))
        varying = ("Date",)
        seen = {
            (
                answer.status_code,
                answer.text,
                tuple(
                    sorted(
                        (name, value)
                        for name, value in answer.headers.items()
                        if name not in varying
                    )
                ),
            )
            for answer in answers
        }
        self.assertEqual(len(seen), 1)
        self.assertEqual(answers[0].status_code, 404)
        self.assertIn("answer the message", answers[0].text)

    def test_hostile_paths(self):
        """What a stranger types in place of a secret is answered, not evaluated."""
        for wrong in (
            "%00",
            "%27%20OR%201=1--",
            "{{7919*7927}}",
            "%3Cscript%3Ealert(1)",
            "A" * 5000,
            "%F0%9F%92%B8",
        ):
            answer = self.open(f"/dso/c/{wrong}")
            self.assertEqual(answer.status_code, 404, wrong)
            self.assertNotIn("<script", answer.text)
            self.assertNotIn(str(7919 * 7927), answer.text)

    def test_rate_limit(self):
        """Who tries many links waits, whatever he tries next."""
        path, _secret = self.sent_link()
        for _attempt in range(ATTEMPTS):
            self.assertEqual(self.open("/dso/c/guess").status_code, 404)
        answer = self.open("/dso/c/guess")
        self.assertEqual(answer.status_code, 429)
        self.assertEqual(answer.headers["Retry-After"], "600")
        self.assertEqual(self.open(path).status_code, 429)
        self.env["dso.access.attempt"].sudo().search([]).unlink()
        self.env.flush_all()
        self.assertEqual(self.open(path).status_code, 200)

    def test_language(self):
        """A page speaks its reader's language; what opens nothing the visitor's."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["res.lang"]._activate_lang("ar_001")
        self.jane.lang = "fr_FR"
        path, _secret = self.sent_link()
        self.assertIn('lang="fr-FR"', self.open(path).text)
        answer = self.open("/dso/c/no", headers={"Accept-Language": "fr-BE,fr;q=0.9"})
        self.assertIn('lang="fr-FR"', answer.text)
        self.jane.lang = "ar_001"
        self.env.flush_all()
        self.assertIn('dir="rtl"', self.open(path).text)

    def test_pages_in_every_language(self):
        """Nothing on a page that a stranger reads is left in English, in the languages
        that the texts ship in."""
        languages = ("fr_FR", "de_DE", "es_ES", "it_IT")
        for lang in languages:
            self.env["res.lang"]._activate_lang(lang)
        self.env["ir.module.module"]._load_module_terms(["dso_collection"], languages)
        for purpose in (
            "customer",
            "internal",
            "nothing",
            "limited",
            "stored",
            "new_link",
            "new_link_sent",
            "new_link_mail",
            "elsewhere",
            "broken",
        ):
            view = self.env.ref(f"dso_collection.access_{purpose}")
            terms, _context = view.get_field_translations("arch_db", list(languages))
            self.assertTrue(terms)
            for term in terms:
                with self.subTest(page=purpose, **term):
                    self.assertTrue(term["value"])
                    self.assertNotEqual(term["value"], term["source"])

    def test_secret_is_not_logged(self):
        """The server's log of requests does not show secrets."""
        record = logging.LogRecord(
            "werkzeug",
            logging.INFO,
            __file__,
            1,
            '"%s" %s %s',
            ("GET /dso/c/s3cr-t_x?a=1 HTTP/1.1", 200, "-"),
            None,
        )
        self.assertTrue(logging.getLogger("werkzeug").filter(record))
        self.assertIn("GET /dso/c/***?a=1 HTTP/1.1", record.getMessage())
        self.assertNotIn("s3cr", record.getMessage())

    def test_hostile_company_name(self):
        """A company's name is shown, never evaluated."""
        self.company.name = "<script>alert(1)</script>{{ 7 * 7 }}"
        path, _secret = self.sent_link()
        answer = self.open(path)
        self.assertNotIn("<script>", answer.text)
        self.assertIn("{{ 7 * 7 }}", answer.text)

    def test_internal_page(self):
        """A colleague's page leads to Odoo, where he has to log in."""
        resolver = new_test_user(
            self.env, "rita", "dso_collection.group_resolver", email="rita@x.example"
        )
        secret = self.env["dso.access.token"]._issue(
            self.account(), self.action, resolver.partner_id, "internal"
        )
        self.env.flush_all()
        answer = self.open(f"/dso/i/{secret}")
        self.assertEqual(answer.status_code, 200)
        self.assertIn(f"/odoo/collection-actions/{self.action.id}", answer.text)
        outsider = new_test_user(
            self.env, "olaf", "base.group_user", email="olaf@x.example"
        )
        secret = self.env["dso.access.token"]._issue(
            self.account(), self.action, outsider.partner_id, "internal"
        )
        self.env.flush_all()
        self.assertNotIn("/odoo/", self.open(f"/dso/i/{secret}").text)
