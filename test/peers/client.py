"""A customer at work through the gateway with python's imaplib: looks, reads, flags, files, deletes, drafts, waits.

It touches only messages that it can tell apart: what is there twice, and what an unanswered command left undecided, it
leaves alone. It reconnects when the gateway says BYE, and now and then it loses its own line in the middle of a command.
"""

import imaplib
import random
import ssl
import threading
import time

from imap import Imap, Path, fingerprint, format_date, identify
from journal import DONE, REFUSED, Journal
from seed import KEYWORDS

# A person is slower; this is fast enough to meet the move at many points.
PAUSE = 0.03
# Longer than the longest wait that a sign-in may meet in a hold.
TIMEOUT = 30
FLAGS = ["\\Flagged", "\\Answered", "\\Seen", *KEYWORDS]
# Mailboxes that the client makes in all.
CREATED = 3
# Share of the acts after which the line is lost before the answer.
LOST_LINES = 0.015


class Client(threading.Thread):
    def __init__(self, port: int, tls: ssl.SSLContext, address: str, password: str, seed_keys: list[str], journal: Journal, stopping: threading.Event,
                 former: "Client | None" = None):
        super().__init__(name="client", daemon=True)
        self.port, self.tls, self.address, self.password = port, tls, address, password
        self.journal, self.stopping = journal, stopping
        self.chance = random.Random(11)
        # One that goes on where a former one stopped: what it drafts is none of the other's.
        self.hands_off = former.hands_off if former else repeated(seed_keys)
        self.number = former.number if former else 0
        self.created = former.created if former else 0
        self.commands = 0
        self.sign_ins = {"accepted": 0, "rejected": 0, "unavailable": 0}
        self.longest_sign_in = 0.0
        self.broken = 0  # sessions that did not end with LOGOUT
        self.lost = 0  # those of them that lost their line on our side
        self.unexpected: list[str] = []  # commands that were refused
        self.failure: BaseException | None = None

    @property
    def cut(self) -> int:
        """Sessions that the gateway ended."""
        return self.broken - self.lost

    def run(self) -> None:
        try:
            while not self.stopping.is_set():
                try:
                    self._session()
                except (imaplib.IMAP4.abort, OSError):
                    self.broken += 1
        except BaseException as error:
            self.failure = error

    def _session(self) -> None:
        began = time.monotonic()
        with imaplib.IMAP4_SSL("localhost", self.port, ssl_context=self.tls, timeout=TIMEOUT) as connection:
            try:
                connection.login(self.address, self.password)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                self.sign_ins["unavailable" if "[UNAVAILABLE]" in str(error) else "rejected"] += 1
                self.stopping.wait(0.5)
                return
            self.sign_ins["accepted"] += 1
            self.longest_sign_in = max(self.longest_sign_in, time.monotonic() - began)
            imap = Imap(connection)
            mailboxes = sorted(imap.mailboxes())
            # Sessions end now and then, so that a sign-in may fall at any point of the move.
            for _ in range(self.chance.randrange(20, 120)):
                if self.stopping.is_set():
                    return
                self._act(imap, mailboxes)
                self.stopping.wait(PAUSE)

    def _act(self, imap: Imap, mailboxes: list[Path]) -> None:
        path = self.chance.choice(mailboxes)
        match self.chance.choices(["message", "append", "names", "idle"], [80, 12, 3, 5])[0]:
            case "append":
                self._append(imap, path)
            case "names":
                self._names(imap, mailboxes)
            case "idle":
                self._select(imap, ("INBOX",))
                imap.idle(self.chance.random() * 0.5)
                self.commands += 1
            case "message":
                self._touch(imap, path, mailboxes)

    def _append(self, imap: Imap, path: Path) -> None:
        number = self._next()
        message = f"From: <{self.address}>\r\nSubject: draft {number}\r\n\r\n{'What I meant to say. ' * self.chance.randrange(200)}\r\n".encode()
        flags = self.chance.sample(["\\Draft", *FLAGS], self.chance.randrange(3))
        date = self.chance.randrange(1_400_000_000, 1_700_000_000)
        act = {"act": "append", "mailbox": path, "key": fingerprint(message), "flags": flags, "date": date, "number": number}
        self._perform(imap, act, lambda: imap.append(path, " ".join(flags), format_date(date), message))

    def _names(self, imap: Imap, mailboxes: list[Path]) -> None:
        number = self._next()
        if self.created < CREATED:
            self.created += 1
            path = ("Neu", f"Fach № {number}")
            if self._perform(imap, {"act": "create", "mailbox": path, "number": number}, lambda: imap.m.create(imap.wire(path))) == DONE:
                mailboxes.append(path)
            return
        path = self.chance.choice(mailboxes)
        name = self.chance.choice(["subscribe", "unsubscribe"])
        self._perform(imap, {"act": name, "mailbox": path, "number": number}, lambda: getattr(imap.m, name)(imap.wire(path)))

    def _touch(self, imap: Imap, path: Path, mailboxes: list[Path]) -> None:
        self._select(imap, path)
        uids = imap.m.uid("SEARCH", "ALL")[1][0].split()
        if not uids:
            return
        uid = self.chance.choice(uids).decode()
        status, parts = imap.m.uid("FETCH", uid, "(FLAGS BODY.PEEK[])")
        self.commands += 2
        bodies = [part[1] for part in parts if isinstance(part, tuple)]
        if status != "OK" or len(bodies) != 1:
            self.unexpected.append(f"FETCH {uid} in {path}: {status} {parts!r:.200}")
            return
        key = identify(bodies[0])[0]
        if key in self.hands_off:
            return
        act = {"mailbox": path, "key": key, "number": self._next()}
        to = self.chance.choice([other for other in mailboxes if other != path])
        match self.chance.choices(["read", "flag", "unflag", "move", "copy", "delete"], [15, 25, 10, 20, 6, 12])[0]:
            case "read":
                self._perform(imap, act | {"act": "flag", "add": ["\\Seen"], "remove": []}, lambda: imap.m.uid("FETCH", uid, "(BODY[])"))
            case "flag":
                flags = self.chance.sample(FLAGS, 2)
                self._perform(imap, act | {"act": "flag", "add": flags, "remove": []}, lambda: imap.m.uid("STORE", uid, "+FLAGS.SILENT", f"({' '.join(flags)})"))
            case "unflag":
                flags = self.chance.sample(FLAGS, 3)
                self._perform(imap, act | {"act": "flag", "add": [], "remove": flags}, lambda: imap.m.uid("STORE", uid, "-FLAGS", f"({' '.join(flags)})"))
            case "move":
                self._perform(imap, act | {"act": "move", "to": to}, lambda: imap.m.uid("MOVE", uid, imap.wire(to)))
            case "copy":
                self.hands_off.add(key)
                self._perform(imap, act | {"act": "copy", "to": to}, lambda: imap.m.uid("COPY", uid, imap.wire(to)))
            case "delete":
                marked = act | {"act": "flag", "add": ["\\Deleted"], "remove": []}
                if self._perform(imap, marked, lambda: imap.m.uid("STORE", uid, "+FLAGS.SILENT", "(\\Deleted)")) == DONE:
                    self._perform(imap, act | {"act": "expunge", "number": self._next()}, lambda: imap.m.uid("EXPUNGE", uid))

    def _select(self, imap: Imap, path: Path) -> None:
        status, answer = imap.m.select(imap.wire(path))
        self.commands += 1
        if status != "OK":
            raise RuntimeError(f"SELECT {path}: {answer}")

    def _perform(self, imap: Imap, act: dict, command) -> str:
        def outcome() -> str:
            status, answer = command()
            self.commands += 1
            if status == "OK":
                return DONE
            self.unexpected.append(f"{act['act']} in {act['mailbox']}: {status} {answer!r:.200}")
            return REFUSED

        def lose_line(*_) -> None:
            self.lost += 1
            imap.m.shutdown()
            raise imaplib.IMAP4.abort("sent, and nobody waits for the answer")

        if self.chance.random() < LOST_LINES:
            imap.m._command_complete = lose_line  # what imaplib calls when a command is sent
        try:
            return self.journal.perform(act, outcome)
        except (imaplib.IMAP4.abort, OSError):
            self.hands_off.add(act.get("key", ""))
            raise
        except imaplib.IMAP4.error as error:  # BAD
            self.unexpected.append(f"{act['act']} in {act['mailbox']}: {error}")
            raise

    def _next(self) -> int:
        self.number += 1
        return self.number


def repeated(keys: list[str]) -> set[str]:
    seen: set[str] = set()
    return {key for key in keys if key in seen or seen.add(key)}
