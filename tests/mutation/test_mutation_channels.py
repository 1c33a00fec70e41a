"""Each guard of text messages, faxes and daily limits broken once; the named tests of
the addon must turn red."""

from mutation_tools import (
    Mutation,
    add_tests,
    helpers_of,
    mutated_method,
    tests_of,
)

from odoo.tests import tagged

from odoo.addons.dso_collection.tests import (
    test_daily_limits,
    test_faxes,
    test_text_messages,
)

SMS = "sms.sms."
ACTION = "dso.action."
MUTATIONS = [
    # The last look at other outboxes
    Mutation(
        "last look",
        "verdict = action._last_look()",
        "verdict = None",
        ("test_case_17_paid_before_sending", "test_case_18_partly_paid"),
        SMS + "_dso_look",
    ),
    Mutation(
        "switch and hours in the outbox",
        "if self._dso_hold_back(action):",
        "if False:",
        ("test_switch_in_the_outbox", "test_e21_hours_in_the_outbox"),
        SMS + "_dso_look",
    ),
    Mutation(
        "delivery unknown before the dialogue",
        "self._dso_mark_unknown()\n",
        "pass\n",
        ("test_unknown_before_the_dialogue",),
        SMS + "_dso_look",
    ),
    Mutation(
        "another number",
        "if self.number != action._phone_number():",
        "if False:",
        ("test_number_changed_in_the_outbox",),
        SMS + "_dso_outdated",
    ),
    # What the provider says
    Mutation(
        "cut",
        'if verdict == "cut":',
        "if False:",
        (
            "test_cut_then_not_delivered",
            "test_another_provider_without_an_answer",
        ),
        SMS + "_dso_dialogue",
    ),
    Mutation(
        "nothing has left",
        'if verdict == "unreached" or self.failure_type in OF_ACCOUNT:',
        "if False:",
        ("test_no_credit", "test_unreachable"),
        SMS + "_dso_dialogue",
    ),
    Mutation(
        "what came back later",
        '"bounced" if status == "bounce" else "failed"',
        '"sent"',
        ("test_reports", "test_refused_number"),
        ACTION + "_follow_sms",
    ),
    Mutation(
        "past the lawyer",
        "and not lawyer",
        "",
        ("test_number_of_the_customer_not_past_his_lawyer",),
        ACTION + "_customer_stands_in",
    ),
    # Faxes
    Mutation(
        "no fax without its PDF",
        "if is_fax and not self._dso_attach_fax(mail_id):",
        "if False:",
        ("test_pdf_cannot_be_made",),
        "mail.mail._dso_deliver",
    ),
    # Daily limits
    Mutation(
        "limit of a customer",
        "if customer_cap and written[action.account_id] >= customer_cap:",
        "if False:",
        ("test_customer", "test_claim_counts_again", "test_people_count"),
        ACTION + "_over_limits",
    ),
    Mutation(
        "limit of the company",
        "elif company_cap and total >= company_cap:",
        "elif False:",
        ("test_company",),
        ACTION + "_over_limits",
    ),
    Mutation(
        "colleagues",
        'if action.interactive == "internal":',
        "if False:",
        ("test_colleagues_are_not_customers",),
        ACTION + "_over_limits",
    ),
    Mutation(
        "by day",
        'Domain("left_on", "=", company._dso_today())',
        'Domain("left_on", "!=", False)',
        ("test_by_the_companys_day",),
        ACTION + "_written_today",
    ),
    Mutation(
        "what never left",
        '& Domain("delivery", "in", COUNTED)',
        "",
        ("test_withdrawn_does_not_count",),
        ACTION + "_written_today",
    ),
    Mutation(
        "by company",
        'Domain("company_id", "=", company.id)',
        "Domain.TRUE",
        ("test_company_of_its_own",),
        ACTION + "_written_today",
    ),
]
CASES = tuple(
    case
    for module in (test_daily_limits, test_faxes, test_text_messages)
    for case in vars(module).values()
    if isinstance(case, type) and tests_of(case) and case.__module__ == module.__name__
)


class Broken:
    def broken(self, mutation):
        return mutated_method(self.registry, mutation)


def _mutated(case):
    """The helpers of a test class of the addon, with the mutations it must notice."""
    mutated = type(f"Mutated{case.__name__}", (Broken, helpers_of(case)), {})
    add_tests(mutated, MUTATIONS, tests_of(case))
    return tagged("post_install", "-at_install")(mutated)


for _case in CASES:
    vars()[f"Mutated{_case.__name__}"] = _mutated(_case)
del _case


def test_each_mutation_has_its_test():
    """No mutation names a test that does not exist."""
    known = {name for case in CASES for name in tests_of(case)}
    assert {name for m in MUTATIONS for name in m.tests} <= known
