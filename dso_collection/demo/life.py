"""The life of a demo customer, told day by day with the product's own methods.

Days are counted from today, so that the demo data never ages: ``-3`` is three days
ago. What was done in the past is done *on* that day (:class:`PastDay`), by a user with
the rights for it, and in the order in which it happened.
"""

from datetime import datetime, time, timedelta

from odoo.fields import Command

from ..models.dso_qualification import ENGINE
from ..models.res_company import PastDay


class Life:
    def __init__(self, env, company, user, today):
        """
        :param env: Environment of the loader, with all rights
        :param company: root company whose customer this is
        :param user: collector in charge, who does what is done
        """
        self.company = company
        self.user = user
        self.today = today
        self.env = env(
            context={
                **env.context,
                "allowed_company_ids": company.ids,
                "tracking_disable": True,
                "mail_create_nosubscribe": True,
            }
        )
        self.partner = self.env["res.partner"]
        self.account = self.env["dso.account"]

    # -------------------------------------------------------------------------
    # THE CUSTOMER
    # -------------------------------------------------------------------------

    def customer(self, name, country, contacts=(), lang=None, **values):
        """Make the customer, its contacts and its receivable account.

        :param str country: ISO code
        :param contacts: dicts of res.partner values; the first one receives reminders
        :param str lang: used when the language is installed
        """
        installed = dict(self.env["res.lang"].get_installed())
        self.partner = self.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "country_id": self.env["res.country"]
                .search([("code", "=", country)], limit=1)
                .id,
                "lang": lang if lang in installed else False,
                "company_id": self.company.id,
                **values,
                "child_ids": [
                    Command.create(
                        {
                            "type": "contact",
                            "lang": lang if lang in installed else False,
                            **contact,
                        }
                    )
                    for contact in contacts
                ],
            }
        )
        self.account = self._as_collector(0)["dso.account"]._of_partner(self.partner)
        values = {"collector_id": self.user.id}
        if not self.account.client_type_id:
            values["client_type_id"] = self.company.dso_client_type_id.id
        if contacts:
            values["contact_id"] = self.partner.child_ids[0].id
        self.account.write(values)
        return self

    # -------------------------------------------------------------------------
    # THE LEDGER
    # -------------------------------------------------------------------------

    def day(self, offset):
        return self.today + timedelta(days=offset)

    def invoice(self, due, amount, label, *, issued=None, partner=None, **values):
        """Post a customer invoice.

        :param int due: day of the due date
        :param int issued: day of issue, 30 days before the due date by default
        """
        issued = due - 30 if issued is None else issued
        return self._post("out_invoice", issued, due, amount, label, partner, values)

    def credit_note(self, issued, amount, label):
        return self._post("out_refund", issued, issued, amount, label, None, {})

    def _post(self, move_type, issued, due, amount, label, partner, values):
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "company_id": self.company.id,
                "partner_id": (partner or self.partner).id,
                "invoice_date": self.day(issued),
                "date": self.day(issued),
                "invoice_date_due": self.day(due),
                "invoice_payment_term_id": False,
                "invoice_user_id": self.user.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": label,
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

    def pay(self, invoice, on, amount=None):
        """Pay an invoice, or a part of it, and reconcile."""
        values = {"payment_date": self.day(on)}
        if amount:
            values["amount"] = amount
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create(values)._create_payments()
        self._evaluate(on)

    def paid_before(self, due, late, amount):
        """An invoice that was paid before anybody had to chase it.

        :param int due: day of the due date
        :param int late: days late on which it was paid; negative: early
        """
        invoice = self.invoice(due, amount, "Earlier delivery")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": self.day(due + late)})._create_payments()

    def unallocated(self, on, amount, memo):
        """A payment that nobody has matched with an invoice yet."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner.id,
                "company_id": self.company.id,
                "amount": amount,
                "date": self.day(on),
                "memo": memo,
            }
        )
        payment.action_post()
        return payment.move_id

    def entry(self, due, amount, label, journal, follow_up=True):
        """A journal entry on the receivable account; a negative amount is a credit.

        :param bool follow_up: Odoo leaves such entries out of follow-ups by default;
            True puts them back in
        """
        receivable = self.partner.with_company(
            self.company
        ).property_account_receivable_id
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "date": self.day(due),
                "ref": label,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.partner.id,
                            "name": label,
                            "balance": balance,
                            "date_maturity": self.day(due),
                        }
                    )
                    for account, balance in (
                        (receivable, amount),
                        (self._income_account(), -amount),
                    )
                ],
            }
        )
        move.action_post()
        if follow_up:
            move.line_ids.filtered(
                lambda line: line.account_id == receivable
            ).no_followup = False
        return move

    def _income_account(self):
        journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        )
        return journal.default_account_id or self.env["account.account"].search(
            [
                ("account_type", "=", "income"),
                ("company_ids", "in", self.company.ids),
            ],
            limit=1,
        )

    # -------------------------------------------------------------------------
    # COLLECTION
    # -------------------------------------------------------------------------

    def _as_collector(self, offset):
        """An environment in which the collector acts on that day."""
        return self.env(
            user=self.user.id,
            su=False,
            context={
                **self.env.context,
                "dso_past_day": PastDay(self.day(offset)),
            },
        )

    def _evaluate(self, on):
        """Evaluate as of that day, as the end of each transaction does."""
        account = self.account.with_env(self._as_collector(on))
        account.evaluate(self.day(on))
        return account

    def proposal(self, on, step):
        """The proposal as of that day, which must be this step of the scenario.

        :param str step: external id of the step, without the addon's name
        """
        proposal = self._evaluate(on).proposal_id
        expected = self.env.ref(f"dso_collection.{step}")
        if proposal.step_id != expected:
            raise ValueError(
                f"{self.partner.name}, day {on}: {expected.display_name} expected, got"
                f" {proposal.display_name or self.account.reason}"
            )
        return proposal

    def done(self, on, step, delivery="sent", detail=None, outcome=None):
        """The proposed step was done on that day."""
        proposal = self.proposal(on, step)
        if proposal.needs_release:
            self._release(proposal, on)
        proposal.action_done()
        self._close(proposal, delivery, detail, outcome)
        return proposal

    def _release(self, action, on):
        """The credit manager goes through the check list of a formal notice."""
        manager = self.env.ref("dso_collection.user_demo_manager")
        make = action.with_user(manager).action_release()["context"]
        window = action.with_user(manager).env["dso.release.make"]
        window = window.with_context(**make)
        release = window.create(
            {
                **window.default_get(list(window._fields)),
                "note": "Posted with the first reminder; he confirmed it.",
            }
        )
        release.point_ids.ticked = True
        release._release()
        # kept for good, as of the day of the story
        self.env.cr.execute(
            "UPDATE dso_release SET date = %s WHERE action_id = %s",
            [self.day(on), action.id],
        )
        action.release_id.invalidate_recordset(["date"], flush=False)

    def _close(self, action, delivery, detail, outcome):
        values = {"outcome": outcome}
        if action.type in ("email", "sms"):
            values.update(delivery=delivery, error_detail=detail)
        action.sudo()._engine().write(values)

    def qualify(self, on, moves, status, comment, **values):
        """Qualify items on that day; ``promised`` is a day, too.

        :param str status: external id of the status, without the addon's name
        """
        env = self._as_collector(on)
        if "promised" in values:
            values["promise_date"] = self.day(values.pop("promised"))
        rows = moves.with_env(env).dso_qualify(
            self.env.ref(f"dso_collection.{status}"),
            comment,
            account=self.account.with_env(env),
            **values,
        )
        rows.sudo().with_context(dso_engine=ENGINE).write(
            {"date": datetime.combine(self.day(on), time(10, 30))}
        )
        self._evaluate(on)
        return rows

    def reply(self, on, body, moves=None, source="page", **values):
        """The customer answered on that day; ``promised`` is a day, too.

        :param str source: page, mail or user
        """
        if "promised" in values:
            values["proposed_promise_date"] = self.day(values.pop("promised"))
            values["proposed_type"] = "promise_to_pay"
        contact = self.account.contact_id or self.partner
        return (
            self._as_collector(on)["dso.reply"]
            .sudo()  # as if it had come in by page or mail
            .with_context(dso_engine=ENGINE)
            .create(
                {
                    "account_id": self.account.id,
                    "source": source,
                    "body": body,
                    "partner_id": contact.id,
                    "email_from": contact.email if source == "mail" else False,
                    "move_ids": [Command.set(moves.ids)] if moves else False,
                    "date": datetime.combine(self.day(on), time(9, 12)),
                    **values,
                }
            )
        )

    def undo(self, on, qualifications):
        qualifications.with_env(self._as_collector(on)).action_undo()
        self._evaluate(on)

    def complete(self, on, moves, outcome):
        """The specific action of these items was completed on that day."""
        action = (
            self._as_collector(on)["dso.action"]
            .search(
                [
                    ("account_id", "=", self.account.id),
                    ("kind", "=", "specific"),
                    ("state", "=", "planned"),
                ]
            )
            .filtered(
                lambda action: moves
                & action.line_ids.filtered(lambda line: not line.released).move_id
            )
        )
        action.action_done()
        self._close(action, "sent", None, outcome)
        self._evaluate(on)

    def out_of_scenario(self, date, model, note, done=False, **values):
        """An action beside the scenario, planned for that day, or done on it."""
        action = self._as_collector(date)["dso.action"].create(
            {
                "account_id": self.account.id,
                "action_model_id": self.env.ref(f"dso_collection.{model}").id,
                "date": self.day(date),
                "note": note,
                **values,
            }
        )
        if done:
            action.action_done()
            self._close(action, "sent", None, None)
        return action

    def hold(self, on, reason, note, until=None):
        self.account.with_env(self._as_collector(on)).write(
            {
                "hold_reason": reason,
                "hold_note": note,
                "hold_until": until is not None and self.day(until),
            }
        )
