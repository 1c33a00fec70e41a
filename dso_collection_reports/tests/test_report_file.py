"""Files of reports: whose they are, how they are made, what is mailed to whom."""

from io import BytesIO
from unittest.mock import patch

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.dso_collection.tests.common import TODAY

from ..models import dso_report_file
from .test_report_table import ReportCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestReportFile(ReportCommon):
    def ask(self, form="xlsx", user=None, options=None):
        files = self.env["dso.report.file"]
        if user:
            files = files.with_user(user).with_context(
                allowed_company_ids=user.company_ids.ids
            )
        result = files._ask("item_status", form, options)
        return result, self.env["dso.report.file"].sudo().search([], limit=1)

    def cron(self, name="ir_cron_report_files"):
        with self.enter_registry_test_mode():
            self.env.ref(f"dso_collection_reports.{name}").method_direct_trigger()

    def overdue(self, content):
        """Total of the overdue of a workbook's items."""
        head, *rows = load_workbook(BytesIO(content))["Items"].iter_rows(
            values_only=True
        )
        column = head.index("Overdue")
        return sum(row[column] or 0 for row in rows[:-1])

    def mails(self):
        return self.env["mail.mail"].search([("subject", "=", "Monday's figures")])

    def schedule(self, user=None, **values):
        return (
            self.env["dso.report.schedule"]
            .with_user(user or self.env.user)
            .create(
                {
                    "name": "Monday's figures",
                    "report": "item_status",
                    "form": "xlsx",
                    "company_ids": self.company.ids,
                    **values,
                }
            )
        )

    # -------------------------------------------------------------------------
    # ASKED FOR
    # -------------------------------------------------------------------------

    def test_at_once(self):
        """A short report is downloaded at once, with what its filters show."""
        self.r1()
        result, file = self.ask(
            options={"domain": [("status_type", "=", "dispute")], "as_of": TODAY}
        )
        self.assertEqual(result["type"], "ir.actions.act_url")
        self.assertEqual(file.state, "ready")
        self.assertEqual(self.overdue(file.attachment_id.raw), 3000)

    def test_by_the_job(self):
        """A long one is written by the job; its user is told."""
        self.r1()
        with patch.object(dso_report_file, "AT_ONCE", 2):
            result, file = self.ask()
        self.assertEqual(result["tag"], "display_notification")
        self.assertEqual(file.state, "queued")
        with self.assertRaisesRegex(UserError, "not ready"):
            file.action_download()
        self.cron()
        self.assertEqual(file.state, "ready")
        self.assertEqual(self.overdue(file.attachment_id.raw), 4600)

    def test_one_that_fails(self):
        """One that cannot be written fails alone, and says why in plain words."""
        self.r1()
        with patch.object(dso_report_file, "AT_ONCE", 2):
            _result, bad = self.ask()
            _result, worse = self.ask()
            _result, good = self.ask()
        bad.report = "item_status"
        bad.options = {**bad.options, "group_by": ["nothing_like_that"]}
        worse.options = {**worse.options, "domain": [["secret", "=", 1]]}
        with self.assertLogs("odoo.addons.dso_collection_reports", "WARNING"):
            self.cron()
        self.assertEqual(
            (bad.state, worse.state, good.state), ("failed", "failed", "ready")
        )
        self.assertIn("nothing_like_that", bad.error)
        self.assertEqual(worse.error, "The report could not be computed.")

    def test_right_to_export(self):
        """Sheets need Odoo's right to export, paper does not; neither needs more than
        a viewer's role."""
        self.r1()
        viewer = self.reader("file_viewer")
        with self.assertRaisesRegex(AccessError, "export"):
            self.ask(user=viewer)
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() != "install":
            _result, file = self.ask("pdf", user=viewer)
            self.assertTrue(file.attachment_id.raw.startswith(b"%PDF"))
        viewer.group_ids += self.env.ref("base.group_allow_export")
        _result, file = self.ask(user=viewer)
        self.assertEqual(file.user_id, viewer)
        self.assertEqual(self.overdue(file.attachment_id.raw), 4600)

    def test_nobody_elses(self):
        """A file, and what is in it, is read by its user alone."""
        self.r1()
        _result, file = self.ask()
        other = self.reader("file_other", "group_manager")
        with self.assertRaises(AccessError):
            file.with_user(other).read(["state"])
        with self.assertRaises(AccessError):
            file.attachment_id.with_user(other).read(["raw"])
        self.assertTrue(file.with_user(file.user_id).read(["state"]))

    def test_window(self):
        """The window takes filters, groups and day of the screen along; groups that a
        table cannot have are left out."""
        self.r1()
        make = self.env["dso.report.make"].create(
            {
                "report": "item_status",
                "form": "xlsx",
                "as_of": TODAY,
                "group_by": ["rate", "status_type"],
                "domain": [["status_type", "=", "dispute"]],
                "words": ["Dispute"],
            }
        )
        self.assertEqual(make.groups_shown, "Status type")
        make.action_make()
        file = self.env["dso.report.file"].sudo().search([], limit=1)
        self.assertEqual(file.options["group_by"], ["status_type"])
        self.assertEqual(self.overdue(file.attachment_id.raw), 3000)
        context = make.action_schedule()["context"]
        schedule = (
            self.env["dso.report.schedule"]
            .with_context(**context)
            .create({"form": "pdf"})
        )
        self.assertEqual(schedule.group_by, ["status_type"])
        self.assertEqual(
            schedule._options(self.company)["domain"], [("status_type", "=", "dispute")]
        )

    def test_window_of_a_trend(self):
        """A trend on the screen is a trend on paper, and in what is mailed."""
        self.r1()
        make = self.env["dso.report.make"].create(
            {"report": "item_status", "form": "xlsx", "trend": "week"}
        )
        self.assertTrue(make.has_trend)
        self.assertEqual(make.groups_shown, "As of › Status type")
        make.action_make()
        file = self.env["dso.report.file"].sudo().search([], limit=1)
        self.assertEqual(file.options["trend"], "week")
        schedule = (
            self.env["dso.report.schedule"]
            .with_context(**make.action_schedule()["context"])
            .create({"form": "pdf"})
        )
        self.assertEqual(schedule._options(self.company)["trend"], "week")
        schedule.report = "promises"
        self.assertFalse(schedule.trend or schedule.has_trend)
        make.report = "promises"
        self.assertNotIn("trend", make._options())

    def test_window_of_a_viewer(self):
        """A viewer opens the window, and gets what is his."""
        self.r1()
        viewer = self.reader("make_viewer")
        make = (
            self.env["dso.report.make"]
            .with_user(viewer)
            .create({"report": "item_status"})
        )
        self.assertFalse(make.may_export)
        self.assertEqual(make.company_ids, self.company)

    def test_old_files_go(self):
        """Files are kept for a week."""
        self.r1()
        _result, file = self.ask()
        with freeze_time("2026-11-29"):
            self.env["dso.report.file"].sudo()._gc_files()
        self.assertTrue(file.exists())
        with freeze_time("2026-12-01"):
            self.env["dso.report.file"].sudo()._gc_files()
        self.assertFalse(file.exists())

    # -------------------------------------------------------------------------
    # MAILED
    # -------------------------------------------------------------------------

    def test_pattern(self):
        """When the next e-mail leaves, in the time zone of who set it up."""
        self.env.user.tz = "Europe/Paris"
        for values, moment in (
            ({"frequency": "daily"}, "2026-11-23 05:00:00"),
            ({"frequency": "daily", "hour": 0.5}, "2026-11-23 23:30:00"),
            ({"frequency": "workdays", "hour": 0}, "2026-11-23 23:00:00"),
            ({"frequency": "weekly", "weekday": "6"}, "2026-11-29 05:00:00"),
            ({"frequency": "monthly", "month_day": 31}, "2026-11-30 05:00:00"),
            ({"frequency": "monthly", "month_day": 23}, "2026-11-23 05:00:00"),
            ({"frequency": "monthly", "month_day": 1}, "2026-12-01 05:00:00"),
        ):
            schedule = self.schedule(**values)
            self.assertEqual(str(schedule.next_run), moment, values)
        with freeze_time("2026-03-28 12:00:00"):  # the clocks change on the 29th
            schedule = self.schedule(frequency="daily")
            self.assertEqual(str(schedule.next_run), "2026-03-29 04:00:00")
        with freeze_time("2026-11-27 12:00:00"):
            schedule = self.schedule(frequency="workdays")
            self.assertEqual(str(schedule.next_run), "2026-11-30 05:00:00")

    def test_mailed(self):
        """On its day each recipient gets his own e-mail, once; what was missed while
        the server was down is mailed once."""
        self.r1()
        colleague = self.reader("mailed_colleague")
        colleague.group_ids += self.env.ref("base.group_allow_export")
        schedule = self.schedule(
            user_ids=(self.env.user | colleague).ids, frequency="daily"
        )
        self.env.flush_all()
        with freeze_time("2026-11-27 07:00:00"):
            self.cron("ir_cron_report_schedules")
            self.cron("ir_cron_report_schedules")
            self.cron()
            self.cron()
        self.assertEqual(
            set(schedule.file_ids.mapped("state")), {"ready"}, schedule.file_ids
        )
        mails = self.mails()
        self.assertEqual(
            set(mails.mapped("email_to")),
            {self.env.user.email_formatted, colleague.email_formatted},
        )
        self.assertEqual(len(mails), 2)
        for mail in mails:
            [attachment] = mail.attachment_ids
            self.assertEqual(self.overdue(attachment.raw), 4600)
            with self.assertRaises(AccessError):
                attachment.with_user(colleague).read(["raw"])
        self.assertEqual(str(schedule.next_run), "2026-11-28 06:00:00")

    def test_each_his_own(self):
        """A recipient sees nothing that he may not: his companies among those of the
        schedule, his rights, his language."""
        self.r1()
        company = self.other_company()
        manager = self.env.user
        manager.company_ids |= company
        own, both, none = (
            self.reader("own_reader", companies=self.company),
            self.reader("both_reader", companies=self.company | company),
            self.reader("lost_reader", companies=self.company),
        )
        (own | both | none).group_ids += self.env.ref("base.group_allow_export")
        schedule = self.schedule(
            company_ids=(self.company | company).ids,
            user_ids=(own | both | none).ids,
            domain="[('overdue', '>', 0)]",
        )
        none.group_ids -= self.env.ref("dso_collection.group_viewer")
        with self.assertLogs("odoo.addons.dso_collection_reports", "WARNING"):
            schedule.action_send_now()
            self.cron()
        totals = {
            mail.email_to: self.overdue(mail.attachment_ids.raw)
            for mail in self.mails()
        }
        self.assertEqual(
            totals, {own.email_formatted: 5000, both.email_formatted: 5070}
        )
        failed = schedule.sudo().file_ids.filtered(lambda f: f.state == "failed")
        self.assertEqual(failed.user_id, none)
        self.assertTrue(failed.error)

    def test_who_may_schedule(self):
        """Everybody for himself, credit managers for colleagues with a role; nobody
        for companies that are not his."""
        viewer = self.reader("schedule_viewer")
        colleague = self.reader("schedule_colleague")
        schedule = self.schedule(user=viewer, user_ids=viewer.ids, form="pdf")
        with self.assertRaisesRegex(AccessError, "Only credit managers"):
            schedule.user_ids |= colleague
        with self.assertRaisesRegex(AccessError, "Only credit managers"):
            self.schedule(user=viewer, user_ids=colleague.ids)
        with self.assertRaises(AccessError):
            schedule.with_user(viewer).user_id = colleague
        with self.assertRaises(AccessError):
            schedule.with_user(colleague).read(["name"])
        with self.assertRaises(AccessError):
            schedule.with_user(colleague).action_send_now()
        company = self.other_company()
        with self.assertRaises(AccessError):
            self.schedule(
                user=viewer,
                user_ids=viewer.ids,
                company_ids=(self.company | company).ids,
            )
        manager = self.reader("schedule_manager", "group_manager")
        self.schedule(user=manager, user_ids=(viewer | colleague).ids)
        self.assertEqual(schedule.with_user(manager).name, schedule.name)
        stranger = self.env["res.users"].create(
            {"name": "Stranger", "login": "schedule_stranger"}
        )
        with self.assertRaisesRegex(UserError, "no role in Collection"):
            self.schedule(user=manager, user_ids=stranger.ids)

    def test_owner_left(self):
        """Nobody answers for it any more: it stops."""
        viewer = self.reader("left_viewer")
        schedule = self.schedule(user=viewer, user_ids=viewer.ids, form="pdf").sudo()
        viewer.active = False
        with freeze_time("2026-12-01 07:00:00"):
            self.cron("ir_cron_report_schedules")
        self.assertFalse(schedule.active)
        self.assertFalse(schedule.file_ids)

    def test_schedule_that_fails(self):
        """One that cannot run says so and stops no other."""
        self.r1()
        bad, good = self.schedule(), self.schedule()
        self.env.flush_all()
        self.env.cr.execute(  # as if its addon were gone
            "UPDATE dso_report_schedule SET report = 'gone' WHERE id = %s", [bad.id]
        )
        self.env.invalidate_all()
        with (
            freeze_time("2026-12-01 07:00:00"),
            self.assertLogs("odoo.addons.dso_collection_reports", "WARNING"),
        ):
            self.cron("ir_cron_report_schedules")
        self.assertIn("gone", bad.error)
        self.assertGreater(str(bad.next_run), "2026-12-01 07:00:00")
        self.assertEqual(len(good.sudo().file_ids), 1)
        self.assertFalse(good.error)

    def test_what_it_asks(self):
        """What the report will not know on the day is refused today; of a period and
        a day it asks what the pattern says."""
        for domain in ("[('secret', '=', 1)]", "os.system('x')", "[(", "7"):
            with self.assertRaises(UserError):
                self.schedule(domain=domain)
        schedule = self.schedule(as_of="month_end")
        self.assertEqual(str(schedule._options(self.company)["as_of"]), "2026-10-31")
        schedule.as_of = "yesterday"
        self.assertEqual(str(schedule._options(self.company)["as_of"]), "2026-11-22")
        schedule.as_of = "today"
        self.assertNotIn("as_of", schedule._options(self.company))
        self.assertFalse(schedule.has_period)
        schedule.report = "promises"
        self.assertTrue(schedule.has_period)
        self.assertNotIn("period", schedule._options(self.company))
        schedule.months = 3
        self.assertEqual(
            [str(day) for day in schedule._options(self.company)["period"]],
            ["2026-08-01", "2026-10-31"],
        )
