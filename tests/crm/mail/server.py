"""A mail server on a free port that speaks as much SMTP as it takes, and fails in the ways it is told to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message


@dataclass
class MailServer:
    """What it got, and what it answers to the coming recipients or contents: `550 …`, or "hang", or "hang up"."""

    port: int = 0
    got: list[tuple[str, Message]] = field(default_factory=list)
    to_recipients: list[str] = field(default_factory=list)
    to_contents: list[str] = field(default_factory=list)
    greeting: str = "220 here"
    calls: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)


class _Session(socketserver.StreamRequestHandler):
    house: MailServer

    def say(self, line: str) -> bool:
        """Whether the talk goes on."""
        if line == "hang":
            self.house.stopped.wait(20)
            return False
        if line == "hang up":
            return False
        self.wfile.write(line.encode() + b"\r\n")
        return True

    def handle(self) -> None:
        self.house.calls += 1
        receiver = ""
        if not self.say(self.house.greeting):
            return
        for raw in self.rfile:
            verb = raw[:4].upper()
            if verb == b"RCPT":
                receiver = raw.decode().split("<")[1].split(">")[0]
                answer = self.house.to_recipients.pop(0) if self.house.to_recipients else "250 fine"
            elif verb == b"DATA":
                self.say("354 go on")
                content = b""
                for line in self.rfile:
                    if line == b".\r\n":
                        break
                    content += line
                answer = self.house.to_contents.pop(0) if self.house.to_contents else "250 taken"
                if answer.startswith("250") or answer == "hang up":
                    self.house.got.append((receiver, message_from_bytes(content)))
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                answer = "250 fine"
            if not self.say(answer):
                return


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """The server, until the block ends."""
    house = MailServer()
    handler = type("Session", (_Session,), {"house": house})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as listener:
        listener.daemon_threads = True
        house.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield house
        finally:
            house.stopped.set()
            listener.shutdown()
            thread.join()
