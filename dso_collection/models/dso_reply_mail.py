"""E-mails as replies: what their authors said, and what they came as."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import email_normalize, parse_contact_from_email

from ..incoming import FRAUDS, is_forwarded, own_words, suspicion
from .dso_qualification import ENGINE
from .mail_thread import IncomingMail

#: Characters of an answer that are kept as its text; all of it is in the original.
MAX_TEXT = 20_000


class DsoReply(models.Model):
    _inherit = "dso.reply"

    mail_message_id = fields.Many2one(
        "mail.message",
        "E-mail",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    message_key = fields.Char("Message-Id", readonly=True, copy=False)
    stranger = fields.Boolean(
        "Unknown sender",
        readonly=True,
        help="The address is not that of a contact of this customer.",
    )
    fraud = fields.Selection(
        FRAUDS,
        "Possible fraud",
        readonly=True,
        index="btree_not_null",
        help="Ask the customer by a telephone number that you knew before.",
    )
    folded = fields.Boolean(
        readonly=True, help="Quotes or a signature were left out of the text."
    )
    original = fields.Html("Whole e-mail", compute="_compute_original", sanitize=False)
    answered = fields.Html(
        "Message it answers", compute="_compute_answered", sanitize=False
    )

    _message_key_idx = models.UniqueIndex(
        "(account_id, message_key) WHERE message_key IS NOT NULL",
        "This e-mail has come in already.",
    )

    @api.depends("mail_message_id")
    def _compute_original(self):
        for reply in self:
            # who may read a reply may read what it came as
            reply.original = reply.mail_message_id.sudo().body or False

    @api.depends("action_id")
    def _compute_answered(self):
        messages = self.env["mail.message"].sudo()  # of the actions of these replies
        sent = {}
        if self.action_id:
            for message in messages.search(
                [
                    ("model", "=", "dso.action"),
                    ("res_id", "in", self.action_id.ids),
                    ("message_type", "=", "email_outgoing"),
                ],
                order="id",
            ):
                sent[message.res_id] = message.body
        for reply in self:
            reply.answered = sent.get(reply.action_id.id, False)

    # -------------------------------------------------------------------------
    # TAKING IN
    # -------------------------------------------------------------------------

    @api.model
    def _take_in(self, message, account, action=None):
        """Note what the mail gateway brings as a reply; what our own people write is
        none, unless they pass on what somebody else wrote.

        :param message: mail.message, posted just now
        :param account: dso.account to whose address or action it came
        :param action: dso.action that it answers; None = that of its references
        :return: the reply; may be empty
        """
        incoming = self.env.context.get("dso_incoming")
        if not isinstance(incoming, IncomingMail) or message.message_type != "email":
            return self.browse()
        account = account.sudo()  # of the gateway, on its own thread
        action = action or self._answered_action(incoming, account)
        if self._is_of_our_people(message, action):
            return self.browse()
        return self.sudo()._note_mail(  # of the gateway, as above
            message,
            account,
            action,
            automatic=incoming.automatic,
            key=incoming.key,
        )

    @api.model
    def _note_mail(self, message, account, action, automatic, key):
        """The reply that an e-mail is.

        :param message: mail.message that keeps its original and its files
        :param key: its Message-Id
        """
        author = self._contacts_at(account, message.email_from)[:1]
        values = self._values_of_mail(
            message,
            bool(author),
            account.company_id._dso_account_numbers() | self._account_numbers(account),
        )
        return self.with_context(dso_engine=ENGINE).create(
            {
                **values,
                "account_id": account.id,
                "action_id": action.id if action else False,
                "source": "mail",
                # the customer's own contact before anybody else of that address
                "partner_id": (author or message.author_id).id,
                "automatic": automatic,
                "message_key": key,
            }
        )

    @api.model
    def _values_of_mail(self, message, known, account_numbers):
        """What an e-mail says, as values of a reply or an unmatched e-mail.

        :param bool known: its address is one of the customer's
        :param account_numbers: set of those that are no news, ours and the customer's
        """
        text, folded = own_words(message.body, message.subject)
        subject = message.subject or ""
        return {
            "name": message.subject,
            "body": text[:MAX_TEXT] or self.env._("(no text)"),
            "email_from": message.email_from,
            "date": message.create_date or fields.Datetime.now(),
            "attachment_ids": [Command.set(message.attachment_ids.ids)],
            "mail_message_id": message.id,
            "stranger": not known,
            "folded": folded or len(text) > MAX_TEXT,
            "fraud": suspicion(
                f"{subject}.\n\n{text[:MAX_TEXT]}",
                not known,
                account_numbers,
            ),
        }

    @api.model
    def _answered_action(self, incoming, account):
        """The customer's action whose message an e-mail answers; may be empty."""
        found = self.env["mail.thread"]._dso_answered(
            {"references": " ".join(incoming.references)}
        )
        actions = self.env["dso.action"].sudo()  # of the gateway's own search
        accounts = account | account.member_ids | account.head_id
        if found and found._name == "dso.action":
            actions = found.filtered(lambda action: action.account_id in accounts)
        return actions

    @api.model
    def _is_of_our_people(self, message, action):
        """Whether one of us wrote it: he who sent the message, or a colleague who does
        not pass anything on."""
        author = message.author_id
        if not author:
            return False
        if action and author in (action.sender_id | action.sent_by_id).partner_id:
            return True
        users = author.sudo().user_ids  # whether he is one of us only
        return (
            not action
            and any(not user.share for user in users)
            and (not is_forwarded(message.subject))
        )

    @api.model
    def _contacts_at(self, account, email_from):
        """Those who may speak for a customer, and have this address: res.partner."""
        address = email_normalize(email_from or "")
        if not address:
            return self.env["res.partner"]
        customers = (account | account.member_ids | account.head_id).partner_id
        named = account.contact_id | account.hold_lawyer_id
        return self.env["res.partner"].search(
            Domain("email_normalized", "=", address)
            & Domain("commercial_partner_id", "in", customers.ids)
        ) | named.filtered(lambda contact: contact.email_normalized == address)

    @api.model
    def _account_numbers(self, account):
        """The customer's own account numbers as we know them, upper case, without
        blanks: they stand below his letters, and are no news."""
        customers = (account | account.member_ids | account.head_id).partner_id
        banks = self.env["res.partner.bank"].search(
            [("partner_id.commercial_partner_id", "in", customers.ids)]
        )
        return set(banks.mapped("sanitized_acc_number"))

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_learn_address(self):
        """Add the unknown sender to the contacts of the customer.

        :raise UserError: for an address that is none, or where fraud is possible
        """
        self.ensure_one()
        self._check_collector()
        self.check_access("write")
        if self.fraud:
            raise UserError(
                self.env._(
                    "This e-mail may be a fraud: make sure who wrote it, by telephone,"
                    " and add the contact by hand."
                )
            )
        contact = self._learn(self.account_id, self.email_from)
        self._engine().write({"stranger": False, "partner_id": contact.id})
        return True

    @api.model
    def _learn(self, account, email_from):
        """A contact of the customer with this address, made with the user's rights."""
        name, address = parse_contact_from_email(email_from)
        if not email_normalize(address or ""):
            raise UserError(self.env._("%s is no e-mail address.", email_from or "?"))
        known = self._contacts_at(account, address)[:1]
        return known or self.env["res.partner"].create(
            {
                "name": name or address,
                "email": address,
                "parent_id": account.partner_id.id,
                "type": "contact",
            }
        )
