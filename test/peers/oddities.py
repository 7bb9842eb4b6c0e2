"""What a long life leaves in an account beside real mail: the rare things that a mover may lose, alter or double."""

import pathlib

from imap import Path, fingerprint
from names import Names
from seed import MAILBOXES, Seeded

# Names that the platforms spell differently. Cyrus takes no `"` and no "`"; under the separator `.` there is no `v1.2`.
QUOTED, TICKED, DOTTED = ('Das "gute" Fach',), ("Das `andere` 100%",), ("Projekte", "v1.2")
AT_CYRUS: Names = {QUOTED: ("Das _gute_ Fach",), TICKED: ("Das _andere_ 100_",)}
BOX, MANY = ("Odd",), ("Many keywords",)
ODD_MAILBOXES: list[tuple[Path, int, bool]] = [*MAILBOXES, (BOX, 0, True), (MANY, 0, False), (TICKED, 0, True), (DOTTED, 0, True)]

HEAD = b"From: a@elsewhere.example\r\nSubject: "
MESSAGES = {
    "no Message-ID": HEAD + b"no id\r\n\r\nfirst body\r\n",
    "the same headers, another body": HEAD + b"no id\r\n\r\nsecond body\r\n",
    "no header": b"\r\nonly a body\r\n",
    "no body": HEAD + b"no body\r\n",
    "no line at the end": HEAD + b"no end\r\n\r\nno line at the end",
    "CR CR LF": HEAD + b"crcrlf\r\n\r\na\r\r\nb\r\n",
    "bare CR": HEAD + b"cr\r\n\r\na\rb\r\n",
    "a line of 200 kB": HEAD + b"long\r\n\r\n" + b"x" * 200_000 + b"\r\n",
    "bytes above 127 in a header": HEAD + b"\xe4\xf6\xfc \x80\xff\r\n\r\nbody \xfe\r\n",
    "what looks like IMAP": HEAD + b"imap\r\n\r\n)\r\n* 1 FETCH (FLAGS ())\r\na OK {5}\r\n",
    "lines of dots": HEAD + b"dots\r\n\r\n.\r\n..\r\n.a\r\n",
    "2 MB": HEAD + b"large\r\n\r\n" + b"0123456789abcdef" * 4 * 31_250 + b"\r\n",
}
# The first second that both platforms keep is 1 January 1970 00:00:01; Dovecot's Maildir keeps none of 2038.
DATES = [1, 86_400, 951_782_400, 1_790_000_000]


def odd_messages(folder: pathlib.Path) -> list[Seeded]:
    folder.mkdir()
    odd = []

    def add(mailbox: Path, name: str, message: bytes, flags: set[str], date: int) -> Seeded:
        file = folder / name
        file.write_bytes(message)
        odd.append(Seeded(mailbox, file, fingerprint(message), frozenset(flags), date))
        return odd[-1]

    for number, (name, message) in enumerate(MESSAGES.items()):
        one = add(BOX, name, message, {"\\seen"} if number % 2 else set(), DATES[number % len(DATES)])
        odd.append(one)  # an exact duplicate, of the same moment
    # More keywords than a Maildir has letters for.
    for number in range(60):
        add(MANY, f"keyword {number}", HEAD + b"keyword %d\r\n\r\n\r\n" % number, {f"word{number}", f"word{(number * 7) % 60}", "\\deleted"}, 1_000_000_000 + number)
    add(DOTTED, "dotted", HEAD + b"dotted\r\n\r\n\r\n", set(), 1_000_000_000)
    add(TICKED, "ticked", HEAD + b"ticked\r\n\r\n\r\n", {"\\flagged"}, 1_000_000_000)
    add(QUOTED, "quoted", HEAD + b"quoted\r\n\r\n\r\n", {"$Forwarded"}, 1_000_000_000)
    return odd
