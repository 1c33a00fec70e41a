"""Read a customer's reply, and hand over to the qualification what it names."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import formatLang

from ..engine.apart import EngineDied, EngineTimeout, Reader
from ..engine.clean import MAX_CHARS
from ..engine.types import MessageIn

_logger = logging.getLogger(__name__)
#: Seconds that reading may take while somebody waits for it, on a busy machine too.
LIMIT = 15


class DsoMaiaRead(models.TransientModel):
    """A collector pastes a reply; the reader underlines what it names.

    Nothing is applied: the user corrects the ticks and the date, then goes on with the
    qualification of the core, chooses the status there, and validates.
    """

    _name = "dso.maia.read"
    _description = "Read A Reply"

    account_id = fields.Many2one("dso.account", "Customer", required=True)
    company_id = fields.Many2one(related="account_id.company_id")
    state = fields.Selection(
        [("paste", "Paste"), ("read", "Read")], default="paste", required=True
    )
    text = fields.Text("Reply", required=True)
    received_on = fields.Date(
        "Received on",
        required=True,
        help="Reference of words like Friday or in ten days.",
    )
    lang = fields.Selection(
        lambda self: self._selection_lang(),
        "Language",
        help="Empty: unknown. Decides names of months that two languages share; English"
        " words like Friday are read in English and unknown replies.",
    )
    removed = fields.Text("Not read: history and signature", readonly=True)
    item_ids = fields.One2many("dso.maia.read.item", "read_id", "Open items")
    finding_ids = fields.One2many(
        "dso.maia.read.finding", "read_id", "Dates, amounts and other numbers"
    )
    promise_date = fields.Date(
        "Date to propose",
        help="The one future date that the reply names. Taken over when the status that"
        " you choose is a promise.",
    )
    hint = fields.Char(compute="_compute_hint")

    @api.model
    def _selection_lang(self):
        """The languages that the reader knows, by their own names."""
        names = {
            "en": "English",
            "fr": "Français",
            "de": "Deutsch",
            "es": "Español",
            "it": "Italiano",
            "nl": "Nederlands",
            "pt": "Português",
            "zh": "中文",
            "pl": "Polski",
            "tr": "Türkçe",
            "ro": "Română",
            "ja": "日本語",
            "sv": "Svenska",
            "hr": "Hrvatski",
        }
        return list(names.items())

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        account = self.env["dso.account"].browse(values.get("account_id"))
        if account:
            account.check_access("read")
            values.setdefault("received_on", account.company_id._dso_today())
            partner = account.contact_id or account.partner_id
            lang = (partner.lang or "")[:2]
            # English is Odoo's own default: it says nothing about the customer
            if lang != "en" and lang in dict(self._selection_lang()):
                values.setdefault("lang", lang)
        return values

    @api.depends("state", "item_ids.selected", "finding_ids", "promise_date")
    def _compute_hint(self):
        for wizard in self:
            hints = [wizard._hint(), wizard._too_long()]
            read = wizard.state == "read"
            wizard.hint = (read and " ".join(filter(None, hints))) or False

    def _too_long(self):
        """That the end of the text was not read; empty when it was."""
        if len(self.text or "") <= MAX_CHARS:
            return ""
        most = formatLang(self.env, MAX_CHARS, digits=0)
        return self.env._("Only the first %s characters were read.", most)

    def _hint(self):
        """What the user has to do; empty when nothing."""
        future = self.finding_ids.filtered("future")
        if not self.item_ids:
            return self.env._("This customer has no open item.")
        if not self.item_ids.filtered("evidence"):
            return self.env._(
                "The reply names no open item: tick those that it is about."
            )
        if len(set(future.mapped("date"))) > 1 and not self.promise_date:
            return self.env._(
                "The reply names several future dates: choose one, or none."
            )
        return ""

    # -------------------------------------------------------------------------
    # READING
    # -------------------------------------------------------------------------

    def action_read(self):
        """Read the text, and show what was found with the sentences that say so."""
        self.ensure_one()
        self.account_id.check_access("read")
        context = self.account_id._maia_context()
        reading = self._reading(context)
        evidence = {found.item.key: found for found in reading.evidence}
        self.write(
            {
                "state": "read",
                "removed": reading.removed,
                "promise_date": reading.promise_date,
                "item_ids": [
                    Command.clear(),
                    *(
                        Command.create(self._item_values(item, evidence.get(item.key)))
                        for item in context.items
                    ),
                ],
                "finding_ids": [
                    Command.clear(),
                    *map(Command.create, self._findings(reading)),
                ],
            }
        )
        return self._reopen()

    def _reading(self, context):
        """What the text names, read in a process of its own: this worker serves others.

        :param context: :class:`..engine.types.Context`
        :return: :class:`..engine.types.Reading`
        :raise UserError: when it cannot be read; nothing of the window is lost
        """
        message = MessageIn(self.text, self.received_on, self.lang)
        try:
            with Reader(limit=LIMIT) as reader:
                return reader.read(message, context)
        except EngineTimeout as error:
            raise self._unread(self.env._("Reading it took too long.")) from error
        except EngineDied as error:
            raise self._unread(self.env._("The reader broke down.")) from error
        except Exception as error:
            # an engine may raise anything; what it was is in the log
            _logger.exception("Reading a pasted reply")
            raise self._unread(self.env._("It could not be read.")) from error

    def _unread(self, told):
        """The error that tells why, and what to do.

        :param told: a sentence
        """
        return UserError(
            self.env._(
                "%s Your text is still in the window: shorten it and read again, or"
                " qualify the items yourself.",
                told,
            )
        )

    def _item_values(self, item, evidence):
        account_id, move_id = item.key
        return {
            "account_id": account_id,
            "move_id": move_id,
            "selected": bool(evidence),
            "written": evidence and evidence.written,
            "evidence": evidence and evidence.sentence,
        }

    def _findings(self, reading):
        """Values of the dates, amounts and numbers that name no single open item."""
        for found in reading.dates:
            yield {
                "kind": "date",
                "written": found.text,
                "date": found.value,
                "future": found.value >= self.received_on and not found.of_item,
                "sentence": reading.sentence(found),
            }
        for found in reading.amounts:
            currency = self.env["res.currency"].with_context(active_test=False)
            yield {
                "kind": "amount",
                "written": found.text,
                "amount": float(found.value),
                "currency_id": currency.search(
                    [("name", "=", found.currency)], limit=1
                ).id,
                "sentence": reading.sentence(found),
            }
        for found in reading.ambiguous:
            yield {
                "kind": "ambiguous",
                "written": found.text,
                "meaning": ", ".join(item.number for item in found.items),
                "sentence": reading.sentence(found),
            }
        for found in reading.unmatched:
            yield {
                "kind": "unmatched",
                "written": found.text,
                "sentence": reading.sentence(found),
            }

    def action_back(self):
        """Change the text, the day or the language, and read again."""
        self.state = "paste"
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Read a reply"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # -------------------------------------------------------------------------
    # HANDING OVER
    # -------------------------------------------------------------------------

    def action_qualify(self):
        """Go on with the qualification, prefilled; its user chooses the status.

        :raise UserError: when no item is ticked
        """
        self.ensure_one()
        chosen = self.item_ids.filtered("selected")
        if not chosen:
            raise UserError(self.env._("Tick the items that the reply is about."))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_qualify_action"
        )
        action["context"] = {
            "default_item_ids": [
                Command.create(
                    {
                        "account_id": item.account_id.id,
                        "move_id": item.move_id.id,
                        "selected": item.selected,
                    }
                )
                for item in self.item_ids
            ],
            "default_promise_date": self.promise_date,
            "default_comment": self._comment(),
        }
        return action

    def _comment(self):
        """The sentences behind the proposal, as a start for the internal comment."""
        sentences = [
            *self.item_ids.filtered("selected").mapped("evidence"),
            *self.finding_ids.filtered(
                lambda f: f.date and f.date == self.promise_date
            ).mapped("sentence"),
        ]
        return "\n".join(dict.fromkeys(filter(None, sentences))) or self.text

    @api.autovacuum
    def _gc_replies(self):
        """Replies are personal data: they do not stay in the wizard for days."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), hours=12)
        self.sudo().search(  # transient rows of all users
            Domain("create_date", "<", limit)
        ).unlink()
