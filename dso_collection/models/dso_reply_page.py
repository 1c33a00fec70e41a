"""Replies that are written on a page: how they come in, what they say in short."""

import hashlib
import logging

import psycopg2

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import format_date

from .dso_qualification import ENGINE
from .dso_reply_line import PROPOSES

_logger = logging.getLogger(__name__)
#: Characters of the summary of a reply.
SUMMARY = 300
#: Earlier answers that a page shows.
SHOWN = 10


class AnswerPage:
    """Where somebody answers: behind a link, or in the portal. Whoever makes one has
    checked that its reader may see its account; an object, so that no remote caller can
    name one."""

    def __init__(self, account, reader, *, token=None, internal=False):
        """
        :param account: dso.account in sudo, in the language of the reader
        :param reader: res.partner who answers
        :param token: dso.access.token whose secret was compared; None in the portal
        :param internal: whether a colleague answers, to the action of the token
        """
        self.account = account
        self.reader = reader
        self.token = token
        self.internal = internal

    @classmethod
    def of_token(cls, token, lang):
        """The page behind a link, in a language."""
        return cls(
            token.account_id.with_context(lang=lang),
            token.recipient_id,
            token=token,
            internal=token.purpose == "internal",
        )

    @property
    def action(self):
        """The message that is answered: dso.action in sudo, may be empty."""
        accounts = self.account | self.account.member_ids | self.account.head_id
        if self.token and self.token.action_id.account_id in accounts:
            return self.token.action_id
        return self.account.env["dso.action"]

    def items(self):
        """What may be answered to: see dso.account._answer_items."""
        return self.account._answer_items(self)

    def submission(self, once):
        """What is kept of one form that was sent: sent twice, it makes one reply.

        :param once: what the form carried
        """
        whose = (
            f"{self.token.id}"
            if self.token
            else f"portal:{self.account.id}:{self.reader.id}"
        )
        return hashlib.sha256(f"{whose}:{once}".encode()).hexdigest()


class DsoReply(models.Model):
    _inherit = "dso.reply"

    summary = fields.Char(
        "Reply (summary)",
        compute="_compute_summary",
        help="What was said of which item, and the text.",
    )
    several_situations = fields.Boolean(compute="_compute_proposals")
    has_resolution = fields.Boolean(compute="_compute_proposals")
    has_plan = fields.Boolean(
        compute="_compute_proposals", help="A promise in several payments is open."
    )
    can_take_back = fields.Boolean(
        compute="_compute_proposals",
        help="Promises of it were accepted at once and stand.",
    )

    @api.depends("body", "name", "line_ids")
    @api.depends_context("lang")
    def _compute_summary(self):
        for reply in self:
            parts = [
                f"{situation['words']} ({situation['items']})"
                if situation["items"]
                else situation["words"]
                for situation in reply._situations()
                if situation["said"] != "comment" or situation["resolution"]
            ]
            text = " ".join((reply.body or reply.name or "").split())
            reply.summary = " · ".join(filter(None, [*parts, text]))[:SUMMARY]

    @api.depends("line_ids.qualification_id", "line_ids.situation")
    def _compute_proposals(self):
        for reply in self:
            lines = reply.line_ids
            reply.several_situations = len(set(lines.mapped("situation"))) > 1
            reply.has_resolution = any(
                line.resolution and line._is_open() for line in lines
            )
            reply.has_plan = bool(reply._plan_lines())
            reply.can_take_back = any(
                line.accepted and not line.qualification_id.undone
                for line in lines
                if line.qualification_id
            )

    def _situations(self):
        """What this reply says, one after the other; nothing for none.

        :return: list of dicts: said, resolution, words, items (their numbers with
            commas, at most a few), lines (dso.reply.line)
        """
        return [
            {
                "said": lines[0].said,
                "resolution": lines[0].resolution,
                "words": lines._words(),
                "items": self._numbers(lines),
                "lines": lines,
            }
            for lines in self.line_ids.sorted("situation").grouped("situation").values()
        ]

    def _next_situation(self):
        """The answers of the first situation that nobody took up yet, which may be
        empty: dso.reply.line."""
        lines = self.line_ids.filtered(lambda line: line._is_open())
        by_situation = lines.sorted("situation").grouped("situation")
        return next(iter(by_situation.values()), lines)

    @api.model
    def _numbers(self, lines, shown=5):
        """The numbers of the items of these lines, the first ones by name."""
        names = [line.move_name for line in lines if line.move_name]
        text = ", ".join(names[:shown])
        if len(names) > shown:
            return self.env._(
                "%(numbers)s and %(count)s more",
                numbers=text,
                count=len(names) - shown,
            )
        return text

    # -------------------------------------------------------------------------
    # HOW THEY COME IN
    # -------------------------------------------------------------------------

    @api.model
    def _of_submission(self, page, once):
        """The reply that a form made, in sudo; empty where it made none.

        :param page: AnswerPage
        :param once: what the form carried
        """
        replies = page.account.env["dso.reply"].sudo()  # of who sent it only
        return replies.search([("submission", "=", page.submission(once))])

    @api.model
    def _receive(self, page, once, situations, text, files):
        """Note what was answered on a page, once.

        Nothing of what an outsider sends changes an item here; what a company accepts
        at once goes through :meth:`_accept_at_once`.

        :param page: AnswerPage
        :param once: what the form carried, to know it again
        :param situations: list of dicts: said, status_id, promise_date, instalments,
            every, paid_on, reference, resolution, and items: list of (id of the entry,
            its number, currency id, amount), all of the page's own account
        :param text: what was typed, may be empty
        :param files: list of (name, content, mimetype), types and sizes checked
        :return: the dso.reply in sudo, the earlier one when the form was sent twice
        """
        known = self._of_submission(page, once)
        if known:
            return known
        try:
            with self.env.cr.savepoint():
                reply = self._insert_answer(page, once, situations, text, files)
        except psycopg2.errors.UniqueViolation:
            # sent twice at the same time: the other one is there after this request
            return self._of_submission(page, once)
        self._after_answer(reply)
        return reply

    def _insert_answer(self, page, once, situations, text, files):
        engine = self.sudo().with_context(dso_engine=ENGINE)  # who writes was checked
        attachments = (
            engine.env["ir.attachment"]
            .with_context(dso_engine=None)
            .create(
                [
                    {
                        "name": name,
                        "raw": content,
                        "mimetype": mimetype,
                        "res_model": self._name,
                        "public": False,
                    }
                    for name, content, mimetype in files
                ]
            )
        )
        kinds = {PROPOSES.get(one["said"]) for one in situations}
        kind = kinds.pop() if len(kinds) == 1 else None
        dates = {one["promise_date"] for one in situations if one["promise_date"]}
        reply = engine.create(
            {
                "account_id": page.account.id,
                "action_id": page.action.id,
                "source": "internal" if page.internal else "page",
                "partner_id": page.reader.id,
                "email_from": page.reader.email_normalized,
                "body": text or False,
                "token_id": page.token and page.token.id,
                "submission": page.submission(once),
                "attachment_ids": [Command.set(attachments.ids)],
                "move_ids": [
                    Command.set(
                        [item[0] for one in situations for item in one["items"]]
                    )
                ],
                "proposed_type": kind,
                "proposed_promise_date": dates.pop()
                if kind == "promise_to_pay" and len(dates) == 1
                else False,
                "line_ids": [
                    Command.create(
                        {
                            "situation": number,
                            "move_id": move_id,
                            "move_name": name,
                            "currency_id": currency_id,
                            "amount": amount,
                            **{
                                name: one[name]
                                for name in (
                                    "said",
                                    "status_id",
                                    "promise_date",
                                    "instalments",
                                    "every",
                                    "paid_on",
                                    "reference",
                                    "resolution",
                                )
                            },
                        }
                    )
                    for number, one in enumerate(situations, 1)
                    for move_id, name, currency_id, amount in one["items"]
                ],
            }
        )
        # attachments of the new reply only, so that who reads it reads them
        attachments.res_id = reply.id
        self.env.flush_all()
        return reply.with_context(dso_engine=None)

    @api.model
    def _after_answer(self, reply):
        """What follows an answer by itself. It may fail: the answer stays."""
        for follow in (reply._accept_at_once, reply._file_comment, reply._confirm):
            try:
                with self.env.cr.savepoint():
                    follow()
            except psycopg2.OperationalError:
                raise  # a conflict: the whole request is done again
            except Exception:
                _logger.exception("What follows reply %s failed", reply.id)

    def action_close_dispute(self):
        """Open the window that closes disputes, with what a colleague proposed."""
        proposed = self.line_ids.filtered(
            lambda line: line.resolution and line._is_open()
        )
        return self._open_window(
            "dso_dispute_close_action",
            outcome=proposed[:1].resolution,
            comment=self.body,
        )

    # -------------------------------------------------------------------------
    # PROMISES IN SEVERAL PAYMENTS
    # -------------------------------------------------------------------------

    def _plan_lines(self):
        """The answers of the first situation that offers several payments and that
        nobody took up yet, which may be empty: dso.reply.line."""
        lines = self.line_ids.filtered(
            lambda line: line.instalments and line._is_open()
        )
        by_situation = lines.sorted("situation").grouped("situation")
        return next(iter(by_situation.values()), lines)

    def action_make_plan(self):
        """Open the window that agrees on a payment plan, as the customer offers it.

        :raise AccessError: for a user who is no collector
        """
        lines = self._plan_lines()
        first = lines[:1]
        offered = {
            "count": first.instalments,
            "every": first.every,
            "first_date": first.promise_date,
            "comment": self.body,
        }
        if len(lines.currency_id) == 1 and any(lines.mapped("amount")):
            offered["amount"] = sum(lines.mapped("amount"))
        return self._open_window("dso_payment_plan_action", **offered)

    def _plan_items(self, chosen):
        """Of the items of its customer those that an offer of this reply is about.

        :param chosen: {dso.account: ids of the entries to tick}
        :return: the same of one account, for :meth:`dso.wizard.item._commands`
        """
        ids = set(self._plan_lines().move_id.ids)
        for account in chosen:
            if ids & {row["move_id"] for row in account._item_rows()}:
                return {account: ids}
        return chosen

    def _plan_made(self, qualifications):
        """A plan was agreed on: the reply is dealt with once nothing else is open.

        :param qualifications: dso.qualification rows of its items
        """
        self.check_access("read")
        self._answered_by(qualifications)
        if not self._next_situation() and self.env.user.has_group(
            "dso_collection.group_collector"
        ):
            self._qualified()

    # -------------------------------------------------------------------------
    # WHAT ITS AUTHOR SEES
    # -------------------------------------------------------------------------

    def _received_on(self):
        """The day on which this reply came in, where its company is."""
        self.ensure_one()
        zone = self.company_id._dso_timezone().zone
        return fields.Datetime.context_timestamp(
            self.with_context(tz=zone), self.date
        ).date()

    def _answer_values(self):
        """This reply as its author reads it: texts only.

        :return: dict with date, situations (list of dicts: words, items, outcome),
            text, files (names)
        """
        self.ensure_one()
        lines = []
        for situation in self._situations():
            outcomes = list(dict.fromkeys(situation["lines"].mapped("outcome")))
            lines.append(
                {
                    "words": situation["words"],
                    "items": situation["items"],
                    "outcome": " / ".join(filter(None, outcomes)),
                }
            )
        return {
            "date": format_date(self.env, self._received_on()),
            "situations": lines,
            "text": self.body or "",
            "files": self.attachment_ids.mapped("name"),
            "outcome": ""
            if lines
            else self.env._("Received, will be read")
            if self.state == "to_process"
            else self.env._("Read"),
        }

    @api.model
    def _earlier_answers(self, page):
        """The last answers that a reader gave on his pages: of nobody else.

        :param page: AnswerPage
        :return: list of :meth:`_answer_values`, the newest first
        """
        domain = (
            Domain("account_id", "=", page.account.id)
            & Domain("partner_id", "=", page.reader.id)
            & Domain("source", "=", "internal" if page.internal else "page")
        )
        if page.internal:
            # a colleague sees what concerns the request that he was sent
            domain &= Domain("action_id", "=", page.action.id)
        replies = page.account.env["dso.reply"].sudo()  # his own: who reads was checked
        return [reply._answer_values() for reply in replies.search(domain, limit=SHOWN)]
