"""Text messages of actions: their plain text, its length, what became of them."""

from odoo import api, fields, models
from odoo.fields import Domain

from ..channels import channel_of
from ..channels.plain import short_text, sms_parts
from .dso_action import OPEN_STATES
from .dso_action_access import MARKER
from .dso_action_send import UNDELIVERED
from .sms_sms import QUEUED


class DsoAction(models.Model):
    _inherit = "dso.action"

    sms_message_id = fields.Many2one(
        "mail.message",
        "Last text message",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The text message that left last, or is to leave.",
    )
    delivered_at = fields.Datetime(
        "Delivered",
        readonly=True,
        copy=False,
        help="When the provider reported that it had arrived.",
    )
    sms_text = fields.Text(
        "Text message", compute="_compute_sms_text", help="As it would leave now."
    )
    sms_length = fields.Char("Length", compute="_compute_sms_text")
    number = fields.Char(
        compute="_compute_number", help="Where a text message or a fax goes."
    )

    @api.depends("type", "text_body")
    def _compute_sms_text(self):
        for action in self:
            shown = action.type == "sms" and action.state in OPEN_STATES
            action.sms_text = shown and action._in_plain_sms(action.text_body)
            action.sms_length = action.sms_text and self._length_words(
                action._as_long_as_it_leaves(action.sms_text)
            )

    @api.depends("type", "contact_id", "interactive", "resolver_id")
    def _compute_number(self):
        for action in self:
            action.number = (
                action._phone_number()
                if action.type == "sms"
                else action.type == "fax" and action._fax_number()
            )

    def _in_plain_sms(self, body):
        """The text of this text message, with the link to its reader's page below it
        when it is an interactive one that does not name it.

        :param body: HTML, or False
        """
        self.ensure_one()
        text = short_text(body)
        if text and MARKER not in text and self._page_purpose():
            text = f"{text}\n{self._page_marker()}"
        return text

    def _as_long_as_it_leaves(self, text):
        """``text`` with what is put in when it leaves, to be counted."""
        self.ensure_one()
        if MARKER not in text:
            return text
        link = "x" * self._page_link_length()
        return text.replace(self._page_marker(), link).replace(MARKER, link)

    @api.model
    def _length_words(self, text):
        """How long a text message is, and into how many parts it is divided."""
        length, parts = sms_parts(text)
        if parts == 1:
            return self.env._("%s characters, one text message", length)
        return self.env._(
            "%(length)s characters, paid as %(parts)s text messages",
            length=length,
            parts=parts,
        )

    def _phone_number(self):
        """The number that a text message goes to, in international form, or False.

        The customer's own where his contact has none; never past his lawyer or to a
        colleague's company.
        """
        self.ensure_one()
        recipient = self._recipient()
        if self._customer_stands_in("phone"):
            recipient = self.partner_id
        return recipient.phone_sanitized

    def _customer_stands_in(self, name):
        """Whether the customer's own number is used, as his contact has none.

        :param name: field of the number on res.partner
        """
        self.ensure_one()
        account = self.account_id
        lawyer = account.hold_in_force and account.hold_reason == "lawyer"
        return (
            self.interactive != "internal" and not lawyer and not self.contact_id[name]
        )

    # -------------------------------------------------------------------------
    # DELIVERY
    # -------------------------------------------------------------------------

    def _follow_sms(self):
        """Take over what became of the last text message of this action."""
        self.ensure_one()
        notification = self.sms_message_id.notification_ids.filtered(
            lambda n: n.notification_type == "sms"
        )[:1]
        status = notification.notification_status
        values = {"error_detail": False}
        if status in ("bounce", "exception"):
            values["delivery"] = "bounced" if status == "bounce" else "failed"
            values["error_detail"] = self._sms_failure(notification)
        elif status == "ready":
            values["delivery"] = "queued"
        elif status in ("process", "pending", "sent"):
            values.update(delivery="sent", retry_at=False)
            if self.delivery != "sent" or not self.sent_at:
                values["sent_at"] = fields.Datetime.now()
            if status == "sent":
                values["delivered_at"] = fields.Datetime.now()
        elif self.delivery in UNDELIVERED:
            return  # dismissed in the chatter: it did not arrive all the same
        else:
            values["delivery"] = False
        self._engine().write(values)

    @api.model
    def _sms_failure(self, notification):
        """Why a text message did not arrive, in plain words."""
        words = {
            "sms_number_missing": self.env._("There is no phone number"),
            "sms_number_format": self.env._(
                "The provider says that the number is not valid"
            ),
            "sms_country_not_supported": self.env._(
                "The provider does not reach this country"
            ),
            "sms_registration_needed": self.env._(
                "The country demands that the company registers with the provider"
            ),
            "sms_credit": self.env._(
                "The account with the SMS provider has no credit left"
            ),
            "sms_server": self.env._("The SMS provider had an error of its own"),
            "sms_acc": self.env._("The account with the SMS provider is not activated"),
            "sms_expired": self.env._("The phone could not be reached in time"),
            "sms_invalid_destination": self.env._(
                "The number does not exist, or receives no text messages"
            ),
            "sms_not_allowed": self.env._(
                "The network of the number refuses such messages"
            ),
            "sms_not_delivered": self.env._("The network could not deliver it"),
            "sms_rejected": self.env._("The network of the number rejected it"),
        }
        kind = notification.failure_type
        label = words.get(kind) or (
            kind != "unknown"
            and dict(notification._fields["failure_type"].selection).get(kind)
        )
        reason = " ".join((notification.failure_reason or "").split())[:300]
        return ": ".join(part for part in (label, reason) if part) or False

    @api.model
    def _retry_unreachable(self):
        """Put text messages back that the provider could not be given."""
        actions = self.search(
            Domain("retry_at", "<=", fields.Datetime.now())
            & Domain("delivery", "=", "failed")
            & Domain("type", "=", "sms")
        )
        waiting = (
            self.env["sms.sms"]
            .sudo()  # of these actions
            .search(
                Domain("mail_message_id", "in", actions.sms_message_id.ids)
                & Domain("state", "=", "error")
            )
        )
        if actions:
            actions._engine().retry_at = False
            waiting.write({"state": QUEUED, "failure_type": False})
            waiting._dso_notifications().write({"notification_status": "ready"})
            channel_of("sms").trigger(self.env)
            self.env["ir.cron"]._commit_progress()
        return super()._retry_unreachable()
