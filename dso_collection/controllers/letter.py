"""The PDF of a letter."""

from odoo import http
from odoo.http import content_disposition, request


class Letter(http.Controller):
    @http.route("/dso/letter/<int:letter_id>", type="http", auth="user")
    def letter(self, letter_id):
        """The letter as it was printed; one that waits, as it would be printed now."""
        letter = request.env["dso.letter"].browse(letter_id).exists()
        if not letter or not letter.has_access("read"):
            raise request.not_found()
        return self._show(letter._pdf_now(), letter._file_name())

    @http.route("/dso/action/<int:action_id>/letter", type="http", auth="user")
    def preview(self, action_id):
        """The letter of an action as it would be printed now."""
        action = request.env["dso.action"].browse(action_id).exists()
        if (
            not action
            or not action.has_access("read")
            or not request.env.user.has_group("dso_collection.group_collector")
        ):
            raise request.not_found()
        return self._show(action._letter_preview(), f"{action.display_name}.pdf")

    def _show(self, content, name):
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "application/pdf"),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(name, "inline")),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
