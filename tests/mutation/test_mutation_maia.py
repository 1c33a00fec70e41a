"""Each guard of the assistant's proposals broken once; the named tests of the addon
must turn red."""

from mutation_tools import Mutation, mutated_cases

from odoo.addons.dso_collection_maia.tests import test_proposals

PROPOSAL = "dso.maia.proposal."
ITEM = "dso.maia.proposal.item."
MUTATIONS = [
    Mutation(
        "a reading that broke is not tried for ever",
        "if self.attempts >= MAX_ATTEMPTS:",
        "if False:",
        ("test_failing_engine",),
        PROPOSAL + "_read_or_fail",
    ),
    Mutation(
        "a reading that was killed is not tried for ever",
        "if self.attempts > MAX_ATTEMPTS:",
        "if False:",
        ("test_killed_while_reading",),
        PROPOSAL + "_read_or_fail",
    ),
    Mutation(
        "no half proposal",
        "with self.env.cr.savepoint():",
        "if True:",
        ("test_nothing_of_a_failed_reading_stays",),
        PROPOSAL + "_read_or_fail",
    ),
    Mutation(
        "not again at once",
        "AND (claimed_on IS NULL OR claimed_on <= %(cut)s)",
        "",
        ("test_killed_while_reading",),
        PROPOSAL + "_claim",
    ),
    Mutation(
        "replies of a day",
        "if same_day >= MOST_A_DAY:",
        "if False:",
        ("test_limit_of_a_day",),
        PROPOSAL + "_why_not",
    ),
    Mutation(
        "what was taken up is not read",
        'if reply.state != "to_process" or reply.erased_at:',
        "if False:",
        ("test_taken_up_before_it_was_read",),
        PROPOSAL + "_why_not",
    ),
    Mutation(
        "long sources are not read",
        "if 0 < len(source) <= MAX_SOURCE:",
        "if source:",
        ("test_long_text",),
        PROPOSAL + "_text",
    ),
    Mutation(
        "unsure proposes no status",
        "sure = confidence >= UNSURE and",
        "sure =",
        ("test_unsure_proposes_no_status",),
        PROPOSAL + "_values",
    ),
    Mutation(
        "who speaks to the software gets no status",
        "and not NO_STATUS & set(found.doubts)",
        "",
        (
            "test_instructions_to_software_propose_no_status",
            "test_hidden_words_propose_no_status",
        ),
        PROPOSAL + "_values",
    ),
    Mutation(
        "the button wins",
        "if situations:",
        "if False:",
        ("test_m3_words_do_not_outweigh_the_button",),
        PROPOSAL + "_read",
    ),
    Mutation(
        "items of the message only while open",
        "lambda move: move.id in still_open",
        "lambda move: True",
        ("test_items_that_were_paid_meanwhile",),
        PROPOSAL + "_answered_moves",
    ),
    Mutation(
        "numbers of others tick nothing",
        "if named or reading.numbers:",
        "if True:",
        ("test_items_of_the_message_it_answers",),
        PROPOSAL + "_moves_of",
    ),
    Mutation(
        "another day is a correction",
        'set(qualifications.mapped("promise_date")) == {self.promise_date}',
        "True",
        ("test_confirmed_means_status_day_and_items",),
        ITEM + "_agrees",
    ),
    Mutation(
        "other items are a correction",
        "and qualifications.move_id == self.move_ids",
        "",
        ("test_confirmed_means_status_day_and_items",),
        ITEM + "_agrees",
    ),
    Mutation(
        "the company's own status first",
        "(not s.company_id, s.sequence, s.id)",
        "(s.sequence, s.id)",
        ("test_company_own_status",),
        "dso.maia.reason._status",
    ),
    Mutation(
        "only proposals of the window's reply are decided",
        "and item.reply_id == reply",
        "",
        ("test_proposal_of_another_reply_is_not_decided",),
        "dso.qualify._validate",
    ),
    Mutation(
        "a situation is decided on once",
        "if standing and",
        "if False and",
        ("test_once_per_situation",),
        "dso.qualify._validate",
    ),
    Mutation(
        "undo opens the situation",
        "items._undecide()",
        "pass",
        ("test_full_undo",),
        "dso.qualification.action_undo",
    ),
    Mutation(
        "a customer's own switch",
        'return self.maia == "yes"',
        "pass",
        ("test_switches",),
        "dso.account._maia_reads",
    ),
]
vars().update(mutated_cases(MUTATIONS, __name__, test_proposals))
