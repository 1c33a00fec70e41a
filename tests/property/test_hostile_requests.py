"""Whatever is sent to a page without login: it answers in its own words, and nothing
changes but what its reader may say.

Bodies, fields, headers and paths are made up by hypothesis; then many requests come in
a row: of every route, with every kind of link, in every disguise.

- ``DSO_REQUESTS=10000`` sends that many in each row (default 200);
- ``DSO_REQUEST_EXAMPLES=…`` makes up more per route (default 8).
"""

import json
import os
import random
import time
from datetime import timedelta
from functools import partial
from urllib.parse import quote

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.dso_collection.controllers.access_guard import FORM_SIZE
from odoo.addons.dso_collection.controllers.answer_form import FILE_TYPES
from odoo.addons.dso_collection.models.dso_access_attempt import ATTEMPTS
from odoo.addons.dso_collection.models.dso_access_log import LIMITS, WINDOW
from odoo.addons.dso_collection.tests.test_door import (
    ANSWER,
    DOORS,
    DoorCommon,
)

EXAMPLES = int(os.environ.get("DSO_REQUEST_EXAMPLES", "8"))
REQUESTS = int(os.environ.get("DSO_REQUESTS", "200"))
SEED = 20261123
#: Rows that an answer of who holds a link may add; of all others there are as many.
OF_ANSWERS = ("dso.reply", "dso.reply.line", "ir.attachment", "mail.mail")
#: Would run where a page does not escape it.
SCRIPT = "<svg onload=alert(1)>"
NASTY = [
    "\x00",
    "'; DROP TABLE dso_reply; --",
    "{{7*7}}",
    "{% if %}",
    SCRIPT,
    "../../../etc/passwd",
    "1e9",
    "-1",
    "٣",
    "a\r\nSet-Cookie: x=1",
    "\u202egnp.exe",
    "🧾" * 60,
    "x" * 5000,
]
TEXT = st.sampled_from(NASTY) | st.text(max_size=60)
#: What our forms call their fields.
NAMES = st.sampled_from(
    [
        *("step", "once", "text", "said", "cause", "promise_date", "amount", "pay"),
        *("paid_on", "reference", "resolution", "item", "email", "csrf_token"),
        *("q", "show", "debug", "secret", "key", "kind", "number", "form"),
    ]
)
FIELDS = st.dictionaries(NAMES | st.text(min_size=1, max_size=12), TEXT, max_size=8)
TYPES = st.sampled_from(
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-7",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        f"multipart/form-data; boundary={'-' * 200}",
        "application/json",
        "application/json-rpc",
        "application/xml",
        "text/html",
        "ä",
    ]
).map(lambda value: value.encode("latin-1"))
FILES = st.lists(
    st.tuples(
        st.sampled_from(["../../a.pdf", "a.html", "a.svg", "", "a.pdf\x00.exe", ".txt"])
        | st.text(max_size=40),
        st.binary(max_size=300) | st.sampled_from([b"%PDF-1.4", SCRIPT.encode()]),
    ),
    max_size=4,
)
HEADER = st.text(
    st.characters(min_codepoint=33, max_codepoint=255, exclude_characters='\x7f",;\\'),
    min_size=1,
    max_size=60,
) | st.sampled_from(["null", "*/*;q=x", "de;q=9", "bytes=0-", "x/../y"])
HEADER_NAMES = st.sampled_from(
    [
        *("Accept", "Accept-Language", "Accept-Encoding", "Authorization", "Range"),
        *("If-None-Match", "If-Modified-Since", "Origin", "Referer", "TE"),
        *("Sec-Fetch-Site", "Sec-Purpose", "User-Agent", "X-Forwarded-For"),
        *("X-Forwarded-Host", "X-HTTP-Method-Override"),
    ]
)
COOKIE_NAMES = st.sampled_from(
    ["session_id", "frontend_lang", "tz", "cids", "dso_back"]
)
#: Programs that look behind links in messages, as they name themselves.
PREVIEWERS = (
    "facebookexternalhit/1.1",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; MicrosoftPreview/2.0)",
    "WhatsApp/2.24",
    "Mozilla/5.0 BarracudaLinkProtect",
)


def made_up(function, *arguments, **strategies):
    """Call a function many times, with values that hypothesis makes up."""

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(**strategies)
    def run(**values):
        function(*arguments, **values)

    run()


@tagged("post_install", "-at_install")
class TestHostileRequests(DoorCommon):
    def setUp(self):
        super().setUp()
        muted = mute_logger("odoo.http", "werkzeug")
        muted.__enter__()
        self.addCleanup(muted.__exit__, None, None, None)

    def unharmed(self, door, *args, **options):
        """One request; it is answered by us, in words of ours, as what it is."""
        answer = self.knock(door, *args, **options)
        self.assertLess(answer.status_code, 500, f"{door.method} {door.url}")
        self.assertNotIn(SCRIPT.encode(), answer.content, "shown as it was sent")
        return answer

    def check_answers(self, before, *besides):
        """All that is new is what a reader of ours said, of items of his own page.

        :param besides: names of models that may have more rows, too
        """
        free = {*OF_ANSWERS, *besides}
        after = self.counts()
        self.assertEqual(
            {name: n for name, n in after.items() if name not in free},
            {name: n for name, n in before.items() if name not in free},
        )
        replies = self.env["dso.reply"].search([])
        self.assertLessEqual(replies.account_id, self.account())
        self.assertLessEqual(set(replies.mapped("source")), {"page", "internal"})
        self.assertLessEqual(replies.move_ids, self.late | self.payable)
        self.assertEqual(replies.line_ids.move_id | replies.move_ids, replies.move_ids)
        files = replies.attachment_ids.sudo()
        self.assertFalse(any(files.mapped("public")))
        self.assertLessEqual(
            set(files.mapped("mimetype")), {kept for _all, kept in FILE_TYPES.values()}
        )
        mails = self.env["mail.mail"].search([("model", "=", "dso.reply")])
        self.assertLessEqual(
            mails.recipient_ids, self.jane | self.rita.partner_id, "no address typed"
        )

    # -------------------------------------------------------------------------
    # MADE UP
    # -------------------------------------------------------------------------

    def test_bodies(self):
        """Bytes of any kind in place of a form change nothing at all."""
        before = self.counts()

        def bodies(door, body, kind):
            self.unharmed(door, data=body, headers={b"Content-Type": kind})

        for door in self.doors(method="POST"):
            made_up(bodies, door, body=st.binary(max_size=2000), kind=TYPES)

        self.assertEqual(self.counts(), before)

    def test_fields_without_our_key(self):
        """Fields of any name and value, in a form that is not ours: nothing."""
        before = self.counts()

        def forms(door, values):
            self.unharmed(door, data={**values, "form_key": "1.0"})

        for door in self.doors(method="POST"):
            made_up(forms, door, values=FIELDS)

        self.assertEqual(self.counts(), before)

    def test_fields_with_our_key(self):
        """In a form of ours they are what its reader says, and never more."""
        before = self.counts()

        def forms(door, values, sent):
            step = {"step": "send", "item": self.late.id} if sent else {}
            values = {**step, **values, "form_key": self.key_of(door)}
            self.unharmed(door, data=values)

        for door in self.doors(method="POST"):
            made_up(forms, door, values=FIELDS, sent=st.booleans())

        self.check_answers(before, "dso.access.request")

    def test_files(self):
        """Files of any name and content: kept under their type, or refused."""
        before = self.counts()

        def uploads(door, files):
            self.unharmed(
                door,
                data={"step": "send", "text": "x", "form_key": self.key_of(door)},
                files=[("files", file) for file in files] or {"x": (None, "")},
            )

        for door in self.doors(method="POST", kind="answer"):
            made_up(uploads, door, files=FILES)

        self.check_answers(before)

    def test_parameters(self):
        """Parameters behind a link that opens narrow what it shows, at most."""
        before = self.counts()

        def parameters(door, values):
            answer = self.unharmed(door, params=values)
            self.assertEqual(answer.status_code, 200)

        for door in self.doors(method="GET", purpose=True):
            made_up(parameters, door, values=FIELDS)

        before.pop("ir.attachment")  # a file is kept once it was asked for
        after = self.counts()
        after.pop("ir.attachment")
        self.assertEqual(after, before)

    def test_headers(self):
        """Headers and cookies of any value; the host that one names is in no answer."""
        before = self.counts()

        def headers(door, headers, cookies):
            values = {
                name.encode(): value.encode("latin-1")
                for name, value in headers.items()
            }
            self.unharmed(door, data={}, headers=values, cookies=cookies)

        for door in self.doors():
            made_up(
                headers,
                door,
                headers=st.dictionaries(HEADER_NAMES, HEADER, max_size=4),
                cookies=st.dictionaries(COOKIE_NAMES, HEADER, max_size=2),
            )

            answer = self.unharmed(door, data={}, headers={"Host": "evil.example"})
            self.assertNotIn("evil.example", f"{answer.headers} {answer.text}")
        self.check_answers(before)
        self.assertFalse(self.env["dso.reply"].search_count([]))

    def test_paths(self):
        """Links that nobody sent open nothing, whatever is written there."""
        before = self.counts()

        def paths(door, secret):
            path = self.url_of(door, secret=quote(secret, safe=""))
            answer = self.unharmed(door, path, data={})
            self.assertIn(answer.status_code, (404, 405))

        for door in self.doors(purpose=True):
            made_up(paths, door, secret=TEXT.filter(lambda text: text.strip("./")))

        self.assertEqual(self.counts(), before)

    def test_items_of_others(self):
        """A form of ours that names items of others, in any mixture with its own: not
        one of theirs is answered, paid or shown."""
        before = self.counts()
        others = self.foreign | self.elsewhere | self.court_item | self.draft
        keys = [
            *others.ids,
            *others.line_ids.ids,
            *(f"{self.late.id}-{n}" for n in self.env["dso.account"].search([]).ids),
            *("0", "-1", "1e9", "9" * 30, f" {self.late.id}"),
        ]
        said = st.sampled_from(["promise", "processing", "disputed", "paid", "comment"])
        soon = fields.Date.today() + timedelta(days=3)

        def items(door, chosen, own, said):
            own_key = [self.payable.id] if own else []
            answer = self.unharmed(
                door,
                data={
                    **ANSWER,
                    "form_key": self.key_of(door),
                    "pay": "chosen",
                    "item": [*chosen, *own_key],
                    "said": said,
                    "promise_date": soon.isoformat(),
                    "paid_on": "2026-11-02",
                    **{f"said-{key}": said for key in chosen},
                },
            )
            if door.kind == "answer":
                self.assertEqual(answer.status_code, 422, "refused as a whole")

        for door in self.doors(method="POST", purpose=True):
            made_up(
                items,
                door,
                chosen=st.lists(st.sampled_from(keys), min_size=1, max_size=5),
                own=st.booleans(),
                said=said,
            )

        self.check_answers(before)
        self.assertFalse(self.env["dso.reply"].search_count([]))

    def test_replayed(self):
        """A form that is sent again and again is one answer; once its link ended, or
        under another link, it is none."""
        door = next(d for d in DOORS if d.kind == "answer" and d.purpose == "customer")
        again = {**ANSWER, "form_key": self.key_of(door)}
        places = {
            self.unharmed(door, data=dict(again)).headers["Location"] for _n in range(9)
        }
        self.assertEqual(len(places), 1)
        self.assertEqual(self.env["dso.reply"].search_count([]), 1)
        tokens = self.env["dso.access.token"]
        _token, other = tokens._make(
            self.account(), self.action, self.customer, "customer"
        )
        answer = self.unharmed(door, self.url_of(door, secret=other), data=dict(again))
        self.assertEqual(answer.status_code, 422)
        token = self.tokens["customer"]
        for change in (
            {"revoked_at": fields.Datetime.now()},
            {"revoked_at": False, "expires_at": fields.Datetime.now()},
        ):
            token.write(change)
            self.env.flush_all()
            answer = self.unharmed(door, data={**again, "once": "B" * 22})
            self.assertEqual(answer.status_code, 404)
        self.assertEqual(self.env["dso.reply"].search_count([]), 1)

    # -------------------------------------------------------------------------
    # TOO MUCH
    # -------------------------------------------------------------------------

    def test_many_parts(self):
        """A form of more parts than anybody fills in is refused before it is read."""
        before = self.counts()
        parts = [(f"x{number}", (None, "")) for number in range(1200)]
        for door in self.doors(method="POST"):
            answer = self.unharmed(door, form_key="", files=parts)
            self.assertEqual(answer.status_code, 413)
        self.assertEqual(self.counts(), before)

    def test_endless_bodies(self):
        """A body that does not say how long it is, is refused when it is too long."""
        before = self.counts()
        for door in self.doors(method="POST"):
            if door.kind == "answer":
                continue  # takes files
            answer = self.unharmed(
                door,
                data=(b"x=" + b"x" * FORM_SIZE for _number in range(16)),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )
            self.assertIn(answer.status_code, (400, 413))
        self.assertEqual(self.counts(), before)

    # -------------------------------------------------------------------------
    # PAYING
    # -------------------------------------------------------------------------

    def test_payment_routes(self):
        """What follows the door to the payment form opens to nobody who did not come
        through it; whatever is sent there, nothing is paid, and nothing is told of
        our inside."""
        before = self.counts()
        door = next(door for door in DOORS if door.cookie)
        chosen = self.knock(door).headers["Location"].rpartition("/")[2]

        def forms(number, values):
            for end in ("", "/back"):
                answer = self.pay(f"{quote(number, safe='')}{end}", params=values)
                self.assertEqual(answer.status_code, 404)

        made_up(forms, number=TEXT.filter(lambda text: text.strip("./")), values=FIELDS)

        numbers = st.integers() | st.floats() | st.none() | TEXT
        values = st.dictionaries(
            st.sampled_from(["provider_id", "amount", "flow", "token_id", "context"])
            | st.text(max_size=12),
            st.recursive(numbers, partial(st.lists, max_size=2), max_leaves=3),
            max_size=6,
        )

        def transactions(number, values):
            body = json.dumps({"jsonrpc": "2.0", "params": values})
            for more in ("", "?debug=1"):
                self.pay(
                    f"{number}/transaction{more}",
                    method="POST",
                    data=body,
                    headers={"Content-Type": "application/json"},
                )

        made_up(
            transactions,
            number=st.sampled_from(["guess", chosen]),
            values=values | st.lists(numbers, max_size=3) | numbers,
        )

        def bodies(body, kind):
            for method in ("POST", "GET", "PUT"):
                self.pay(
                    f"{chosen}/transaction",
                    method=method,
                    data=body,
                    headers={b"Content-Type": kind},
                )

        made_up(bodies, body=st.binary(max_size=500), kind=TYPES)

        self.assertEqual(self.counts(), before)

    def pay(self, path, **options):
        """One request around the payment form."""
        answer = self.open(f"/dso/pay/{path}", **options)
        self.assertLess(answer.status_code, 500)
        told = f"{answer.headers}\n{answer.text}"
        # what Odoo calls an error of its user is part of its protocol
        told = told.replace('"odoo.exceptions.UserError', "")
        self.check_hidden(told, path, ('File \\"',))
        return answer

    def open(self, path, method="GET", **options):
        answer = self.opener.request(
            method,
            self.base_url() + path,
            allow_redirects=False,
            timeout=60,
            **options,
        )
        self.env.invalidate_all()
        return answer

    # -------------------------------------------------------------------------
    # MANY
    # -------------------------------------------------------------------------

    def test_every_route_many_times(self):
        """Requests of every route with right, wrong, expired, revoked links, by
        browsers and by programs that look behind links, with any form: all are
        answered, and what changes is what readers may say."""
        chance = random.Random(SEED)
        tokens = self.env["dso.access.token"]
        ended = {}
        for purpose, token in self.tokens.items():
            for change in (
                {"expires_at": fields.Datetime.now() - timedelta(days=1)},
                {"revoked_at": fields.Datetime.now()},
            ):
                old, secret = tokens._make(
                    token.account_id, self.action, token.recipient_id, purpose
                )
                old.write(change)
                ended.setdefault(purpose, []).append(secret)
        self.env.flush_all()
        before = self.counts()
        items = [self.late, self.payable, self.foreign, self.elsewhere, self.court_item]
        statuses = {}
        for _number in range(REQUESTS):
            door = chance.choice(DOORS)
            purpose = door.purpose or "customer"
            secret = chance.choice(
                [self.secrets[purpose]] * 2
                + ["guess", *ended[purpose], *self.secrets.values()]
            )
            headers = {"User-Agent": chance.choice(PREVIEWERS + ("Mozilla/5.0",) * 5)}
            options, method = {}, chance.choice([door.method] * 9 + ["HEAD", "PUT"])
            if method == "POST":
                options["data"] = {
                    **ANSWER,
                    **door.fields,
                    "once": chance.choice("AB") * 22,
                    "item": [move.id for move in chance.sample(items, 2)],
                    "said": chance.choice(["processing", "comment", "", "x"]),
                    "form_key": chance.choice([self.key_of(door), "1.0", ""]),
                    chance.choice(["text", "pay", "email"]): chance.choice(NASTY),
                }
            else:
                options["params"] = {"q": chance.choice(NASTY), "show": "overdue"}
            key = chance.choice(items).id
            answer = self.unharmed(
                door,
                self.url_of(door, secret=secret, key=key),
                method=method,
                headers=headers,
                **options,
            )
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        self.assertEqual(sum(statuses.values()), REQUESTS)
        self.assertGreater(statuses[200], REQUESTS // 10, statuses)
        self.assertGreater(statuses[404], REQUESTS // 10, statuses)
        # what our own form asks for waits for a job, which sends where it may
        self.check_answers(before, "dso.access.request")
        said = self.env["dso.reply"].search([])
        self.assertLessEqual(len(said), 2 * len(self.tokens), "one for each form")

    def test_flood(self):
        """A flood from one place, of who guesses and of who holds a link: all of it is
        answered, little is written down, and who comes later gets his page."""
        self.fresh()
        link = self.url_of(DOORS[0])
        paths = [
            link,
            "/dso/c/guess",
            "/dso/i/guess",
            "/dso/new-link",
            f"{link}/invoice/0.pdf",
        ]
        statuses, began = {}, time.monotonic()
        for number in range(REQUESTS):
            answer = self.open(paths[number % len(paths)])
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        self.check_flood(statuses, began)
        self.assertGreater(statuses[429], REQUESTS // 5, statuses)
        self.fresh()
        self.assertEqual(self.knock(DOORS[0]).status_code, 200)

    def test_flood_of_one_reader(self):
        """A reader whose program loads his page for ever is slowed down, too."""
        self.fresh()
        link = self.url_of(DOORS[0])
        statuses, began = {}, time.monotonic()
        for _number in range(REQUESTS):
            answer = self.open(link)
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        windows = self.check_flood(statuses, began)
        self.assertLessEqual(statuses[200], LIMITS["page"] * windows)

    def check_flood(self, statuses, began):
        """What holds of every flood.

        :return: number of windows, of WINDOW minutes, in which it may have come
        """
        self.assertEqual(sum(statuses.values()), REQUESTS)
        self.assertLessEqual(set(statuses), {200, 404, 429}, statuses)
        windows = 1 + int((time.monotonic() - began) // (60 * WINDOW))
        attempts = self.env["dso.access.attempt"].sudo().search_count([])
        log = self.env["dso.access.log"].sudo().search_count([])
        self.assertLessEqual(attempts, ATTEMPTS * windows)
        self.assertLessEqual(log, (sum(LIMITS.values()) + 1) * windows)
        return windows
