"""An SMTP server on loopback that keeps what it accepts, in a process of its own.

It writes each message to a file before it says that it has accepted it, as a real
server does, and tells at every point of a dialogue what is going on. A test can have
the next dialogue held at such a point, to end the client in the midst of it.

As a program: ``smtp_sink.py FOLDER DELAY`` reports events as lines of JSON and obeys
the lines ``hold POINT`` and ``release``.
"""

import asyncio
import contextlib
import email
import email.policy
import json
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

#: Where a dialogue can be held: before its message came, and after it was kept.
POINTS = ("rcpt", "data")


# --------------------------------------------------------------- in the test's process
@dataclass
class Dialogue:
    """One MAIL FROM and what followed; times are those of the machine's clock."""

    number: int
    peer: int  # the client's port
    began: float
    to: str = ""
    file: str = ""  # once accepted
    accepted: float = 0.0


class Sink:
    """``with Sink(folder) as sink:`` a server on ``sink.port``.

    :param folder: receives a file ``<number>.eml`` for each message
    :param delay: seconds that the server takes for each of its answers
    """

    def __init__(self, folder, delay=0.0):
        self.folder = Path(folder)
        self.delay = delay
        self.dialogues = {}
        self.held = None
        self._changed = threading.Condition()

    def __enter__(self):
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(self.folder), str(self.delay)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = json.loads(self._process.stdout.readline())["port"]
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_exception):
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    def _read(self):
        for line in self._process.stdout:
            event = json.loads(line)
            with self._changed:
                self._note(event.pop("event"), **event)
                self._changed.notify_all()

    def _note(self, event, number, **values):
        if event == "mail":
            self.dialogues[number] = Dialogue(number, **values)
        elif event == "held":
            self.held = self.dialogues[number]
        else:
            vars(self.dialogues[number]).update(values)

    def _say(self, command):
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()

    def hold(self, point):
        """Hold the next dialogue that comes to this point; ``held`` tells which."""
        with self._changed:
            self.held = None
        self._say(f"hold {point}")

    def release(self):
        """Hold none, and let the held one go on."""
        self._say("release")

    def wait_for(self, met, seconds):
        """Wait until ``met()`` is true, looked at after each event.

        :return: whether it is
        """
        with self._changed:
            return self._changed.wait_for(met, seconds)

    @property
    def accepted(self):
        with self._changed:
            return [each for each in self.dialogues.values() if each.accepted]

    def messages(self, after=0):
        """The messages in the mailbox whose number is above ``after``, in their order.

        A message is numbered by its dialogue.
        """
        files = {int(path.stem): path for path in self.folder.glob("*.eml")}
        return [Message(files[number]) for number in sorted(files) if number > after]


class Message:
    """A message in the mailbox, as its reader sees it."""

    def __init__(self, path):
        content = email.message_from_bytes(
            Path(path).read_bytes(), policy=email.policy.default
        )
        self.number = int(Path(path).stem)
        self.id = content["Message-Id"]
        self.to = content["To"].addresses[0].addr_spec
        self.subject = content["Subject"]
        self.html = content.get_body(("html",)).get_content()
        self.text = content.get_body(("plain",)).get_content()
        files = content.iter_attachments()
        pdfs = [each for each in files if each.get_content_type() == "application/pdf"]
        self.pdf = pdfs[0].get_content() if pdfs else None

    def tables(self):
        """``{heading: [(number, due date, amount)]}``, as text except the amount; what
        stands in small print below a number is left out."""
        from lxml import html

        tables = {}
        for table in html.fromstring(self.html).iter("table"):
            caption = table.find("caption")
            if caption is None:
                continue
            rows = []
            for row in table.iterfind("tbody/tr"):
                number, due, amount = row
                link = number.find("a")
                name = _text(number) if number.find("br") is None else number.text
                if link is not None:
                    name = _text(link)
                rows.append((name.strip(), _text(due), _amount(_text(amount))))
            tables[_text(caption)] = rows
        return tables


def _text(element):
    return " ".join(element.text_content().split())


def _amount(text):
    return Decimal(re.sub(r"[^\d.-]", "", text))


# --------------------------------------------------------------- in the sink's process
class Mailbox:
    """What the server does at each point of a dialogue."""

    def __init__(self, folder, delay):
        self.folder = folder
        self.delay = delay
        self.count = 0
        self.hold = None
        self.released = asyncio.Event()

    def say(self, event, **values):
        print(json.dumps({"event": event, **values}), flush=True)

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.count += 1
        envelope.number = self.count
        peer = session.peer[1]
        self.say("mail", number=self.count, peer=peer, began=time.time())
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.say("rcpt", number=envelope.number, to=address)
        await self._point("rcpt", envelope)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        path = self.folder / f"{envelope.number}.eml"
        path.write_bytes(envelope.original_content)
        self.say(
            "accepted", number=envelope.number, accepted=time.time(), file=str(path)
        )
        await self._point("data", envelope)
        return "250 OK"

    async def _point(self, name, envelope):
        if self.hold == name:
            self.hold = None
            self.released.clear()
            self.say("held", number=envelope.number)
            await self.released.wait()  # cancelled when the client goes
        elif self.delay:
            await asyncio.sleep(self.delay)

    async def obey(self):
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        while line := await reader.readline():
            verb, _space, point = line.decode().strip().partition(" ")
            self.hold = point if verb == "hold" else None
            if verb == "release":
                self.released.set()


async def serve(folder, delay):
    from aiosmtpd.smtp import SMTP

    folder.mkdir(parents=True, exist_ok=True)
    mailbox = Mailbox(folder, delay)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, hostname="localhost"), "127.0.0.1", 0
    )
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await mailbox.obey()
    server.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(Path(sys.argv[1]), float(sys.argv[2])))
