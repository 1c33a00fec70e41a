"""A company with the test scenario STD, and the verbs of a collector's life."""

from contextlib import contextmanager
from datetime import date, timedelta

from odoo import Command, fields
from odoo.tests import freeze_time
from odoo.tools import SQL

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

TODAY = date(2026, 11, 23)


def day(text):
    """``"20 Nov"`` → date in 2026, ``"20 Nov 2025"`` as it says."""
    parts = text.split()
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    year = int(parts[2]) if len(parts) > 2 else 2026
    return date(year, months.index(parts[1]) + 1, int(parts[0]))


class DsoCommon(AccountTestInvoicingCommon):
    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref(
            "dso_collection.group_manager"
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.Model = cls.env["dso.action.model"]
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Text",
                "model_id": cls.env["ir.model"]._get_id("dso.action"),
                "subject": "Reminder {{ object.leader_id.name }}",
                "body_html": "<p><t t-out='object.amount_claimed'/></p>",
            }
        )
        cls.email = cls._model("E-mail", "email", template=True)
        cls.phone = cls._model("Phone", "phone")
        cls.letter = cls._model("Formal notice", "letter_ar", template=True)
        cls.court = cls._model("Litigation", "litigation")
        cls.scenario = cls._scenario(
            "STD",
            ("S1", -5, cls.email),
            ("S2", 3, cls.email),
            ("S3", 10, cls.phone),
            ("S4", 18, cls.email),
            ("S5", 30, cls.letter),
            ("S6", 45, cls.court),
        )
        cls.company.write(
            {
                "dso_client_type_id": False,
                "dso_scenario_id": cls.scenario.id,
                "dso_tz": "UTC",
            }
        )
        cls.customer = cls._customer("Customer")

    # -------------------------------------------------------------------------
    # RECORDS
    # -------------------------------------------------------------------------

    @classmethod
    def _model(cls, name, kind, template=False, **values):
        return cls.env["dso.action.model"].create(
            {
                "name": name,
                "type": kind,
                "template_id": cls.template.id if template else False,
                **values,
            }
        )

    @classmethod
    def _scenario(cls, name, *steps, **values):
        """``steps``: (name, days, model) or (name, days, model, "last_action")."""
        return cls.env["dso.scenario"].create(
            {
                "name": name,
                **values,
                "step_ids": [
                    Command.create(
                        {
                            "name": step[0],
                            "sequence": 10 * (index + 1),
                            "days": step[1],
                            "action_model_id": step[2].id,
                            "base": step[3] if len(step) > 3 else "due",
                        }
                    )
                    for index, step in enumerate(steps)
                ],
            }
        )

    @classmethod
    def _customer(cls, name, **values):
        return cls.env["res.partner"].create(
            {"name": name, "email": "ar@customer.example", "is_company": True, **values}
        )

    def invoice(self, due, amount=1000.0, issued=None, partner=None, **values):
        """A posted customer invoice; ``due`` a date or "20 Nov"."""
        due = day(due) if isinstance(due, str) else due
        issued = day(issued) if isinstance(issued, str) else issued
        issued = issued or min(due, TODAY) - timedelta(days=10)
        return self._move("out_invoice", issued, due, amount, partner, **values)

    def credit_note(self, amount, issued="1 Nov", partner=None):
        issued = day(issued)
        return self._move("out_refund", issued, issued, amount, partner)

    def _move(self, move_type, issued, due, amount, partner=None, **values):
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": (partner or self.customer).id,
                "invoice_date": issued,
                "date": issued,
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "quantity": 1,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        move.action_post()
        return move

    def unallocated(self, amount, on="1 Nov", partner=None):
        """A customer payment that is not reconciled with anything."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or self.customer).id,
                "amount": amount,
                "date": day(on),
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        return payment

    def pay(self, invoice, amount=None, on=None):
        """Pay ``invoice`` (or a part of it) and reconcile."""
        values = {"payment_date": on or fields.Date.today()}
        if amount:
            values["amount"] = amount
        return (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(values)
            ._create_payments()
        )

    def entry(self, *lines, journal=None, on="1 Nov"):
        """A posted general entry; ``lines``: (partner, signed amount, due or None).

        The counterpart is income. Odoo excludes receivables of general journals from
        follow-ups by itself (``no_followup``).
        """
        receivable = self.company_data["default_account_receivable"]
        total = sum(amount for _partner, amount, _due in lines)
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day(on),
                "journal_id": (journal or self.company_data["default_journal_misc"]).id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": receivable.id,
                            "partner_id": partner.id if partner else False,
                            "balance": amount,
                            "date_maturity": day(due) if due else False,
                        }
                    )
                    for partner, amount, due in lines
                ]
                + [
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_revenue"
                            ].id,
                            "balance": -total,
                        }
                    )
                ],
            }
        )
        move.action_post()
        return move

    def many_items(self, count, partners=None):
        """Posted entries that owe 10 each, of these customers in turn: one is posted,
        the others are copies of its rows."""
        partners = partners or self.customer
        first = self.entry((partners[0], 10, None))
        self.env.flush_all()
        move_columns = self._columns("account_move", "id", "name", "sequence_number")
        line_columns = self._columns(
            "account_move_line", "id", "move_id", "move_name", "partner_id"
        )
        self.env.cr.execute(
            SQL(
                """
                WITH copy AS (
                    INSERT INTO account_move (%(moves)s, name, sequence_number)
                    SELECT %(moves)s, name || '-' || n, n
                      FROM account_move, generate_series(1, %(count)s) AS n
                     WHERE id = %(first)s
                 RETURNING id, name, sequence_number
                ), line AS (
                    INSERT INTO account_move_line (
                           %(lines)s, move_id, move_name, partner_id)
                    SELECT %(lines)s, copy_id, copy_name,
                           (%(partners)s::int[])[copy_number %% %(those)s + 1]
                      FROM (SELECT id AS copy_id, name AS copy_name,
                                   sequence_number AS copy_number FROM copy) c
                     CROSS JOIN (SELECT %(lines)s FROM account_move_line
                                  WHERE move_id = %(first)s) l
                )
                SELECT id FROM copy
                """,
                moves=move_columns,
                lines=line_columns,
                count=count,
                first=first.id,
                partners=partners.ids,
                those=len(partners),
            )
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        self.env.invalidate_all()
        return self.env["account.move"].browse(ids)

    def _columns(self, table, *without):
        """The columns of a table but some, as SQL."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT column_name FROM information_schema.columns
                 WHERE table_schema = current_schema AND table_name = %s
                   AND column_name <> ALL(%s) AND is_generated = 'NEVER'
                """,
                table,
                list(without),
            )
        )
        return SQL(", ").join(SQL.identifier(row[0]) for row in rows)

    def receivables(self, move):
        """The receivable lines of an entry."""
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def transaction(self, moves, amount, state="pending"):
        """An online payment of invoices, in this state."""
        provider = self.env["payment.provider"].sudo().search(
            [("company_id", "=", self.company.id)], limit=1
        ) or self.env["payment.provider"].sudo().create(
            {"name": "Test provider", "company_id": self.company.id}
        )
        provider.support_manual_capture = "full_only"
        return (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": self.env["payment.method"]
                    .sudo()
                    .with_context(active_test=False)
                    .search([], limit=1)
                    .id,
                    "amount": amount,
                    "currency_id": moves.currency_id.id,
                    "partner_id": moves.partner_id.id,
                    "reference": f"{moves[0].name}-{len(moves.transaction_ids)}",
                    "invoice_ids": [Command.set(moves.ids)],
                    "state": state,
                }
            )
        )

    def status(self, kind, **values):
        return self.env["dso.status"].create(
            {"name": kind.replace("_", " ").title(), "type": kind, **values}
        )

    # -------------------------------------------------------------------------
    # LIFE
    # -------------------------------------------------------------------------

    def account(self, partner=None):
        return self.env["dso.account"]._of_partner(partner or self.customer)

    def evaluate(self, today=TODAY, account=None):
        account = account or self.account()
        with freeze_time(today):
            account.evaluate(today)
        return account

    def on(self, when, verb, account=None):
        """Do something with the proposal on a day: ``self.on("19 Nov", "done")``."""
        today = day(when) if isinstance(when, str) else when
        with freeze_time(today):
            account = account or self.account()
            account.evaluate(today)
            proposal = account.proposal_id
            self.assertTrue(proposal, f"no proposal on {today}: {account.reason}")
            if proposal.needs_release:
                # what a check list is for stands in test_release.py
                proposal = proposal.sudo()
            getattr(proposal, f"action_{verb}")()
            account.evaluate(today)
        return proposal

    def do_steps(self, *steps, account=None):
        """Do named steps on days: ``self.do_steps(("S2", "3 Oct"), …)``."""
        for name, when in steps:
            proposal = self.on(when, "done", account)
            self.assertEqual(proposal.step_id.name, name)

    @contextmanager
    def assertRaisesRegex(self, exception, regex):
        """As Odoo's assertRaises: what was tried is rolled back."""
        with self.assertRaises(exception) as caught:
            yield caught
        self.assertRegex(str(caught.exception), regex)

    def assertProposal(self, step, when, today=TODAY, account=None):
        """The proposal as of ``today`` is this step on this date, or none."""
        account = self.evaluate(today, account)
        proposal = account.proposal_id
        if step is None:
            self.assertFalse(proposal, proposal.explanation)
            if when:
                self.assertEqual(account.reason, when)
            return account
        self.assertTrue(proposal, account.reason)
        when = day(when) if isinstance(when, str) else when
        self.assertEqual(
            (proposal.step_id.name, proposal.date), (step, when), proposal.explanation
        )
        return account
