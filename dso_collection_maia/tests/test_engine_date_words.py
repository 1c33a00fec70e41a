"""Days as customers of each language name them (labels, 4)."""

from datetime import date

from odoo.tests import BaseCase, tagged

from ..engine.extract.dates import find_dates

#: All of these were received on this Monday.
MONDAY = date(2026, 11, 23)
#: {language: [(words, ISO day, "" for none)]}
SAID = {
    "en": [
        ("we pay on Friday", "2026-11-27"),
        ("Friday next week", "2026-12-04"),
        ("by end of next week", "2026-12-04"),
        ("end of the month", "2026-11-30"),
        ("in a fortnight", "2026-12-07"),
        ("within five working days", "2026-11-30"),
        ("need another 30 days", "2026-12-23"),
        ("give us a week", "2026-11-30"),
        ("between 4 and 6 December", "2026-12-06"),
    ],
    "de": [
        ("wird am Freitag überwiesen", "2026-11-27"),
        ("am kommenden Freitag", "2026-11-27"),
        ("nächste Woche Freitag", "2026-12-04"),
        ("Freitag nächster Woche", "2026-12-04"),
        ("im Laufe der nächsten Woche", "2026-12-04"),
        ("noch diese Woche", "2026-11-27"),
        ("Ende dieser Woche", "2026-11-27"),
        ("bis Monatsende", "2026-11-30"),
        ("bis Ende des Monats", "2026-11-30"),
        ("Ende nächsten Monats", "2026-12-31"),
        ("zum Quartalsende", "2026-12-31"),
        ("Anfang Februar", "2027-02-05"),
        ("Mitte Dezember", "2026-12-15"),
        ("Ende Dezember", "2026-12-31"),
        ("in KW 50", "2026-12-11"),
        ("in der 50. KW", "2026-12-11"),
        ("am 20.", "2026-12-20"),
        ("bis zum 20. überweisen", "2026-12-20"),
        ("in 14 Tagen", "2026-12-07"),
        ("innerhalb von 5 Werktagen", "2026-11-30"),
        ("in zwei Wochen", "2026-12-07"),
        ("in einer Woche", "2026-11-30"),
        ("in einem Monat", "2026-12-23"),
        ("überweisen wir morgen", "2026-11-24"),
        ("übermorgen", "2026-11-25"),
        ("Guten Morgen", ""),
        ("zum 10. des nächsten Monats", "2026-12-10"),
        ("zum 15.12.", "2026-12-15"),
        ("kommt am 19.12", "2026-12-19"),
        ("30 Tage ab heute", "2026-12-23"),
    ],
    "fr": [
        ("vendredi prochain", "2026-11-27"),
        ("vendredi de la semaine prochaine", "2026-12-04"),
        ("la semaine prochaine", "2026-12-04"),
        ("cette semaine", "2026-11-27"),
        ("fin de semaine", "2026-11-27"),
        ("fin de semaine prochaine", "2026-12-04"),
        ("fin du mois", "2026-11-30"),
        ("fin de mois", "2026-11-30"),
        ("fin du mois prochain", "2026-12-31"),
        ("fin décembre", "2026-12-31"),
        ("mi-décembre", "2026-12-15"),
        ("début janvier", "2027-01-05"),
        ("sous huitaine", "2026-12-01"),
        ("sous quinzaine", "2026-12-08"),
        ("sous 8 jours", "2026-12-01"),
        ("dans 10 jours", "2026-12-03"),
        ("sous 5 jours ouvrés", "2026-11-30"),
        ("le 20", "2026-12-20"),
        ("avant le 20", "2026-12-20"),
        ("le 10 du mois prochain", "2026-12-10"),
        ("semaine 50", "2026-12-11"),
        ("demain matin", "2026-11-24"),
        ("le 1er décembre", "2026-12-01"),
        ("un délai de 30 jours", "2026-12-23"),
        ("pour le 30 juin", "2027-06-30"),
        ("vendredi dernier", ""),
    ],
    "es": [
        ("el viernes", "2026-11-27"),
        ("el próximo viernes", "2026-11-27"),
        ("el viernes que viene", "2026-11-27"),
        ("el viernes de la próxima semana", "2026-12-04"),
        ("la semana que viene", "2026-12-04"),
        ("a fin de mes", "2026-11-30"),
        ("a finales de mes", "2026-11-30"),
        ("a finales del mes que viene", "2026-12-31"),
        ("a finales de diciembre", "2026-12-31"),
        ("a mediados de diciembre", "2026-12-15"),
        ("a principios de enero", "2027-01-05"),
        ("en 10 días", "2026-12-03"),
        ("en 5 días hábiles", "2026-11-30"),
        ("el día 20", "2026-12-20"),
        ("antes del 20", "2026-12-20"),
        ("mañana", "2026-11-24"),
        ("pasado mañana", "2026-11-25"),
        ("esta mañana", ""),
        ("en quince días", "2026-12-08"),
    ],
    "it": [
        ("venerdì", "2026-11-27"),
        ("venerdì prossimo", "2026-11-27"),
        ("venerdì della prossima settimana", "2026-12-04"),
        ("la settimana prossima", "2026-12-04"),
        ("entro fine mese", "2026-11-30"),
        ("entro la fine del mese", "2026-11-30"),
        ("fine del mese prossimo", "2026-12-31"),
        ("metà dicembre", "2026-12-15"),
        ("inizio gennaio", "2027-01-05"),
        ("fine dicembre", "2026-12-31"),
        ("entro 10 giorni", "2026-12-03"),
        ("entro 5 giorni lavorativi", "2026-11-30"),
        ("tra due settimane", "2026-12-07"),
        ("entro il 20", "2026-12-20"),
        ("il 20", "2026-12-20"),
        ("domani", "2026-11-24"),
        ("dopodomani", "2026-11-25"),
    ],
    "nl": [
        ("vrijdag", "2026-11-27"),
        ("volgende week vrijdag", "2026-12-04"),
        ("volgende week", "2026-12-04"),
        ("eind van de maand", "2026-11-30"),
        ("eind deze maand", "2026-11-30"),
        ("eind volgende maand", "2026-12-31"),
        ("half december", "2026-12-15"),
        ("medio december", "2026-12-15"),
        ("eind december", "2026-12-31"),
        ("begin januari", "2027-01-05"),
        ("binnen 10 dagen", "2026-12-03"),
        ("binnen 5 werkdagen", "2026-11-30"),
        ("over twee weken", "2026-12-07"),
        ("op de 20e", "2026-12-20"),
        ("voor de 20ste", "2026-12-20"),
        ("in week 50", "2026-12-11"),
        ("morgen", "2026-11-24"),
    ],
    "pt": [
        ("na sexta-feira", "2026-11-27"),
        ("sexta", "2026-11-27"),
        ("próxima sexta-feira", "2026-11-27"),
        ("sexta-feira da próxima semana", "2026-12-04"),
        ("na semana que vem", "2026-12-04"),
        ("próxima semana", "2026-12-04"),
        ("no fim do mês", "2026-11-30"),
        ("até o final do mês", "2026-11-30"),
        ("no final do próximo mês", "2026-12-31"),
        ("fim de dezembro", "2026-12-31"),
        ("meados de dezembro", "2026-12-15"),
        ("início de janeiro", "2027-01-05"),
        ("em 10 dias", "2026-12-03"),
        ("em 5 dias úteis", "2026-11-30"),
        ("no dia 20", "2026-12-20"),
        ("até dia 20", "2026-12-20"),
        ("amanhã", "2026-11-24"),
        ("segunda-feira", "2026-11-30"),
    ],
    "pl": [
        ("w piątek", "2026-11-27"),
        ("w najbliższy piątek", "2026-11-27"),
        ("w piątek w przyszłym tygodniu", "2026-12-04"),
        ("w przyszłym tygodniu", "2026-12-04"),
        ("do końca tygodnia", "2026-11-27"),
        ("w tym tygodniu", "2026-11-27"),
        ("do końca miesiąca", "2026-11-30"),
        ("do końca przyszłego miesiąca", "2026-12-31"),
        ("do końca grudnia", "2026-12-31"),
        ("w połowie grudnia", "2026-12-15"),
        ("na początku stycznia", "2027-01-05"),
        ("w ciągu 10 dni", "2026-12-03"),
        ("w ciągu 5 dni roboczych", "2026-11-30"),
        ("za dwa tygodnie", "2026-12-07"),
        ("za tydzień", "2026-11-30"),
        ("do 20-go", "2026-12-20"),
        ("do dnia 20.", "2026-12-20"),
        ("jutro", "2026-11-24"),
        ("do końca kwartału", "2026-12-31"),
        ("przelew 30.03", "2027-03-30"),
        ("o 12.05", ""),
    ],
    "tr": [
        ("cuma günü", "2026-11-27"),
        ("önümüzdeki cuma", "2026-11-27"),
        ("haftaya cuma", "2026-12-04"),
        ("gelecek hafta", "2026-12-04"),
        ("bu hafta", "2026-11-27"),
        ("bu hafta sonuna kadar", "2026-11-27"),
        ("ay sonuna kadar", "2026-11-30"),
        ("ayın sonunda", "2026-11-30"),
        ("gelecek ayın sonunda", "2026-12-31"),
        ("Aralık sonuna kadar", "2026-12-31"),
        ("Aralık ortasında", "2026-12-15"),
        ("Ocak başında", "2027-01-05"),
        ("10 gün içinde", "2026-12-03"),
        ("5 iş günü içinde", "2026-11-30"),
        ("iki hafta içinde", "2026-12-07"),
        ("ayın 20'sinde", "2026-12-20"),
        ("yarın", "2026-11-24"),
        ("bugün", "2026-11-23"),
        ("pazartesi günü", "2026-11-30"),
        ("8 Marta kadar", "2027-03-08"),
        ("12 şubatta", "2027-02-12"),
        ("50. haftanın ödeme listesi", "2026-12-11"),
        ("8 Aralık'ta", "2026-12-08"),
    ],
    "ro": [
        ("vineri", "2026-11-27"),
        ("vinerea viitoare", "2026-11-27"),
        ("vineri săptămâna viitoare", "2026-12-04"),
        ("săptămâna viitoare", "2026-12-04"),
        ("săptămâna aceasta", "2026-11-27"),
        ("la sfârșitul lunii", "2026-11-30"),
        ("sfârșitul lunii viitoare", "2026-12-31"),
        ("la sfârșitul lunii decembrie", "2026-12-31"),
        ("la mijlocul lunii decembrie", "2026-12-15"),
        ("la începutul lunii ianuarie", "2027-01-05"),
        ("în 10 zile", "2026-12-03"),
        ("în 5 zile lucrătoare", "2026-11-30"),
        ("peste o săptămână", "2026-11-30"),
        ("pe 20", "2026-12-20"),
        ("până pe data de 20", "2026-12-20"),
        ("mâine", "2026-11-24"),
    ],
    "sv": [
        ("på fredag", "2026-11-27"),
        ("nästa fredag", "2026-11-27"),
        ("fredag nästa vecka", "2026-12-04"),
        ("nästa vecka", "2026-12-04"),
        ("i slutet av månaden", "2026-11-30"),
        ("slutet av nästa månad", "2026-12-31"),
        ("i slutet av december", "2026-12-31"),
        ("i mitten av december", "2026-12-15"),
        ("början av januari", "2027-01-05"),
        ("om 10 dagar", "2026-12-03"),
        ("inom 5 arbetsdagar", "2026-11-30"),
        ("den 20:e", "2026-12-20"),
        ("den 20", "2026-12-20"),
        ("vecka 50", "2026-12-11"),
        ("v. 50", "2026-12-11"),
        ("imorgon", "2026-11-24"),
        ("idag", "2026-11-23"),
    ],
    "hr": [
        ("u petak", "2026-11-27"),
        ("u petak sljedeći tjedan", "2026-12-04"),
        ("sljedeći tjedan", "2026-12-04"),
        ("ovaj tjedan", "2026-11-27"),
        ("do kraja mjeseca", "2026-11-30"),
        ("do kraja sljedećeg mjeseca", "2026-12-31"),
        ("krajem prosinca", "2026-12-31"),
        ("sredinom prosinca", "2026-12-15"),
        ("početkom siječnja", "2027-01-05"),
        ("u roku od 10 dana", "2026-12-03"),
        ("u roku od 5 radnih dana", "2026-11-30"),
        ("za tjedan dana", "2026-11-30"),
        ("do 20. u mjesecu", "2026-12-20"),
        ("do 20.", "2026-12-20"),
        ("sutra", "2026-11-24"),
        ("u 50. tjednu", "2026-12-11"),
        ("početkom 3. mjeseca", "2027-03-05"),
        ("4. studenog 2027", "2027-11-04"),
    ],
    "zh": [
        ("我们周五付款", "2026-11-27"),
        ("下周五付款", "2026-12-04"),
        ("下周付款", "2026-12-04"),
        ("本周内", "2026-11-27"),
        ("月底前", "2026-11-30"),
        ("下个月底", "2026-12-31"),
        ("下月15号", "2026-12-15"),
        ("20号付款", "2026-12-20"),
        ("25号", "2026-11-25"),
        ("10天内", "2026-12-03"),
        ("5个工作日内", "2026-11-30"),
        ("一周内", "2026-11-30"),
        ("一个月内", "2026-12-23"),
        ("明天", "2026-11-24"),
        ("12月中旬", "2026-12-15"),
        ("12月底", "2026-12-31"),
        ("年底前", "2026-12-31"),
        ("下禮拜三", "2026-12-02"),
        ("十二月三十号", "2026-12-30"),
        ("7月15付款", "2027-07-15"),
        ("每月8号", "2026-12-08"),
        ("上周五", ""),
    ],
    "ja": [
        ("金曜日に", "2026-11-27"),
        ("来週の金曜日", "2026-12-04"),
        ("来週中に", "2026-12-04"),
        ("今週中に", "2026-11-27"),
        ("今月末", "2026-11-30"),
        ("月末までに", "2026-11-30"),
        ("来月末", "2026-12-31"),
        ("来月15日", "2026-12-15"),
        ("20日に", "2026-12-20"),
        ("10日以内に", "2026-12-03"),
        ("5営業日以内に", "2026-11-30"),
        ("1週間以内に", "2026-11-30"),
        ("明日", "2026-11-24"),
        ("12月中旬", "2026-12-15"),
        ("12月末", "2026-12-31"),
        ("12月4日(金)", "2026-12-04"),
        ("先週金曜日", ""),
    ],
}


@tagged("post_install", "-at_install")
class TestEngineDateWords(BaseCase):
    def check(self, lang):
        for words, expected in SAID[lang]:
            found = find_dates(words, MONDAY, lang)
            days = ",".join(mention.value.isoformat() for mention in found)
            with self.subTest(lang=lang, words=words):
                self.assertEqual(days, expected)

    def test_english(self):
        self.check("en")

    def test_german(self):
        self.check("de")

    def test_french(self):
        self.check("fr")

    def test_spanish(self):
        self.check("es")

    def test_italian(self):
        self.check("it")

    def test_dutch(self):
        self.check("nl")

    def test_portuguese(self):
        self.check("pt")

    def test_polish(self):
        self.check("pl")

    def test_turkish(self):
        self.check("tr")

    def test_romanian(self):
        self.check("ro")

    def test_swedish(self):
        self.check("sv")

    def test_croatian(self):
        self.check("hr")

    def test_chinese(self):
        self.check("zh")

    def test_japanese(self):
        self.check("ja")
