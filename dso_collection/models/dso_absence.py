"""Absences: who stands in for a collector (rules.md §10)."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class DsoAbsence(models.Model):
    _name = "dso.absence"
    _description = "Absence"
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        "Absent",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("To", help="Last day of the absence; empty: until further.")
    substitute_id = fields.Many2one(
        "res.users",
        "Substitute",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        help="Sees the actions of the absent user as his own, and writes in his place.",
    )
    company_id = fields.Many2one("res.company", help="Empty: in all companies.")
    note = fields.Char()

    _dates_in_order = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "An absence ends on or after its first day.",
    )
    _another_person = models.Constraint(
        "CHECK(user_id <> substitute_id)",
        "Nobody is his own substitute: choose somebody else.",
    )

    @api.constrains("user_id", "date_from", "date_to", "company_id")
    def _check_overlap(self):
        for absence in self:
            other = (
                self.sudo()  # of companies that the user cannot see, too
                .search(
                    Domain("user_id", "=", absence.user_id.id)
                    & Domain("id", "!=", absence.id)
                    & (
                        Domain("date_to", "=", False)
                        | Domain("date_to", ">=", absence.date_from)
                    )
                    & (
                        Domain("date_from", "<=", absence.date_to)
                        if absence.date_to
                        else Domain.TRUE
                    )
                )
                .filtered(
                    lambda other, a=absence: (
                        not (other.company_id and a.company_id)
                        or other.company_id == a.company_id
                    )
                )
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "%s is already absent on some of these days, with a substitute:"
                        " change that absence.",
                        absence.user_id.name,
                    )
                )

    @api.model
    def _substitutes(self, company, today=None):
        """Who stands in for whom in a company on a day.

        A substitute who is absent too hands on to his own; a circle, or a substitute
        who was archived, leaves the absent one himself.

        :param company: res.company, a root
        :param today: date; default the company's today
        :return: {user id: id of the user who acts for him}, absent users only
        """
        today = today or company._dso_today()
        absences = self.sudo().search(  # who acts for whom is no secret among users
            Domain("date_from", "<=", today)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", today))
            & Domain("company_id", "in", [False, company.id])
        )
        direct = {
            absence.user_id.id: absence.substitute_id.id
            for absence in absences
            if absence.substitute_id.active
        }
        acting = {}
        for user in direct:
            seen = {user}
            substitute = direct[user]
            while substitute in direct and substitute not in seen:
                seen.add(substitute)
                substitute = direct[substitute]
            if substitute not in seen:
                acting[user] = substitute
        return acting
