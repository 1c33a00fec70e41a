"""What the pages share on which somebody answers, behind a link and in the portal."""

import base64
import hashlib
import re
import secrets
from datetime import timedelta

from odoo.http import request

from .access_guard import HEADERS
from .answer_form import (
    FILE_TYPES,
    LISTED,
    MAX_FILE,
    MAX_FILES,
    MAX_PAYMENTS,
    OTHER,
    AnswerForm,
)

#: What a form carries so that, sent twice, it makes one reply.
ONCE = re.compile(r"[\w-]{22}")
ONCE_BYTES = 16


class AnswerPages:
    """Mixin of controllers. A form is shown, checked, and answered by a page of its own
    (Post/Redirect/Get): whoever reloads that page sends nothing again."""

    def _form_of(self, page):
        """The form of a page, without anything typed.

        :param page: AnswerPage
        """
        account = page.account
        causes = account.env["dso.status"]._page_causes(account.company_id)
        return AnswerForm(
            account.env,
            page.items(),
            [] if page.internal else causes,
            account.company_id._dso_today(),
            internal=page.internal,
        )

    def _sent(self, form):
        """Read what was sent.

        :return: list of (name, content) of its files
        """
        form.fill(request.httprequest.form)
        return [
            (file.filename, file.read())
            for file in request.httprequest.files.getlist("files")[: MAX_FILES + 1]
            if file.filename
        ]

    def _is_choosing(self):
        """Whether items were ticked on the page before, and nothing answered yet."""
        return request.httprequest.form.get("step") != "send"

    def _receive(self, page, form, files):
        """Check what was sent, and take it.

        :return: what names the answer in addresses, or None where something is wrong
        """
        situations, text, kept = form.check(files)
        if form.errors:
            return None
        once = self._name_of(self._once(), situations, text, kept)
        request.env["dso.reply"]._receive(page, once, situations, text, kept)
        return once

    def _name_of(self, once, situations, text, files):
        """The name of an answer: sent twice, a form makes one; who goes back in his
        browser and corrects it sends another.

        :param once: what the form carried
        """
        said = [(name, hashlib.sha256(data).hexdigest()) for name, data, _type in files]
        content = repr((once, situations, text, said)).encode()
        digest = hashlib.sha256(content).digest()[:ONCE_BYTES]
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def _once(self):
        once = request.httprequest.form.get("once", "")
        return once if ONCE.fullmatch(once) else secrets.token_urlsafe(ONCE_BYTES)

    def _form_values(self, page, form):
        """Values of the template of a form: texts and numbers only."""
        chosen = [form.items[key] for key in form.chosen]
        return {
            "answers": True,
            "once": self._once(),
            "items": list(form.items.values()) if page.internal else chosen,
            "chosen": set(form.chosen),
            "listed": len(form.chosen if not page.internal else form.items) <= LISTED,
            "own": form.own_answers(),
            "typed": form.values,
            "errors": form.errors,
            "gone": form.gone,
            "lost": form.lost,
            "causes": [(str(number), words) for number, words in form.causes],
            "other": OTHER,
            "today": form.today.isoformat(),
            "tomorrow": (form.today + timedelta(days=1)).isoformat(),
            "endings": ",".join(f".{ending}" for ending in FILE_TYPES),
            "max_payments": MAX_PAYMENTS,
            "max_files": MAX_FILES,
            "max_megabytes": MAX_FILE // 1024**2,
            "earlier": page.account.env["dso.reply"]._earlier_answers(page),
        }

    def _answered_values(self, page, once):
        """Values of the page that tells what was answered; None for nothing."""
        reply = request.env["dso.reply"]._of_submission(page, once)
        if not reply:
            return None
        return {
            "answers": True,
            "answer": reply._answer_values(),
            "internal": page.internal,
        }

    def _see(self, path):
        """See another page of ours instead, whose address nobody keeps."""
        response = request.redirect(path, code=303, local=True)
        response.headers.extend(HEADERS)
        return response
