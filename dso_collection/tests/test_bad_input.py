"""Wrong input is refused with an error that names the thing and its cure, and a ledger
that lacks something is chased all the same, or says why not."""

import psycopg2

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import TODAY, DsoCommon, day


@tagged("post_install", "-at_install")
class TestBadInput(DsoCommon):
    def refused(self, pattern, error=UserError):
        return self.assertRaisesRegex(error, f"(?s){pattern}")

    def database_refuses(self, model, pattern, call):
        """A constraint of the database, with its message for the user."""
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.Error) as caught:
            call()
            self.env.flush_all()
        message = self.env[model]._sql_error_to_message(caught.exception)
        self.assertRegex(message, pattern)

    # Scenarios -----------------------------------------------------------------

    def test_steps_out_of_order(self):
        """§1.2: a step whose day comes before that of the step above it."""
        with self.refused("Wrong.*Second.*3 days.*after.*First.*10 days.*order"):
            self._scenario(
                "Wrong", ("First", 10, self.phone), ("Second", 3, self.phone)
            )
        with self.refused("STD.*S2.*order"):
            self.scenario.step_ids[0].days = 5

    def test_steps_on_the_same_day(self):
        """§1.2: two steps on one day."""
        with self.refused("Wrong.*First.*Second.*same day.*5.*another day"):
            self._scenario("Wrong", ("First", 5, self.phone), ("Second", 5, self.phone))

    def test_order_of_archived_and_last_action_steps(self):
        """§1.2: archived steps and those after the last action are free."""
        scenario = self._scenario(
            "Fine",
            ("First", 5, self.phone),
            ("Then", 2, self.phone, "last_action"),
            ("Last", 6, self.phone),
        )
        scenario.step_ids[2].active = False
        scenario.step_ids[0].days = 9
        with self.refused("Fine"):
            scenario.with_context(active_test=False).step_ids[2].active = True

    def test_step_moved_by_its_sequence(self):
        """§1.2: moving a step with the handle is checked, too."""
        with self.refused("STD.*order"):
            self.scenario.step_ids[5].sequence = 1

    def test_step_without_model(self):
        """§1.2: a step places a model of the library."""
        self.database_refuses(
            "dso.scenario.step",
            "Missing required value.*action_model_id",
            lambda: self.env["dso.scenario.step"].create(
                {"scenario_id": self.scenario.id, "days": 90}
            ),
        )

    def test_last_action_step_in_the_past(self):
        """L6: a step before the last action makes no sense."""
        with self.refused("Back.*cannot be negative"):
            self._scenario("Wrong", ("Back", -2, self.phone, "last_action"))

    def test_negative_gaps(self):
        """L15: gaps are a number of days."""
        for name in ("minimum_gap", "breathing_space"):
            self.database_refuses(
                "dso.scenario",
                "0 or more",
                lambda n=name: self.scenario.write({n: -1}),
            )

    def test_scenario_in_use(self):
        """A scenario of customers is not deleted, but archived."""
        self.account()
        with self.refused("STD.*1 account.*archive"):
            self.scenario.unlink()
        self.scenario.active = False

    def test_scenario_of_a_client_type(self):
        """A scenario of a client type or of the settings is not deleted silently."""
        scenario = self._scenario("Typed", ("First", 5, self.phone))
        self.env["dso.client.type"].create(
            {"name": "Public", "scenario_id": scenario.id}
        )
        with self.refused("Typed.*Public"):
            scenario.unlink()
        default = self._scenario("Default", ("First", 5, self.phone))
        self.company.dso_scenario_id = default
        with self.refused(f"Default.*{self.company.name}"):
            default.unlink()

    def test_scenario_of_another_company(self):
        """Company is part of every rule."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.scenario.company_id = self.company
        customer = self._customer("Other")
        with self.refused("STD|Scenario"):
            self.env["dso.account"].create(
                {
                    "company_id": other.id,
                    "partner_id": customer.id,
                    "scenario_id": self.scenario.id,
                }
            )

    # Library -------------------------------------------------------------------

    def test_model_in_use(self):
        """A model that a step places, or that was used, is not deleted."""
        with self.refused("E-mail.*archive"):
            self.email.unlink()
        model = self._model("Once", "phone")
        self.env["dso.action"].create(
            {"account_id": self.account().id, "action_model_id": model.id}
        )
        with self.refused("Once.*archive"):
            model.unlink()
        model.active = False
        self._model("Unused", "phone").unlink()

    def test_template_in_use(self):
        """A text that the library uses is not deleted."""
        with self.refused("Text.*E-mail"):
            self.template.unlink()

    # Texts ---------------------------------------------------------------------

    def test_unknown_placeholders(self):
        """§2: a text that names something unknown is refused, with the name."""
        for values, name in (
            ({"subject": "Hello {{ object.customer_name }}"}, "object.customer_name"),
            ({"body_html": "<p t-out='object.amount_klaimed'/>"}, "amount_klaimed"),
            ({"body_html": "<p t-out='invoice.name'/>"}, "invoice"),
            (
                {"body_html": "<a t-attf-href='/x/{{ object.tokn }}'>a</a>"},
                "object.tokn",
            ),
            (
                {"body_html": "<a t-att-href='object.page_adress'>a</a>"},
                "object.page_adress",
            ),
            (
                {"body_html": "<p t-out='object.partner_id.nmae'/>"},
                "object.partner_id.nmae",
            ),
            (
                {"body_html": "<p t-out='object.leader_id.partner_id.x'/>"},
                "object.leader_id.partner_id.x",
            ),
            (
                {"body_html": "<p t-if='object.is_late'>late</p>"},
                "object.is_late",
            ),
            (
                {
                    "body_html": "<t t-foreach='object.lines' t-as='line'>"
                    "<p t-out='line.name'/></t>"
                },
                "object.lines",
            ),
            ({"email_to": "{{ object.mail }}"}, "object.mail"),
            ({"lang": "{{ object.language }}"}, "object.language"),
            ({"subject": "{{ object.partner_id. }}"}, "object.partner_id."),
        ):
            with self.refused(f"Text.*unknown placeholder.*{name}"):
                self.template.write(values)

    def test_reports_of_a_text(self):
        """§2 Attachments: files are made before a message leaves, never while it is
        sent: a text that prints a report then is refused, with the cure."""
        report = self.env.ref("dso_collection.report_statement")
        with self.refused("prints no reports of its own.*under Files"):
            self.template.report_template_ids = report

    def test_enclosures_that_cannot_be_printed(self):
        """What a letter encloses is a PDF."""
        with self.refused("choose PDF"):
            self.letter.attach_statement = "xlsx"
        self.email.attach_statement = "both"
        with self.refused("choose PDF"):
            self.email.type = "letter"

    def test_unknown_placeholder_in_a_translation(self):
        """§2: the texts of the other languages are checked as well."""
        self.env["res.lang"]._activate_lang("fr_FR")
        with self.refused("object.montant"):
            self.template.with_context(
                lang="fr_FR"
            ).body_html = "<p t-out='object.montant'/>"

    def test_known_placeholders(self):
        """§2: what exists is accepted: paths, loops, functions, defaults."""
        self.template.write(
            {
                "subject": "{{ object.leader_id.name or '' }} {{ user.name }}",
                "lang": "{{ object.lang_code }}",
                "body_html": """
                    <p>Dear <t t-out="object.contact_id.name or ''">A</t>,</p>
                    <t t-set="overdue" t-value="object.account_id.amount_overdue"/>
                    <p t-out="format_amount(overdue, object.currency_id)"/>
                    <t t-foreach="object.line_ids" t-as="line">
                        <b t-out="line.move_name"/> <t t-out="line_index"/>
                    </t>
                    <p t-out="[l.move_name for l in object.line_ids]"/>
                    <t t-out="object.items_table"/>
                    <a t-attf-href="https://example.com/{{ object.id }}">x</a>
                    <t t-out="ctx.get('x')"/>
                """,
            }
        )

    # Statuses ------------------------------------------------------------------

    def test_status_without_type(self):
        """§3.1: a status lies inside one of the five types."""
        self.database_refuses(
            "dso.status",
            "Missing required value.*type",
            lambda: self.env["dso.status"].create({"name": "Loose"}),
        )
        with self.assertRaises(ValueError):
            self.env["dso.status"].create({"name": "Loose", "type": "own_type"})

    def test_status_with_a_negative_delay(self):
        """§3.2: days to follow-up cannot be negative."""
        status = self.status("dispute")
        self.database_refuses(
            "dso.status", "negative", lambda: status.write({"delay": -1})
        )

    # Accounts ------------------------------------------------------------------

    def test_account_of_a_branch(self):
        """An account belongs to the root company."""
        self.company.write({"child_ids": [Command.create({"name": "Branch"})]})
        branch = self.company.child_ids
        self.env.user.company_ids |= branch
        with self.refused(f"Branch.*branch.*{self.company.name}"):
            self.env["dso.account"].create(
                {"company_id": branch.id, "partner_id": self.customer.id}
            )

    def test_account_of_a_contact(self):
        """An account belongs to the commercial partner."""
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.customer.id}
        )
        with self.refused("Ann.*contact of Customer.*open.*Customer"):
            self.env["dso.account"].create({"partner_id": contact.id})

    def test_second_account(self):
        """One account per customer and company."""
        account = self.account()
        self.database_refuses(
            "dso.account",
            "already has a receivable account",
            lambda: account.create({"partner_id": self.customer.id}),
        )

    def test_grouping_cycles(self):
        """L16: groups have one level; nobody heads himself."""
        first, second, third = (
            self.account(self._customer(name)) for name in ("One", "Two", "Three")
        )
        with self.refused("One.*One.*one level"):
            first.head_id = first
        second.head_id = first
        with self.refused("One.*Two.*one level"):
            first.head_id = second
        with self.refused("Three.*Two.*one level"):
            third.head_id = second
        with self.refused("One.*Three.*one level"):
            first.head_id = third

    def test_grouping_across_companies(self):
        """L16: a group stays inside its company."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.env["dso.account"].create(
            {"company_id": other.id, "partner_id": self._customer("Theirs").id}
        )
        with self.assertRaises(UserError):
            self.account().head_id = theirs

    def test_customer_with_account_is_not_deleted(self):
        """A customer with a receivable account cannot be deleted."""
        partner = self._customer("Gone")
        self.account(partner)
        self.env.flush_all()
        self.database_refuses("dso.account", "Receivable Account", partner.unlink)

    def test_account_without_contact(self):
        """§2: no address at all: yellow at once for what is automatic, and listed."""
        self.customer.email = False
        self.email.mode = "auto_confirm"
        self.invoice("5 Dec", issued="1 Nov")
        account = self.assertProposal("S1", "30 Nov")
        self.assertTrue(account.missing_contact)
        self.assertEqual(account.proposal_id.problem, "no_contact")
        found = self.env["dso.account"].search([("missing_contact", "=", True)])
        self.assertIn(account, found)
        self.customer.email = "x@customer.example"
        self.env.invalidate_all()
        self.assertFalse(account.missing_contact)
        found = self.env["dso.account"].search([("missing_contact", "=", False)])
        self.assertIn(account, found)

    # Ledger --------------------------------------------------------------------

    def test_no_due_date(self):
        """§13: a receivable without due date is due on its invoice or entry date."""
        move = self.invoice("10 Nov", issued="1 Nov")
        lines = self.receivables(move)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET date_maturity = NULL WHERE id = ANY(%s)",
            [lines.ids],
        )
        self.env.invalidate_all()
        account = self.assertProposal("S2", "4 Nov")
        self.assertEqual(account.leader_date, day("1 Nov"))
        with freeze_time(str(TODAY)):
            account.proposal_id.action_done()
        self.assertEqual(account.action_ids.line_ids.due, day("1 Nov"))

    def test_entry_without_due_date(self):
        """The same for an opening entry: its accounting date."""
        entry = self.entry((self.customer, 100, None), on="3 Nov")
        entry.journal_id.dso_opening = True
        self.receivables(entry).no_followup = False
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET date_maturity = NULL WHERE move_id = %s",
            [entry.id],
        )
        self.env.invalidate_all()
        account = self.evaluate()
        self.assertEqual(account.leader_date, day("3 Nov"))

    def test_zero_invoice(self):
        """An invoice of nothing is no item."""
        self.invoice("10 Nov", 0)
        self.assertProposal(None, "no_leader")

    # Settings ------------------------------------------------------------------

    def test_negative_amounts(self):
        """§1.3: minimum and threshold cannot be negative."""
        for name in ("dso_minimum_amount", "dso_ignore_below"):
            self.database_refuses(
                "res.company", "negative", lambda n=name: self.company.write({n: -1})
            )

    def test_assignment_rules(self):
        """§1.3: a rule with a wrong search, an unknown field, or nothing to assign."""
        for domain in (
            "[('no_such_field', '=', 1)]",
            "[('name', 'resembles', 'x')]",
            "[(",
            "__import__('os').system('true')",
            "[('name', '=', 'x'), '&']",
        ):
            with (
                self.subTest(domain),
                self.refused("Mine.*customer search", ValidationError),
            ):
                self.env["dso.assignment.rule"].create(
                    {
                        "name": "Mine",
                        "domain": domain,
                        "scenario_id": self.scenario.id,
                    }
                )
        with self.refused("Mine.*assigns nothing", ValidationError):
            self.env["dso.assignment.rule"].create({"name": "Mine"})

    def test_assignment_first_match_wins(self):
        """§1.3: the first matching rule wins, value by value, else the default."""
        special = self._scenario("Special", ("S", 1, self.phone))
        Rule = self.env["dso.assignment.rule"]
        Rule.create(
            [
                {
                    "name": "Zeds",
                    "sequence": 1,
                    "domain": "[('name', '=like', 'Z%')]",
                    "scenario_id": special.id,
                },
                {
                    "name": "All",
                    "sequence": 2,
                    "domain": "[]",
                    "collector_id": self.env.user.id,
                },
            ]
        )
        zed, other = self._customer("Zed"), self._customer("Other")
        for partner in (zed, other):
            self.invoice("10 Nov", partner=partner)
        self.env.cr.flush()
        zed, other = zed.dso_account_ids, other.dso_account_ids
        self.assertEqual((zed.scenario_id, other.scenario_id), (special, self.scenario))
        self.assertEqual((zed | other).collector_id, self.env.user)
        self.assertEqual(self.account(self._customer("Zoe")).scenario_id, special)

    # Statement of what a user typed ----------------------------------------------

    def test_hold_without_reason(self):
        """§10: an end date alone holds nothing."""
        self.invoice("10 Nov")
        self.account().hold_until = day("31 Dec")
        self.assertProposal("S2", "13 Nov")

    def test_strange_names(self):
        """Names with quotes, percent signs and markup harm nothing."""
        customer = self._customer('100 % <b>O\'Neill</b> "& {{ sons }}"; --')
        self.invoice("10 Nov", partner=customer)
        account = self.account(customer)
        account.evaluate(TODAY)
        self.assertEqual(account.proposal_id.step_id.name, "S2")
        self.template.body_html = "<p t-out='object.partner_id.name'/>"
        body = self.template._render_field("body_html", account.proposal_id.ids)
        self.assertIn("&lt;b&gt;", str(body[account.proposal_id.id]))
