"""Each guard of the agenda broken once: counters, order, verbs on many, four eyes,
exports, notices; the named tests of the addon must turn red."""

from mutation_tools import Mutation, mutated_cases

from odoo.addons.dso_collection.tests import (
    test_agenda,
    test_confirm,
    test_history_export,
    test_reply_notice,
)

ACTION = "dso.action."
CHANGE = "dso.change."
EXPORT = "dso.history.export."
REPLY = "dso.reply."
MUTATIONS = [
    # Counters (rules.md §5)
    Mutation(
        "red is not what is confirmed",
        "AND %(confirmed)s IS NOT TRUE",
        "",
        ("test_red",),
        ACTION + "_red_sql",
    ),
    Mutation(
        "red from today on",
        "%(date)s <= %(today)s",
        "%(date)s < %(today)s",
        ("test_red",),
        ACTION + "_red_sql",
    ),
    Mutation(
        "a problem is red",
        "%(state)s = 'error' OR",
        "",
        ("test_problem_is_red",),
        ACTION + "_red_sql",
    ),
    Mutation(
        "counters under the filters",
        "Domain(domain) & Domain",
        "Domain",
        ("test_follow_filters_and_rights",),
        ACTION + "agenda_counts",
    ),
    # Order of the worklist
    Mutation(
        "what is due comes first",
        "s.points + n.due AS worklist",
        "s.points AS worklist",
        ("test_order",),
        ACTION + "_refresh_priority",
    ),
    Mutation(
        "promises that broke",
        "r.state = 'broken'",
        "r.state = 'kept'",
        ("test_parts",),
        ACTION + "_priority_query",
    ),
    Mutation(
        "promises of a year",
        "AND r.date_limit > c.today - interval '1 year'",
        "",
        ("test_parts",),
        ACTION + "_priority_query",
    ),
    # Verbs on many
    Mutation(
        "one that refuses leaves the others done",
        "waiting += [part[middle:], part[:middle]]",
        "pass",
        ("test_refusal_in_the_middle",),
        ACTION + "_try_many",
    ),
    Mutation(
        "one alone refuses loudly",
        "if len(self) == 1 and refusals:",
        "if False:",
        ("test_one_refuses_loudly",),
        ACTION + "_do_many",
    ),
    Mutation(
        "disputes are not closed in passing",
        "lambda a: a.dispute",
        "lambda a: False",
        ("test_disputes_are_told",),
        ACTION + "_refused",
    ),
    # Four eyes
    Mutation(
        "whoever changed it does not confirm",
        "if action.id in own:",
        "if False:",
        ("test_date", "test_model", "test_recipient", "test_scenario"),
        ACTION + "action_confirm",
    ),
    Mutation(
        "whoever planned it does not confirm",
        'found.setdefault(action.id, set()).add("planned")',
        "pass",
        ("test_planned_by_oneself",),
        ACTION + "_own_changes",
    ),
    Mutation(
        "whoever changed it does not send",
        "self._check_four_eyes()",
        "pass",
        ("test_no_way_around",),
        ACTION + "action_send",
    ),
    Mutation(
        "it cannot be made automatic",
        "self._check_may_leave_unseen()",
        "pass",
        ("test_no_way_around",),
        ACTION + "write",
    ),
    Mutation(
        "a confirmation falls with a change",
        "self._unconfirm(what, records, companies)",
        "pass",
        ("test_confirmation_falls",),
        CHANGE + "_note",
    ),
    Mutation(
        "another person settles it",
        'self.env["dso.change"].sudo()._settle(self, self.env.user)',
        "pass",
        ("test_date", "test_text"),
        ACTION + "_set_confirmed",
    ),
    # Exports
    Mutation(
        "right to export",
        'if not self.env.user.has_group("base.group_allow_export"):',
        "if False:",
        ("test_rights", "test_lost_right"),
        EXPORT + "_check_may_export",
    ),
    Mutation(
        "history only",
        ' & Domain("state", "in", ("done", "cancelled"))',
        "",
        ("test_what_the_filters_show",),
        EXPORT + "_ask",
    ),
    Mutation(
        "more than a sheet",
        "if count > MAX_ROWS:",
        "if False:",
        ("test_too_many",),
        EXPORT + "_ask",
    ),
    Mutation(
        "cut again and again",
        "if file.attempts > MAX_ATTEMPTS:",
        "if False:",
        ("test_interrupted",),
        EXPORT + "_make_waiting",
    ),
    # Notices of replies
    Mutation(
        "what a user noted is no news",
        'known._engine().write({"told": True, "mailed": True})',
        "pass",
        ("test_no_news",),
        REPLY + "create",
    ),
    Mutation(
        "told once",
        "waiting._engine().told = True",
        "pass",
        ("test_one_notice_for_several",),
        REPLY + "_cron_tell",
    ),
]

vars().update(
    mutated_cases(
        MUTATIONS,
        __name__,
        test_agenda,
        test_confirm,
        test_history_export,
        test_reply_notice,
    )
)
