"""The account statement: what it lists, what it adds up to, who sees what."""

from base64 import b64encode
from datetime import date
from io import BytesIO

from lxml import etree
from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

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

    def test_record_of_500_items(self):
        """Opening a record with 500 items takes no more than forty queries."""
        moves = self.many_items(499)  # and the one that they are copied from
        moves[:50].dso_qualify(self.status("dispute"), "Price")
        account = self.evaluate()
        view = account.get_view(view_type="form")
        specification = {
            node.get("name"): {}
            for node in etree.fromstring(view["arch"]).xpath(
                "//field[not(ancestor::field)]"
            )
        }
        reader = account.with_user(self.env.user)
        reader.web_read(specification)
        self.env.invalidate_all()
        with self.assertQueryCount(40):
            [values] = reader.web_read(specification)
        self.assertEqual(len(values["statement"]["rows"]), 500)


class PrintCase(StatementCase):
    SECRET = "Bankrupt soon, says the janitor"

    def items(self):
        """One item for each heading, every one with a secret in its comment."""
        self.customer.lang = "en_US"
        self.resolver = new_test_user(
            self.env, "janitor", "dso_collection.group_resolver", name="Janitor Jones"
        )
        kinds = {
            "claimed": self.invoice("10 Nov", 1000.0, ref="PO 1"),
            "later": self.invoice("10 Dec", 250.0),
            "disputed": self.invoice("11 Nov", 500.0),
            "part": self.invoice("12 Nov", 400.0),
            "promised": self.invoice("13 Nov", 300.0),
            "litigation": self.invoice("2 Nov", 80.0),
            "ignored": self.invoice("3 Nov", 70.0),
            "credit": self.credit_note(120.0),
        }
        dispute = self.status(
            "dispute", name="Swindle", customer_wording="We look into it"
        )
        kinds["disputed"].dso_qualify(dispute, self.SECRET, resolver=self.resolver)
        kinds["part"].dso_qualify(dispute, self.SECRET, disputed_amount=150)
        kinds["promised"].dso_qualify(
            self.status("promise_to_pay", name="Doubtful promise"),
            self.SECRET,
            promise_date=day("27 Nov"),
            follow_up=False,
        )
        kinds["litigation"].dso_qualify(
            self.status("litigation", name="Lawyer"), self.SECRET
        )
        kinds["ignored"].dso_ignored = True
        self.evaluate()
        return kinds

    def printed(self, account=None, **data):
        """The statement as HTML."""
        account = account or self.account()
        html = self.env["ir.actions.report"]._render_qweb_html(
            "dso_collection.report_statement", account.ids, data=data
        )[0]
        return html.decode()

    def sheet(self, account=None, line_ids=None):
        content = (account or self.account())._statement_xlsx(line_ids)
        return load_workbook(BytesIO(content)).active

    def table(self, sheet):
        """Rows of the sheet below its headings as dicts, up to the first gap."""
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        head = next(i for i, row in enumerate(rows) if "Open amount" in row)
        table = []
        for row in rows[head + 1 :]:
            if not any(row):
                break
            table.append(dict(zip(rows[head], row, strict=True)))
        return table


@tagged("post_install", "-at_install")
class TestPrint(PrintCase):
    def test_nothing_internal_leaves(self):
        """§3.3: neither comment, resolver, status name nor item left out of collection
        stands in any form that customers get."""
        kinds = self.items()
        sheet = "\n".join(
            str(cell.value) for row in self.sheet().iter_rows() for cell in row
        )
        action = self.account().proposal_id
        for text in (self.printed(), sheet, action.items_table):
            for secret in (
                self.SECRET,
                "Janitor",
                "Swindle",
                "Doubtful",
                kinds["litigation"].name,
                kinds["ignored"].name,
            ):
                self.assertNotIn(secret, text)
            self.assertIn(kinds["claimed"].name, text)

    def test_headings_and_wording(self):
        """§12: disputed items under their own heading, in customer wording; what is
        not disputed of an item is claimed."""
        kinds = self.items()
        rows = self.table(self.sheet())
        told = {(r["Heading"], r["Number"]): r for r in rows}
        review = "Under review, not claimed here"
        self.assertEqual(
            told[review, kinds["disputed"].name]["Remark"], "We look into it"
        )
        self.assertEqual(told[review, kinds["part"].name]["Open amount"], 150)
        self.assertEqual(told["Open invoices", kinds["part"].name]["Open amount"], 250)
        self.assertIn(
            "11/27/2026", told["Open invoices", kinds["promised"].name]["Remark"]
        )
        self.assertEqual(
            told["Credits and payments to allocate", kinds["credit"].name][
                "Open amount"
            ],
            -120,
        )

    def test_real_numbers_and_dates(self):
        """XLSX: dates are dates, amounts numbers, and they add up."""
        kinds = self.items()
        rows = self.table(self.sheet())
        row = next(r for r in rows if r["Number"] == kinds["claimed"].name)
        self.assertEqual(row["Due date"].date(), date(2026, 11, 10))
        self.assertEqual((row["Days late"], row["Open amount"]), (13, 1000))
        self.assertEqual(row["Your reference"], "PO 1")
        listed = sum(r["Open amount"] for r in rows)
        open_now = sum(self.open_lines().mapped("amount_residual"))
        self.assertEqual(listed, open_now - 80 - 70)
        values = [c.value for row in self.sheet().iter_rows() for c in row]
        self.assertIn(listed, values[values.index("Balance") :])

    def test_no_formula(self):
        """A reference that looks like a formula stays text."""
        self.invoice("10 Nov", ref="=HYPERLINK(0)")
        [row] = self.table(self.sheet())
        self.assertEqual(row["Your reference"], "=HYPERLINK(0)")
        cells = [c for row in self.sheet().iter_rows() for c in row]
        self.assertFalse([c for c in cells if c.data_type == "f"])

    def test_case_33_reference_with_markup(self):
        """Peers 33: a reference with markup is shown, not run."""
        self.invoice("10 Nov", ref="<img src=x onerror=alert(1)>")
        html = self.printed()
        self.assertNotIn("<img src=x", html)
        self.assertIn("&lt;img src=x", html)

    def test_case_32_language_of_the_customer(self):
        """Peers 32: a French customer reads French dates, amounts and words."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.invoice("10 Nov", 1234.5)
        statement = self.account()._statement_of_customer()
        [item] = statement["parts"][0]["sections"][0]["items"]
        self.assertEqual(statement["lang"], "fr_FR")
        self.assertEqual(item["due_words"], "10/11/2026")
        self.assertRegex(item["amount_words"], r"1\s234,50")
        self.assertRegex(self.printed(), r"1\s234,50")

    def test_case_30_totals_per_currency(self):
        """Peers 30: a total for each currency, and none that mixes them."""
        other = self.setup_other_currency("GBP", rates=[("2020-01-01", 0.5)])
        self.invoice("10 Nov", 100.0)
        self.invoice("10 Dec", 70.0, currency_id=other.id)
        totals = self.account()._statement_of_customer()["totals"]
        self.assertEqual(
            [(t["currency"].name, t["overdue"], t["not_due"]) for t in totals],
            [(self.company.currency_id.name, 100.0, 0.0), ("GBP", 0.0, 70.0)],
        )

    def test_case_44_whole_entity(self):
        """Peers 44: items of the customer's branches count, each instalment by its
        own date, each currency apart."""
        branch = self._customer("Branch", parent_id=self.customer.id, is_company=False)
        other = self.setup_other_currency("GBP", rates=[("2020-01-01", 0.5)])
        self.invoice("10 Nov", 50.0)
        self.invoice("10 Nov", 150.0, partner=branch)
        self.invoice("10 Nov", 40.0, partner=branch, currency_id=other.id)
        self.two_halves("1 Nov", "1 Dec", 100.0)
        totals = self.account()._statement_of_customer()["totals"]
        self.assertEqual(
            [(t["overdue"], t["not_due"]) for t in totals], [(250.0, 50.0), (40.0, 0)]
        )

    def test_case_23_residual(self):
        """Peers 18, 23: the open amount is printed, not the original one."""
        invoice = self.invoice("10 Nov", 900.0)
        self.pay(invoice, 333.0)
        [row] = self.table(self.sheet())
        self.assertEqual(row["Open amount"], 567.0)

    def test_l16_split_by_account(self):
        """L16: grouped accounts are printed apart, and added up."""
        member = self._customer("Branch Ltd")
        self.invoice("10 Nov", 100.0)
        self.invoice("11 Nov", 40.0, partner=member)
        head, other = self.account(), self.account(member)
        other.head_id = head
        self.evaluate()
        statement = head._statement_of_customer()
        self.assertEqual(
            [(p["name"], p["totals"][0]["balance"]) for p in statement["parts"]],
            [("Customer", 100.0), ("Branch Ltd", 40.0)],
        )
        self.assertEqual(statement["totals"][0]["balance"], 140.0)
        self.assertIn("Branch Ltd", self.printed())
        rows = self.table(self.sheet())
        self.assertEqual([r["Account"] for r in rows], ["Customer", "Branch Ltd"])

    def test_only_ticked(self):
        """Of ticked items only these are printed, and only items of the account."""
        mine, other = self.invoice("10 Nov"), self.invoice("11 Nov")
        foreign = self.invoice("12 Nov", partner=self._customer("Other"))
        ids = self.receivables(mine | foreign).ids
        account = self.account()
        allowed = account._readable_line_ids(ids)
        self.assertEqual(allowed, set(self.receivables(mine).ids))
        html = self.printed(line_ids=ids)
        self.assertIn(mine.name, html)
        self.assertNotIn(other.name, html)
        self.assertNotIn(foreign.name, html)

    def test_bank_account(self):
        """§2: the bank account is the trusted one that all invoices name, or none."""
        bank = self.env["res.partner.bank"].create(
            {
                "acc_number": "BE71096123456769",
                "partner_id": self.company.partner_id.id,
                "allow_out_payment": True,
            }
        )
        self.invoice("10 Nov", partner_bank_id=bank.id)
        self.assertEqual(self.account()._statement_of_customer()["bank"], bank)
        bank.allow_out_payment = False
        self.assertFalse(self.account()._statement_of_customer()["bank"])
        bank.allow_out_payment = True
        second = bank.copy({"acc_number": "BE02001234567890"})
        second.allow_out_payment = True
        self.invoice("11 Nov", partner_bank_id=second.id)
        self.assertFalse(self.account()._statement_of_customer()["bank"])

    def test_pdf(self):
        """The statement is a PDF, also of an account where nothing is open."""
        self.invoice("10 Nov")
        reports = self.env["ir.actions.report"].with_context(
            force_report_rendering=True
        )
        for partner in (self.customer, self._customer("Nothing")):
            with self.allow_pdf_render():
                content, kind = reports._render_qweb_pdf(
                    "dso_collection.report_statement", self.account(partner).ids
                )
            self.assertEqual(kind, "pdf")
            self.assertTrue(content.startswith(b"%PDF"))


@tagged("post_install", "-at_install")
class TestStatementRights(PrintCase):
    def with_role(self, role, **values):
        return new_test_user(
            self.env,
            f"st_{role}",
            f"dso_collection.group_{role}",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            **values,
        )

    def test_roles(self):
        """§10: every role reads the statement, and is told what it may do."""
        kinds = self.items()
        line = self.receivables(kinds["claimed"])
        can = {
            "viewer": (False, False),
            "resolver": (True, False),
            "collector": (True, True),
            "manager": (True, True),
        }
        for role, (qualify, collect) in can.items():
            account = self.account().with_user(self.with_role(role))
            statement = account.get_statement()
            self.assertEqual(len(statement["rows"]), len(kinds))
            self.assertEqual(
                statement["labels"]["can"], {"qualify": qualify, "collect": collect}
            )
            details = line.with_user(account.env.user).get_dso_details()
            self.assertEqual(details, {"history": [], "files": []})
            self.assertTrue(account._statement_xlsx())

    def test_others_are_refused(self):
        """§10: without a role in collection, or from another company, nothing."""
        self.invoice("10 Nov")
        account = self.account()
        line = self.open_lines()
        plain = new_test_user(self.env, "st_plain", "base.group_user")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "st_stranger",
            "dso_collection.group_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for user in (plain, stranger):
            mine = account.with_user(user).with_context(
                allowed_company_ids=user.company_id.ids
            )
            for call in (
                mine.get_statement,
                line.with_user(user).with_context(**mine.env.context).get_dso_details,
                lambda mine=mine: self.env["report.dso_collection.statement"]
                .with_user(mine.env.user)
                .with_context(**mine.env.context)
                ._get_report_values(mine.ids),
            ):
                with self.assertRaises(AccessError):
                    call()

    def test_details_of_an_entry_of_two_customers(self):
        """Of an entry of two customers each line tells its own customer's history."""
        other = self._customer("Other")
        entry = self.entry((self.customer, 100.0, "1 Nov"), (other, 40.0, "2 Nov"))
        entry.dso_qualify(
            self.status("on_going"), "Theirs", account=self.account(other)
        )
        mine, theirs = self.receivables(entry).sorted("balance", reverse=True)
        self.assertEqual(mine.get_dso_details()["history"], [])
        [said] = theirs.get_dso_details()["history"]
        self.assertEqual(said["comment"], "Theirs")

    def test_files(self):
        """§2: resolvers attach, viewers download, who attached or a collector takes
        away again; a portal user reads none of it."""
        invoice = self.invoice("10 Nov")
        line = self.receivables(invoice)
        resolver, viewer = self.with_role("resolver"), self.with_role("viewer")
        file = (
            self.env["ir.attachment"]
            .with_user(resolver)
            .create(
                {
                    "name": "note.pdf",
                    "datas": b64encode(b"%PDF-"),
                    "res_model": "dso.attach",
                }
            )
        )
        window = (
            self.env["dso.attach"]
            .with_user(resolver)
            .with_context(active_model="account.move.line", active_ids=line.ids)
            .create({"attachment_ids": file.ids, "description": "Delivery note"})
        )
        window.action_attach()
        self.assertFalse(file.exists())
        [told] = line.with_user(viewer).get_dso_details()["files"]
        self.assertEqual(
            (told["name"], told["description"], told["removable"]),
            ("note.pdf", "Delivery note", False),
        )
        stored = self.env["ir.attachment"].browse(told["id"])
        self.assertEqual(stored.with_user(viewer).raw, b"%PDF-")
        portal = new_test_user(
            self.env, "st_portal", "base.group_portal", partner_id=self.customer.id
        )
        invoice.message_subscribe(self.customer.ids)
        self.assertTrue(invoice.with_user(portal).has_access("read"))
        self.assertFalse(stored.with_user(portal).has_access("read"))
        for user in (viewer, portal):
            with self.assertRaises(AccessError):
                stored.with_user(user).action_dso_remove()
        stored.with_user(resolver).action_dso_remove()
        self.assertFalse(stored.exists())

    def test_file_of_somebody_else(self):
        """§2: attaching a file that another record holds copies it, and leaves it."""
        invoice = self.invoice("10 Nov")
        held = self.env["ir.attachment"].create(
            {
                "name": "x.pdf",
                "raw": b"%PDF-",
                "res_model": "account.move",
                "res_id": invoice.id,
            }
        )
        self.env["dso.attach"].with_context(
            active_model="account.move.line", active_ids=self.receivables(invoice).ids
        ).create(
            {"attachment_ids": held.ids, "description": "The invoice"}
        ).action_attach()
        self.assertTrue(held.exists())
        self.assertEqual(self.row(invoice)["attachment_count"], 1)
        with self.assertRaises(AccessError):
            held.action_dso_remove()

    def test_merge_keeps_files(self):
        """A merge of customers keeps the files of an item that both know."""
        other = self._customer("Other")
        entry = self.entry((self.customer, 100.0, "1 Nov"), (other, 40.0, "2 Nov"))
        Item = self.env["dso.item"]
        for partner in (self.customer, other):
            item = Item._of([(entry.id, self.account(partner).id)])
            file = self.env["ir.attachment"].create(
                {"name": f"{partner.name}.pdf", "raw": b"%PDF-"}
            )
            item._attach(file, "Letter")
        self.env["base.partner.merge.automatic.wizard"]._merge(
            [other.id, self.customer.id], self.customer
        )
        item = Item.search([("move_id", "=", entry.id)])
        self.assertEqual(
            set(item.attachment_ids.mapped("name")), {"Other.pdf", "Customer.pdf"}
        )


@tagged("post_install", "-at_install")
class TestStatementRoute(PrintCase, HttpCase):
    def get(self, login, form="xlsx", account=None, **params):
        self.authenticate(login, login)
        account = account or self.account()
        return self.url_open(
            f"/dso_collection/statement/{account.id}/{form}", params=params
        )

    def test_download(self):
        """Who may read the record downloads the statement; nobody else, and no guess
        of a number tells whether there is one."""
        self.invoice("10 Nov")
        new_test_user(
            self.env,
            "route_viewer",
            "dso_collection.group_viewer",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        new_test_user(self.env, "route_plain", "base.group_user")
        new_test_user(
            self.env, "route_portal", "base.group_portal", partner_id=self.customer.id
        )
        self.env.flush_all()
        found = self.get("route_viewer")
        self.assertEqual(found.status_code, 200)
        self.assertIn("spreadsheetml", found.headers["Content-Type"])
        self.assertIn("Statement", found.headers["Content-Disposition"])
        for login in ("route_plain", "route_portal"):
            self.assertEqual(self.get(login).status_code, 404)
        missing = self.env["dso.account"].browse(10**8)
        self.assertEqual(self.get("route_viewer", account=missing).status_code, 404)
        huge = self.env["dso.account"].browse(10**12)
        self.assertEqual(self.get("route_viewer", account=huge).status_code, 404)
        odd = self.get("route_viewer", lines="²,99999999999,9999999999,-1, ,x")
        self.assertEqual(odd.status_code, 200)

    def test_lines(self):
        """Ids that are not of this account list nothing of another one."""
        mine = self.invoice("10 Nov")
        foreign = self.invoice("12 Nov", partner=self._customer("Other"))
        login = self.env.user.login
        for lines, numbers in (
            (self.receivables(mine).ids, [mine.name]),
            (self.receivables(foreign).ids, []),
            (["x", "-1", "9" * 30], []),
        ):
            found = self.get(login, lines=",".join(map(str, lines)))
            self.assertEqual(found.status_code, 200)
            sheet = load_workbook(BytesIO(found.content)).active
            self.assertEqual([r["Number"] for r in self.table(sheet)], numbers)


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
