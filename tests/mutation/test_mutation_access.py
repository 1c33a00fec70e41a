"""Each guard of links, calls, copies, replies and texts broken once; the named tests of
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
    test_access_tokens,
    test_calls,
    test_documents,
    test_follow_up,
    test_manual_email,
    test_placeholders,
    test_text_messages,
    test_text_preview,
)

TOKEN = "dso.access.token."
ATTEMPT = "dso.access.attempt."
ACTION = "dso.action."
CALL = "dso.call."
PREVIEW = "dso.text.preview."
MUTATIONS = [
    # Tokens
    Mutation(
        "only the hash is kept",
        '"secret_hash": self._hash(secret, purpose),',
        '"secret_hash": secret,',
        ("test_only_the_hash_is_stored",),
        TOKEN + "_issue",
    ),
    Mutation(
        "the whole hash",
        "if hmac.compare_digest(kept, digest)",
        "if kept[:16] == digest[:16]",
        ("test_same_beginning_is_not_enough", "test_compared_in_constant_time"),
        TOKEN + "_find",
    ),
    Mutation(
        "one purpose, one page",
        'f"{purpose}:{secret}"',
        "secret",
        ("test_only_the_hash_is_stored",),
        TOKEN + "_hash",
    ),
    Mutation(
        "what does not open is not found",
        "or not token._opens()",
        "",
        ("test_found_until_it_expires", "test_lawyer"),
        TOKEN + "_find",
    ),
    Mutation(
        "expiry",
        "or self.expires_at <= fields.Datetime.now()",
        "",
        ("test_found_until_it_expires",),
        TOKEN + "_opens",
    ),
    Mutation(
        "revocation",
        "self.revoked_at or ",
        "",
        ("test_revoke", "test_switched_off"),
        TOKEN + "_opens",
    ),
    Mutation(
        "reader archived",
        "if not reader.active:",
        "if False:",
        ("test_looked_at_again_when_opened",),
        TOKEN + "_opens",
    ),
    Mutation(
        "colleague who left",
        "return bool(users)",
        "return True",
        ("test_colleague_looked_at_again",),
        TOKEN + "_opens",
    ),
    Mutation(
        "page switched off",
        "not account.interactive or ",
        "",
        ("test_looked_at_again_when_opened",),
        TOKEN + "_opens",
    ),
    Mutation(
        "customer archived",
        " or not account.partner_id.active",
        "",
        ("test_looked_at_again_when_opened",),
        TOKEN + "_opens",
    ),
    Mutation(
        "lawyer",
        "if represented:",
        "if False:",
        ("test_lawyer",),
        TOKEN + "_opens",
    ),
    Mutation(
        "reader of another customer",
        "return reader.commercial_partner_id in customers",
        "return True",
        ("test_looked_at_again_when_opened",),
        TOKEN + "_opens",
    ),
    Mutation(
        "who revokes",
        'self.env["dso.action"]._check_collector()',
        "pass",
        ("test_revoke",),
        TOKEN + "action_revoke",
    ),
    Mutation(
        "other types of messages",
        'domain &= Domain("action_id.type", "in", types)',
        "pass",
        ("test_reader_left",),
        "dso.account._revoke_links_of",
    ),
    Mutation(
        "links of the reader",
        'Domain("recipient_id", "in", partners.ids)',
        "Domain.FALSE",
        ("test_reader_left", "test_interactive"),
        "dso.account._revoke_links_of",
    ),
    # Who guesses
    Mutation(
        "limit",
        ">= ATTEMPTS",
        "> ATTEMPTS",
        ("test_limit_ends",),
        ATTEMPT + "_is_limited",
    ),
    Mutation(
        "limit ends",
        '& Domain("tried_at", ">", since)',
        "",
        ("test_limit_ends",),
        ATTEMPT + "_is_limited",
    ),
    Mutation(
        "one line of IPv6",
        "64 if found.version == 6 else 32",
        "128 if found.version == 6 else 32",
        ("test_sources",),
        ATTEMPT + "_source_of",
    ),
    # What a message links to
    Mutation(
        "page of the customer is on",
        'self.interactive == "customer" and self.account_id.interactive',
        'self.interactive == "customer"',
        ("test_switched_off_before_leaving", "test_interactive_without_page"),
        ACTION + "_page_purpose",
    ),
    Mutation(
        "plain messages",
        'self.interactive == "customer" and self.account_id.interactive',
        "self.account_id.interactive",
        ("test_plain_message_has_no_link",),
        ACTION + "_page_purpose",
    ),
    Mutation(
        "links on paper",
        "if self.type not in LINKING_TYPES:",
        "if False:",
        ("test_no_page_on_paper",),
        ACTION + "_page_purpose",
    ),
    Mutation(
        "reader of the number",
        'if self.type == "sms" and self._customer_stands_in("phone"):',
        "if False:",
        ("test_page_of_whom_it_is_sent_to",),
        ACTION + "_page_link",
    ),
    Mutation(
        "payment without a provider",
        "and paid_online[a.sender_company_id]",
        "",
        ("test_paid_online_where_somebody_takes_the_money",),
        ACTION + "_compute_payment_buttons",
    ),
    Mutation(
        "payment link without a provider",
        "or not move.company_id._dso_paid_online()",
        "",
        ("test_paid_online_where_somebody_takes_the_money",),
        ACTION + "_secret_link",
    ),
    Mutation(
        "published provider",
        '& Domain("is_published", "=", True)',
        "",
        ("test_paid_online_where_somebody_takes_the_money",),
        "res.company._dso_paid_online",
    ),
    Mutation(
        "payment of colleagues",
        'and a.interactive != "internal"',
        "",
        ("test_payment_buttons_are_few_and_never_on_paper",),
        ACTION + "_compute_payment_buttons",
    ),
    Mutation(
        "many buttons",
        "[:MAX_BUTTONS]",
        "",
        ("test_payment_buttons_are_few_and_never_on_paper",),
        ACTION + "_payment_buttons",
    ),
    # Readers of a person's message
    Mutation(
        "more contacts past the lawyer",
        " or represented",
        "",
        ("test_blocked_and_represented",),
        ACTION + "_also_to",
    ),
    Mutation(
        "blocked address",
        "if c.email_normalized not in blocked",
        "if True",
        ("test_blocked_and_represented",),
        ACTION + "_also_to",
    ),
    Mutation(
        "contact who moved",
        "and contact.commercial_partner_id in customers",
        "",
        ("test_readers_who_left_meanwhile",),
        ACTION + "_also_to",
    ),
    Mutation(
        "stranger",
        "if contact.commercial_partner_id not in customers:",
        "if False:",
        ("test_stranger_is_refused",),
        ACTION + "_check_also_to",
    ),
    Mutation(
        "internal message to the customer",
        'if action.also_to_ids and action.interactive == "internal":',
        "if False:",
        ("test_internal_has_no_customer",),
        ACTION + "_check_also_to",
    ),
    Mutation(
        "portal user in copy",
        "if user.share:",
        "if False:",
        ("test_stranger_is_refused",),
        ACTION + "_check_copy_users",
    ),
    Mutation(
        "colleague in copy who left",
        "if user.active and not user.share",
        "if not user.share",
        ("test_readers_who_left_meanwhile",),
        ACTION + "_in_copy",
    ),
    Mutation(
        "own people write back",
        "if author and author in (self.sender_id | self.sent_by_id).partner_id:",
        "if False:",
        ("test_own_people_are_no_reply",),
        ACTION + "_note_reply",
    ),
    Mutation(
        "answering machines",
        'bool(self.env.context.get("dso_automatic_answer"))',
        "False",
        ("test_absence_holds_nothing",),
        ACTION + "_note_reply",
    ),
    # Calls
    Mutation(
        "call of another customer",
        "if self.action_id.account_id != self.account_id:",
        "if False:",
        ("test_roles",),
        CALL + "_check",
    ),
    Mutation(
        "call by somebody else",
        'self.env["dso.action"]._check_collector()',
        "pass",
        ("test_roles",),
        CALL + "_check",
    ),
    Mutation(
        "call that was done meanwhile",
        "return self.action_id._lock_open()",
        "return self.action_id",
        ("test_closed_before_the_answer",),
        CALL + "_check",
    ),
    Mutation(
        "items of others",
        "if item.account_id in accounts",
        "if True",
        ("test_items_of_others",),
        CALL + "_chosen_lines",
    ),
    Mutation(
        "promise on nothing",
        "if not lines:",
        "if False:",
        ("test_promise_without_items",),
        CALL + "_qualify",
    ),
    Mutation(
        "attempt that is over",
        "if self.again_on < self.company_id._dso_today():",
        "if False:",
        ("test_odd_times",),
        CALL + "_again",
    ),
    Mutation(
        "number past the lawyer",
        'if account.hold_in_force and account.hold_reason == "lawyer":',
        "if False:",
        ("test_warnings",),
        CALL + "_compute_number_ids",
    ),
    Mutation(
        "hostile script",
        'return escape(value or "")',
        'return Markup(value or "")',
        ("test_script",),
        ACTION + "_in_script",
    ),
    Mutation(
        "unknown value in a script",
        "if name not in ALLOWED:",
        "if False:",
        ("test_script_names_documented_values_only",),
        "dso.action.model._check_script",
    ),
    Mutation(
        "hour of another day",
        'self.filtered("call_back_at")._engine().call_back_at = False',
        "pass",
        ("test_call_back",),
        ACTION + "action_reschedule",
    ),
    # Follow-ups
    Mutation(
        "own task",
        "and a.resolver_id.id not in told",
        "",
        ("test_own_task_and_other_types",),
        ACTION + "_tell_resolvers",
    ),
    # Texts
    Mutation(
        "braces in a text",
        "if unfilled := template._dso_unfilled():",
        "if unfilled := None:",
        ("test_braces_in_a_text_are_refused",),
        "mail.template._check_dso_placeholders",
    ),
    Mutation(
        "secret in a test",
        r"""body = SECRET_LINK.sub(r"\1#\1", str(body))""",
        "body = str(body)",
        ("test_no_secret_in_a_test",),
        PREVIEW + "_rendered",
    ),
    Mutation(
        "preview of others",
        'self.account_id.check_access("read")',
        "pass",
        ("test_who_may",),
        PREVIEW + "_drafted",
    ),
    Mutation(
        "nothing stays of a preview",
        "savepoint.close(rollback=True)",
        "savepoint.close(rollback=False)",
        ("test_as_the_customer_would_get_it",),
        PREVIEW + "_drafted",
    ),
    # Files
    Mutation(
        "file of somebody else",
        "may_collect or file.create_uid == self.env.user",
        "True",
        ("test_shared_afterwards",),
        "ir.attachment._dso_check_may_change",
    ),
    Mutation(
        "file of something else",
        'file.res_model != "dso.item" or ',
        "",
        ("test_shared_afterwards",),
        "ir.attachment._dso_check_may_change",
    ),
    Mutation(
        "file shared by a viewer",
        'self.env["account.move"]._dso_check_may_qualify()',
        "pass",
        ("test_own_file_of_a_viewer",),
        "ir.attachment._dso_check_may_change",
    ),
]
CASES = tuple(
    case
    for module in (
        test_access_tokens,
        test_calls,
        test_documents,
        test_follow_up,
        test_manual_email,
        test_placeholders,
        test_text_messages,
        test_text_preview,
    )
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
