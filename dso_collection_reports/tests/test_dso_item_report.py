"""The item status report agrees with the ledger, and its rate with rules.md R1."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.dso_collection.tests.common import TODAY, DsoCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestDsoItemReport(DsoCommon):
    def rows(self, domain=(), partner=None):
        return self.env["dso.item.report"].search(
            [("partner_id", "=", (partner or self.customer).id), *domain]
        )

    def row(self, move):
        return self.rows([("move_id", "=", move.id)]).ensure_one()

    def rate(self, status_type=None, domain=()):
        return self.env["dso.item.report"].qualification_rate(
            [("partner_id", "=", self.customer.id), *domain], status_type
        )

    # -------------------------------------------------------------------------
    # ROWS
    # -------------------------------------------------------------------------

    def test_row_of_each_kind(self):
        """One row per open item, of each kind, with what is open of it."""
        invoice = self.invoice("1 Nov", 1000)
        self.pay(invoice, 400)
        note = self.credit_note(150)
        payment = self.unallocated(80)
        self.assertRecordValues(
            self.rows().sorted("residual"),
            [
                {"move_id": note.id, "kind": "credit_note", "residual": -150},
                {"move_id": payment.move_id.id, "kind": "payment", "residual": -80},
                {"move_id": invoice.id, "kind": "invoice", "residual": 600},
            ],
        )
        self.assertEqual(self.row(invoice).debit, 600)
        self.assertEqual(self.row(note).credit, -150)
        self.assertEqual(self.row(note).overdue, -150)

    def test_case_24_blocked_items_are_flagged(self):
        """Case 24: what accounting blocks counts in the figures, and is flagged."""
        open_item, left_out, held = (self.invoice("1 Nov", 1000) for _item in range(3))
        self.receivables(left_out).no_followup = True
        held.action_toggle_block_payment()
        self.env.flush_all()
        self.assertEqual(
            [self.row(move).blocked for move in (open_item, left_out, held)],
            [False, True, True],
        )
        self.assertEqual(self.rows([("blocked", "=", True)]).move_id, left_out | held)
        self.assertEqual(sum(self.rows().mapped("overdue")), 3000)

    def test_groups_in_their_order(self):
        """Ages and statuses follow each other on screens as they are declared."""
        self.company.dso_ageing_days = "30, 60, 120"
        for late in (-5, 20, 40, 100, 130):
            self.invoice(TODAY - timedelta(days=late))
        for status in ("litigation", "dispute", "promise_to_pay"):
            self.invoice("1 Nov").dso_qualify(
                self.status(status), "", promise_date=TODAY
            )
        self.env.flush_all()
        report = self.env["dso.item.report"]
        domain = [("partner_id", "=", self.customer.id)]
        expected = {
            "bucket": ["not_due", "1_30", "31_60", "61_120", "over_120"],
            "status_type": ["none", "promise_to_pay", "dispute", "litigation"],
        }
        for name, keys in expected.items():
            groups = report.formatted_read_group(domain, [name], ["residual:sum"])
            self.assertEqual([group[name] for group in groups], keys)
            _all, groups, _both = report.formatted_read_grouping_sets(
                domain, [[], [name], [name, "partner_id"]], ["residual:sum"]
            )
            self.assertEqual([group[name] for group in groups], keys)
            found = report.web_read_group(
                domain, [name], ["residual:sum"], order=f"{name} desc"
            )
            self.assertEqual([group[name] for group in found["groups"]], keys[::-1])

    def test_buckets_of_items(self):
        """An item due today is not late; 30 days late is the last day of 1-30."""
        for late, bucket in (
            (-1, "not_due"),
            (0, "not_due"),
            (1, "1_30"),
            (30, "1_30"),
            (31, "31_60"),
            (60, "31_60"),
            (61, "61_90"),
            (90, "61_90"),
            (91, "over_90"),
        ):
            row = self.row(self.invoice(TODAY - timedelta(days=late)))
            self.assertEqual((row.bucket, row.days_late), (bucket, late))
            self.assertEqual(row.overdue, 1000 if late > 0 else 0)

    def test_today_of_the_company(self):
        """The day begins in the company's time zone."""
        row = self.row(self.invoice(TODAY))
        self.assertEqual(row.days_late, 0)
        with freeze_time(f"{TODAY} 12:00:00"):
            self.company.dso_tz = "Pacific/Kiritimati"  # already tomorrow
            row.invalidate_recordset()
            self.assertEqual((row.days_late, row.bucket), (1, "1_30"))

    def test_instalments(self):
        """The earliest open instalment gives the due date; only what is late of the
        item is overdue."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 60)
                ],
            }
        )
        move = self.invoice(
            "1 Nov", 1000, issued="1 Nov", invoice_payment_term_id=term.id
        )
        row = self.row(move)
        self.assertEqual(row.due, fields.Date.to_date("2026-11-01"))
        self.assertEqual((row.residual, row.overdue), (1000, 500))
        self.pay(move, 500)
        row.invalidate_recordset()
        row = self.row(move)
        self.assertEqual(row.due, fields.Date.to_date("2026-12-31"))
        self.assertEqual((row.residual, row.overdue, row.bucket), (500, 0, "not_due"))

    def test_contacts_are_their_customer(self):
        """Items on a contact are the customer's; settled ones are no longer there."""
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id, "type": "other"}
        )
        move = self.invoice("1 Nov", partner=contact)
        move.line_ids.partner_id = contact
        account = self.account()
        self.assertEqual(self.row(move).partner_id, self.customer)
        self.assertEqual(self.row(move).account_id, account)
        self.pay(move)
        self.assertFalse(self.rows())

    def test_agrees_with_the_ledger(self):
        """Residuals and overdue sum up to the journal items', and to the accounts'."""
        other = self._customer("Other")
        foreign = self.setup_other_currency("EUR")
        self.pay(self.invoice("1 Oct", 1000), 300)
        self.invoice("10 Dec", 500)
        self.invoice("20 Aug", 700, currency_id=foreign.id)
        self.credit_note(90)
        self.invoice("5 Nov", 250, partner=other)
        self.unallocated(60, partner=other)
        self.env.cr.flush()
        lines = self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company.id),
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "=", "asset_receivable"),
                ("account_id.non_trade", "=", False),
                ("partner_id", "!=", False),
                ("reconciled", "=", False),
            ]
        )
        report = self.env["dso.item.report"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertAlmostEqual(
            sum(report.mapped("residual")), sum(lines.mapped("amount_residual"))
        )
        self.assertAlmostEqual(
            sum(report.mapped("overdue")),
            sum(
                lines.filtered(lambda line: line.date_maturity < TODAY).mapped(
                    "amount_residual"
                )
            ),
        )
        self.assertEqual(report.move_id, lines.move_id)
        for partner in (self.customer, other):
            account = self.evaluate(account=self.account(partner))
            rows = self.rows(partner=partner)
            self.assertAlmostEqual(sum(rows.mapped("residual")), account.amount_total)
            self.assertAlmostEqual(
                sum(rows.mapped("overdue_debit")), account.amount_overdue
            )
            self.assertAlmostEqual(sum(rows.mapped("credit")), account.amount_credit)

    # -------------------------------------------------------------------------
    # R1
    # -------------------------------------------------------------------------

    def _r1(self):
        promised = self.invoice("1 Nov", 1000)
        disputed = self.invoice("2 Nov", 3000)
        going_on = self.invoice("3 Nov", 500)
        self.unqualified = self.invoice("4 Nov", 500)
        self.credit_note(400)
        later = self.invoice("20 Dec", 9000, issued="1 Nov")
        promise = self.status("promise_to_pay")
        (promised | later).dso_qualify(promise, "", promise_date=TODAY)
        disputed.dso_qualify(self.status("dispute"), "")
        going_on.dso_qualify(self.status("on_going"), "")

    def test_r1_qualification_rate(self):
        """R1: 4 500 of 5 000 overdue are qualified: 90 %, debit items only."""
        self._r1()
        self.assertAlmostEqual(self.rate(), 0.9)
        self.assertAlmostEqual(self.rate("promise_to_pay"), 0.2)
        self.assertAlmostEqual(self.rate("dispute"), 0.6)
        self.assertAlmostEqual(self.rate("on_going"), 0.1)
        self.assertAlmostEqual(self.rate("none"), 0.1)
        self.assertEqual(self.rate("litigation"), 0)

    def test_r1_none_is_one_item_of_500(self):
        """R1: [None] = 500, one item: the filter of the screen."""
        self._r1()
        rows = self.rows([("status_type", "=", "none"), ("overdue_debit", ">", 0)])
        self.assertEqual(rows.move_id, self.unqualified)
        self.assertEqual(rows.overdue, 500)

    def test_r1_on_the_screen(self):
        """R1: the rate of a group is the ratio of its sums, as pivot and list show."""
        self._r1()
        ((rate, overdue),) = self.env["dso.item.report"]._read_group(
            [("partner_id", "=", self.customer.id)],
            [],
            ["rate:avg", "overdue:sum"],
        )
        self.assertAlmostEqual(rate, 0.9)
        self.assertAlmostEqual(overdue, 4600)  # tables show signed amounts
        groups = self.env["dso.item.report"].formatted_read_group(
            [("partner_id", "=", self.customer.id)], ["kind"], ["rate:avg"]
        )
        self.assertEqual(
            {group["kind"] for group in groups}, {"invoice", "credit_note"}
        )

    def test_r1_no_overdue_no_rate(self):
        """R1: nothing overdue: no rate, not 0 %."""
        self.invoice("20 Dec", 100, issued="1 Nov")
        self.assertIsNone(self.rate())
        ((rate,),) = self.env["dso.item.report"]._read_group(
            [("partner_id", "=", self.customer.id)], [], ["rate:avg"]
        )
        self.assertIs(rate, False)

    def test_by_any_customer_field(self):
        """Customers are told apart by fields of theirs that the report has no column
        for, on screens and in tables; by one that an administrator adds, too."""
        terms = self.env["account.payment.term"].create({"name": "Net 45"})
        tags = self.env["res.partner.category"].create([{"name": "A"}, {"name": "B"}])
        self.customer.write(
            {
                "city": "Lyon",
                "property_payment_term_id": terms.id,
                "category_id": [Command.set(tags.ids)],
            }
        )
        self.invoice("1 Nov", 1000, partner=self.customer)
        self.invoice("1 Nov", 70, partner=self._customer("Other"))
        self.env["ir.model.fields"].create(
            {
                "name": "x_ref",
                "field_description": "Number",
                "model_id": self.env["ir.model"]._get_id("dso.item.report"),
                "ttype": "char",
                "related": "partner_id.ref",
                "store": False,
            }
        )
        self.customer.ref = "C-7"
        self.env.flush_all()
        report = self.env["dso.item.report"]
        for name, value in (
            ("city", "Lyon"),
            ("payment_term_id", terms),
            ("category_ids", tags[0]),
            ("x_ref", "C-7"),
        ):
            self.assertTrue(report.fields_get([name])[name]["groupable"], name)
            found = dict(report._read_group([], [name], ["overdue:sum"]))
            self.assertEqual(found[value], 1000)
        table = report._report_table({"group_by": ["city", "x_ref"]})
        rows = [
            (row["level"], row["values"]["label"], row["values"]["overdue"])
            for row in table["rows"]
        ]
        self.assertEqual(rows[:2], [(0, "Lyon", 1000), (1, "C-7", 1000)])

    def test_none_is_one_click_from_being_qualified(self):
        """[None]: its button opens the qualification with exactly these items ticked,
        whatever day the report is of; a viewer may not."""
        self._r1()
        for context in ({}, {"dso_as_of": "2026-11-20"}, {"dso_trend": "month"}):
            Report = self.env["dso.item.report"].with_context(**context)
            rows = Report.search(
                [
                    ("partner_id", "=", self.customer.id),
                    ("move_id", "=", self.unqualified.id),
                ]
            )
            action = rows.action_qualify()
            wizard = self.env[action["res_model"]].with_context(**action["context"])
            proposed = wizard.default_get(["item_ids"])["item_ids"]
            ticked = {
                values["move_id"]
                for command, _id, values in proposed
                if command == Command.CREATE and values["selected"]
            }
            self.assertEqual(ticked, set(self.unqualified.ids))
        viewer = new_test_user(
            self.env,
            "qualifying_viewer",
            "base.group_user,dso_collection.group_viewer",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.row(self.unqualified).with_user(viewer).action_qualify()

    # -------------------------------------------------------------------------
    # WHO SEES WHAT
    # -------------------------------------------------------------------------

    def test_access(self):
        """Viewers read; other employees don't; nobody writes."""
        move = self.invoice("1 Nov")
        viewer = new_test_user(
            self.env,
            "report_viewer",
            "base.group_user,dso_collection.group_viewer",
            company_id=self.company.id,
        )
        employee = new_test_user(
            self.env,
            "report_employee",
            "base.group_user",
            company_id=self.company.id,
        )
        row = self.row(move)
        self.assertEqual(row.with_user(viewer).read(["residual"])[0]["residual"], 1000)
        self.assertEqual(row.with_user(viewer).action_open_item()["res_id"], move.id)
        with self.assertRaises(AccessError):
            row.with_user(employee).read(["residual"])
        with self.assertRaises(AccessError):
            self.env["dso.item.report"].with_user(employee).qualification_rate()
        with self.assertRaises(AccessError):
            row.check_access("write")

    def test_multi_company(self):
        """Each company's items, of the companies that are switched on only."""
        mine = self.invoice("1 Nov", 1000)
        data = self.setup_other_company()
        company = data["company"]
        theirs = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "company_id": company.id,
                    "invoice_date": "2026-10-01",
                    "invoice_date_due": "2026-11-01",
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Goods", "price_unit": 70, "tax_ids": []}
                        )
                    ],
                }
            )
        )
        theirs.action_post()
        Report = self.env["dso.item.report"].with_user(self.env.user)
        domain = [("partner_id", "=", self.customer.id)]
        one = Report.with_context(allowed_company_ids=self.company.ids)
        both = Report.with_context(allowed_company_ids=(self.company + company).ids)
        self.assertEqual(one.search(domain).move_id, mine)
        self.assertEqual(both.search(domain).move_id, mine | theirs)
        row = both.search([*domain, ("company_id", "=", company.id)])
        self.assertEqual(row.currency_id, company.currency_id)
