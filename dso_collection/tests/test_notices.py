"""Texts by debtor, what they may announce, and what notices rest on (rules.md §2)."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, DsoCommon

FRANCE = "base.fr"
GERMANY = "base.de"


@tagged("post_install", "-at_install")
class TestNotices(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.france = cls.env.ref(FRANCE)
        cls.germany = cls.env.ref(GERMANY)
        cls.Basis = cls.env["dso.legal.basis"]
        cls.Basis.sudo().search([]).active = False

    def setUp(self):
        super().setUp()
        clock = freeze_time(TODAY)
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)

    def text(self, name):
        return self.template.copy({"name": name})

    def basis(self, country, category="business", company=None, **values):
        return self.Basis.sudo().create(
            {
                "country_id": country and country.id,
                "category": category,
                "company_id": company and company.id,
                "source": "Law",
                "notice_text": f"{country and country.code} {category}",
                "interest_text": f"interest {country and country.code} {category}",
                **values,
            }
        )

    def action(self, due="20 Oct", **values):
        self.invoice(due, 1000)
        return self.evaluate().proposal_id

    # -------------------------------------------------------------------------
    # WHICH TEXT
    # -------------------------------------------------------------------------

    def test_text_by_debtor(self):
        """§12: the text that says most of the debtor leaves; of a country and a
        category the country."""
        names = {
            (self.france, "public"): "both",
            (self.france, False): "country",
            (self.env["res.country"], "public"): "category",
        }
        for (country, category), name in names.items():
            self.letter.variant_ids = [
                Command.create(
                    {
                        "country_id": country.id,
                        "category": category,
                        "template_id": self.text(name).id,
                    }
                )
            ]
        found = {
            (country, category): self.letter._template_for(country, category).name
            for country in (self.france, self.germany)
            for category in ("business", "public", "consumer")
        }
        self.assertEqual(
            found,
            {
                (self.france, "business"): "country",
                (self.france, "public"): "both",
                (self.france, "consumer"): "country",
                (self.germany, "business"): "Text",
                (self.germany, "public"): "category",
                (self.germany, "consumer"): "Text",
            },
        )

    def test_text_of_action(self):
        """§2: an action leaves with the text for its customer, by his country and what
        he is."""
        french = self.text("French")
        self.email.variant_ids = [
            Command.create({"country_id": self.france.id, "template_id": french.id})
        ]
        action = self.action("18 Nov")
        self.assertEqual(action.template_id, self.template)
        self.customer.country_id = self.france
        self.assertEqual(action.template_id, french)
        self.assertEqual(
            action.with_user(
                new_test_user(self.env, "see", "dso_collection.group_viewer")
            ).template_id,
            french,
        )

    def test_variant_says_something(self):
        """A text for every country and everybody is the model's own."""
        with self.assertRaises(ValidationError):
            self.letter.variant_ids = [
                Command.create({"template_id": self.text("x").id})
            ]

    def test_text_of_variant_kept(self):
        """A text that a variant uses is not deleted."""
        text = self.text("French")
        self.letter.variant_ids = [
            Command.create({"country_id": self.france.id, "template_id": text.id})
        ]
        with self.assertRaisesRegex(UserError, "Formal notice"):
            text.unlink()

    # -------------------------------------------------------------------------
    # WHAT IS ANNOUNCED
    # -------------------------------------------------------------------------

    def test_announced_by_scenario(self):
        """§2: no text announces what its scenario does not contain after it."""
        action = self.action("18 Nov")
        self.assertEqual(action.step_id.name, "S2")
        self.assertTrue(action.announces_notice)
        self.assertTrue(action.announces_litigation)
        self.scenario.step_ids.filtered(lambda s: s.name == "S5").unlink()
        action.invalidate_recordset()
        self.assertFalse(action.announces_notice)
        self.assertTrue(action.announces_litigation)
        self.scenario.step_ids.filtered(lambda s: s.name == "S6").unlink()
        action.invalidate_recordset()
        self.assertFalse(action.announces_litigation)

    def test_announced_by_notice(self):
        """§2: the formal notice announces litigation where that follows, and no second
        notice."""
        self.invoice("20 Oct")
        self.do_steps(("S2", "23 Oct"), ("S3", "30 Oct"), ("S4", "7 Nov"))
        notice = self.evaluate().proposal_id
        self.assertEqual(notice.step_id.name, "S5")
        self.assertFalse(notice.announces_notice)
        self.assertTrue(notice.announces_litigation)

    def test_announced_outside_of_scenario(self):
        """§2: an out-of-scenario action announces what its customer's scenario still
        has ahead."""
        account = self.account()
        action = self.env["dso.action"].create(
            {
                "account_id": account.id,
                "kind": "out_of_scenario",
                "action_model_id": self.email.id,
                "date": TODAY,
            }
        )
        self.assertTrue(action.announces_notice)
        account.scenario_id = False
        action.invalidate_recordset()
        self.assertFalse(action.announces_notice)

    # -------------------------------------------------------------------------
    # THE LAW
    # -------------------------------------------------------------------------

    def test_law_by_debtor(self):
        """§12: own row, then the country's, then that of other countries; a public
        authority without a row bears that of businesses."""
        generic = self.basis(None)
        consumer = self.basis(None, "consumer")
        french = self.basis(self.france)
        ours = self.basis(self.france, "business", self.company)
        other = (
            self.company_data_2["company"]
            if hasattr(self, "company_data_2")
            else (self.env["res.company"].sudo().create({"name": "Other"}))
        )
        keys = {
            (self.company, self.france, "business"): ours,
            (self.company, self.france, "public"): ours,
            (self.company, self.france, "consumer"): consumer,
            (other, self.france, "business"): french,
            (self.company, self.germany, "business"): generic,
        }
        self.env.flush_all()
        with self.assertQueryCount(1):
            found = self.Basis._find(keys)
        self.assertEqual(found, keys)

    def test_deadline_by_date(self):
        """§2: a notice names the last day to pay, by the law of the debtor's country,
        and never a day of the weekend."""
        self.basis(self.france, notice_days=14)
        self.basis(self.germany, notice_days=12)
        action = self.action()
        self.assertEqual(action.notice_deadline, date(2026, 12, 3))
        self.customer.country_id = self.france
        action.invalidate_recordset()
        self.assertEqual(action.notice_deadline, date(2026, 12, 7))
        self.assertEqual(action.legal_basis, "FR business")
        self.customer.country_id = self.germany  # 5 Dec is a Saturday
        action.invalidate_recordset()
        self.assertEqual(action.notice_deadline, date(2026, 12, 7))

    def test_interest_by_what_is_borne(self):
        """§6: what interest rests on follows the rate that the account bears: the law
        of the seller, our terms, or what was agreed."""
        self.company.country_id = self.germany
        self.basis(self.germany)
        self.basis(self.france)
        self.customer.country_id = self.france
        self.company.write({"dso_late_basis": "contract", "dso_penalty_rate": 7.25})
        action = self.action()
        account = action.account_id
        self.assertFalse(action.interest_basis)
        account.late_category = "public"
        action.invalidate_recordset()
        self.assertEqual(action.interest_basis, "interest DE business")
        account.write({"penalties": True, "late_category": False})
        action.invalidate_recordset()
        self.assertIn("7.25 %", action.interest_basis)
        account.late_basis = "statutory"
        action.invalidate_recordset()
        self.assertEqual(action.interest_basis, "interest DE business")
        account.write({"late_basis": "own", "late_rate": 4})
        action.invalidate_recordset()
        self.assertIn("4.00 %", action.interest_basis)

    def test_shipped_rows_keep_their_words(self):
        """A shipped row is not changed; a copy is the company's own, and wins."""
        row = self.basis(self.france)
        manager = new_test_user(self.env, "boss", "dso_collection.group_manager")
        with self.assertRaises(UserError):
            row.with_user(manager).notice_text = "Pay!"
        own = row.with_user(manager).copy()
        self.assertEqual(own.company_id, self.company)
        own.notice_text = "Ours"
        viewer = new_test_user(self.env, "look", "dso_collection.group_viewer")
        with self.assertRaises(AccessError):
            own.with_user(viewer).notice_text = "Mine"
