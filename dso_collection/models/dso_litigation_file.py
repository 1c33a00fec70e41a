"""The litigation file: one archive with all that a lawyer or a court asks for."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from .dso_action_send import _in_plain_words
from .dso_litigation_archive import Archive

_logger = logging.getLogger(__name__)


class DsoLitigationFile(models.Model):
    """An archive that was asked for. A job makes it: rendering invoices takes longer
    than a click may."""

    _name = "dso.litigation.file"
    _inherit = ["dso.file.job"]
    _description = "Litigation File"
    _order = "id desc"
    _rec_name = "account_id"
    _check_company_auto = True

    _window = "dso_collection.dso_litigation_file_action"

    account_id = fields.Many2one(
        "dso.account", "Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    move_ids = fields.Many2many("account.move", string="Items", readonly=True)
    state = fields.Selection(
        [("queued", "Being made"), ("ready", "Ready"), ("failed", "Failed")],
        required=True,
        default="queued",
        readonly=True,
    )
    attachment_id = fields.Many2one(string="Archive")
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

    # -------------------------------------------------------------------------
    # THE JOB
    # -------------------------------------------------------------------------

    def _make_or_fail(self):
        try:
            with self.env.cr.savepoint():
                self._make()
        except Exception as error:
            # whatever breaks a file, its invoices or their reports, breaks no other
            self.env.invalidate_all(flush=False)
            _logger.warning("Litigation file %s", self.id, exc_info=True)
            self._fail(_in_plain_words(error))

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
        self._keep(
            name,
            content,
            "application/zip",
            file_count=archive.count,
            checksum=checksum,
        )
        self._tell(
            "success",
            self.env._("The litigation file of %s is ready.", self.display_name),
        )

    def _failed_words(self):
        return self.env._("The litigation file of %s was not made.", self.display_name)

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------

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
