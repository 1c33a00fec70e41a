"""What the mail gateway brings: taken in once, and none of it lost."""

import email
import email.policy
import hashlib
import logging
import re
from ast import literal_eval
from dataclasses import dataclass

import psycopg2

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize, email_split

from ..incoming import is_automatic

_logger = logging.getLogger(__name__)

#: Messages of a conversation that are looked for, the latest ones.
MAX_REFERENCES = 32
#: Unique indexes whose violation says: it has come in already.
TAKEN_IN = ("dso_reply_message_key_idx", "dso_reply_unmatched_message_key_idx")
UNMATCHED = "dso.reply.unmatched"
#: Where the headers of a message end; its Message-Id among them.
END_OF_HEAD = re.compile(rb"\n\r?\n")
MESSAGE_ID = re.compile(rb"^message-id[ \t]*:.*(?:\n[ \t].*)*(?:\n|\Z)", re.I | re.M)
#: Threads to which answers of customers come.
OURS = ("dso.action", "dso.account", UNMATCHED)


@dataclass(frozen=True)
class IncomingMail:
    """What is known of the e-mail that the gateway is taking in, under the context key
    ``dso_incoming``.

    Of a class of its own, so that no remote caller can put one into a context.
    """

    automatic: bool
    references: tuple
    key: str


class FetchState:
    """Whether the message that is being fetched is settled, under ``dso_fetch``.

    It is when its transaction was committed, or when it failed for good.
    """

    def __init__(self):
        self.pending = False

    def settle(self):
        self.pending = False


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_process(self, model, message, *args, **kwargs):
        """A message without an id gets that of its content, so that it is known when it
        comes again. What fails is left to the next run when another transaction was in
        its way; what is for us and fails for another reason is kept for a person."""
        raw = _bytes_of(message)
        head = email.message_from_bytes(raw, policy=email.policy.SMTP)
        if not _header(head, "Message-Id"):
            raw = _with_id_of_content(raw)
            head = email.message_from_bytes(raw, policy=email.policy.SMTP)
        state = self.env.context.get("dso_fetch")
        if not isinstance(state, FetchState):
            state = FetchState()
        state.pending = True
        try:
            with self.env.cr.savepoint():
                result = super().message_process(model, raw, *args, **kwargs)
        except psycopg2.errors.UniqueViolation as error:
            if (error.diag.constraint_name or "") not in TAKEN_IN:
                state.settle()
                raise
            _logger.info("Ignored a mail that another process took in: %s", error)
            result = False
        except psycopg2.OperationalError:
            raise  # another transaction was in the way: it stays on its server
        except Exception as error:
            company = self._dso_company_of(head)
            if not company:
                state.settle()
                raise
            _logger.warning("An e-mail could not be taken in", exc_info=True)
            key = _header(head, "Message-Id")
            result = self.env[UNMATCHED]._keep_broken(company, raw, error, key).id
        self.env.cr.postcommit.add(state.settle)
        return result

    @api.model
    def message_route(self, message, message_dict, *args, **kwargs):
        """What comes to a company's address for answers goes to its customer, where he
        can be told; so does what nobody reads, at an address for answers only."""
        if routes := self._dso_catchall_route(message_dict):
            return routes
        routes = super().message_route(message, message_dict, *args, **kwargs)
        if message_dict.get("is_bounce") and not message_dict.get("bounced_message"):
            # of none of our messages: Odoo would drop it
            routes = routes or self._dso_alias_routes(message_dict)
        return self._dso_once_each(
            [self._dso_matched_route(message_dict, route) for route in routes]
        )

    @api.model
    def _detect_loop_sender(self, message, message_dict, routes):
        """Nobody is answered by itself here, so that no loop can come about; and what
        Odoo takes for one, it throws away."""
        others = [route for route in routes or () if route[0] not in OURS]
        if routes and not others:
            return False
        return super()._detect_loop_sender(message, message_dict, others)

    def _message_route_process(self, message, message_dict, routes):
        """Customers and actions learn what came; an absence holds nothing."""
        incoming = IncomingMail(
            automatic=bool(message_dict.get("is_bounce"))
            or is_automatic(message, message_dict.get("subject")),
            references=tuple(_references(message_dict)),
            key=message_dict["message_id"],
        )
        thread = self.with_context(dso_incoming=incoming)
        return super(MailThread, thread)._message_route_process(
            message, message_dict, routes
        )

    # -------------------------------------------------------------------------
    # TO WHOM IT BELONGS
    # -------------------------------------------------------------------------

    @api.model
    def _dso_matched_route(self, message_dict, route):
        """The route to a customer in place of that to the unmatched, if he is known."""
        model, thread_id, values, user_id, alias = route
        if model != UNMATCHED:
            return route
        company = self.env["res.company"].browse((values or {}).get("company_id"))
        record = self._dso_answered(message_dict)
        if thread_id:
            # he writes again to an e-mail of his that nobody knew: an e-mail like it
            earlier = self.env[UNMATCHED].sudo().browse(thread_id)  # of the gateway
            company = earlier.company_id
            values = {**(values or {}), "company_id": company.id}
            record = record or earlier.reply_id.account_id
        record = record or self._dso_of_sender(message_dict, company)
        if not record:
            return model, False, values, user_id, alias
        return record._name, record.id, None, user_id, alias

    @api.model
    def _dso_once_each(self, routes):
        """Routes of which no two lead to the same customer: an e-mail to several of our
        addresses is one reply of his, to the message that it answers if there is one;
        and where a customer is known, it does not wait among the unmatched, too."""
        threads = {"dso.action": [], "dso.account": [], UNMATCHED: []}
        others, accounts = [], set()
        for route in routes:
            threads.get(route[0], others).append(route)
        kept = []
        for model in ("dso.action", "dso.account"):
            for route in threads[model]:
                record = self.env[model].sudo().browse(route[1])  # of the gateway
                account = record.account_id if model == "dso.action" else record
                if account not in accounts:
                    accounts.add(account)
                    kept.append(route)
        if not kept:
            kept = threads[UNMATCHED][:1]
        return others + kept

    @api.model
    def _dso_catchall_route(self, message_dict):
        """A route for what Odoo would send back: an answer to one of our messages that
        lost its references, from a contact of one customer only. Else nothing."""
        if message_dict.get("is_bounce") or not self._detect_write_to_catchall(
            message_dict
        ):
            return []
        refs = _references(message_dict)
        known = refs and self.env["mail.message"].sudo().search_count(
            [("message_id", "in", refs)], limit=1
        )  # whether Odoo knows the conversation
        company = self._dso_company_of_catchall(message_dict)
        if known or not company:
            return []
        account = self._dso_of_sender(message_dict, company)
        if not account:
            return []
        return [(account._name, account.id, None, self.env.uid, None)]

    @api.model
    def _dso_company_of_catchall(self, message_dict):
        addresses = _addresses(message_dict.get("to"))
        found = (
            self.env["mail.alias.domain"]
            .sudo()  # of the gateway, which routes by them
            .search([("name", "in", [a.partition("@")[2] for a in addresses])])
            .filtered(lambda domain: domain.catchall_email in addresses)
        )
        return found.company_ids.root_id[:1]

    @api.model
    def _dso_answered(self, message_dict):
        """The action or account whose message an e-mail answers; may be empty."""
        references = _references(message_dict)
        if not references:
            return None
        message = (
            self.env["mail.message"]
            .sudo()  # of the gateway: whoever answers a message has received it
            .search(
                Domain("message_id", "in", references)
                & Domain("model", "in", ("dso.action", "dso.account")),
                order="id desc",
                limit=1,
            )
        )
        record = message and message.env[message.model].browse(message.res_id).exists()
        return record or None

    @api.model
    def _dso_of_sender(self, message_dict, company):
        """The only account of a company that knows the sender's address; may be empty.

        :param company: res.company, a root
        """
        address = email_normalize(message_dict.get("email_from") or "")
        accounts = self.env["dso.account"].sudo()  # of the gateway: nothing is applied
        if not address:
            return accounts
        found = accounts._of_address(address, company)
        return found if len(found) == 1 else accounts

    @api.model
    def _dso_company_of(self, head):
        """Whose mail it is, by its addresses or what it answers; may be empty.

        :param head: email.message.EmailMessage that may be broken
        """
        values = {}
        for name, keys in {
            "recipients": ("To", "Cc", "Delivered-To"),
            "references": ("References", "In-Reply-To"),
        }.items():
            values[name] = " ".join(_header(head, key) for key in keys)
        record = self._dso_answered({"references": values["references"]})
        if record:
            return record.company_id
        return self.env["dso.account"]._company_of_alias(
            self._dso_aliases(values["recipients"])[:1]
        )

    @api.model
    def _dso_aliases(self, recipients):
        """Those of our aliases to which a message was sent."""
        return (
            self.env["mail.alias"]
            .sudo()  # of the gateway, which routes by them
            .search(
                Domain("alias_full_name", "in", _addresses(recipients))
                & Domain("alias_model_id.model", "in", ("dso.account", UNMATCHED))
            )
        )

    @api.model
    def _dso_alias_routes(self, message_dict):
        """Routes by our own aliases alone."""
        return [
            (
                alias.alias_model_id.model,
                alias.alias_force_thread_id,
                literal_eval(alias.alias_defaults),
                self.env.uid,
                alias,
            )
            for alias in self._dso_aliases(message_dict.get("recipients"))
        ]


def _bytes_of(message):
    if hasattr(message, "data"):  # of a remote caller
        return bytes(message.data)
    return message.encode() if isinstance(message, str) else message


def _with_id_of_content(raw):
    """A message with the id of its content in place of its own.

    :param bytes raw: the message
    """
    digest = hashlib.sha256(raw).hexdigest()[:40]
    end = END_OF_HEAD.search(raw)
    head = raw[: end.start() + 1] if end else raw
    # one that no parser reads would stop whoever looks at it next
    rest = MESSAGE_ID.sub(b"", head) + raw[len(head) :]
    return f"Message-Id: <{digest}@no-message-id>\r\n".encode() + rest


def _header(head, name):
    try:
        return " ".join(str(value) for value in head.get_all(name, []))
    except Exception:  # whatever a broken header makes of the parser
        return ""


def _references(message_dict):
    """The ids that a message says it answers, the latest last."""
    values = [message_dict.get(name) or "" for name in ("references", "in_reply_to")]
    return re.findall(r"<[^<>\s]+>", " ".join(values))[-MAX_REFERENCES:]


def _addresses(text):
    return [email_normalize(each) or each.lower() for each in email_split(text or "")]
