"""An action as a letter: address window, text, items, in one PDF (rules.md §2)."""

import base64
import re
from io import BytesIO

import lxml.html
from lxml import etree
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.image import image_data_uri
from odoo.tools.pdf import PdfFileReader

from ..report.dso_letter_paper import PAPERS, stamp
from ..report.qr_code import qr_code
from .dso_action import OPEN_STATES
from .dso_action_access import PAGES
from .mail_mail import SECRET_BLOCK, SECRET_LINK

#: Types of actions that are letters.
LETTER_TYPES = ("letter", "letter_ar")
#: What a text is not to bring to paper: it would be fetched, run, or shown as a button.
NOT_ON_PAPER = ("script", "link", "iframe", "object", "embed", "form", "meta", "base")
#: Pictures that texts show, by the path under which Odoo serves them.
PICTURE = re.compile(r"^(?:https?://[^/]+)?/web/image/(?:ir\.attachment/)?(\d+)\b")
#: Characters that fit into a line of the address at its full size.
ADDRESS_CHARS = 40
#: Lines that an address window holds at the full size of its letters.
ADDRESS_LINES = 6


class DsoAction(models.Model):
    _inherit = "dso.action"

    is_letter = fields.Boolean(compute="_compute_is_letter")
    letter_id = fields.Many2one(
        "dso.letter",
        "Last letter",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    letter_state = fields.Selection(related="letter_id.state", string="Letter")
    tracking_number = fields.Char(
        "Tracking number", related="letter_id.tracking_number", readonly=False
    )
    receipt_date = fields.Date(related="letter_id.receipt_date", readonly=False)

    @api.depends("type")
    def _compute_is_letter(self):
        for action in self:
            action.is_letter = action.type in LETTER_TYPES

    def action_letter_preview(self):
        """Show the letter as it would be printed now."""
        self.ensure_one()
        self._check_collector()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/dso/action/{self.id}/letter",
            "target": "new",
        }

    def action_open_letter(self):
        """Open the last letter of this action."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "dso.letter",
            "res_id": self.letter_id.id,
            "view_mode": "form",
            "name": self.letter_id.display_name,
        }

    # -------------------------------------------------------------------------
    # PDF
    # -------------------------------------------------------------------------

    def _letter_pdf(self):
        """The letter of this action as a PDF, with the ledger of this moment.

        A run of wkhtmltopdf takes a good part of a second: to be called by jobs, and by
        a person for one letter.

        :return: bytes
        :raise UserError: without a text, or where PDFs cannot be made
        """
        self.ensure_one()
        return self._letter_print(self._letter_html())

    def _letter_preview(self):
        """The same as it would be printed now; what an action outside the scenario
        claims is known when it leaves only.

        :return: bytes
        """
        self.ensure_one()
        if self.kind == "scenario" or self.state not in OPEN_STATES:
            return self._letter_pdf()
        savepoint = self.env.cr.savepoint()
        try:
            self._take_position()
            return self._letter_pdf()
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)

    def _letter_html(self, text=None, enclosures=None, link=None):
        """The whole page of the letter; it refers to nothing that would be fetched.

        :param text: (subject, body) as they left, default: as they would leave now
        :param enclosures: names of the files behind it, default: those of now
        :param link: to the page of its reader, printed as a code; default: none
        :return: str
        """
        self.ensure_one()
        subject, body = text or self._letter_text()
        if enclosures is None:
            # their names, of an action that the caller may read
            enclosures = self.sudo()._enclosures()[self].mapped("name")
        lang = self.lang_code
        return str(
            self.env["ir.qweb"]
            .with_context(lang=lang)
            ._render(
                "dso_collection.letter_document",
                {
                    **self.with_context(lang=lang)._letter_values(subject, body),
                    "enclosures": [name.removesuffix(".pdf") for name in enclosures],
                    "page_code": link and qr_code(link),
                },
            )
        )

    def _letter_page_link(self):
        """A new link to the page of this letter's reader, or False without page: to be
        called when the letter is made that leaves.

        Unlike that of an e-mail it stands in the PDF, which is what is printed: who may
        read the letter may open the page.
        """
        self.ensure_one()
        reader = self._recipient()
        shown = self.interactive == "customer" and self.account_id.interactive
        if not (shown and reader and self.is_letter):
            return False
        secret = self.env["dso.access.token"]._issue(
            self.account_id, self, reader, "customer"
        )
        return f"{self.get_base_url()}{PAGES['customer']}/{secret}"

    def _letter_print(self, html):
        """Turn the page of a letter into a PDF, with its marks and page numbers.

        :return: bytes
        :raise UserError: where PDFs cannot be made
        """
        Report = self.env["ir.actions.report"].with_context(dso_letter=True)
        if Report.get_wkhtmltopdf_state() in ("install", "broken"):
            raise UserError(
                self.env._(
                    "PDFs cannot be made on this server: wkhtmltopdf is missing. Ask"
                    " its administrator to install it."
                )
            )
        content = Report._run_wkhtmltopdf(
            [html], report_ref="dso_collection.report_letter"
        )
        paper = PAPERS[self.sender_company_id.root_id._dso_letter_layout()]
        return stamp(content, paper)

    def _letter_text(self):
        """What the letter says, see :meth:`_letter_texts`."""
        self.ensure_one()
        return self._letter_texts()[self]

    def _letter_texts(self):
        """What letters say, rendered now, together for each text.

        :return: {action: (subject, body)}
        :raise UserError: for an action without a text
        """
        own = self.filtered("own_body")
        texts = {
            action: (action.own_subject or action.display_name, action.own_body)
            for action in own
        }
        for template, actions in (self - own).grouped("template_id").items():
            if not template:
                raise UserError(
                    self.env._(
                        "%s has no text: give its action model one.",
                        actions[0].display_name,
                    )
                )
            subjects = template._render_field("subject", actions.ids, compute_lang=True)
            bodies = template._render_field("body_html", actions.ids, compute_lang=True)
            for action in actions:
                texts[action] = (subjects[action.id], bodies[action.id])
        return texts

    def _letter_by_service(self):
        """Whether this letter goes to the post service; registered ones never do."""
        self.ensure_one()
        return (
            self.type == "letter"
            and self.company_id.sudo().dso_letter_way == "service"  # own company
            and self.env["dso.letter"]._service() is not None
        )

    @api.model
    def _letter_pages(self, content):
        """Number of pages of a PDF."""
        return PdfFileReader(BytesIO(content)).getNumPages()

    # -------------------------------------------------------------------------
    # WHAT STANDS IN IT
    # -------------------------------------------------------------------------

    def _letter_values(self, subject, body):
        """What the page shows, in the language of the context."""
        self.ensure_one()
        company = self.sender_company_id  # already with the rights of a letterhead
        layout = company.root_id._dso_letter_layout()
        env = self.env
        address = self._letter_address()
        rows = sum(-(-len(line) // ADDRESS_CHARS) or 1 for line in address)
        if self.type == "letter_ar":
            rows += 1
        user = self.sender_id
        lang = env["res.lang"]._get_data(code=env.context.get("lang"))
        return {
            "action": self,
            "layout": layout,
            "paper": PAPERS[layout],
            # the widest page that is not shrunk, see PAPERS
            "zoom": 1 if env["ir.actions.report"]._dso_patched() else 1.302,
            "lang": (env.context.get("lang") or "en").replace("_", "-"),
            "direction": lang.direction or "ltr",
            "company": company,
            "logo": _data_uri(company._dso_logo()),
            "sender_line": " · ".join(
                [company.name, *_lines(company.partner_id, company.country_id)]
            ),
            "company_address": _lines(company.partner_id, home=False),
            "address": address,
            "address_size": max(10 - max(rows - ADDRESS_LINES, 0), 7),
            "mention": self._letter_mention(company),
            "sender": user,
            "phone": self.collector_phone,
            "email": user.email or company.email,
            "number": self.partner_id.ref,
            "date": format_date(env, self.company_id._dso_today(), date_format="long"),
            "subject": subject,
            "body": Markup(self._on_paper(body)),
            "bank": self._letter_bank(),
        }

    def _letter_address(self):
        """The lines of the window: the customer's legal name, the contact's name where
        he is a person, his address. The country is told abroad only, in capitals and in
        the language of the country that the letter leaves from.

        :return: list of str
        """
        self.ensure_one()
        contact = self._recipient()
        company = self.sender_company_id
        sender_lang = company.partner_id.lang or self.env.context.get("lang")
        names = [contact.commercial_partner_id.name or ""]
        if contact != contact.commercial_partner_id and contact.name not in names:
            names.append(contact.name)
        lines = _lines(contact.with_context(lang=sender_lang), company.country_id)
        return [line for line in (*names, *lines) if line and line.strip()]

    def _letter_mention(self, company):
        """What the post reads above the address, in the language of its country."""
        self.ensure_one()
        if self.type != "letter_ar":
            return False
        env = self.with_context(lang=company.partner_id.lang).env
        return env._("Registered letter with acknowledgment of receipt")

    def _letter_bank(self):
        """The company's trusted account that the claimed invoices name, or none."""
        self.ensure_one()
        rows = [
            row for row in self.account_id._statement() if row["group"] == "claimed"
        ]
        return self.account_id._statement_bank(rows)

    def _on_paper(self, body):
        """A text as it can be printed: links become words, nothing is fetched.

        :param body: html, rendered
        :return: str
        """
        body = SECRET_LINK.sub("", SECRET_BLOCK.sub("", str(body or "")))
        if not body.strip():
            return ""
        tree = lxml.html.fragment_fromstring(body, create_parent="div")
        for node in list(tree.iter(*NOT_ON_PAPER)):
            node.drop_tree()
        for node in tree.iter(etree.Element):
            for name in list(node.attrib):
                value = node.attrib[name].lower()
                if (
                    name.startswith("on")
                    or name in ("background", "srcset", "data-src")
                    or (name == "style" and ("url(" in value or "@import" in value))
                ):
                    del node.attrib[name]
        for style in list(tree.iter("style")):
            style.drop_tree()
        for image in list(tree.iter("img")):
            source = self._picture(image.get("src") or "")
            if source:
                image.set("src", source)
            else:
                image.drop_tree()
        return lxml.html.tostring(tree, encoding="unicode")

    def _picture(self, source):
        """A picture of a text as data; False for one that would have to be fetched."""
        self.ensure_one()
        if source.startswith("data:image/"):
            return source
        if source.startswith("/logo.png?company="):
            return _data_uri(self.sender_company_id._dso_logo())
        match = PICTURE.match(source)
        attachment = self.env["ir.attachment"].sudo()  # public ones only, see below
        found = attachment.browse(int(match.group(1)) if match else ()).exists()
        if not found or not found.raw:
            return False
        shown = found.public or found.res_model in ("mail.template", "ir.ui.view")
        if not shown or not (found.mimetype or "").startswith("image/"):
            return False
        data = base64.b64encode(found.raw).decode()
        return f"data:{found.mimetype};base64,{data}"


def _data_uri(picture):
    return image_data_uri(picture) if picture else False


def _lines(partner, home):
    """An address in lines; its country last, in capitals, unless it is ``home``.

    :param home: res.country, empty: no country is told; False: it is always told
    """
    lines = partner._display_address(without_company=True).splitlines()
    country = partner.country_id
    own = country.name or ""
    kept = [line.strip() for line in lines if line.strip()]
    kept = [line for line in kept if line != own]
    if country and (home is False or home and country != home):
        kept.append(own.upper())
    return kept
