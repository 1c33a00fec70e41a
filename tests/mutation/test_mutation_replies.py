"""Each guard of incoming e-mails broken once; the named tests of the addon must turn
red."""

from mutation_tools import Mutation, mutated_cases

from odoo.addons.dso_collection.tests import test_mail_replies

THREAD = "mail.thread."
REPLY = "dso.reply."
UNMATCHED = "dso.reply.unmatched."
ACCOUNT = "dso.account."
MUTATIONS = [
    Mutation(
        "known by its content",
        'if not _header(head, "Message-Id"):',
        "if False:",
        ("test_without_id",),
        THREAD + "message_process",
    ),
    Mutation(
        "an id that no parser reads goes",
        "raw = _with_id_of_content(raw)",
        "pass",
        ("test_unreadable_id",),
        THREAD + "message_process",
    ),
    Mutation(
        "to two of our addresses: once",
        "if account not in accounts:",
        "if True:",
        ("test_answer_to_all",),
        THREAD + "_dso_once_each",
    ),
    Mutation(
        "a stranger's second mail waits, too",
        "if thread_id:",
        "if False:",
        ("test_stranger_writes_again",),
        THREAD + "_dso_matched_route",
    ),
    Mutation(
        "taken in by another process",
        'if (error.diag.constraint_name or "") not in TAKEN_IN:',
        "if True:",
        ("test_two_processes_at_once",),
        THREAD + "message_process",
    ),
    Mutation(
        "a conflict is no failure",
        "except psycopg2.OperationalError:",
        "except ZeroDivisionError:",
        ("test_conflict_is_no_failure",),
        THREAD + "message_process",
    ),
    Mutation(
        "what fails is kept",
        "if not company:",
        "if True:",
        ("test_broken",),
        THREAD + "message_process",
    ),
    Mutation(
        "others' mail fails as before",
        "if not company:",
        "if False:",
        ("test_broken_mail_of_others",),
        THREAD + "message_process",
    ),
    Mutation(
        "no mail is a loop",
        "if route[0] not in OURS",
        "if True",
        ("test_many_in_an_hour",),
        THREAD + "_detect_loop_sender",
    ),
    Mutation(
        "bounces are machines'",
        'automatic=bool(message_dict.get("is_bounce"))',
        "automatic=False",
        ("test_report_of_a_relay",),
        THREAD + "_message_route_process",
    ),
    Mutation(
        "one customer only knows the sender",
        "return found if len(found) == 1 else accounts",
        "return found[:1]",
        ("test_known_sender",),
        THREAD + "_dso_of_sender",
    ),
    Mutation(
        "only the gateway makes replies",
        "not isinstance(incoming, IncomingMail)",
        "not incoming",
        ("test_no_reply_by_a_remote_caller",),
        REPLY + "_take_in",
    ),
    Mutation(
        "actions of this customer",
        "lambda action: action.account_id in accounts",
        "lambda action: True",
        ("test_references_of_another_customer",),
        REPLY + "_answered_action",
    ),
    Mutation(
        "colleagues write no replies",
        "any(not user.share for user in users)",
        "False",
        ("test_colleagues",),
        REPLY + "_is_of_our_people",
    ),
    Mutation(
        "strangers are told apart",
        '"stranger": not known,',
        '"stranger": False,',
        ("test_answer_without_references",),
        REPLY + "_values_of_mail",
    ),
    Mutation(
        "a fraud's address is not remembered",
        "if self.fraud:",
        "if False:",
        ("test_learn_later",),
        REPLY + "action_learn_address",
    ),
    Mutation(
        "a fraud's address is not remembered on assigning",
        "if self.fraud:",
        "if False:",
        ("test_changed_bank_details",),
        UNMATCHED + "action_assign",
    ),
    Mutation(
        "assigned once",
        'if mail.state != "open":',
        "if False:",
        ("test_assign",),
        UNMATCHED + "_claim",
    ),
    Mutation(
        "e-mails stay as they came",
        'self.env.context.get("dso_engine") is not ENGINE',
        "False",
        ("test_content_stays",),
        UNMATCHED + "write",
    ),
    Mutation(
        "providers tell nothing",
        "or name in PROVIDERS",
        "",
        ("test_providers_tell_nothing",),
        UNMATCHED + "_accounts_by_domain",
    ),
    Mutation(
        "an address is made once",
        "and not account.capture_alias_id",
        "",
        ("test_own_address",),
        ACCOUNT + "_make_capture_addresses",
    ),
]
vars().update(mutated_cases(MUTATIONS, __name__, test_mail_replies))
