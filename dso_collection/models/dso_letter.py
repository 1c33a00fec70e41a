"""The outbox of letters: one row for each that was handed over (rules.md §2)."""

import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from odoo.tools.pdf import merge_pdf

from .dso_action_send import CONFLICTS, _in_plain_words
from .dso_qualification import ENGINE

_logger = logging.getLogger(__name__)

STATES = [
    ("waiting", "To print"),
    ("made", "Printed"),
    ("posted", "Posted"),
    ("returned", "Came back"),
    ("failed", "Failed"),
    ("withdrawn", "Not sent"),
]
#: What a person notes of a letter, also long after it was posted.
NOTED_FIELDS = {"tracking_number", "receipt_date"}


class DsoLetter(models.Model):
    """A letter on its way: waits to be printed, is printed in a file of several, then
    posted by a person, or handed over to a post service."""

    _name = "dso.letter"
    _description = "Letter"
    _order = "id desc"
    _rec_name = "subject"
    _check_company_auto = True

    action_id = fields.Many2one(
        "dso.action", "Action", required=True, readonly=True, index=True
    )
    account_id = fields.Many2one(related="action_id.account_id", store=True, index=True)
    company_id = fields.Many2one(related="action_id.company_id", store=True, index=True)
    collector_id = fields.Many2one(related="action_id.collector_id")
    partner_id = fields.Many2one(
        "res.partner", "Written to", readonly=True, ondelete="set null"
    )
    subject = fields.Char(readonly=True)
    body = fields.Html("Text", readonly=True, sanitize=False)
    registered = fields.Boolean(
        "With acknowledgment", readonly=True, help="Of receipt, by registered post."
    )
    state = fields.Selection(STATES, required=True, readonly=True, default="waiting")
    batch_id = fields.Many2one(
        "dso.letter.batch",
        "Print file",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    attachment_id = fields.Many2one(
        "ir.attachment", "PDF", readonly=True, ondelete="set null"
    )
    enclosure_ids = fields.Many2many(
        "ir.attachment",
        "dso_letter_enclosure",
        string="Enclosures",
        readonly=True,
        help="Printed behind the letter.",
    )
    page_count = fields.Integer("Pages", readonly=True)
    reason = fields.Char("Why", readonly=True, help="Why it was not sent.")
    posted_on = fields.Date("Posted on", readonly=True)
    posted_by_id = fields.Many2one("res.users", "Posted by", readonly=True)
    by_service = fields.Boolean(
        "By post service",
        readonly=True,
        help="Printed and posted by the post service that the company uses.",
    )
    service_number = fields.Integer(
        readonly=True, help="Of the letter in the outbox of the post service."
    )
    tracking_number = fields.Char(
        "Tracking number",
        help="Of the registered letter, from the receipt of the post.",
    )
    receipt_date = fields.Date(
        "Received on", help="As the acknowledgment of receipt says."
    )

    _waiting_idx = models.Index("(company_id, id) WHERE state IN ('waiting', 'made')")
    _tracking_idx = models.Index("(tracking_number) WHERE tracking_number IS NOT NULL")

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    def _engine(self):
        """These letters with the right to write what users may not."""
        return self.sudo().with_context(dso_engine=ENGINE)  # callers check

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("dso_engine") is not ENGINE:
            raise UserError(self.env._("Letters are made by sending an action."))
        return super().create(vals_list)

    def write(self, vals):
        if self.env.context.get("dso_engine") is not ENGINE:
            if set(vals) - NOTED_FIELDS:
                raise UserError(
                    self.env._(
                        "Of a letter only its tracking number and the day of its"
                        " receipt can be noted."
                    )
                )
            for letter in self:
                letter._check_noted(vals)
        return super().write(vals)

    def _check_noted(self, vals):
        """A letter is received by somebody after it was posted."""
        day = fields.Date.to_date(vals.get("receipt_date"))
        if not day:
            return
        if not self.posted_on:
            raise UserError(
                self.env._(
                    "%s was not posted yet: nobody can have received it.",
                    self.display_name,
                )
            )
        if not self.posted_on <= day <= self.company_id._dso_today():
            raise UserError(
                self.env._(
                    "A letter is received between the day it was posted and today."
                )
            )

    # -------------------------------------------------------------------------
    # THE LAST LOOK, AND THE PDF
    # -------------------------------------------------------------------------

    def _prepare(self):
        """Look at the ledger once more, and make the PDF of what still is to leave.

        What was settled, disputed or put on hold is withdrawn; what changed is rendered
        again; one that fails fails alone. In the transaction of the caller, a job.

        :return: the letter to print, another one where it was rendered again, or none
        """
        self.ensure_one()
        letter = self._engine()
        if not letter._claim():
            return self.browse()
        try:
            with self.env.cr.savepoint():
                found = letter._look()
                if found:
                    found._make_pdf()
                return found
        except CONFLICTS:
            raise
        except Exception as error:
            # its text, its customer's data, the renderer: it fails alone
            self.env.invalidate_all(flush=False)
            _logger.warning("Letter %s was not made", letter.id, exc_info=True)
            letter._fail(_in_plain_words(error))
        return self.browse()

    def _claim(self):
        """Take this letter; False when somebody else has it or it is done with."""
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM dso_letter WHERE id = %s AND state = 'waiting'
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                self.id,
            )
        )
        return bool(rows)

    def _look(self):
        """:return: the letter that is to leave, maybe rendered anew; else empty"""
        action = self.action_id
        if action.letter_id != self or action.delivery_settled:
            self._withdraw(action.outcome or self.env._("Another letter replaced it."))
            return self.browse()
        verdict = action._last_look()
        if verdict is None:
            return self
        action._lock_for_outbox()
        if verdict == "changed":
            batch = self.batch_id
            action._render_again()  # withdraws this one
            letter = action.letter_id._engine()
            letter.batch_id = batch
            return letter
        action._withdraw(verdict)
        self._withdraw(action.outcome or self.env._("Not to be sent any more."))
        return self.browse()

    def _make_pdf(self):
        """Make and keep the PDF of this letter."""
        self.ensure_one()
        content = self._print(link=self.action_id._letter_page_link())
        attachment = self.env["ir.attachment"].create(
            {
                "name": self._file_name(),
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.write(
            {
                "attachment_id": attachment.id,
                "page_count": self.action_id._letter_pages(content),
                "state": "made",
                "reason": False,
            }
        )

    def _print(self, link=None):
        """The letter as it is now, with its enclosures behind it.

        :param link: to the page of its reader, printed as a code
        :return: bytes of a PDF
        """
        self.ensure_one()
        action = self.action_id.with_company(self.company_id)
        files = self.sudo().enclosure_ids  # of a letter that the caller may read
        page = action._letter_html(
            (self.subject, self.body), files.mapped("name"), link
        )
        content = action._letter_print(page)
        return merge_pdf([content, *files.mapped("raw")]) if files else content

    def _pdf_now(self):
        """The PDF as it was made; of a letter that waits, as it would be printed now.

        :return: bytes
        """
        self.ensure_one()
        self.check_access("read")
        # of the letter that the caller may read
        kept = self.sudo().attachment_id
        return kept.raw if kept else self._print()

    def _file_name(self):
        day = fields.Date.to_string(self.company_id._dso_today())
        customer = self.account_id.partner_id.name or ""
        return f"{day} {customer} {self.subject or ''}".replace("/", "-")[:120] + ".pdf"

    def _withdraw(self, reason):
        """These letters do not leave; a file that holds one is made without it, and
        the links that were printed open nothing."""
        made = self.filtered(lambda letter: letter.state == "made").action_id
        tokens = self.env["dso.access.token"].sudo()  # ends them only
        tokens.search([("action_id", "in", made.ids)])._revoke("withdrawn")
        printed = self.filtered(lambda letter: letter.state == "made").batch_id
        self._engine().write({"state": "withdrawn", "reason": reason})
        printed.filtered(lambda batch: batch.state == "ready")._make_again()

    def _fail(self, reason):
        """This letter did not leave: its action asks for a person."""
        self._engine().write({"state": "failed", "reason": reason})
        self._tell_action("failed", reason)

    def _tell_action(self, delivery, detail=False):
        """What became of the last letter of an action is what became of the action."""
        for letter in self:
            action = letter.action_id
            if action.letter_id != letter:
                continue
            values = {"delivery": delivery, "error_detail": detail}
            if delivery == "sent":
                values["sent_at"] = fields.Datetime.now()
            action._engine().sudo().write(values)  # callers check

    # -------------------------------------------------------------------------
    # POSTED
    # -------------------------------------------------------------------------

    def _posted(self, user=None):
        """These letters have left the house.

        :param user: res.users who posted them; None = a post service
        """
        for company, letters in self.grouped("company_id").items():
            letters._engine().write(
                {
                    "state": "posted",
                    "posted_on": company._dso_today(),
                    "posted_by_id": user.id if user else False,
                }
            )
        self._tell_action("sent")
        for letter in self:
            letter.action_id.sudo()._message_log(  # callers check
                body=letter.body,
                subject=letter.subject,
                attachment_ids=letter.attachment_id.ids,
            )

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def _check_collector(self):
        if not self.env.user.has_group("dso_collection.group_collector"):
            raise AccessError(
                self.env._("Letters are printed and posted by collectors.")
            )
        self.check_access("write")

    def action_print(self):
        """Have one print file made of these letters, in each company of theirs.

        :raise UserError: for letters that do not wait, or while sending is off
        """
        self._check_collector()
        waiting = self.filtered(lambda letter: letter.state == "waiting")
        free = waiting.filtered(lambda letter: letter.batch_id.state != "queued")
        if not free:
            raise UserError(
                self.env._("None of these letters waits to be printed any more.")
            )
        return self.env["dso.letter.batch"]._ask(free)

    def action_print_all(self):
        """The same of all letters that wait, whatever is chosen."""
        return self.search([("state", "=", "waiting")]).action_print()

    def action_withdraw(self):
        """Do not send these letters after all; their steps count as not done."""
        self._check_collector()
        for letter in self:
            if letter.state not in ("waiting", "made", "failed"):
                raise UserError(self.env._("%s has left already.", letter.display_name))
        for letter in self._engine():
            action = letter.action_id
            # what was settled another way, sent again for instance, is done
            if action.letter_id == letter and not action.delivery_settled:
                action._lock_for_outbox()
                if action._may_have_left():
                    raise UserError(
                        self.env._(
                            "%s may have left: nobody can take it out any more. Send"
                            " it again from its action, or leave it at that.",
                            letter.display_name,
                        )
                    )
                action._withdraw("user")
            letter._withdraw(self.env._("Taken out by %s.", self.env.user.name))
        return True

    def action_came_back(self):
        """The post returned these letters: their actions were not delivered."""
        self._check_collector()
        for letter in self:
            if letter.state != "posted":
                raise UserError(
                    self.env._(
                        "%s was not posted: it cannot have come back.",
                        letter.display_name,
                    )
                )
        reason = self.env._("The post returned the letter: check the address.")
        self._engine().write({"state": "returned", "reason": reason})
        self._tell_action("bounced", reason)
        return True

    def action_open_pdf(self):
        """Show the PDF as it was made; one that waits, as it would be printed now."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/dso/letter/{self.id}",
            "target": "new",
        }
