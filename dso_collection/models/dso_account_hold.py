"""Holds of an account: what rests, for how long, and who said so (rules.md §10)."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from .dso_hold import CHANNEL
from .dso_qualification import ENGINE

#: The terms of a hold; a change of one is a line of its history.
HOLD_FIELDS = (
    "hold_reason",
    "hold_until",
    "hold_opening_date",
    "hold_lawyer_id",
    "hold_note",
)
#: Types of actions that a closed channel takes out.
CHANNEL_TYPES = {
    "no_email": ("email",),
    "no_sms": ("sms",),
    "no_phone": ("phone",),
    "no_letter": ("letter", "letter_ar"),
    "no_fax": ("fax",),
}
#: Holds that let the scenario go on: by hand, or for what is younger.
GOING_ON = ("key_account", "insolvency")


class DsoAccount(models.Model):
    _inherit = "dso.account"

    hold_opening_date = fields.Date(
        "Proceedings opened on",
        help="Invoices and credits issued before this day are left out; later ones are"
        " collected as usual. Empty: the whole account rests.",
    )
    hold_lawyer_id = fields.Many2one(
        "res.partner",
        "Lawyer",
        ondelete="restrict",
        check_company=False,
        help="The only one to be written to while the customer is represented.",
    )
    no_email = fields.Boolean("No e-mail")
    no_sms = fields.Boolean("No SMS")
    no_phone = fields.Boolean("No phone call")
    no_letter = fields.Boolean("No letter")
    no_fax = fields.Boolean("No fax")
    hold_ids = fields.One2many("dso.hold", "account_id", "Holds", readonly=True)
    hold_in_force = fields.Boolean(
        compute="_compute_on_hold", help="Any hold, also one that lets something go on."
    )
    hold_words = fields.Char("Hold in words", compute="_compute_hold_words")
    closed_channels = fields.Char(
        "Not to be contacted by", compute="_compute_closed_channels"
    )

    # -------------------------------------------------------------------------
    # COMPUTES
    # -------------------------------------------------------------------------

    @api.depends("hold_reason", "hold_until", "hold_opening_date", "company_id")
    def _compute_on_hold(self):
        """Whether a hold is in force, and whether the whole account rests by it."""
        for account in self:
            account.hold_in_force = bool(account.hold_reason) and (
                not account.hold_until
                or account.hold_until >= account.company_id._dso_today()
            )
            account.on_hold = account.hold_in_force and not account._goes_on()

    def _goes_on(self):
        """Whether the scenario goes on in spite of the hold, in part or by hand."""
        self.ensure_one()
        return self.hold_reason == "key_account" or (
            self.hold_reason == "insolvency" and bool(self.hold_opening_date)
        )

    @api.depends(
        "hold_reason", "hold_until", "hold_opening_date", "hold_lawyer_id", "company_id"
    )
    def _compute_hold_words(self):
        for account in self:
            account.hold_words = (
                account._hold_sentence() if account.hold_in_force else False
            )

    def _hold_sentence(self):
        """What the hold stops and what it does not, as one sentence for people."""
        self.ensure_one()
        env = self.env
        if self.hold_reason == "pause":
            return env._("No scenario action is proposed, nothing leaves by itself.")
        if self.hold_reason == "insolvency" and self.hold_opening_date:
            return env._(
                "What was issued before %s is left out; later invoices are collected"
                " as usual.",
                format_date(env, self.hold_opening_date),
            )
        if self.hold_reason == "insolvency":
            return env._(
                "Nothing is collected. Enter the day on which the proceedings were"
                " opened, so that later invoices are."
            )
        if self.hold_reason == "lawyer" and self.hold_lawyer_id:
            return env._(
                "No scenario action is proposed; what you send goes to %s only.",
                self.hold_lawyer_id.display_name,
            )
        if self.hold_reason == "lawyer":
            return env._(
                "No scenario action is proposed, and nothing can be sent: enter the"
                " lawyer, who is the only one to be written to."
            )
        if self.hold_reason == "direct_debit":
            return env._(
                "His invoices are debited: nothing is proposed until a debit is"
                " rejected."
            )
        if self.hold_reason == "deceased":
            return env._("Nothing is proposed, and nothing can be sent.")
        return env._(
            "Actions are proposed to be done by hand: nothing leaves by itself."
        )

    @api.depends(*CHANNEL_TYPES)
    def _compute_closed_channels(self):
        for account in self:
            account.closed_channels = account._channel_words() or False

    def _channel_words(self):
        self.ensure_one()
        words = {
            "no_email": self.env._("e-mail"),
            "no_sms": self.env._("SMS"),
            "no_phone": self.env._("phone"),
            "no_letter": self.env._("letter"),
            "no_fax": self.env._("fax"),
        }
        return ", ".join(words[name] for name in CHANNEL_TYPES if self[name])

    def _closed_types(self):
        """Types of actions by which this customer is not to be contacted."""
        self.ensure_one()
        return {
            kind
            for name, kinds in CHANNEL_TYPES.items()
            if self[name]
            for kind in kinds
        }

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        held = accounts.filtered(
            lambda a: a.hold_reason or any(a[name] for name in CHANNEL_TYPES)
        )
        if held:
            held._note_holds({})
        return accounts

    def write(self, vals):
        if not {*HOLD_FIELDS, *CHANNEL_TYPES} & set(vals):
            return super().write(vals)
        if "hold_reason" in vals and not vals["hold_reason"]:
            rest = (*HOLD_FIELDS, "hold_user_id")
            vals = {**vals, **dict.fromkeys(rest, False)}
        before = self._hold_terms()
        res = super().write(vals)
        self._note_holds(before)
        return res

    def _hold_terms(self):
        """{account: (terms of its hold, its closed channels)}, to be compared."""
        return {
            account: (
                tuple(account[name] for name in HOLD_FIELDS)
                if account.hold_reason
                else (),
                account._channel_words(),
            )
            for account in self
        }

    def _note_holds(self, before):
        """Keep the history of what changed since ``before``.

        :param dict before: see :meth:`_hold_terms`; an account that is not in it is new
        """
        none = ((), "")
        new_rows = []
        ended = {False: self.browse(), True: self.browse()}
        for account, terms in self._hold_terms().items():
            was = before.get(account, none)
            for place, by_channel in ((0, False), (1, True)):
                if terms[place] == was[place]:
                    continue
                if was[place]:
                    ended[by_channel] |= account
                if terms[place]:
                    new_rows.append(account._hold_values(by_channel))
        Hold = self.env["dso.hold"].sudo()  # history of a write that was checked
        for by_channel, accounts in ended.items():
            if not accounts:
                continue
            rows = Hold.search(
                [
                    ("account_id", "in", accounts.ids),
                    ("date_released", "=", False),
                    ("reason", "=" if by_channel else "!=", CHANNEL),
                ]
            )
            for company, group in rows.grouped("company_id").items():
                group.with_context(dso_engine=ENGINE).write(
                    {
                        "date_released": company._dso_today(),
                        "released_by_id": self.env.uid,
                        "release_note": self.env.context.get("dso_release_note"),
                    }
                )
        if new_rows:
            Hold.create(new_rows)

    def _hold_values(self, by_channel):
        self.ensure_one()
        values = {
            "account_id": self.id,
            "date_from": self.company_id._dso_today(),
            "user_id": self.env.uid,
        }
        if by_channel:
            return {**values, "reason": CHANNEL, "channels": self._channel_words()}
        return {
            **values,
            "reason": self.hold_reason,
            "date_until": self.hold_until,
            "opening_date": self.hold_opening_date,
            "lawyer_id": self.hold_lawyer_id.id,
            "note": self.hold_note,
        }

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_hold_30(self):
        """Pause for 30 days, the one-click hold of the record."""
        for company, accounts in self.grouped("company_id").items():
            accounts.write(
                {
                    "hold_reason": "pause",
                    "hold_until": company._dso_today() + timedelta(days=30),
                }
            )
        return True

    def action_release(self):
        """End the hold of these accounts; their closed channels stay closed."""
        self.write({"hold_reason": False})
        return True

    @api.model
    def _debit_rejected(self, partners, company, reference):
        """A debit came back: who is debited is chased again (rules.md §10).

        :param partners: res.partner, any contacts of customers
        :param company: res.company, any branch
        :param reference: name of the payment, for the history
        """
        held = self.sudo().search(  # whoever may note a rejected payment
            [
                ("partner_id", "in", partners.commercial_partner_id.ids),
                ("company_id", "=", company.root_id.id),
                ("hold_reason", "=", "direct_debit"),
            ]
        )
        if held:
            held.with_context(
                dso_release_note=self.env._("Debit rejected: %s", reference)
            ).action_release()
