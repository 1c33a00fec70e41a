"""Every route without login, tried by who should not come in (rules.md §7).

Each route is one row of DOORS; a route that is not listed fails the first test.
"""

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from unittest.mock import patch

import openpyxl

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..controllers.access_guard import FORM_DAYS, FORM_SIZE, HEADERS, AccessGuard
from .common import TODAY
from .test_access_tokens import TokenCommon
from .test_page_payment import PayCommon

#: Words that stand in what an outsider must never see.
HIDDEN = "HIDDEN"
#: Words that only colleagues may see, on their page.
PRIVATE = "PRIVATE"
#: What an error would tell of us.
INSIDE = ("Traceback", "odoo.", "/models/", "psycopg2", "File &#34;", 'File "')


@dataclass(frozen=True)
class Door:
    """One method of one route."""

    rule: str  # as Odoo's router has it
    url: str  # {secret}, {key}: of an item of the page
    method: str = "GET"
    purpose: str = ""  # of the link that opens it
    kind: str = ""  # how the access is noted
    form: str = ""  # the name of its form
    fields: dict = field(default_factory=dict)  # of its form
    cookie: bool = False  # goes on to what needs a session
    refused: int = 400  # status of a form without our key


CUSTOMER, INTERNAL = "/dso/c/<string:secret>", "/dso/i/<string:secret>"
#: An answer, as the form sends it.
ANSWER = {
    "step": "send",
    "once": "A" * 22,
    "text": "Please send a statement.",
}
DOORS = [
    Door(CUSTOMER, "/dso/c/{secret}", purpose="customer", kind="page"),
    Door(
        f"{CUSTOMER}/invoice/<string:key>.pdf",
        "/dso/c/{secret}/invoice/{key}.pdf",
        purpose="customer",
        kind="document",
    ),
    Door(
        f"{CUSTOMER}/statement.<any(pdf,xlsx):form>",
        "/dso/c/{secret}/statement.pdf",
        purpose="customer",
        kind="document",
    ),
    Door(
        f"{CUSTOMER}/statement.<any(pdf,xlsx):form>",
        "/dso/c/{secret}/statement.xlsx",
        purpose="customer",
        kind="document",
    ),
    Door(
        f"{CUSTOMER}/pay",
        "/dso/c/{secret}/pay",
        method="POST",
        purpose="customer",
        kind="pay",
        form="answer",
        fields={"pay": "chosen", "item": "{payable}"},
        cookie=True,
    ),
    Door(
        f"{CUSTOMER}/answer",
        "/dso/c/{secret}/answer",
        purpose="customer",
        kind="page",
    ),
    Door(
        f"{CUSTOMER}/answer",
        "/dso/c/{secret}/answer",
        method="POST",
        purpose="customer",
        kind="answer",
        form="answer",
        fields=ANSWER,
        refused=422,
    ),
    Door(INTERNAL, "/dso/i/{secret}", purpose="internal", kind="page"),
    Door(
        INTERNAL,
        "/dso/i/{secret}",
        method="POST",
        purpose="internal",
        kind="answer",
        form="answer",
        fields=ANSWER,
        refused=422,
    ),
    Door(
        f"{CUSTOMER}/answered/<string:once>", f"/dso/c/{{secret}}/answered/{'A' * 22}"
    ),
    Door(
        f"{INTERNAL}/answered/<string:once>", f"/dso/i/{{secret}}/answered/{'A' * 22}"
    ),
    Door("/dso/secret/<string:kind>/<int:number>", "/dso/secret/page/0"),
    Door("/dso/new-link", "/dso/new-link"),
    Door(
        "/dso/new-link",
        "/dso/new-link",
        method="POST",
        form="new-link",
        fields={"email": "someone@elsewhere.example"},
    ),
    Door(CUSTOMER, "/dso/c/{secret}", method="POST", form="new-link"),
]
#: Rows that only a person of ours, or a job, may make.
WATCHED = (
    "dso.reply",
    "dso.reply.line",
    "dso.qualification",
    "dso.promise",
    "dso.action",
    "dso.access.token",
    "dso.access.request",
    "ir.attachment",
    "mail.mail",
    "payment.transaction",
)


class DoorCommon(PayCommon, TokenCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rita = new_test_user(
            cls.env, "rita", "base.group_user", email="rita@company.example"
        )
        cls.second = cls.setup_other_company(name=f"{HIDDEN} Company")["company"]

    def setUp(self):
        super().setUp()
        self.hide()
        tokens = self.env["dso.access.token"]
        self.tokens, self.secrets = {}, {}
        for purpose, reader in (
            ("customer", self.jane),
            ("internal", self.rita.partner_id),
        ):
            self.tokens[purpose], self.secrets[purpose] = tokens._make(
                self.account(), self.action, reader, purpose
            )
            # the server's clock is the real one
            self.tokens[purpose].expires_at = fields.Datetime.now() + timedelta(days=9)
        self.env.flush_all()
        # what waits to be evaluated is, with the first request
        self.url_open("/dso/secret/page/0")

    def hide(self):
        """What nobody outside may see, around what he may."""
        status = self.status(
            "dispute", name=f"{PRIVATE} cause", customer_wording="Under review"
        )
        court = self.status("litigation", name=f"{HIDDEN} court")
        court.customer_wording = False
        self.court_item = self.invoice("1 Nov", 900)
        with freeze_time(TODAY):
            self.late.dso_qualify(status, f"{PRIVATE} comment")
            self.court_item.dso_qualify(court, f"{HIDDEN} litigation note")
        self.payable = self.invoice("5 Nov", 300)
        self.account().message_post(body=f"{HIDDEN} chatter")
        other = self._customer(f"{HIDDEN} Ltd", email="hidden@other.example")
        self.foreign = self.invoice("1 Nov", 700, partner=other)
        self.foreign.write({"ref": f"{HIDDEN} reference"})
        self.draft = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    fields.Command.create({"name": f"{HIDDEN} draft", "price_unit": 1})
                ],
            }
        )
        self.elsewhere = self.init_invoice(
            "out_invoice",
            partner=self.customer,
            amounts=[55],
            taxes=[],
            company=self.second,
            post=True,
        )

    # -------------------------------------------------------------------------
    # REQUESTS
    # -------------------------------------------------------------------------

    def url_of(self, door, secret=None, key=None):
        return door.url.format(
            secret=secret or self.secrets.get(door.purpose or "customer"),
            key=self.late.id if key is None else key,
        )

    def knock(self, door, url=None, form_key=None, method=None, data=None, **options):
        """One request, and what holds of each answer whatever it says."""
        self.fresh()
        method = method or door.method
        if method == "POST" and data is None:
            data = {
                name: value.format(payable=self.payable.id)
                for name, value in door.fields.items()
            }
            key = self.key_of(door) if form_key is None else form_key
            data["form_key"] = key
        answer = self.opener.request(
            method,
            self.base_url() + (url or self.url_of(door)),
            data=data,
            allow_redirects=False,
            timeout=60,
            **options,
        )
        self.env.invalidate_all()
        self.check_answer(answer, door)
        return answer

    def key_of(self, door, days=0, **other):
        """What a form of ours carries.

        :param days: since it was shown
        :param other: ``form`` or ``token``, where it is not that of the door
        """
        served = SimpleNamespace(env=self.env)
        form = other.get("form", door.form)
        token = other.get("token", self.tokens.get(door.purpose))
        day = fields.Date.today().toordinal() - days
        with patch(
            "odoo.addons.dso_collection.controllers.access_guard.request", served
        ):
            return AccessGuard()._key_of_day(form, token, day)

    def fresh(self):
        """Nobody is slowed down by what was tried before."""
        self.env["dso.access.attempt"].sudo().search([]).unlink()
        self.env["dso.access.log"].sudo().search([]).unlink()
        self.env.flush_all()

    def check_answer(self, answer, door):
        where = f"{door.method} {door.url}: {answer.status_code}"
        for name, value in HEADERS:
            if name != "Content-Security-Policy":
                self.assertEqual(answer.headers.get(name), value, where)
        policy = answer.headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy, where)
        self.assertNotIn("unsafe", policy, where)
        if not door.cookie:
            self.assertNotIn("Set-Cookie", answer.headers, where)
        self.check_hidden(
            f"{where} {answer.headers}\n{self.words_of(answer)}",
            where,
            () if door.purpose == "internal" else (PRIVATE,),
        )

    def check_hidden(self, text, where, more):
        names = [
            f">{move.name}<"
            for move in (self.foreign, self.elsewhere, self.court_item)
            if move.name != self.late.name
        ]
        found = [word for word in (HIDDEN, *more, *names, *INSIDE) if word in text]
        self.assertFalse(
            [text[max(text.find(w) - 60, 0) : text.find(w) + 60] for w in found], where
        )

    def words_of(self, answer):
        """All text of an answer: of a workbook its cells, else what it is."""
        if not answer.content.startswith(b"PK"):
            return answer.content.decode(errors="replace")
        book = openpyxl.load_workbook(BytesIO(answer.content))
        return "\n".join(
            f">{cell}<"
            for sheet in book
            for row in sheet.iter_rows(values_only=True)
            for cell in (sheet.title, *row)
        )

    def counts(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return {
            name: self.env[name].sudo().with_context(active_test=False).search_count([])
            for name in WATCHED
            if name in self.env
        }

    def doors(self, **wanted):
        """The doors whose attributes are as wanted; True: anything but empty."""
        for door in DOORS:
            if all(
                bool(getattr(door, name)) if value is True else getattr(door, name)
                for name, value in wanted.items()
                if value is True
            ) and all(
                getattr(door, name) == value
                for name, value in wanted.items()
                if value is not True
            ):
                with self.subTest(door=f"{door.method} {door.url}"):
                    yield door


@tagged("post_install", "-at_install")
class TestDoor(DoorCommon):
    def test_every_route_is_listed(self):
        """No route without login that this file does not try."""
        with patch.object(
            threading.current_thread(), "dbname", self.env.cr.dbname, create=True
        ):
            rules = list(self.env["ir.http"].routing_map().iter_rules())
        routes = {
            (rule.rule, method)
            for rule in rules
            if rule.rule.startswith("/dso/")
            # opened by the session of who chose at a door, see test_page_payment
            and not rule.rule.startswith("/dso/pay/")
            and rule.endpoint.routing["auth"] in ("public", "none")
            for method in rule.methods - {"HEAD", "OPTIONS"}
        }
        self.assertEqual(routes, {(door.rule, door.method) for door in DOORS})

    def test_right_link(self):
        """Who holds the link gets his page, his files, and nothing that is hidden; the
        access is noted, without the secret."""
        for door in self.doors(purpose=True):
            answer = self.knock(door)
            self.assertIn(answer.status_code, (200, 303), answer.text)
            log = self.env["dso.access.log"].search([], order="id desc", limit=1)
            self.assertEqual(log.mapped("kind"), [door.kind])
            self.assertEqual(log.token_id, self.tokens[door.purpose])
            self.assertNotIn(self.secrets[door.purpose], str(log.sudo().read()))

    def test_closed_links_read_alike(self):
        """Wrong, of another purpose, expired, revoked: word for word the same, header
        for header, at every door."""
        other = {"customer": "internal", "internal": "customer"}
        for door in self.doors(method="GET", purpose=True):
            token = self.tokens[door.purpose]
            answers = [
                self.knock(door, self.url_of(door, secret=secret))
                for secret in (
                    "unknown",
                    "A" * 43,
                    self.secrets[door.purpose].swapcase(),
                    self.secrets[other[door.purpose]],
                    token.sudo().secret_hash,
                )
            ]
            for change in (
                {"expires_at": fields.Datetime.now() - timedelta(seconds=1)},
                {"revoked_at": fields.Datetime.now()},
            ):
                before = {name: token[name] for name in change}
                token.write(change)
                self.env.flush_all()
                answers.append(self.knock(door))
                token.write(before)
            self.env.flush_all()
            seen = {
                (answer.status_code, answer.text, *self.headers_of(answer))
                for answer in answers
            }
            self.assertEqual(len(seen), 1)
            self.assertEqual(answers[0].status_code, 404)

    def headers_of(self, answer):
        return sorted(
            (name, value) for name, value in answer.headers.items() if name != "Date"
        )

    def test_other_items(self):
        """Items of others, of another company, in court, in draft, and what is no
        item at all: nothing there, and no word of why."""
        keys = [move.id for move in (self.foreign, self.elsewhere, self.court_item)] + [
            self.draft.id,
            self.late.line_ids[0].id + 10**6,
            0,
            -1,
            2**31,
            10**30,
            f"{self.late.id} ",
            f"{self.late.id}%00",
            f"0{self.late.id}",
            "..%2f..%2fetc%2fpasswd",
            "%27%20OR%201%3D1",
            "٣",
            "None",
        ]
        for door in self.doors(purpose=True):
            if "{key}" not in door.url:
                continue
            self.assertEqual(self.knock(door).status_code, 200)
            for key in keys:
                answer = self.knock(door, self.url_of(door, key=key))
                self.assertEqual(answer.status_code, 404, key)

    def test_other_parameters(self):
        """Parameters that no page knows change nothing of what is shown."""
        evil = (
            f"?account_id={self.foreign.id}&company=2&lang=xx&debug=1&uid=2"
            f"&move_ids={self.foreign.id}&token=1&context=%7B%7D&show=hidden"
            f"&q={HIDDEN[:-1]}&limit=-1&offset=x&secret=other&key={self.foreign.id}"
        )
        for door in self.doors(method="GET", purpose=True):
            answer = self.knock(door, self.url_of(door) + evil)
            self.assertEqual(answer.status_code, 200)

    def test_form_keys(self):
        """A form without our key, or with that of another form, day or link, changes
        nothing."""
        for door in self.doors(method="POST"):
            right = self.key_of(door)
            other = {"customer": "internal", "internal": "customer", "": "customer"}
            before = self.counts()
            for wrong in (
                *("", "1." + "0" * 64, right[:-1], f"{right}0", "x" * 9999),
                self.key_of(door, form=f"{door.form}s"),
                self.key_of(door, token=self.tokens[other[door.purpose]]),
                self.key_of(door, days=FORM_DAYS + 1),
                self.key_of(door, days=-1),
            ):
                answer = self.knock(door, form_key=wrong)
                self.assertEqual(answer.status_code, door.refused, wrong)
            self.assertEqual(self.counts(), before)
            answer = self.knock(door, form_key=self.key_of(door, days=FORM_DAYS))
            self.assertLess(answer.status_code, 400, "of a page that is not too old")

    def test_forms_of_other_sites(self):
        """Nor does a form on the page of somebody else, though it knew the link."""
        for door in self.doors(method="POST"):
            before = self.counts()
            for headers in (
                {"Sec-Fetch-Site": "cross-site"},
                {"Origin": "https://evil.example"},
            ):
                answer = self.knock(door, headers=headers)
                self.assertEqual(answer.status_code, 403)
            self.assertEqual(self.counts(), before)

    def test_looking_ahead(self):
        """Programs that look behind links open nothing, twice and ahead of time."""
        for door in self.doors(method="GET", purpose=True):
            before = self.counts()
            for method, headers in (
                ("HEAD", {}),
                ("GET", {"Sec-Purpose": "prefetch;prerender"}),
                ("GET", {"Purpose": "prefetch"}),
                ("GET", {"X-Purpose": "preview"}),
            ):
                self.knock(door, method=method, headers=headers)
                log = self.env["dso.access.log"].search([])
                self.assertEqual(log.mapped("kind"), ["preview"])
            self.knock(door)
            self.knock(door)
            after = self.counts()
            # a file that is printed for the first time is kept
            before.pop("ir.attachment"), after.pop("ir.attachment")
            self.assertEqual(after, before)

    def test_preview_is_not_opened(self):
        """A link that a program looked at does not count as opened by its reader."""
        door = DOORS[0]
        self.knock(door, method="HEAD")
        self.assertFalse(self.tokens["customer"].opened_at)
        self.knock(door)
        self.assertTrue(self.tokens["customer"].opened_at)

    def test_other_methods(self):
        """Other methods get a page of ours."""
        for door in self.doors():
            for method in ("PUT", "DELETE", "PATCH", "TRACE", "FOO"):
                answer = self.knock(door, method=method, data={})
                self.assertEqual(answer.status_code, 405, method)
            json = {"Content-Type": "application/json"}
            answer = self.knock(door, method="PUT", data="{}", headers=json)
            self.assertEqual(answer.status_code, 405, "for scripts, too")

    def test_unknown_paths(self):
        """So do paths that nobody made."""
        door = DOORS[0]
        secret = self.secrets["customer"]
        for path in (
            f"/dso/c/{secret}/nothing",
            f"/dso/c/{secret}/invoice/{self.late.id}.html",
            f"/dso/c/{secret}/statement.csv",
            "/dso/c/",
            "/dso/new-link/sent",
            "/dso/secret/x/y",
        ):
            answer = self.knock(door, path)
            self.assertEqual(answer.status_code, 404, path)
            self.assertNotIn(secret, answer.text)

    def test_too_large(self):
        """A body beyond what a form takes is refused before it is read."""
        door = next(d for d in DOORS if d.rule == "/dso/new-link" and d.fields)
        answer = self.knock(door, data={"email": "x" * FORM_SIZE})
        self.assertEqual(answer.status_code, 413)
        self.assertIn("more than we can take in", answer.text)

    def test_errors(self):
        """Whatever breaks inside is told in plain words: no traceback, no name of
        ours, nothing of what an error says."""
        for door in self.doors(purpose=True, method="GET"):
            for error in (
                ValueError(f"{HIDDEN} value"),
                KeyError(HIDDEN),
                AccessError(f"{HIDDEN} access"),
                UserError(f"{HIDDEN} user"),
            ):

                def broken(*_args, error=error, **_options):
                    raise error

                with (
                    patch.object(AccessGuard, "_admit", broken),
                    mute_logger("odoo.http"),
                ):
                    answer = self.knock(door)
                self.assertEqual(answer.status_code, 500)
                self.assertIn("This did not work", answer.text)

    def test_broken_template(self):
        """Not even where the page of errors is what is broken."""
        view = self.env.ref("dso_collection.access_layout")
        view.arch_db = "<t><t t-out='1/0'/></t>"
        self.env.flush_all()
        with mute_logger("odoo.http", "odoo.addons.dso_collection.models.ir_http"):
            answer = self.knock(DOORS[0])
        self.assertEqual((answer.status_code, answer.content), (500, b""))

    def test_logged_in_elsewhere(self):
        """Who is logged in sees what his link opens, and not more."""
        new_test_user(self.env, "boss", "dso_collection.group_manager")
        self.authenticate("boss", "boss")
        self.opener.cookies.set("session_id", self.session.sid)
        for door in self.doors(method="GET", purpose=True):
            self.assertEqual(self.knock(door).status_code, 200)
