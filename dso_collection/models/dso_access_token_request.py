"""What the link of a colleague is about: the items of the message he was sent."""

from odoo import models


class DsoAccessToken(models.Model):
    _inherit = "dso.access.token"

    def _request_moves(self):
        """The items of the message that carried this link: account.move in sudo."""
        self.ensure_one()
        action = self.action_id.sudo()  # of the token, whose secret was compared
        lines = action.line_ids
        return lines.move_id or action.leader_id

    def _request_values(self, lang):
        """What a colleague was asked, as texts.

        :param lang: code of the language
        :return: dict with customer, note (internal: of this request) and settled
            (numbers of its items that are open no more)
        """
        self.ensure_one()
        account = self.account_id.with_context(lang=lang)
        moves = self._request_moves()
        still = {row["move_id"] for row in account._statement()}
        return {
            "customer": account.partner_id.display_name,
            "note": self.action_id.note or "",
            "settled": [move.name for move in moves if move.id not in still],
        }
