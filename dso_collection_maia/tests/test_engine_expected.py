"""The spread of payments: plain Python, no records."""

import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import expected
from ..engine.expected import DAYS, FIRST, LAST, Spread, chances, of_everybody, tally

NOBODY = np.full(DAYS, expected.FLOOR)


@tagged("post_install", "-at_install")
class TestEngineExpected(BaseCase):
    def alone(self, *ages, still_open=(), strength=1e-9):
        """The spread of one customer who paid at these ages, with nobody beside."""
        every = [*ages, *still_open]
        seen = tally(
            [0] * len(every),
            1,
            [-30] * len(every),
            every,
            [True] * len(ages) + [False] * len(still_open),
        )
        return Spread(chances(seen, NOBODY, strength))

    def asked(self, spread, age=-30, **values):
        return spread.expected([0], [age], **values).tolist()[0]

    def test_median(self):
        """Half of the invoices are paid by the expected day."""
        spread = self.alone(2, 4, 6, 8, 10)
        self.assertEqual(self.asked(spread), 6)
        self.assertEqual(self.asked(spread, likely=0.75), 8)

    def test_given_that_it_is_open(self):
        """What is open after most others were paid is expected among the late ones."""
        spread = self.alone(2, 4, 6, 8, 10)
        self.assertEqual(self.asked(spread, 7), 8)
        self.assertEqual(self.asked(spread, 9), 10)

    def test_never_before_today(self):
        """Nothing is expected in the past, however old it is."""
        spread = self.alone(2, 4, strength=1.0)
        for age in (5, 50, 300):
            self.assertGreaterEqual(self.asked(spread, age), age)

    def test_open_ones_count(self):
        """Invoices that nobody paid make a customer slower than his payments alone."""
        paid = self.alone(1, 2, 3)
        also_open = self.alone(1, 2, 3, still_open=[90, 90, 90])
        self.assertEqual(self.asked(paid), 2)
        self.assertGreaterEqual(self.asked(also_open), 3)
        self.assertGreater(self.asked(also_open, likely=0.6), 90)

    def test_open_today_is_not_paid_today(self):
        """An open invoice was unpaid up to yesterday: today is not held against it."""
        seen = tally([0, 0], 1, [-30, -30], [5, 5], [True, False])
        at_five = 5 - FIRST
        self.assertEqual(seen.risk[0, at_five - 1], 2)
        self.assertEqual(seen.risk[0, at_five], 1)
        self.assertEqual(seen.paid[0, at_five], 1)

    def test_not_expected(self):
        """Who has paid nothing for a year is not expected to pay."""
        spread = self.alone(still_open=[400] * 10)
        self.assertGreater(self.asked(spread, 0), LAST)
        self.assertGreater(self.asked(self.alone(1, 2), LAST + 1), LAST)

    def test_known_from_its_issue(self):
        """Before its issue nobody could pay it: it does not count as unpaid then."""
        seen = tally([0], 1, [-10], [3], [True])
        self.assertEqual(seen.risk[0, : -10 - FIRST].sum(), 0)
        self.assertEqual(seen.risk[0].sum(), 14)

    def test_few_payments_lean_on_the_others(self):
        """With one payment a customer is nearly like the others; with fifty himself."""
        others = tally([0] * 100, 1, [-30] * 100, [20] * 100, [True] * 100)
        wide = of_everybody(others)
        own = tally([0] + [1] * 50, 2, [-30] * 51, [40] + [40] * 50, [True] * 51)
        spread = Spread(chances(own, wide, 3.0))
        few, many = spread.expected([0, 1], [-30, -30])
        self.assertEqual((few, many), (20, 40))

    def test_groups_do_not_mix(self):
        """Asked together, each group gets the day that it gets alone."""
        late, early = self.alone(30, 31, 32), self.alone(-5, -4, -3)
        seen = tally(
            [0, 0, 0, 1, 1, 1], 2, [-30] * 6, [30, 31, 32, -5, -4, -3], [True] * 6
        )
        both = Spread(chances(seen, NOBODY, 1e-9))
        self.assertEqual(
            both.expected([0, 1, 0], [-30, -30, 31]).tolist(),
            [self.asked(late), self.asked(early), self.asked(late, 31)],
        )

    def test_times(self):
        """Equal invoices may be counted once, with their number."""
        one = tally([0, 0, 0], 1, [-9] * 3, [4, 4, 7], [True, True, False])
        two = tally([0, 0], 1, [-9] * 2, [4, 7], [True, False], [2, 1])
        np.testing.assert_array_equal(one.risk, two.risk)
        np.testing.assert_array_equal(one.paid, two.paid)

    def test_edges(self):
        """Ages beyond the edges count at the edge, and break nothing."""
        seen = tally([0, 0], 1, [-999, -999], [-999, 9999], [True, False])
        self.assertEqual(seen.paid.sum(), 1)
        self.assertEqual(seen.risk[0, -1], 0)
        self.assertTrue(np.isfinite(chances(seen, NOBODY, 1.0)).all())
