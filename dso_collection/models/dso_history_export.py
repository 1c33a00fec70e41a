"""Exports of the history to XLSX: at once when short, by a job when long."""

import json
import logging
import os
from datetime import date
from tempfile import TemporaryDirectory

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import split_every

from .dso_action_export import HistorySheet

_logger = logging.getLogger(__name__)

#: So many rows are written while the user waits.
AT_ONCE = 1_000
#: Rows that are read at a time.
CHUNK = 1_000
#: A sheet of XLSX has so many rows, one of them is the header.
MAX_ROWS = 1_048_575
#: A file can be downloaded for so many days.
KEEP_DAYS = 7


class DsoHistoryExport(models.Model):
    """What the filters of the history showed a user when he asked for it, read with
    his rights, in his language and companies. It is his alone."""

    _name = "dso.history.export"
    _inherit = ["dso.file.job"]
    _description = "Export of the History"
    _order = "id desc"
    _rec_name = "date"
    _hands_over = True

    user_id = fields.Many2one(index=True)
    domain = fields.Json(readonly=True, help="Search on actions.")
    company_ids = fields.Json("Companies", readonly=True, help="Numbers of companies.")
    lang = fields.Char(readonly=True)
    tz = fields.Char(readonly=True)
    state = fields.Selection(
        [("queued", "Being written"), ("ready", "Ready"), ("failed", "Failed")],
        required=True,
        default="queued",
        readonly=True,
    )
    row_count = fields.Integer("Actions", readonly=True, aggregator=None)
    done_count = fields.Integer("Written", readonly=True, aggregator=None)
    progress = fields.Float("Written (%)", compute="_compute_progress")
    file_size = fields.Integer(related="attachment_id.file_size", string="Size (bytes)")

    _queue_idx = models.Index("(id) WHERE state = 'queued'")

    @api.depends("state", "row_count", "done_count")
    def _compute_progress(self):
        for export in self:
            export.progress = (
                100
                if export.state == "ready"
                else 100 * export.done_count / export.row_count
                if export.row_count
                else 0
            )

    # -------------------------------------------------------------------------
    # ASKING
    # -------------------------------------------------------------------------

    @api.model
    def _check_may_export(self):
        if not self.env.user.has_group("base.group_allow_export"):
            raise AccessError(
                self.env._(
                    "You may not export data: ask an administrator for the right"
                    " to export."
                )
            )

    @api.model
    @api.private
    def _ask(self, domain):
        """Export the actions of a search, all of them readable by the user.

        :param domain: search on dso.action
        :return: client action: the download, or the notice that a job writes it
        :raise AccessError: for a user who may not export
        :raise UserError: when there is nothing, or more than a sheet holds
        """
        self._check_may_export()
        domain = Domain(domain) & Domain("state", "in", ("done", "cancelled"))
        count = self.env["dso.action"].search_count(domain)
        if not count:
            raise UserError(self.env._("There is nothing to export: no action fits."))
        if count > MAX_ROWS:
            raise UserError(
                self.env._(
                    "%(count)s actions do not fit on one sheet, which has room for"
                    " %(most)s: narrow the filters, by year for example.",
                    count=count,
                    most=MAX_ROWS,
                )
            )
        # the right to export was checked, and what goes in is read as the user
        export = self.sudo().create(
            {
                "user_id": self.env.uid,
                "domain": json.loads(json.dumps(list(domain), default=_plain)),
                "company_ids": self.env.companies.ids,
                "lang": self.env.lang,
                "tz": self.env.tz,
                "row_count": count,
            }
        )
        return export._make_or_wait(
            count <= AT_ONCE,
            "dso_collection.ir_cron_history_export",
            self.env._(
                "%s actions are being written. You will be told when the file is"
                " ready; you can go on working.",
                count,
            ),
        )

    # -------------------------------------------------------------------------
    # WRITING
    # -------------------------------------------------------------------------

    def _make_or_fail(self):
        """Write one; what its user may not read any more fails it, and no other."""
        try:
            self._make(self._report)
        except (AccessError, UserError, ValueError) as error:
            self.env.invalidate_all(flush=False)
            _logger.info("Export %s of the history failed", self.id, exc_info=True)
            self._fail(" ".join(str(error).split())[:300] or "?")
        else:
            self._tell(
                "success",
                self.env._("The export of %s actions is ready.", self.done_count),
            )

    def _report(self, count):
        """Show how far it is; what was read so far is history and stays."""
        self.done_count = count
        self.env["ir.cron"]._commit_progress()

    def _as_user(self):
        """The environment in which its user asked."""
        self.ensure_one()
        return self.with_user(self.user_id).with_context(
            lang=self.lang, tz=self.tz, allowed_company_ids=self.company_ids
        )

    def _make(self, report=None):
        """Write the file.

        Rows go to disk as they are read, ``CHUNK`` at a time, so that memory does not
        grow with their number.

        :param report: called after each chunk with the number of rows written
        """
        asked = self._as_user()
        asked._check_may_export()
        Action = asked.env["dso.action"]
        query = Action._search(
            Domain(self.domain or []) & Domain("state", "in", ("done", "cancelled")),
            order="date_closed desc, id desc",
        )
        ids = query.get_result_ids()
        self.row_count = len(ids)
        with TemporaryDirectory() as folder:
            path = os.path.join(folder, "history.xlsx")
            with HistorySheet(asked.env, path, len(ids)) as sheet:
                for chunk in split_every(CHUNK, ids):
                    sheet.add(Action.browse(chunk))
                    # what is not forgotten fills the memory
                    self.env.flush_all()
                    self.env.invalidate_all(flush=False)
                    if report:
                        report(sheet.count)
            with open(path, "rb") as file:
                content = file.read()
        self._keep(
            asked.env._(
                "collection-history-%s.xlsx",
                fields.Date.to_string(fields.Date.context_today(asked)),
            ),
            content,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            done_count=len(ids),
        )

    def _failed_words(self):
        return self.env._("The history was not exported: %s", self.error)

    @api.autovacuum
    def _gc_exports(self):
        """Files that nobody fetched, or that were fetched long ago, go."""
        old = fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_DAYS)
        self.search([("date", "<", old)]).unlink()

    # -------------------------------------------------------------------------
    # BUTTONS
    # -------------------------------------------------------------------------


def _plain(value):
    """What a domain holds beside plain JSON: days, and sets of values."""
    return str(value) if isinstance(value, date) else list(value)
