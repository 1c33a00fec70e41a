"""Own words, machines and fraud, read off texts alone."""

import sys
import time
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..incoming import is_automatic, is_forwarded, own_words, suspicion
from ..incoming.own_words import unquoted

#: How programs say, in each language, who wrote what they quote.
ATTRIBUTIONS = [
    "On Mon, Nov 23, 2026 at 9:12 AM Ann <ann@company.example> wrote:",
    "Am Mo., 23. Nov. 2026 um 09:12 Uhr schrieb Ann <ann@company.example>:",
    "Am 23.11.26 um 09:12 schrieb Ann Collector:",
    "Le lun. 23 nov. 2026 à 09:12, Ann <ann@company.example> a écrit :",
    "El lun, 23 nov 2026 a las 9:12, Ann (<ann@company.example>) escribió:",
    "Il giorno lun 23 nov 2026 alle ore 09:12 Ann <ann@company.example> ha scritto:",
    "Op ma 23 nov 2026 om 09:12 schreef Ann <ann@company.example>:",
    "Em seg., 23 de nov. de 2026 às 09:12, Ann <ann@company.example> escreveu:",
    "pon., 23 lis 2026 o 09:12 Ann <ann@company.example> napisał(a):",
    "W dniu 23.11.2026 o 09:12, Ann Collector pisze:",
    "po 23. 11. 2026 v 9:12 odesílatel Ann <ann@company.example> napsal:",
    "Dne 23. 11. 26 v 9:12 Ann Collector napsal(a):",
    "În lun., 23 nov. 2026 la 09:12, Ann <ann@company.example> a scris:",
    "pon, 23. stu 2026. u 09:12 Ann <ann@company.example> napisao/la je:",
    "Dana 23.11.2026. u 09:12 Ann Collector je napisao/la:",
    "Ann <ann@company.example>, 23 Kas 2026 Pzt, 09:12 tarihinde şunu yazdı:",
    "2026年11月23日(月) 9:12 Ann <ann@company.example>:",
    "2026年11月23日(月) 9:12 Ann Collectorさんは書きました:",
    "Ann <ann@company.example> 于2026年11月23日周一 09:12写道：",
]
#: Heads of Outlook's quotes.
HEADS = [
    "From: Ann\nSent: Monday\nTo: Jane\nSubject: x",
    "Von: Ann\nGesendet: Montag\nAn: Jane\nBetreff: x",
    "De : Ann\nEnvoyé : lundi\nÀ : Jane\nObjet : x",
    "De: Ann\nEnviado el: lunes\nPara: Jane\nAsunto: x",
    "Da: Ann\nInviato: lunedì\nA: Jane\nOggetto: x",
    "Van: Ann\nVerzonden: maandag\nAan: Jane\nOnderwerp: x",
    "De: Ann\nEnviada em: segunda-feira\nPara: Jane\nAssunto: x",
    "Od: Ann\nWysłano: poniedziałek\nDo: Jane\nTemat: x",
    "Od: Ann\nOdesláno: pondělí\nKomu: Jane\nPředmět: x",
    "De la: Ann\nTrimis: luni\nCătre: Jane\nSubiect: x",
    "Od: Ann\nPoslano: ponedjeljak\nZa: Jane\nPredmet: x",
    "Kimden: Ann\nGönderildi: Pazartesi\nKime: Jane\nKonu: x",
    "差出人: Ann\n送信日時: 2026年11月23日\n宛先: Jane\n件名: x",
    "发件人: Ann\n发送时间: 2026年11月23日\n收件人: Jane\n主题: x",
]
CHANGED = [
    "Please note that our bank account has changed.",
    "Unsere Bankverbindung hat sich geändert.",
    "Nos coordonnées bancaires ont changé.",
    "Nuestra cuenta bancaria ha cambiado.",
    "Le nostre coordinate bancarie sono cambiate: ecco il nuovo IBAN.",
    "Onze bankgegevens zijn gewijzigd.",
    "Os nossos dados bancários foram alterados: segue o novo IBAN.",
    "Informujemy o zmianie numeru rachunku: nowy IBAN w załączniku.",
    "Naše bankovní spojení se změnilo, nové číslo účtu je níže.",
    "Contul nostru bancar s-a schimbat, noul IBAN este mai jos.",
    "Naš bankovni račun je promijenjen, novi IBAN je u privitku.",
    "Banka hesap bilgilerimiz değişti.",
    "振込先口座が変更になりました。",
    "我们的银行账户已变更。",
]
ASKED = [
    "Kindly send me copies of all open invoices.",
    "Bitte senden Sie uns Ihre IBAN.",
    "Merci de nous transmettre votre RIB.",
    "Por favor envíe su número de cuenta.",
    "Potete inviare il vostro IBAN?",
    "Kunt u ons uw IBAN toesturen?",
    "Por favor envie o vosso IBAN.",
    "Proszę o przesłanie numeru konta.",
    "Prosím zašlete nám číslo účtu.",
    "Vă rugăm să ne trimiteți IBAN.",
    "Molimo pošaljite nam IBAN.",
    "Lütfen IBAN numaranızı gönderin.",
    "振込先の口座番号をお知らせください。",
    "请发送你们的银行账号。",
]
HARMLESS = [
    "We pay on Friday.",
    "The goods were broken, please send new ones.",
    "Wir haben die Rechnung geändert erhalten und zahlen sie morgen.",
    "Le paiement est parti de notre banque hier.",
    "The payment left our bank account yesterday.",
    "Invoice INV/2026/00041 was replaced by a new one.",
    "請求書を変更してください。",
]


@tagged("post_install", "-at_install")
class TestIncoming(TransactionCase):
    def test_quotes_of_all_languages(self):
        """§8: who is quoted is told in the words of each language and program."""
        for line in ATTRIBUTIONS:
            for quote in ("> You owe us", "You owe us"):
                with self.subTest(line, quote=quote):
                    text = f"We pay.\n\n{line}\n\n{quote}\n"
                    self.assertEqual(unquoted(text), "We pay.")
        for head in HEADS:
            with self.subTest(head):
                self.assertEqual(
                    unquoted(f"We pay.\n\n{head}\n\nYou owe us"), "We pay."
                )

    def test_broken_attribution(self):
        """Programs break the line at 76 signs, in two or three."""
        line = (
            "On Mon, 23 Nov 2026\nat 09:12, Ann Collector\n<ann@company.example> wrote:"
        )
        self.assertEqual(unquoted(f"We pay.\n\n{line}\n\n> x"), "We pay.")

    def test_sentences_are_no_attributions(self):
        """What only looks like one is text."""
        for text in (
            "On Monday our manager wrote: all is paid.",
            "Von: unserer Seite ist alles bezahlt.",
            "From: nobody\nthere is nothing to add.",
            "On Friday we pay.\nAnn wrote that this is fine:\nso be it",
        ):
            self.assertEqual(unquoted(text), text)

    def test_answers_between_quotes(self):
        text = "> Paid?\nYes.\n> When?\nOn Friday.\n"
        self.assertEqual(unquoted(text), "Yes.\nOn Friday.")
        html = "<blockquote>Paid? <p>Yes, on Friday.</p></blockquote>"
        self.assertEqual(own_words(html)[0], "Paid?\n\nYes, on Friday.")

    def test_signatures(self):
        self.assertEqual(unquoted("We pay.\n-- \nJane\n0123"), "We pay.")
        for added in (
            "Sent from my iPhone",
            "Von meinem iPhone gesendet",
            "Envoyé de mon iPhone",
            "Get Outlook for Android",
            "iPhoneから送信",
        ):
            self.assertEqual(unquoted(f"We pay.\n\n{added}"), "We pay.")

    def test_hostile(self):
        """No text takes long, none breaks it."""
        for text in (
            ">" * 50_000,
            "On " + "a " * 50_000 + "wrote",
            "From:\n" * 20_000,
            "<div>" * 3_000,
            "\ud800\x00\u202e",
            "2026年" * 20_000,
        ):
            own, _folded = own_words(text)
            self.assertLessEqual(len(own), len(text))
            suspicion(text[:20_000], True)

    def test_long(self):
        """A log file pasted into an e-mail takes time by its length, not by its square,
        and of the longest ones the beginning is read."""
        line = "2026-11-23 10:00:01 transfer refused\n"
        began = time.process_time()
        own, folded = own_words(f"<pre>{line * 20_000}</pre>")
        self.assertLess(time.process_time() - began, 15)
        self.assertEqual(own.count("refused"), 20_000)
        self.assertFalse(folded)
        with patch.object(sys.modules[unquoted.__module__], "MAX_BODY", 100):
            own, folded = own_words(f"<pre>{line * 20}</pre>")
        self.assertTrue(folded)
        self.assertTrue(own.startswith("2026-11-23 10:00:01 transfer refused\n2026"))
        # lines of a quote within, and around what is no text
        own, _folded = own_words("<pre>a\n<b>b\nc</b>d\n<!-- x -->e\nf</pre>")
        self.assertEqual(own, "a\nb\ncd\ne\nf")

    def test_forwards(self):
        for subject in ("Fwd: x", "WG: x", "TR : x", "RV: x", "AW: WG: x", "転送: x"):
            self.assertTrue(is_forwarded(subject), subject)
        for subject in ("Re: x", "AW: x", "Invoice", "Trip: x", None):
            self.assertFalse(is_forwarded(subject), subject)

    def test_machines(self):
        for subject in (
            "Automatic reply: Reminder",
            "Automatische Antwort: Mahnung",
            "Abwesenheitsnotiz",
            "Réponse automatique : Rappel",
            "Respuesta automática: x",
            "Risposta automatica: x",
            "Automatisch antwoord: x",
            "Resposta automática: x",
            "Automatyczna odpowiedź: x",
            "Automatická odpověď: x",
            "Răspuns automat: x",
            "Automatski odgovor: x",
            "Otomatik yanıt: x",
            "自動返信: x",
            "自动回复: x",
            "Undeliverable: x",
        ):
            self.assertTrue(is_automatic({}, subject), subject)
        self.assertTrue(is_automatic({"Auto-Submitted": "auto-replied (vacation)"}))
        self.assertFalse(is_automatic({"Auto-Submitted": "no"}, "Re: Reminder"))
        self.assertFalse(is_automatic({"Auto-Submitted": "no (by hand)"}))
        for sender in (
            "MAILER-DAEMON@relay.example",
            "Mail Delivery System <postmaster@relay.example>",
        ):
            self.assertTrue(is_automatic({"From": sender}, "x"), sender)
        self.assertFalse(is_automatic({"From": "Postmaster Ltd <jane@x.example>"}, "x"))
        for subject in ("Re: Reminder", "Automatic payment of INV/1", None):
            self.assertFalse(is_automatic({}, subject), subject)

    def test_goods_that_did_not_arrive(self):
        """What customers write above a dispute is no failure of a mail: it would hold
        nothing, and nobody would be told of it."""
        for subject in (
            "Undelivered goods, invoice INV/20",
            "Delivery failed on 3 November",
            "Mancata consegna fattura 77",
            "No entregado: pedido 55",
            "Não entregue – encomenda 12",
            "Non remis au client",
            "Undeliverable parcel, credit note please",
        ):
            self.assertFalse(is_automatic({}, subject), subject)

    def test_fraud(self):
        """§8: changed bank details, by anybody; strangers who ask."""
        for text in CHANGED:
            self.assertEqual(suspicion(text, False), "bank_change", text)
        for text in ASKED:
            self.assertEqual(suspicion(text, True), "stranger", text)
            self.assertFalse(suspicion(text, False), text)
        for text in HARMLESS:
            self.assertFalse(suspicion(text, True), text)

    def test_account_numbers(self):
        """An account number counts when its check digits are right; ours is none."""
        number = "DE89 3704 0044 0532 0130 00"
        self.assertEqual(suspicion(f"Pay to {number} please", False), "other_account")
        self.assertFalse(suspicion("DE88 3704 0044 0532 0130 00", False))
        self.assertFalse(suspicion(number, False, {"DE89370400440532013000"}))
