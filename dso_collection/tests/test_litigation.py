"""Litigation: what provisions are taken on, and the file (rules.md §3.3)."""

import csv
import email
import email.policy
import hashlib
import io
import zipfile

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .sending_common import TODAY, SendingCommon


@tagged("post_install", "-at_install")
class TestLitigation(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lawyer = cls.env["dso.status"].create(
            {"name": "Lawyer", "type": "litigation"}
        )

    def make(self, file):
        with freeze_time(TODAY):
            self.run_job(
                self.env["dso.litigation.file"].with_user(SUPERUSER_ID)._cron_make
            )
            self.env.flush_all()
        self.assertEqual(file.state, "ready", file.error)
        return zipfile.ZipFile(io.BytesIO(file.attachment_id.raw))

    def file_of(self, account):
        return self.env["dso.litigation.file"].browse(
            account.action_litigation_file()["res_id"]
        )

    def read_csv(self, archive, name):
        text = archive.read(name).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    def test_extraction(self):
        """All open items with a litigation status, signed, in company currency, with
        their age; paid ones and others are not in it."""
        other = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        late = self.invoice("1 May", 1000)
        foreign = self.invoice("10 Nov", 600, currency_id=other.id)
        paid = self.invoice("1 Nov", 70)
        credit = self.credit_note(50)
        self.invoice("1 Nov", 999)
        with freeze_time(TODAY):
            (late | foreign | paid | credit).dso_qualify(self.lawyer, "to court")
            self.pay(paid)
            self.pay(late, 200)
            rows = self.env["dso.litigation.report"].search([], order="residual desc")
            self.assertRecordValues(
                rows,
                [
                    {
                        "move_id": late.id,
                        "residual": 800,
                        "original": 1000,
                        "days_late": 206,
                        "age": "181_360",
                    },
                    {
                        "move_id": foreign.id,
                        "residual": 300,
                        "original": 300,
                        "days_late": 13,
                        "age": "1_30",
                    },
                    {
                        "move_id": credit.id,
                        "residual": -50,
                        "original": -50,
                        "days_late": 22,
                        "age": "1_30",
                    },
                ],
            )
        self.assertEqual(rows[1].residual_currency, 600)
        self.assertEqual(rows[1].item_currency_id, other)

    def test_extraction_without_tax(self):
        move = self.invoice("1 Nov", 1000)
        move.button_draft()
        move.invoice_line_ids.tax_ids = self.company_data["default_tax_sale"]
        move.action_post()
        move.dso_qualify(self.lawyer, "")
        row = self.env["dso.litigation.report"].search([])
        self.assertEqual(row.residual, move.amount_total)
        self.assertGreater(row.residual, 1000)
        self.assertEqual(row.residual_untaxed, 1000)

    def test_file_opens_and_verifies(self):
        """One archive: invoices, messages as sent with their proof, history, statement;
        each file has the fingerprint that the index says."""
        move = self.invoice("13 Nov", 1000)
        self.env["ir.attachment"].create(
            {
                "name": "delivery note.pdf",
                "raw": b"signed",
                "res_model": "account.move",
                "res_id": move.id,
            }
        )
        self.proposal_of()
        mails = self.send()
        self.assertEqual(len(mails), 1)
        with freeze_time(TODAY):
            self.env["dso.reply"].create(
                {
                    "account_id": self.account().id,
                    "name": "Re: reminder",
                    "body": "=1+1 we will not pay",
                    "source": "user",
                }
            )
            move.dso_qualify(self.lawyer, "court, please")
            file = self.file_of(self.account())
        self.assertEqual(file.state, "queued")
        self.assertEqual(file.move_ids, move)
        archive = self.make(file)
        self.assertIsNone(archive.testzip())
        self.assertEqual(
            file.checksum, hashlib.sha256(file.attachment_id.raw).hexdigest()
        )
        names = set(archive.namelist())
        sums = dict(
            reversed(line.split("  ", 1))
            for line in archive.read("SHA256SUMS").decode().splitlines()
        )
        self.assertEqual(set(sums), names - {"SHA256SUMS"})
        for name, digest in sums.items():
            self.assertEqual(hashlib.sha256(archive.read(name)).hexdigest(), digest)
        index = archive.read("index.html").decode()
        for name in names - {"SHA256SUMS", "index.html"}:
            self.assertIn(name, index)
            self.assertIn(sums[name], index)
        number = move.name.replace("/", "-")
        self.assertTrue([n for n in names if n.startswith(f"invoices/{number}.")])
        self.assertIn(f"attachments/{number}-delivery-note.pdf", names)
        # the message as it left, and its proof
        (name,) = [n for n in names if n.endswith(".eml")]
        message = email.message_from_bytes(
            archive.read(name), policy=email.policy.default
        )
        sent = self.env["mail.mail"].search(
            [("model", "=", "dso.action")], order="id desc", limit=1
        )
        self.assertEqual(message["Subject"], sent.subject)
        self.assertEqual(message["Message-Id"], sent.message_id)
        self.assertIn(move.name, message.get_body(("html",)).get_content())
        (proof,) = self.read_csv(archive, "delivery.csv")
        self.assertEqual(proof["Message"], name)
        self.assertEqual(proof["Address"], "ar@customer.example")
        self.assertEqual(proof["Message-Id"], sent.message_id)
        self.assertTrue(proof["Sent on (UTC)"])
        # history; a reply cannot become a formula
        (status,) = self.read_csv(archive, "history/qualifications.csv")
        self.assertEqual(status["Internal comment"], "court, please")
        (reply,) = self.read_csv(archive, "history/replies.csv")
        self.assertEqual(reply["Text"], "'=1+1 we will not pay")
        self.assertIn(move.name, archive.read("statement.html").decode())
        (row,) = self.read_csv(archive, "statement.csv")
        self.assertEqual((row["Number"], row["In this file"]), (move.name, "yes"))

    def test_a_bounce_is_told(self):
        move = self.invoice("13 Nov", 1000)
        action = self.proposal_of()
        self.send()
        notification = action.message_ids.notification_ids.sudo()
        notification.write(
            {"notification_status": "bounce", "failure_reason": "no such user"}
        )
        with freeze_time(TODAY):
            move.dso_qualify(self.lawyer, "")
            archive = self.make(self.file_of(self.account()))
        (proof,) = self.read_csv(archive, "delivery.csv")
        self.assertEqual(proof["Reason"], "no such user")

    def test_chosen_items(self):
        """From the extraction: one file per customer, with the chosen items only."""
        first, second = self.invoice("1 Nov"), self.invoice("2 Nov", 500)
        other = self.invoice("3 Nov", 50, partner=self._customer("Other"))
        with freeze_time(TODAY):
            for move in first | second | other:
                move.dso_qualify(self.lawyer, "")
            rows = self.env["dso.litigation.report"].search(
                [("move_id", "in", (first | other).ids)]
            )
            rows.action_litigation_file()
        files = self.env["dso.litigation.file"].search([])
        self.assertEqual(files.mapped("move_ids"), first | other)
        self.assertEqual(len(files), 2)
        archive = self.make(files.filtered(lambda f: f.move_ids == first))
        (row,) = self.read_csv(archive, "history/qualifications.csv")
        self.assertEqual(row["Item"], first.name)

    def test_failure_is_told(self):
        move = self.invoice("1 Nov")
        with freeze_time(TODAY):
            file = self.file_of(self.account())
        self.patch(
            type(self.env["dso.account"]),
            "_statement",
            lambda *args, **kwargs: 1 / 0,
        )
        with self.assertLogs("odoo.addons.dso_collection", "WARNING"):
            self.run_job(
                self.env["dso.litigation.file"].with_user(SUPERUSER_ID)._cron_make
            )
        self.assertEqual((file.state, file.move_ids), ("failed", move))
        self.assertIn("division", file.error)
        with self.assertRaisesRegex(UserError, "not ready"):
            file.action_download()

    def test_rights(self):
        """Only collectors ask for and read the archive, of their own company."""
        move = self.invoice("1 Nov")
        account = self.account()
        users = {
            role: new_test_user(
                self.env,
                f"u_{role}",
                groups=f"dso_collection.group_{role}",
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            for role in ("viewer", "resolver", "collector")
        }
        for role in ("viewer", "resolver"):
            with self.assertRaises(AccessError):
                account.with_user(users[role]).action_litigation_file()
        with freeze_time(TODAY):
            window = account.with_user(users["collector"]).action_litigation_file()
            file = self.env["dso.litigation.file"].browse(window["res_id"])
            self.make(file)
        self.assertEqual(file.user_id, users["collector"])
        attachment = file.attachment_id
        self.assertTrue(attachment.with_user(users["collector"]).raw)
        for role in ("viewer", "resolver"):
            with self.assertRaises(AccessError):
                attachment.with_user(users[role]).read(["raw"])
        stranger = self.setup_other_company(name="Elsewhere")["company"]
        outsider = new_test_user(
            self.env,
            "outsider",
            groups="dso_collection.group_collector",
            company_id=stranger.id,
            company_ids=[(6, 0, stranger.ids)],
        )
        with self.assertRaises(AccessError):
            attachment.with_user(outsider).read(["raw"])
        with self.assertRaises(AccessError):
            self.env["dso.litigation.file"].with_user(outsider).create(
                {"account_id": account.id, "move_ids": move.ids}
            )
        other = self.invoice("1 Nov", partner=self._customer("Other"))
        with self.assertRaisesRegex(UserError, "not an item of"):
            self.env["dso.litigation.file"].with_user(users["collector"]).create(
                {"account_id": account.id, "move_ids": other.ids}
            )
