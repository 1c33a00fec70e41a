"""A manual message is edited before it is sent: its text, its files, its reader."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..channels import channel_of
from .dso_action import OPEN_STATES
from .dso_qualification import ENGINE

#: Writing one of these is writing the text.
TEXT_FIELDS = {"own_subject", "own_body"}
#: What a collector may change of a manual message, and of no other.
EDITED_FIELDS = TEXT_FIELDS | {
    "own_contact_id",
    "own_lang",
    "own_attachment_ids",
    "also_to_ids",
    "copy_user_ids",
}


class DsoAction(models.Model):
    _inherit = "dso.action"

    # a copy of the text is as old as the text
    own_date = fields.Date(
        "Written on", readonly=True, help="Day on which a person wrote it."
    )
    own_amount = fields.Monetary(
        "Claimed when written",
        readonly=True,
        help="A text that names another amount than is claimed now does not leave.",
    )
    own_items = fields.Char(
        "Items when written",
        readonly=True,
        help="Nor does one that may name an item that is not owed any more.",
    )
    own_contact_id = fields.Many2one(
        "res.partner",
        "To this contact instead",
        copy=False,
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Reader of this message only; the collection contact stays as it is.",
    )
    own_lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language",
        copy=False,
        help="Of this message only. Empty: the language of its step, else that of the"
        " reader.",
    )
    may_edit_text = fields.Boolean(compute="_compute_may_edit_text")

    @api.depends("state", "mode", "type")
    @api.depends_context("uid")
    def _compute_may_edit_text(self):
        collector = self.env.user.has_group("dso_collection.group_collector")
        for action in self:
            action.may_edit_text = bool(
                collector
                and action.state in OPEN_STATES
                and action.mode == "manual"
                and channel_of(action.type)
            )

    @api.depends(
        "own_contact_id.active",
        "own_contact_id.commercial_partner_id",
        "account_id.member_ids.partner_id",
    )
    def _compute_contact_id(self):
        """Another contact for this once, but none past a customer's lawyer."""
        res = super()._compute_contact_id()
        for action in self.filtered("own_contact_id"):
            account, contact = action.account_id, action.own_contact_id
            customers = (account | account.member_ids).partner_id
            # who left since does not read what is said of the customer
            if not contact.active or contact.commercial_partner_id not in customers:
                continue
            if not (account.on_hold and account.hold_reason == "lawyer"):
                action.contact_id = contact
                action.lang_code = (
                    action._chosen_lang() or contact.lang or action.lang_code
                )
        return res

    def _chosen_lang(self):
        """The language that a person chose for this message or its step, or False."""
        self.ensure_one()
        return self.own_lang or self.step_id.lang

    @api.constrains("own_contact_id", "account_id")
    def _check_own_contact(self):
        """A message goes to the customer that it speaks of."""
        for action in self:
            contact = action.own_contact_id
            customers = (action.account_id | action.account_id.member_ids).partner_id
            if contact and contact.commercial_partner_id not in customers:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is no contact of %(customer)s: add the contact to"
                        " the customer first.",
                        contact=contact.display_name,
                        customer=action.partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        actions.filtered(lambda a: a.own_body and not a.own_date)._note_writing()
        return actions

    def write(self, vals):
        edited = EDITED_FIELDS & set(vals)
        if edited and self.env.context.get("dso_engine") is not ENGINE:
            self._check_collector()
            if any(vals[name] for name in edited):
                self._check_may_edit_text()
        res = super().write(vals)
        if TEXT_FIELDS & edited:
            self._note_writing()
        return res

    def _check_may_edit_text(self):
        """Only a person's message has a text of its own (rules.md §2)."""
        for action in self:
            if action.mode != "manual":
                raise UserError(
                    self.env._(
                        "%(action)s leaves by itself with the text of its model: make"
                        " it manual before you write another text.",
                        action=action.display_name,
                    )
                )
            if not channel_of(action.type):
                raise UserError(
                    self.env._(
                        "%(action)s is done by hand: it has no text that is sent.",
                        action=action.display_name,
                    )
                )

    def _note_writing(self):
        """Keep what was claimed when the text was written."""
        written = self.filtered(lambda a: a.own_body and a.state in OPEN_STATES)
        for action in written:
            action._engine().write(
                {
                    "own_date": action.company_id._dso_today(),
                    "own_amount": action._claimed_now(),
                    "own_items": action._items_now(),
                }
            )
        (self - written).filtered(lambda a: not a.own_body)._engine().write(
            {"own_date": False, "own_amount": 0, "own_items": False}
        )

    def _claimed_now(self):
        """What this action would claim if it left now, in company currency."""
        self.ensure_one()
        if self.kind == "scenario":
            return self.amount_claimed
        if self.line_ids:
            items = self._item_values()[self]
            return sum(values["amount_company"] for values in items.values())
        return self.account_id._position()["amount_claimed"] or 0

    def _items_now(self):
        """The items that owe what :meth:`_claimed_now` tells, to be compared: their
        ids as text."""
        self.ensure_one()
        if self.kind != "scenario" and self.line_ids:
            values = self._item_values()[self]
            found = {
                key[:2] for key, item in values.items() if item["amount_company"] > 0
            }
        else:
            today = self.company_id._dso_today()
            found = {
                (row["account_id"], row["move_id"])
                for row in self._rows_by_action()[self.id]
                if row["counts"]
                and row["claim"] > 0
                and not row["ignored"]
                and any(self._claims(row, due, today) for due in row["dues"])
            }
        return " ".join(f"{account}:{move}" for account, move in sorted(found))

    def _text_outdated(self):
        """Whether the ledger moved since a person wrote the text."""
        self.ensure_one()
        if not (self.own_body and self.own_date):
            return False
        if self.currency_id.compare_amounts(self.own_amount, self._claimed_now()):
            return True
        # one paid, another of the same amount owed: the sum tells nothing
        return bool(self.own_items) and self.own_items != self._items_now()

    def action_edit_text(self):
        """Start from the text of the model, as it would leave now, to change it.

        :raise AccessError: for a user who is no collector
        :raise UserError: for what leaves by itself, or is done by hand, or has no text
        """
        self._check_collector()
        self._lock_open()
        self._check_may_edit_text()
        for action in self:
            if not action.template_id:
                raise UserError(
                    self.env._(
                        "%s has no text to start from: give its action model one.",
                        action.display_name,
                    )
                )
            # the text of the model, not the one written before
            action._engine().write({"own_subject": False, "own_body": False})
            action.invalidate_recordset(["text_subject", "text_body"])
            action.write(
                {"own_subject": action.text_subject, "own_body": action.text_body}
            )
        return True

    def action_model_text(self):
        """Back to the text of the model."""
        self._check_collector()
        self._lock_open()
        self.write(
            {
                "own_subject": False,
                "own_body": False,
                "own_attachment_ids": [fields.Command.clear()],
            }
        )
        return True
