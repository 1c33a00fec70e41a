"""The main job, and the table of what it found."""


def evaluate_all(env):
    """Evaluate every account of every company for today, as the nightly job does."""
    env["dso.account"]._cron_evaluate()
    env.cr.commit()
    return env["dso.account"].search([])


def summary(accounts, today):
    """What the last evaluation of `accounts` found, as a printable table.

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
    rows += [(f"  {label}", n) for label, n in _by_label(accounts, "reason")]
    rows += [("Proposals", len(proposals))]
    rows += [(f"  {label}", n) for label, n in _by_label(proposals, "type")]
    due = proposals.filtered(lambda proposal: proposal.date <= today)
    rows += [(f"Due on {today} or before", len(due))]
    rows += [(f"  {label}", n) for label, n in _by_label(due, "type")]
    problems = _problems(accounts, proposals)
    rows += [("Problems found", sum(n for _label, n in problems))]
    rows += [(f"  {label}", n) for label, n in problems]
    return _table(rows)


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


def _table(rows):
    width = max(len(label) for label, _n in rows)
    line = "-" * (width + 9)
    body = [f"{label:<{width}} {number:>8,}" for label, number in rows]
    return "\n".join([line, *body, line])
