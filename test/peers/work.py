"""What a customer does at the new platform in a quiet hour: each act once, each written down."""

from imap import Imap, Path, fingerprint, format_date, read_mailbox
from journal import DONE, Journal
from seed import expect_ok

INBOX, ARCHIVE, EMPTY, FRESH = ("INBOX",), ("Archive",), ("Empty",), ("Archive", "Überall")


def work(imap: Imap, journal: Journal, unique: set[str]) -> None:
    """`unique`: keys of messages that are there once; only those are touched."""
    number = 0

    def act(kind: str, mailbox: Path, answer: tuple, **more) -> None:
        nonlocal number
        number += 1
        expect_ok(answer)
        journal.perform({"act": kind, "number": number, "mailbox": list(mailbox)} | more, lambda: DONE)

    act("create", FRESH, imap.m.create(imap.wire(FRESH)))
    act("subscribe", FRESH, imap.m.subscribe(imap.wire(FRESH)))
    act("unsubscribe", ("Trash",), imap.m.unsubscribe(imap.wire(("Trash",))))
    for at, mailbox in enumerate([INBOX] * 20 + [ARCHIVE] * 5 + [FRESH] * 3):
        message = b"From: x@elsewhere.example\r\nSubject: new %d\r\n\r\nhello %d\r\n" % (at, at)
        flags, date = "\\Seen $Forwarded" if at % 3 else "", 1_600_000_000 + at
        act("append", mailbox, imap.append(mailbox, flags, format_date(date), message), key=fingerprint(message), flags=flags.split(), date=date)

    for mailbox in (INBOX, ARCHIVE):
        messages = read_mailbox(imap, mailbox)
        expect_ok(imap.m.select(imap.wire(mailbox)))
        # UIDs, since sequence numbers move under MOVE and EXPUNGE.
        uids = imap.m.uid("SEARCH", "ALL")[1][0].split()
        own = [(uid, message) for uid, message in zip(uids, messages, strict=True) if message.key in unique]
        for at, (uid, message) in enumerate(own[:60]):
            if at < 20:
                add, remove = (["\\Flagged", "later"], ["\\Seen"]) if at % 2 else (["\\Answered"], ["\\Deleted"])
                expect_ok(imap.m.uid("STORE", uid, "-FLAGS", f"({' '.join(remove)})"))
                act("flag", mailbox, imap.m.uid("STORE", uid, "+FLAGS", f"({' '.join(add)})"), key=message.key, add=add, remove=remove)
            elif at < 40:
                expect_ok(imap.m.uid("STORE", uid, "+FLAGS", "(\\Deleted)"))
                act("expunge", mailbox, imap.m._simple_command("UID", "EXPUNGE", uid.decode()), key=message.key)
            else:
                act("move", mailbox, imap.m.uid("MOVE", uid, imap.wire(EMPTY)), key=message.key, to=list(EMPTY))
