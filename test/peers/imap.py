"""What python's imaplib leaves to its callers: mailbox names, exact APPEND, IDLE, and reading a whole account."""

import base64
import calendar
import dataclasses
import hashlib
import imaplib
import re
import select
import time

# imaplib of Python 3.11 does not know RFC 2177.
imaplib.Commands.setdefault("IDLE", ("SELECTED",))

# A mailbox's name as levels, whatever the platform's separator.
Path = tuple[str, ...]


class Imap:
    """A signed-in imaplib connection, its separator, and what stands before the account's names (Cyrus: `INBOX.`)."""

    def __init__(self, connection: imaplib.IMAP4):
        self.m = connection
        (line,) = connection.namespace()[1]
        self.prefix, self.separator = re.match(rb'\(\("([^"]*)" "(.)"', line).groups()
        self.prefix, self.separator = self.prefix.decode(), self.separator.decode()

    def wire(self, path: Path) -> str:
        name = "INBOX" if path == ("INBOX",) else self.prefix + encode_utf7(self.separator.join(path))
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def append(self, path: Path, flags: str, date: str, message: bytes) -> tuple[str, list]:
        # IMAP4.append turns lone CR into CRLF; this is what it does otherwise.
        self.m.literal = message
        return self.m._simple_command("APPEND", self.wire(path), f"({flags})", f'"{date}"')

    def append_many(self, path: Path, messages: list[tuple[str, str, bytes]]) -> tuple[str, list]:
        """(flags, date, message) in one command: MULTIAPPEND (RFC 3502) with LITERAL+."""
        tag = self.m._new_tag()
        self.m.send(tag + b" APPEND " + self.wire(path).encode())
        for flags, date, message in messages:
            self.m.send(f' ({flags}) "{date}" {{{len(message)}+}}\r\n'.encode() + message)
        self.m.send(b"\r\n")
        return self.m._command_complete("APPEND", tag)

    def idle(self, seconds: float) -> None:
        """Waits for news as a mail client does, and leaves at the first or when the time is over."""
        tag = self.m._command("IDLE")
        while self.m._get_response() is not None:
            pass
        select.select([self.m.sock], [], [], seconds)
        self.m.send(b"DONE\r\n")
        self.m._command_complete("IDLE", tag)

    def mailboxes(self) -> dict[Path, frozenset[str]]:
        """The selectable ones, each with its special use."""
        found = {}
        for path, attributes in self._names(self.m.list('""', "*")[1]):
            if not attributes & {"\\noselect", "\\nonexistent"}:
                found[path] = attributes & SPECIAL_USES
        return found

    def subscriptions(self) -> frozenset[Path]:
        # LSUB gives parents of subscribed names as \Noselect.
        return frozenset(path for path, attributes in self._names(self.m.lsub('""', "*")[1]) if "\\noselect" not in attributes)

    def _names(self, lines: list):
        for line in lines:
            if line is None:
                continue
            if isinstance(line, tuple):  # the name came as a literal
                head, name = line[0], line[1].decode()
                attributes = re.match(rb"\(([^)]*)\)", head).group(1)
            elif line == b"":
                continue
            else:
                attributes, name = re.fullmatch(rb'\(([^)]*)\) (?:"[^"]*"|NIL) (.*)', line, re.S).groups()
                name = name.decode()
                if name.startswith('"'):
                    name = re.sub(r"\\(.)", r"\1", name[1:-1])
            path = tuple(decode_utf7(name.removeprefix(self.prefix)).split(self.separator))
            yield ("INBOX",) if len(path) == 1 and path[0].upper() == "INBOX" else path, frozenset(attributes.decode().lower().split())


SPECIAL_USES = frozenset({"\\sent", "\\drafts", "\\trash", "\\junk", "\\archive"})


@dataclasses.dataclass(frozen=True)
class Message:
    """`key` says which message it is: the fingerprint, or for delivered mail the sender's id."""
    key: str
    fingerprint: str
    flags: frozenset[str]
    date: int
    # Delivered mail only: what the hops put before it, and whether the rest is what was sent.
    trace: bytes = b""
    original: str = ""


@dataclasses.dataclass
class Snapshot:
    mailboxes: dict[Path, list[Message]]  # in UID order
    special_uses: dict[Path, frozenset[str]]
    subscriptions: frozenset[Path]


DELIVERY_MARK = b"X-Peers-Delivery: "


def identify(body: bytes) -> tuple[str, bytes, str]:
    """The key of a message, the trace before it, and the fingerprint of the rest."""
    at = body.find(DELIVERY_MARK, 0, 4096)
    if at == -1:
        return fingerprint(body), b"", ""
    end = body.index(b"\r\n", at)
    return "delivery " + body[at + len(DELIVERY_MARK):end].decode(), body[:at], fingerprint(body[at:])


def fingerprint(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def read_account(imap: Imap) -> Snapshot:
    special_uses = imap.mailboxes()
    return Snapshot({path: read_mailbox(imap, path) for path in special_uses}, special_uses, imap.subscriptions())


# Messages in one FETCH: few enough to hold in memory, enough that the round trips do not matter.
CHUNK = 200


def read_mailbox(imap: Imap, path: Path) -> list[Message]:
    status, (count,) = imap.m.select(imap.wire(path), readonly=True)
    assert status == "OK", (path, count)
    messages = []
    for first in range(1, int(count) + 1, CHUNK):
        status, parts = imap.m.fetch(f"{first}:{min(first + CHUNK - 1, int(count))}", "(UID FLAGS INTERNALDATE BODY.PEEK[])")
        assert status == "OK", parts
        for part in parts:
            if isinstance(part, tuple):
                uid, flags, date = parse_head(part[0])
                key, trace, original = identify(part[1])
                messages.append((uid, Message(key, fingerprint(part[1]), flags, date, trace, original)))
    assert len(messages) == int(count), (path, len(messages), count)
    return [message for _, message in sorted(messages, key=lambda each: each[0])]


def parse_head(head: bytes) -> tuple[int, frozenset[str], int]:
    text = head.decode()
    flags = re.search(r"FLAGS \(([^)]*)\)", text).group(1).split()
    return int(re.search(r"UID (\d+)", text).group(1)), flag_set(flags), parse_date(re.search(r'INTERNALDATE "([^"]*)"', text).group(1))


def flag_set(flags) -> frozenset[str]:
    """System flags know no case; \\Recent is nobody's."""
    return frozenset(f.lower() if f.startswith("\\") else f for f in flags) - {"\\recent"}


MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def parse_date(text: str) -> int:
    day, month, year, hour, minute, second, sign, hours, minutes = re.fullmatch(
        r" ?(\d+)-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)", text).groups()
    offset = (int(hours) * 60 + int(minutes)) * (60 if sign == "+" else -60)
    return calendar.timegm((int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))) - offset


def format_date(epoch: int) -> str:
    t = time.gmtime(epoch)
    return f"{t.tm_mday:02}-{MONTHS[t.tm_mon - 1]}-{t.tm_year} {t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02} +0000"


def encode_utf7(name: str) -> str:
    """Modified UTF-7, RFC 3501 5.1.3."""
    def shifted(match: re.Match) -> str:
        return "&" + base64.b64encode(match.group().encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
    return re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-"))


def decode_utf7(name: str) -> str:
    def unshifted(match: re.Match) -> str:
        coded = match.group(1).replace(",", "/")
        return base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-16-be") if coded else "&"
    return re.sub(r"&([^-]*)-", unshifted, name)
