"""Each guard of sending broken once: what may leave, what is done, and what the outbox
looks at once more. The named tests of the addon must turn red."""

from mutation_tools import Mutation, mutated_cases

from odoo.addons.dso_collection.tests import (
    test_access_tokens,
    test_contacts,
    test_documents,
    test_placeholders,
    test_replies,
    test_sending,
    test_sending_hostile,
)

SEND = "dso.action."
MUTATIONS = [
    # Claimed once, by those who may
    Mutation(
        "released by confirmation only",
        '& Domain("confirmed", "=", True)',
        "",
        ("test_e19_confirmed_or_not",),
        SEND + "_released_domain",
    ),
    Mutation(
        "not before its day",
        '"<=", company._dso_today()',
        '"!=", False',
        ("test_not_before_its_day",),
        SEND + "_released_domain",
    ),
    Mutation(
        "evaluated before it leaves",
        'self.env["dso.account"].browse(accounts)._evaluate()',
        "pass",
        ("test_evaluated_before_it_leaves",),
        SEND + "_claim",
    ),
    Mutation(
        "hold",
        "not a.account_id.on_hold",
        "True",
        ("test_hold",),
        SEND + "_claim",
    ),
    Mutation(
        "unread reply",
        "and a.account_id.id not in replied",
        "",
        ("test_a_reply_holds_automatic_actions",),
        SEND + "_claim",
    ),
    Mutation(
        "items at rest",
        "and not a._items_rest()",
        "",
        ("test_specific_rests_with_its_items",),
        SEND + "_claim",
    ),
    Mutation(
        "switch",
        '("dso_sending_active", "=", True)',
        '("id", "!=", False)',
        ("test_switch",),
        SEND + "_cron_send",
    ),
    Mutation(
        "E21",
        "if company._dso_sending_open()",
        "if True",
        ("test_e21_saturday",),
        SEND + "_cron_send",
    ),
    Mutation(
        "switch",
        "if not company.sudo().dso_sending_active:",
        "if False:",
        ("test_switch",),
        SEND + "action_send",
    ),
    Mutation(
        "pressed twice",
        'if action.delivery == "queued":',
        "if False:",
        ("test_pressed_twice",),
        SEND + "action_send",
    ),
    Mutation(
        "roles",
        'action.interactive != "internal"',
        "False",
        ("test_resolver_does_not_write_to_customers",),
        SEND + "action_send",
    ),
    Mutation(
        "a failing action fails alone",
        'action._park("not_sent", _in_plain_words(error))',
        "raise",
        ("test_text_broken_by_one_customer",),
        SEND + "_send_or_park",
    ),
    # Done
    Mutation(
        "L10",
        "scenario.account_id.sudo()._step_done(step, today)",
        "pass",
        ("test_leaves_and_is_done",),
        SEND + "_after_leaving",
    ),
    Mutation(
        "disputes stay open",
        "lambda a: a.dispute or a.sent_by_id",
        "lambda a: a.sent_by_id",
        ("test_dispute_follow_up_stays_open",),
        SEND + "_after_leaving",
    ),
    Mutation(
        "sent without completing",
        "lambda a: a.dispute or a.sent_by_id",
        "lambda a: a.dispute",
        ("test_send_without_completing",),
        SEND + "_after_leaving",
    ),
    # The last look
    Mutation(
        "last look",
        "verdict = action._last_look()",
        "verdict = None",
        ("test_case_17_paid_before_sending", "test_case_18_partly_paid"),
        "mail.mail._dso_look",
    ),
    Mutation(
        "delivery unknown before the dialogue",
        "self._dso_mark_unknown()\n        return links, None",
        "return links, None",
        ("test_cut_in_its_dialogue",),
        "mail.mail._dso_look",
    ),
    Mutation(
        "leader",
        "if self.leader_id and position and (cause := self._stopped_by(position)):",
        "if False:",
        ("test_case_17_paid_before_sending",),
        SEND + "_last_look",
    ),
    Mutation(
        "another step was done",
        "if self._later_steps() or (self.step_id, self.date_done) != (",
        "if (self.step_id, self.date_done) != (self.step_id, self.date_done) and (",
        ("test_later_step_done",),
        SEND + "_last_look",
    ),
    Mutation(
        "hold in the outbox",
        "if self._held_back() or self._channel_refusal():",
        "if False:",
        ("test_specific_and_hold",),
        SEND + "_last_look",
    ),
    Mutation(
        "reply in the outbox",
        'return "reply"',
        "pass",
        ("test_reply_while_the_message_waits_in_the_outbox",),
        SEND + "_last_look",
    ),
    Mutation(
        "amounts of the day",
        'self.state == "done" and self.date_done != self.company_id._dso_today()',
        "False",
        ("test_e21_leaves_on_another_day",),
        SEND + "_last_look",
    ),
    Mutation(
        "amounts",
        "if currency.compare_amounts(line.amount, values",
        "if False and currency.compare_amounts(line.amount, values",
        ("test_specific_partly_paid",),
        SEND + "_compare_items",
    ),
    Mutation(
        "settled items",
        "if set(now) != set(kept):",
        "if False:",
        ("test_one_of_two_items_paid",),
        SEND + "_compare_items",
    ),
    Mutation(
        "disputed items",
        'return "superseded"',
        "pass",
        ("test_specific_and_dispute",),
        SEND + "_compare_items",
    ),
    # What never left is not done
    Mutation(
        "withdrawn step",
        "self.account_id._step_undone(self)",
        "pass",
        ("test_withdrawn_step_is_not_done",),
        SEND + "_withdraw",
    ),
    Mutation(
        "what left stays done",
        "if action._may_have_left():",
        "if False:",
        ("test_unknown_then_retried_by_hand", "test_sent_then_sent_again_by_hand"),
        "mail.mail._dso_look",
    ),
    # Secrets
    Mutation(
        "links of the own customer",
        "or move.commercial_partner_id not in accounts.partner_id",
        "",
        ("test_payment_links_are_secret",),
        SEND + "_secret_link",
    ),
    Mutation(
        "links of our own making",
        "if not isinstance(links, SecretLinks):",
        "if links is None:",
        ("test_foreign_context_puts_nothing_in",),
        "mail.mail._dso_put_in_secrets",
    ),
    # With its files, or not at all
    Mutation(
        "waits for its files",
        "return self - waiting - large",
        "return self - large",
        ("test_claimed_invoices",),
        SEND + "_claim_documents",
    ),
    Mutation(
        "limit of an e-mail",
        "if excess := files and action._too_large(files):",
        "if excess := False:",
        ("test_too_large", "test_limit_of_the_company"),
        SEND + "_claim_documents",
    ),
    Mutation(
        "files that are meant for the customer",
        "item.shared_attachment_ids",
        "item.attachment_ids",
        ("test_shared_files",),
        SEND + "_shared_files",
    ),
    Mutation(
        "blocked invoice addresses",
        "and partner.email_normalized not in blocked",
        "",
        ("test_case_29_address_that_cannot_be_reached",),
        SEND + "_own_addresses",
    ),
    Mutation(
        "a share that is settled",
        'return None if _is_owed(self._item_values()[self]) else "settled"',
        "return None",
        ("test_case_29_paid_before_it_leaves",),
        SEND + "_stopped_by",
    ),
    Mutation(
        "blacklisted in the outbox",
        'return bool(blacklist.search_count([("email", "=", address)], limit=1))',
        "return False",
        ("test_blacklisted_in_the_outbox",),
        "mail.mail._dso_outdated",
    ),
    Mutation(
        "of a disputed part not more than is open",
        "line.disputed_only and 0 < abs(line.amount) < abs(",
        "line.disputed_only and 0 < abs(line.amount) and abs(",
        ("test_disputed_part_partly_paid",),
        SEND + "_item_values",
    ),
]
vars().update(
    mutated_cases(
        MUTATIONS,
        __name__,
        test_access_tokens,
        test_contacts,
        test_documents,
        test_placeholders,
        test_replies,
        test_sending,
        test_sending_hostile,
    )
)
