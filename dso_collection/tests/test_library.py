"""The shipped texts: complete in five languages, courteous, and true (rules.md §2)."""

from lxml import html

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import format_date

from ..channels.plain import short_text, sms_parts
from .sending_common import TODAY, SendingCommon

LANGS = ("fr_FR", "de_DE", "es_ES", "it_IT")
TEXTS = ("subject", "body_html", "name", "description")
#: What announces a formal notice, and what announces a court, in each language.
NOTICE_WORDS = (
    "formal notice|mise en demeure|förmliche mahnung|requerimiento formal|diffida"
)
COURT_WORDS = (
    "legal means|court|lawyer|voie de droit|tribunal|avocat|rechtsweg|gericht|anwalt"
    "|inkasso|vía legal|abogado|vie legali|avvocato"
)
#: Templates that are formal notices themselves.
NOTICES = (
    "mail_template_formal_notice",
    "mail_template_formal_notice_public",
    "mail_template_formal_notice_consumer",
)
INTERNAL = ("mail_template_dispute_follow_up", "mail_template_internal_request")


@tagged("post_install", "-at_install")
class TestLibrary(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in LANGS:
            cls.env["res.lang"]._activate_lang(lang)
        cls.env["ir.module.module"]._load_module_terms(["dso_collection"], LANGS)
        cls.env.invalidate_all()
        data = cls.env["ir.model.data"].search(
            [("module", "=", "dso_collection"), ("model", "=", "mail.template")]
        )
        cls.templates = {
            row.name: cls.env["mail.template"].browse(row.res_id) for row in data
        }
        cls.customer.country_id = cls.env.ref("base.fr")

    def setUp(self):
        super().setUp()
        clock = freeze_time(TODAY)
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)

    def of_actions(self):
        """All but those that confirm what somebody answered."""
        return {
            name: template
            for name, template in self.templates.items()
            if template.model == "dso.action"
        }

    def of_customers(self):
        return {
            name: template
            for name, template in self.of_actions().items()
            if name not in INTERNAL
        }

    def rendered(self, template, action, lang="en_US"):
        """Subject and words of a text in a language."""
        self.customer.lang = lang
        action.invalidate_recordset()
        parts = [
            template.with_context(lang=lang)._render_field(
                field, action.ids, compute_lang=True
            )[action.id]
            for field in ("subject", "body_html")
        ]
        return " ".join(
            html.fromstring(f"<div>{' '.join(parts)}</div>").text_content().split()
        )

    # -------------------------------------------------------------------------
    # TRANSLATIONS
    # -------------------------------------------------------------------------

    def test_every_text_in_every_language(self):
        """§2: subject, text, name and description of each shipped text stand in five
        languages, none of them left in English."""
        self.assertGreater(len(self.templates), 20)
        for name, template in self.templates.items():
            for lang in LANGS:
                other = template.with_context(lang=lang)
                for field in TEXTS:
                    with self.subTest(text=name, lang=lang, field=field):
                        self.assertTrue(other[field])
                        self.assertNotEqual(
                            other[field], template.with_context(lang="en_US")[field]
                        )

    def test_same_placeholders_in_every_language(self):
        """§2: a translation names the same values and conditions as its original."""
        for name, template in self.templates.items():
            expected = sorted(
                expression for _w, expression, _l in template._dso_expressions()
            )
            for lang in LANGS:
                with self.subTest(text=name, lang=lang):
                    found = template.with_context(lang=lang)._dso_expressions()
                    self.assertEqual(sorted(e for _w, e, _l in found), expected)

    def test_names_of_the_library_in_every_language(self):
        """Models, statuses, steps, roles and profiles that ship are translated."""
        data = self.env["ir.model.data"].search(
            [
                ("module", "=", "dso_collection"),
                (
                    "model",
                    "in",
                    (
                        "dso.action.model",
                        "dso.status",
                        "dso.scenario",
                        "dso.scenario.step",
                        "dso.client.type",
                        "dso.contact.role",
                        "dso.payment.profile",
                    ),
                ),
            ]
        )
        self.assertGreater(len(data), 60)
        self.env.flush_all()
        for row in data:
            table = self.env[row.model]._table
            fields = [
                name
                for name in ("name", "customer_wording", "description")
                if name in self.env[row.model]._fields
            ]
            for field in fields:
                self.env.cr.execute(
                    f"SELECT {field} FROM {table} WHERE id = %s",  # names of our own
                    [row.res_id],
                )
                (values,) = self.env.cr.fetchone()
                if values:
                    with self.subTest(record=row.name, field=field):
                        self.assertLessEqual({"en_US", *LANGS}, set(values))

    def test_lists_in_every_language(self):
        """The lists of a text are in the language of its reader."""
        self.invoice("10 Nov")
        self.invoice("20 Dec")
        self.credit_note(20)
        action = self.proposal_of()
        statement = self.templates["mail_template_statement"]
        for lang in LANGS:
            with self.subTest(lang=lang):
                self.assertNotRegex(
                    self.rendered(statement, action, lang),
                    "Open invoices|Due date|Open amount|overdue|Credits",
                )

    def test_no_example_is_left(self):
        """What stands in a text as an example never leaves, even where the value that
        it stands for is empty."""
        action = self.env["dso.action"].create(
            {
                "account_id": self.account().id,
                "action_model_id": self.email.id,
                "date": TODAY,
            }
        )
        for name, template in self.of_actions().items():
            examples = {
                node.text.strip()
                for node in html.fromstring(template.body_html).xpath("//*[@t-out]")
                if node.text and len(node.text.strip()) > 9
            }
            if name != "mail_template_sms_reminder":
                self.assertTrue(examples)
            examples.discard(action.collector_name)  # who writes here is called so
            words = self.rendered(template, action)
            with self.subTest(text=name):
                self.assertFalse([text for text in examples if text in words])

    def test_unknown_placeholder_in_a_translation(self):
        """§2: a translation that names something unknown is refused like the text."""
        text = self.templates["mail_template_reminder_1"]
        broken = "<p><t t-out='object.no_such_value'/></p>"
        with self.assertRaisesRegex(ValidationError, "no_such_value"):
            text.with_context(lang="fr_FR").body_html = broken
        with self.assertRaisesRegex(ValidationError, "no_such_value"):
            text.update_field_translations("body_html", {"fr_FR": broken})
        with self.assertRaisesRegex(ValidationError, "no_such_value"):
            text.update_field_translations(
                "subject", {"de_DE": "{{ object.no_such_value }}"}
            )

    # -------------------------------------------------------------------------
    # WHAT THEY SAY
    # -------------------------------------------------------------------------

    def test_no_threat_beyond_the_scenario(self):
        """§2: no shipped text announces a formal notice or a court when the scenario
        contains neither, in any language."""
        self.scenario.step_ids.filtered(lambda s: s.name in ("S5", "S6")).unlink()
        self.invoice("10 Nov")
        action = self.proposal_of()
        for name, template in self.of_customers().items():
            for lang in ("en_US", *LANGS):
                with self.subTest(text=name, lang=lang):
                    words = self.rendered(template, action, lang).lower()
                    self.assertNotRegex(words, COURT_WORDS)
                    if name not in NOTICES:
                        self.assertNotRegex(words, NOTICE_WORDS)

    def test_announces_what_follows(self):
        """§2: the third reminder announces the notice, and the notice the court, where
        the scenario contains them."""
        self.invoice("10 Nov")
        action = self.proposal_of()
        for lang in ("en_US", *LANGS):
            with self.subTest(lang=lang):
                last = self.templates["mail_template_last_reminder"]
                notice = self.templates["mail_template_formal_notice"]
                person = self.templates["mail_template_formal_notice_consumer"]
                self.assertRegex(
                    self.rendered(last, action, lang).lower(), NOTICE_WORDS
                )
                for text in (notice, person):
                    words = self.rendered(text, action, lang).lower()
                    self.assertRegex(words, COURT_WORDS)

    def test_public_bodies_are_never_threatened(self):
        """§2: what goes to a public body names no court, whatever its scenario."""
        self.invoice("10 Nov")
        action = self.proposal_of()
        action.account_id.late_category = "public"
        countries = self.env["dso.legal.basis"].search([]).country_id
        self.assertGreater(len(countries), 8)
        law = {
            country: ("mail_template_formal_notice_public",) for country in countries
        }
        law[self.customer.country_id] = [n for n in self.templates if "public" in n]
        for country, names in law.items():
            self.customer.country_id = country
            for name in names:
                for lang in ("en_US", *LANGS):
                    with self.subTest(text=name, lang=lang, country=country.code):
                        words = self.rendered(self.templates[name], action, lang)
                        self.assertNotRegex(
                            words.lower(), f"{COURT_WORDS}|{NOTICE_WORDS}"
                        )

    def test_formal_notice_by_debtor(self):
        """§2: a company, a public body and a consumer get a notice each of their own,
        with the law of their country, its deadline, and what is claimed."""
        notice = self.env.ref("dso_collection.model_formal_notice")
        self.scenario.step_ids.filtered(
            lambda s: s.name == "S2"
        ).action_model_id = notice
        self.invoice("10 Nov")
        action = self.proposal_of()
        self.assertEqual(action.action_model_id, notice)
        found = {}
        for category in ("business", "public", "consumer"):
            action.account_id.late_category = category
            action.invalidate_recordset()
            found[category] = action.template_id
            words = self.rendered(action.template_id, action, "fr_FR")
            self.assertTrue(action.legal_basis)
            self.assertIn(" ".join(action.legal_basis.split()), words)
            self.assertIn(
                format_date(
                    self.env,
                    action.notice_deadline,
                    date_format="long",
                    lang_code="fr_FR",
                ),
                words,
            )
            self.assertIn("1 000,00", words.replace("\u202f", " "))
        names = [self.env.ref(f"dso_collection.{name}") for name in NOTICES]
        self.assertEqual(list(found.values()), names)

    def test_bank_details_do_not_change(self):
        """§2: every text to a customer says that bank details do not change."""
        line = "bank details|coordonnées bancaires|Bankverbindung|datos bancarios"
        for name, template in self.of_customers().items():
            for lang in ("en_US", *LANGS):
                with self.subTest(text=name, lang=lang):
                    body = template.with_context(lang=lang).body_html
                    self.assertRegex(body, f"{line}|coordinate bancarie")

    def test_text_message_is_short(self):
        """A text message of a company with a name of usual length is one part, of the
        plain alphabet, in each language."""
        plain = (
            "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
            "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà€"
        )
        self.invoice("10 Nov")
        action = self.proposal_of()
        template = self.templates["mail_template_sms_reminder"]
        self.company.name = "Fine Goods Ltd"
        for lang in ("en_US", *LANGS):
            with self.subTest(lang=lang):
                self.customer.lang = lang
                action.invalidate_recordset()
                body = template._render_field(
                    "body_html", action.ids, compute_lang=True
                )[action.id]
                words = short_text(body)
                self.assertFalse(set(words) - set(plain))
                self.assertEqual(sms_parts(words)[1], 1, words)
