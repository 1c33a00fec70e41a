"""Exports of the history: what is in them, whose they are, how they are made."""

from io import BytesIO
from unittest.mock import patch

from openpyxl import load_workbook

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from ..models import dso_file_job, dso_history_export
from .common import TODAY
from .sending_common import SendingCommon


@tagged("post_install", "-at_install")
class TestHistoryExport(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("base.group_allow_export")

    def history(self):
        """One call done by a person, one skipped: the history of the customer."""
        self.invoice("10 Nov", 1200.0)
        self.proposal_of().outcome = "Pays on Friday"
        done = self.on("23 Nov", "done")
        skipped = self.on("24 Nov", "skip")
        self.env.flush_all()
        return done, skipped

    def rows(self, export):
        """{heading: value} of each row."""
        book = load_workbook(BytesIO(export.attachment_id.raw))
        head, *rows = book.active.iter_rows(values_only=True)
        return [dict(zip(head, row, strict=True)) for row in rows]

    def export(self, domain=(), user=None, actions=None):
        actions = self.env["dso.action"] if actions is None else actions
        actions = actions.with_user(user or self.env.user)
        with freeze_time(TODAY):
            actions.with_context(active_domain=list(domain)).action_export_history()
        return self.env["dso.history.export"].search([], limit=1)

    def test_what_was_done(self):
        """§5: who, when, what and outcome of each action, typed, the latest first."""
        done, skipped = self.history()
        rows = self.rows(self.export())
        self.assertEqual(
            [(row["Action"], row["State"]) for row in rows],
            [
                (skipped.display_name, "Cancelled"),
                (done.display_name, "Done"),
            ],
        )
        row = rows[1]
        self.assertEqual(row["Customer"], self.customer.name)
        self.assertEqual(row["Outcome"], "Pays on Friday")
        self.assertEqual(row["Done by"], self.env.user.name)
        self.assertEqual(row["Closed on"].date(), done.date_closed)
        self.assertEqual(row["Claimed"], 1200.0)
        self.assertEqual(row["Items"], done.line_ids.move_name)
        self.assertEqual(rows[0]["Cancelled because"], "Skipped")

    def test_content_as_sent(self):
        """§5: the text as it left, not as the model reads today."""
        move = self.invoice("10 Nov", 1200.0)
        self.text.subject = "Reminder {{ object.leader_id.name }}"
        action = self.proposal_of()
        self.send()
        self.assertEqual(action.state, "done")
        self.text.subject = "Changed"
        [row] = self.rows(self.export([("id", "=", action.id)]))
        self.assertEqual(row["Subject"], f"Reminder {move.name}")
        self.assertIn("1,200.00", row["Text as sent"])
        self.assertEqual(row["Sent to"], self.customer.name)
        self.assertEqual(row["Sent at"].date(), TODAY)

    def test_last_text_of_several(self):
        """A message that was sent several times stands there as it left last."""
        self.invoice("10 Nov", 1200.0)
        action = self.on("23 Nov", "done")
        self.env["mail.message"].create(
            [
                {
                    "model": action._name,
                    "res_id": action.id,
                    "message_type": message_type,
                    "subject": subject,
                    "body": "<p>Text</p>",
                }
                for message_type, subject in (
                    ("email_outgoing", "First"),
                    ("email_outgoing", "Second"),
                    ("email", "Answer"),
                )
            ]
        )
        [row] = self.rows(self.export())
        self.assertEqual((row["Subject"], row["Text as sent"]), ("Second", "Text"))

    def test_what_the_filters_show(self):
        """Ticked rows win over the filters; open actions never come in."""
        done, skipped = self.history()
        proposal = self.evaluate().proposal_id
        self.assertTrue(proposal)
        only = self.export([("state", "=", "done")])
        self.assertEqual([r["Action"] for r in self.rows(only)], [done.display_name])
        ticked = self.export([("state", "=", "done")], actions=skipped | proposal)
        self.assertEqual(
            [r["Action"] for r in self.rows(ticked)], [skipped.display_name]
        )
        with self.assertRaisesRegex(UserError, "nothing to export"):
            self.export([("id", "=", proposal.id)])

    def test_formulas(self):
        """What a customer is called is never a formula or a link."""
        self.customer.name = "=1+1"
        self.history()
        row = self.rows(self.export())[0]
        self.assertEqual(row["Customer"], "=1+1")

    def test_rights(self):
        """A user exports what he may read, with the right to export; it is his."""
        self.history()
        viewer = new_test_user(
            self.env, login="dso_plain_viewer", groups="dso_collection.group_viewer"
        )
        viewer.group_ids -= self.env.ref("base.group_allow_export")
        with self.assertRaises(AccessError):
            self.export(user=viewer)
        viewer.group_ids += self.env.ref("base.group_allow_export")
        other = self.env["res.company"].create({"name": "Other"})
        viewer.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        with self.assertRaisesRegex(UserError, "nothing to export"):
            self.export(user=viewer)
        mine = self.export()
        for user in (viewer, self.env.ref("base.user_admin")):
            self.assertFalse(self.env["dso.history.export"].with_user(user).search([]))
            with self.assertRaises(AccessError):
                mine.with_user(user).action_download()
            with self.assertRaises(AccessError):
                mine.attachment_id.with_user(user).read(["raw"])

    def test_long_ones_in_the_background(self):
        """A long export is written by the job, whose user is told, in his language."""
        done, skipped = self.history()
        self.env["res.lang"]._activate_lang("fr_FR")
        with (
            patch.object(dso_history_export, "AT_ONCE", 1),
            patch.object(dso_history_export, "CHUNK", 1),
        ):
            export = self.export()
            self.assertEqual((export.state, export.row_count), ("queued", 2))
            with self.assertRaisesRegex(UserError, "not ready"):
                export.action_download()
            shown = []
            report = type(export)._report
            with (
                patch.object(
                    type(export),
                    "_report",
                    lambda e, count: (report(e, count), shown.append(e.progress)),
                ),
                patch.object(type(self.env.user), "_bus_send") as told,
            ):
                self.run_job(export.with_user(SUPERUSER_ID)._cron_make)
        self.assertEqual((export.state, export.done_count), ("ready", 2))
        self.assertEqual(shown, [50, 100])
        self.assertEqual(
            [row["Action"] for row in self.rows(export)],
            [skipped.display_name, done.display_name],
        )
        told.assert_called_once()
        self.assertEqual(told.call_args.args[1]["url"], export.action_download()["url"])

    def test_lost_right(self):
        """Whoever lost the right meanwhile gets no file, and others theirs."""
        self.history()
        other = new_test_user(
            self.env,
            login="dso_other_collector",
            groups="dso_collection.group_collector,base.group_allow_export",
            company_id=self.company.id,
        )
        with patch.object(dso_history_export, "AT_ONCE", 0):
            self.export(user=other)
            lost = self.env["dso.history.export"].sudo().search([], limit=1)
            kept = self.export()
        self.assertEqual(lost.user_id, other)
        other.group_ids -= self.env.ref("base.group_allow_export")
        self.run_job(lost.with_user(SUPERUSER_ID)._cron_make)
        self.assertEqual((lost.state, bool(lost.attachment_id)), ("failed", False))
        self.assertIn("may not export", lost.error)
        self.assertEqual(kept.state, "ready")

    def test_interrupted(self):
        """An export that was cut again and again is not tried for ever."""
        self.history()
        with patch.object(dso_history_export, "AT_ONCE", 0):
            export = self.export()
        export.sudo().attempts = dso_file_job.MAX_ATTEMPTS
        self.run_job(export.with_user(SUPERUSER_ID)._cron_make)
        self.assertEqual(export.state, "failed")
        self.assertIn("interrupted", export.error)

    def test_too_many(self):
        """More than a sheet holds is refused with its cure."""
        self.history()
        with (
            patch.object(dso_history_export, "MAX_ROWS", 1),
            self.assertRaisesRegex(UserError, "narrow the filters"),
        ):
            self.export()

    def test_old_files_go(self):
        """A file stays for a week."""
        self.history()
        export = self.export()
        with freeze_time("2026-11-29 23:00:00"):
            export.sudo()._gc_exports()
        self.assertTrue(export.exists())
        with freeze_time("2026-11-30 01:00:00"):
            export.sudo()._gc_exports()
        self.assertFalse(export.exists())
