"""The litigation file: one archive with all that a lawyer or a court asks for."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from .dso_litigation_archive import Archive

_logger = logging.getLogger(__name__)

#: A file whose making was cut so often waits for a person.
MAX_ATTEMPTS = 3


class DsoLitigationFile(models.Model):
    """An archive that was asked for. A job makes it: rendering invoices takes longer
    than a click may."""

    _name = "dso.litigation.file"
    _description = "Litigation File"
    _order = "id desc"
    _rec_name = "account_id"
    _check_company_auto = True

    account_id = fields.Many2one(
        "dso.account", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    user_id = fields.Many2one("res.users", "Asked by", required=True, readonly=True)
    date = fields.Datetime(
        "Asked on", required=True, readonly=True, default=fields.Datetime.now
    )
    move_ids = fields.Many2many("account.move", string="Items", readonly=True)
    state = fields.Selection(
        [("queued", "Being made"), ("ready", "Ready"), ("failed", "Failed")],
        required=True,
        default="queued",
        readonly=True,
    )
    attempts = fields.Integer(readonly=True)
    error = fields.Char("What went wrong", readonly=True)
    attachment_id = fields.Many2one(
        "ir.attachment", "Archive", readonly=True, ondelete="set null"
    )
    file_size = fields.Integer(related="attachment_id.file_size", string="Size (bytes)")
    file_count = fields.Integer("Files", readonly=True, aggregator=None)
    checksum = fields.Char(
        "SHA-256", readonly=True, help="Of the archive: who receives it can compare."
    )

    _queue_idx = models.Index("(id) WHERE state = 'queued'")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals.update(user_id=self.env.uid, state="queued")
            vals.pop("attachment_id", None)
        files = super().create(vals_list)
        for file in files:
            # whoever asks must see what the job, with all rights, will put in
            file.account_id.check_access("read")
            file.move_ids.check_access("read")
            strangers = file.move_ids - file._own_moves(file.move_ids)
            if strangers:
                raise UserError(
                    self.env._(
                        "%(item)s is not an item of %(customer)s.",
                        item=strangers[0].display_name,
                        customer=file.account_id.display_name,
                    )
                )
        # whoever may ask may start the job, whose cron he cannot read
        self.env.ref("dso_collection.ir_cron_litigation").sudo()._trigger()
        return files

    def _own_moves(self, moves):
        """Those of these entries that hold an item of the account or its members."""
        accounts = self.account_id | self.account_id.member_ids
        return moves.filtered(
            lambda move: move.company_id.root_id == self.company_id
            and move.line_ids.partner_id.commercial_partner_id & accounts.partner_id
        )

    @api.model
    def _ask(self, account, moves=None):
        """Ask for the file of a customer.

        :param account: dso.account
        :param moves: account.move; None = his items in litigation, where none is all
            that is open
        :return: dso.litigation.file
        """
        if moves is None:
            items = self.env["dso.item"].search(
                [("account_id", "=", account.id), ("status_type", "=", "litigation")]
            )
            moves = items.move_id or account.item_line_ids.move_id
        return self.create({"account_id": account.id, "move_ids": moves.ids})

    def _show(self):
        """Open these files."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dso_collection.dso_litigation_file_action"
        )
        if len(self) == 1:
            return {
                **action,
                "view_mode": "form",
                "views": [(False, "form")],
                "res_id": self.id,
            }
        return {**action, "domain": [("id", "in", self.ids)]}

    # -------------------------------------------------------------------------
    # THE JOB
    # -------------------------------------------------------------------------

    @api.model
    def _cron_make(self):
        """Make what was asked for, each in a transaction of its own."""
        cron = self.env["ir.cron"]
        waiting = self.search([("state", "=", "queued")], order="id")
        left = len(waiting)
        for file in waiting:
            left -= 1
            file.attempts += 1
            # kept, should making it kill the job; and the renderer fetches over HTTP
            cron._commit_progress(remaining=left + 1)
            if file.attempts > MAX_ATTEMPTS:
                file._fail(self.env._("Making it was interrupted several times."))
            else:
                try:
                    with self.env.cr.savepoint():
                        file._make()
                except Exception as error:
                    self.env.invalidate_all(flush=False)
                    _logger.warning("Litigation file %s", file.id, exc_info=True)
                    file._fail(str(error).strip().splitlines()[0][:300] or "?")
            if not cron._commit_progress(1, remaining=left):
                break

    def _make(self):
        """Make the archive and tell who asked for it."""
        self.ensure_one()
        asked = self.with_context(
            lang=self.user_id.lang,
            tz=self.user_id.tz,
            allowed_company_ids=self.company_id.ids,
        )
        archive = Archive(asked)
        content, checksum = archive.make()
        name = self.env._(
            "litigation-%(customer)s-%(date)s.zip",
            customer=archive.safe(self.account_id.partner_id.name or ""),
            date=fields.Date.to_string(self.company_id._dso_today()),
        )
        attachment = self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "mimetype": "application/zip",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.attachment_id.unlink()
        self.write(
            {
                "state": "ready",
                "error": False,
                "attachment_id": attachment.id,
                "file_count": archive.count,
                "checksum": checksum,
            }
        )
        self._tell(
            "success",
            self.env._("The litigation file of %s is ready.", self.display_name),
        )

    def _fail(self, error):
        self.write({"state": "failed", "error": error})
        self._tell(
            "danger",
            self.env._("The litigation file of %s was not made.", self.display_name),
        )

    def _tell(self, kind, message):
        self.user_id._bus_send(
            "simple_notification", {"type": kind, "message": message, "sticky": True}
        )

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

    def action_download(self):
        """Download the archive.

        :raise UserError: while it is not ready
        """
        self.ensure_one()
        self.check_access("read")
        if not self.attachment_id:
            raise UserError(self.env._("The file is not ready yet."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "download",
        }

    def action_again(self):
        """Make it once more, with what is known today."""
        self.check_access("read")
        self.check_access("create")
        return self._show_new()

    def _show_new(self):
        files = self.browse()
        for file in self:
            files |= self._ask(file.account_id, file.move_ids)
        return files._show()
