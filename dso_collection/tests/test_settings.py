"""Settings of the company: what new accounts get, and when messages leave."""

from datetime import datetime, timedelta, timezone

import psycopg2
import pytz

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import DsoCommon

SWITCHES = ("penalties", "recovery", "interactive")


def utc(text):
    """``"23 Nov 07:30"`` → that moment of 2026 in UTC, as Odoo stores it."""
    return datetime.strptime(f"2026 {text}", "%Y %d %b %H:%M")


class SettingsCommon(DsoCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._calendar("Office hours")
        cls.company.dso_sending_calendar_id = cls.calendar

    @classmethod
    def _calendar(cls, name, hours=((8, 12), (13, 18)), weekdays="01234", **values):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "company_id": False,
                "tz": "Asia/Tokyo",  # of no importance: the company's zone counts
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": "Slot",
                            "dayofweek": weekday,
                            "hour_from": start,
                            "hour_to": end,
                        }
                    )
                    for weekday in weekdays
                    for start, end in hours
                ],
                **values,
            }
        )

    def holiday(self, start, end, calendar=None, company=None, **values):
        """Time off between two moments in UTC."""
        return (
            self.env["resource.calendar.leaves"]
            .with_company(company or self.company)
            .create(
                {
                    "name": "Holiday",
                    "calendar_id": calendar.id if calendar else False,
                    "company_id": (company or self.company).id,
                    "date_from": utc(start),
                    "date_to": utc(end),
                    **values,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestNewAccounts(SettingsCommon):
    """rules.md §1.3: defaults and assignment rules reach every new customer."""

    def switches(self, account):
        return tuple(account[name] for name in SWITCHES)

    def test_defaults_by_each_road(self):
        """The ledger, the contact's button and a hand make the same account."""
        for given in ((True, True, True), (True, False, False), (False, False, True)):
            self.company.write(
                {
                    f"dso_{name}": value
                    for name, value in zip(SWITCHES, given, strict=True)
                }
            )
            ledger = self._customer("From the ledger")
            self.invoice("10 Nov", partner=ledger)
            self.env.flush_all()
            account = self.env["dso.account"]._ensure([(self.company.id, ledger.id)])
            self.assertEqual(self.switches(account), given)
            self.assertEqual(
                self.switches(self.account(self._customer("From the contact"))), given
            )
            by_hand = self.env["dso.account"].create(
                {"partner_id": self._customer("By hand").id}
            )
            self.assertEqual(self.switches(by_hand), given)

    def test_what_is_given_at_creation_wins(self):
        self.company.dso_penalties = True
        account = self.env["dso.account"].create(
            {"partner_id": self._customer("No penalties").id, "penalties": False}
        )
        self.assertFalse(account.penalties)

    def test_settings_leave_existing_accounts_alone(self):
        account = self.account()
        self.company.write({f"dso_{name}": True for name in SWITCHES})
        self.assertEqual(self.switches(account), (False, False, False))
        account.interactive = True
        self.company.dso_interactive = False
        self.evaluate()
        self.assertTrue(account.interactive)

    def test_an_assignment_rule_says_yes_no_or_nothing(self):
        """First rule that gives a value wins, for each value by itself."""
        self.company.write({"dso_penalties": True, "dso_recovery": True})
        Rule = self.env["dso.assignment.rule"]
        Rule.create(
            {
                "name": "Public",
                "sequence": 1,
                "domain": "[('name', 'ilike', 'City')]",
                "penalties": "no",
                "interactive": "yes",
            }
        )
        Rule.create({"name": "All", "sequence": 2, "interactive": "no"})
        city = self._customer("City of Namur")
        self.assertEqual(self.switches(self.account(city)), (False, True, True))
        self.assertEqual(self.switches(self.account()), (True, True, False))
        ledger = self._customer("City of Dinant")
        self.invoice("10 Nov", partner=ledger)
        self.assertEqual(self.switches(self.account(ledger)), (False, True, True))

    def test_a_rule_that_gives_only_no_is_a_rule(self):
        rule = self.env["dso.assignment.rule"].create(
            {"name": "No page", "interactive": "no"}
        )
        with self.assertRaises(ValidationError):
            rule.interactive = False

    @mute_logger("odoo.sql_db")
    def test_negative_rate_or_cost_is_refused(self):
        for name in ("dso_penalty_rate", "dso_recovery_cost"):
            with (
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.company[name] = -1
                self.company.flush_recordset()

    def test_a_branch_changes_the_settings_of_its_root(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids += branch
        settings = (
            self.env["res.config.settings"]
            .with_context(allowed_company_ids=[branch.id, self.company.id])
            .create({"company_id": branch.id})
        )
        self.assertEqual(settings.dso_scenario_id, self.scenario)
        settings = settings.create({"company_id": branch.id, "dso_penalty_rate": 8})
        settings.execute()
        self.assertEqual(self.company.dso_penalty_rate, 8)
        self.assertFalse(branch.dso_penalty_rate)


@tagged("post_install", "-at_install")
class TestSendingHours(SettingsCommon):
    """rules.md §1.3, E21: the days and hours on which automatic messages leave."""

    def assertOpens(self, now, expected, company=None):
        """From ``now`` (UTC), messages may leave at ``expected`` (local time)."""
        company = company or self.company
        opening = company._dso_sending_next(utc(now))
        self.assertEqual(
            opening.replace(tzinfo=None), utc(expected), f"{opening} seen from {now}"
        )
        # open now, if and only if that is now
        zone = company._dso_timezone()
        local = pytz.utc.localize(utc(now)).astimezone(zone)
        self.assertEqual(company._dso_sending_open(utc(now)), opening == local)

    def test_every_company_has_sending_hours(self):
        shipped = self.env.ref("dso_collection.sending_calendar")
        self.assertFalse(shipped.company_id)
        new = self.env["res.company"].create({"name": "New"})
        self.assertEqual(new.dso_sending_calendar_id, shipped)
        self.company.dso_sending_calendar_id = False
        self.env["res.company"]._dso_set_defaults()
        self.assertEqual(self.company.dso_sending_calendar_id, shipped)

    def test_saturday_waits_for_monday(self):
        """E21: planned Sat 21 Nov, sent Mon 23 Nov in the slot."""
        self.assertOpens("21 Nov 10:00", "23 Nov 08:00")
        self.assertOpens("22 Nov 23:59", "23 Nov 08:00")
        self.assertOpens("23 Nov 08:00", "23 Nov 08:00")

    def test_slots_have_a_first_and_no_last_moment(self):
        self.assertOpens("23 Nov 07:59", "23 Nov 08:00")
        self.assertOpens("23 Nov 11:59", "23 Nov 11:59")
        self.assertOpens("23 Nov 12:00", "23 Nov 13:00")
        self.assertOpens("23 Nov 18:00", "24 Nov 08:00")
        self.assertOpens("27 Nov 18:00", "30 Nov 08:00")

    def test_the_present_is_the_default(self):
        with freeze_time("2026-11-23 10:00:00"):
            self.assertTrue(self.company._dso_sending_open())
            self.assertEqual(
                self.company._dso_sending_next(),
                datetime(2026, 11, 23, 10, tzinfo=timezone.utc),
            )
        with freeze_time("2026-11-22 10:00:00"):
            self.assertFalse(self.company._dso_sending_open())

    def test_hours_are_those_of_the_company(self):
        """Neither of the calendar, nor of the user, nor of UTC."""
        self.company.dso_tz = "Europe/Brussels"
        self.env.user.tz = "America/New_York"
        self.assertOpens("23 Nov 06:59", "23 Nov 08:00")
        self.assertOpens("23 Nov 07:00", "23 Nov 08:00")
        self.assertOpens("23 Nov 16:59", "23 Nov 17:59")
        self.assertOpens("23 Nov 17:00", "24 Nov 08:00")
        # summer time
        self.assertOpens("6 Jul 06:00", "6 Jul 08:00")

    def test_around_midnight(self):
        """Monday begins in Auckland while UTC still writes Sunday, and in Honolulu
        when UTC has long had it."""
        self.company.dso_sending_calendar_id = self._calendar(
            "Monday", hours=[(0, 24)], weekdays="0"
        )
        self.company.dso_tz = "Pacific/Auckland"  # UTC + 13
        self.assertOpens("22 Nov 10:59", "23 Nov 00:00")
        self.assertOpens("22 Nov 11:00", "23 Nov 00:00")
        self.assertOpens("23 Nov 10:59", "23 Nov 23:59")
        self.assertOpens("23 Nov 11:00", "30 Nov 00:00")
        self.company.dso_tz = "Pacific/Honolulu"  # UTC - 10
        self.assertOpens("23 Nov 09:59", "23 Nov 00:00")
        self.assertOpens("23 Nov 10:00", "23 Nov 00:00")
        self.assertOpens("24 Nov 09:59", "23 Nov 23:59")

    def test_the_zone_of_the_company_falls_back(self):
        self.company.dso_tz = False
        self.company.partner_id.tz = "Europe/Brussels"
        self.assertOpens("23 Nov 07:00", "23 Nov 08:00")
        self.company.partner_id.tz = False
        self.assertOpens("23 Nov 07:00", "23 Nov 08:00")
        self.assertFalse(self.company._dso_sending_open(utc("23 Nov 07:00")))

    def test_an_aware_moment_is_taken_as_it_is(self):
        moment = pytz.timezone("Europe/Brussels").localize(utc("23 Nov 08:30"))
        self.assertFalse(self.company._dso_sending_open(moment))  # 07:30 UTC
        moment += timedelta(hours=1)
        self.assertTrue(self.company._dso_sending_open(moment))

    def test_holidays(self):
        """Time off of the calendar, or of all, holds messages back."""
        self.holiday("23 Nov 00:00", "23 Nov 23:59", self.calendar)
        self.holiday("24 Nov 00:00", "24 Nov 12:59")
        self.assertOpens("23 Nov 09:00", "24 Nov 13:00")

    def test_what_is_no_holiday_of_sending(self):
        """Another calendar's, another company's, a person's time off, and what
        counts as work."""
        self.holiday("23 Nov 00:00", "23 Nov 23:59", self._calendar("Other"))
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids += other
        self.holiday("23 Nov 00:00", "23 Nov 23:59", company=other)
        self.holiday("23 Nov 00:00", "23 Nov 23:59", self.calendar, time_type="other")
        resource = (
            self.env["resource.resource"]
            .sudo()
            .create({"name": "Somebody", "calendar_id": self.calendar.id})
        )
        self.holiday(
            "23 Nov 00:00", "23 Nov 23:59", self.calendar, resource_id=resource.id
        )
        self.assertOpens("23 Nov 09:00", "23 Nov 09:00")

    def test_a_long_holiday_still_ends(self):
        self.holiday("23 Nov 00:00", "31 Dec 23:59", self.calendar)
        opening = self.company._dso_sending_next(utc("23 Nov 09:00"))
        self.assertEqual(
            opening.replace(tzinfo=None), datetime(2027, 1, 1, 8), "a Friday"
        )
        self.assertFalse(self.company._dso_sending_problem(utc("23 Nov 09:00")))

    def test_no_calendar_is_always_open(self):
        self.company.dso_sending_calendar_id = False
        self.assertOpens("22 Nov 03:00", "22 Nov 03:00")
        self.assertFalse(self.company._dso_sending_problem())

    def test_a_branch_keeps_the_hours_of_its_root(self):
        branch = self.env["res.company"].create(
            {
                "name": "Branch",
                "parent_id": self.company.id,
                "dso_sending_calendar_id": False,
                "dso_tz": "Asia/Tokyo",
            }
        )
        self.assertOpens("22 Nov 10:00", "23 Nov 08:00", branch)
        user = new_test_user(
            self.env,
            "branch_collector",
            "base.group_user,dso_collection.group_collector",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        self.assertFalse(branch.with_user(user)._dso_sending_open(utc("22 Nov 10:00")))
        # a holiday of the branch is one of the whole
        self.env.user.company_ids += branch
        self.holiday("23 Nov 00:00", "23 Nov 23:59", company=branch)
        self.assertOpens("22 Nov 10:00", "24 Nov 08:00")

    def test_a_week_out_of_two(self):
        """Calendars in two weeks mode: the 23 Nov 2026 is in a second week or not."""
        self.calendar.two_weeks_calendar = True
        this = self.env["resource.calendar.attendance"].get_week_type(
            utc("23 Nov 00:00").date()
        )
        self.calendar.attendance_ids.week_type = str(1 - this)
        self.assertOpens("23 Nov 09:00", "30 Nov 08:00")
        self.calendar.attendance_ids.week_type = str(this)
        self.assertOpens("23 Nov 09:00", "23 Nov 09:00")
        self.assertOpens("28 Nov 09:00", "07 Dec 08:00")

    def test_an_archived_calendar_stays_in_force(self):
        """What a company chose is not silently replaced by "at any time"."""
        self.calendar.active = False
        self.assertOpens("21 Nov 10:00", "23 Nov 08:00")

    def test_a_calendar_in_use_is_not_deleted(self):
        with (
            self.assertRaises(psycopg2.errors.ForeignKeyViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.calendar.unlink()

    def test_a_calendar_that_never_opens_is_refused_by_name(self):
        for calendar in (
            self._calendar("Nothing at all", weekdays=""),
            self._calendar("As you like", schedule_type="flexible"),
        ):
            with self.assertRaisesRegex(ValidationError, calendar.name):
                self.company.dso_sending_calendar_id = calendar
        self.company.dso_sending_calendar_id = False
        self.assertTrue(self.company._dso_sending_open())

    def test_a_calendar_that_was_emptied_is_told_by_name(self):
        self.calendar.attendance_ids.unlink()
        self.assertFalse(self.company._dso_sending_open(utc("23 Nov 09:00")))
        self.assertIsNone(self.company._dso_sending_next(utc("23 Nov 09:00")))
        self.assertIn("Office hours", self.company._dso_sending_problem())

    def test_a_calendar_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        calendar = self._calendar("Theirs", company_id=other.id)
        with self.assertRaisesRegex(ValidationError, "Theirs.*Other"):
            self.company.dso_sending_calendar_id = calendar
        calendar.company_id = self.company
        self.company.dso_sending_calendar_id = calendar

    def test_the_switch_is_off_and_remembers_who_and_when(self):
        self.assertFalse(
            self.env["res.company"].create({"name": "N"}).dso_sending_active
        )
        self.assertFalse(self.company.dso_sending_user_id)
        with freeze_time("2026-11-23 10:00:00"):
            self.company.dso_sending_active = True
        self.assertEqual(self.company.dso_sending_user_id, self.env.user)
        self.assertEqual(self.company.dso_sending_date, datetime(2026, 11, 23, 10))
        with freeze_time("2026-11-24 10:00:00"):
            self.company.dso_sending_active = True  # says nothing new
            self.assertEqual(self.company.dso_sending_date.day, 23)
            self.company.dso_sending_active = False
        self.assertEqual(self.company.dso_sending_date.day, 24)
