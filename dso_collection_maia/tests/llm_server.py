"""A server on the loopback that speaks the protocol of chat completions, or lies."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def answer(content):
    """The body of an answer with that text."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}}
    return json.dumps({"id": "1", "object": "chat.completion", "choices": [choice]})


@contextmanager
def serving(respond):
    """Serve ``respond(handler, request)``; give (URL, list of the requests).

    :param respond: called with the handler and the request as a dict; gives
        (HTTP status, body) or None when it wrote the answer itself
    """
    requests, ended = [], threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            size = int(self.headers["Content-Length"])
            request = json.loads(self.rfile.read(size))
            requests.append({**request, "authorization": self.headers["Authorization"]})
            self.ended = ended
            result = respond(self, request)
            if result:
                status, body = result
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                if 300 <= status < 400:
                    self.send_header("Location", "http://127.0.0.1:1/stolen")
                self.end_headers()
                self.wfile.write(body.encode())

        def log_message(self, *_arguments):
            """Silence: what is asked stands in ``requests``."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", requests
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


def dripping(handler, _request):
    """An answer that never ends: one byte at a time."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    while not handler.ended.wait(0.05):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            break


def silent(handler, _request):
    """No answer at all."""
    handler.ended.wait(30)


def endless(handler, _request):
    """Megabytes, as fast as they go."""
    handler.send_response(200)
    handler.end_headers()
    start = time.monotonic()
    while not handler.ended.is_set() and time.monotonic() - start < 30:
        try:
            handler.wfile.write(b"x" * 65536)
        except OSError:
            break
