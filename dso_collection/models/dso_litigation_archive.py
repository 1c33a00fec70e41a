"""What stands in a litigation file, and its proof."""

import csv
import hashlib
import io
import re
import zipfile
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime as format_mail_date

from odoo.fields import Domain
from odoo.tools import html2plaintext

#: Messages of an action that left or were to leave, or that came in.
MESSAGE_TYPES = ("email", "email_outgoing", "comment", "auto_comment", "sms")


class Archive:
    """Collects the files of one dso.litigation.file and writes them as a zip, with an
    index and the SHA-256 of each.

    Runs with all rights, in the job; who asked was checked when he asked.
    """

    def __init__(self, file):
        """:param file: dso.litigation.file with the context of who reads it"""
        self.file = file
        self.env = file.env
        self.account = file.account_id
        self.accounts = file.account_id | file.account_id.member_ids
        self.moves = file.move_ids.sorted(lambda m: (m.date, m.name or "", m.id))
        self.rows = []
        self.names = set()
        self.buffer = io.BytesIO()
        self.zip = zipfile.ZipFile(self.buffer, "w", zipfile.ZIP_DEFLATED)

    @property
    def count(self):
        return len(self.rows)

    @staticmethod
    def safe(name):
        """A part of a file name, without anything that is special somewhere."""
        return re.sub(r"[^\w.\-]+", "-", name, flags=re.UNICODE).strip("-.")[:80] or "_"

    def make(self):
        """:return: (bytes of the archive, its sha256 in hexadecimal)"""
        self._invoices()
        self._messages()
        self._history()
        self._statement()
        self._index()
        self.zip.close()
        content = self.buffer.getvalue()
        return content, hashlib.sha256(content).hexdigest()

    # -------------------------------------------------------------------------
    # FILES
    # -------------------------------------------------------------------------

    def _add(self, folder, name, content, what=""):
        """Add one file; a name that is taken gets a number."""
        content = content.encode() if isinstance(content, str) else bytes(content)
        stem, dot, suffix = self.safe(name).rpartition(".")
        path = f"{folder}/{self.safe(name)}" if folder else name
        number = 1
        while path in self.names:
            number += 1
            path = f"{folder}/{stem or suffix}-{number}{dot}{suffix if stem else ''}"
        self.names.add(path)
        self.zip.writestr(path, content)
        digest = hashlib.sha256(content).hexdigest()
        self.rows.append((path, what, len(content), digest))
        return path

    def _csv(self, folder, name, headings, rows, what):
        """A table; what a spreadsheet would take for a formula is quoted."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(headings)
        for row in rows:
            writer.writerow([self._cell(value) for value in row])
        self._add(folder, name, "\ufeff" + text.getvalue(), what)

    @staticmethod
    def _cell(value):
        if value is False or value is None:
            return ""
        if isinstance(value, str) and value[:1] in "=+-@\t\r":
            return f"'{value}"
        return value

    def _invoices(self):
        for move in self.moves:
            kept = move.invoice_pdf_report_id
            if kept:
                content, suffix = kept.raw, "pdf"
            elif move.is_sale_document(include_receipts=True):
                # not kept on the invoice: collection writes nothing on the ledger
                content, suffix = (
                    self.env["ir.actions.report"]
                    .with_context(report_pdf_no_attachment=True)
                    ._render_qweb_pdf("account.account_invoices", move.ids)
                )
            else:
                continue
            self._add(
                "invoices",
                f"{move.name}.{suffix}",
                content,
                self.env._("Invoice as issued"),
            )
        items = self.env["dso.item"].search(
            [
                ("move_id", "in", self.moves.ids),
                ("account_id", "in", self.accounts.ids),
            ]
        )
        records = [("dso.item", items.ids), ("account.move", self.moves.ids)]
        names = {("dso.item", item.id): item.move_id.name for item in items}
        names.update({("account.move", move.id): move.name for move in self.moves})
        reports = self.moves.invoice_pdf_report_id
        for model, ids in records:
            attachments = self.env["ir.attachment"].search(
                [
                    ("res_model", "=", model),
                    ("res_id", "in", ids),
                    ("res_field", "=", False),
                    ("type", "=", "binary"),
                ]
            )
            for attachment in attachments - reports:
                item = names[model, attachment.res_id]
                self._add(
                    "attachments",
                    f"{item}-{attachment.name}",
                    attachment.raw or b"",
                    self.env._("Attached to %s", item),
                )

    def _actions(self):
        """The actions that concern the items, or the account as a whole."""
        actions = self.env["dso.action"].search(
            Domain("account_id", "in", self.accounts.ids), order="date, id"
        )
        return actions.filtered(
            lambda a: not a.line_ids or a.line_ids.move_id & self.moves
        )

    def _messages(self):
        actions = self._actions()
        messages = self.env["mail.message"].search(
            Domain("model", "=", "dso.action")
            & Domain("res_id", "in", actions.ids)
            & Domain("message_type", "in", MESSAGE_TYPES)
            & Domain("is_internal", "=", False),
            order="date, id",
        )
        mails = {
            mail.mail_message_id: mail
            for mail in self.env["mail.mail"].search(
                [("mail_message_id", "in", messages.ids)], order="id"
            )
        }
        proofs = []
        by_id = {action.id: action for action in actions}
        for message in messages:
            mail = mails.get(message)
            action = by_id[message.res_id]
            subject = message.subject or action.display_name
            stem = f"{message.date:%Y-%m-%d}-{message.id}-{self.safe(subject)}"[:90]
            path = self._add(
                "messages",
                f"{stem}.eml",
                self._as_mail(message, mail),
                self.env._("Message with its attachments"),
            )
            self._add(
                "messages",
                f"{stem}.html",
                (mail and mail.body_html) or message.body or "",
                self.env._("Its text"),
            )
            proofs += self._proofs(path, message, mail, action)
        proofs += self._letters(actions)
        self._csv(
            "",
            "delivery.csv",
            [
                self.env._("Message"),
                self.env._("Action"),
                self.env._("Date (UTC)"),
                self.env._("Sent on (UTC)"),
                self.env._("Recipient"),
                self.env._("Address"),
                self.env._("Delivery"),
                self.env._("Failure"),
                self.env._("Reason"),
                self.env._("Message-Id"),
                self.env._("Outbox"),
            ],
            proofs,
            self.env._("Proofs of delivery"),
        )

    def _proofs(self, path, message, mail, action):
        """One row for each addressee of a message."""
        notifications = message.notification_ids
        label = dict(
            notifications._fields["notification_status"]._description_selection(
                self.env
            )
        )
        failure = dict(
            notifications._fields["failure_type"]._description_selection(self.env)
        )
        common = [path, action.display_name, message.date, action.sent_at]
        outbox = [message.message_id, mail.state if mail else ""]
        rows = [
            common
            + [
                n.res_partner_id.name,
                n.mail_email_address or n.res_partner_id.email,
                label.get(n.notification_status),
                failure.get(n.failure_type),
                n.failure_reason,
            ]
            + outbox
            for n in notifications
        ]
        if not rows:
            to = mail and (
                mail.email_to or ", ".join(mail.recipient_ids.mapped("email"))
            )
            rows = [
                common + ["", to or "", "", "", mail and mail.failure_reason] + outbox
            ]
        return rows

    def _letters(self, actions):
        """The letters as they were posted, and what the post says of them.

        :return: rows of the proofs of delivery
        """
        letters = self.env["dso.letter"].search(
            [
                ("action_id", "in", actions.ids),
                ("state", "in", ("posted", "returned")),
            ],
            order="id",
        )
        states = dict(letters._fields["state"]._description_selection(self.env))
        rows = []
        for letter in letters:
            path = self._add(
                "letters",
                f"{letter.posted_on}-{letter.id}-{self.safe(letter.subject or '')}"[:90]
                + ".pdf",
                letter.attachment_id.raw or b"",
                self.env._("Letter as posted"),
            )
            posted = states[letter.state]
            if letter.receipt_date:
                posted = self.env._("%(state)s, received", state=posted)
            rows.append(
                [
                    path,
                    letter.action_id.display_name,
                    letter.create_date,
                    letter.action_id.sent_at or letter.posted_on,
                    letter.partner_id.name,
                    ", ".join(letter.action_id._letter_address()),
                    posted,
                    "",
                    letter.receipt_date or letter.reason,
                    letter.tracking_number,
                    "",
                ]
            )
        return rows

    def _as_mail(self, message, mail):
        """The message as a mail program opens it."""

        def line(text):
            return re.sub(r"[\r\n]+", " ", str(text or ""))

        # long identifiers are not folded
        eml = EmailMessage(policy=SMTP.clone(max_line_length=998))
        eml["Subject"] = line(message.subject)
        eml["From"] = line((mail and mail.email_from) or message.email_from)
        to = mail and (
            mail.email_to
            or ", ".join(
                partner.email_formatted
                for partner in mail.recipient_ids
                if partner.email
            )
        )
        if not to:
            to = ", ".join(
                n.mail_email_address or n.res_partner_id.email or ""
                for n in message.notification_ids
            )
        eml["To"] = line(to)
        eml["Date"] = format_mail_date(message.date)
        if message.message_id:
            eml["Message-Id"] = line(message.message_id)
        body = str((mail and mail.body_html) or message.body or "")
        eml.set_content(html2plaintext(body) or " ")
        eml.add_alternative(body or " ", subtype="html")
        attachments = message.attachment_ids
        for attachment in attachments | (mail.attachment_ids if mail else attachments):
            kind = (attachment.mimetype or "application/octet-stream").split(";")[0]
            main, _slash, sub = kind.partition("/")
            if main in ("multipart", "message") or not sub:
                main, sub = "application", "octet-stream"
            eml.add_attachment(
                attachment.raw or b"",
                maintype=main,
                subtype=sub,
                filename=line(attachment.name),
            )
        return eml.as_bytes()

    def _history(self):
        own = Domain("account_id", "in", self.accounts.ids)
        of_items = own & Domain("move_id", "in", self.moves.ids)
        rows = self.env["dso.qualification"].search(of_items, order="date, id")
        outcomes = dict(
            rows._fields["dispute_outcome"]._description_selection(self.env)
        )
        self._csv(
            "history",
            "qualifications.csv",
            [
                self.env._("Recorded on (UTC)"),
                self.env._("Item"),
                self.env._("Status"),
                self.env._("Status date"),
                self.env._("Promised for"),
                self.env._("Promised"),
                self.env._("Disputed"),
                self.env._("Outcome"),
                self.env._("Was open"),
                self.env._("Currency"),
                self.env._("Internal comment"),
                self.env._("Resolver"),
                self.env._("Author"),
                self.env._("Undone"),
            ],
            [
                (
                    q.date,
                    q.move_name,
                    q.status_id.name,
                    q.status_date,
                    q.promise_date,
                    q.promise_amount,
                    q.disputed_amount,
                    outcomes.get(q.dispute_outcome),
                    q.amount_residual,
                    q.currency_id.name,
                    q.comment,
                    q.resolver_id.name,
                    q.user_id.name,
                    self.env._("yes") if q.undone else "",
                )
                for q in rows
            ],
            self.env._("Every status that the items were given"),
        )
        promises = self.env["dso.promise"].search(
            own & Domain("line_ids.move_id", "in", self.moves.ids), order="date, id"
        )
        states = dict(promises._fields["state"]._description_selection(self.env))
        self._csv(
            "history",
            "promises.csv",
            [
                self.env._("Made on"),
                self.env._("Promised for"),
                self.env._("Amount"),
                self.env._("Currency"),
                self.env._("Received"),
                self.env._("Outcome"),
                self.env._("Settled on"),
                self.env._("Items"),
            ],
            [
                (
                    p.date_made,
                    p.date,
                    p.item_amount,
                    p.item_currency_id.name,
                    p.paid,
                    states[p.state],
                    p.date_settled,
                    ", ".join(p.line_ids.mapped("move_name")),
                )
                for p in promises
            ],
            self.env._("What was promised, and what became of it"),
        )
        actions = self._actions()
        kinds = dict(actions._fields["state"]._description_selection(self.env))
        types = dict(actions._fields["type"]._description_selection(self.env))
        self._csv(
            "history",
            "actions.csv",
            [
                self.env._("Planned for"),
                self.env._("Done on"),
                self.env._("Action"),
                self.env._("Type"),
                self.env._("State"),
                self.env._("Claimed"),
                self.env._("Currency"),
                self.env._("Done by"),
                self.env._("Result"),
                self.env._("Note"),
            ],
            [
                (
                    a.date,
                    a.date_done,
                    a.display_name,
                    types.get(a.type),
                    kinds[a.state],
                    a.amount_claimed,
                    a.currency_id.name,
                    a.user_done_id.name,
                    a.outcome,
                    a.note,
                )
                for a in actions
            ],
            self.env._("Every action, calls and letters included"),
        )
        replies = self.env["dso.reply"].search(own, order="date, id")
        reply_states = dict(replies._fields["state"]._description_selection(self.env))
        self._csv(
            "history",
            "replies.csv",
            [
                self.env._("Received on (UTC)"),
                self.env._("From"),
                self.env._("Address"),
                self.env._("Subject"),
                self.env._("Text"),
                self.env._("State"),
            ],
            [
                (
                    r.date,
                    r.partner_id.name,
                    r.email_from,
                    r.name,
                    r.body,
                    reply_states[r.state],
                )
                for r in replies
            ],
            self.env._("What the customer answered"),
        )
        for reply in replies:
            for attachment in reply.attachment_ids:
                self._add(
                    "attachments",
                    f"{reply.date:%Y-%m-%d}-{attachment.name}",
                    attachment.raw or b"",
                    self.env._("Sent by the customer with his reply"),
                )

    def _rows_of_asker(self):
        """The open items that whoever asked may read, so of his branches."""
        rows = self.account._statement()
        user = self.file.user_id
        lines = (
            self.env["account.move.line"]
            .with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids)
        )
        readable = set(
            lines._search(Domain("id", "in", [row["line_id"] for row in rows]))
        )
        return [row for row in rows if row["line_id"] in readable]

    def _statement(self):
        """All open items, those in litigation included: customers' statements leave
        them out."""
        rows = self._rows_of_asker()
        currencies = {
            c.id: c.name
            for c in self.env["res.currency"].browse({r["currency_id"] for r in rows})
        }
        self._csv(
            "",
            "statement.csv",
            [
                self.env._("Number"),
                self.env._("Issued on"),
                self.env._("Due date"),
                self.env._("Days late"),
                self.env._("Open amount"),
                self.env._("Currency"),
                self.env._("Open in company currency"),
                self.env._("In this file"),
            ],
            [
                (
                    r["name"],
                    r["invoice_date"],
                    r["due"],
                    r["days_late"],
                    r["amount"],
                    currencies.get(r["currency_id"]),
                    r["company_amount"],
                    self.env._("yes") if r["move_id"] in self.moves.ids else "",
                )
                for r in rows
            ],
            self.env._("Open items of the customer as of today"),
        )
        page = self.env["ir.qweb"]._render(
            "dso_collection.litigation_statement",
            {
                "customer": self.account.partner_id,
                "company": self.file.company_id,
                "today": self.file.company_id._dso_today(),
                "rows": rows,
                "currencies": self.env["res.currency"].browse(currencies),
            },
        )
        self._add(
            "",
            "statement.html",
            str(page),
            self.env._("Open items of the customer as of today"),
        )

    def _index(self):
        """An index to read, and one that ``sha256sum -c SHA256SUMS`` verifies."""
        page = self.env["ir.qweb"]._render(
            "dso_collection.litigation_index",
            {
                "file": self.file,
                "customer": self.account.partner_id,
                "company": self.file.company_id,
                "today": self.file.company_id._dso_today(),
                "moves": self.moves,
                "rows": list(self.rows),
            },
        )
        self._add("", "index.html", str(page), self.env._("Index"))
        sums = "".join(
            f"{digest}  {path}\n" for path, _what, _size, digest in self.rows
        )
        self.zip.writestr("SHA256SUMS", sums.encode())
