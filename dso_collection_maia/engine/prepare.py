"""A message made ready for judging: own words, language, what they name."""

from dataclasses import dataclass, replace
from datetime import date

from .clean import clean
from .lang import detect
from .reader import read_own
from .types import Context, MessageIn, Reading

#: Own words are judged up to here; what is longer is no answer to a reminder.
MAX_OWN = 4000


@dataclass(frozen=True)
class Prepared:
    """The own words of a message, or a part of them, and what they name.

    :param numbers: :class:`NumberFound`, those of open items and others
    """

    own: str
    lang: str
    received_on: date
    reading: Reading
    numbers: tuple
    hidden: bool = False
    quoted: bool = False
    automatic: bool = False

    def part(self, start, end):
        """The same for ``own[start:end]``; positions stay those of the whole."""

        def inside(found):
            return tuple(f for f in found if start <= f.start < end)

        reading = replace(
            self.reading,
            own=self.own[start:end],
            numbers=inside(self.reading.numbers),
            dates=inside(self.reading.dates),
            amounts=inside(self.reading.amounts),
        )
        return replace(
            self,
            own=self.own[start:end].strip(" \t\n,;:-–—"),
            reading=reading,
            numbers=inside(self.numbers),
        )


def prepare(message: MessageIn, context: Context):
    """Clean a message, find its language and what it names."""
    cleaned = clean(message.text)
    own = cleaned.own[:MAX_OWN]
    lang = message.lang or detect(own, message.prior)
    reading = read_own(own, cleaned.removed, message.received_on, lang, context)
    return Prepared(
        own=own,
        lang=lang,
        received_on=message.received_on,
        reading=reading,
        numbers=reading.numbers,
        hidden=cleaned.hidden,
        quoted=cleaned.quoted,
        automatic=message.automatic,
    )
