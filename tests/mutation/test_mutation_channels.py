"""Each guard of text messages, faxes and daily limits broken once; the named tests of
the addon must turn red."""

from mutation_tools import Mutation, mutated_cases

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
    Mutation(
        "account of one company",
        "done = 1 if taken else len(ids) - place",
        "return",
        ("test_account_of_one_company",),
        SMS + "_dso_process_queue",
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
    Mutation(
        "another fax number",
        "return self.email_to != address",
        "return False",
        ("test_fax_number_changed_in_the_outbox",),
        "mail.mail._dso_outdated",
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
vars().update(
    mutated_cases(
        MUTATIONS,
        __name__,
        test_daily_limits,
        test_faxes,
        test_text_messages,
    )
)
