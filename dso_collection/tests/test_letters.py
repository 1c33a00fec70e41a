"""Letters: where things stand on paper, and what may stand there (rules.md §2)."""

from io import BytesIO
from unittest.mock import patch
from zipfile import ZipFile

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from ..models import dso_action_letter
from ..models.dso_litigation_archive import Archive
from .common import day
from .sending_common import TODAY, SendingCommon


class LetterCase(SendingCommon):
    """A customer with an address, and a letter that leaves by itself as S2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.post = cls._model("Letter", "letter", template=True, mode="auto")
        cls.company.partner_id.write(
            {
                "street": "1 Main Street",
                "zip": "10115",
                "city": "Berlin",
                "country_id": cls.env.ref("base.de").id,
            }
        )
        cls.customer.write(
            {
                "street": "14 rue de la République",
                "zip": "69002",
                "city": "Lyon",
                "country_id": cls.env.ref("base.fr").id,
            }
        )

    def action(self, model=None, **values):
        account = self.evaluate(TODAY, self.account())
        return self.env["dso.action"].create(
            {
                "account_id": account.id,
                "action_model_id": (model or self.letter).id,
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestLetterPdf(LetterCase):
    def test_pdf(self):
        """§2: a letter is a PDF of its own; the registered one says so."""
        self.invoice("20 Oct")
        action = self.action()
        content = action._letter_pdf()
        self.assertTrue(content.startswith(b"%PDF"))
        self.assertEqual(PdfFileReader(BytesIO(content)).getNumPages(), 1)
        page = action._letter_html()
        self.assertIn("Registered letter", page)
        plain = self.action(self._model("Letter", "letter", template=True))
        self.assertNotIn("Registered letter", plain._letter_html())

    def test_preview(self):
        """A letter outside the scenario is shown with what it will claim; looking at it
        changes nothing."""
        self.invoice("20 Oct")
        action = self.action()
        shown = []
        Action = type(action)
        with patch.object(
            Action,
            "_letter_print",
            lambda self, html: shown.append(self.amount_claimed) or b"%PDF",
        ):
            action._letter_preview()
        self.assertEqual(shown, [1000])
        self.assertEqual(action.amount_claimed, 0)

    def test_page_numbers(self):
        """A long letter goes on on further pages."""
        for number in range(3):
            self.invoice("20 Oct", amount=100 + number)
        self.letter.template_id.body_html = "<p>Line</p>" * 80
        content = self.action()._letter_pdf()
        self.assertGreater(PdfFileReader(BytesIO(content)).getNumPages(), 1)

    def test_address(self):
        """The window shows the legal name, the person, the address; abroad the country
        in capitals, at home none."""
        self.invoice("20 Oct")
        contact = self.env["res.partner"].create(
            {
                "name": "Jane Miller",
                "parent_id": self.customer.id,
                "street": "2 rue du Port",
                "city": "Marseille",
                "country_id": self.env.ref("base.fr").id,
            }
        )
        self.assertEqual(
            self.action()._letter_address(),
            ["Customer", "14 rue de la République", "69002 Lyon", "FRANCE"],
        )
        action = self.action(own_contact_id=contact.id)
        lines = action._letter_address()
        self.assertEqual(lines[:2], ["Customer", "Jane Miller"])
        self.company.partner_id.country_id = self.env.ref("base.fr")
        self.assertNotIn("FRANCE", self.action()._letter_address())

    def test_layout_by_country(self):
        """Without a choice the window is where it usually is in the country."""
        self.assertEqual(self.company._dso_letter_layout(), "din_b")
        self.company.partner_id.country_id = self.env.ref("base.fr")
        self.assertEqual(self.company._dso_letter_layout(), "right")
        self.company.dso_letter_layout = "din_a"
        self.assertEqual(self.company._dso_letter_layout(), "din_a")

    def test_nothing_is_fetched(self):
        """What a text brings is printed without being fetched, run or followed."""
        self.invoice("20 Oct")
        action = self.action(own_body="<p>placeholder</p>")
        page = action._on_paper(
            '<p onclick="x()">Text <img src="http://evil.example/a.png"/>'
            '<img src="/web/image/999999"/><script>bad()</script>'
            '<iframe src="file:///etc/passwd"></iframe>'
            '<span style="background:url(http://evil.example)">shown</span>'
            '<img src="data:image/png;base64,AAAA"/></p>'
            '<p><a href="/dso/secret/pay/7">Pay INV</a></p>'
        )
        for absent in ("evil", "script", "iframe", "onclick", "secret", "Pay INV"):
            self.assertNotIn(absent, page)
        self.assertIn("shown", page)
        self.assertIn("data:image/png", page)

    def test_without_text(self):
        """A letter without a text names the cure."""
        self.invoice("20 Oct")
        action = self.action()
        self.letter.template_id = False
        with self.assertRaisesRegex(Exception, "give its action model one"):
            action._letter_pdf()


class OutboxCase(LetterCase):
    """A letter that left by itself, and the job that prints."""

    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)
        self.scenario.step_ids[1].action_model_id = self.post  # S2, 3 days after

    def job(self, now=TODAY):
        """Run the job of letters at a moment."""
        with freeze_time(str(now)):
            batches = self.env["dso.letter.batch"].with_user(SUPERUSER_ID)
            self.run_job(batches._cron_make)
            self.env.flush_all()
            self.env.invalidate_all()

    def sent(self, due="20 Nov", **values):
        """A letter that left by itself and waits to be printed."""
        self.invoice(due, **values)
        action = self.proposal_of()
        self.send(outbox=False)
        return action


@tagged("post_install", "-at_install")
class TestLetterOutbox(OutboxCase):
    """From the scenario step to the post."""

    def test_life_of_a_letter(self):
        """§2: handed over it waits; printed, posted, acknowledged; the step is done."""
        action = self.sent()
        letter = action.letter_id
        self.assertEqual((action.state, action.delivery), ("done", "queued"))
        self.assertEqual(letter.state, "waiting")
        self.assertEqual(letter.partner_id, self.customer)
        self.assertFalse(letter.attachment_id, "no PDF inside the sending transaction")
        letter.action_print()
        batch = letter.batch_id
        self.assertEqual(batch.state, "queued")
        self.job()
        self.assertEqual((batch.state, letter.state), ("ready", "made"))
        self.assertTrue(batch.attachment_id.raw.startswith(b"%PDF"))
        self.assertEqual(batch.page_count, 1)
        self.assertEqual(batch.action_download()["type"], "ir.actions.act_url")
        self.assertEqual(action.delivery, "queued", "printed is not posted")
        batch.action_posted()
        self.assertEqual((batch.state, letter.state), ("posted", "posted"))
        self.assertEqual((action.delivery, letter.posted_on), ("sent", TODAY))
        self.assertEqual(action.message_ids[:1].attachment_ids, letter.attachment_id)
        with freeze_time("2026-11-25"):
            letter.write({"tracking_number": "RR 1", "receipt_date": "2026-11-24"})
        self.assertEqual(action.tracking_number, "RR 1")
        self.assertEqual(action.receipt_date, day("24 Nov"))

    def codes(self):
        """Links that are printed as codes from now on."""
        found = []
        real = dso_action_letter.qr_code
        self.patch(
            dso_action_letter, "qr_code", lambda link: found.append(link) or real(link)
        )
        return found

    def test_code_of_the_page(self):
        """§7: an interactive letter carries the link to its reader's page as a code. It
        is made when the letter is, for its reader; looking at it makes none."""
        self.post.interactive = "customer"
        self.account().interactive = True
        action = self.sent()
        letter = action.letter_id
        links = self.codes()
        letter._pdf_now()
        action._letter_preview()
        tokens = self.env["dso.access.token"]
        self.assertFalse(tokens.search([("action_id", "=", action.id)]))
        letter.action_print()
        self.job()
        [link] = links
        self.assertTrue(link.startswith(f"{action.get_base_url()}/dso/c/"))
        token = tokens._find(link.rpartition("/")[2], "customer")
        self.assertEqual((token.action_id, token.recipient_id), (action, self.customer))
        letter.action_withdraw()
        self.assertEqual(token.revoked_because, "withdrawn")
        self.assertFalse(tokens._find(link.rpartition("/")[2], "customer"))

    def test_no_code(self):
        """§7: a plain letter has none, nor one to a customer without page."""
        self.account().interactive = True
        first = self.sent()
        other = self._customer("Other", street="1 Road", city="Town")
        self.post.interactive = "customer"
        self.invoice("20 Nov", partner=other)
        second = self.proposal_of(partner=other)
        self.account(other).interactive = False
        self.send(outbox=False)
        first._engine().interactive = "no"
        links = self.codes()
        (first.letter_id | second.letter_id).action_print()
        self.job()
        self.assertEqual(second.letter_id.state, "made")
        self.assertFalse(links)

    def test_one_file_for_many(self):
        """§2: one merged PDF for a batch, a page range for each letter."""
        first = self.sent()
        other = self._customer("Other", street="1 Road", city="Town")
        self.invoice("20 Nov", partner=other)
        second = self.proposal_of(partner=other)
        self.send(outbox=False)
        (first.letter_id | second.letter_id).action_print()
        self.job()
        batch = first.letter_id.batch_id
        self.assertEqual(second.letter_id.batch_id, batch)
        reader = PdfFileReader(BytesIO(batch.attachment_id.raw))
        self.assertEqual(reader.getNumPages(), 2)
        self.assertEqual(batch.letter_count, 2)

    def test_all_that_wait(self):
        """Print all that wait prints letters that were never printed before; those that
        are being printed stay where they are."""
        first = self.sent()
        first.letter_id.action_print()
        other = self._customer("Other", street="1 Road", city="Town")
        self.invoice("20 Nov", partner=other)
        second = self.proposal_of(partner=other)
        self.send(outbox=False)
        self.assertFalse(second.letter_id.batch_id)
        second.letter_id.action_print_all()
        self.assertTrue(second.letter_id.batch_id)
        self.assertNotEqual(second.letter_id.batch_id, first.letter_id.batch_id)

    def test_settled_before_printing(self):
        """L17: what is paid before it is printed is withdrawn, its step not done."""
        action = self.sent()
        self.pay(action.leader_id)
        action.letter_id.action_print()
        self.job()
        self.assertEqual((action.state, action.cause), ("cancelled", "settled"))
        self.assertEqual(action.letter_id.state, "withdrawn")
        self.assertEqual(action.letter_id.batch_id.state, "empty")
        self.assertFalse(self.account().last_done_step_id)

    def test_settled_after_printing(self):
        """A file whose letters were settled meanwhile is made again without them."""
        action = self.sent()
        other = self._customer("Other", street="1 Road", city="Town")
        self.invoice("20 Nov", partner=other)
        second = self.proposal_of(partner=other)
        self.send(outbox=False)
        (action.letter_id | second.letter_id).action_print()
        self.job()
        batch = action.letter_id.batch_id
        self.pay(action.leader_id)
        result = batch.action_download()
        self.assertEqual(result["params"]["type"], "warning")
        self.assertEqual(batch.state, "queued")
        self.job()
        self.assertEqual((batch.state, batch.letter_count), ("ready", 1))
        self.assertEqual(batch.left_out_count, 1)
        reader = PdfFileReader(BytesIO(batch.attachment_id.raw))
        self.assertEqual(reader.getNumPages(), 1)

    def test_changed_before_printing(self):
        """What is owed changed: the letter is rendered again, once."""
        action = self.sent()
        before = action.letter_id
        before.action_print()
        self.pay(action.leader_id, 400)
        self.job()
        self.assertEqual(before.state, "withdrawn")
        letter = action.letter_id
        self.assertNotEqual(letter, before)
        self.assertEqual((letter.state, letter.batch_id), ("made", before.batch_id))
        self.assertIn("600", letter.body)
        self.assertEqual(action.state, "done")

    def test_printed_on_another_day(self):
        """E21: the day on which it is printed is the day of the step."""
        action = self.sent()
        action.letter_id.action_print()
        self.job(day("25 Nov"))
        self.assertEqual(action.letter_id.state, "made")
        self.assertEqual(action.date_done, day("25 Nov"))
        self.assertEqual(self.account().last_done_date, day("25 Nov"))

    def test_kill_switch(self):
        """Nothing is printed while sending is switched off."""
        action = self.sent()
        letter = action.letter_id
        letter.action_print()
        self.company.dso_sending_active = False
        self.job()
        self.assertEqual((letter.state, letter.batch_id.state), ("waiting", "failed"))
        self.assertIn("switched off", letter.batch_id.error)
        with self.assertRaisesRegex(UserError, "switched off"):
            letter.action_print()
        self.company.dso_sending_active = True
        letter.batch_id.action_try_again()
        self.job()
        self.assertEqual((letter.state, letter.batch_id.state), ("made", "ready"))

    def test_a_failing_letter_fails_alone(self):
        """A letter that cannot be printed keeps its cause and stops no other."""
        action = self.sent()
        other = self._customer("Other", street="1 Road", city="Town")
        self.invoice("20 Nov", partner=other)
        second = self.proposal_of(partner=other)
        self.send(outbox=False)
        (action.letter_id | second.letter_id).action_print()
        Action = type(self.env["dso.action"])
        real = Action._letter_print

        def broken(self, html):
            if self == action:
                raise ValueError("The printer is on fire")
            return real(self, html)

        with patch.object(Action, "_letter_print", broken), self.quiet():
            self.job()
        self.assertEqual(action.letter_id.state, "failed")
        self.assertEqual((action.delivery, action.undelivered), ("failed", True))
        self.assertIn("on fire", action.error)
        self.assertEqual(second.letter_id.state, "made")
        self.assertEqual(second.letter_id.batch_id.state, "ready")

    def quiet(self):
        return mute_logger("odoo.addons.dso_collection.models.dso_letter")

    def test_came_back(self):
        """§5: what the post returns is not delivered; its step stays done."""
        action = self.sent()
        letter = action.letter_id
        letter.action_print()
        self.job()
        letter.batch_id.action_posted()
        letter.action_came_back()
        self.assertEqual((letter.state, action.delivery), ("returned", "bounced"))
        self.assertEqual((action.state, action.colour), ("done", "yellow"))
        self.assertIn("address", action.error)
        self.customer.child_ids = self.env["res.partner"].create({"name": "Another"})
        self.account().contact_id = self.customer.child_ids
        cure = action.action_open_cure()
        self.assertEqual(cure["res_id"], self.customer.id, "who was written to")

    def test_taken_out(self):
        """A letter that a person takes out counts as not done."""
        action = self.sent()
        letter = action.letter_id
        letter.action_withdraw()
        self.assertEqual((letter.state, action.state), ("withdrawn", "cancelled"))
        self.assertFalse(self.account().last_done_step_id)
        with self.assertRaisesRegex(UserError, "left already"):
            letter.action_withdraw()

    def test_no_address(self):
        """E19, case 34: without an address it waits for a person, with its cause."""
        self.customer.write({"street": False})
        self.invoice("20 Nov")
        action = self.proposal_of()
        self.assertEqual((action.state, action.problem), ("error", "no_address"))
        self.send(outbox=False)
        self.assertFalse(action.letter_id)

    def test_only_notes_are_written(self):
        """Of a letter only number and receipt are noted, and only what can be."""
        letter = self.sent().letter_id
        with self.assertRaisesRegex(UserError, "only its tracking number"):
            letter.write({"state": "posted"})
        with self.assertRaisesRegex(UserError, "was not posted"):
            letter.receipt_date = TODAY
        with self.assertRaisesRegex(UserError, "by sending an action"):
            letter.create({"action_id": letter.action_id.id})

    def test_never_twice(self):
        """A letter in a file is in no other, however often the job runs."""
        letter = self.sent().letter_id
        letter.action_print()
        with self.assertRaisesRegex(UserError, "None of these letters"):
            letter.action_print()
        self.job()
        kept = letter.attachment_id
        self.job()
        self.assertEqual(letter.attachment_id, kept)
        with self.assertRaisesRegex(UserError, "None of these letters"):
            letter.action_print()
        self.assertEqual(
            self.env["dso.letter"].search_count(
                [("action_id", "=", letter.action_id.id)]
            ),
            1,
        )

    def test_given_up(self):
        """Letters of a file that is not posted wait again."""
        letter = self.sent().letter_id
        letter.action_print()
        self.job()
        batch = letter.batch_id
        batch.action_give_up()
        self.assertEqual((letter.state, letter.batch_id.id), ("waiting", False))
        with self.assertRaisesRegex(UserError, "not there to be posted"):
            batch.action_posted()

    def two_in_a_file(self):
        """Two letters in a print file that is ready."""
        first = self.sent()
        other = self._customer("Other", street="1 Road", city="Town")
        self.invoice("20 Nov", partner=other)
        second = self.proposal_of(partner=other)
        self.send(outbox=False)
        letters = first.letter_id | second.letter_id
        letters.action_print()
        self.job()
        return letters

    def test_taken_out_of_a_file(self):
        """A letter that is taken out is not in the file that is printed any more."""
        first, second = self.two_in_a_file()
        batch = first.batch_id
        first.action_withdraw()
        self.assertEqual(batch.state, "queued")
        self.job()
        self.assertEqual((batch.state, batch.letter_count), ("ready", 1))
        reader = PdfFileReader(BytesIO(batch.attachment_id.raw))
        self.assertEqual(reader.getNumPages(), 1)
        second.action_withdraw()
        self.job()
        self.assertEqual(batch.state, "empty")
        self.assertFalse(batch.attachment_id)

    def test_what_may_have_left_is_not_taken_out(self):
        """Nobody takes back a letter that may have left: its step would be proposed,
        and sent, once more."""
        action = self.sent()
        letter = action.letter_id
        letter._engine().state = "failed"
        letter._tell_action("unknown", "No answer")
        with self.assertRaisesRegex(UserError, "may have left"):
            letter.action_withdraw()
        self.assertEqual(self.account().last_done_step_id, action.step_id)

    def test_taken_out_after_it_was_sent_again(self):
        """A failed letter that was sent again is withdrawn without its step."""
        action = self.sent()
        letter = action.letter_id
        letter._fail("The printer is on fire")
        action.action_send_again()
        letter.action_withdraw()
        self.assertEqual((letter.state, action.state), ("withdrawn", "done"))
        self.assertEqual(self.account().last_done_step_id, action.step_id)

    def test_left_at_that(self):
        """A letter whose message a person left at that is not printed."""
        action = self.sent()
        action.letter_id.action_print()
        action.action_leave_undelivered()
        self.job()
        self.assertEqual(action.letter_id.state, "withdrawn")

    def test_switched_off_while_printing(self):
        """The switch stops what is left of a print file."""
        letters = self.two_in_a_file()
        letters.batch_id.action_give_up()
        letters.action_print()
        Letter = type(letters)
        real = Letter._prepare

        def switch_off(letter):
            self.company.dso_sending_active = False
            return real(letter)

        with patch.object(Letter, "_prepare", switch_off):
            self.job()
        self.assertEqual(sorted(letters.mapped("state")), ["made", "waiting"])

    def test_nothing_is_claimed(self):
        """L17: a text that names what is to be paid does not leave while nothing is; a
        statement does."""
        account = self.evaluate(TODAY, self.account())
        Action = self.env["dso.action"]
        statement = self._model("Statement", "letter", template=True)
        statement.template_id = self.env.ref("dso_collection.mail_template_statement")
        for model in (self.post, self.email):
            action = Action.create(
                {"account_id": account.id, "action_model_id": model.id}
            )
            with self.assertRaisesRegex(UserError, "Nothing is claimed"):
                action.action_send()
            self.assertFalse(action.letter_id)
        action = Action.create(
            {"account_id": account.id, "action_model_id": statement.id}
        )
        action.action_send()
        self.assertEqual(action.letter_id.state, "waiting")

    def test_all_paid_in_the_outbox(self):
        """L17: a message outside the scenario does not leave to claim nothing."""
        invoice = self.invoice("20 Oct")
        action = self.action(self.post)
        action.action_send()
        self.pay(invoice)
        action.letter_id.action_print()
        self.job()
        self.assertEqual((action.state, action.cause), ("cancelled", "settled"))

    def test_enclosures(self):
        """§2 Attachments: what the model encloses is printed behind the letter, which
        lists it."""
        self.post.attach_statement = "pdf"
        self.template.attachment_ids = self.env["ir.attachment"].create(
            {"name": "prices.txt", "raw": b"cannot be printed"}
        )
        action = self.sent()
        self.assertEqual(action.state, "planned", "its files are made first")
        self.assertTrue(action.preparing)
        action.sudo().with_context(force_report_rendering=True)._make_documents()
        self.send(outbox=False)
        letter = action.letter_id
        self.assertEqual(letter.enclosure_ids.mapped("mimetype"), ["application/pdf"])
        letter.action_print()
        self.job()
        self.assertEqual(letter.state, "made")
        self.assertIn("Enclosures:", action._letter_html())
        self.assertIn("Statement", action._letter_html())
        self.assertGreater(letter.page_count, 1)
        reader = PdfFileReader(BytesIO(letter.attachment_id.raw))
        self.assertEqual(reader.getNumPages(), letter.page_count)

    def test_in_the_litigation_file(self):
        """The letter as posted, its number and its receipt are in the file."""
        action = self.sent()
        letter = action.letter_id
        letter.action_print()
        self.job()
        letter.batch_id.action_posted()
        letter.write({"tracking_number": "RR 1", "receipt_date": TODAY})
        asked = self.env["dso.litigation.file"].create(
            {"account_id": action.account_id.id, "move_ids": action.leader_id.ids}
        )
        with self.allow_pdf_render():
            content, _checksum = Archive(asked.sudo()).make()
        with ZipFile(BytesIO(content)) as archive:
            (path,) = [n for n in archive.namelist() if n.startswith("letters/")]
            self.assertEqual(archive.read(path), letter.attachment_id.raw)
            self.assertIn(b"RR 1", archive.read("delivery.csv"))

    def test_hostile_text(self):
        """What a name or reference brings is printed as it is, never evaluated."""
        self.customer.write(
            {
                "name": "<script>x()</script> {{ 7 * 7 }}",
                "street": "1 Road\r\nX-Header: y",
                "ref": "<t t-out='env.cr.dbname'/>",
            }
        )
        self.invoice("20 Nov")
        action = self.proposal_of()
        page = action._letter_html()
        self.assertNotIn("<script>x", page)
        self.assertIn("&lt;script&gt;x()", page)
        self.assertIn("{{ 7 * 7 }}", page)
        self.assertNotIn(self.env.cr.dbname, page)
        self.assertIn("&lt;t t-out=", page)
        self.assertTrue(action._letter_pdf().startswith(b"%PDF"))

    def test_merged_customers(self):
        """A letter goes with its customer when two are merged."""
        other = self._customer("Other", street="1 Road", city="Town")
        self.invoice("20 Nov", partner=other)
        action = self.proposal_of(partner=other)
        self.send(outbox=False)
        letter = action.letter_id
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (other | self.customer).ids, self.customer
        )
        self.env.invalidate_all()
        self.assertEqual(letter.account_id, self.account())
        self.assertEqual(letter.action_id.account_id, self.account())
