"""What the assistant makes of one reply: the queue, and how it is read."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from odoo.addons.dso_collection.models.dso_reply_line import PROPOSES

from ..engine.apart import EngineDied, EngineTimeout, Reader
from ..engine.decide import UNSURE
from ..engine.embedded import EmbeddedEngine
from ..engine.types import MessageIn

_logger = logging.getLogger(__name__)
#: A reply whose reading failed or was cut so often waits for a person.
MAX_ATTEMPTS = 3
#: After so long a reading that did not end is taken up again.
RETRY = timedelta(minutes=15)
#: Replies of one customer that are read within a day.
MOST_A_DAY = 60
#: Characters of the source of an e-mail up to which it is read as it came in.
MAX_SOURCE = 200_000
#: Doubts with which no status is proposed: somebody may want it to be.
NO_STATUS = {"hidden", "instructions", "paid_later"}
#: The reason that a button of the page says by itself.
SAID_REASON = {"paid": "already_paid", "processing": "in_process"}


class DsoMaiaProposal(models.Model):
    """What the engine proposes for one reply, kept as it was proposed.

    A row is queued when a reply comes in and read by a job of its own; a person
    decides on each of its situations (rules.md §8). Written by the product only.
    """

    _name = "dso.maia.proposal"
    _description = "Proposal of MAIA"
    _order = "id desc"
    _rec_name = "reply_id"

    reply_id = fields.Many2one(
        "dso.reply", "Reply", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="reply_id.company_id", store=True, index=True)
    account_id = fields.Many2one(related="reply_id.account_id")
    source = fields.Selection(related="reply_id.source")
    state = fields.Selection(
        [
            ("queued", "Waits to be read"),
            ("ready", "Read"),
            ("failed", "Could not be read"),
            ("skipped", "Not read"),
        ],
        required=True,
        default="queued",
        readonly=True,
    )
    attempts = fields.Integer(readonly=True, default=0, aggregator=None)
    claimed_on = fields.Datetime(
        "Taken up on", readonly=True, help="A job reads it, or was cut doing so."
    )
    error = fields.Char("What went wrong", readonly=True)
    read_on = fields.Datetime("Read on", readonly=True)
    engine = fields.Char(
        readonly=True, help="Name and version of what proposed it, and of its model."
    )
    lang = fields.Char(
        "Language", readonly=True, help="Of the author's words, ISO 639-1."
    )
    confidence = fields.Float(
        readonly=True,
        aggregator="avg",
        help="How often such proposals are right, 0 to 1; of the reply as a whole.",
    )
    probabilities = fields.Json(
        readonly=True, help="{status type: probability} of the reply as a whole."
    )
    doubts = fields.Json(
        readonly=True, help="Codes of engine/decide.py; with any, look closely."
    )
    doubtful = fields.Boolean("Look closely", readonly=True)
    doubt_text = fields.Char("Why", compute="_compute_doubt_text")
    item_ids = fields.One2many(
        "dso.maia.proposal.item", "proposal_id", "Situations", readonly=True
    )

    _reply_uniq = models.Constraint(
        "UNIQUE(reply_id)", "This reply has its proposal already."
    )
    # what the job looks for
    _queued_idx = models.Index("(attempts, id) WHERE state = 'queued'")

    @api.depends("doubts")
    @api.depends_context("lang")
    def _compute_doubt_text(self):
        words = {
            "unsure": self.env._("the words may mean something else"),
            "no_date": self.env._("a promise without a day"),
            "paid_later": self.env._("said to be paid, on a day that is still to come"),
            "hidden": self.env._("it has words that no reader sees"),
            "instructions": self.env._("it gives orders to software"),
            "not_open": self.env._("it names an invoice that is not open here"),
            "several": self.env._("a number or an amount fits several items"),
            "disagree": self.env._("two readers understand it differently"),
        }
        for proposal in self:
            proposal.doubt_text = ", ".join(
                words[code] for code in proposal.doubts or () if code in words
            )

    # -------------------------------------------------------------------------
    # THE QUEUE
    # -------------------------------------------------------------------------

    @api.model
    @api.private
    def _queue(self, replies):
        """Let the job read these replies, those again that were not read yet.

        :param replies: dso.reply; callers check who may
        """
        # rows of the product; callers checked their right to these replies
        proposals = self.sudo()
        known = proposals.search([("reply_id", "in", replies.ids)])
        known.filtered(lambda p: p.state in ("failed", "skipped")).write(
            {"state": "queued", "attempts": 0, "claimed_on": False, "error": False}
        )
        new = replies - known.reply_id
        proposals.create([{"reply_id": reply.id} for reply in new])
        if replies:
            # its cron, which the caller cannot read
            self.env.ref("dso_collection_maia.ir_cron_maia_read").sudo()._trigger()

    @api.model
    def _cron_read(self):
        """Read what waits, one reply after the other, each in its own transaction.

        What breaks or kills the reading of one reply is counted before it begins, so
        that it neither stops the others nor comes back for ever. The engine runs in a
        process of its own, which is ended when it hangs.
        """
        with Reader() as reader:
            self.with_context(dso_maia_reader=reader)._read_waiting()

    @api.model
    def _read_waiting(self):
        cron = self.env["ir.cron"]
        left = self.search_count([("state", "=", "queued")])
        while proposal := self._claim():
            left = max(left - 1, 0)
            # kept, should reading it kill the job
            cron._commit_progress(remaining=left + 1)
            if proposal.try_lock_for_update():
                proposal._read_or_fail()
            if not cron._commit_progress(1, remaining=left):
                break

    @api.model
    def _claim(self):
        """Take up the next reply that no other job reads; may be empty."""
        self.flush_model(["state", "attempts", "claimed_on"])
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE dso_maia_proposal
                   SET attempts = attempts + 1, claimed_on = %(now)s
                 WHERE id = (SELECT id FROM dso_maia_proposal
                              WHERE state = 'queued'
                                AND (claimed_on IS NULL OR claimed_on <= %(cut)s)
                           ORDER BY attempts, id
                              LIMIT 1
                                FOR UPDATE SKIP LOCKED)
             RETURNING id
                """,
                now=now,
                cut=now - RETRY,
            )
        )
        proposal = self.browse(row[0] for row in rows)
        proposal.invalidate_recordset(["attempts", "claimed_on"], flush=False)
        return proposal

    def _read_or_fail(self):
        """Read this reply, or note why not; nothing that breaks it stops another."""
        self.ensure_one()
        if self.attempts > MAX_ATTEMPTS:
            self._fail(self.env._("Reading it was interrupted several times."))
            return
        try:
            with self.env.cr.savepoint():
                self._read()
        except Exception as error:
            # an engine may raise anything; what it was is in the log
            _logger.exception("Reading reply %s", self.reply_id.id)
            if self.attempts >= MAX_ATTEMPTS:
                self._fail(self._in_plain_words(error))
            else:
                cron = self.env.ref("dso_collection_maia.ir_cron_maia_read")
                cron._trigger(fields.Datetime.now() + RETRY)

    @api.model
    def _in_plain_words(self, error):
        """What went wrong, without a word of the message."""
        if isinstance(error, EngineTimeout):
            return self.env._("The engine took too long.")
        if isinstance(error, EngineDied):
            return self.env._("The engine broke down while it read.")
        return self.env._("The engine could not read it: %s", type(error).__name__)

    def _fail(self, error):
        self.write({"state": "failed", "error": error})

    def _why_not(self):
        """Why a reply is not read, in words; empty when it is."""
        reply = self.reply_id
        if reply.state != "to_process" or reply.erased_at:
            return self.env._("Somebody took up the reply before it was read.")
        if not self._text():
            return self.env._("There is no text to read.")
        same_day = self.search_count(
            Domain("account_id", "=", reply.account_id.id)
            & Domain("id", "!=", self.id)
            & Domain("read_on", ">", fields.Datetime.now() - timedelta(days=1)),
            limit=MOST_A_DAY,
        )
        if same_day >= MOST_A_DAY:
            return self.env._(
                "More than %s replies of this customer within a day.", MOST_A_DAY
            )
        return ""

    # -------------------------------------------------------------------------
    # READING
    # -------------------------------------------------------------------------

    @api.model
    def _engine(self, company):
        """What reads the replies of a company.

        :param company: res.company, the root of an account
        :return: an object with ``name``, and ``analyze(message, context)`` that gives
            an :class:`..engine.types.Proposal`
        """
        reader = self.env.context.get("dso_maia_reader")  # of the job that reads
        model = self._model(company)
        return reader.engine(model) if reader else EmbeddedEngine(model=model)

    @api.model
    def _model(self, company):
        """The learnt model of a company; None for the shipped one.

        :return: :class:`..engine.model.Model` or None
        """
        return self.env["dso.maia.model"]._of_company(company)

    def _text(self):
        """What is read: an e-mail as it came in, unless it is too long."""
        reply = self.reply_id
        source = str(reply.mail_message_id.body or "")
        if 0 < len(source) <= MAX_SOURCE:
            return source
        return reply.body or ""

    def _message(self, said=None):
        """This reply as the engine takes it.

        :param said: status type that the author chose by a button
        """
        reply = self.reply_id
        author = reply.partner_id or reply.account_id.partner_id
        prior = (author.lang or "")[:2]
        return MessageIn(
            text=self._text(),
            received_on=reply._received_on(),
            # English is Odoo's own default: it says nothing about the author
            prior=prior if prior != "en" else None,
            automatic=reply.automatic,
            said=said,
        )

    def _read(self):
        """Read this reply, and keep what the engine proposes."""
        why_not = self._why_not()
        if why_not:
            self.write({"state": "skipped", "error": why_not})
            return
        reply = self.reply_id
        engine = self._engine(reply.company_id)
        context = reply.account_id._maia_context()
        situations = [s for s in reply._situations() if s["said"] in PROPOSES]
        if situations:
            # the author's own buttons win over his words
            read = [
                (one, engine.analyze(self._message(PROPOSES[one["said"]]), context))
                for one in situations
            ]
            found = read[0][1]
            items = [self._of_button(one, proposal) for one, proposal in read]
        else:
            found = engine.analyze(self._message(reply.proposed_type or None), context)
            items = self._of_words(found)
        doubts = list(found.doubts)
        self.write(
            {
                "state": "ready",
                "error": False,
                "read_on": fields.Datetime.now(),
                "engine": found.engine,
                "lang": found.lang,
                "confidence": found.confidence,
                "probabilities": found.probabilities,
                "doubts": doubts,
                "doubtful": bool(doubts),
                "item_ids": [
                    Command.clear(),
                    *(
                        Command.create({**values, "sequence": number})
                        for number, values in enumerate(items, 1)
                    ),
                ],
            }
        )

    def _of_button(self, situation, found):
        """Values of a situation that the author chose himself on a page.

        :param situation: dict of :meth:`dso.reply._situations`
        :param found: what the engine says of it, within the chosen type
        """
        lines = situation["lines"]
        first = lines[0]
        code = SAID_REASON.get(first.said, found.reason)
        reason = self.env["dso.maia.reason"]._of(found.status_type, code)
        amount = sum(lines.mapped("amount")) if len(lines.currency_id) == 1 else 0
        own = first.status_id.active and first.status_id
        return {
            "situation": first.situation,
            "status_type": found.status_type,
            "reason_id": reason.id,
            "status_id": (own or reason._status(self.company_id)).id,
            "move_ids": [Command.set(lines.move_id.ids)],
            "promise_date": first.promise_date,
            "promise_amount": amount if first.said == "promise" else 0,
            "currency_id": lines.currency_id[:1].id,
            "confidence": max(found.reasons.values(), default=0.0),
            "evidence": "\n".join(found.evidence) or False,
        }

    def _of_words(self, found):
        """Values of the situations that a text tells of, one for each."""
        if not found.items:
            evidence = "\n".join(found.evidence)
            return [self._values(found, found, self._moves_of(found), evidence)]
        groups = {}
        for item in found.items:
            key = (item.status_type, item.reason, item.promise_date)
            groups.setdefault(key, []).append(item)
        return [
            self._values(
                found,
                group[0],
                self._moves(open_item for one in group for open_item in one.items),
                "\n".join(dict.fromkeys(one.sentence for one in group)),
                numbers=[one.number for one in group],
                confidence=min(one.confidence for one in group),
                amounts={one.promise_amount for one in group},
            )
            for group in groups.values()
        ]

    def _values(self, found, one, moves, evidence, numbers=None, **of_group):
        """Values of one situation.

        :param found: :class:`..engine.types.Proposal` of the whole message
        :param one: it, or one of its :class:`..engine.types.ItemProposal`
        :param moves: account.move, the items that it is about
        """
        confidence = of_group.get("confidence", one.confidence)
        amounts = of_group.get("amounts", {one.promise_amount})
        reason = self.env["dso.maia.reason"]._of(one.status_type, one.reason)
        sure = confidence >= UNSURE and not NO_STATUS & set(found.doubts)
        status = reason._status(self.company_id) if sure else reason.status_ids[:0]
        currencies = self.env["res.currency"].with_context(active_test=False)
        currency = currencies.search([("name", "=", one.currency or "")], limit=1)
        return {
            "status_type": one.status_type,
            "reason_id": reason.id,
            "status_id": status.id,
            "move_ids": [Command.set(moves.ids)],
            "numbers": ", ".join(numbers or found.invoice_numbers) or False,
            "promise_date": one.promise_date,
            # one amount that is said of several items is not one of each
            "promise_amount": float((len(amounts) == 1 and amounts.pop()) or 0),
            "currency_id": (currency or self._currency_of(moves)).id,
            "confidence": confidence,
            "evidence": evidence or False,
        }

    @api.model
    def _moves(self, open_items):
        """The entries behind open items of the engine."""
        ids = dict.fromkeys(item.key[1] for item in open_items)
        return self.env["account.move"].browse(ids)

    @api.model
    def _currency_of(self, moves):
        """The one currency of entries, which an amount without a sign is in."""
        currencies = moves.currency_id
        return currencies if len(currencies) == 1 else currencies.browse()

    def _moves_of(self, found):
        """The items that a message is about as a whole.

        Those that it names; else those that its author ticked or its thread is about;
        else those of the message that it answers: of them the one whose open amount
        it names, if it names one (rules.md §8).
        """
        reading = found.reading
        named = self._moves(
            item
            for number in reading.numbers
            if len(number.items) == 1
            for item in number.items
        )
        if named or reading.numbers:
            return named
        known = self.reply_id.move_ids or self._answered_moves()
        by_amount = self._moves(evidence.item for evidence in reading.evidence)
        if by_amount and (not known or by_amount <= known):
            return by_amount
        return known

    def _answered_moves(self):
        """The open items of the message that this reply answers."""
        action = self.reply_id.action_id
        if not action:
            return self.env["account.move"]
        accounts = action.account_id | action.account_id.member_ids
        still_open = {row["move_id"] for row in accounts._item_rows()}
        claimed = action.line_ids.filtered("claimed").move_id or action.leader_id
        return claimed.filtered(lambda move: move.id in still_open)

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_undo(self):
        """Undo what was qualified by these proposals, and take their replies up again.

        :raise AccessError: for who may not process replies
        :raise UserError: when nothing stands, or an item was qualified again since
        """
        self.check_access("read")
        replies = self.reply_id
        replies._check_collector()
        replies.check_access("write")
        standing = self.item_ids.qualification_ids.filtered(lambda q: not q.undone)
        closed = replies.filtered(lambda reply: reply.state != "to_process")
        if not standing and not closed:
            raise UserError(self.env._("Nothing of this reply was decided yet."))
        if standing:
            standing.action_undo()
        if closed:
            closed.action_reopen()
        return True
