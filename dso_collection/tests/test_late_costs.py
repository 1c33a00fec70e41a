"""Late penalties and recovery costs (rules.md §6, must-have 13)."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, freeze_time, new_test_user, tagged

from odoo.addons.dso_collection.engine.late import (
    Dispute,
    Instalment,
    Period,
    Piece,
    late_costs,
    recovery_cost,
    timeline,
)

from .common import TODAY, DsoCommon, day


def same(amount, source, target, on):
    """A conversion between equal currencies."""
    return amount


@tagged("at_install", "-post_install")
class TestLateEngine(BaseCase):
    """The arithmetic, without a ledger."""

    H1 = Period(date(2026, 1, 1), date(2026, 6, 30), rate=10.15)
    H2 = Period(date(2026, 7, 1), date(2026, 12, 31), rate=11.0)

    def cost(self, *pieces, due=date(2026, 5, 31), periods=None, disputes=()):
        instalment = Instalment(1, due, [Piece(*piece) for piece in pieces])
        return late_costs([instalment], periods or [self.H1, self.H2], disputes)[1]

    def test_rate_change(self):
        """10,000 due 31 May until 23 Nov: 30 days at 10.15 % and 146 at 11 %."""
        cost = self.cost((10000, TODAY))
        self.assertAlmostEqual(cost.penalty, 83.4246575 + 440.0, 6)
        self.assertEqual(cost.days, 176)
        self.assertEqual(
            cost.rates,
            [
                (10.15, date(2026, 6, 1), date(2026, 6, 30)),
                (11.0, date(2026, 7, 1), TODAY),
            ],
        )

    def test_first_day(self):
        """Nothing on the due date, one day on the day after it."""
        due = date(2026, 7, 1)
        self.assertEqual(self.cost((3650, due), due=due).penalty, 0)
        cost = self.cost((3650, date(2026, 7, 2)), due=due)
        self.assertAlmostEqual(cost.penalty, 1.10, 6)
        self.assertEqual(cost.days, 1)

    def test_rate_of_the_first_late_day(self):
        """Laws that fix the rate on the first late day keep it across half-years."""
        fixed = [
            Period(p.start, p.end, rate=p.rate, fixing="due")
            for p in (self.H1, self.H2)
        ]
        cost = self.cost((10000, TODAY), periods=fixed)
        self.assertAlmostEqual(cost.penalty, 10000 * 0.1015 * 176 / 365, 6)

    def test_day_counts(self):
        """A year of 365 or 360 days, or as the calendar has it."""
        due, end = date(2023, 12, 31), date(2024, 2, 29)
        for day_count, share in (("365", 60 / 365), ("360", 60 / 360)):
            period = Period(date(2000, 1, 1), None, rate=10, day_count=day_count)
            cost = self.cost((1000, end), due=due, periods=[period])
            self.assertAlmostEqual(cost.penalty, 100 * share, 6)
        period = Period(date(2000, 1, 1), None, rate=10, day_count="actual")
        cost = self.cost((1000, end), due=due, periods=[period])
        self.assertAlmostEqual(cost.penalty, 100 * 60 / 366, 6)
        cost = self.cost(
            (1000, date(2024, 1, 1)), due=date(2023, 12, 30), periods=[period]
        )
        self.assertAlmostEqual(cost.penalty, 100 * (1 / 365 + 1 / 366), 6)

    def test_no_rate_known(self):
        """Days without a rate bear nothing and are told, never guessed."""
        cost = self.cost((10000, date(2027, 1, 10)), periods=[self.H2])
        self.assertEqual(cost.missing, date(2026, 6, 1))
        self.assertAlmostEqual(cost.penalty, 10000 * 0.11 * 184 / 365, 6)
        self.assertEqual(self.cost((1, TODAY), periods=[]).missing, None)

    def test_waiting_days_and_cap(self):
        """Nothing before the waiting days are over, then from the first day; a limit
        in percent of what was late."""
        always = date(2000, 1, 1)
        patient = [Period(always, None, rate=36.5, waiting_days=14)]
        due = date(2026, 11, 1)
        cost = self.cost((1000, date(2026, 11, 15)), due=due, periods=patient)
        self.assertEqual((cost.penalty, cost.late), (0, 0))
        cost = self.cost((1000, date(2026, 11, 16)), due=due, periods=patient)
        self.assertAlmostEqual(cost.penalty, 15.0, 6)
        capped = [Period(always, None, rate=36.5, cap=1)]
        cost = self.cost((1000, date(2026, 11, 21)), due=due, periods=capped)
        self.assertAlmostEqual(cost.penalty, 10.0, 6)

    def test_tiers(self):
        """The recovery cost of the size of what was late; the tier begins at its
        amount."""
        period = Period(
            date(2000, 1, 1),
            None,
            tiers=((0, 40), (1000, 70), (10000, 100)),
        )
        for late, cost in ((999.99, 40), (1000, 70), (9999.99, 70), (10000, 100)):
            self.assertEqual(recovery_cost(TODAY, late, [period], same), cost)
        self.assertIsNone(recovery_cost(TODAY, 1, [], same))

    def test_timeline(self):
        """Rows of the company cut shared ones, which hold before and after."""
        own = Period(date(2026, 3, 1), date(2026, 3, 31), rate=5)
        result = timeline([own, self.H1])
        self.assertEqual(
            [(p.rate, p.start, p.end) for p in result],
            [
                (10.15, date(2026, 1, 1), date(2026, 2, 28)),
                (5, date(2026, 3, 1), date(2026, 3, 31)),
                (10.15, date(2026, 4, 1), date(2026, 6, 30)),
            ],
        )
        open_end = timeline([Period(date(2026, 1, 1), None, rate=1)])
        self.assertEqual(
            [(p.start, p.end) for p in open_end], [(date(2026, 1, 1), None)]
        )

    def test_disputed_part_of_partial_payments(self):
        """A disputed part is what falls due and is paid last: 400 of 1,000, of which
        600 were paid, bears nothing while it is disputed."""
        due = date(2026, 7, 1)
        pieces = ((600, date(2026, 7, 11)), (400, TODAY))
        cost = self.cost(*pieces, due=due, disputes=[Dispute(400)])
        self.assertAlmostEqual(cost.penalty, 600 * 0.11 * 10 / 365, 6)
        self.assertEqual(cost.late, 600)
        pause = Dispute(400, date(2026, 7, 11), date(2026, 7, 21))
        cost = self.cost(*pieces, due=due, disputes=[pause])
        days = (TODAY - due).days
        self.assertAlmostEqual(
            cost.penalty, 600 * 0.11 * 10 / 365 + 400 * 0.11 * (days - 10) / 365, 6
        )


class LateCase(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        clock = freeze_time(str(TODAY))
        clock.__enter__()
        cls.addClassCleanup(clock.__exit__, None, None, None)
        cls.eur = cls.env.ref("base.EUR")
        cls.eur.active = True
        cls.japan = cls.env.ref("base.jp")  # no rates of it are shipped
        cls.company.write(
            {
                "dso_penalty_rate": 36.5,
                "dso_recovery_cost": 40,
                "dso_late_country_id": cls.japan.id,
            }
        )
        cls.receivable = cls.env["dso.account"]._of_partner(cls.customer)
        cls.receivable.write({"penalties": True, "recovery": True})

    @classmethod
    def rate(cls, start="1 Jan", end="31 Dec", rate=10.0, **values):
        return cls.env["dso.late.rate"].create(
            {
                "country_id": cls.japan.id,
                "company_id": cls.company.id,
                "date_from": day(start),
                "date_to": end and day(end),
                "reference": rate - 8,
                "margin": 8,
                "currency_id": cls.company.currency_id.id,
                "source": "Test",
                **values,
            }
        )

    def costs(self, account=None, today=TODAY):
        """(penalties, recovery costs, days) of each open instalment, by due date."""
        account = account or self.receivable
        return [
            (row["penalty"], row["recovery"], row["days"])
            for row in account._late_rows(today)
        ]

    def late_of(self, move):
        rows = self.receivable._late_rows(TODAY, settled=True)
        return [
            (row["penalty"], row["recovery"], row["days"])
            for row in rows
            if row["move_id"] == move.id
        ]

    def wizard(self, account=None, moves=None):
        account = account or self.receivable
        action = account._late_wizard(moves)
        return self.env["dso.late.invoice"].with_context(**action["context"]).create({})


@tagged("post_install", "-at_install")
class TestLateCosts(LateCase):
    # -------------------------------------------------------------------------
    # RATES
    # -------------------------------------------------------------------------

    def test_contract(self):
        """Our terms: 0.1 % a day and 40 an invoice, both switched by account."""
        invoice = self.invoice("13 Nov", 1000)
        line = self.receivables(invoice)
        costs = self.receivable._late_costs()
        self.assertEqual(
            costs,
            {
                (self.receivable.id, line.id): {
                    "penalty": 10.0,
                    "recovery": 40.0,
                    "days": 10,
                    "missing": None,
                }
            },
        )
        self.receivable.recovery = False
        self.assertEqual(self.costs(), [(10.0, 0.0, 10)])
        self.receivable.write({"penalties": False, "recovery": True})
        self.assertEqual(self.costs(), [(0.0, 40.0, 10)])
        self.receivable.recovery = False
        self.assertEqual(self.costs(), [])

    def test_only_overdue_invoices(self):
        """Not credit notes, payments, miscellaneous entries, nor what is not due."""
        self.invoice("23 Nov", 1000)
        self.credit_note(100)
        self.unallocated(50)
        entry = self.entry((self.customer, 300, "1 Nov"))
        self.receivables(entry).no_followup = False
        self.assertEqual(self.costs(), [])

    def test_rate_change(self):
        """The law's rates by the day: 10,000 due 31 May bear 30 days at 10.15 % and 146
        at 11 %, in all 523.42."""
        self.company.dso_late_basis = "statutory"
        self.rate("1 Jan", "30 Jun", 10.15, compensation=50)
        self.rate("1 Jul", "31 Dec", 11, compensation=60)
        self.invoice("31 May", 10000)
        self.assertEqual(self.costs(), [(523.42, 50.0, 176)])

    def test_own_rate(self):
        """A rate agreed with the customer stands above terms and law; what else is
        claimed follows the settings."""
        self.invoice("13 Nov", 1000)
        self.receivable.write({"late_basis": "own", "late_rate": 73})
        self.assertEqual(self.costs(), [(20.0, 40.0, 10)])
        self.receivable.late_basis = "statutory"
        self.rate(rate=7.3, compensation=15)
        self.assertEqual(self.costs(), [(2.0, 15.0, 10)])

    def test_no_rate_known(self):
        """A period without a figure is told, not guessed."""
        self.company.dso_late_basis = "statutory"
        self.rate("1 Jan", "15 Nov", 36.5, compensation=40)
        self.invoice("13 Nov", 1000)
        (row,) = self.receivable._late_rows()
        self.assertEqual((row["penalty"], row["missing"]), (2.0, day("16 Nov")))
        self.assertEqual(self.receivable.late_missing, day("16 Nov"))
        self.assertIn("until 11/15/2026", self.company._dso_late_warning())
        self.env["dso.late.rate"].search([("country_id", "=", self.japan.id)]).unlink()
        (row,) = self.receivable._late_rows()
        self.assertEqual((row["penalty"], row["recovery"]), (0, 0))
        self.assertEqual(row["missing"], day("14 Nov"))
        self.assertIn("No late payment rate", self.company._dso_late_warning())

    def test_warning_when_out_of_date(self):
        """An administrator is told when the latest rate was to be checked again."""
        rate = self.rate(date_review=day("1 Dec"))
        self.assertFalse(self.company._dso_late_warning())
        self.assertFalse(rate.is_out_of_date)
        rate.date_review = TODAY
        self.assertIn("to be checked by", self.company._dso_late_warning())
        self.assertTrue(rate.is_out_of_date)

    def test_fallback(self):
        """The European minimum holds in countries of the euro area without a rate for
        the day, and nowhere else."""
        self.company.dso_late_basis = "statutory"
        minimum = self.rate(
            rate=7.3, country_id=False, compensation=40, currency_id=self.eur.id
        )
        self.invoice("13 Nov", 1000)
        self.assertEqual(self.costs()[0][0], 0)
        greece = self.env.ref("base.gr")
        self.company.dso_late_country_id = greece
        rows = minimum._periods({(self.company, "business")})
        self.assertTrue(rows[self.company, "business"])
        self.assertEqual(self.costs()[0][0], 2.0)
        # a country's own rate wins where it covers the day
        self.rate("19 Nov", "31 Dec", 36.5, country_id=greece.id)
        self.assertEqual(self.costs()[0][0], 1.0 + 5.0)
        # its central bank's rate is not that of the euro
        self.company.dso_late_country_id = self.env.ref("base.pl")
        self.env["dso.late.rate"].sudo().search(
            [("country_id.code", "=", "PL")]
        ).active = False
        self.assertEqual(self.costs()[0][0], 0)

    def test_sellers_law(self):
        """Whose law: that of the seller's country, unless the settings say another."""
        self.assertEqual(self.company._dso_late_country(), self.japan)
        self.company.dso_late_country_id = False
        self.assertEqual(self.company._dso_late_country(), self.company.country_id)

    def test_public_authority(self):
        """A public authority bears its own rates, else those of businesses."""
        self.company.dso_late_basis = "statutory"
        self.rate(rate=36.5)
        self.invoice("13 Nov", 1000)
        self.receivable.late_category = "public"
        self.assertEqual(self.costs()[0][0], 10.0)
        self.rate(rate=73, category="public")
        self.assertEqual(self.costs()[0][0], 20.0)
        self.receivable.late_category = "business"
        self.assertEqual(self.costs()[0][0], 10.0)

    def test_consumer(self):
        """Of consumers nothing is claimed, by our terms or by law, unless a rate for
        consumers says so, or was agreed with him."""
        consumer = self._customer("Ann", is_company=False)
        account = self.account(consumer)
        account.write({"penalties": True, "recovery": True})
        self.invoice("13 Nov", 1000, partner=consumer)
        self.assertEqual(self.costs(account), [(0.0, 0.0, 0)])
        self.assertFalse(account.late_missing)
        self.company.dso_late_basis = "statutory"
        self.rate(rate=73)
        account.invalidate_recordset()
        self.assertEqual(self.costs(account), [(0.0, 0.0, 0)])
        self.assertFalse(account.late_missing)
        self.rate(rate=36.5, category="consumer")
        self.assertEqual(self.costs(account), [(10.0, 0.0, 10)])
        consumer.vat = "BE0477472701"
        self.assertEqual(account._late_debtor(), "business")

    def test_tiers(self):
        """The recovery cost by the size of what was late."""
        self.company.dso_late_basis = "statutory"
        self.rate(
            tier_ids=[
                Command.create({"amount_from": amount, "compensation": cost})
                for amount, cost in ((0, 40), (1000, 70), (10000, 100))
            ]
        )
        for amount, cost in ((999.99, 40), (1000, 70), (12000, 100)):
            invoice = self.invoice("13 Nov", amount)
            self.assertEqual(self.late_of(invoice)[0][1], cost)

    def test_currencies(self):
        """An invoice in another currency bears in company currency, at its own rate; a
        recovery cost in euro is converted on the due date."""
        rates = self.env["res.currency.rate"]
        for start, rate in (("1 Jan", 0.5), ("13 Nov", 0.8), ("14 Nov", 0.1)):
            rates.create(
                {
                    "currency_id": self.eur.id,
                    "name": day(start),
                    "rate": rate,
                    "company_id": self.company.id,
                }
            )
        self.company.dso_late_basis = "statutory"
        self.rate(rate=36.5, compensation=40, currency_id=self.eur.id)
        invoice = self.invoice("13 Nov", 500, issued="1 Nov", currency_id=self.eur.id)
        self.assertEqual(invoice.amount_total_signed, 1000)
        self.assertEqual(self.costs(), [(10.0, 50.0, 10)])

    def test_overlap_refused(self):
        """Two rates for one day, country and debtor are refused."""
        self.rate("1 Jan", "30 Jun")
        with self.assertRaisesRegex(ValidationError, "overlaps"):
            self.rate("30 Jun", "31 Dec")
        self.rate("30 Jun", "31 Dec", category="consumer")

    def test_shipped_rates(self):
        """Shipped rates have a source and a day of review; nobody changes their
        figures, but they can be archived."""
        Rate = self.env["dso.late.rate"]
        shipped = Rate.search([("company_id", "=", False)])
        self.assertTrue(shipped)
        for rate in shipped:
            self.assertTrue(rate.source and rate.date_reviewed, rate.name)
            self.assertTrue(rate.date_review or not rate.date_to, rate.name)
            self.assertLess(rate.rate, 30, rate.name)
        germany = shipped.filtered(lambda rate: rate.country_id.code == "DE")
        by_day = {
            (rate.category, rate.date_from): rate.rate
            for rate in germany.filtered("date_to")
        }
        self.assertEqual(by_day["business", date(2024, 1, 1)], 12.62)
        self.assertEqual(by_day["consumer", date(2024, 1, 1)], 8.62)
        tiers = shipped.filtered(lambda rate: rate.country_id.code == "GB")[0].tier_ids
        self.assertEqual(tiers.mapped("compensation"), [40, 70, 100])
        with self.assertRaisesRegex(UserError, "figures of their source"):
            shipped[0].reference = 1
        with self.assertRaisesRegex(UserError, "figures of their source"):
            shipped[0].unlink()
        shipped[0].active = False

    def test_next_period(self):
        """The next half-year is proposed with all but its reference rate."""
        self.rate("1 Jan", "30 Jun", 11, compensation=40)
        context = self.rate("1 Jul", "31 Dec", 12).action_next_period()["context"]
        self.assertEqual(context["default_date_from"], "2027-01-01")
        self.assertEqual(context["default_date_to"], "2027-06-30")
        self.assertEqual(context["default_margin"], 8)
        self.assertNotIn("default_reference", context)

    # -------------------------------------------------------------------------
    # PAYMENTS, INSTALMENTS
    # -------------------------------------------------------------------------

    def test_partial_payments(self):
        """1,000 due 3 Nov, 600 paid on 8 Nov and 100 before the due date: 500 bear 5
        days... 600 for 5 days and 300 for 20 at 0.1 % a day."""
        invoice = self.invoice("3 Nov", 1000, issued="1 Oct")
        self.pay(invoice, 100, on=day("30 Oct"))
        self.pay(invoice, 600, on=day("8 Nov"))
        self.assertEqual(self.costs(), [(3.0 + 6.0, 40.0, 20)])

    def test_credit_notes(self):
        """A credit that is allocated pays on its date; what is taken off the very
        invoice by its own credit note was never owed."""
        invoice = self.invoice("3 Nov", 1000, issued="1 Oct")
        bonus = self.credit_note(400, "13 Nov")
        self.receivables(invoice | bonus).reconcile()
        self.assertEqual(self.costs(), [(4.0 + 12.0, 40.0, 20)])
        wrong = self.invoice("3 Nov", 500, issued="1 Oct")
        self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=wrong.ids
        ).create(
            {"journal_id": wrong.journal_id.id, "date": day("20 Nov")}
        ).refund_moves()
        refund = wrong.reversal_move_ids
        refund.action_post()
        lines = self.receivables(wrong | refund).filtered(lambda li: not li.reconciled)
        lines.reconcile()
        self.assertEqual(self.late_of(wrong), [])

    def test_instalments(self):
        """Each instalment from its own due date; the recovery cost once."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Three",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": part, "nb_days": days}
                    )
                    for part, days in ((50, 0), (30, 10), (20, 40))
                ],
            }
        )
        self.invoice("3 Nov", 1000, issued="3 Nov", invoice_payment_term_id=term.id)
        self.assertEqual(self.costs(), [(10.0, 40.0, 20), (3.0, 0.0, 10)])

    def test_since(self):
        """Invoices due before the day of the settings bear nothing."""
        self.invoice("3 Nov", 1000)
        self.company.dso_late_since = day("4 Nov")
        self.assertEqual(self.costs(), [])
        self.company.dso_late_since = day("3 Nov")
        self.assertEqual(self.costs(), [(20.0, 40.0, 20)])

    def test_ignored_and_blocked(self):
        """Ignored items and those that Odoo excludes from follow-ups bear nothing;
        items in litigation do: the claim in court has its interest."""
        invoice = self.invoice("13 Nov", 1000)
        invoice.dso_qualify(self.status("litigation"), "To court")
        self.assertEqual(self.costs(), [(10.0, 40.0, 10)])
        invoice.dso_ignored = True
        self.assertEqual(self.costs(), [])
        invoice.dso_ignored = False
        self.receivables(invoice).no_followup = True
        self.assertEqual(self.costs(), [])

    # -------------------------------------------------------------------------
    # DISPUTES
    # -------------------------------------------------------------------------

    def close(self, invoice, outcome, on="21 Nov"):
        """End a dispute as its closing does, with an outcome."""
        qualification = invoice.dso_qualify(
            self.status("dispute_resolved"), "Closed", status_date=day(on)
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE dso_qualification SET dispute_outcome = %s WHERE id = %s",
            [outcome, qualification.id],
        )

    def test_disputes(self):
        """Under dispute nothing; justified: never; unjustified or withdrawn: from the
        due date; otherwise the days under dispute are left out."""
        invoice = self.invoice("3 Nov", 1000)
        invoice.dso_qualify(self.status("dispute"), "Wrong", status_date=day("11 Nov"))
        self.assertEqual(self.costs(), [(0.0, 0.0, 0)])
        self.close(invoice, "justified")
        self.assertEqual(self.costs(), [(0.0, 0.0, 0)])
        for outcome in ("unjustified", "withdrawn"):
            self.close(invoice, outcome)
            self.env.cr.execute(
                "UPDATE dso_qualification SET dispute_outcome = %s"
                " WHERE move_id = %s AND status_type = 'dispute_resolved'",
                [outcome, invoice.id],
            )
            self.assertEqual(self.costs(), [(20.0, 40.0, 20)])
        for outcome in ("partly", None):
            self.env.cr.execute(
                "UPDATE dso_qualification SET dispute_outcome = %s"
                " WHERE move_id = %s AND status_type = 'dispute_resolved'",
                [outcome, invoice.id],
            )
            # 11 to 20 Nov are the days under dispute
            self.assertEqual(self.costs(), [(10.0, 40.0, 10)])

    def test_partly_disputed(self):
        """Of a partly disputed invoice the rest bears; found justified, the disputed
        part never does."""
        invoice = self.invoice("3 Nov", 1000)
        invoice.dso_qualify(self.status("dispute"), "400 wrong", disputed_amount=400)
        self.assertEqual(self.costs(), [(12.0, 40.0, 20)])
        self.close(invoice, "justified")
        self.assertEqual(self.costs(), [(12.0, 40.0, 20)])

    def test_undone_dispute(self):
        """A dispute that was undone never was."""
        invoice = self.invoice("3 Nov", 1000)
        qualification = invoice.dso_qualify(self.status("dispute"), "Oops")
        self.assertEqual(self.costs(), [(0.0, 0.0, 0)])
        qualification.action_undo()
        self.assertEqual(self.costs(), [(20.0, 40.0, 20)])

    # -------------------------------------------------------------------------
    # CASE 43, INVOICING
    # -------------------------------------------------------------------------

    def test_case_43_interest_stops_and_stays_claimable(self):
        """Case 43: interest stops at the payment date, stays claimable after it, is
        not doubled by the nightly job, excludes what is disputed."""
        invoice = self.invoice("3 Nov", 1000, issued="1 Oct")
        self.pay(invoice, on=day("13 Nov"))
        disputed = self.invoice("3 Nov", 500)
        disputed.dso_qualify(self.status("dispute"), "Wrong")
        for today in (TODAY, date(2027, 6, 1)):
            with freeze_time(today):
                self.assertEqual(self.late_of(invoice), [(10.0, 40.0, 10)])
                self.assertEqual(self.late_of(disputed), [(0.0, 0.0, 0)])
        self.assertEqual(self.receivable.late_claimable, 50)
        wizard = self.wizard()
        self.assertEqual(wizard.line_ids.move_id, invoice)
        action = wizard.action_invoice()
        draft = self.env["account.move"].browse(action["res_id"])
        self.assertEqual((draft.state, draft.amount_total), ("draft", 50))
        count = self.env["account.move"].search_count([])
        self.env.flush_all()
        for _night in range(2):
            with self.enter_registry_test_mode():
                self.env.ref("dso_collection.ir_cron_evaluate").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.env["account.move"].search_count([]), count)
        self.assertEqual(self.late_of(invoice), [(0.0, 0.0, 10)])
        with self.assertRaisesRegex(UserError, "Nothing to claim"):
            wizard.action_invoice()

    def test_invoice_on_demand(self):
        """One line each for penalties and recovery cost, in the customer's language;
        the account that was chosen, no tax without a product; later only what accrued
        since."""
        income = self.company_data["default_account_revenue"].copy()
        self.company.dso_late_account_id = income
        invoice = self.invoice("13 Nov", 1000)
        other = self.invoice("18 Nov", 1000)
        line = self.receivables(invoice)
        action = line.action_dso_invoice_late_costs()
        wizard = (
            self.env["dso.late.invoice"].with_context(**action["context"]).create({})
        )
        self.assertEqual(wizard.line_ids.move_id, invoice | other)
        self.assertEqual(wizard.line_ids.filtered("selected").move_id, invoice)
        self.assertEqual(wizard.amount, 50)
        self.assertEqual(wizard.amount_waiting, 50 + 45)
        draft = self.env["account.move"].browse(wizard.action_invoice()["res_id"])
        self.assertEqual(draft.partner_id, self.customer)
        self.assertEqual(draft.invoice_line_ids.mapped("price_unit"), [10, 40])
        self.assertEqual(draft.invoice_line_ids.account_id, income)
        self.assertFalse(draft.invoice_line_ids.tax_ids)
        self.assertIn(invoice.name, draft.invoice_line_ids[0].name)
        self.assertIn("10 days", draft.invoice_line_ids[0].name)
        self.assertIn("36.5 %", draft.invoice_line_ids[0].name)
        claim = self.receivable.late_claim_ids
        self.assertEqual(
            (claim.move_id, claim.penalty, claim.recovery, claim.state),
            (invoice, 10, 40, "draft"),
        )
        with freeze_time(day("25 Nov")):
            rows = self.receivable._late_rows()
        self.assertEqual(
            [(row["penalty"], row["recovery"]) for row in rows], [(2, 0), (7, 40)]
        )

    def test_only_claimed_days_are_told(self):
        """The draft tells the days that it claims: not those without a rate, nor those
        that were invoiced before."""
        self.company.dso_late_basis = "statutory"
        rate = self.rate("1 Jan", "15 Nov", 36.5)
        self.invoice("13 Nov", 1000)
        moves = self.env["account.move"]
        draft = moves.browse(self.wizard().action_invoice()["res_id"])
        self.assertEqual(draft.amount_total, 2)
        self.assertIn(
            "2 days from 11/14/2026 until 11/15/2026", draft.invoice_line_ids.name
        )
        self.rate("16 Nov", "31 Dec", 73, margin=8)
        draft = moves.browse(self.wizard().action_invoice()["res_id"])
        self.assertEqual(draft.amount_total, 16)
        self.assertIn(
            "8 days from 11/16/2026 until 11/23/2026 at 73 %",
            draft.invoice_line_ids.name,
        )
        self.assertEqual(rate.rate, 36.5)

    def test_given_back(self):
        """A draft that is deleted or cancelled, or an invoice that is reversed, gives
        its claim back."""
        invoice = self.invoice("13 Nov", 1000)
        drafts = []
        for _round in range(2):
            action = self.wizard().action_invoice()
            drafts.append(self.env["account.move"].browse(action["res_id"]))
            self.assertEqual(self.late_of(invoice), [(0.0, 0.0, 10)])
            if len(drafts) == 1:
                drafts[0].unlink()
            else:
                drafts[1].button_cancel()
            self.assertEqual(self.late_of(invoice), [(10.0, 40.0, 10)])
        self.assertEqual(
            set(self.receivable.late_claim_ids.mapped("state")), {"given_back"}
        )

    def test_deleted_line_is_given_back(self):
        """What is taken out of the draft can be claimed again, the rest cannot."""
        invoice = self.invoice("13 Nov", 1000)
        other = self.invoice("18 Nov", 1000)
        wizard = self.wizard()
        wizard.line_ids.selected = True
        draft = self.env["account.move"].browse(wizard.action_invoice()["res_id"])
        self.assertEqual(draft.invoice_line_ids.mapped("price_unit"), [10, 40, 5, 40])
        draft.invoice_line_ids[1:3].unlink()
        self.env.invalidate_all()
        self.assertEqual(self.late_of(invoice), [(0.0, 40.0, 10)])
        self.assertEqual(self.late_of(other), [(5.0, 0.0, 5)])
        claims = self.receivable.late_claim_ids
        self.assertEqual(claims.mapped("state"), ["draft", "draft"])
        draft.invoice_line_ids.unlink()
        self.assertEqual(self.late_of(invoice), [(10.0, 40.0, 10)])
        self.assertEqual(claims.mapped("state"), ["given_back", "given_back"])

    def test_waived(self):
        """A waiver needs a reason and counts for good; what accrues later does not."""
        invoice = self.invoice("13 Nov", 1000)
        wizard = self.wizard()
        with self.assertRaisesRegex(UserError, "reason"):
            wizard.action_waive()
        wizard.reason = "Good customer"
        wizard.action_waive()
        self.assertEqual(self.late_of(invoice), [(0.0, 0.0, 10)])
        claim = self.receivable.late_claim_ids
        self.assertEqual((claim.state, claim.reason), ("waived", "Good customer"))
        with freeze_time(day("24 Nov")):
            (row,) = self.receivable._late_rows()
        self.assertEqual((row["penalty"], row["recovery"]), (1, 0))

    def test_no_interest_on_late_costs(self):
        """An invoice of late costs bears none itself."""
        self.invoice("13 Nov", 1000)
        draft = self.env["account.move"].browse(
            self.wizard().action_invoice()["res_id"]
        )
        draft.write({"invoice_date": TODAY, "invoice_date_due": TODAY})
        draft.action_post()
        with freeze_time(date(2027, 1, 31)):
            moves = [row["move_id"] for row in self.receivable._late_rows()]
        self.assertNotIn(draft.id, moves)

    def test_branches(self):
        """Items of a branch are invoiced by the branch."""
        self.company.write({"child_ids": [Command.create({"name": "Branch"})]})
        self.env.cr.precommit.run()  # load the chart of accounts
        branch = self.company.child_ids
        self.env.user.company_ids |= branch
        journal = self.env["account.journal"].create(
            {
                "name": "Sales of the branch",
                "code": "BRA",
                "type": "sale",
                "company_id": branch.id,
                "default_account_id": self.company_data["default_account_revenue"].id,
            }
        )
        invoice = self.invoice(
            "13 Nov", 1000, company_id=branch.id, journal_id=journal.id
        )
        self.assertEqual(self.late_of(invoice), [(10.0, 40.0, 10)])
        draft = self.env["account.move"].browse(
            self.wizard().action_invoice()["res_id"]
        )
        self.assertEqual(draft.company_id, branch)

    def test_claims_follow_their_items(self):
        """When customers are merged, or a contact moves to another entity, what was
        claimed goes with the items: it is not claimed again."""
        invoice = self.invoice("13 Nov", 1000)
        wizard = self.wizard()
        wizard.reason = "Goodwill"
        wizard.action_waive()
        heir = self._customer("Heir")
        target = self.account(heir)
        target.write({"penalties": True, "recovery": True})
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (self.customer | heir).ids, heir
        )
        rows = target._late_rows(TODAY)
        self.assertEqual(
            [(row["move_id"], row["penalty"], row["recovery"]) for row in rows],
            [(invoice.id, 0.0, 0.0)],
        )
        self.assertEqual(target.late_claim_ids.move_id, invoice)

    # -------------------------------------------------------------------------
    # RIGHTS, COST
    # -------------------------------------------------------------------------

    def make_user(self, login, *groups, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            login=login,
            groups=",".join(("base.group_user", *groups)),
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_rights(self):
        """Collectors see and waive; only who may make invoices in Odoo makes one;
        viewers and resolvers are refused."""
        self.invoice("13 Nov", 1000)
        viewer = self.make_user("late_viewer", "dso_collection.group_resolver")
        collector = self.make_user("late_collector", "dso_collection.group_collector")
        billing = self.make_user(
            "late_billing",
            "dso_collection.group_collector",
            "account.group_account_invoice",
        )
        self.assertEqual(self.receivable.with_user(viewer).late_claimable, 50)
        with self.assertRaises(AccessError):
            self.receivable.with_user(viewer).action_dso_invoice_late_costs()
        with self.assertRaises(AccessError):
            self.env["dso.late.invoice"].with_user(viewer).create(
                {"account_id": self.receivable.id}
            )
        wizards = {}
        for user in (collector, billing):
            account = self.receivable.with_user(user)
            action = account.action_dso_invoice_late_costs()
            wizards[user] = (
                self.env["dso.late.invoice"]
                .with_user(user)
                .with_context(**action["context"])
                .create({})
            )
        self.assertFalse(wizards[collector].can_invoice)
        with self.assertRaises(AccessError):
            wizards[collector].action_invoice()
        self.assertTrue(wizards[billing].can_invoice)
        self.assertTrue(wizards[billing].action_invoice()["res_id"])
        with self.assertRaises(AccessError):
            self.receivable.late_claim_ids.with_user(billing).write({"penalty": 0})

    def test_other_company(self):
        """Claims and rates of another company are neither seen nor reached."""
        self.invoice("13 Nov", 1000)
        rate = self.rate()
        self.wizard().action_invoice()
        claim = self.receivable.late_claim_ids
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.make_user(
            "late_stranger", "dso_collection.group_manager", company=other
        )
        for record in (rate, claim):
            self.assertFalse(
                record.with_user(stranger).search([("id", "=", record.id)])
            )
            with self.assertRaises(AccessError):
                record.with_user(stranger).read(["company_id"])
        wizard = (
            self.env["dso.late.invoice"]
            .with_user(stranger)
            .create({"account_id": self.receivable.id})
        )
        for button in ("action_invoice", "action_waive"):
            wizard.reason = "?"
            with self.assertRaises(AccessError):
                getattr(wizard, button)()
        with self.assertRaises(AccessError):
            self.receivable.with_user(stranger).action_dso_invoice_late_costs()

    def test_private(self):
        """What takes a date cannot be called from outside."""
        for name in ("_late_costs", "_late_rows"):
            self.assertTrue(
                name.startswith("_")
                or getattr(type(self.receivable), name)._api_private
            )

    def test_queries(self):
        """A constant number of queries, whatever the number of accounts and items."""
        accounts = self.receivable
        self.company.dso_late_basis = "statutory"
        self.rate(rate=36.5, compensation=40, currency_id=self.eur.id)
        self.invoice("3 Nov", 100)
        counts = []
        for size in (1, 12):
            while len(accounts) < size:
                customer = self._customer(f"C{len(accounts)}")
                account = self.account(customer)
                account.write({"penalties": True, "recovery": True})
                invoice = self.invoice("3 Nov", 100, partner=customer)
                self.pay(invoice, 10, on=day("10 Nov"))
                accounts |= account
            for _again in range(2):  # rules, external ids and the like are read once
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                rows = accounts._late_rows()
                count = self.env.cr.sql_log_count - before
            counts.append(count)
            self.assertEqual(len(rows), size)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 16)
