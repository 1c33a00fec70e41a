"""Files that take longer than a click may: asked for by a person, made by a job."""

from odoo import api, fields, models
from odoo.exceptions import UserError

#: A file whose making was cut so often waits for a person.
MAX_ATTEMPTS = 3


class DsoFileJob(models.AbstractModel):
    """A file that somebody asked for.

    The model that inherits it has a ``state`` with queued, ready and failed; what it
    makes is kept in ``attachment_id``.
    """

    _name = "dso.file.job"
    _description = "File that a Job Makes"

    #: The window action that lists these files.
    _window = None
    #: Whether who asked gets the file with the message that it is there.
    _hands_over = False

    user_id = fields.Many2one("res.users", "Asked by", required=True, readonly=True)
    date = fields.Datetime(
        "Asked on", required=True, readonly=True, default=fields.Datetime.now
    )
    attempts = fields.Integer(readonly=True)
    error = fields.Char("What went wrong", readonly=True)
    attachment_id = fields.Many2one(
        "ir.attachment", "File", readonly=True, ondelete="set null"
    )

    # -------------------------------------------------------------------------
    # WHAT EACH KIND SAYS OF ITSELF
    # -------------------------------------------------------------------------

    def _make_or_fail(self):
        """Make this file, or tell why not; nothing that breaks it stops another."""
        raise NotImplementedError

    def _failed_words(self):
        """That it was not made, as a sentence."""
        raise NotImplementedError

    # -------------------------------------------------------------------------
    # THE JOB
    # -------------------------------------------------------------------------

    @api.model
    def _cron_make(self):
        """Make what was asked for, one after the other."""
        self.search([("state", "=", "queued")], order="id")._make_waiting()

    def _make_waiting(self):
        """Make these files, each in a transaction of its own.

        What kills the job while a file is made is counted, so that it does not come
        back for ever.
        """
        cron = self.env["ir.cron"]
        left = len(self)
        for file in self:
            left -= 1
            file.attempts += 1
            # kept, should making it kill the job; and renderers fetch over HTTP
            cron._commit_progress(remaining=left + 1)
            if file.attempts > MAX_ATTEMPTS:
                file._fail(self.env._("Making it was interrupted several times."))
            else:
                file._make_or_fail()
            if not cron._commit_progress(1, remaining=left):
                break

    def _make_or_wait(self, at_once, cron, message):
        """Make this file, which was just asked for: now, or by the job.

        :param bool at_once: whether it is small enough for a click
        :param cron: XML id of the job
        :param message: what is told while the job makes it
        :return: client action: the download, or the notice with the message
        """
        self.ensure_one()
        if at_once:
            self._make()
            return self.with_env(self.env(su=False)).action_download()
        # whoever may ask for a file may start the job, whose cron he cannot read
        self.env.ref(cron).sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": message},
        }

    def _keep(self, name, content, mimetype, **values):
        """Keep what was made, in place of what was made before.

        :param values: of this record, beside its state
        """
        self.ensure_one()
        before = self.attachment_id
        attachment = self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "mimetype": mimetype,
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self.write(
            {
                "state": "ready",
                "error": False,
                "attachment_id": attachment.id,
                **values,
            }
        )
        before.unlink()

    def _fail(self, error):
        self.write({"state": "failed", "error": error})
        self._tell("danger", self._failed_words())

    def _tell(self, kind, message):
        """Tell who asked for it, with the file at hand once it is there."""
        at_hand = self._hands_over and self.attachment_id
        self.user_id._bus_send(
            "dso_collection.export",
            {
                "type": kind,
                "message": message,
                "url": self._download()["url"] if at_hand else False,
            },
        )

    # -------------------------------------------------------------------------
    # WINDOWS
    # -------------------------------------------------------------------------

    def _show(self):
        """Open these files."""
        action = self.env["ir.actions.act_window"]._for_xml_id(self._window)
        if len(self) == 1:
            return {
                **action,
                "view_mode": "form",
                "views": [(False, "form")],
                "res_id": self.id,
            }
        return {**action, "domain": [("id", "in", self.ids)]}

    def action_download(self):
        """Download the file.

        :raise UserError: while it is not ready
        """
        self.ensure_one()
        self.check_access("read")
        if not self.attachment_id:
            raise UserError(self.env._("The file is not ready yet."))
        return self._download()

    def _download(self):
        """:return: the download of a file that is there; callers check that it is"""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "download",
        }
