"""Letters through Odoo's post service, where it is installed and the company uses it.

The service is never a dependency: its models are asked for by name. It puts letters
that failed for want of credit back into its own queue; ours are kept out of that queue,
so that nothing leaves without a last look, and so that a letter that was cut in the
middle stays "unknown" instead of being sent twice.
"""

import logging

from odoo import api, models
from odoo.tools import html2plaintext

from .dso_action_send import CONFLICTS, _in_plain_words

_logger = logging.getLogger(__name__)


class DsoLetter(models.Model):
    _inherit = "dso.letter"

    @api.model
    def _service(self):
        """The outbox of the post service, or None where it is not installed."""
        return self.env.get("snailmail.letter")

    @api.model
    def _hand_over(self):
        """Hand letters to the post service that wait for it, each in transactions of
        its own; inside the sending hours, while sending is switched on."""
        if self._service() is None:
            return
        cron = self.env["ir.cron"]
        companies = (
            self.env["res.company"]
            .search(
                [
                    ("parent_id", "=", False),
                    ("dso_sending_active", "=", True),
                    ("dso_letter_way", "=", "service"),
                ]
            )
            .filtered(lambda company: company._dso_sending_open())
        )
        for company in companies:
            letters = self._engine().search(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "waiting"),
                    ("by_service", "=", True),
                    ("batch_id", "=", False),
                ],
                order="id",
            )
            for letter in letters.with_company(company).with_context(
                allowed_company_ids=company.ids
            ):
                # PDFs take their time: somebody may have switched it off meanwhile
                if not (company.dso_sending_active and company._dso_sending_open()):
                    break
                try:
                    letter = letter._prepare()
                    if letter:
                        letter._mark_unknown()
                        cron._commit_progress()
                        letter._dialogue()
                except CONFLICTS as error:
                    self.env.cr.rollback()
                    self.env.invalidate_all(flush=False)
                    _logger.info("Left to the next run: %s", str(error).strip())
                cron._commit_progress()

    def _mark_unknown(self):
        """From now on nobody knows whether it left, until the result is known."""
        reason = self.env._(
            "Delivery unknown: the connection ended before the post service answered."
            " It may have been sent; it is not sent again by itself."
        )
        self._engine().write({"state": "failed", "reason": reason})
        self._tell_action("unknown", reason)

    def _dialogue(self):
        """Give the letter to the service, and take over its answer."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                outbox = self._into_service()
                outbox._snailmail_print_valid_address()
        except CONFLICTS:
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            # no answer is no refusal: "unknown" stands
            _logger.warning("Letter %s: %s", self.id, _in_plain_words(error))
            return
        if outbox.state == "sent":
            self._posted()
            return
        detail = html2plaintext(outbox.info_msg or "").strip()
        outbox.cancel()  # out of its queue: what failed waits for a person
        self._fail(detail or self.env._("The post service refused it."))

    def _into_service(self):
        """:return: the letter in the service's outbox, not in its queue"""
        outbox = self._service().create(
            {
                "partner_id": self.partner_id.id,
                "model": "dso.action",
                "res_id": self.action_id.id,
                "company_id": self.company_id.id,
                "user_id": self.action_id.sent_by_id.id or self.env.uid,
                "state": "canceled",
            }
        )
        content = self.attachment_id.raw
        if outbox.cover:
            content = outbox._append_cover_page(content)
        outbox.attachment_id = self.attachment_id.copy(
            {"raw": content, "res_model": outbox._name, "res_id": outbox.id}
        )
        self._engine().service_number = outbox.id
        return outbox
