"""Files of reports: at once when short, by a job when long or when they are mailed."""

import logging
import os
from tempfile import TemporaryDirectory

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

_logger = logging.getLogger(__name__)

#: So many items are written while the user waits.
AT_ONCE = 5_000
#: A file can be downloaded for so many days.
KEEP_DAYS = 7
MIMETYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class DsoReportFile(models.Model):
    """A report that a user asked for, or that is mailed to him: read with his rights,
    in his language and companies. It is his alone."""

    _name = "dso.report.file"
    _inherit = ["dso.file.job"]
    _description = "File of a Report"
    _order = "id desc"
    _rec_name = "name"
    _hands_over = True

    name = fields.Char(readonly=True)
    user_id = fields.Many2one(string="For", index=True)
    report = fields.Selection("_selection_report", required=True, readonly=True)
    form = fields.Selection(
        [("pdf", "PDF"), ("xlsx", "Excel"), ("both", "PDF and Excel")],
        "Format",
        required=True,
        readonly=True,
    )
    options = fields.Json(readonly=True, help="What was asked of the report.")
    lang = fields.Char(readonly=True)
    tz = fields.Char(readonly=True)
    state = fields.Selection(
        [("queued", "Being written"), ("ready", "Ready"), ("failed", "Failed")],
        required=True,
        default="queued",
        readonly=True,
    )
    schedule_id = fields.Many2one(
        "dso.report.schedule",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Mailed by this schedule instead of kept.",
    )
    run = fields.Datetime(readonly=True, help="The mailing that it belongs to.")
    file_size = fields.Integer(related="attachment_id.file_size", string="Size (bytes)")

    _queue_idx = models.Index("(id) WHERE state = 'queued'")
    # nobody gets the same mailing twice
    _run_uniq = models.UniqueIndex(
        "(schedule_id, user_id, run) WHERE schedule_id IS NOT NULL"
    )

    @api.model
    def _selection_report(self):
        return self.env["dso.report.table"]._selection_report()

    # -------------------------------------------------------------------------
    # ASKING
    # -------------------------------------------------------------------------

    @api.model
    def _check_may_export(self, form):
        """Sheets are exports of data, which Odoo has a right of its own for."""
        if form != "pdf" and not self.env.user.has_group("base.group_allow_export"):
            raise AccessError(
                self.env._(
                    "You may not export data: ask an administrator for the right"
                    " to export."
                )
            )

    @api.model
    @api.private
    def _ask(self, report, form, options=None):
        """Make a report for the user.

        :param report: key of the report
        :param form: ``pdf`` or ``xlsx``
        :param options: as of ``dso.report.table._report_options()``
        :return: client action: the download, or the notice that a job writes it
        :raise AccessError: for who may not read the report, or not export
        :raise UserError: for what the report does not know
        """
        self._check_may_export(form)
        model = self.env["dso.report.table"]._report_of(report)
        checked = model._report_options(options)
        # sudo: users create no files; the rights to export and to read the report were
        # checked, and what goes in is read as the user
        file = self.sudo().create(
            {
                "name": model._report_title(),
                "user_id": self.env.uid,
                "report": report,
                "form": form,
                "options": self._plain(checked),
                "lang": self.env.lang,
                "tz": self.env.tz,
            }
        )
        return file._make_or_wait(
            form == "pdf" or model._report_item_count(options) <= AT_ONCE,
            "dso_collection_reports.ir_cron_report_files",
            self.env._(
                "The report is being written. You will be told when the file is ready;"
                " you can go on working."
            ),
        )

    @api.model
    def _plain(self, options):
        """Checked options as JSON holds them."""

        def plain(value):
            if isinstance(value, (list, tuple, set)):
                return [plain(one) for one in value]
            return value.isoformat() if hasattr(value, "isoformat") else value

        return {name: plain(value) for name, value in options.items()}

    # -------------------------------------------------------------------------
    # WRITING
    # -------------------------------------------------------------------------

    def _make_or_fail(self):
        """Write one; what its user may not read any more fails it, and no other."""
        try:
            with self.env.cr.savepoint():
                self._make()
        except Exception as error:
            # whatever breaks a report, one that an addon brings included, breaks no
            # other; the unexpected is told in general words
            self.env.invalidate_all(flush=False)
            _logger.warning("Report file %s failed", self.id, exc_info=True)
            known = isinstance(error, (AccessError, UserError))
            words = " ".join(str(error).split())[:300] if known else ""
            self._fail(words or self.env._("The report could not be computed."))
        else:
            if not self.schedule_id:
                self._tell("success", self.env._("The report %s is ready.", self.name))

    def _as_user(self):
        """The environment of who reads it."""
        self.ensure_one()
        return self.with_user(self.user_id).with_context(
            lang=self.lang,
            tz=self.tz,
            allowed_company_ids=self.options["companies"],
        )

    def _make(self):
        """Write the file, and mail it where a schedule asks for it."""
        reader = self._as_user()
        reader._check_may_export(self.form)
        report = reader.env["dso.report.table"]._report_of(self.report)
        with TemporaryDirectory() as folder:
            files = []
            if self.form != "xlsx":
                name, content = report._report_pdf(self.options)
                files.append((name, content, MIMETYPES["pdf"]))
            if self.form != "pdf":
                path = os.path.join(folder, "report.xlsx")
                name, _count = report._report_xlsx(path, self.options)
                with open(path, "rb") as file:
                    files.append((name, file.read(), MIMETYPES["xlsx"]))
        if self.schedule_id:
            self._mail(files)
        else:
            [(name, content, mimetype)] = files
            self._keep(name, content, mimetype)

    def _mail(self, files):
        """Queue the e-mail with these files to its user; nothing is kept.

        :param files: [(name, bytes, mimetype)]
        """
        user = self.user_id
        env = self.with_context(lang=self.lang).env
        schedule = self.schedule_id.with_env(env)
        attachments = env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": content,
                    "mimetype": mimetype,
                    "res_model": "mail.mail",
                }
                for name, content, mimetype in files
            ]
        )
        mail = env["mail.mail"].create(
            {
                "subject": schedule.name,
                "body_html": Markup("<p>%s</p><p>%s</p><p>%s</p>")
                % (
                    env._("Hello %s,", user.name),
                    env._("please find attached: %s.", self.name),
                    env._(
                        "%s has asked for this e-mail in Collection, where it can be"
                        " changed or stopped.",
                        schedule.user_id.name,
                    ),
                ),
                "email_from": schedule._sender(),
                "email_to": user.email_formatted,
                "author_id": schedule.user_id.partner_id.id,
                "attachment_ids": attachments.ids,
                "auto_delete": True,
            }
        )
        attachments.write({"res_id": mail.id})
        self.write({"state": "ready", "error": False})

    def _failed_words(self):
        return self.env._("The report was not written: %s", self.error)

    def _tell(self, kind, message):
        """Of a mailing, who set it up reads in its list of mailings."""
        return None if self.schedule_id else super()._tell(kind, message)

    @api.autovacuum
    def _gc_files(self):
        """Files that nobody fetched, or that were fetched long ago, go; of mailings a
        month is kept, to look up who got what."""
        now = fields.Datetime.now()
        old = fields.Datetime.subtract(now, days=KEEP_DAYS)
        self.search([("date", "<", old), ("schedule_id", "=", False)]).unlink()
        older = fields.Datetime.subtract(now, months=1)
        self.search([("date", "<", older)]).unlink()
