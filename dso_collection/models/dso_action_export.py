"""The history as rows of a sheet: what was done, when, by whom, with its text."""

import xlsxwriter

from odoo import fields, models
from odoo.fields import Domain

from ..channels.plain import plain_text

#: Of messages that left, not of answers.
SENT_TYPES = ("email_outgoing", "sms")
#: A cell of XLSX holds so many characters.
MAX_TEXT = 32_767
WIDTHS = {"char": 24, "text": 60, "date": 12, "datetime": 18, "monetary": 14}


class DsoAction(models.Model):
    _inherit = "dso.action"

    def action_export_history(self):
        """Export the ticked actions of the history, else what its filters show.

        :raise AccessError: for a user who may not export
        """
        chosen = Domain("id", "in", self.ids)
        # "select all" sends no more numbers than this: then the filters say it
        limit = int(
            self.env["ir.config_parameter"]
            .sudo()  # one number that every web client is told
            .get_param("web.active_ids_limit", 20_000)
        )
        if not self or len(self) >= limit:
            chosen = Domain(self.env.context.get("active_domain") or Domain.TRUE)
        return self.env["dso.history.export"]._ask(chosen)

    def _history_texts(self):
        """What left with these actions.

        :return: {action id: (subject, text, names of its readers)}
        """
        self.check_access("read")
        messages = (
            self.env["mail.message"]
            .sudo()  # of actions that the user may read, as checked
            .search_fetch(
                Domain("model", "=", self._name)
                & Domain("res_id", "in", self.ids)
                & Domain("message_type", "in", SENT_TYPES),
                ["res_id", "subject", "body", "notified_partner_ids"],
                order="id",  # of several the last one stays
            )
        )
        texts = {
            message.res_id: (
                message.subject or "",
                plain_text(message.body),
                ", ".join(message.notified_partner_ids.mapped("name")),
            )
            for message in messages
        }
        letters = self.env["dso.letter"].search_fetch(
            [("action_id", "in", self.ids)],
            ["action_id", "subject", "body", "partner_id"],
            order="id",
        )
        for letter in letters:
            texts[letter.action_id.id] = (
                letter.subject or "",
                plain_text(letter.body),
                letter.sudo().partner_id.name or "",  # of a letter he may read
            )
        return texts


class HistorySheet:
    """One workbook that is written row by row, straight to a file.

    ``with HistorySheet(env, path, rows) as sheet: sheet.add(actions)``
    """

    def __init__(self, env, path, rows):
        """
        :param env: of the user who reads it: his language, time zone and rights
        :param path: of the file
        :param rows: how many actions will come
        """
        self.env = env
        self.count = 0
        self.columns = self._columns()
        self.book = xlsxwriter.Workbook(
            path,
            {
                # rows go to disk at once
                "constant_memory": True,
                # what customers are called must not become a formula or a link
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.sheet = self.book.add_worksheet(env._("History")[:31])
        self.formats = {
            "date": self.book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "datetime": self.book.add_format(
                {"num_format": "yyyy-mm-dd hh:mm", "align": "left"}
            ),
        }
        self.money = {}
        head = self.book.add_format({"bold": True, "bottom": 1, "bg_color": "#eef1f4"})
        for number, (_name, label, kind) in enumerate(self.columns):
            self.sheet.set_column(number, number, WIDTHS[kind])
            self.sheet.write_string(0, number, label, head)
        self.sheet.freeze_panes(1, 0)
        self.sheet.autofilter(0, 0, rows, len(self.columns) - 1)

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.book.close()

    def _columns(self):
        """(name, heading, kind) of each column, in the user's language."""
        env = self.env
        return [
            ("date_closed", env._("Closed on"), "date"),
            ("sent_at", env._("Sent at"), "datetime"),
            ("customer", env._("Customer"), "char"),
            ("reference", env._("Customer reference"), "char"),
            ("company", env._("Company"), "char"),
            ("action", env._("Action"), "char"),
            ("type", env._("Type"), "char"),
            ("kind", env._("Kind"), "char"),
            ("state", env._("State"), "char"),
            ("cause", env._("Cancelled because"), "char"),
            ("outcome", env._("Outcome"), "char"),
            ("delivery", env._("Delivery"), "char"),
            ("date", env._("Planned for"), "date"),
            ("leader", env._("Leader invoice"), "char"),
            ("leader_date", env._("Leader due date"), "date"),
            ("items", env._("Items"), "char"),
            ("amount_claimed", env._("Claimed"), "monetary"),
            ("currency", env._("Currency"), "char"),
            ("user", env._("Done by"), "char"),
            ("collector", env._("Collector"), "char"),
            ("readers", env._("Sent to"), "char"),
            ("subject", env._("Subject"), "char"),
            ("text", env._("Text as sent"), "text"),
            ("note", env._("Internal note"), "text"),
        ]

    def add(self, actions):
        """Append these actions, a row each.

        :param actions: dso.action in the environment of this sheet
        """
        labels = {
            name: dict(actions._fields[name]._description_selection(self.env))
            for name in ("type", "kind", "state", "cause", "delivery")
        }
        texts = actions._history_texts()
        readable = actions.leader_id._filtered_access("read")  # not of other branches
        for action in actions:
            self.count += 1
            self._write(self._values(action, labels, texts, readable))

    def _values(self, action, labels, texts, readable):
        subject, text, readers = texts.get(action.id, ("", "", ""))
        account = action.account_id
        return {
            **{name: label.get(action[name]) for name, label in labels.items()},
            **{name: action[name] for name in ("date_closed", "date", "leader_date")},
            "sent_at": action.sent_at
            and fields.Datetime.context_timestamp(action, action.sent_at).replace(
                tzinfo=None
            ),
            "customer": account.partner_id.name,
            "reference": account.partner_id.ref,
            "company": action.company_id.name,
            "action": action.display_name,
            "outcome": action.outcome,
            "leader": (action.leader_id & readable).name,
            "items": ", ".join(
                name for name in action.line_ids.mapped("move_name") if name
            ),
            "amount_claimed": (action.amount_claimed, action.currency_id),
            "currency": action.currency_id.name,
            "user": action.user_done_id.name,
            "collector": account.collector_id.name,
            "readers": readers,
            "subject": subject,
            "text": text,
            "note": action.note,
        }

    def _write(self, values):
        for number, (name, _label, kind) in enumerate(self.columns):
            value = values[name]
            if kind == "monetary":
                amount, currency = value
                self.sheet.write_number(
                    self.count, number, amount, self._money(currency)
                )
            elif not value:
                continue
            elif kind in self.formats:
                self.sheet.write_datetime(self.count, number, value, self.formats[kind])
            else:
                self.sheet.write_string(self.count, number, value[:MAX_TEXT])

    def _money(self, currency):
        if currency not in self.money:
            digits = "0" * currency.decimal_places
            self.money[currency] = self.book.add_format(
                {"num_format": "#,##0" + (f".{digits}" if digits else "")}
            )
        return self.money[currency]
