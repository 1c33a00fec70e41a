"""The files of messages: made by a job, once, before anything leaves (rules.md §2)."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .sending_common import TODAY, SendingCommon, day


@tagged("post_install", "-at_install")
class TestDocuments(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reports = type(cls.env["ir.actions.report"])
        cls.actions = cls.env["dso.action"].with_user(1)

    def prepare(self, now=TODAY):
        """Run the job that makes the files."""
        with freeze_time(now):
            self.run_job(self.actions._cron_documents)
            self.env.flush_all()

    def names_of(self, message):
        return sorted(name for name, _content, _type in message["attachments"])

    def statement_in(self, message):
        [content] = [
            content
            for name, content, _type in message["attachments"]
            if name.startswith("Statement")
        ]
        return content

    # -------------------------------------------------------------------------
    # INVOICES
    # -------------------------------------------------------------------------

    def test_claimed_invoices(self):
        """§2 Attachments: the claimed ones leave, the others stay; the message waits
        for the job, and nothing is rendered while it is sent."""
        late = self.invoice("20 Nov", 1000)
        self.invoice("20 Dec", 500)
        self.email.attach_invoices = "claimed"
        action = self.proposal_of()
        with patch.object(
            self.reports, "_render_qweb_pdf", side_effect=AssertionError("rendered")
        ):
            self.assertFalse(self.send(), "it waits")
        self.assertEqual((action.state, action.preparing), ("planned", True))
        with freeze_time(TODAY):
            self.assertIn("files", action.held)
        self.prepare()
        self.assertFalse(action.preparing)
        with patch.object(
            self.reports, "_render_qweb_pdf", side_effect=AssertionError("rendered")
        ):
            [message] = self.send()
        [name] = self.names_of(message)
        self.assertIn(late.name.replace("/", "_"), name)
        self.assertEqual((action.state, action.delivery), ("done", "sent"))

    def test_listed_invoices(self):
        """§2 Attachments: all that are listed, credit notes too, payments not."""
        moves = self.invoice("20 Nov", 1000) | self.invoice("20 Dec", 500)
        moves |= self.credit_note(50)
        self.unallocated(20)
        self.email.attach_invoices = "listed"
        self.proposal_of()
        self.prepare()
        [message] = self.send()
        self.assertEqual(len(self.names_of(message)), len(moves))

    def test_not_due_yet(self):
        """§2 Attachments: before the due date the invoice that falls due is claimed."""
        leader = self.invoice("26 Nov", 1000)
        self.invoice("20 Dec", 500)
        self.email.attach_invoices = "claimed"
        action = self.proposal_of()
        self.assertEqual(action._documents()[action][1], [("pdf", leader)])

    def test_specific_action(self):
        """§2 Attachments: a specific action carries its own items."""
        chosen = self.invoice("20 Nov", 1000)
        self.invoice("19 Nov", 500)
        self.email.attach_invoices = "claimed"
        account = self.evaluate(TODAY)
        action = self.env["dso.action"].create(
            {
                "account_id": account.id,
                "company_id": account.company_id.id,
                "kind": "specific",
                "action_model_id": self.email.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "move_id": chosen.id,
                            "move_name": chosen.name,
                            "due": chosen.invoice_date_due,
                            "currency_id": chosen.currency_id.id,
                            "amount": 1000,
                            "amount_company": 1000,
                        }
                    )
                ],
            }
        )
        self.assertEqual(action._documents()[action][1], [("pdf", chosen)])

    def test_pdf_of_odoo_is_reused(self):
        """§2 Attachments: the PDF that the customer received already, byte for byte."""
        late = self.invoice("20 Nov", 1000)
        kept = self.env["ir.attachment"].create(
            {
                "name": "INV.pdf",
                "raw": b"%PDF-1.4 as issued",
                "res_model": "account.move",
                "res_id": late.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        self.email.attach_invoices = "claimed"
        action = self.proposal_of()
        [message] = self.send()
        self.assertEqual(message["attachments"][0][1], b"%PDF-1.4 as issued")
        self.assertEqual(self.mails_of(action).attachment_ids, kept)
        self.assertFalse(self.env["dso.document"].search([]))

    def test_internal_files_stay(self):
        """§2 Attachments: a file in the chatter of an invoice never leaves."""
        late = self.invoice("20 Nov", 1000)
        secret = self.env["ir.attachment"].create(
            {
                "name": "calculation.pdf",
                "raw": b"%PDF-1.4 our margin",
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": late.id,
            }
        )
        late.message_main_attachment_id = secret
        self.email.attach_invoices = "claimed"
        self.proposal_of()
        self.prepare()
        [message] = self.send()
        self.assertNotIn(
            b"%PDF-1.4 our margin",
            [content for _n, content, _t in message["attachments"]],
        )

    def test_copy_is_made_once(self):
        """§2 Attachments: the next message takes the same copy; a payment, which the
        copy shows, asks for a new one."""
        late = self.invoice("20 Nov", 1000)
        self.email.attach_invoices = "claimed"
        self.proposal_of()
        self.prepare()
        self.prepare()
        copy = self.env["dso.document"].search([("move_id", "=", late.id)])
        self.assertEqual(len(copy), 1)
        self.assertFalse(late.invoice_pdf_report_id, "nothing on the ledger's own rows")
        self.pay(late, 300, TODAY)
        self.prepare()
        self.assertEqual(
            len(self.env["dso.document"].search([("move_id", "=", late.id)])), 2
        )

    # -------------------------------------------------------------------------
    # STATEMENT
    # -------------------------------------------------------------------------

    def test_statement(self):
        """§2 Attachments: the statement as PDF and Excel, as it stands today."""
        late = self.invoice("20 Nov", 1000)
        self.email.attach_statement = "both"
        action = self.proposal_of()
        self.assertFalse(self.send())
        self.prepare()
        [message] = self.send()
        self.assertEqual(
            [name.rpartition(".")[2] for name in self.names_of(message)],
            # in tests Odoo prints HTML
            ["html", "xlsx"],
        )
        printed = [c for n, c, _t in message["attachments"] if n.endswith("html")]
        self.assertIn(late.name.encode(), printed[0])
        self.assertEqual(action.delivery, "sent")

    def test_statement_of_another_day(self):
        """§2 Attachments: what was printed yesterday, or before a payment, is printed
        anew: no message carries other figures than it tells."""
        self.invoice("20 Nov", 1000)
        second = self.invoice("21 Nov", 200)
        self.email.attach_statement = "pdf"
        action = self.proposal_of()
        self.prepare()
        with freeze_time(TODAY):
            self.assertFalse(action._documents()[action][1])
        with freeze_time(TODAY + timedelta(days=1)):
            self.assertEqual(action._documents()[action][1], [("pdf", None)])
        self.pay(second, on=TODAY)
        self.assertFalse(self.send(), "it waits again")
        self.prepare()
        [message] = self.send()
        self.assertNotIn(second.name.encode(), self.statement_in(message))

    def test_paid_in_the_outbox(self):
        """§2 Attachments, Q4: the message that is rendered again carries a statement
        rendered again."""
        self.invoice("20 Nov", 1000)
        second = self.invoice("21 Nov", 200)
        self.email.attach_statement = "pdf"
        self.proposal_of()
        self.prepare()
        self.send(outbox=False)
        self.pay(second, on=TODAY)
        [message] = self.run_outbox()
        self.assertNotIn(second.name, message["body"])
        self.assertNotIn(second.name.encode(), self.statement_in(message))

    def test_a_real_pdf(self):
        """§2 Attachments: outside of tests it is a PDF that opens."""
        self.invoice("20 Nov", 1000)
        self.email.attach_statement = "pdf"
        action = self.proposal_of().sudo().with_context(force_report_rendering=True)
        reports = self.env["ir.actions.report"]
        if reports.get_wkhtmltopdf_state() not in ("ok", "upgrade"):
            self.skipTest("no renderer")
        with freeze_time(TODAY):
            action._make_documents()
        [document] = self.env["dso.document"].search([])
        self.assertTrue(document.attachment_id.raw.startswith(b"%PDF"))
        self.assertEqual(document.attachment_id.mimetype, "application/pdf")

    # -------------------------------------------------------------------------
    # FILES OF ITEMS
    # -------------------------------------------------------------------------

    def item_to_attach(self):
        """A customer who is late, and what is known of his item."""
        late = self.invoice("20 Nov", 1000)
        account = self.evaluate(TODAY)
        values = {"move_id": late.id, "account_id": account.id}
        return account, self.env["dso.item"].sudo().create(values)

    def test_shared_files(self):
        """§2 Attachments: a file on an item leaves only when it is marked as meant for
        the customer, and the action model says so."""
        account, item = self.item_to_attach()
        for name, shared in (("proof.pdf", True), ("notes.txt", False)):
            upload = self.env["ir.attachment"].create({"name": name, "raw": b"x"})
            item._attach(upload, "Signed delivery note", shared)
        self.assertEqual(len(item.attachment_ids), 2)
        self.email.attach_files = True
        [message] = self.send()
        self.assertEqual(self.names_of(message), ["proof.pdf"])

    def test_shared_by_the_window(self):
        """§2 Attachments: internal unless whoever attaches them says otherwise; the
        details of the item tell which."""
        late = self.invoice("20 Nov", 1000)
        self.evaluate(TODAY)
        line = late.line_ids.filtered("date_maturity")
        for shared in (False, True):
            upload = self.env["ir.attachment"].create(
                {"name": f"{shared}.txt", "raw": b"x", "res_model": "dso.attach"}
            )
            self.env["dso.attach"].create(
                {
                    "line_ids": line.ids,
                    "attachment_ids": upload.ids,
                    "description": "Proof",
                    "shared": shared,
                }
            ).action_attach()
        files = {
            file["name"]: file["shared"] for file in line.get_dso_details()["files"]
        }
        self.assertEqual(files, {"False.txt": False, "True.txt": True})

    def test_shared_afterwards(self):
        """§2 Attachments: whether a file is meant for the customer can be changed
        later, by who attached it and by collectors, of files of items only."""
        account, item = self.item_to_attach()
        upload = self.env["ir.attachment"].create({"name": "proof.pdf", "raw": b"x"})
        file = item._attach(upload, "Signed delivery note")
        self.email.attach_files = True
        action = account.proposal_id
        self.assertFalse(action._documents()[action][0])
        file.action_dso_share()
        self.assertEqual(action._documents()[action][0], file)
        file.action_dso_unshare()
        self.assertFalse(action._documents()[action][0])
        users = {
            role: new_test_user(
                self.env,
                f"share_{role}",
                f"dso_collection.group_{role}",
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for role in ("viewer", "resolver", "collector")
        }
        for role in ("viewer", "resolver"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                file.with_user(users[role]).action_dso_share()
        file.with_user(users["collector"]).action_dso_share()
        self.assertEqual(item.shared_attachment_ids, file)
        upload.write({"res_model": "res.partner", "res_id": self.customer.id})
        with self.assertRaises(AccessError):
            upload.with_user(users["collector"]).action_dso_share()

    def test_own_file_of_a_viewer(self):
        """Who lost his role changes nothing any more, not even of his own files."""
        account, item = self.item_to_attach()
        user = new_test_user(
            self.env,
            "sam",
            "dso_collection.group_resolver",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        upload = self.env["ir.attachment"].create({"name": "a.pdf", "raw": b"x"})
        file = item.with_user(user).sudo()._attach(upload, "Proof")
        self.assertEqual(file.create_uid, user)
        file = file.with_user(user).sudo(False)
        file.action_dso_share()
        user.group_ids = self.env.ref("dso_collection.group_viewer")
        with self.assertRaises(AccessError):
            file.action_dso_unshare()

    def test_merged_customers_keep_what_is_shared(self):
        """A merge makes no shared file internal, and no internal one shared."""
        other = self._customer("Other")
        late = self.invoice("20 Nov", 1000, partner=other)
        account = self.evaluate(TODAY, self.account(other))
        item = (
            self.env["dso.item"]
            .sudo()
            .create({"move_id": late.id, "account_id": account.id})
        )
        for shared in (False, True):
            upload = self.env["ir.attachment"].create(
                {"name": f"{shared}.txt", "raw": b"x"}
            )
            item._attach(upload, "Proof", shared)
        merger = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        merger._merge((other | self.customer).ids, self.customer)
        kept = self.env["dso.item"].search([("move_id", "=", late.id)])
        self.assertEqual(kept.account_id, self.account())
        self.assertEqual(len(kept.attachment_ids), 2)
        self.assertEqual(kept.shared_attachment_ids.name, "True.txt")

    # -------------------------------------------------------------------------
    # WHAT GOES WRONG
    # -------------------------------------------------------------------------

    def test_too_large(self):
        """§5: files above the limit park their action alone, with the sizes; without
        files it leaves, once a collector says so."""
        self.invoice("20 Nov", 1000)
        other = self._customer("Other", email="ap@other.example")
        self.invoice("20 Nov", 700, partner=other)
        self.email.attach_statement = "xlsx"
        action = self.proposal_of()
        fine = self.proposal_of(partner=other)
        self.prepare()
        [document] = self.env["dso.document"].search([("action_id", "=", action.id)])
        document.sudo().attachment_id.raw = b"x" * (8 * 1024**2)
        [message] = self.send()
        self.assertIn("ap@other.example", message["email_to"][0])
        self.assertEqual(fine.delivery, "sent")
        self.assertEqual((action.state, action.problem), ("error", "too_large"))
        self.assertIn("10.7 MB", action.error)
        self.assertIn("may have 10", action.error)
        action.action_send_without_files()
        [message] = self.send()
        self.assertFalse(message["attachments"])

    def test_limit_of_the_company(self):
        """§5: the company allows less than the mail server."""
        self.invoice("20 Nov", 1000)
        self.company.dso_mail_limit = 1
        self.email.attach_statement = "xlsx"
        action = self.proposal_of()
        self.prepare()
        self.env["dso.document"].sudo().search([]).attachment_id.raw = b"x" * 1024**2
        self.send()
        self.assertEqual(action.problem, "too_large")

    def test_files_never_become_links(self):
        """§7: no link to a file that anybody may open leaves, however large it is."""
        self.invoice("20 Nov", 1000)
        self.email.attach_statement = "xlsx"
        self.proposal_of()
        self.prepare()
        self.env["ir.config_parameter"].set_param("base.default_max_email_size", "10")
        self.send(outbox=False)
        self.env["ir.config_parameter"].set_param("base.default_max_email_size", "0.01")
        [message] = self.run_outbox()
        self.assertEqual(len(message["attachments"]), 1)
        self.assertNotIn("access_token", message["body"])

    def test_what_cannot_be_made(self):
        """§5: a report that breaks parks its action alone, with the cause."""
        self.invoice("20 Nov", 1000)
        other = self._customer("Other", email="ap@other.example")
        self.invoice("20 Nov", 700, partner=other)
        self.email.attach_statement = "pdf"
        action = self.proposal_of()
        fine = self.proposal_of(partner=other)
        render = self.reports._render_qweb_pdf

        def broken(report, ref, res_ids=None, **options):
            if res_ids == action.account_id.ids:
                raise ValueError("no paper")
            return render(report, ref, res_ids, **options)

        with patch.object(self.reports, "_render_qweb_pdf", broken):
            self.prepare()
        self.assertEqual((action.state, action.problem), ("error", "no_documents"))
        self.assertIn("no paper", action.error)
        self.send()
        self.assertEqual(fine.delivery, "sent")
        action.action_retry()
        self.prepare()
        self.send()
        self.assertEqual(action.delivery, "sent")

    # -------------------------------------------------------------------------
    # A PERSON SENDS
    # -------------------------------------------------------------------------

    def test_click_renders_nothing(self):
        """§2 Attachments: who presses Send waits for nothing; the message leaves in
        his name when its files are made."""
        self.invoice("20 Nov", 1000)
        self.email.write({"mode": "manual", "attach_statement": "pdf"})
        user = new_test_user(self.env, "e_collector", "dso_collection.group_collector")
        user.write({"company_ids": [Command.link(self.company.id)]})
        user.company_id = self.company
        action = self.proposal_of()
        with (
            freeze_time(TODAY),
            patch.object(
                self.reports, "_render_qweb_pdf", side_effect=AssertionError("rendered")
            ),
        ):
            result = action.with_user(user).action_send()
            self.assertEqual(action.state, "planned")
            self.assertIn("files", result["params"]["message"])
            self.assertIn("Leaves", action.held)
        self.prepare()
        self.assertEqual(
            (action.state, action.sent_by_id, action.user_done_id), ("done", user, user)
        )
        self.assertFalse(action.preparing or action.send_when_ready_id)
        [message] = self.run_outbox()
        self.assertEqual(len(message["attachments"]), 1)

    def test_rights(self):
        """Only collectors let a message leave without its files; nobody writes who is
        to have sent it."""
        self.invoice("20 Nov", 1000)
        viewer = new_test_user(self.env, "e_resolver", "dso_collection.group_resolver")
        viewer.write({"company_ids": [Command.link(self.company.id)]})
        viewer.company_id = self.company
        action = self.proposal_of().with_user(viewer)
        with self.assertRaises(AccessError):
            action.action_send_without_files()
        with self.assertRaises(UserError):
            action.write({"send_when_ready_id": viewer.id})
        with self.assertRaises(AccessError):
            self.env["dso.document"].with_user(viewer).create({})

    # -------------------------------------------------------------------------
    # COST
    # -------------------------------------------------------------------------

    def test_queries_do_not_grow(self):
        """performance.md (e): looking for the files of ten messages takes no more
        queries than for three."""
        self.email.write({"attach_invoices": "listed", "attach_statement": "both"})
        for number in range(10):
            partner = self._customer(f"C{number}", email=f"c{number}@x.example")
            self.invoice("20 Nov", 100, partner=partner)
            self.evaluate(TODAY, self.account(partner))
        self.prepare()
        actions = self.actions.search([("preparing", "=", False)])
        actions = actions.filtered(lambda a: a.action_model_id == self.email)
        self.assertGreaterEqual(len(actions), 10)
        counts = []
        for batch in (actions[:3], actions[:10]):
            self.env.invalidate_all()
            with freeze_time(TODAY):
                batch._documents()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                batch._documents()
                counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1, counts)

    def test_old_files_are_thrown_away(self):
        """What no message carries is kept for a month; what left is kept."""
        self.invoice("20 Nov", 1000)
        self.email.attach_statement = "xlsx"
        action = self.proposal_of()
        self.prepare()
        self.send()
        sent = self.env["dso.document"].search([("action_id", "=", action.id)])
        unused = (
            self.env["dso.document"]
            .sudo()
            ._keep(
                "a.xlsx",
                b"x",
                "text/plain",
                company_id=self.company.id,
                action_id=action.id,
                form="xlsx",
                fingerprint="another",
            )
        )
        for document in sent | unused:
            document.sudo()._write({"create_date": day("1 Oct")})
        self.env.invalidate_all()
        with freeze_time(TODAY):
            self.env["dso.document"].sudo()._gc_documents()
        self.assertTrue(sent.exists().attachment_id)
        self.assertFalse(unused.exists())
