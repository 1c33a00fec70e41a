"""Answers on pages: what is taken, what is refused, what becomes of it (§7)."""

import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..controllers.answer_form import (
    LISTED,
    MAX_FILES,
    AnswerForm,
    _parse_amount,
    file_title,
    file_type,
)
from ..models.dso_reply_page import AnswerPage
from .test_access_tokens import TokenCommon

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00"
    b"\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02"
    b"\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)
HIDDEN = re.compile(r'name="(form_key|once)" value="([^"]+)"')


class AnswerCommon(TokenCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.env["dso.access.attempt"].sudo().search([]).unlink()
        self.today = fields.Date.today()
        self.other = self.invoice("21 Nov", 500)
        tokens = self.env["dso.access.token"]
        secret = tokens._issue(self.account(), self.action, self.jane, "customer")
        self.token = tokens.sudo().search([], limit=1)
        self.path = f"/dso/c/{secret}"
        self.company.dso_accept_promises = False
        self.price = self.env.ref("dso_collection.status_price_dispute")
        self.env.flush_all()

    def open(self, path, **options):
        self.env.flush_all()
        return self.url_open(path, allow_redirects=False, **options)

    def form(self, *moves, path=None):
        """The hidden fields of an empty form for these items."""
        answer = self.open(
            path or f"{self.path}/answer?" + "&".join(f"item={m.id}" for m in moves)
        )
        self.assertEqual(answer.status_code, 200, answer.text)
        return dict(HIDDEN.findall(answer.text))

    def post(self, *moves, files=None, path=None, hidden=None, **values):
        """Send the form, as a browser does: with the fields that it was shown with."""
        hidden = self.form(*moves, path=path) if hidden is None else hidden
        data = {
            "step": "send",
            **hidden,
            "item": [move.id for move in moves],
            **{name.replace("__", "-"): value for name, value in values.items()},
        }
        answer = self.open(
            path or f"{self.path}/answer", data=data, files=files or {"x": (None, "")}
        )
        self.env.invalidate_all()
        return answer

    def replies(self):
        return self.env["dso.reply"].search([("account_id", "=", self.account().id)])

    def soon(self, days=4):
        return (self.today + timedelta(days=days)).isoformat()


@tagged("post_install", "-at_install")
class TestAnswers(AnswerCommon):
    # -------------------------------------------------------------------------
    # WHAT IS TAKEN
    # -------------------------------------------------------------------------

    def test_promise(self):
        """§7: a customer promises ticked items: one reply, nothing else changes."""
        answer = self.post(
            self.late, said="promise", promise_date=self.soon(), text="As agreed."
        )
        self.assertEqual(answer.status_code, 303)
        self.assertRegex(answer.headers["Location"], rf"{self.path}/answered/[\w-]+$")
        reply = self.replies()
        self.assertEqual(
            (reply.source, reply.partner_id, reply.body, reply.state, reply.action_id),
            ("page", self.jane, "As agreed.", "to_process", self.action),
        )
        self.assertEqual(reply.proposed_type, "promise_to_pay")
        self.assertEqual(str(reply.proposed_promise_date), self.soon())
        self.assertEqual(reply.move_ids, self.late)
        [line] = reply.line_ids
        self.assertEqual((line.said, line.move_name), ("promise", self.late.name))
        self.assertFalse(self.late.dso_status_id, "nothing changes before validation")
        self.assertTrue(reply.holding)
        done = self.open(answer.headers["Location"])
        self.assertEqual(done.status_code, 200)
        for shown in (self.late.name, "As agreed.", "Payment on"):
            self.assertIn(shown, done.text)

    def test_different_answers_in_one(self):
        """§7: one submission says different things of different items."""
        answer = self.post(
            self.late,
            self.other,
            said="promise",
            promise_date=self.soon(),
            **{
                f"said__{self.other.id}": "disputed",
                f"cause__{self.other.id}": self.price.id,
                f"amount_disputed__{self.other.id}": "120,50",
            },
        )
        self.assertEqual(answer.status_code, 303, answer.text)
        reply = self.replies()
        said = {line.move_id: line for line in reply.line_ids}
        self.assertEqual(said[self.late].said, "promise")
        self.assertEqual(
            (
                said[self.other].said,
                said[self.other].status_id,
                said[self.other].amount,
                said[self.other].situation,
            ),
            ("disputed", self.price, 120.5, 2),
        )
        self.assertFalse(reply.proposed_type, "several: none stands for all")
        self.assertIn("Disputed", reply.summary)
        self.assertIn("Payment on", reply.summary)

    def test_amount_pays_the_oldest_first(self):
        """A promised amount is spread over the items, the oldest ones first."""
        self.post(
            self.late,
            self.other,
            said="promise",
            promise_date=self.soon(),
            amount="1200",
        )
        amounts = {line.move_id: line.amount for line in self.replies().line_ids}
        self.assertEqual(amounts, {self.late: 1000, self.other: 200})

    def test_paid(self):
        """Already paid: with its date and reference."""
        self.post(
            self.late,
            said="paid",
            paid_on=(self.today - timedelta(days=3)).isoformat(),
            reference="TRX <b>77</b>",
        )
        [line] = self.replies().line_ids
        self.assertEqual(line.reference, "TRX <b>77</b>")
        self.assertEqual(line.paid_on, self.today - timedelta(days=3))
        page = self.open(f"{self.path}/answer").text
        self.assertIn("TRX &lt;b&gt;77&lt;/b&gt;", page, "shown, never evaluated")

    def test_customers_propose_no_outcome(self):
        """How a dispute ends is for colleagues to propose."""
        self.post(self.late, said="comment", resolution="unjustified", text="y")
        [line] = self.replies().line_ids
        self.assertEqual((line.said, line.resolution), ("comment", False))

    def test_message_without_items(self):
        """Who ticks nothing writes about the account as a whole."""
        answer = self.post(text="Please send a statement.")
        self.assertEqual(answer.status_code, 303)
        reply = self.replies()
        self.assertEqual(reply.body, "Please send a statement.")
        self.assertFalse(reply.line_ids | reply.line_ids)

    def test_files(self):
        """Files are kept with the reply, under the type that their content has."""
        self.post(
            self.late,
            said="comment",
            files=[
                ("files", ("../../proof.pdf", PDF, "text/html")),
                ("files", ("photo.PNG", PNG, "image/png")),
            ],
        )
        files = self.replies().attachment_ids.sorted("name")
        self.assertEqual(
            [(f.name, f.mimetype, f.res_model, f.res_id, f.public) for f in files],
            [
                ("photo.PNG", "image/png", "dso.reply", self.replies().id, False),
                ("proof.pdf", "application/pdf", "dso.reply", self.replies().id, False),
            ],
        )

    def test_sent_twice(self):
        """A double submit makes one reply, and shows it both times."""
        hidden = self.form(self.late)
        first = self.post(self.late, hidden=hidden, said="processing")
        second = self.post(self.late, hidden=hidden, said="processing")
        self.assertEqual(first.headers["Location"], second.headers["Location"])
        self.assertEqual(len(self.replies()), 1)

    def test_corrected_after_going_back(self):
        """Who goes back in his browser and corrects the same form is heard."""
        hidden = self.form(self.late)
        self.post(self.late, hidden=hidden, said="processing")
        answer = self.post(
            self.late, hidden=hidden, said="promise", promise_date=self.soon()
        )
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(
            sorted(self.replies().line_ids.mapped("said")), ["processing", "promise"]
        )
        self.assertIn("Payment on", self.open(answer.headers["Location"]).text)

    def test_more_items_than_a_form_may_have_fields(self):
        """Ticked by the hundred, items are sent as one field: none gets lost, and no
        form is refused for its length."""
        self.assertLess(LISTED, 900, "of 1,000 that a form with files may have")
        with patch("odoo.addons.dso_collection.controllers.answer_pages.LISTED", 1):
            page = self.open(
                f"{self.path}/answer?item={self.late.id}&item={self.other.id}"
            ).text
            self.assertNotIn('name="item"', page)
            items = re.search(r'name="items"\s+value="([^"]+)"', page).group(1)
            self.assertIn(self.other.name, page)
            answer = self.post(
                hidden={**dict(HIDDEN.findall(page)), "items": items}, said="processing"
            )
        self.assertEqual(answer.status_code, 303, answer.text)
        self.assertEqual(self.replies().line_ids.move_id, self.late | self.other)
        wrong = self.post(hidden={**self.form(), "items": "0 x"}, said="processing")
        self.assertEqual(wrong.status_code, 422)

    def test_submission_is_unique(self):
        """Two at the same moment: the database keeps one."""
        Reply = self.env["dso.reply"]
        once = "a" * 22
        page = AnswerPage.of_token(self.token, "en_US")
        Reply._receive(page, once, [], "One", [])
        self.patch(type(Reply), "_of_submission", lambda self, *_args: self.browse())
        with mute_logger("odoo.sql_db"):
            self.assertFalse(Reply._receive(page, once, [], "One", []))
        self.assertEqual(len(self.replies()), 1)

    def test_confirmation_mail(self):
        """The answer is confirmed to the address that the link was sent to, in the
        reader's language."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.jane.lang = "fr_FR"
        template = self.env.ref("dso_collection.mail_template_answer_received")
        template.with_context(lang="fr_FR").subject = "Bien reçu"
        self.post(
            self.late, said="promise", promise_date=self.soon(), text="<i>Oui</i>"
        )
        mail = self.env["mail.mail"].search(
            [("model", "=", "dso.reply"), ("res_id", "=", self.replies().id)]
        )
        self.assertEqual(mail.recipient_ids, self.jane)
        self.assertEqual(mail.subject, "Bien reçu")
        self.assertIn(self.late.name, mail.body_html)
        self.assertIn("&lt;i&gt;Oui", mail.body_html)
        self.assertNotIn("/dso/c/", mail.body_html)

    def test_no_mail_while_sending_is_off(self):
        """Where nothing leaves the company yet, the confirmation does not either."""
        self.company.dso_sending_active = False
        self.post(self.late, said="processing")
        self.assertTrue(self.replies())
        self.assertFalse(
            self.env["mail.mail"].search_count([("model", "=", "dso.reply")])
        )

    def test_failure_afterwards_keeps_the_answer(self):
        """What fails after an answer was taken does not lose it."""

        def fail(_self):
            raise ValueError("broken")

        self.patch(type(self.env["dso.reply"]), "_confirm", fail)
        with mute_logger("odoo.addons.dso_collection.models.dso_reply_page"):
            answer = self.post(self.late, said="processing")
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(len(self.replies()), 1)

    # -------------------------------------------------------------------------
    # WHAT IS REFUSED
    # -------------------------------------------------------------------------

    def test_mistakes_lose_nothing(self):
        """What is wrong is said beside its field, in clear words; what was typed, and
        which files were chosen, is still there."""
        far = (self.today + timedelta(days=900)).isoformat()
        gone = (self.today - timedelta(days=1)).isoformat()
        for values, words in (
            ({"said": "promise"}, "Enter the date on which you will pay"),
            ({"said": "promise", "promise_date": gone}, "This date is past"),
            ({"said": "promise", "promise_date": far}, "This date is too far"),
            ({"said": "promise", "promise_date": "soon"}, "is no date"),
            (
                {"said": "promise", "promise_date": self.soon(), "amount": "a lot"},
                "is no amount",
            ),
            (
                {"said": "promise", "promise_date": self.soon(), "amount": "99999"},
                "This is more than the ticked invoices owe",
            ),
            ({"said": "disputed"}, "Choose what is not right"),
            ({"said": "disputed", "cause": "other"}, "Tell us in your message"),
            ({"said": "disputed", "cause": "999999"}, "Choose what is not right"),
            ({"said": "paid"}, "Enter the date on which you paid"),
            ({"said": "paid", "paid_on": self.soon()}, "This date is still to come"),
            ({"said": "comment"}, "Write your message"),
            ({"said": "settle"}, "Choose what you want to tell us"),
            ({}, "Choose what you want to tell us"),
        ):
            with self.subTest(**values):
                needs_text = values.get("said") == "comment" or (
                    values.get("cause") == "other" or not values
                )
                text = "" if needs_text else "My words"
                answer = self.post(self.late, text=text, **values)
                self.assertEqual(answer.status_code, 422)
                self.assertIn(words, answer.text)
                self.assertIn(text, answer.text)
                self.assertIn(f'value="{self.late.id}" checked="True"', answer.text)
                for name in ("promise_date", "amount", "paid_on"):
                    if values.get(name):
                        self.assertIn(f'value="{values[name]}"', answer.text)
        self.assertFalse(self.replies())

    def test_paid_today_in_the_east(self):
        """Where the day began earlier than at the company, today is no day to come."""
        answer = self.post(
            self.late,
            said="paid",
            paid_on=(self.today + timedelta(days=1)).isoformat(),
        )
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self.replies().line_ids.paid_on, self.today)

    def test_files_to_choose_again(self):
        """A browser keeps no files: their names are said."""
        answer = self.post(
            self.late, said="promise", files=[("files", ("proof.pdf", PDF))]
        )
        self.assertEqual(answer.status_code, 422)
        self.assertIn("proof.pdf", answer.text)
        self.assertIn("choose these files again", answer.text)

    def test_hostile_files(self):
        """Type is checked by content: what a browser would run is not taken, whatever
        it is called."""
        script = b"<html><script>alert(1)</script></html>"
        svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
        for name, content in (
            ("page.html", script),
            ("page.svg", svg),
            ("page.pdf", script),
            ("picture.png", svg),
            ("page.txt", script),
            ("page.csv", b"  \n<!DOCTYPE html><p>"),
            ("page.txt", b"<iframe src=javascript:alert(1)>"),
            ("program.exe", b"MZ\x90\x00"),
            ("program.pdf", b"MZ\x90\x00"),
            ("empty.pdf", b""),
            ("no_ending", PDF),
        ):
            with self.subTest(name):
                answer = self.post(
                    self.late, said="comment", files=[("files", (name, content))]
                )
                self.assertEqual(answer.status_code, 422)
                self.assertIn(name, answer.text)
        self.assertFalse(self.replies())
        self.assertFalse(
            self.env["ir.attachment"].search_count([("name", "like", "page.%")])
        )

    def test_too_many_files(self):
        files = [("files", (f"{n}.pdf", PDF)) for n in range(MAX_FILES + 3)]
        answer = self.post(self.late, said="comment", text="x", files=files)
        self.assertIn(f"at most {MAX_FILES} files", answer.text)
        self.assertFalse(self.replies())

    def test_items_of_others(self):
        """Every posted id is checked against the token's own account: nothing is told
        of another one's, and nothing is written."""
        stranger = self._customer("Stranger")
        theirs = self.invoice("20 Nov", 77, partner=stranger)
        litigation = self.invoice("20 Nov", 88)
        litigation.dso_qualify(self.status("litigation"), "Secret note")
        self.env.flush_all()
        for moves in (theirs, litigation, theirs.browse(999_999_999)):
            answer = self.post(moves, hidden=self.form(self.late), said="processing")
            self.assertEqual(answer.status_code, 422)
            for secret in (stranger.name, theirs.name, litigation.name, "Secret note"):
                self.assertNotIn(secret, answer.text)
        answer = self.open(f"{self.path}/answer?item=x&item=1e9&item={theirs.id}")
        self.assertNotIn(theirs.name, answer.text)
        self.assertFalse(self.replies())

    def test_item_paid_meanwhile(self):
        """An item that is open no more is left out, and that is said."""
        hidden = self.form(self.late, self.other)
        self.pay(self.late)
        answer = self.post(self.late, self.other, hidden=hidden, said="processing")
        self.assertEqual(answer.status_code, 422)
        self.assertIn("not open any more", answer.text)
        self.assertIn(self.other.name, answer.text)
        self.assertNotIn(f'value="{self.late.id}"', answer.text)

    def test_form_of_somebody_else(self):
        """A form that was not made here for this link is not taken; what was typed
        stays."""
        hidden = self.form(self.late)
        for wrong in ({**hidden, "form_key": "1.abc"}, {"once": hidden["once"]}):
            answer = self.post(
                self.late, hidden=wrong, said="processing", text="My words"
            )
            self.assertEqual(answer.status_code, 422)
            self.assertIn("My words", answer.text)
        answer = self.open(
            f"{self.path}/answer",
            data={**hidden, "step": "send", "text": "x"},
            headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        )
        self.assertEqual(answer.status_code, 403)
        self.assertFalse(self.replies())

    def test_colleague_looks_only(self):
        """A colleague in copy holds the same link: logged in he looks, and answers
        nothing in the customer's name."""
        hidden = self.form(self.late)
        new_test_user(self.env, "colin", "base.group_user")
        self.authenticate("colin", "colin")
        answer = self.post(self.late, hidden=hidden, said="processing")
        self.assertEqual(answer.status_code, 422)
        self.assertIn("only the customer answers", answer.text)
        self.assertFalse(self.replies())

    def test_looking_sends_nothing(self):
        """Programs that look behind links, and ticks alone, answer nothing."""
        self.open(f"{self.path}/answer?item={self.late.id}&said=promise&step=send")
        self.open(f"{self.path}/answer", data={"item": self.late.id})
        self.assertFalse(self.replies())

    def test_answered_page_is_its_readers(self):
        """What was answered shows to who holds the link on whose page it was."""
        location = self.post(self.late, said="processing").headers["Location"]
        once = location.rsplit("/", 1)[1]
        secret = self.env["dso.access.token"]._issue(
            self.account(), self.action, self.jane, "customer"
        )
        self.assertEqual(self.open(f"/dso/c/{secret}/answered/{once}").status_code, 404)
        self.assertEqual(self.open(f"{self.path}/answered/nothing").status_code, 404)

    def test_earlier_answers(self):
        """§7: earlier answers and what became of them are visible: one's own, without
        the internal comment."""
        self.post(self.late, said="promise", promise_date=self.soon())
        self.assertIn("Received, will be read", self.open(f"{self.path}/answer").text)
        reply = self.replies()
        with Form(
            self.env["dso.qualify"].with_context(**reply.action_qualify()["context"])
        ) as window:
            window.comment = "Secret: rating D"
        window.save().action_qualify()
        page = self.open(f"{self.path}/answer").text
        self.assertIn("Noted: payment on", page)
        self.assertNotIn("Secret", page)
        other = self.env["res.partner"].create(
            {
                "name": "Joe",
                "email": "joe@customer.example",
                "parent_id": self.customer.id,
            }
        )
        secret = self.env["dso.access.token"]._issue(
            self.account(), self.action, other, "customer"
        )
        page = self.open(f"/dso/c/{secret}/answer").text
        self.assertNotIn("Noted", page)

    # -------------------------------------------------------------------------
    # THE QUALIFICATION
    # -------------------------------------------------------------------------

    def _two_situations(self):
        self.post(
            self.late,
            self.other,
            said="promise",
            promise_date=self.soon(),
            text="See above",
            **{
                f"said__{self.other.id}": "disputed",
                f"cause__{self.other.id}": self.price.id,
                f"amount_disputed__{self.other.id}": "120",
            },
        )
        return self.replies()

    def _offer(self, **values):
        """The customer offers to pay two items in three fortnightly payments."""
        return self.post(
            self.late,
            self.other,
            said="promise",
            promise_date=self.soon(),
            instalments="3",
            every="fortnight",
            **values,
        )

    def test_offer_of_several_payments(self):
        """§7, §3.3: a plan that a customer offers is shown to him as he offered it, is
        never accepted by itself, and opens the window of plans filled in."""
        self.company.dso_accept_promises = True
        self.company.dso_accept_promise_days = 30
        self.company.dso_accept_promise_amount = 100_000
        answer = self._offer(amount="1200", text="Slow season")
        reply = self.replies()
        self.assertEqual(
            (reply.state, reply.has_plan, set(reply.line_ids.mapped("accepted"))),
            ("to_process", True, {False}),
        )
        self.assertEqual(
            set(reply.line_ids.mapped(lambda line: (line.instalments, line.every))),
            {(3, "fortnight")},
        )
        shown = self.open(answer.headers["Location"]).text
        self.assertIn("3 payments every two weeks, the first on", shown)
        self.assertIn("1,200.00", shown)
        window = Form(
            self.env["dso.payment.plan.make"].with_context(
                **reply.action_make_plan()["context"]
            )
        )
        self.assertEqual((window.count, window.every), (3, "fortnight"))
        self.assertEqual(str(window.first_date), self.soon())
        self.assertEqual((window.amount, window.comment), (1200, "Slow season"))
        window.confirm = False
        make = window.save()
        self.assertEqual(
            make.item_ids.filtered("selected").move_id, self.late | self.other
        )
        make.action_make()
        plan = self.env["dso.payment.plan"].search([], limit=1, order="id desc")
        self.assertEqual(
            plan.promise_ids.sorted("sequence").mapped("amount"), [400, 400, 400]
        )
        self.assertEqual((reply.state, reply.has_plan), ("validated", False))
        self.assertIn("Noted: payment on", reply.line_ids[0].outcome)

    def test_plan_of_one_situation(self):
        """Of a reply that says several things the plan takes its own items, and what
        else was said stays to be read."""
        self._offer(
            **{
                f"said__{self.other.id}": "disputed",
                f"cause__{self.other.id}": self.price.id,
            }
        )
        reply = self.replies()
        window = Form(
            self.env["dso.payment.plan.make"].with_context(
                **reply.action_make_plan()["context"]
            )
        )
        window.confirm = False
        make = window.save()
        self.assertEqual(make.item_ids.filtered("selected").move_id, self.late)
        self.assertEqual(make.amount, make.chosen_total)
        make.action_make()
        self.assertEqual((reply.state, reply.has_plan), ("to_process", False))
        self.assertEqual(reply._next_situation().move_id, self.other)

    def test_wrong_number_of_payments(self):
        """What is no number of payments is told beside its field, and nothing of the
        form is lost."""
        for typed in ("13", "0", "-2", "two", "2.5", "9" * 50):
            with self.subTest(typed):
                answer = self.post(
                    self.late,
                    said="promise",
                    promise_date=self.soon(),
                    instalments=typed,
                    text="Kept",
                )
                self.assertEqual(answer.status_code, 422)
                self.assertIn("Choose 2 to 12 payments", answer.text)
                self.assertIn("Kept", answer.text)
        self.post(
            self.late,
            said="promise",
            promise_date=self.soon(),
            instalments="2",
            every="never",
        )
        self.assertEqual(self.replies().line_ids.every, "month")

    def test_choice_prefills_the_qualification(self):
        """§7, M3: the window opens with what the customer chose, one situation after
        the other."""
        reply = self._two_situations()
        window = Form(
            self.env["dso.qualify"].with_context(**reply.action_qualify()["context"])
        )
        self.assertEqual(window.status_id.type, "promise_to_pay")
        self.assertEqual(str(window.promise_date), self.soon())
        self.assertEqual(window.comment, "See above")
        self.assertTrue(window.more_situations)
        record = window.save()
        self.assertEqual(record._chosen().move_id, self.late)
        record.action_validate()
        self.assertEqual(self.late.dso_status_type, "promise_to_pay")
        self.assertEqual(record.status_id, self.price)
        self.assertEqual(record.disputed_amount, 120)
        self.assertEqual(record._chosen().move_id, self.other)
        self.assertFalse(record.more_situations)
        self.assertEqual(reply.state, "to_process")
        record.action_qualify()
        self.assertEqual(reply.state, "validated")
        self.assertEqual(self.other.dso_status_id, self.price)
        self.assertTrue(all(line.qualification_id for line in reply.line_ids))

    def test_undone_in_the_window(self):
        """What is undone is open again."""
        reply = self._two_situations()
        record = Form(
            self.env["dso.qualify"].with_context(**reply.action_qualify()["context"])
        ).save()
        record.action_validate()
        self.assertEqual(reply._next_situation().move_id, self.other)
        record.action_undo()
        self.assertEqual(reply._next_situation().move_id, self.late)

    def test_answers_stay(self):
        """What was answered is part of the history."""
        reply = self._two_situations()
        line = reply.line_ids[0]
        for writer in (line, line.sudo()):
            with self.assertRaises(UserError):
                writer.amount = 5
        with self.assertRaises(UserError):
            line.sudo().unlink()
        with self.assertRaises(UserError):
            reply.write({"line_ids": [(5,)]})

    # -------------------------------------------------------------------------
    # ACCEPTED AT ONCE
    # -------------------------------------------------------------------------

    def _accept(self, **values):
        self.company.write(
            {
                "dso_accept_promises": True,
                "dso_accept_promise_days": 10,
                "dso_accept_promise_amount": 1200,
                **values,
            }
        )

    def _promise(self, *moves, days=4, **values):
        self.post(*moves, said="promise", promise_date=self.soon(days), **values)
        return self.replies()[:1]

    def test_off_by_default(self):
        self.assertFalse(
            self.env["res.company"].create({"name": "C"}).dso_accept_promises
        )

    def test_promise_within_limits(self):
        """§7: a company may let promises within limits be accepted at once; it can be
        undone, and then a person looks at it."""
        self._accept()
        reply = self._promise(self.late)
        self.assertEqual(self.late.dso_status_type, "promise_to_pay")
        self.assertEqual(str(self.late.dso_promise_date), self.soon())
        self.assertEqual(reply.state, "validated")
        self.assertTrue(reply.line_ids.accepted)
        self.assertTrue(self.late.dso_starred, "followed up as its status says")
        self.assertIn("Noted: payment on", self.open(f"{self.path}/answer").text)
        reply.action_take_back()
        self.assertFalse(self.late.dso_status_id)
        self.assertEqual(reply.state, "to_process")
        with self.assertRaisesRegex(UserError, "stands"):
            reply.action_take_back()

    def test_take_back_is_collectors(self):
        self._accept()
        reply = self._promise(self.late)
        viewer = new_test_user(self.env, "vera", "dso_collection.group_viewer")
        with self.assertRaises(AccessError):
            reply.with_user(viewer).action_take_back()

    def test_message_waits_for_a_person(self):
        """A promise with a message is noted; the message is read by somebody."""
        self._accept()
        reply = self._promise(self.late, text="But send me the certificate.")
        self.assertEqual(self.late.dso_status_type, "promise_to_pay")
        self.assertEqual(reply.state, "to_process")

    def test_not_beyond_limits(self):
        """Later or more than the company says waits for a person; what was promised
        before counts, and an item is not promised twice."""
        self._accept()
        self.assertFalse(self._promise(self.late, days=11).line_ids.accepted)
        self.assertFalse(self._promise(self.late, self.other).line_ids[:1].accepted)
        self.assertTrue(self._promise(self.late).line_ids.accepted)
        self.assertFalse(self._promise(self.other).line_ids.accepted, "1 500 in all")
        self._accept(dso_accept_promise_amount=5000)
        self.assertFalse(self._promise(self.late, days=6).line_ids.accepted)
        self.assertTrue(self._promise(self.other).line_ids.accepted)

    def _refused(self, move=None):
        before = (move or self.late).dso_status_id
        reply = self._promise(move or self.late)
        self.assertTrue(reply.line_ids)
        self.assertFalse(reply.line_ids.accepted)
        self.assertEqual((move or self.late).dso_status_id, before)

    def test_not_on_disputed_items(self):
        self._accept()
        self.late.dso_qualify(self.price, "")
        self._refused()

    def test_not_on_partly_disputed_items(self):
        self._accept()
        self.late.dso_qualify(self.price, "", disputed_amount=10)
        self._refused()

    def test_not_after_a_broken_promise(self):
        self._accept(dso_accept_promise_amount=5000)
        self.other.dso_qualify(
            self.status("promise_to_pay"), "", promise_date=self.today
        )
        promise = self.env["dso.promise"].search([], order="id desc", limit=1)
        made, until = (self.today - timedelta(days=days) for days in (9, 1))
        promise.sudo().write({"date_made": made, "date": until, "date_limit": until})
        self.env.flush_all()
        self.account().evaluate()
        self.assertEqual(promise.state, "broken")
        self._refused()
        self.pay(self.other, 100, on=until)
        self.account().evaluate()
        self.assertEqual(promise.state, "partly")
        self._refused()

    def _notice(self, move):
        """A formal notice about one item, due today."""
        account = self.account()
        return self.env["dso.action"].create(
            {
                "account_id": account.id,
                "action_model_id": self.letter.id,
                "kind": "specific",
                "mode": "manual",
                "date": self.today,
                "line_ids": [(0, 0, {"account_id": account.id, "move_id": move.id})],
            }
        )

    def test_not_under_formal_notice(self):
        """Neither while one is next for the customer, nor on what one claimed."""
        self._accept()
        notice = self._notice(self.late)
        self._refused(self.other)
        notice._engine().state = "done"
        self._refused(self.late)
        self.assertTrue(self._promise(self.other).line_ids.accepted)

    def test_not_on_hold(self):
        self._accept()
        self.account().sudo().write({"hold_reason": "key_account"})
        self._refused()

    def test_not_for_colleagues_or_mail(self):
        """By e-mail, or noted by a user: never."""
        self._accept()
        reply = self._promise(self.late, days=11)
        for source in ("mail", "user", "internal"):
            reply._engine().source = source
            reply.line_ids.with_env(reply._engine().env).promise_date = self.today
            reply._accept_at_once()
            self.assertFalse(self.late.dso_status_id, source)


@tagged("post_install", "-at_install")
class TestPortalAnswers(AnswerCommon):
    """The same forms for customers who log in."""

    def setUp(self):
        super().setUp()
        new_test_user(
            self.env, "jane_portal", "base.group_portal", partner_id=self.jane.id
        )
        self.path = f"/my/collection/{self.account().id}"
        self.env.flush_all()
        self.authenticate("jane_portal", "jane_portal")

    def form(self, *moves, path=None):
        answer = self.open(f"{self.path}/answer")
        self.assertEqual(answer.status_code, 200, answer.text)
        hidden = r'name="(csrf_token|once)" value="([^"]+)"'
        return dict(re.findall(hidden, answer.text))

    def test_answer(self):
        """A portal user answers as behind a link, once, in his own name."""
        hidden = self.form()
        for _again in range(2):
            answer = self.post(
                self.late, hidden=hidden, said="promise", promise_date=self.soon()
            )
            self.assertEqual(answer.status_code, 303, answer.text)
        reply = self.replies()
        self.assertEqual((reply.partner_id, reply.source), (self.jane, "page"))
        self.assertEqual(reply.line_ids.said, "promise")
        self.assertFalse(reply.token_id)
        self.assertIn("Payment on", self.open(answer.headers["Location"]).text)
        # noted as behind a link: the form, two answers, what was answered
        seen = self.env["dso.access.log"].sudo().search([], order="id")
        self.assertEqual(seen.mapped("kind")[-4:], ["page", "answer", "answer", "page"])
        self.assertEqual(seen[-1:].partner_id, self.jane)
        self.assertEqual(seen[-1:].account_id, self.account())

    def test_mistake(self):
        answer = self.post(self.late, said="promise", text="My words")
        self.assertEqual(answer.status_code, 422)
        self.assertIn("Enter the date on which you will pay", answer.text)
        self.assertIn("My words", answer.text)

    def test_not_his_account(self):
        """Nobody answers for another customer."""
        stranger = self._customer("Stranger")
        self.invoice("20 Nov", 77, partner=stranger)
        account = self.account(stranger)
        account.interactive = True
        hidden = self.form()
        self.path = f"/my/collection/{account.id}"
        self.assertEqual(self.open(f"{self.path}/answer").status_code, 404)
        with mute_logger("odoo.http"):
            answer = self.post(hidden=hidden, text="x")
        self.assertEqual(answer.status_code, 404)
        self.assertFalse(account.reply_ids)

    def test_form_of_somebody_else(self):
        """Odoo's own token stands before it."""
        with mute_logger("odoo.http"):
            answer = self.post(hidden={}, text="x")
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self.replies())


@tagged("post_install", "-at_install")
class TestInternalPage(AnswerCommon):
    """The page of colleagues without an Odoo account."""

    def setUp(self):
        super().setUp()
        self.rita = self.env["res.partner"].create(
            {
                "name": "Rita Warehouse",
                "email": "rita@company.example",
                "parent_id": self.company.partner_id.id,
            }
        )
        self.late.dso_qualify(self.price, "Two pallets are missing, he says")
        self.request = self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "action_model_id": self.email.id,
                "kind": "specific",
                "interactive": "internal",
                "mode": "manual",
                "date": self.today,
                "note": "Was it shipped?",
                "line_ids": [
                    (
                        0,
                        0,
                        {"account_id": self.account().id, "move_id": self.late.id},
                    )
                ],
            }
        )
        secret = self.env["dso.access.token"]._issue(
            self.account(), self.request, self.rita, "internal"
        )
        self.path = f"/dso/i/{secret}"
        self.token = self.env["dso.access.token"].sudo().search([], limit=1)
        self.env.flush_all()

    def test_what_it_shows(self):
        """§7: items, statuses and comments that concern the request, nothing else."""
        self.other.dso_qualify(self.price, "Other matter")
        page = self.open(self.path).text
        for shown in (
            self.late.name,
            "Was it shipped?",
            "Two pallets are missing",
            self.price.name,
            self.customer.name,
        ):
            self.assertIn(shown, page)
        for hidden in (self.other.name, "Other matter"):
            self.assertNotIn(hidden, page)

    def test_answer(self):
        """A colleague answers with files and proposes how to settle it; somebody
        closes the dispute with his proposal."""
        answer = self.post(
            self.late,
            path=self.path,
            text="Shipped one of two.",
            resolution="partly",
            files=[("files", ("note.pdf", PDF))],
        )
        self.assertEqual(answer.status_code, 303)
        reply = self.replies()
        self.assertEqual(
            (
                reply.source,
                reply.partner_id,
                reply.action_id,
                reply.line_ids.resolution,
            ),
            ("internal", self.rita, self.request, "partly"),
        )
        self.assertEqual(reply.attachment_ids.name, "note.pdf")
        self.assertEqual(self.late.dso_status_id, self.price, "nothing changed")
        action = reply.action_close_dispute()
        window = Form(self.env["dso.dispute.close"].with_context(**action["context"]))
        self.assertEqual(window.outcome, "partly")
        window.save().action_close()
        self.assertEqual(self.late.dso_status_type, "dispute_resolved")
        self.assertEqual(reply.state, "validated")
        self.assertFalse(reply.has_resolution)

    def test_colleagues_promise_nothing(self):
        """Nor do colleagues say anything else in the customer's name."""
        self.post(
            self.late,
            path=self.path,
            said="promise",
            promise_date=self.soon(),
            text="x",
        )
        self.assertEqual(self.replies().line_ids.said, "comment")

    def test_automatic_validation(self):
        """§7: the company may let colleagues' comments go to the history by
        themselves: comments, not proposals."""
        self.company.dso_internal_auto = True
        self.post(self.late, path=self.path, text="Shipped on Monday.")
        self.assertEqual(self.replies().state, "validated")
        self.assertIn("Two pallets are missing", self.late.dso_comment)
        self.assertIn("Rita Warehouse", self.late.dso_comment)
        self.assertIn("Shipped on Monday.", self.late.dso_comment)
        self.assertEqual(self.late.dso_status_id, self.price)
        self.post(
            self.late, path=self.path, text="He is right.", resolution="justified"
        )
        self.assertEqual(self.replies()[0].state, "to_process")
        self.assertNotIn("He is right", self.late.dso_comment)

    def test_filed_comment_is_erased(self):
        """What a colleague wrote leaves comment and history of the item when he asks
        for it, with his name, also where later comments carried it on."""
        self.company.dso_internal_auto = True
        self.post(
            self.late,
            path=self.path,
            text="I was ill when it left.",
            files=[("files", ("note.pdf", PDF, "application/pdf"))],
        )
        file = self.env["ir.attachment"].search(
            [("res_model", "=", "dso.item"), ("name", "=", "note.pdf")]
        )
        self.assertTrue(file.description)
        self.post(self.late, path=self.path, text="Credit it.")
        self.assertIn("I was ill", self.late.dso_comment)
        first = self.replies().filtered(lambda reply: "ill" in reply.body)
        first._erase_content()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertIn("Two pallets are missing", self.late.dso_comment)
        self.assertIn("Rita Warehouse", self.late.dso_comment, "her other comment")
        self.replies()._erase_content()
        self.env.invalidate_all()
        history = self.env["dso.qualification"].search([("move_id", "=", self.late.id)])
        kept = f"{history.mapped('comment')} {self.late.dso_comment} {file.description}"
        self.assertIn("Two pallets are missing", kept)
        for gone in ("Rita", "ill when", "Credit it"):
            self.assertNotIn(gone, kept)

    def test_comments_wait_by_default(self):
        self.post(self.late, path=self.path, text="Shipped on Monday.")
        self.assertEqual(self.replies().state, "to_process")
        self.assertNotIn("Shipped", self.late.dso_comment)

    def test_whose_page(self):
        """The link opens for people of the company only."""
        self.assertEqual(self.open(self.path).status_code, 200)
        with self.env.cr.savepoint() as savepoint:
            self.rita.sudo().parent_id = self.customer
            self.assertFalse(self.account()._is_own_contact(self.rita))
            self.assertFalse(self.token._opens())
            savepoint.rollback()
            self.env.invalidate_all()
        self.assertTrue(self.token._opens())
        new_test_user(
            self.env, "rita_portal", "base.group_portal", partner_id=self.rita.id
        )
        self.assertFalse(self.account()._is_own_contact(self.rita))
        self.assertFalse(self.token._opens(), "an outsider's login")

    def test_sent_to_a_contact_without_login(self):
        """An internal message goes to the contact of our own company that was chosen,
        never to a customer's."""
        self.request.internal_contact_id = self.rita
        self.assertEqual(self.request._recipient(), self.rita)
        with self.assertRaisesRegex(UserError, "Jane Miller"):
            self.request.internal_contact_id = self.jane


@tagged("post_install", "-at_install")
class TestAnswerForm(TokenCommon):
    """The form by itself: what people type."""

    def test_amounts(self):
        for typed, thousands, amount in (
            ("1250.50", ",", 1250.5),
            ("1,250.50", ",", 1250.5),
            ("1.250,50", ".", 1250.5),
            ("1 250,50 €", "\u202f", 1250.5),
            ("1'250.50 CHF", "'", 1250.5),
            ("1,250", ",", 1250),
            ("1,250", ".", 1.25),
            ("1.250", ".", 1250),
            ("1.250.000", ".", 1_250_000),
            ("0", ",", None),
            ("-5", ",", None),
            ("1e9", ",", None),
            ("NaN", ",", None),
            ("", ",", None),
            ("9" * 40, ",", None),
        ):
            with self.subTest(typed=typed, thousands=thousands):
                self.assertEqual(_parse_amount(typed, thousands), amount)

    def test_file_names(self):
        for given, kept in (
            ("C:\\fakepath\\a.pdf", "a.pdf"),
            ("../../etc/passwd.txt", "passwd.txt"),
            ("a\u202efdp.exe", "afdp.exe"),
            ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
            ("", "file"),
            ('<b>"x".pdf', "bx.pdf"),
        ):
            self.assertEqual(file_title(given), kept)

    def test_file_types(self):
        mail = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n\r\nText\r\n"
        for name, content, kind in (
            ("a.pdf", PDF, "application/pdf"),
            ("a.PNG", PNG, "image/png"),
            ("a.txt", "Grüße".encode(), "text/plain"),
            ("a.csv", b"a;b\n1;2\n", "text/csv"),
            ("a.eml", mail, "message/rfc822"),
            ("a.zip", b"PK\x05\x06" + b"\0" * 18, "application/zip"),
            ("a.png", PDF, None),
            ("a.html", b"<p>", None),
            ("a.svg", b"<svg/>", None),
        ):
            self.assertEqual(file_type(name, content), kind, name)

    def test_dates_in_the_language(self):
        """A browser without a date field sends what was typed in its language."""
        self.env["res.lang"]._activate_lang("de_DE")
        form = AnswerForm(
            self.env(context={"lang": "de_DE"}), {}, [], fields.Date.today()
        )
        form.values = {"promise_date": "24.12.2026", "paid_on": "2026-11-02"}
        self.assertEqual(str(form._date("promise_date", "", "missing")), "2026-12-24")
        self.assertEqual(str(form._date("paid_on", "", "missing")), "2026-11-02")
        self.assertFalse(form.errors)
