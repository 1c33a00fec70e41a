"""Letters in one PDF for the printer, and what became of them in the post."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.pdf import merge_pdf

from .dso_action_send import CONFLICTS, _in_plain_words
from .dso_qualification import ENGINE

_logger = logging.getLogger(__name__)


class DsoLetterBatch(models.Model):
    """One file of letters that a person asked for. A job makes it, because a PDF takes
    longer than a click may; each letter is looked at once more before it is put in."""

    _name = "dso.letter.batch"
    _inherit = ["dso.file.job"]
    _description = "Print File of Letters"
    _order = "id desc"
    _check_company_auto = True

    _window = "dso_collection.dso_letter_batch_action"

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    state = fields.Selection(
        [
            ("queued", "Being made"),
            ("ready", "To post"),
            ("posted", "Posted"),
            ("empty", "Nothing left"),
            ("failed", "Failed"),
        ],
        required=True,
        default="queued",
        readonly=True,
    )
    letter_ids = fields.One2many("dso.letter", "batch_id", "Letters")
    letter_count = fields.Integer(compute="_compute_counts")
    page_count = fields.Integer("Pages", compute="_compute_counts")
    left_out_count = fields.Integer(
        "Left out", compute="_compute_counts", help="Letters that were not printed."
    )
    attachment_id = fields.Many2one(string="PDF")
    posted_on = fields.Date("Posted on", readonly=True)
    posted_by_id = fields.Many2one("res.users", "Posted by", readonly=True)

    _queue_idx = models.Index("(id) WHERE state = 'queued'")

    @api.depends("date")
    def _compute_name(self):
        for batch in self:
            batch.name = self.env._(
                "Letters %s",
                fields.Datetime.context_timestamp(
                    batch, batch.date or fields.Datetime.now()
                ).strftime("%Y-%m-%d %H:%M"),
            )

    @api.depends("letter_ids.state")
    def _compute_counts(self):
        for batch in self:
            inside = batch.letter_ids.filtered(
                lambda letter: letter.state in ("waiting", "made", "posted", "returned")
            )
            batch.letter_count = len(inside)
            batch.page_count = sum(inside.mapped("page_count"))
            batch.left_out_count = len(batch.letter_ids - inside)

    def _engine(self):
        """These files with the right to write what users may not."""
        return self.sudo().with_context(dso_engine=ENGINE)  # callers check

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("dso_engine") is not ENGINE:
            raise UserError(self.env._("Choose letters under Letters and press Print."))
        return super().create(vals_list)

    def write(self, vals):
        """What is noted of its letters is noted on them, through their own checks."""
        if self.env.context.get("dso_engine") is not ENGINE:
            commands = vals.get("letter_ids") or []
            if set(vals) - {"letter_ids"} or any(
                command[0] not in (Command.UPDATE, Command.LINK) for command in commands
            ):
                raise UserError(
                    self.env._("A print file is handled by its buttons only.")
                )
            for command in commands:
                if command[0] == Command.UPDATE:
                    (self.letter_ids & self.letter_ids.browse(command[1])).write(
                        command[2]
                    )
            return True
        return super().write(vals)

    @api.model
    def _ask(self, letters):
        """Have one file made of letters, in each of their companies.

        :param letters: dso.letter that wait; the caller checked who asks
        :return: window of what is being made
        :raise UserError: while sending is switched off
        """
        batches = self.browse()
        for company, own in letters.grouped("company_id").items():
            company._dso_check_sending()
            batch = self._engine().create(
                {"company_id": company.id, "user_id": self.env.uid}
            )
            own._engine().batch_id = batch
            batches |= self.browse(batch.id)
        self._trigger()
        return batches._show()

    @api.model
    def _trigger(self):
        # whoever may ask may start the job, whose cron he cannot read
        self.env.ref("dso_collection.ir_cron_letters").sudo()._trigger()

    # -------------------------------------------------------------------------
    # THE JOB
    # -------------------------------------------------------------------------

    @api.model
    def _cron_make(self):
        """Hand letters to the post service, and make the files that were asked for.

        Each letter is a transaction of its own: what was made stays made when the job
        is cut, and it goes on where it was.
        """
        self.env["dso.letter"]._hand_over()
        waiting = self._engine().search([("state", "=", "queued")], order="id")
        waiting._make_waiting()

    def _make_or_fail(self):
        if self.company_id.dso_sending_active:
            self._make_letters()
            self._merge()
        else:
            self._fail(self.env._("Sending was switched off before it was printed."))

    def _make_letters(self):
        """Prepare the letters of this file, each in a transaction of its own."""
        cron = self.env["ir.cron"]
        company = self.company_id
        letters = self.letter_ids.filtered(lambda letter: letter.state == "waiting")
        for letter in (
            letters.sorted("id")
            .with_company(company)
            .with_context(allowed_company_ids=company.ids)
        ):
            if not company.dso_sending_active:
                return  # switched off since it began; the next run says so
            try:
                letter._prepare()
            except CONFLICTS as error:
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                _logger.info("A letter is left to the next run: %s", str(error).strip())
            cron._commit_progress()

    def _merge(self):
        """Put what is made into one PDF; what another transaction holds is waited for
        by the next run."""
        self.ensure_one()
        if not self._claim():
            return
        letters = self.letter_ids
        if letters.filtered(lambda letter: letter.state == "waiting"):
            self._trigger()
            return
        made = letters.filtered(lambda letter: letter.state == "made").sorted("id")
        if not made:
            self.attachment_id.unlink()
            self.write({"state": "empty", "error": False})
            self._tell(
                "warning", self.env._("%s: nothing is left to print.", self.name)
            )
            return
        try:
            content = merge_pdf([letter.attachment_id.raw for letter in made])
        except Exception as error:
            # libraries of PDF raise what they like
            _logger.warning("Print file %s", self.id, exc_info=True)
            self._fail(_in_plain_words(error))
            return
        self._keep(f"{self.name.replace(':', '-')}.pdf", content, "application/pdf")
        self._tell("success", self.env._("%s: ready to be printed.", self.name))

    def _claim(self):
        """Take this file; False when another job has it or has made it."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM dso_letter_batch WHERE id = %s AND state = 'queued'
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                self.id,
            )
        )
        self.letter_ids.invalidate_recordset(["state", "attachment_id"])
        return bool(rows)

    def _failed_words(self):
        return self.env._("%s: not made.", self.name)

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def _check_ready(self):
        self.ensure_one()
        self.env["dso.letter"]._check_collector()
        self.check_access("read")
        if self.state != "ready":
            raise UserError(
                self.env._(
                    "%(file)s is not there to be posted: %(state)s.",
                    file=self.name,
                    state=dict(self._fields["state"]._description_selection(self.env))[
                        self.state
                    ],
                )
            )

    def action_download(self):
        """Download the PDF, unless something in it has changed since it was made: then
        it is made again, without what was settled.

        :raise UserError: while it is not ready
        """
        self.ensure_one()
        self.env["dso.letter"]._check_collector()
        self.check_access("read")
        if self.state == "posted":
            return self._download()
        self._check_ready()
        changed = self._engine()._changed_since()
        if not changed:
            return self._download()
        changed._engine().state = "waiting"
        self._make_again()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": self.env._(
                    "What is owed changed for %s of the letters since the file was"
                    " made. It is made again; you will be told when it is ready.",
                    len(changed),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _changed_since(self):
        """The letters of this file that are not to leave as they were printed."""
        return self.letter_ids.filtered(
            lambda letter: (
                letter.state == "made" and letter.action_id._last_look() is not None
            )
        )

    def _make_again(self):
        if self:
            self._engine().write({"state": "queued", "attempts": 0})
            self._trigger()

    def _download(self):
        if not self.attachment_id:
            raise UserError(self.env._("The file is not there any more."))
        return super()._download()

    def action_posted(self):
        """The letters of this file have left the house (rules.md §2).

        :raise UserError: for a file that is not ready
        """
        self._check_ready()
        letters = self.letter_ids.filtered(lambda letter: letter.state == "made")
        letters._posted(self.env.user)
        self._engine().write(
            {
                "state": "posted",
                "posted_on": self.company_id._dso_today(),
                "posted_by_id": self.env.uid,
            }
        )
        return True

    def action_give_up(self):
        """Do not post this file: its letters wait again, to be printed in another."""
        self.ensure_one()
        self.env["dso.letter"]._check_collector()
        self.check_access("read")
        if self.state not in ("ready", "failed"):
            self._check_ready()
        letters = self.letter_ids.filtered(
            lambda letter: letter.state in ("made", "waiting")
        )
        letters._engine().write({"state": "waiting", "batch_id": False})
        self._engine().write({"state": "empty"})
        return True

    def action_try_again(self):
        """Make a file that failed once more."""
        self.ensure_one()
        self.env["dso.letter"]._check_collector()
        self.check_access("read")
        if self.state != "failed":
            self._check_ready()
        self._make_again()
        return True
