"""Each rule broken once in the form that production runs, the SQL of
``evaluation.py`` and the few methods of models that carry rules: the named tests of
the addon must turn red."""

from mutation_tools import (
    Mutation,
    add_tests,
    helpers_of,
    mutated_functions,
    mutated_method,
    tests_of,
)

from odoo.tests import tagged

from odoo.addons.dso_collection.engine import evaluation
from odoo.addons.dso_collection.tests import (
    common,
    test_engine_examples,
    test_engine_rules,
)

FUNCTIONS = ("evaluation_ctes", "evaluation_statement")
MUTATIONS = [
    # Who leads
    Mutation(
        "L1",
        "\n               AND q.kind = 'invoice' AS leads",
        " AS leads",
        ("test_l1_only_invoices_lead",),
    ),
    Mutation(
        "L1",
        "MIN(due) FILTER (WHERE leads)",
        "MAX(due) FILTER (WHERE leads)",
        ("test_e03_oldest_due_leads",),
    ),
    Mutation(
        "L2",
        "AND d.ignored IS NOT TRUE",
        "",
        ("test_l2_ignored",),
    ),
    Mutation(
        "L2",
        "AND NOT i.before_opening",
        "",
        ("test_l2_before_insolvency",),
    ),
    Mutation(
        "L16",
        "AND NOT s.rests",
        "",
        ("test_l16_member_on_hold",),
    ),
    Mutation(
        "L2",
        "< s.opened AS before_opening",
        "<= s.opened AS before_opening",
        ("test_l2_before_insolvency",),
    ),
    Mutation(
        "L17",
        "AND ch.commercial_partner_id = n.partner_id),",
        "),",
        ("test_l17_contact_of_another_customer",),
    ),
    Mutation(
        "L17",
        "n.type = ANY(n.closed)",
        "FALSE",
        ("test_l17_closed_channel",),
    ),
    Mutation(
        "L2",
        "AND al.move_id IS NOT NULL",
        "AND FALSE",
        ("test_l2_two_specific_actions",),
    ),
    Mutation(
        "L2",
        "AND al.disputed_only IS NOT TRUE",
        "",
        ("test_l2_partial_dispute",),
    ),
    Mutation(
        "L2",
        "t.state IN ('pending', 'authorized')",
        "t.state IN ('pending')",
        ("test_l2_payment_under_way",),
    ),
    Mutation(
        "L2",
        "AND t.amount >= (",
        "AND 0 < (",
        ("test_l2_payment_under_way_must_cover",),
    ),
    Mutation(
        "L2",
        "AND i.in_payment IS NOT TRUE",
        "",
        ("test_l2_in_payment",),
    ),
    Mutation(
        "L2",
        "AND (d.status_type IS DISTINCT FROM 'dispute'\n",
        "AND (TRUE\n",
        ("test_l2_dispute_excludes_without_its_follow_up",),
    ),
    Mutation(
        "L2",
        "THEN i.residual - d.disputed_company",
        "THEN i.residual",
        ("test_l2_partial_dispute",),
    ),
    Mutation(
        "L2",
        "AND (d.status_type IS DISTINCT FROM 'litigation'",
        "AND (TRUE",
        ("test_l2_litigation",),
    ),
    Mutation(
        "L2",
        "OR NOT s.litigation_excluded) AS free",
        "OR FALSE) AS free",
        ("test_l2_litigation",),
    ),
    Mutation(
        "L2",
        "l.amount_residual > 0 AND (\n",
        "TRUE AND (\n",
        ("test_l2_no_followup",),
    ),
    Mutation(
        "L2",
        "l.no_followup IS TRUE OR m",
        "FALSE OR m",
        ("test_l2_no_followup",),
    ),
    Mutation(
        "L2",
        " OR m.payment_state = 'blocked'",
        "",
        ("test_l2_blocked_payment",),
    ),
    Mutation(
        "L2",
        "AND q.claim > 0 AND q.claim >= q.ignore_below",
        "AND q.claim > 0",
        ("test_e14_thresholds",),
    ),
    Mutation(
        "L2",
        "(q.claim <= 0 OR q.claim >= q.ignore_below)",
        "(q.claim >= q.ignore_below)",
        ("test_l2_ignore_threshold",),
    ),
    Mutation(
        "L13",
        "(c.move_id = s.leader_id AND c.account_id = s.leader_account_id)\n"
        "               IS TRUE DESC,",
        "",
        ("test_l13_sticky_leader",),
    ),
    Mutation(
        "L13",
        "           COALESCE(m.invoice_date, m.date), COALESCE(m.name",
        "           COALESCE(m.name",
        ("test_l13_ties",),
    ),
    Mutation(
        "L13",
        """COLLATE "C",""",
        """COLLATE "C" DESC,""",
        ("test_l13_ties",),
    ),
    # The next step and its date
    Mutation(
        "L3",
        "      ORDER BY st.ord\n         LIMIT 1",
        "      ORDER BY st.ord DESC\n         LIMIT 1",
        ("test_e01_preventive_step_lapsed",),
    ),
    Mutation(
        "L3",
        "AND x.action_model_id = r.action_model_id",
        "",
        ("test_l17_confirmation_lapses_with_the_model",),
    ),
    Mutation(
        "L4",
        "c.new_leader_date + st.days,",
        "c.today + st.days,",
        ("test_e01_preventive_step_lapsed",),
    ),
    Mutation(
        "L5",
        "c.c_done_date + CASE WHEN done.base",
        "NULL::date + CASE WHEN done.base",
        ("test_e04_interval_kept_after_late_step",),
    ),
    Mutation(
        "L5",
        "THEN st.days - done.days",
        "THEN st.days",
        ("test_e04_interval_kept_after_late_step",),
    ),
    Mutation(
        "L6",
        "GREATEST(c.last_any_date, c.new_leader_date)) + st.days",
        "c.new_leader_date) + st.days",
        ("test_l6_last_action_step_first",),
    ),
    Mutation(
        "L6",
        "                         c.c_done_date,\n",
        "                         NULL::date,\n",
        ("test_l6_after_a_step_done_before_the_due_date",),
    ),
    Mutation(
        "L8",
        "AND (c.today > c.new_leader_date OR d.date > c.new_leader_date)",
        "AND c.today > c.new_leader_date",
        ("test_l8_gap_pushes_a_preventive_step_out",),
    ),
    Mutation(
        "L8",
        "AND (c.today > c.new_leader_date OR d.date > c.new_leader_date)",
        "AND d.date > c.new_leader_date",
        ("test_e01_preventive_step_lapsed",),
    ),
    Mutation(
        "L8",
        "st.days < 0\n",
        "st.days <= 0\n",
        ("test_l4_step_on_the_due_date",),
    ),
    Mutation(
        "L9",
        "AND st.ord > COALESCE(last.ord, 0)",
        "AND st.ord > COALESCE(last.ord, 0) AND d.date >= c.today",
        ("test_e22_first_load_of_old_receivables",),
    ),
    Mutation(
        "L10",
        "st.ord > COALESCE(last.ord, 0)",
        "st.ord >= COALESCE(last.ord, 0)",
        ("test_l10_skip",),
    ),
    Mutation(
        "L11",
        "CASE WHEN n.redate_holds THEN n.c_redate_date ELSE n.step_date END AS date",
        "n.step_date AS date",
        ("test_e20_redating",),
    ),
    # Restarts and corrections
    Mutation(
        "L7",
        "p.leader_changed OR p.scenario_changed AS changed",
        "p.scenario_changed AS changed",
        ("test_e06_leader_paid_restarts",),
    ),
    Mutation(
        "L7",
        "WHEN NOT q.changed THEN q.last_done_date END",
        "ELSE q.last_done_date END",
        ("test_l7_no_leader_closes_the_cycle",),
    ),
    Mutation(
        "L7",
        "(l.move_id, l.account_id, l.due) IS DISTINCT FROM\n"
        "                       (s.leader_id, s.leader_account_id, s.leader_date)\n",
        "(l.move_id, l.account_id) IS DISTINCT FROM\n"
        "                       (s.leader_id, s.leader_account_id)\n",
        ("test_l7_due_date_changed",),
    ),
    Mutation(
        "L7",
        "AND p.memory ? p.new_key AS restored",
        "AND FALSE AS restored",
        ("test_l7_unreconcile",),
    ),
    Mutation(
        "L7",
        "NOT p.scenario_changed AND p.corrected",
        "NOT p.scenario_changed",
        ("test_l7_resolved_dispute_is_an_event",),
    ),
    Mutation(
        "L7",
        "                       OR (o.leader_account_id, o.leader_id) IN (\n"
        "                           SELECT account_id, move_id FROM corrected)\n",
        "",
        ("test_l7_undone_resolution",),
    ),
    Mutation(
        "L7",
        "THEN (q.memory->q.new_key->>'redate_step')::int",
        "THEN NULL",
        ("test_l7_correction_gives_the_redating_back",),
    ),
    Mutation(
        "L14",
        "s.scenario_id IS DISTINCT FROM s.cycle_scenario_id",
        "FALSE",
        ("test_l14_scenario_switch",),
    ),
    Mutation(
        "L15",
        "THEN c.last_any_date + c.minimum_gap END",
        "THEN NULL::date END",
        ("test_e10_minimum_gap",),
    ),
    Mutation(
        "L15",
        "THEN c.reentry_date + c.breathing_space END",
        "THEN NULL::date END",
        ("test_l15_breathing_space_after_a_dispute",),
    ),
    # No action
    Mutation(
        "L12",
        "a.hold_until >= a.today",
        "a.hold_until > a.today",
        ("test_l12_hold",),
    ),
    Mutation(
        "L12",
        "st.active) AS has_steps",
        "TRUE) AS has_steps",
        ("test_l12_scenario_of_archived_steps",),
    ),
    Mutation(
        "L12",
        "WHEN COALESCE(b.balance, 0) <= 0",
        "WHEN COALESCE(b.balance, 0) < 0",
        ("test_l7_cycle_goes_on_without_proposal",),
    ),
    Mutation(
        "L12",
        "ELSE COALESCE(b.balance, 0) END < x.minimum_amount",
        "ELSE COALESCE(b.balance, 0) END <= x.minimum_amount",
        ("test_l12_minimum_of_what_is_overdue",),
    ),
    Mutation(
        "L12",
        "WHEN x.minimum_amount > 0\n                     AND CASE",
        "WHEN CASE",
        ("test_l12_minimum_off",),
    ),
    Mutation(
        "L12",
        "AND COALESCE(b.net_overdue, 0) <= 0 THEN",
        "AND COALESCE(b.net_overdue, 0) < 0 THEN",
        ("test_e28_credit_covers_the_overdue",),
    ),
    Mutation(
        "L12",
        "WHERE counts AND (due < today OR claim < 0)",
        "WHERE counts AND due < today",
        ("test_l12_credits_count_whatever_their_date",),
    ),
    Mutation(
        "L12",
        "WHEN x.today > x.new_leader_date\n                     AND",
        "WHEN",
        ("test_l12_minimum_off",),
    ),
    Mutation(
        "L12",
        "WHEN x.scenario_id IS NULL THEN 'no_scenario'",
        "",
        ("test_e18_no_scenario_empty_scenario_end",),
    ),
    # Groups
    Mutation(
        "L16",
        "WHERE a.id = ANY(%(heads)s) OR a.head_id = ANY(%(heads)s)",
        "WHERE a.id = ANY(%(heads)s)",
        ("test_l16_one_leader_for_the_group",),
    ),
    Mutation(
        "L16",
        "SET leader_id = CASE WHEN n.is_head THEN n.new_leader_id\n"
        "                            ELSE a.leader_id END",
        "SET leader_id = n.new_leader_id",
        ("test_l16_undoing_loses_nothing",),
    ),
    Mutation(
        "L16",
        "         WHERE s.head_id IS NOT NULL\n           ) p\n",
        "         WHERE FALSE\n           ) p\n",
        ("test_l16_one_leader_for_the_group",),
    ),
    # What cancels and unconfirms
    Mutation(
        "L17",
        "p.date >= y.date\n",
        "TRUE\n",
        ("test_l17_confirmation_lapses_when_the_step_moves_earlier",),
    ),
    Mutation(
        "L17",
        "AND p.amount_claimed <= y.confirmed_amount",
        "",
        ("test_l17_confirmation_lapses_when_the_claim_rises",),
    ),
    Mutation(
        "L17",
        "p.type, FALSE, p.date",
        "p.type, TRUE, p.date",
        ("test_l17_cancelled_even_if_confirmed",),
    ),
    Mutation(
        "L17",
        "AND EXISTS (SELECT 1 FROM dso_action_line al WHERE al.action_id = x.id)",
        "AND FALSE",
        ("test_q4_specific_action_closes_by_itself",),
    ),
    Mutation(
        "L17",
        "CASE WHEN p.problem IS NULL THEN 'planned' ELSE 'error' END",
        "'planned'",
        ("test_l17_missing_template_is_told_at_once",),
    ),
    # Where a restart enters
    Mutation(
        "entry",
        "AND f.active AND f.formal), 2147483647)",
        "AND FALSE), 2147483647)",
        ("test_entry_matching_age",),
    ),
    Mutation(
        "entry",
        "WHEN c.entry = 'where_stopped' THEN (",
        "WHEN FALSE THEN (",
        ("test_entry_where_stopped",),
    ),
    # Methods of models that carry rules
    Mutation(
        "L7",
        '"cycle_memory": False,',
        "",
        ("test_l7_no_place_back_after_another_action",),
        "dso.account._step_done",
    ),
    Mutation(
        "L15",
        '"last_any_date": max(last_any or date, date),',
        "",
        ("test_e10_minimum_gap",),
        "dso.account._step_done",
    ),
    Mutation(
        "L10",
        '"last_step_id": step.id, ',
        "",
        ("test_l10_skip",),
        "dso.account._step_skipped",
    ),
    Mutation(
        "L10",
        '"last_step_id": step.id, ',
        '"last_step_id": step.id, "last_done_step_id": step.id,'
        ' "last_done_date": self.company_id._dso_today(), ',
        ("test_l5_interval_runs_from_the_last_step_done",),
        "dso.account._step_skipped",
    ),
    Mutation(
        "L11",
        "self.write(",
        "dict(",
        ("test_e20_redating",),
        "dso.account._redate",
    ),
    Mutation(
        "L7",
        "if corrected else ()",
        "if False else ()",
        ("test_l7_unreconcile",),
        "account.partial.reconcile._dso_mark",
    ),
    Mutation(
        "L7",
        "corrected=[",
        "corrected=[] and [",
        ("test_l7_undone_qualification",),
        "dso.qualification.action_undo",
    ),
    Mutation(
        "L15",
        "if items:",
        "if False:",
        ("test_l15_breathing_space_after_a_promise",),
        "dso.item._reenter",
    ),
    Mutation(
        "L17",
        "action.confirmed and date >= action.date",
        "action.confirmed",
        ("test_l17_confirmation_lapses_on_an_earlier_date",),
        "dso.action.action_reschedule",
    ),
    Mutation(
        "L17",
        '.write({"confirmed": False})',
        "",
        ("test_l17_confirmation_lapses_with_the_recipient",),
        "dso.account._unconfirm",
    ),
]
CASES = (
    test_engine_examples.TestEngineExamples,
    test_engine_rules.TestLeader,
    test_engine_rules.TestCycle,
    test_engine_rules.TestProposals,
)


@tagged("post_install", "-at_install")
class TestMutatedEvaluation(helpers_of(*CASES), common.DsoCommon):
    def test_every_rule_is_broken(self):
        """L1-L17, each at least once."""
        self.assertGreaterEqual(
            {mutation.rule for mutation in MUTATIONS},
            {f"L{number}" for number in range(1, 18)},
        )

    def broken(self, mutation):
        if mutation.method:
            return mutated_method(self.registry, mutation)
        return mutated_functions(evaluation, mutation, FUNCTIONS)


add_tests(TestMutatedEvaluation, MUTATIONS, tests_of(*CASES))
