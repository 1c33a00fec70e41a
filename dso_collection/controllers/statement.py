"""Download of the statement of account, for whoever may read the customer record."""

from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

#: Greatest id that PostgreSQL's integers hold.
MAX_ID = 2**31 - 1
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class StatementController(http.Controller):
    @http.route(
        "/dso_collection/statement/<int:account_id>/<any(pdf,xlsx):form>",
        type="http",
        auth="user",
        readonly=True,
    )
    def statement(self, account_id, form, lines=None, **_kwargs):
        """The customer's statement as PDF or XLSX.

        :param lines: ids of receivable lines with commas, default all; ids that are
            not of this account, or that the user may not read, are left out
        """
        if account_id > MAX_ID:
            raise request.not_found()
        account = request.env["dso.account"].browse(account_id).exists()
        try:
            account.check_access("read")
        except AccessError:
            raise request.not_found() from None
        if not account:
            raise request.not_found()
        ids = None
        if lines:
            numbers = [part.strip() for part in lines.split(",")]
            ids = [int(n) for n in numbers if n.isdecimal() and len(n) < 11]
            ids = [number for number in ids if number <= MAX_ID]
        line_ids = account._readable_line_ids(ids)
        if form == "xlsx":
            content, mimetype = account._statement_xlsx(line_ids), XLSX
        else:
            reports = request.env["ir.actions.report"]
            content = reports._render_qweb_pdf(
                "dso_collection.report_statement",
                account.ids,
                data={"line_ids": sorted(line_ids)},
            )[0]
            mimetype = "application/pdf"
        return request.make_response(
            content,
            [
                ("Content-Type", mimetype),
                (
                    "Content-Disposition",
                    content_disposition(f"{account._statement_file_name()}.{form}"),
                ),
            ],
        )
