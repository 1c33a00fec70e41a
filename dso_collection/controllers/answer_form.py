"""The form on which customers and colleagues answer: read, checked, shown again.

Everything in it was typed by an outsider. Nothing is stored here: what is right becomes
the situations of :meth:`dso.reply._receive`, what is not is shown again with its cause.
"""

import os
import re
from datetime import date, datetime, timedelta

from odoo.tools import format_amount
from odoo.tools.mimetypes import guess_mimetype

#: Characters of a text, of another field.
TEXT_SIZE = 10_000
FIELD_SIZE = 200
#: Items that may each be answered in their own way; more get one answer.
OWN_ANSWERS = 30
#: Items that have a box each on a form; more of them are sent as one field, because no
#: form with files may have more than a thousand.
LISTED = 500
#: Days ahead for which a payment may be announced.
PROMISE_DAYS = 366
#: Payments in which somebody may offer to pay.
MAX_PAYMENTS = 12
#: How often, the usual one first.
EVERY = ("month", "fortnight", "week")
#: Files of one answer, bytes of one of them and of all.
MAX_FILES = 10
MAX_FILE = 50 * 1024**2
MAX_FILES_SIZE = 100 * 1024**2
#: Bytes of a whole form with its files.
FORM_WITH_FILES = MAX_FILES_SIZE + 1024**2
#: What may be said on a page, in the order shown.
SAID = ("promise", "processing", "disputed", "paid", "comment")
RESOLUTIONS = ("justified", "partly", "unjustified", "withdrawn")
#: Choice of a reason that is none of those offered.
OTHER = "other"
#: Fields of one answer, of all ticked items or of one of them.
FIELDS = (
    "said",
    "cause",
    "promise_date",
    "amount",
    "instalments",
    "every",
    "amount_disputed",
    "paid_on",
    "reference",
    "resolution",
)
#: Endings of files that are taken, the types that their content may have, and the type
#: that they are kept under. What browsers would run (HTML, SVG, scripts) is not here.
_OLE = ("application/x-ole-storage", "application/CDFV2", "application/vnd.ms-office")
_ZIP = ("application/zip",)
_TEXT = ("text/plain", "application/octet-stream")
_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
_TYPES = {
    "application/pdf": {"pdf": ()},
    "image/png": {"png": ()},
    "image/jpeg": {"jpg": (), "jpeg": ()},
    "image/gif": {"gif": ()},
    "image/webp": {"webp": ()},
    "image/tiff": {"tif": (), "tiff": ()},
    "image/heic": {"heic": ("image/heif",)},
    "application/msword": {"doc": _OLE},
    "application/vnd.ms-excel": {"xls": _OLE},
    "application/vnd.ms-powerpoint": {"ppt": _OLE},
    "application/vnd.ms-outlook": {"msg": _OLE},
    f"{_OOXML}.wordprocessingml.document": {"docx": _ZIP},
    f"{_OOXML}.spreadsheetml.sheet": {"xlsx": _ZIP},
    f"{_OOXML}.presentationml.presentation": {"pptx": _ZIP},
    f"{_ODF}.text": {"odt": _ZIP},
    f"{_ODF}.spreadsheet": {"ods": _ZIP},
    f"{_ODF}.presentation": {"odp": _ZIP},
    "application/zip": {"zip": ()},
    "text/plain": {"txt": _TEXT},
    "text/csv": {"csv": (*_TEXT, "application/csv")},
    "message/rfc822": {"eml": _TEXT},
}
FILE_TYPES = {
    ending: ((kept, *others), kept)
    for kept, endings in _TYPES.items()
    for ending, others in endings.items()
}
#: Beginnings of what a browser would take for a page.
MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe|\?xml)", re.I)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class AnswerForm:
    """One form, filled by its reader or empty.

    :ivar chosen: keys of the ticked items
    :ivar values: {field: what was typed}
    :ivar errors: {field: what is wrong with it}, in the order of the form
    :ivar gone: whether something was ticked that is no item of the page (any more)
    :ivar lost: names of files that have to be chosen again
    """

    def __init__(self, env, items, causes, today, *, internal=False):
        """
        :param env: in the language of the reader
        :param items: {key: dict} of dso.account._answer_items
        :param causes: list of (id, words) that may be chosen
        :param today: date of the company
        """
        self.env = env
        self.items = items
        self.causes = causes
        self.today = today
        self.internal = internal
        self.chosen = []
        self.values = {}
        self.errors = {}
        self.gone = False
        self.lost = []

    def fill(self, form):
        """Take over what was sent.

        :param form: werkzeug MultiDict
        """
        ticked = {*form.getlist("item"), *(form.get("items") or "").split()}
        self.chosen = [key for key in self.items if key in ticked]
        self.gone = bool(ticked - set(self.items))
        names = [*FIELDS, *self._own_names()]
        self.values = {name: _clean(form.get(name), FIELD_SIZE) for name in names}
        self.values["text"] = _clean(form.get("text"), TEXT_SIZE, lines=True)

    def refuse(self, words, files=()):
        """Take nothing of what was sent, whatever it says.

        :param words: why
        :param files: list of (name, content) that have to be chosen again
        """
        self.errors["form"] = words
        self.lost = [file_title(name) for name, _content in files]

    def own_answers(self):
        """Whether each ticked item may be answered in its own way."""
        return not self.internal and 1 < len(self.chosen) <= OWN_ANSWERS

    def _own_names(self):
        keys = self.chosen if self.own_answers() else []
        return [f"{name}-{key}" for key in keys for name in FIELDS]

    # -------------------------------------------------------------------------
    # CHECKED
    # -------------------------------------------------------------------------

    def check(self, files):
        """What the form says, for dso.reply._receive.

        Everything that is wrong is told at once, in :attr:`errors`.

        :param files: list of (name, content)
        :return: (situations, text, files); empty where there are errors
        """
        env = self.env
        own = [key for key in self.chosen if self.values.get(f"said-{key}")]
        rest = [key for key in self.chosen if key not in own]
        if self.gone:
            self.errors["items"] = env._(
                "Some of the invoices that you ticked are not open any more and were"
                " left out. Please look at your answer once more."
            )
        text = self.values["text"]
        kept = self._check_files(files)
        situations = []
        if rest:
            said = self.values["said"]
            if self.internal or (not said and (text or kept)):
                # who writes something and chooses nothing comments
                said = "comment"
            situations.append(self._answer(said, "", rest, text or kept))
        situations += [
            self._answer(self.values[f"said-{key}"], f"-{key}", [key], True)
            for key in own
        ]
        if not self.chosen and not (text or kept):
            self.errors.setdefault(
                "text", env._("Tick the invoices that you answer to, or write to us.")
            )
        if self.errors:
            self.lost = [name for name, _content, _type in kept]
            return [], "", []
        return [one for one in situations if one], text, kept

    def _answer(self, said, suffix, keys, explained):
        """One answer to items, or None with what is wrong with it in the errors.

        :param said: what was chosen
        :param suffix: of the names of its fields
        :param explained: whether a text or files say more
        """
        env = self.env
        one = {
            "said": said,
            "status_id": False,
            "promise_date": False,
            "instalments": 0,
            "every": False,
            "paid_on": False,
            "reference": False,
            "resolution": False,
            "items": [(key, 0.0) for key in keys],
        }
        if said not in SAID:
            self._error("said", suffix, env._("Choose what you want to tell us."))
            return None
        if said == "promise":
            one["promise_date"] = self._future("promise_date", suffix)
            one["items"] = self._spread(suffix, keys)
            one["instalments"] = self._payments(suffix)
            if one["instalments"]:
                every = self.values.get(f"every{suffix}")
                one["every"] = every if every in EVERY else EVERY[0]
        elif said == "disputed":
            one["status_id"] = self._cause(suffix)
            one["items"] = self._part(suffix, keys)
        elif said == "paid":
            one["paid_on"] = self._past("paid_on", suffix)
            one["reference"] = self.values.get(f"reference{suffix}") or False
        elif said == "comment":
            one["resolution"] = self._resolution(suffix)
            if not (explained or one["resolution"]):
                self._error(
                    "text", "", env._("Write your message, or add a file that says it.")
                )
        items = self.items
        one["items"] = [
            (
                items[key]["move_id"],
                items[key]["number"],
                items[key]["currency_id"],
                amount,
            )
            for key, amount in one["items"]
        ]
        return one

    def _error(self, field, suffix, words):
        self.errors.setdefault(f"{field}{suffix}", words)

    def _future(self, field, suffix):
        """The date for which a payment is announced."""
        env = self.env
        found = self._date(
            field, suffix, env._("Enter the date on which you will pay.")
        )
        if not found:
            return False
        if found < self.today:
            self._error(
                field, suffix, env._("This date is past: enter a date from today on.")
            )
        elif found > self.today + timedelta(days=PROMISE_DAYS):
            self._error(
                field, suffix, env._("This date is too far: enter one within a year.")
            )
        return found

    def _payments(self, suffix):
        """In how many payments somebody offers to pay; 0 = in one."""
        typed = self.values.get(f"instalments{suffix}")
        if typed in ("", None, "1"):
            return 0
        if typed.isdecimal() and 2 <= int(typed[:4]) <= MAX_PAYMENTS:
            return int(typed)
        self._error(
            "instalments",
            suffix,
            self.env._(
                "Choose 2 to %s payments, or leave it empty to pay at once.",
                MAX_PAYMENTS,
            ),
        )
        return 0

    def _past(self, field, suffix):
        """The date on which a payment was made. East of the company it may be tomorrow
        already: told as the company's today."""
        env = self.env
        found = self._date(field, suffix, env._("Enter the date on which you paid."))
        if found and found == self.today + timedelta(days=1):
            return self.today
        if found and found > self.today:
            self._error(
                field,
                suffix,
                env._(
                    "This date is still to come: choose “I will pay” for a payment that"
                    " you plan."
                ),
            )
        if found and found.year < 2000:
            self._error(field, suffix, env._("This date is too old: please check it."))
        return found

    def _date(self, field, suffix, missing):
        typed = self.values.get(f"{field}{suffix}")
        if not typed:
            self._error(field, suffix, missing)
            return False
        found = _parse_date(typed, self._lang().date_format)
        if not found:
            self._error(
                field,
                suffix,
                self.env._(
                    "“%s” is no date: write it as year-month-day, such as 2026-12-04.",
                    typed[:30],
                ),
            )
        return found

    def _lang(self):
        return self.env["res.lang"]._get_data(code=self.env.lang)

    def _amount(self, field, suffix):
        """What was typed as amount; 0 = all of it, None = wrong."""
        typed = self.values.get(f"{field}{suffix}")
        if not typed:
            return 0.0
        amount = _parse_amount(typed, self._lang().thousands_sep)
        if not amount:
            self._error(
                field,
                suffix,
                self.env._(
                    "“%s” is no amount: write digits only, such as 1250.50, or leave it"
                    " empty for all of it.",
                    typed[:30],
                ),
            )
            return None
        return amount

    def _spread(self, suffix, keys):
        """What is promised of each item, the oldest ones first."""
        env = self.env
        amount = self._amount("amount", suffix)
        if not amount:
            return [(key, 0.0) for key in keys]
        items = [self.items[key] for key in keys]
        currencies = {item["currency_id"] for item in items}
        if len(currencies) > 1:
            self._error(
                "amount",
                suffix,
                env._(
                    "The ticked invoices are in several currencies: leave the amount"
                    " empty, or answer to those of one currency at a time."
                ),
            )
            return []
        currency = env["res.currency"].browse(currencies)
        total = sum(item["open"] for item in items)
        if currency.compare_amounts(amount, total) > 0:
            self._error(
                "amount",
                suffix,
                env._(
                    "This is more than the ticked invoices owe, %s: enter a smaller"
                    " amount, or leave it empty for all of it.",
                    format_amount(env, total, currency),
                ),
            )
            return []
        spread, left = [], amount
        for item in items:
            if currency.compare_amounts(left, 0) <= 0:
                self._error(
                    "amount",
                    suffix,
                    env._(
                        "This amount pays the older invoices only: untick %s, for which"
                        " nothing is left.",
                        item["number"],
                    ),
                )
                return []
            part = currency.round(min(left, item["open"]))
            spread.append((item["key"], part))
            left -= part
        return spread

    def _part(self, suffix, keys):
        """What of an item is disputed: all of several, or a part of one."""
        amount = self._amount("amount_disputed", suffix)
        if not amount:
            return [(key, 0.0) for key in keys]
        if len(keys) > 1:
            self._error(
                "amount_disputed",
                suffix,
                self.env._(
                    "A disputed amount belongs to one invoice: tick one, or leave the"
                    " amount empty to dispute all of them."
                ),
            )
            return []
        item = self.items[keys[0]]
        currency = self.env["res.currency"].browse(item["currency_id"])
        if currency.compare_amounts(amount, item["open"]) > 0:
            self._error(
                "amount_disputed",
                suffix,
                self.env._(
                    "This is more than the invoice owes, %s.",
                    format_amount(self.env, item["open"], currency),
                ),
            )
            return []
        return [(keys[0], currency.round(amount))]

    def _cause(self, suffix):
        """Id of the status behind the reason that was chosen, or False."""
        typed = self.values.get(f"cause{suffix}")
        known = {str(number): number for number, _words in self.causes}
        if typed in known:
            return known[typed]
        if (typed == OTHER or not known) and self.values["text"]:
            return False
        if typed == OTHER or not known:
            self._error(
                "text", "", self.env._("Tell us in your message what is not right.")
            )
        else:
            self._error("cause", suffix, self.env._("Choose what is not right."))
        return False

    def _resolution(self, suffix):
        """What a colleague proposes; customers have no such field."""
        typed = self.values.get(f"resolution{suffix}")
        return typed if self.internal and typed in RESOLUTIONS else False

    # -------------------------------------------------------------------------
    # FILES
    # -------------------------------------------------------------------------

    def _check_files(self, files):
        """
        :param files: list of (name, content)
        :return: list of (name, content, type to be kept under)
        """
        env = self.env
        kept, wrong = [], []
        for name, content in files:
            name = file_title(name)
            kind = file_type(name, content)
            if not content:
                wrong.append(env._("%s is empty.", name))
            elif len(content) > MAX_FILE:
                wrong.append(
                    env._(
                        "%(file)s is larger than %(size)s MB.",
                        file=name,
                        size=MAX_FILE // 1024**2,
                    )
                )
            elif not kind:
                wrong.append(
                    env._(
                        "%s is of no type that we can take: please send PDF, pictures,"
                        " office documents, e-mails, text or ZIP.",
                        name,
                    )
                )
            else:
                kept.append((name, content, kind))
        if len(files) > MAX_FILES:
            wrong.append(env._("Please add at most %s files.", MAX_FILES))
        elif sum(len(content) for _name, content in files) > MAX_FILES_SIZE:
            wrong.append(
                env._(
                    "The files are larger than %s MB together: please send them in"
                    " several answers.",
                    MAX_FILES_SIZE // 1024**2,
                )
            )
        if wrong:
            self.errors["files"] = " ".join(wrong)
        return kept


def file_title(name):
    """The name of an uploaded file without path, controls and tricks of direction."""
    name = os.path.basename((name or "").replace("\\", "/"))
    # what turns the direction of writing is not printable either
    name = "".join(c for c in name if c.isprintable() and c not in '<>:"|?*')
    stem, ending = os.path.splitext(name.strip(" ."))
    return f"{stem[:100]}{ending[:10]}" or "file"


def file_type(name, content):
    """The type under which a file is kept, or None for one that is not taken.

    The ending says what it should be, the content decides whether it is.
    """
    ending = os.path.splitext(name)[1].lower().lstrip(".")
    if ending not in FILE_TYPES:
        return None
    accepted, kept = FILE_TYPES[ending]
    found = guess_mimetype(content, default="application/octet-stream")
    if found not in accepted:
        return None
    if kept.startswith(("text/", "message/")) and (
        b"\0" in content or MARKUP.match(content.lstrip()[:64])
    ):
        return None
    return kept


def _clean(typed, size, lines=False):
    """A typed text without controls, cut to size."""
    text = CONTROL.sub("", (typed or "")[:size])
    return text.replace("\r\n", "\n").strip() if lines else " ".join(text.split())


def _parse_date(typed, date_format):
    """A date as browsers send it, or as it is written in a language; else None."""
    for pattern in ("%Y-%m-%d", date_format):
        try:
            found = datetime.strptime(typed, pattern).date()
        except ValueError:
            continue
        return found if date(1900, 1, 1) <= found <= date(9000, 1, 1) else None
    return None


def _parse_amount(typed, thousands):
    """A positive amount as people write it, or None.

    The last point or comma is the decimal one, unless it stands before three digits and
    is what a language writes between thousands.

    :param thousands: separator of a language
    """
    digits = re.sub(r"[\s'’\u00a0\u202f]|[A-Za-z]{3}|[€$£¥]", "", typed)
    if not re.fullmatch(r"\d[\d.,]*", digits) or len(digits) > 18:
        return None
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0:
        mark, tail = digits[last], digits[last + 1 :]
        whole = re.sub(r"[.,]", "", digits[:last])
        grouped = digits.count(mark) > 1 or (len(tail) == 3 and mark == thousands)
        digits = whole + tail if grouped else f"{whole}.{tail}"
    try:
        amount = float(digits)
    except ValueError:
        return None
    return amount if amount > 0 else None
