"""Cash forecast and payment schedule (rules.md R4, R5)."""

from odoo.tests import freeze_time, tagged

from odoo.addons.dso_collection.tests.common import TODAY, day

from .report_case import ReportCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestForecastReport(ReportCase):
    report = "dso.forecast.report"

    def setUp(self):
        super().setUp()
        self.price = self.status("dispute", delay=2)

    def row(self, move, when=None):
        return self.rows(when, [("move_id", "=", move.id)]).ensure_one()

    def _history(self):
        """The customer pays 10 days late; price disputes took 14 days."""
        self.settled("1 Nov", 1000, 10)
        other = self._customer("Other")
        move = self.invoice("1 Oct", 300, partner=other)
        move.dso_qualify(self.price, "", status_date=day("1 Nov"))
        move.dso_qualify(self.status("dispute_resolved"), "", status_date=day("15 Nov"))
        self.behave()

    def behave(self, *partners):
        """The nightly job has looked at how these customers pay."""
        for partner in partners or (self.customer,):
            self.account(partner)
        self.env["dso.account"]._refresh_behaviour()

    def test_r4_expected_days(self):
        """R4: dispute of 10 Nov: 4 Dec; plain of 10 Nov: 20 Nov, off forecast; promise
        for 27 Nov: 27 Nov; litigation: no day."""
        self._history()
        disputed, plain, promised, court = (
            self.invoice("10 Nov", 100) for _number in range(4)
        )
        disputed.dso_qualify(self.price, "")
        promised.dso_qualify(
            self.status("promise_to_pay"), "", promise_date=day("27 Nov")
        )
        court.dso_qualify(self.status("litigation"), "")
        for move, method, expected, state in (
            (disputed, "dispute", day("4 Dec"), "expected"),
            (plain, "delay", day("20 Nov"), "off"),
            (promised, "promise", day("27 Nov"), "expected"),
            (court, "litigation", False, "none"),
        ):
            row = self.row(move)
            self.assertEqual(
                (row.method, row.expected, row.state), (method, expected, state)
            )

    def test_expected_today_is_on_forecast(self):
        """Only a day that has passed is off forecast."""
        self.settled("1 Nov", 1000, 10)
        self.behave()
        self.assertEqual(self.row(self.invoice("13 Nov", 100)).state, "expected")
        self.assertEqual(self.row(self.invoice("12 Nov", 100)).state, "off")

    def test_without_history(self):
        """Who has not paid pays as the company's customers do; a cause without a
        resolved dispute takes the days of its status."""
        other = self._customer("Other")
        move = self.invoice("1 Nov", 100, partner=other, issued="1 Oct")
        self.pay(move, on=day("7 Nov"))
        self.behave(other, self.customer)
        averages = self.env["dso.account"].search(
            [("company_id", "=", self.company.id), ("average_delay_count", ">", 0)]
        )
        self.assertEqual(averages.partner_id, other)
        plain, disputed = (self.invoice("20 Nov", 100) for _number in range(2))
        disputed.dso_qualify(self.price, "")
        self.assertEqual(self.row(plain).expected, day("26 Nov"))
        self.assertEqual(self.row(disputed).expected, day("28 Nov"))

    def test_past_day_weighs_amounts(self):
        """Of a past day the delay is read off the ledger, weighted by amount."""
        self.settled("1 Oct", 9000, 10)
        self.settled("1 Oct", 1000, 0)
        move = self.invoice("10 Nov", 100, issued="1 Nov")
        self.assertEqual(self.row(move, "15 Nov").expected, day("19 Nov"))

    def test_sum_is_what_is_open(self):
        """Every open item is in the forecast once: the sum is that of the ledger."""
        self._history()
        self.invoice("10 Nov", 100)
        self.credit_note(30)
        self.unallocated(20)
        self.assertAlmostEqual(
            sum(self.source().search([]).mapped("amount")), self.open_sum()
        )
        credits = self.rows(domain=[("method", "=", "credit")])
        self.assertEqual(sum(credits.mapped("amount")), -50)
        self.assertEqual(set(credits.mapped("state")), {"none"})

    def test_the_assistant_s_day_beside_it(self):
        """What an assistant expects stands beside the rule, later instalments at the
        distance of their due dates; of a past day what is kept of it."""
        move = self.invoice("10 Nov", 100)
        entry = self.entry((self.customer, 60, "1 Dec"), (self.customer, 40, "11 Dec"))
        for which, expected in ((move, "25 Nov"), (entry, "3 Dec")):
            item = self.env["dso.item"]._of([(which.id, self.account().id)])
            item.sudo().write(  # as the assistant's nightly job does
                {"expected_date": day(expected), "expected_source": "customer"}
            )
        self.assertEqual(self.row(move).other, day("25 Nov"))
        rows = self.rows(domain=[("move_id", "=", entry.id)]).sorted("due")
        self.assertEqual(rows.mapped("other"), [day("3 Dec"), day("13 Dec")])
        self.assertEqual(set(rows.mapped("other_source")), {"customer"})
        self.assertFalse(self.row(move, "20 Nov").other)
        kept = [
            (move.id, self.account().id, day("27 Nov"), "customer"),
            (entry.id, self.account().id, day("4 Dec"), "segment"),
        ]
        self.env["dso.expectation"]._keep(day("20 Nov"), kept)
        self.assertEqual(self.row(move, "20 Nov").other, day("27 Nov"))
        self.assertEqual(self.row(move).other, day("25 Nov"))
        rows = self.rows("20 Nov", [("move_id", "=", entry.id)]).sorted("due")
        self.assertEqual(rows.mapped("other"), [day("4 Dec"), day("14 Dec")])
        self.assertEqual(set(rows.mapped("other_source")), {"segment"})

    def test_expectations_of_other_days(self):
        """What was expected on another day is not that of this one, nor counts the
        instalment twice."""
        move = self.invoice("10 Nov", 100, issued="1 Aug")
        account = self.account().id
        for of, expected in (("31 Aug", "25 Nov"), ("30 Sep", "30 Nov")):
            rows = [(move.id, account, day(expected), "customer")]
            self.env["dso.expectation"]._keep(day(of), rows)
        self.assertEqual(self.row(move, "31 Aug").other, day("25 Nov"))
        self.assertEqual(self.row(move, "30 Sep").other, day("30 Nov"))

    def checked(self, company=None):
        """What the forecast tells of itself after a night."""
        with self.enter_registry_test_mode():
            self.env.ref(
                "dso_collection_reports.ir_cron_forecast_check"
            ).method_direct_trigger()
        company = company or self.company
        return self.source(allowed_company_ids=company.ids).report_remarks()

    def test_back_test_beside_it(self):
        """The forecast tells how far off it was, and the assistant; nothing where
        nothing was expected; of each company when there are several."""
        other = self.setup_other_company(name="Empty")["company"]
        self.assertEqual(self.checked(), [])
        self.settled("1 Jul", 1000, 10)
        move = self.invoice("10 Sep", 600, issued="1 Aug")
        self.pay(move, on=day("18 Sep"))
        account = self.account().id
        (remark,) = self.checked()
        self.assertIn("2.0 days off on average, the due date alone 8.0.", remark)
        self.assertIn("08/31/2026", remark)
        rows = [(move.id, account, day("19 Sep"), "customer")]
        self.env["dso.expectation"]._keep(day("31 Aug"), rows)
        (remark,) = self.checked()
        self.assertIn("the assistant 1.0;", remark)
        self.assertIn("the assistant was 1.0 days nearer", remark)
        kept = self.env["dso.expectation"].search([]).sudo()  # read-only for all
        kept.expected_date = day("23 Sep")
        (remark,) = self.checked()
        self.assertIn("the forecast was 3.0 days nearer", remark)
        options = {"companies": self.company.ids, "domain": [("id", "=", 0)]}
        self.assertEqual(self.source()._report_table(options)["notes"], [remark])
        self.assertEqual(self.checked(other), [])
        self.assertEqual(
            self.checked(self.company | other), [f"{self.company.name}: {remark}"]
        )

    def test_past_day_does_not_change(self):
        """Case 47: neither a later payment nor a later dispute changes a past day."""
        self._history()
        paid, disputed = (
            self.invoice("10 Nov", amount, issued="1 Oct") for amount in (100, 200)
        )

        def read(when):
            return sorted(
                (row.move_id.id, row.expected, row.method, row.amount)
                for row in self.rows(when)
            )

        self.assertSameAfter(
            "16 Nov",
            read,
            lambda: self.pay(paid, on=day("20 Nov")),
            lambda: disputed.dso_qualify(self.price, ""),
        )


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestForecastError(ReportCase):
    report = "dso.forecast.error"

    def test_days_off(self):
        """Paid early, paid late, not paid: each by its days; weighted by amount. What
        is still to come says nothing."""
        self.settled("1 Jul", 1000, 10)  # the usual delay: 10 days
        early, late, unpaid = (
            self.invoice("10 Sep", amount, issued="1 Aug") for amount in (600, 300, 100)
        )
        self.invoice("20 Nov", 5000, issued="1 Aug")  # expected on 30 Nov
        promised = self.invoice("1 Aug", 200, issued="1 Jul")
        with freeze_time(day("20 Aug")):
            promised.dso_qualify(
                self.status("promise_to_pay"), "", promise_date=day("15 Sep")
            )
        self.account()
        self.pay(early, on=day("18 Sep"))  # two days before 20 Sep
        self.pay(late, on=day("26 Sep"))  # six days after
        self.pay(promised, on=day("15 Sep"))
        found = {
            row.move_id: (row.method, row.off_by) for row in self.rows() if row.counted
        }
        self.assertEqual(
            found,
            {
                early: ("delay", -2),
                late: ("delay", 6),
                unpaid: ("delay", (TODAY - day("20 Sep")).days),
                promised: ("promise", 0),
            },
        )
        amount, counted, error, due_error, bias = self.figures(
            "amount:sum", "counted:sum", "error:avg", "due_error:avg", "bias:avg"
        )
        self.assertEqual((amount, counted), (6200, 1200))
        self.assertAlmostEqual(error, (600 * 2 + 300 * 6 + 100 * 64) / 1200)
        self.assertAlmostEqual(bias, (-600 * 2 + 300 * 6 + 100 * 64) / 1200)
        self.assertAlmostEqual(
            due_error, (600 * 8 + 300 * 16 + 100 * 74 + 200 * 45) / 1200
        )

    def test_the_assistant_s_error(self):
        """What the assistant expected is measured as the rule is, where it knew a day;
        the gain is told of those alone that both speak of."""
        self.settled("1 Jul", 1000, 10)  # the usual delay: 10 days
        early, late, unpaid, unknown = (
            self.invoice("10 Sep", amount, issued="1 Aug")
            for amount in (600, 300, 100, 1000)
        )
        self.pay(early, on=day("18 Sep"))
        self.pay(late, on=day("26 Sep"))
        self.pay(unknown, on=day("20 Sep"))
        account = self.account().id
        self.env["dso.expectation"]._keep(
            day("31 Aug"),
            [
                (early.id, account, day("19 Sep"), "customer"),  # one day, not two
                (late.id, account, day("16 Sep"), "customer"),  # ten days, not six
                (unpaid.id, account, day("30 Nov"), "customer"),  # still to come
            ],
        )
        found = {row.move_id: (row.off_by, row.other_off_by) for row in self.rows()}
        self.assertEqual(found[early], (-2, -1))
        self.assertEqual(found[late], (6, 10))
        self.assertEqual(found[unpaid], ((TODAY - day("20 Sep")).days, 0))
        self.assertEqual(found[unknown], (0, 0))
        error, other_error, gain = self.figures(
            "error:avg", "other_error:avg", "gain:avg"
        )
        self.assertAlmostEqual(error, (600 * 2 + 300 * 6 + 100 * 64) / 2000)
        self.assertAlmostEqual(other_error, (600 * 1 + 300 * 10) / 900)
        self.assertAlmostEqual(gain, (600 * 1 - 300 * 4) / 900)
        values = self.source()._report_table()["totals"]
        self.assertAlmostEqual(values["gain"], gain)

    def test_credit_notes_pay_nothing(self):
        """What a credit note settled since was neither late nor in time: it is not
        measured; nor is what one settled the rest of. A receivable of a general entry
        is measured as an invoice is."""
        self.settled("1 Jul", 1000, 10)
        whole, part = (self.invoice("10 Sep", 300, issued="1 Aug") for _n in range(2))
        self.pay(part, 100, on=day("20 Aug"))
        for move, amount in ((whole, 300), (part, 200)):
            note = self.credit_note(amount, issued="5 Oct")
            (self.receivables(move) | self.receivables(note)).reconcile()
        entry = self.entry((self.customer, 60, "10 Sep"), on="1 Aug")
        payment = self.unallocated(60, on="22 Sep")
        (self.receivables(entry) | self.receivables(payment.move_id)).reconcile()
        self.account()
        found = {
            row.move_id: (row.paid, row.off_by, row.counted)
            for row in self.rows()
            if row.move_id in whole | part | entry
        }
        self.assertEqual(
            found,
            {
                whole: (False, 0, 0),
                part: (False, 0, 0),
                entry: (day("22 Sep"), 2, 60),
            },
        )

    def test_without_an_assistant(self):
        """Where nobody but the rule expected anything there is nothing to compare."""
        self.settled("1 Jul", 1000, 10)
        self.pay(self.invoice("10 Sep", 600, issued="1 Aug"), on=day("18 Sep"))
        self.account()
        self.assertEqual(
            self.figures("error:avg", "other_error:avg", "gain:avg"), (2, False, False)
        )

    def test_which_day(self):
        """Without another day: the end of the month three months ago; a table says
        so."""
        self.invoice("10 Sep", 100, issued="1 Aug")
        self.invoice("20 Sep", 100, issued="5 Sep")
        self.assertEqual(len(self.rows()), 1)
        self.assertEqual(self.rows().day, day("31 Aug"))
        self.assertEqual(len(self.rows("6 Sep")), 2)
        self.assertEqual(self.source()._report_table()["as_of"], day("31 Aug"))
        for when, words in ((None, "08/31/2026"), ("2026-09-06", "09/06/2026")):
            (remark,) = self.source().report_remarks(when)
            self.assertIn(words, remark)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestScheduleReport(ReportCase):
    report = "dso.schedule.report"

    def test_r5_efficiency(self):
        """R5: 98 k overdue and 26 k due this month: 124 k; 62 k collected: 50 %."""
        overdue = self.invoice("20 Oct", 98000, issued="1 Oct")
        self.invoice("15 Nov", 26000, issued="20 Oct")
        self.invoice("10 Jan 2027", 5000, issued="20 Oct")
        self.pay(overdue, 62000, on=day("10 Nov"))
        collectable, remains, efficiency = self.figures(
            "collectable:sum", "remains:sum", "efficiency:avg"
        )
        self.assertEqual((collectable, remains), (124000, 67000))
        self.assertAlmostEqual(efficiency, 0.5)
        table = self.source()._report_table(
            {"domain": [("partner_id", "=", self.customer.id)]}
        )
        self.assertAlmostEqual(table["totals"]["efficiency"], 0.5)
        self.assertEqual(
            [
                (row.bucket, row.to_collect, row.collected, row.remains)
                for row in self.rows()
            ],
            [
                ("1_overdue", 98000, 62000, 36000),
                ("2_month", 26000, 0, 26000),
                ("4_m2", 5000, 0, 5000),
            ],
        )

    def test_buckets(self):
        """Due by months: the month begins on its first and ends on its last day."""
        for due, bucket in (
            ("31 Oct", "1_overdue"),
            ("1 Nov", "2_month"),
            ("30 Nov", "2_month"),
            ("1 Dec", "3_m1"),
            ("1 Jan 2027", "4_m2"),
            ("28 Feb 2027", "5_m3"),
            ("1 Mar 2027", "9_later"),
        ):
            move = self.invoice(due, 100, issued="1 Oct")
            row = self.rows(domain=[("move_id", "=", move.id)])
            self.assertEqual(row.bucket, bucket)

    def test_new_invoices_and_credit_notes(self):
        """An invoice of this month counts; what a credit note takes off was never to
        be collected, and is not collected either."""
        move = self.invoice("20 Nov", 1000, issued="5 Nov")
        note = self.credit_note(300, issued="6 Nov")
        (self.receivables(move) | self.receivables(note)).reconcile()
        self.pay(move, 400, on=day("21 Nov"))
        (row,) = self.rows()
        self.assertEqual((row.to_collect, row.collected, row.remains), (700, 400, 300))

    def test_refund_collects_nothing(self):
        """What a customer paid too much and got back is no cash collected."""
        paid = self.unallocated(80, on="5 Nov").move_id
        refund = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 80,
                "date": day("10 Nov"),
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        refund.action_post()
        (self.receivables(paid) | self.receivables(refund.move_id)).reconcile()
        self.assertFalse(self.rows())

    def test_settled_within_the_month(self):
        """What came in and went out within the month is still told."""
        move = self.invoice("20 Nov", 1000, issued="5 Nov")
        self.pay(move, on=day("21 Nov"))
        (row,) = self.rows()
        self.assertEqual((row.to_collect, row.collected, row.remains), (1000, 1000, 0))

    def test_remains_is_what_is_open(self):
        """The sum of what remains is that of the ledger, credits included."""
        self.pay(self.invoice("20 Oct", 500, issued="1 Oct"), 200, on=day("10 Nov"))
        self.credit_note(80)
        self.unallocated(30)
        for when in (None, "31 Oct", "9 Nov"):
            self.assertAlmostEqual(
                sum(self.source(when).search([]).mapped("remains")), self.open_sum(when)
            )

    def test_past_day_does_not_change(self):
        """Case 47: the schedule of October stays as it was."""
        move = self.invoice("20 Oct", 500, issued="1 Sep")
        self.pay(move, 200, on=day("25 Oct"))

        def read(when):
            return [(r.to_collect, r.collected, r.remains) for r in self.rows(when)]

        self.assertEqual(read("31 Oct"), [(500, 200, 300)])
        self.assertSameAfter(
            "31 Oct",
            read,
            lambda: self.pay(move, 300, on=day("5 Nov")),
            lambda: self.invoice("20 Oct", 70, partner=self._customer("Other")),
        )
