"""The files of a message are made before it leaves, by a job (rules.md §2).

Rendering a PDF takes longer than a click or the sending transaction may last. An action
whose files are not ready is passed by, says so, and leaves once the job has made them.
"""

import hashlib
import json
import logging

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import get_lang

from .dso_action import OPEN_STATES
from .dso_action_model_documents import TYPES_WITH_FILES
from .dso_action_send import CONFLICTS, _in_plain_words

_logger = logging.getLogger(__name__)

#: What of a statement's row is printed: another value asks for another file.
PRINTED = (
    "line_id",
    "name",
    "ref",
    "invoice_date",
    "due",
    "days_late",
    "amount",
    "group",
    "disputed_amount",
    "status_id",
    "promise_date",
    "penalty",
    "recovery",
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEGABYTE = 1024**2
#: A file grows by so much when it is written into an e-mail, as Odoo reckons.
IN_MAIL = 8 / 6
#: Megabytes that are kept for the text itself.
FOR_TEXT = 0.5


class DsoAction(models.Model):
    _inherit = "dso.action"

    preparing = fields.Boolean(
        readonly=True, copy=False, help="Its files are made before it leaves."
    )
    send_when_ready_id = fields.Many2one(
        "res.users",
        "Sent by, once its files are ready",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    without_files = fields.Boolean(
        "Leave without files",
        copy=False,
        help="The files of the action model stay away from this message.",
    )
    with_files = fields.Char(
        "Files",
        compute="_compute_with_files",
        help="Which files leave with it, in words.",
    )

    file_names = fields.Char(
        "Files by name",
        compute="_compute_file_names",
        help="The very files that would leave with it now.",
    )

    # what waits for its files
    _preparing_idx = models.Index("(id) WHERE preparing")

    @api.depends("action_model_id", "without_files", "type")
    def _compute_with_files(self):
        with_documents = self._with_documents()
        (self - with_documents).with_files = False
        for action in with_documents:
            model = action.action_model_id
            words = []
            for name in ("attach_invoices", "attach_statement"):
                field = model._fields[name]
                if (model[name] or "no") != "no":
                    label = field._description_string(self.env)
                    value = dict(field._description_selection(self.env))[model[name]]
                    words.append(f"{label}: {value}")
            if model.attach_files:
                words.append(
                    model._fields["attach_files"]._description_string(self.env)
                )
            action.with_files = " · ".join(words)

    @api.depends("action_model_id", "without_files", "type", "line_ids")
    def _compute_file_names(self):
        self.file_names = False
        opened = self.filtered(lambda a: a.state in OPEN_STATES)
        found = opened.sudo()._documents()  # names only, of actions that are read
        for action in opened:
            ready, missing = found.get(action.sudo(), (self.env["ir.attachment"], []))
            names = ready.mapped("name") + [
                move.name or move.display_name
                if move
                else self.env._("Statement of account (%s)", form.upper())
                for form, move in missing
            ]
            action.file_names = ", ".join(names)

    @api.depends("preparing", "send_when_ready_id")
    def _compute_held(self):
        res = super()._compute_held()
        for action in self:
            if action.preparing and action.state == "planned":
                action.held = (
                    self.env._("Leaves as soon as its files are made")
                    if action.send_when_ready_id
                    else self.env._("Held: its files are being made")
                )
        return res

    # -------------------------------------------------------------------------
    # WHICH FILES
    # -------------------------------------------------------------------------

    def _with_documents(self):
        """Those of these actions that leave with files of their model."""
        models_ = self.action_model_id._has_documents()
        return self.filtered(
            lambda action: (
                action.type in TYPES_WITH_FILES
                and action.action_model_id in models_
                and not action.without_files
            )
        )

    def _documents(self):
        """The files that are to leave with these actions, as the ledger stands now.

        A handful of queries, whatever the number of actions.

        :return: {action: (ir.attachment that are ready, list of what is missing)};
            missing are pairs of form and account.move, or form and None for the
            statement
        """
        actions = self._with_documents()
        if not actions:
            return {}
        rows_of = actions._statement_by_action()
        moves_of = actions._moves_to_attach(rows_of)
        moves = self.env["account.move"].union(*moves_of.values())
        copies = self._copies_of(moves)
        shared = actions._shared_files(rows_of)
        documents = self.env["dso.document"]
        contacts = actions._statement_contacts()
        statements = {}
        for document in documents.search(
            [("action_id", "in", actions.ids)], order="id"
        ):
            key = (document.action_id.id, document.form, document.fingerprint)
            statements[key] = document.attachment_id
        found = {}
        for action in actions:
            ready, missing = self.env["ir.attachment"], []
            forms = action._statement_forms()
            fingerprint = forms and action._statement_fingerprint(
                rows_of[action.id], contacts[action]
            )
            for form in forms:
                file = statements.get((action.id, form, fingerprint))
                if file:
                    ready |= file
                else:
                    missing.append((form, None))
            for move in moves_of[action]:
                if move.id in copies:
                    ready |= copies[move.id]
                else:
                    missing.append(("pdf", move))
            found[action] = (ready | shared[action], missing)
        return found

    def _statement_forms(self):
        wanted = self.action_model_id.attach_statement
        return {"pdf": ["pdf"], "xlsx": ["xlsx"], "both": ["pdf", "xlsx"]}.get(
            wanted, []
        )

    def _moves_to_attach(self, rows_of):
        """Invoices and credit notes whose PDF leaves with these actions.

        :param rows_of: of :meth:`_statement_by_action`
        :return: {action: account.move, by due date}
        """
        ids_of = {action: action._ids_to_attach(rows_of[action.id]) for action in self}
        moves = self.env["account.move"].browse(
            sorted({i for o in ids_of.values() for i in o})
        )
        sales = moves.filtered(
            lambda move: move.is_sale_document(include_receipts=True)
        )
        return {
            action: sales.browse(i for i in ids if i in sales._ids).with_prefetch(
                moves._ids
            )
            for action, ids in ids_of.items()
        }

    def _ids_to_attach(self, rows):
        """Ids of the entries whose PDF is asked for, without repetition."""
        self.ensure_one()
        wanted = self.action_model_id.attach_invoices
        if wanted == "listed":
            ids = [row["move_id"] for row, *_rest in self.account_id._listed(rows)]
        elif wanted != "claimed":
            ids = []
        elif self.kind != "scenario" and self.line_ids:
            ids = [item["move_id"] for item in self._selected_items(rows)]
        else:
            overdue, _not_due = self._split_claimed(self._by_heading(rows))
            ids = [item["move_id"] for item in overdue] or self.leader_id.ids
        return list(dict.fromkeys(ids))

    @api.model
    def _copies_of(self, moves):
        """The PDF of invoices: the one that Odoo made, else our copy of today's state.

        Other files of an invoice are not for its customer: they may be internal.

        :return: {move id: ir.attachment}
        """
        if not moves:
            return {}
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "account.move"),
                ("res_field", "=", "invoice_pdf_report_file"),
                ("res_id", "in", moves.ids),
            ]
        )
        copies = {file.res_id: file for file in files}
        for document in self.env["dso.document"].search(
            [("move_id", "in", list(set(moves.ids) - set(copies)))], order="id"
        ):
            if document.fingerprint == document.move_id._dso_print_key():
                copies[document.move_id.id] = document.attachment_id
        return copies

    def _shared_files(self, rows_of):
        """Files on the listed items that are meant for the customer.

        :return: {action: ir.attachment}
        """
        asking = self.filtered("action_model_id.attach_files")
        items_of = {
            action: {
                row["item_id"]
                for row, *_rest in self.account_id._listed(rows_of[action.id])
                if row["item_id"]
            }
            for action in asking
        }
        items = self.env["dso.item"].browse(set().union(*items_of.values()))
        files = {item.id: item.shared_attachment_ids for item in items}
        none = self.env["ir.attachment"]
        return {
            action: none.union(*(files[item] for item in items_of.get(action, ())))
            for action in self
        }

    def _statement_fingerprint(self, rows, contact):
        """What the statement of this action would show now, in short.

        :param rows: of :meth:`_statement_by_action`
        :param contact: res.partner, who the statement is written to
        """
        self.ensure_one()
        account = self.account_id
        lang = contact.lang or self.company_id.partner_id.lang
        facts = [
            get_lang(self.env, lang).code,
            self.company_id._dso_today(),
            contact.id,
            contact.write_date,
            account.collector_id.id,
            [[row[name] for name in PRINTED] for row, *_rest in account._listed(rows)],
        ]
        text = json.dumps(facts, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def _statement_contacts(self):
        """Who the statements of these actions are written to, in one go."""
        found = self.account_id._recipients()
        ids = [contact.id for contact in found.values()]
        return {
            action: found[action.account_id].with_prefetch(ids)
            or action.account_id.partner_id
            for action in self
        }

    # -------------------------------------------------------------------------
    # BEFORE SENDING
    # -------------------------------------------------------------------------

    def _claim(self, sender=None):
        """What is claimed has its files; what has not waits for them."""
        return super()._claim(sender)._claim_documents(sender)

    def _claim_documents(self, sender):
        found = self._documents()
        waiting = self.filtered(lambda a: a in found and found[a][1])
        large = self.browse()
        for action in (self - waiting).filtered(lambda a: a.type == "email"):
            files = found[action][0] if action in found else action._plain_files()
            if excess := files and action._too_large(files):
                action._park("too_large", excess)
                large |= action
        new = waiting.filtered(lambda a: not a.preparing or sender)
        if new:
            new._engine().write(
                {
                    "state": "planned",
                    "problem": False,
                    "error_detail": False,
                    "preparing": True,
                    "send_when_ready_id": sender.id if sender else False,
                }
            )
        if waiting:
            self._trigger_preparing()
        return self - waiting - large

    def _enclosures(self):
        """What is printed behind letters: the PDFs among their files.

        :return: {action: ir.attachment}
        """
        found = self._documents()
        return {
            action: (
                (found[action][0] if action in found else self.env["ir.attachment"])
                | action._plain_files()
            ).filtered(lambda file: file.mimetype == "application/pdf")
            for action in self
        }

    def _plain_files(self):
        """Files that a person or the text's author gave to a message."""
        self.ensure_one()
        return self.own_attachment_ids | self.template_id.attachment_ids

    def _too_large(self, files):
        """Why these files are too large for one e-mail, in words; else False.

        Above the limit of the mail server Odoo would replace them by links that never
        expire: that is no way for what concerns one customer only.
        """
        self.ensure_one()
        limit = self._mail_limit()
        files |= self._plain_files()
        size = sum(file.file_size for file in files) * IN_MAIL
        if size <= (limit - FOR_TEXT) * MEGABYTE:
            return False
        largest = max(files, key=lambda file: file.file_size)
        return self.env._(
            "%(size)s MB where an e-mail may have %(limit)s MB; the largest is"
            " %(largest)s",
            size=round(size / MEGABYTE, 1),
            limit=round(limit, 1),
            largest=largest.name,
        )

    def _mail_limit(self):
        """Largest e-mail in megabytes: of the company, and of the mail servers."""
        self.ensure_one()
        servers = self.env["ir.mail_server"].sudo()  # their limits only
        found = servers.search([("active", "=", True)]) or [servers]
        limits = [server._get_max_email_size() for server in found]
        own = self.company_id.root_id.sudo().dso_mail_limit  # one setting of its root
        return min([own, *limits] if own else limits)

    def _before_leaving(self, sender):
        res = super()._before_leaving(sender)
        waited = self.filtered(lambda a: a.preparing or a.send_when_ready_id)
        waited._engine().write({"preparing": False, "send_when_ready_id": False})
        return res

    def _park(self, problem, detail=False):
        res = super()._park(problem, detail)
        self._engine().write({"preparing": False, "send_when_ready_id": False})
        return res

    def _render_again(self):
        """What changed in the outbox is told with a statement of now.

        The one place where a file is rendered while its action is locked: nobody waits
        for a click, and the message is to leave in the next moment.
        """
        self._make_documents()
        return super()._render_again()

    def action_send_without_files(self):
        """Let messages leave whose files are too large, or cannot be made.

        :raise AccessError: for a user who is no collector
        """
        self._check_collector()
        self._lock_open()
        self._engine().write({"without_files": True})
        parked = self.filtered(lambda action: action.state == "error")
        return parked.action_retry() if parked else True

    # -------------------------------------------------------------------------
    # THE JOB
    # -------------------------------------------------------------------------

    @api.model
    def _trigger_preparing(self):
        # whoever sends may start the job, whose cron he cannot read
        self.env.ref("dso_collection.ir_cron_documents").sudo()._trigger()

    @api.model
    def _cron_documents(self):
        """Make the files of what is due and released, each action in a transaction.

        Also before the sending hours open: their first minutes are for sending. Then
        what a person sent, and what waited, leaves.
        """
        cron = self.env["ir.cron"]
        waiting = self._waiting_for_documents()
        left = len(waiting)
        for action in waiting:
            left -= 1
            action._prepare()
            if not cron._commit_progress(1, remaining=left):
                return
        if waiting:
            self.env.ref("dso_collection.ir_cron_send")._trigger()

    def _waiting_for_documents(self):
        """Actions that leave by themselves today, or were sent, and have files."""
        companies = self.env["res.company"].search(
            [("parent_id", "=", False), ("dso_sending_active", "=", True)]
        )
        asked = Domain("preparing", "=", True) & Domain("state", "=", "planned")
        due = Domain.OR(self._released_domain(company) for company in companies)
        models_ = self.env["dso.action.model"].with_context(active_test=False)
        with_files = models_.search([("type", "in", TYPES_WITH_FILES)])
        with_files = with_files._has_documents()
        return self.search(
            (asked | due) & Domain("action_model_id", "in", with_files.ids),
            order="send_when_ready_id, date, id",
        )

    def _prepare(self):
        """Make the files of one action and send it, if a person asked for that."""
        self.ensure_one()
        sender = self.send_when_ready_id
        try:
            with self.env.cr.savepoint():
                self._make_documents()
        except CONFLICTS:
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            return  # looked at again by the next run
        except Exception as error:
            # reports are anybody's code: what breaks one file parks one action
            self.env.invalidate_all(flush=False)
            _logger.warning("Files of action %s", self.id, exc_info=True)
            self._park("no_documents", _in_plain_words(error))
            return
        # kept before anything is locked: rendering took seconds
        self.env["ir.cron"]._commit_progress()
        try:
            if sender:
                self.with_context(
                    allowed_company_ids=self.company_id.ids
                )._send_or_park(sender)
            elif self.preparing:
                self._engine().preparing = False
                self.env.flush_all()
        except CONFLICTS as error:
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            _logger.info("Left to the next run: %s", str(error).strip())

    def _make_documents(self):
        """Render what is missing of the files of these actions."""
        for action, (_ready, missing) in self._documents().items():
            action = action.with_company(action.company_id)
            for form, move in missing:
                if move:
                    action._make_copy(move)
                else:
                    action._make_statement(form)

    def _make_copy(self, move):
        """A copy of an invoice of which Odoo has made no PDF; nothing is written on
        the invoice itself."""
        company = move.company_id
        move = move.with_company(company).with_context(report_pdf_no_attachment=True)
        report = self.env["account.move.send"]._get_default_pdf_report_id(move)
        reports = self.env["ir.actions.report"].with_env(move.env)
        content, suffix = reports._render_qweb_pdf(report, move.ids)
        self.env["dso.document"]._keep(
            move._get_invoice_report_filename(extension=suffix),
            content,
            _mimetype(suffix),
            company_id=company.id,
            move_id=move.id,
            form="pdf",
            fingerprint=move._dso_print_key(),
        )

    def _make_statement(self, form):
        self.ensure_one()
        account = self.account_id
        if form == "xlsx":
            content, suffix = account._statement_xlsx(), "xlsx"
        else:
            content, suffix = self.env["ir.actions.report"]._render_qweb_pdf(
                "dso_collection.report_statement", account.ids
            )
        self.env["dso.document"]._keep(
            f"{account._statement_file_name()}.{suffix}",
            content,
            _mimetype(suffix),
            company_id=self.company_id.id,
            action_id=self.id,
            form=form,
            fingerprint=self._statement_fingerprint(
                self._statement_by_action()[self.id], self._statement_contacts()[self]
            ),
        )


def _mimetype(suffix):
    return {"pdf": "application/pdf", "xlsx": XLSX}.get(suffix, "text/html")
