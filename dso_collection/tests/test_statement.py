"""The account statement: what it lists, what it adds up to, who sees what."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY, DsoCommon, day


class StatementCase(DsoCommon):
    def setUp(self):
        super().setUp()
        today = freeze_time(str(TODAY))
        today.__enter__()
        self.addCleanup(today.__exit__, None, None, None)

    def rows(self, account=None):
        """Statement rows as {(number, due): row}."""
        account = account or self.account()
        return {(r["name"], r["due"]): r for r in account._statement(TODAY)}

    def row(self, move, account=None):
        rows = [
            r
            for r in (account or self.account())._statement(TODAY)
            if r["move_id"] == move.id
        ]
        self.assertEqual(len(rows), 1)
        return rows[0]

    def open_lines(self, account=None):
        account = account or self.account()
        return self.env["account.move.line"].search(account._open_items_domain())

    def two_halves(self, first, second, amount=1000.0):
        """An invoice in two equal instalments."""
        first, second = day(first), day(second)
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 0}
                    ),
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": 50,
                            "nb_days": (second - first).days,
                        }
                    ),
                ],
            }
        )
        return self.invoice(
            first, amount, issued=first, invoice_payment_term_id=term.id
        )


@tagged("post_install", "-at_install")
class TestStatement(StatementCase):
    def test_agrees_with_the_ledger(self):
        """§6: totals per currency are the residuals of the open lines, those in
        company currency what the evaluation found."""
        other = self.setup_other_currency("GBP", rates=[("2020-01-01", 0.5)])
        self.invoice("10 Nov", 1000.0)
        self.invoice("10 Dec", 250.0)
        self.invoice("12 Nov", 300.0, currency_id=other.id)
        self.pay(self.invoice("14 Nov", 900.0), 400.0)
        self.two_halves("1 Nov", "1 Dec", 600.0)
        self.credit_note(120.0)
        self.unallocated(75.5)
        disputed = self.invoice("15 Nov", 500.0)
        disputed.dso_qualify(self.status("dispute"), "Price", disputed_amount=200)
        promised = self.invoice("16 Nov", 350.0)
        promised.dso_qualify(
            self.status("promise_to_pay"), "Call", promise_date=day("27 Nov")
        )
        account = self.evaluate()

        statement = account.get_statement()

        lines = self.open_lines()
        self.assertEqual({r["line_id"] for r in statement["rows"]}, set(lines.ids))
        totals = statement["totals"]
        for own in totals["currencies"]:
            mine = lines.filtered(
                lambda line, c=own["currency_id"]: line.currency_id.id == c
            )
            self.assertAlmostEqual(
                own["total"], sum(mine.mapped("amount_residual_currency")), 2
            )
            self.assertAlmostEqual(
                own["total"], own["overdue"] + own["not_due"] + own["credits"], 2
            )
        self.assertEqual(len(totals["currencies"]), 2)
        self.assertAlmostEqual(totals["total"], sum(lines.mapped("amount_residual")), 2)
        for name, field in (
            ("total", "amount_total"),
            ("overdue", "amount_overdue"),
            ("not_due", "amount_not_due"),
            ("credits", "amount_credit"),
            ("disputed", "amount_disputed"),
            ("promised", "amount_promised"),
        ):
            self.assertAlmostEqual(totals[name], account[field], 2, name)

    def test_groups_agree_with_the_texts(self):
        """§12: the headings of the statement hold what an e-mail lists under them."""
        self.invoice("10 Nov", 1000.0)
        self.two_halves("1 Nov", "1 Dec", 600.0)
        self.credit_note(120.0)
        whole, part = self.invoice("15 Nov", 500.0), self.invoice("16 Nov", 500.0)
        whole.dso_qualify(self.status("dispute"), "Price")
        part.dso_qualify(self.status("dispute"), "Part", disputed_amount=200)
        litigation = self.invoice("2 Nov", 80.0)
        litigation.dso_qualify(self.status("litigation"), "Court")
        ignored = self.invoice("3 Nov", 70.0)
        ignored.dso_ignored = True
        blocked = self.invoice("4 Nov", 60.0)
        self.receivables(blocked).no_followup = True
        paying = self.invoice("5 Nov", 50.0)
        self.transaction(paying, 50.0)
        account = self.evaluate()
        headings = account.proposal_id._open_items_by_heading()
        rows = account._statement(TODAY)
        for key in ("claimed", "arranged", "paying", "disputed", "credits"):
            listed = sum(item["company"] for item in headings[key])
            mine = sum(
                r["disputed_company"]
                if key == "disputed"
                else r["company_amount"] - r["disputed_company"]
                for r in rows
                if (r["group"] == key or (key == "disputed" and r["disputed_company"]))
            )
            self.assertAlmostEqual(mine, listed, 2, key)
        by_move = {r["move_id"]: r for r in rows}
        self.assertEqual(by_move[litigation.id]["group"], "litigation")
        self.assertEqual(by_move[ignored.id]["group"], "ignored")
        self.assertEqual(by_move[blocked.id]["group"], "ignored")
        self.assertTrue(by_move[blocked.id]["blocked"])
        self.assertEqual(by_move[paying.id]["group"], "paying")

    def test_case_22_instalments_unfolded(self):
        """Peers 22: of two instalments only the first is late, and each is a row."""
        invoice = self.two_halves("1 Nov", "1 Dec")
        rows = self.rows()
        first = rows[invoice.name, day("1 Nov")]
        second = rows[invoice.name, day("1 Dec")]
        self.assertEqual((first["amount"], first["days_late"]), (500.0, 22))
        self.assertEqual((second["amount"], second["days_late"]), (500.0, 0))
        self.assertEqual((first["position"], first["instalments"]), (1, 2))
        self.assertEqual((second["position"], second["instalments"]), (2, 2))

    def test_case_23_partly_paid_instalments(self):
        """Peers 23: 700 paid on 500/500 leaves nothing of the first, 300 of the
        second."""
        invoice = self.two_halves("1 Nov", "10 Nov")
        self.pay(invoice, 700.0)
        rows = self.rows()
        self.assertEqual(list(rows), [(invoice.name, day("10 Nov"))])
        row = rows[invoice.name, day("10 Nov")]
        self.assertEqual((row["amount"], row["original"]), (300.0, 500.0))
        self.assertEqual((row["position"], row["instalments"]), (2, 2))

    def test_case_30_two_currencies(self):
        """Peers 30: two currencies, two totals, and one in company currency."""
        other = self.setup_other_currency("GBP", rates=[("2020-01-01", 0.5)])
        self.invoice("10 Nov", 100.0)
        self.invoice("10 Nov", 100.0, currency_id=other.id)
        totals = self.evaluate().get_statement()["totals"]
        by_currency = {c["currency_id"]: c["total"] for c in totals["currencies"]}
        self.assertEqual(
            by_currency, {self.company.currency_id.id: 100.0, other.id: 100.0}
        )
        self.assertEqual(totals["total"], 300.0)

    def test_case_37_today_of_the_company(self):
        """Peers 37: an item falls overdue in the time zone of the company."""
        invoice = self.invoice("22 Nov")
        self.company.dso_tz = "Pacific/Auckland"
        with freeze_time("2026-11-22 13:30:00"):  # the 23rd in Auckland
            self.assertEqual(self.account()._statement()[0]["days_late"], 1)
        self.company.dso_tz = "America/Los_Angeles"
        with freeze_time("2026-11-23 05:30:00"):  # still the 22nd there
            row = self.account()._statement()[0]
        self.assertEqual((row["move_id"], row["days_late"]), (invoice.id, 0))

    def test_case_38_no_due_date(self):
        """Peers 38: without a due date the entry's date counts, and nothing breaks."""
        entry = self.entry((self.customer, 100.0, None), on="1 Nov")
        row = self.row(entry)
        self.assertEqual((row["due"], row["days_late"]), (day("1 Nov"), 22))

    def test_l2_partial_dispute_on_the_last_instalments(self):
        """L2: what is not disputed is claimed first of what is overdue."""
        invoice = self.two_halves("1 Nov", "1 Dec")
        invoice.dso_qualify(self.status("dispute"), "Part", disputed_amount=300)
        self.evaluate()
        rows = self.rows()
        first = rows[invoice.name, day("1 Nov")]
        second = rows[invoice.name, day("1 Dec")]
        self.assertEqual((first["disputed_amount"], first["group"]), (0, "claimed"))
        self.assertEqual((second["disputed_amount"], second["group"]), (300, "claimed"))

    def test_l2_whole_dispute(self):
        """L2: a dispute without an amount is about all instalments."""
        invoice = self.two_halves("1 Nov", "1 Dec")
        invoice.dso_qualify(self.status("dispute"), "All")
        for row in self.rows().values():
            self.assertEqual((row["disputed_amount"], row["group"]), (500, "disputed"))

    def test_l16_members(self):
        """L16: the head's statement holds its members' items, told apart."""
        member = self._customer("Branch")
        mine, theirs = self.invoice("10 Nov"), self.invoice("11 Nov", partner=member)
        head, other = self.account(), self.account(member)
        other.head_id = head
        self.evaluate()
        self.assertEqual(
            {r["move_id"]: r["account_id"] for r in head._statement(TODAY)},
            {mine.id: head.id, theirs.id: other.id},
        )
        self.assertEqual([r["move_id"] for r in other._statement(TODAY)], [theirs.id])

    def test_entry_of_several_customers(self):
        """An entry of two customers stands in each statement with its own line."""
        other = self._customer("Other")
        entry = self.entry((self.customer, 100.0, "1 Nov"), (other, 40.0, "2 Nov"))
        self.assertEqual(self.row(entry)["amount"], 100.0)
        self.assertEqual(self.row(entry, self.account(other))["amount"], 40.0)

    def test_settled_items_leave(self):
        """Nothing that is settled is listed, and an account may be empty."""
        self.pay(self.invoice("10 Nov"))
        statement = self.account().get_statement()
        self.assertEqual(statement["rows"], [])
        self.assertEqual(statement["totals"]["total"], 0)

    def test_constant_queries(self):
        """One and twenty items, one and three accounts: as many queries."""
        self.env.user.has_group("base.group_user")
        self.invoice("10 Nov")
        account = self.evaluate()
        account._statement(TODAY)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        account._statement(TODAY)
        one = self.env.cr.sql_log_count - before
        accounts = account
        for number in range(3):
            customer = self._customer(f"Customer {number}")
            for amount in range(1, 8):
                self.invoice("10 Nov", 10.0 * amount, partner=customer)
            accounts |= self.evaluate(account=self.account(customer))
        accounts._statement(TODAY)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.assertEqual(len(accounts._statement(TODAY)), 22)
        self.assertEqual(self.env.cr.sql_log_count - before, one)


@tagged("post_install", "-at_install")
class TestHistory(StatementCase):
    def test_one_timeline(self):
        """§6: actions and qualifications stand in one list, latest first."""
        invoice = self.invoice("10 Oct")
        self.on("13 Oct", "done")
        self.on("20 Oct", "skip")
        invoice.dso_qualify(self.status("dispute"), "The price is wrong")
        self.evaluate()
        history = self.env["dso.history"].search(
            [("account_id", "=", self.account().id)]
        )
        said = history.filtered(lambda h: h.kind == "qualification")
        self.assertEqual(said.text, "The price is wrong")
        self.assertEqual(said.move_id, invoice)
        self.assertEqual(history.sorted("date", reverse=True).ids, history.ids)
        kinds = set(history.mapped("kind"))
        self.assertEqual(kinds, {"done", "cancelled", "qualification"})
        done = history.filtered(lambda h: h.kind == "done")
        self.assertEqual((done.name, done.type), ("S2", "email"))
        self.assertEqual(done.item_name, invoice.name)

    def test_searchable_and_paged(self):
        """§6: filters, text and pages are the database's work."""
        invoice, other = self.invoice("10 Nov"), self.invoice("11 Nov")
        status = self.status("on_going")
        for number in range(5):
            invoice.dso_qualify(status, f"Call {number}")
        other.dso_qualify(status, "Nobody there")
        History = self.env["dso.history"]
        mine = [("account_id", "=", self.account().id)]
        self.assertEqual(History.search_count(mine), 6)
        self.assertEqual(len(History.search(mine, limit=4, offset=4)), 2)
        self.assertEqual(
            History.search([*mine, ("text", "ilike", "nobody")]).move_id, other
        )
        self.assertEqual(History.search_count([*mine, ("kind", "=", "done")]), 0)

    def test_nothing_to_write(self):
        """The timeline is read only, for everybody."""
        self.invoice("10 Nov").dso_qualify(self.status("on_going"), "Call")
        line = self.env["dso.history"].search([], limit=1)
        with self.assertRaises(AccessError):
            line.write({"text": "other"})
        with self.assertRaises(AccessError):
            line.unlink()


@tagged("post_install", "-at_install")
class TestFiles(StatementCase):
    def file(self, **values):
        return self.env["ir.attachment"].create(
            {"name": "proof.pdf", "raw": b"%PDF-", **values}
        )

    def item(self, move):
        return self.env["dso.item"]._of([(move.id, self.account().id)])

    def test_files_of_items(self):
        """§2: files hang on the item with a description, and are counted."""
        invoice = self.invoice("10 Nov")
        item = self.item(invoice)
        with self.assertRaises(UserError):
            item._attach(self.file(), " ")
        item._attach(self.file(), "Proof of delivery")
        self.assertEqual(item.attachment_ids.description, "Proof of delivery")
        self.assertEqual(self.row(invoice)["attachment_count"], 1)

    def test_too_large(self):
        """§2: fifty megabytes are the limit."""
        item = self.item(self.invoice("10 Nov"))
        large = self.file()
        self.env.cr.execute(
            "UPDATE ir_attachment SET file_size = %s WHERE id = %s",
            [51 * 1024**2, large.id],
        )
        large.invalidate_recordset(["file_size"])
        with self.assertRaisesRegex(UserError, "larger than 50 MB"):
            item._attach(large, "Everything")
