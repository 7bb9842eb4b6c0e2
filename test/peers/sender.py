"""The world's mail: hands messages over by LMTP, one after the other, and tries again what it was told to try again.

Now and then it loses its line when the message is sent and before the answer; then it sends the next one.
"""

import random
import re
import smtplib
import threading
import time

from imap import DELIVERY_MARK, fingerprint
from journal import DONE, REFUSED, UNKNOWN, Journal

SENDER = "world@elsewhere.example"
# Between two messages, and before the next try, in seconds.
PAUSE = 0.15
RETRY = 0.5
# Longer than the longest wait that a RCPT may meet.
TIMEOUT = 30
# Share of the messages after which the line is lost.
LOST_LINES = 0.03


class Sender(threading.Thread):
    def __init__(self, port: int, address: str, journal: Journal, stopping: threading.Event, former: "Sender | None" = None):
        super().__init__(name="sender", daemon=True)
        self.port, self.address, self.journal, self.stopping = port, address, journal, stopping
        self.number = former.number if former else 0
        self.deferred = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        chance = random.Random(7)
        try:
            while not self.stopping.is_set():
                self._send(self.number, make_message(self.number, self.address, chance), chance.random() < LOST_LINES)
                self.number += 1
                self.stopping.wait(PAUSE)
        except BaseException as error:
            self.failure = error

    def _send(self, number: int, message: bytes, lose_line: bool) -> None:
        act = {"act": "deliver", "key": f"delivery {number}", "original": fingerprint(message)}
        self.journal.perform(act, lambda: self._until_answered(message, lose_line))

    def _until_answered(self, message: bytes, lose_line: bool) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            outcome = transact(self.port, self.address, message, lose_line)
            if outcome is not None:
                return outcome
            self.deferred += 1
            time.sleep(RETRY)
        raise RuntimeError("mail was deferred for a minute")


def transact(port: int, address: str, message: bytes, lose_line: bool) -> str | None:
    """None: not taken, and to be tried again."""
    begun = False
    try:
        with smtplib.LMTP("127.0.0.1", port, local_hostname="mx.elsewhere.example") as lmtp:
            lmtp.sock.settimeout(TIMEOUT)
            lmtp.ehlo_or_helo_if_needed()
            for step in (lambda: lmtp.mail(SENDER), lambda: lmtp.rcpt(address)):
                code, _ = step()
                if code >= 400:
                    return None if code < 500 else REFUSED
            begun = True
            if lose_line:
                lmtp.docmd("DATA")
                lmtp.send(re.sub(rb"(?m)^\.", b"..", message) + b".\r\n")
                lmtp.close()
                return UNKNOWN
            code, _ = lmtp.data(message)
    except smtplib.SMTPDataError as error:  # the DATA command itself was refused
        code = error.smtp_code
    except (OSError, smtplib.SMTPException):
        return UNKNOWN if begun else None
    return DONE if code < 300 else None if code < 500 else REFUSED


def make_message(number: int, address: str, chance: random.Random) -> bytes:
    lines = [f"line {n}, and some Umlaute: äöüß" for n in range(chance.randrange(1, 120))]
    lines[chance.randrange(len(lines))] = ".a line that begins with a dot\r\n."
    head = f"From: <{SENDER}>\r\nTo: <{address}>\r\nSubject: news {number}\r\nMessage-ID: <{number}@elsewhere.example>\r\n\r\n"
    return DELIVERY_MARK + str(number).encode() + b"\r\n" + (head + "\r\n".join(lines) + "\r\n").encode()
