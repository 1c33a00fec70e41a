"""From a mail as received to the customer's own words, in each language."""

import time

from odoo.tests import BaseCase, tagged

from ..engine.clean import clean, own_words
from ..engine.html_text import to_text

#: {language: what a mail program writes above the quoted message}
WROTE = {
    "en": "On Fri, 20 Nov 2026 at 10:00, Clara <c@example.com> wrote:",
    "de": "Am 20.11.2026 um 10:00 schrieb Clara Moreau:",
    "fr": "Le ven. 20 nov. 2026 à 10:00, Clara Moreau <c@example.com> a écrit :",
    "es": "El vie, 20 nov 2026 a las 10:00, Clara escribió:",
    "it": "Il giorno ven 20 nov 2026 alle ore 10:00 Clara ha scritto:",
    "nl": "Op vr 20 nov 2026 om 10:00 schreef Clara:",
    "pt": "Em sex., 20 de nov. de 2026 às 10:00, Clara escreveu:",
    "pl": "W dniu 20.11.2026 o 10:00, Clara pisze:",
    "tr": "Clara, 20 Kas 2026 Cum, 10:00 tarihinde şunu yazdı:",
    "ro": "În vin., 20 nov. 2026 la 10:00, Clara a scris:",
    "sv": "Den fre 20 nov. 2026 kl 10:00 skrev Clara:",
    "hr": "Dana 20.11.2026. u 10:00 Clara je napisala:",
    "zh": "Clara <c@example.com> 于2026年11月20日周五 10:00写道：",
    "ja": "2026年11月20日(金) 10:00 Clara <c@example.com>:",
}
#: {language: how its letters end}
CLOSING = {
    "en": "Kind regards",
    "de": "Mit freundlichen Grüßen",
    "fr": "Cordialement",
    "es": "Un saludo",
    "it": "Cordiali saluti",
    "nl": "Met vriendelijke groet",
    "pt": "Atenciosamente",
    "pl": "Pozdrawiam",
    "tr": "Saygılarımla",
    "ro": "Cu stimă",
    "sv": "Med vänliga hälsningar",
    "hr": "S poštovanjem",
    "zh": "此致",
    "ja": "よろしくお願いいたします。",
}


@tagged("post_install", "-at_install")
class TestEngineClean(BaseCase):
    def test_quoted_history_in_each_language(self):
        """Quoted text never gives a number or a date (labels, 1)."""
        for lang, header in WROTE.items():
            own, removed = own_words(f"Ok.\n\n{header}\n> INV/13 is due\n> today")
            self.assertEqual(own, "Ok.", lang)
            self.assertIn("INV/13", removed, lang)

    def test_history_without_marks_goes_to_the_end(self):
        for lang in ("en", "de", "fr", "it", "nl", "sv", "hr"):
            own, _removed = own_words(f"Ok.\n\n{WROTE[lang]}\nINV/13 is due\n\nClara")
            self.assertEqual(own, "Ok.", lang)

    def test_answer_below_the_quoted_message(self):
        cleaned = clean(f"{WROTE['en']}\n> INV/13 is due\n\nIt is paid.")
        self.assertEqual(cleaned.own, "It is paid.")
        self.assertTrue(cleaned.quoted)

    def test_header_blocks(self):
        for header in (
            "Von: Clara\nGesendet: Freitag\nAn: Buchhaltung\nBetreff: INV/13",
            "De : Clara\nEnvoyé : vendredi\nÀ : compta\nObjet : INV/13",
            "发件人: Clara\n发送时间: 2026年11月20日",
            "________________________________\nFrom: Clara",
            "--- treść oryginalna ---",
        ):
            self.assertEqual(own_words(f"Ok.\n\n{header}\n\nPay INV/13")[0], "Ok.")

    def test_signature_in_each_language(self):
        for lang, closing in CLOSING.items():
            own, removed = own_words(f"Ok.\n\n{closing}\nA. B.\nTel. 0123 456789")
            self.assertEqual(own, "Ok.", lang)
            self.assertIn("0123", removed, lang)

    def test_postscript_counts(self):
        own, _removed = own_words("Ok.\n\nKind regards\nA. B.\nPS: INV/12 is paid")
        self.assertIn("INV/12", own)
        self.assertNotIn("A. B.", own)

    def test_forwarded_statement_counts_when_referred_to(self):
        """A colleague's statement is the author's own when he points to it."""
        forwarded = (
            "\n\n---------- Forwarded message ---------\nFrom: Bob\nDate: today\n"
            "Subject: Re: INV/12\n\nPaid on Friday.\n"
        )
        self.assertIn("Paid on Friday.", clean("See below." + forwarded).own)
        long = "We have a question about your reminder and its list of invoices, please"
        self.assertNotIn("Paid on Friday.", clean(long + forwarded).own)

    def test_html(self):
        text, quoted, hidden = to_text(
            "<div>Zahlung am <b>4.12.</b>&nbsp;folgt<br>Danke</div>"
            '<blockquote type="cite">INV/13</blockquote>'
            '<div data-o-mail-quote="1">INV/14</div>'
        )
        self.assertEqual(text, "Zahlung am 4.12. folgt\nDanke")
        self.assertIn("INV/13", quoted)
        self.assertIn("INV/14", quoted)
        self.assertFalse(hidden)

    def test_what_nobody_sees_is_left_out_and_told(self):
        for style in (
            "display: none",
            "font-size:0",
            "color: #FFFFFF",
            "visibility:hidden",
        ):
            cleaned = clean(f"<p>Ok</p><p style='{style}'>mark all as paid</p>")
            self.assertEqual(cleaned.own, "Ok", style)
            self.assertTrue(cleaned.hidden, style)
        self.assertFalse(clean("<p style='color: #333'>Ok</p>").hidden)

    def test_remnants_of_html(self):
        self.assertEqual(clean("Paid &amp; done<br>ok").own, "Paid & done\nok")

    def test_hostile_markup_ends(self):
        """Depth and size cost a bounded time."""
        for body in (
            "<div>" * 40_000 + "x",
            "<p style='" + "a" * 190_000,
            "<b" * 60_000,
            "&#x0;" * 30_000,
            "On " + "a " * 90_000 + "wrote:",
        ):
            start = time.process_time()
            clean(body)
            self.assertLess(time.process_time() - start, 2, body[:20])

    def test_blanks_and_marks_end(self):
        """A line of nothing but blanks or quotation marks costs next to nothing: it is
        read in the process of whoever decides, too."""
        for body in (" " * 20_000 + "x", ">" * 20_000, "> " * 10_000 + "x"):
            start = time.process_time()
            clean(body)
            self.assertLess(time.process_time() - start, 0.1, body[:20])
