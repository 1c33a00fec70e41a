"""Collectors, their absences and who stands in (rules.md §10)."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, day
from .sending_common import SendingCommon


@tagged("post_install", "-at_install")
class TestCollectors(SendingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bob, cls.eve = (
            new_test_user(
                cls.env,
                login=name,
                email=f"{name}@company.example",
                groups="dso_collection.group_collector",
                company_id=cls.company.id,
            )
            for name in ("bob", "eve")
        )

    def setUp(self):
        super().setUp()
        clock = freeze_time(str(TODAY))
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)
        self.account().collector_id = self.collector

    def absence(self, user, substitute, start="20 Nov", end="30 Nov", **values):
        return self.env["dso.absence"].create(
            {
                "user_id": user.id,
                "substitute_id": substitute.id,
                "date_from": day(start),
                "date_to": end and day(end),
                **values,
            }
        )

    def assertActing(self, user):
        account = self.account()
        account.invalidate_recordset(["acting_collector_id"])
        self.assertEqual(account.acting_collector_id, user)
        Account = self.env["dso.account"]
        for other in self.collector | self.bob | self.eve:
            found = Account.search([("acting_collector_id", "=", other.id)])
            self.assertEqual(account in found, other == user, other.name)
        nobody = Account.search([("acting_collector_id", "=", False)])
        self.assertEqual(account in nobody, not user)

    def test_substitute(self):
        """§10: on each day of the absence, its last one included, and no longer."""
        self.assertActing(self.collector)
        absence = self.absence(self.collector, self.bob, end="23 Nov")
        self.assertActing(self.bob)
        absence.date_to = day("22 Nov")
        self.assertActing(self.collector)
        absence.write({"date_from": day("24 Nov"), "date_to": False})
        self.assertActing(self.collector)
        absence.date_from = TODAY
        self.assertActing(self.bob)

    def test_substitute_of_a_substitute(self):
        """§10: who is absent too hands on; a circle ends where it began."""
        self.absence(self.collector, self.bob)
        self.absence(self.bob, self.eve)
        self.assertActing(self.eve)
        self.absence(self.eve, self.collector)
        self.assertActing(self.collector)

    def test_archived_collector(self):
        """§10: an archived collector is none; his substitute still acts."""
        self.collector.active = False
        self.assertActing(self.env["res.users"])
        self.absence(self.collector, self.bob, end=None)
        self.assertActing(self.bob)
        self.bob.active = False
        self.assertActing(self.env["res.users"])

    def test_no_collector(self):
        """§10: without a collector messages come from a credit manager."""
        self.account().collector_id = False
        self.assertActing(self.env["res.users"])
        self.invoice("20 Nov")
        sender = self.proposal_of().sender_id
        self.assertEqual(sender, self.company._dso_fallback_sender())

    def test_my_actions(self):
        """§5: the substitute finds the actions among his own."""
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.absence(self.collector, self.bob)
        mine = self.env["dso.action"].search(
            [("acting_collector_id", "=", self.bob.id)]
        )
        self.assertIn(proposal, mine)

    def test_messages_of_the_substitute(self):
        """§10: he signs what leaves, and receives what went to the collector."""
        self.absence(self.collector, self.bob)
        self.invoice("20 Nov")
        proposal = self.proposal_of()
        self.assertEqual(proposal.sender_id, self.bob)
        self.assertIn("bob@company.example", proposal.sender_email)
        proposal.interactive = "internal"
        self.assertEqual(proposal._recipient(), self.bob.partner_id)
        proposal.resolver_id = self.eve
        self.assertEqual(proposal._recipient(), self.eve.partner_id)
        self.absence(self.eve, self.bob)
        self.assertEqual(proposal._recipient(), self.bob.partner_id)

    def test_absence_of_another_company(self):
        """§10: an absence in one company is none in another."""
        other = self.setup_other_company()["company"]
        self.absence(self.collector, self.bob, company_id=other.id)
        self.assertActing(self.collector)

    def test_overlap(self):
        """§10: one substitute at a time."""
        self.absence(self.collector, self.bob)
        with self.assertRaises(ValidationError):
            self.absence(self.collector, self.eve, start="30 Nov", end=None)
        self.absence(self.collector, self.eve, start="1 Dec", end=None)

    def test_rights(self):
        """§10: a collector enters his own absence, not another's."""
        absence = self.absence(self.bob, self.eve).with_user(self.bob)
        absence.note = "skiing"
        with self.assertRaises(AccessError):
            absence.with_user(self.eve).note = "not skiing"
        self.assertTrue(absence.with_user(self.eve).read(["note"]))
