"""A blacklist of Odoo changes what can leave (rules.md L17)."""

from odoo import api, models


class DsoBlacklist(models.AbstractModel):
    """Whoever comes onto a blacklist, or leaves it, is evaluated again."""

    _name = "dso.blacklist"
    _description = "Blacklist that Collection heeds"

    #: Field of the list, and the field of a contact that is compared with it.
    _dso_entry = None
    _dso_of_contact = None

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries._dso_mark()
        return entries

    def write(self, vals):
        before = set(self.mapped(self._dso_entry))
        res = super().write(vals)
        self._dso_mark(before)
        return res

    def unlink(self):
        self._dso_mark()
        return super().unlink()

    def _dso_mark(self, entries=()):
        """Evaluate again who is written to by what stands in these rows.

        :param entries: what stood in them before
        """
        entries = {*entries, *self.mapped(self._dso_entry)} - {False}
        partners = (
            self.env["res.partner"]
            .sudo()  # ids only, to mark
            .search([(self._dso_of_contact, "in", list(entries))])
        )
        self.env["dso.dirty"]._mark(partners=partners.ids)
