"""The main job, and the table of what it found and sent."""

from collections import Counter
from contextlib import contextmanager
from unittest.mock import patch


def evaluate_all(env):
    """Evaluate every account of every company for today, as the nightly job does."""
    env["dso.account"]._cron_evaluate()
    env.cr.commit()
    return env["dso.account"].search([])


def found(accounts, today):
    """What the last evaluation of `accounts` found, as (label, number).

    Counted: accounts, those with a proposal, proposals by type of action, what is due
    on `today` or earlier, and every problem that waits for a person, by its cause.
    """
    actions = accounts.env["dso.action"]
    proposals = actions.search(
        [
            ("account_id", "in", accounts.ids),
            ("kind", "=", "scenario"),
            ("state", "in", ("planned", "error")),
        ]
    )
    rows = [("Accounts evaluated", len(accounts.filtered("evaluated_at")))]
    rows += [("  with a proposal", len(proposals.account_id))]
    rows += _below(_by_label(accounts, "reason"))
    rows += [("Proposals", len(proposals))]
    rows += _below(_by_label(proposals, "type"))
    due = proposals.filtered(lambda proposal: proposal.date <= today)
    rows += [(f"Due on {today} or before", len(due))]
    rows += _below(_by_label(due, "type"))
    return rows + _with_total("Problems found", _problems(accounts, proposals))


def go_live(company):
    """Switch sending on, unless a person has switched it; how many were released.

    The first time, e-mails that wait for a collector's confirmation are confirmed in
    his place, so that there is something to see.
    """
    if company.dso_sending_date:
        return 0
    company.dso_sending_active = True
    waiting = _unconfirmed(company)
    waiting.action_confirm()
    company.env.cr.commit()
    return len(waiting)


def send(company):
    """Send what is due and released, as the jobs do; rows of what became of it.

    Whatever the hour: sending hours count as at the next moment when they are open.
    """
    env = company.env
    actions = env["dso.action"].with_company(company)
    own = [("company_id", "=", company.id)]
    outcomes = {
        "sent": [*own, ("delivery", "=", "sent")],
        "delivery": [*own, ("delivery", "in", ("failed", "bounced", "unknown"))],
        "problem": [*own, ("state", "=", "error")],
    }
    before = {name: actions.search(domain) for name, domain in outcomes.items()}
    with _sending_hours_open(company):
        actions._cron_send()
        env.cr.commit()
        env["mail.mail"].process_email_queue()
    env.cr.commit()  # the outbox has transactions of its own: see their result
    env.invalidate_all()
    new = {
        name: actions.search(domain) - before[name] for name, domain in outcomes.items()
    }
    texts = Counter(new["sent"].mapped("display_name"))
    failures = [*_by_label(new["problem"], "problem")]
    failures += _by_label(new["delivery"], "delivery")
    return [
        *_with_total("Sent now", texts.items()),
        *_with_total("Failed now", failures),
        *_with_total("Due, but held back", _held_back(actions, company)),
    ]


@contextmanager
def _sending_hours_open(company):
    """In this process, the sending hours are those of their next open moment."""
    is_open = type(company)._dso_sending_open

    def is_open_then(self, now=None):
        return is_open(self, now or self._dso_sending_next())

    with patch.object(type(company), "_dso_sending_open", is_open_then):
        yield


def _held_back(actions, company):
    """Why due automatic actions did not leave: (reason, number)."""
    released = actions.search(actions._released_domain(company))
    queued = actions.search_count(
        [("company_id", "=", company.id), ("delivery", "=", "queued")]
    )
    rows = [*Counter(released.mapped("held")).items()]
    rows += [("Waits for a confirmation", len(_unconfirmed(company)))]
    rows += [("In the outbox", queued)]
    return [(label, number) for label, number in rows if number]


def _unconfirmed(company):
    return company.env["dso.action"].search(
        [
            ("company_id", "=", company.id),
            ("type", "=", "email"),
            ("state", "=", "planned"),
            ("mode", "=", "auto_confirm"),
            ("confirmed", "=", False),
            ("date", "<=", company._dso_today()),
        ]
    )


def table(rows):
    """Rows as text, (label, number) each."""
    width = max(len(label) for label, _n in rows)
    line = "-" * (width + 9)
    body = [f"{label:<{width}} {number:>8,}" for label, number in rows]
    return "\n".join([line, *body, line])


def _below(rows):
    return [(f"  {label}", number) for label, number in rows]


def _with_total(label, rows):
    return [(label, sum(number for _label, number in rows)), *_below(rows)]


def _by_label(records, field):
    """(label, number) for each value of a selection field that occurs, in its order."""
    labels = records._fields[field]._description_selection(records.env)
    values = records.mapped(field)
    return [(label, values.count(value)) for value, label in labels if value in values]


def _problems(accounts, proposals):
    from odoo.addons.dso_collection.models.dso_account import PROBLEM_REASONS

    asking = accounts.filtered(lambda account: account.reason in PROBLEM_REASONS)
    queue = accounts.env["dso.dirty"].search_count([])
    return [
        *_by_label(proposals, "problem"),
        *_by_label(asking, "reason"),
        *([("Left in the queue of the evaluation", queue)] if queue else []),
    ]
