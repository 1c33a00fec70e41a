"""An SMS provider on loopback that speaks the protocol of Odoo: JSON-RPC over HTTP.

It keeps each text message before it says that it has taken it, and tells at every point
of a dialogue what is going on. A test can have the next dialogue held at such a point,
to end the client in the midst of it. The counterpart of ``smtp_sink.py``.
"""

import itertools
import json
import re
import threading
import time
from contextlib import suppress
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from smtp_sink import Dialogue

#: Where a dialogue can be held: before the provider has the message, and after.
POINTS = ("rcpt", "data")
ROUTE = "/api/sms/3/send"
#: An item of the text: its number, and the amount that follows it.
ITEM = re.compile(r"(INV/\S+)\D[^$]*\$\s?([\d,]+\.\d\d)")


class TextMessage:
    """A text message as its reader sees it."""

    def __init__(self, number, identity, to, text):
        self.number = number
        self.id = identity
        self.to = to
        self.text = text

    def claimed(self):
        """{number of an invoice: amount} that the text names."""
        return {
            number: float(Decimal(amount.replace(",", "")))
            for number, amount in ITEM.findall(self.text)
        }


class SmsSink:
    """``with SmsSink() as sink:`` a provider on ``sink.port``.

    :param delay: seconds that it takes for an answer
    """

    def __init__(self, delay=0.0):
        self.delay = delay
        self.dialogues = {}
        self.held = None
        self._kept = []
        self._point = None
        self._released = threading.Event()
        self._changed = threading.Condition()
        self._numbers = itertools.count(1)

    def __enter__(self):
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                question = json.loads(self.rfile.read(size))
                if self.path != ROUTE:
                    self.send_error(404)
                    return
                result = sink._take(question["params"], self.client_address[1])
                answer = {"jsonrpc": "2.0", "id": question["id"], "result": result}
                content = json.dumps(answer).encode()
                with suppress(OSError):  # the client was killed meanwhile
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            def log_message(self, *_arguments):
                """Nothing: the test tells what went on."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exception):
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, params, peer):
        """Keep the messages of one request; what it answers."""
        results = []
        for message in params["messages"]:
            for number in message["numbers"]:
                to, identity = number["number"], number["uuid"]
                dialogue = Dialogue(next(self._numbers), peer, time.time(), to)
                with self._changed:
                    self.dialogues[dialogue.number] = dialogue
                    self._changed.notify_all()
                if self._stop("rcpt", dialogue):
                    continue  # whoever asked is gone: it never came here
                with self._changed:
                    self._kept.append(
                        TextMessage(dialogue.number, identity, to, message["content"])
                    )
                    dialogue.accepted = time.time()
                    self._changed.notify_all()
                self._stop("data", dialogue)
                results.append({"uuid": identity, "state": "success"})
        return results

    def _stop(self, point, dialogue):
        """Hold a dialogue here if the next one is to be; whether it was held."""
        with self._changed:
            mine = self._point == point
            if mine:
                self._point = None
                self._released.clear()
                self.held = dialogue
                self._changed.notify_all()
        if mine:
            self._released.wait()
        elif self.delay:
            time.sleep(self.delay)
        return mine

    def hold(self, point):
        """Hold the next dialogue that comes to this point; ``held`` tells which."""
        with self._changed:
            self.held = None
            self._point = point

    def release(self):
        """Hold none, and let the held one go on."""
        with self._changed:
            self._point = None
        self._released.set()

    def wait_for(self, met, seconds):
        """Wait until ``met()`` is true, looked at after each event.

        :return: whether it is
        """
        with self._changed:
            return self._changed.wait_for(met, seconds)

    def messages(self, after=0):
        """The text messages that were taken, whose number is above ``after``."""
        with self._changed:
            return [each for each in self._kept if each.number > after]
