"""E-mails that came to the address for answers and belong to nobody we know."""

import base64
import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, email_normalize

from ..incoming import FRAUDS
from .dso_qualification import ENGINE
from .mail_thread import IncomingMail

#: Domains of providers, whose addresses say nothing about a company.
PROVIDERS = {
    *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com"),
    *("yahoo.com", "icloud.com", "me.com", "aol.com", "gmx.de", "gmx.net", "web.de"),
    *("t-online.de", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "libero.it"),
    *("seznam.cz", "wp.pl", "o2.pl", "onet.pl", "yahoo.co.jp", "qq.com", "163.com"),
    *("126.com", "proton.me", "protonmail.com", "hotmail.fr", "hotmail.it", "yahoo.fr"),
}
#: What looks like the number of an item.
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.\-]{3,30}[A-Za-z0-9]")
MAX_NUMBERS = 60
#: Words of a text among which names are looked for, words of a name, its least length,
#: and what may stand around it.
MAX_WORDS, NAME_WORDS, NAME_LENGTH = 1_000, 6, 5
SIGNS = " .,;:!?()[]<>\"'«»„“”、。，"
#: The same where words are not apart.
UNBROKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{4,400}")
NAME_SIGNS = 20
#: Characters of a text that a list shows.
EXCERPT = 160
#: Customers that are proposed.
MAX_SUGGESTIONS = 5
#: What counts more: an invoice number, the company's own domain, a name.
WEIGHTS = {"address": 8, "item": 5, "domain": 3, "name": 1}


class DsoReplyUnmatched(models.Model):
    """One e-mail without a customer. A person assigns it, which makes it a reply, or
    dismisses it; it holds nobody's actions meanwhile, and nobody answers it."""

    _name = "dso.reply.unmatched"
    _description = "Unmatched E-Mail"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    name = fields.Char("Subject", readonly=True)
    email_from = fields.Char("From", readonly=True)
    date = fields.Datetime("Received on", required=True, readonly=True)
    body = fields.Text("Text", readonly=True, help="What was said, as plain text.")
    excerpt = fields.Char("Beginning", compute="_compute_excerpt")
    original = fields.Html("Whole e-mail", compute="_compute_original", sanitize=False)
    mail_message_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null", ondelete="set null"
    )
    message_key = fields.Char("Message-Id", readonly=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Files", readonly=True)
    automatic = fields.Boolean("Automatic answer", readonly=True)
    stranger = fields.Boolean("Unknown sender", readonly=True)
    folded = fields.Boolean(readonly=True)
    fraud = fields.Selection(FRAUDS, "Possible fraud", readonly=True)
    failure = fields.Char(
        "Not read because", readonly=True, help="The e-mail itself is among its files."
    )
    suggestion_ids = fields.One2many(
        "dso.reply.suggestion", "unmatched_id", "Who it may be", readonly=True
    )
    account_id = fields.Many2one(
        "dso.account",
        "Customer",
        check_company=True,
        index="btree_not_null",
        domain="[('company_id', '=', company_id)]",
        ondelete="set null",
    )
    learn = fields.Boolean(
        "Remember the address", help="Adds the sender to the contacts of the customer."
    )
    state = fields.Selection(
        [
            ("open", "Unmatched"),
            ("assigned", "Assigned"),
            ("dismissed", "Dismissed"),
        ],
        default="open",
        required=True,
        readonly=True,
    )
    reply_id = fields.Many2one(
        "dso.reply", "Reply", readonly=True, index="btree_not_null", ondelete="set null"
    )
    user_id = fields.Many2one("res.users", "Processed by", readonly=True)

    _message_key_idx = models.UniqueIndex(
        "(company_id, message_key) WHERE message_key IS NOT NULL",
        "This e-mail has come in already.",
    )
    _open_idx = models.Index("(company_id, date) WHERE state = 'open'")

    @api.depends("name", "email_from")
    def _compute_display_name(self):
        for mail in self:
            mail.display_name = mail.name or mail.email_from or self.env._("E-mail")

    @api.depends("body", "failure")
    def _compute_excerpt(self):
        for mail in self:
            words = " ".join((mail.body or mail.failure or "").split())
            mail.excerpt = words[:EXCERPT]

    @api.depends("mail_message_id")
    def _compute_original(self):
        for mail in self:
            # who may read the e-mail may read all of it
            mail.original = mail.mail_message_id.sudo().body or False

    # -------------------------------------------------------------------------
    # COMING IN
    # -------------------------------------------------------------------------

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Made empty: the message that is posted next brings what it says."""
        values = {
            **(custom_values or {}),
            "name": msg_dict.get("subject"),
            "email_from": msg_dict.get("email_from"),
            "date": fields.Datetime.now(),
        }
        values.setdefault("company_id", self.env.company.root_id.id)
        made = self.with_context(dso_engine=ENGINE).create(values)
        return self.browse(made.id)

    def _message_post_after_hook(self, message, msg_vals):
        res = super()._message_post_after_hook(message, msg_vals)
        incoming = self.env.context.get("dso_incoming")
        if isinstance(incoming, IncomingMail) and message.message_type == "email":
            for mail in self.sudo():  # of the gateway, on its own record
                if not mail.mail_message_id:
                    mail._read_message(message, incoming)
        return res

    def _read_message(self, message, incoming):
        values = self.env["dso.reply"]._values_of_mail(
            message, False, self.company_id._dso_account_numbers()
        )
        self._engine().write(
            {**values, "automatic": incoming.automatic, "message_key": incoming.key}
        )
        self._suggest()

    @api.model
    def _keep_broken(self, company, raw, error, key):
        """Keep an e-mail that could not be read, whole, for a person; once.

        :param company: res.company, a root
        :param bytes raw: the message
        :param error: what went wrong
        :param key: its Message-Id
        """
        same = Domain("company_id", "=", company.id) & Domain("message_key", "=", key)
        known = self.sudo().search(same, limit=1)  # whether it is here already
        if known:
            return known
        mail = (
            self.sudo()  # of the gateway, for whose address the company is known
            .with_context(dso_engine=ENGINE)
            .create(
                {
                    "company_id": company.id,
                    "name": self.env._("An e-mail that could not be read"),
                    "date": fields.Datetime.now(),
                    "stranger": True,
                    "message_key": key,
                    "failure": " ".join(str(error).split())[:200]
                    or type(error).__name__,
                }
            )
        )
        mail._engine().attachment_ids = [
            Command.create(
                {
                    "name": "message.eml",
                    "datas": base64.b64encode(raw),
                    "mimetype": "application/octet-stream",
                    "res_model": self._name,
                    "res_id": mail.id,
                }
            )
        ]
        return mail

    # -------------------------------------------------------------------------
    # SUGGESTIONS
    # -------------------------------------------------------------------------

    def _suggest(self):
        """Note which customers it may be, by what it says and where it comes from."""
        self.ensure_one()
        reasons = {}
        for why, accounts in (
            ("address", self._accounts_by_address()),
            ("item", self._accounts_by_numbers()),
            ("domain", self._accounts_by_domain()),
            ("name", self._accounts_by_name()),
        ):
            for account, words in accounts.items():
                reasons.setdefault(account, []).append((why, words))
        ranked = sorted(
            reasons,
            key=lambda a: (-sum(WEIGHTS[why] for why, _w in reasons[a]), a.id),
        )[:MAX_SUGGESTIONS]
        self.env["dso.reply.suggestion"].sudo().create(  # of the gateway's own record
            [
                {
                    "unmatched_id": self.id,
                    "account_id": account.id,
                    "sequence": place,
                    "because": reasons[account][0][0],
                    "words": ", ".join(words for _why, words in reasons[account]),
                }
                for place, account in enumerate(ranked)
            ]
        )

    def _accounts_by_address(self):
        address = email_normalize(self.email_from or "")
        if not address:
            return {}
        found = self.env["dso.account"]._of_address(address, self.company_id)
        return dict.fromkeys(found, address)

    def _accounts_by_numbers(self):
        """Accounts of whose items the text names a number or a reference."""
        numbers = NUMBER.findall(f"{self.name or ''} {self.body or ''}")
        numbers = [n for n in numbers if any(sign.isdigit() for sign in n)]
        numbers = list(dict.fromkeys(numbers))[:MAX_NUMBERS]
        if not numbers:
            return {}
        moves = self.env["account.move"].search(
            Domain("company_id", "child_of", self.company_id.id)
            & Domain("state", "=", "posted")
            & Domain("name", "in", numbers),
            limit=MAX_NUMBERS,
        )
        return self._accounts_of(
            {move.commercial_partner_id: move.name for move in moves}
        )

    def _accounts_by_domain(self):
        address = email_normalize(self.email_from or "")
        name = address and address.partition("@")[2]
        if not name or name in PROVIDERS:
            return {}
        contacts = self.env["res.partner"].search(
            [("email_normalized", "=like", f"%@{_escaped(name)}")], limit=100
        )
        return self._accounts_of(
            dict.fromkeys(contacts.commercial_partner_id, f"@{name}")
        )

    def _accounts_by_name(self):
        """Accounts whose name stands in the text, the subject or the sender's name."""
        parts = (self.email_from, self.name, self.body)
        names = _names_in(" ".join(filter(None, parts)))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id, p.name
                  FROM dso_account a
                  JOIN res_partner p ON p.id = a.partner_id
                 WHERE a.company_id = %(company)s
                   AND btrim(lower(p.name), %(signs)s) = ANY(%(names)s)
              ORDER BY length(p.name) DESC, a.id
                 LIMIT %(limit)s
                """,
                company=self.company_id.id,
                signs=SIGNS,
                names=names,
                limit=MAX_SUGGESTIONS,
            )
        )
        return {self.env["dso.account"].browse(row[0]): row[1] for row in rows}

    def _accounts_of(self, words_of):
        """{account: words} of {commercial partner: words}, of this company."""
        ids = [partner.id for partner in words_of]
        accounts = self.env["dso.account"].search(
            [("company_id", "=", self.company_id.id), ("partner_id", "in", ids)]
        )
        return {account: words_of[account.partner_id] for account in accounts}

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def write(self, vals):
        if self.env.context.get("dso_engine") is not ENGINE and set(vals) - {
            "account_id",
            "learn",
            "message_follower_ids",
        }:
            raise UserError(
                self.env._("An e-mail stays as it came in: assign or dismiss it.")
            )
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("dso_engine") is not ENGINE:
            raise UserError(self.env._("E-mails come in by themselves."))
        return super().create(vals_list)

    def _engine(self):
        """These e-mails with the right to write what users may not."""
        return self.sudo().with_context(dso_engine=ENGINE)  # callers check access

    def _claim(self):
        """Lock e-mails that are still open, for a user who may process them.

        :raise AccessError: for whoever may not
        :raise UserError: when one was processed meanwhile
        """
        self.env["dso.reply"]._check_collector()
        self.check_access("write")
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                "SELECT id FROM dso_reply_unmatched WHERE id = ANY(%s) ORDER BY id"
                " FOR UPDATE",
                self.ids,
            )
        )
        self.invalidate_recordset(["state", "user_id"])
        for mail in self:
            if mail.state != "open":
                raise UserError(
                    self.env._(
                        "%(mail)s was already processed by %(user)s.",
                        mail=mail.display_name,
                        user=mail.user_id.name,
                    )
                )

    def action_assign(self):
        """Make an e-mail a reply of its customer; open the reply."""
        self.ensure_one()
        self._claim()
        account = self.account_id
        if not account:
            raise UserError(self.env._("Choose the customer first."))
        account.check_access("read")
        Reply = self.env["dso.reply"]
        if self.learn:
            if self.fraud:
                raise UserError(
                    self.env._(
                        "This e-mail may be a fraud: its address is not remembered by"
                        " itself."
                    )
                )
            Reply._learn(account, self.email_from)
        reply = self._engine()._make_reply(account)
        self._engine().write(
            {"state": "assigned", "reply_id": reply.id, "user_id": self.env.uid}
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.reply",
            "res_id": reply.id,
            "view_mode": "form",
        }

    def _make_reply(self, account):
        """The reply that this e-mail is, once its customer is known."""
        Reply = self.env["dso.reply"]
        message = self.mail_message_id
        if message:
            found = Reply.search(
                [
                    ("account_id", "=", account.id),
                    ("message_key", "=", self.message_key),
                ]
            )
            return found or Reply._note_mail(
                message,
                account,
                self.env["dso.action"],
                automatic=self.automatic,
                key=self.message_key,
            )
        return Reply.create(
            {
                "account_id": account.id,
                "source": "mail",
                "name": self.name,
                "body": self.failure,
                "stranger": True,
                "attachment_ids": [Command.set(self.attachment_ids.ids)],
            }
        )

    def action_dismiss(self):
        """Put e-mails aside that have nothing to do with what is owed."""
        self._claim()
        self._engine().write({"state": "dismissed", "user_id": self.env.uid})
        return True

    def action_reopen(self):
        """Take up dismissed e-mails once more."""
        self.env["dso.reply"]._check_collector()
        self.check_access("write")
        dismissed = self.filtered(lambda mail: mail.state == "dismissed")
        dismissed._engine().write({"state": "open", "user_id": False})
        return True

    def action_open_reply(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.reply",
            "res_id": self.reply_id.id,
            "view_mode": "form",
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("E-mails are kept: dismiss what has nothing to do with you.")
        )


def _escaped(text):
    return re.sub(r"([\\%_])", r"\\\1", text)


def _names_in(text):
    """What of a text may be a name, in lower case: so many that each can be looked up,
    which takes as long for a hundred thousand customers as for a few.

    Where words are not apart, as in Chinese and Japanese, it is any run of characters.
    """
    words = text.lower().split()[:MAX_WORDS]
    runs = [
        " ".join(words[start : start + length]).strip(SIGNS)
        for start in range(len(words))
        for length in range(1, NAME_WORDS + 1)
    ]
    names = {run for run in runs if len(run) >= NAME_LENGTH}
    for run in UNBROKEN.findall(" ".join(words)):
        names.update(
            run[start : start + length]
            for start in range(len(run) - 3)
            for length in range(4, NAME_SIGNS + 1)
        )
    return list(names)
