"""The replayed ledger with e-mails that leave: every day into a server on loopback.

The steps of type e-mail are automatic. Every morning the job sends what is due into
Odoo's outbox; invoices, payments and disputes of the day follow; in the evening the
outbox is delivered, on Monday also that of the weekend, when the mail server is down.
What arrives is read as its receiver reads it, and compared with the ledger of that
minute, which is read from the accounting tables alone.
"""

import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal

from replayed_ledger import Replay, Shadow

from odoo.addons.dso_collection.engine import rules

CLAIMED, DISPUTED = "Open invoices", "Under review, not claimed here"
SATURDAY = 5


class SendingShadow(Shadow):
    """Customers whose message is in the outbox have a second life in which their step
    was not done: it goes on from there when the message does not leave."""

    def __init__(self, *args):
        super().__init__(*args)
        self.undone = {}

    def evaluate(self, today):
        result = super().evaluate(today)
        items = self.items() if self.undone else {}
        for customer, cycle in self.undone.items():
            self.undone[customer] = rules.evaluate(
                cycle, items[customer], self.scenario, self.settings, today
            ).cycle
        return result

    def queued(self, customer, step, today):
        self.undone[customer] = self.cycles[customer]
        self.done(customer, step, today)

    def left(self, customer, queued, today):
        """E21: a step is done on the day on which its message leaves."""
        del self.undone[customer]
        cycle = replace(self.cycles[customer], last_any_date=today)
        if cycle.last_done_date == queued:  # else its leader has begun anew meanwhile
            cycle = replace(cycle, last_done_date=today)
        self.cycles[customer] = cycle

    def withdrawn(self, customer):
        self.cycles[customer] = self.undone.pop(customer)


class SendingReplay(Replay):
    """A replay whose e-mails go to ``sink``."""

    shadow_class = SendingShadow

    def __init__(self, env, invoices, sink):
        super().__init__(env, invoices)
        self.sink = sink
        self.arrived = 0
        self.outbox = {}  # {customer: his action}
        self.company.write(
            {
                "email": "collection@company.example",
                "dso_sending_calendar_id": False,
                "dso_sending_active": True,
            }
        )
        steps = self.company.dso_scenario_id.step_ids
        steps.filtered(
            lambda s: s.type == "email" and not s.action_model_id.formal_notice
        ).mode = "auto"
        self.env["ir.mail_server"].search([]).active = False
        self.env["ir.mail_server"].create(
            {
                "name": "Loopback",
                "smtp_host": "127.0.0.1",
                "smtp_port": sink.port,
                "smtp_encryption": "none",
            }
        )
        self.env.cr.commit()

    def _morning(self, today):
        if due := self.shadow.due(today):
            self._transaction("sent", today, self._send, due)
            self.figures["performed"] += len(due)

    def _evening(self, today):
        if self.outbox and today.weekday() < SATURDAY:
            self._transaction("delivered", today, self._deliver, None)

    def _perform(self, today, due):
        """What has become due in the course of the day."""
        self._send(today, due)

    def _send(self, today, due):
        """The e-mails leave by themselves; a person does the other proposals."""
        proposals = self._proposals(today)
        shown = {p.partner_id.id: p.step_id.id for p in proposals}
        assert shown == due
        emails = proposals.filtered(lambda p: p.type == "email")
        (proposals - emails).action_done()
        self.env.cr.commit()
        self.env["dso.action"]._cron_send()
        self._see_commits()
        found = Counter((x.state, x.delivery, x.error) for x in emails)
        assert set(found) <= {("done", "queued", False)}, (today, found)
        for proposal in proposals:
            customer, step = proposal.partner_id.id, proposal.step_id.id
            self.journal.add(customer, step, today, self.shadow.reentered)
            if proposal in emails:
                self.outbox[customer] = proposal
                self.shadow.queued(customer, step, today)
            else:
                self.shadow.done(customer, step, today)
        self.actions.update(proposal.step_id.name for proposal in proposals)
        self.figures["e-mails queued"] += len(emails)

    def _deliver(self, today, _events):
        """The outbox, with the last look at the ledger.

        What does not leave is exactly what is led by an invoice that leads no more.
        """
        leaders = {c: cycle.leader for c, cycle in self.shadow.cycles.items()}
        self.env["mail.mail"].process_email_queue()
        self._see_commits()
        left = self.env["dso.action"]
        for customer, action in self.outbox.items():
            if leaders[customer] == action.leader_id.id:
                assert (action.state, action.delivery) == ("done", "sent"), (
                    f"{today}, {customer}: {action.state} {action.delivery}"
                )
                left |= action
                *step, queued = self.journal.done[customer][-1]
                self.shadow.left(customer, queued, today)
                self.journal.done[customer][-1] = (*step, today)
            else:
                assert (action.state, action.delivery) == ("cancelled", False)
                settled = not action.leader_id.amount_residual
                assert settled == (action.cause == "settled"), action.cause
                self.figures[f"withdrawn: {action.cause}"] += 1
                self.shadow.withdrawn(customer)
                self.journal.done[customer].pop()
        self.outbox.clear()
        self._check_mailbox(left, today)

    def _see_commits(self):
        """Sending and the outbox commit on connections of their own."""
        self.env.cr.commit()
        self.env.invalidate_all()

    def _check_mailbox(self, actions, today):
        """Each of ``actions`` is there exactly once, nothing else, and true."""
        messages = self.sink.messages(self.arrived)
        self.arrived = max([self.arrived, *(message.number for message in messages)])
        expected = Counter(actions.partner_id.mapped("email"))
        assert Counter(message.to for message in messages) == expected, today
        customer_of = {each.email: each.id for each in actions.partner_id}
        items = self.shadow.items()
        for message in messages:
            self._check_message(message, items[customer_of[message.to]], today)
        self.figures["e-mails in the mailbox"] += len(messages)

    def _check_message(self, message, items, today):
        """What a message claims is what the ledger holds, disputed items apart."""
        disputed = self.shadow.disputed
        lists = message.tables()
        for heading, expected in (
            (CLAIMED, [item for item in items if item.id not in disputed]),
            (DISPUTED, [item for item in items if item.id in disputed]),
        ):
            listed = {number: amount for number, _due, amount in lists.pop(heading, ())}
            assert listed == {i.name: i.residual for i in expected}, (today, message.to)
            self.figures[f"listed: {heading}"] += len(listed)
        assert not lists, f"{today}, {message.to}: {lists}"
        overdue = sum(
            item.residual
            for item in items
            if item.due < today and item.id not in disputed
        )
        said = re.search(r"Overdue, credits deducted:\s*\$\s*([\d.,]+)", message.text)
        assert bool(said) == bool(overdue), (today, message.to)
        if overdue:
            assert Decimal(said[1].replace(",", "")) == overdue, (today, message.to)

    def check_end(self):
        """Over the whole life: no message twice, none missing, none left behind."""
        ids = [message.id for message in self.sink.messages()]
        assert len(ids) == len(set(ids)) == self.figures["e-mails in the mailbox"]
        withdrawn = sum(
            number for name, number in self.figures.items() if "withdrawn" in name
        )
        waiting = len(self.outbox)
        assert len(ids) + withdrawn + waiting == self.figures["e-mails queued"]
        mails = Counter(self.env["mail.mail"].search([]).mapped("state"))
        assert mails["outgoing"] == waiting
        self.figures["rendered again"] = mails["cancel"] - withdrawn
