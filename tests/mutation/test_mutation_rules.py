"""Each rule of ``rules.py`` broken once: its tests must turn red."""

import inspect
import types
import unittest

from mutation_tools import Mutation, mutated_module

from odoo.addons.dso_collection.engine import rules
from odoo.addons.dso_collection.tests import test_rules

MUTATIONS = [
    # Who leads
    Mutation("L1", 'return item.kind == "invoice" and claim', "return claim"),
    Mutation("L1", "return (item.due, not", "return (item.invoice_date, not"),
    Mutation("L1", "and claim(item) > 0 and takes_part", "and takes_part"),
    Mutation("L2", "        or item.starred\n", ""),
    Mutation("L2", "        or item.under_way\n", ""),
    Mutation("L2", "        or item.held\n", ""),
    Mutation("L2", "        or is_disputed(item)\n", ""),
    Mutation("L2", "        or is_litigious(item, settings)\n", ""),
    Mutation("L2", "        or is_small(item, settings)\n", ""),
    Mutation("L2", "and settings.litigation_excluded", ""),
    Mutation("L2", "return item.ignored or (", "return ("),
    Mutation("L2", "(item.blocked and item.residual > 0)", "item.blocked"),
    Mutation("L2", "(item.blocked and item.residual > 0)", "False"),
    Mutation("L2", "0 < item.disputed < item.residual", "False"),
    Mutation("L2", "0 < item.disputed < item.residual", "0 < item.disputed"),
    Mutation("L2", "return item.residual - item.disputed", "return item.residual"),
    Mutation("L2", "0 < claim(item) < settings", "0 < claim(item) <= settings"),
    Mutation("L2", "0 < claim(item) < settings", "claim(item) < settings"),
    Mutation("L13", "(item.due, not is_present, *tie)", "(item.due, *tie)"),
    Mutation("L13", "tie = (item.invoice_date, ", "tie = ("),
    Mutation("L13", "item.name, item.account, item.id)", "item.account, -item.id)"),
    # The next step and its date
    Mutation("L3", "ids.index(last_step) + 1 if", "ids.index(last_step) + 2 if"),
    Mutation(
        "L4", "day = leader.due + timedelta", "day = leader.invoice_date + timedelta"
    ),
    Mutation(
        "L5", "return max(day, cycle.last_done_date + timedelta(gap))", "return day"
    ),
    Mutation("L5", "return max(day, cycle.last_done", "return max(cycle.last_done"),
    Mutation("L5", "gap = step.days - last.days if", "gap = step.days if"),
    Mutation("L6", "max(cycle.last_any_date or leader.due, leader.due)", "leader.due"),
    Mutation(
        "L6",
        "max(cycle.last_any_date or leader.due, leader.due)",
        "cycle.last_any_date or leader.due",
    ),
    Mutation("L6", "    start = cycle.last_done_date\n", "    start = None\n"),
    Mutation("L8", "(today > leader.due or day > leader.due)", "today > leader.due"),
    Mutation("L8", "(today > leader.due or day > leader.due)", "day > leader.due"),
    Mutation("L8", "today > leader.due or", "today >= leader.due or"),
    Mutation("L8", 'step.base == "due" and step.days < 0', "step.days <= 0"),
    Mutation(
        "L9",
        "if not has_lapsed(step, day, leader, today):",
        "if not has_lapsed(step, day, leader, today) and day >= today:",
    ),
    Mutation("L10", "ids.index(last_step) + 1 if", "ids.index(last_step) if"),
    Mutation(
        "L10",
        "return replace(cycle, last_step=step, redate_step=None, redate=None)",
        "return done(cycle, step, cycle.leader_date)",
    ),
    Mutation("L10", "        last_done_step=step,\n", ""),
    Mutation("L11", "if cycle.redate_step == step.id:", "if False:"),
    Mutation("L11", "day = cycle.redate\n", "day = max(day, cycle.redate)\n"),
    # Restarts and corrections
    Mutation("L7", "elif leader_key(cycle) != item_key(leader):", "elif not leader:"),
    Mutation("L7", "item.account, item.due) if item", "item.account, None) if item"),
    Mutation("L7", "if comes in corrected or goes in corrected:", "if False:"),
    Mutation("L7", "if comes in corrected or goes in corrected:", "if True:"),
    Mutation("L7", "comes in corrected or goes in corrected", "goes in corrected"),
    Mutation("L7", "comes in corrected or goes in corrected", "comes in corrected"),
    Mutation("L7", "        memory={},\n", ""),
    Mutation("L14", "if cycle.scenario != scenario_id:", "if False:"),
    Mutation("L15", "if scenario.minimum_gap > 0 and cycle", "if False and cycle"),
    Mutation("L15", "if scenario.breathing_space > 0 and", "if False and"),
    Mutation("L15", "cycle.last_any_date, memory)", "None, memory)"),
    Mutation(
        "L16",
        "return (item.id, item.account, item.due)",
        "return (item.id, 0, item.due)",
    ),
    # No action
    Mutation("L12", "    if on_hold:\n", "    if False:\n"),
    Mutation(
        "L12",
        'if scenario is None:\n        return "no',
        'if False:\n        return "no',
    ),
    Mutation(
        "L12", "not any(step.active for step in scenario.steps)", "not scenario.steps"
    ),
    Mutation("L12", "    if balance <= 0:\n", "    if balance < 0:\n"),
    Mutation(
        "L12", "amount < settings.minimum_amount", "amount <= settings.minimum_amount"
    ),
    Mutation("L12", "overdue if settings.minimum_on_overdue else balance", "balance"),
    Mutation("L12", "settings.minimum_amount > 0 and", ""),
    Mutation("L12", "if leader.due < today and overdue <= 0:", "if overdue <= 0:"),
    Mutation("L12", "today and overdue <= 0:", "today and overdue < 0:"),
    Mutation("L12", "(item.due < today or claim(item) < 0)", "item.due < today"),
    Mutation("L12", 'None if proposal else "end_of_scenario"', "None"),
    # What is settled is not among the open items any more: nothing may survive it
    Mutation(
        "L17", "leader = find_leader(items, settings, cycle)", "leader = items[0]"
    ),
    # Where a restart enters
    Mutation(
        "entry", "        if step.active and step.formal:\n            break\n", ""
    ),
    Mutation("entry", 'scenario.entry == "matching_age"', "False"),
    Mutation("entry", 'scenario.entry == "where_stopped" and', "False and"),
    Mutation("entry", "timedelta(step.days) <= today", "timedelta(step.days) < today"),
]


def failures():
    """Run the tests of the rules against the module as imports find it now."""
    module = types.ModuleType(test_rules.__name__)
    module.__file__, module.__package__ = test_rules.__file__, test_rules.__package__
    source = inspect.getsource(test_rules)
    exec(compile(source, test_rules.__file__, "exec"), vars(module))
    loader = unittest.TestLoader()
    suite = unittest.TestSuite(
        loader.loadTestsFromTestCase(case)
        for case in vars(module).values()
        if isinstance(case, type)
        and issubclass(case, unittest.TestCase)
        and case.__module__ == module.__name__
    )
    result = unittest.TestResult()
    result.failfast = True
    suite.run(result)
    return result


class TestMutatedRules(unittest.TestCase):
    def test_unbroken(self):
        """Without a mutation everything is green, and much is tested."""
        result = failures()
        self.assertTrue(result.wasSuccessful(), result.failures + result.errors)
        self.assertGreater(result.testsRun, 100)

    def test_every_rule_is_broken(self):
        """L1-L17, each at least once."""
        self.assertGreaterEqual(
            {mutation.rule for mutation in MUTATIONS},
            {f"L{number}" for number in range(1, 18)},
        )


def _make_test(mutation):
    def test(self):
        with mutated_module(rules, mutation):
            result = failures()
        self.assertFalse(result.wasSuccessful(), f"survived: {mutation}")

    test.__doc__ = f"{mutation.rule}: {mutation.old!r} → {mutation.new!r}"
    return test


for _number, _mutation in enumerate(MUTATIONS):
    setattr(
        TestMutatedRules, f"test_{_number:02}_{_mutation.name}", _make_test(_mutation)
    )
