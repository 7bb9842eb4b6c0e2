"""What Cyrus refuses: the move halts, classed, and a person sees to it or decides that the account moves without these messages."""

import json
import re
from collections.abc import Callable

from causeway import Causeway
from cyrus import Cyrus
from dovecot import Account
from imap import Imap, Path, format_date, read_mailbox
from results import Results
from seed import expect_ok

INBOX: Path = ("INBOX",)
# Bytes that this test's Cyrus takes in one message.
LARGEST = 3_000_000
# More than the 480 or so characters that a name has at Cyrus.
LONG: Path = ("y" * 160,) * 3
HEAD = b"From: a@elsewhere.example\r\nSubject: x\r\n"
WHOLE = HEAD + b"\r\nhello\r\n"
LAST_YEAR = 1_750_000_000
# The failure's class, the message, its flags.
REFUSED: list[tuple[str, bytes, str]] = [
    ("content", HEAD + b"this line has no colon\r\n\r\nhello\r\n", ""),
    ("content", b"neither an empty line nor a header\r\n", ""),
    ("too-big", HEAD + b"\r\n" + b"0123456789abcde\r\n" * (LARGEST // 17 + 1), ""),
    ("flags", WHOLE, " ".join(f"word{n}" for n in range(140))),
]


def append(imap: Imap, message: bytes, flags: str = "", date: int = LAST_YEAR) -> str:
    """@returns its UID"""
    expect_ok(imap.append(INBOX, flags, format_date(date), message))
    expect_ok(imap.m.select("INBOX"))
    return imap.m.uid("SEARCH", "ALL")[1][0].split()[-1].decode()


def expunge(imap: Imap, uid: str) -> None:
    expect_ok(imap.m.select("INBOX"))
    expect_ok(imap.m.uid("STORE", uid, "+FLAGS", "(\\Deleted)"))
    expect_ok(imap.m._simple_command("UID", "EXPUNGE", uid))


def check_refusals(at_source: Callable, at_target: Callable, target: Cyrus, causeway: Causeway, account: Account, results: Results) -> None:
    def move(*more: str) -> dict:
        done = causeway.command("move", account.address, "--to", "new", "--json", *more, timeout=120)
        return json.loads(done.stdout)["moves"][0] if done.stdout else {"error": done.stderr}

    def check_halted(what: str, failures: set[str], names: str) -> str:
        """@returns the mover's words"""
        one = move()
        error = one.get("error") or ""
        results.check(f"refused: {what}: the move halts, is classed, and names what it is", one.get("state") == "failed" and one.get("failure") in failures and names in error, f"{one.get('failure')}: {error[:300]}")
        return error

    target.munge(True)
    with at_source() as imap:
        umlaut = append(imap, b"From: \xe4@elsewhere.example\r\n" + WHOLE)
    error = check_halted("X for bytes above 127 in a header", {"mismatch"}, f'message {umlaut} of "INBOX"')
    target.munge(False)
    with at_target() as imap:
        expect_ok(imap.m.select("INBOX"))
        altered = imap.m.uid("SEARCH", "UID", re.search(r'UID (\d+) of "INBOX"', error).group(1))[1][0]
        results.check("the altered copy is taken away again", altered == b"", altered.decode())

    with at_source() as imap:
        early = append(imap, WHOLE, date=0)
    check_halted("the moment 0", {"date"}, f'message {early} of "INBOX"')
    with at_source() as imap:
        expunge(imap, early)
        expect_ok(imap.m.create(imap.wire(LONG)))
    check_halted("a name that is too long", {"mailbox"}, LONG[0])
    with at_source() as imap:
        expect_ok(imap.m.delete(imap.wire(LONG)))
        append(imap, HEAD + b"\r\n" + b"0123456789abcde\r\n" * 20_000)
    target.set_quota(account, 100)
    check_halted("more than the quota", {"quota"}, "")
    target.set_quota(account, None)

    wanted = {}
    with at_source() as imap:
        for n, (failure, message, flags) in enumerate(REFUSED):
            append(imap, WHOLE + b"%d before\r\n" % n)
            wanted[append(imap, message, flags)] = failure
            append(imap, WHOLE + b"%d after\r\n" % n)
    check_halted(f"{len(wanted)} messages among others", set(wanted.values()), "more messages are refused")
    listed = causeway.command("refused", account.address, "--json")
    found = {str(each["uid"]): each["failure"] for each in json.loads(listed.stdout)["refused"]}
    results.check("refused: each is listed with its class", listed.returncode == 1 and found == wanted, f"{found}")
    check_without(at_source, at_target, causeway, account, move, wanted, results)


def check_without(at_source: Callable, at_target: Callable, causeway: Causeway, account: Account, move: Callable, wanted: dict[str, str], results: Results) -> None:
    shown = causeway.command("account", "show", account.address, "--json")
    results.check("refused: the account lives where it lived", json.loads(shown.stdout)["home"] == "old", shown.stderr)
    by_uid = [word for uid, failure in wanted.items() if failure == "flags" for word in ("--without", f"INBOX:{uid}")]
    one = move("--without", "content", "--without", "too-big", *by_uid)
    with at_source() as source, at_target() as copied:
        # Not their order: what was on its way behind a refused message is stored before it.
        kept, copies = (sorted(read_mailbox(imap, INBOX), key=lambda each: each.key) for imap in (source, copied))
    left = [each for each in kept if each not in copies]
    results.check("refused: by a person's decision it moves without them, all others are there once, and they stay at the source",
                  one.get("state") == "moved" and len(left) == len(wanted) and sorted(copies + left, key=lambda each: each.key) == kept and len(copies) == 2 * len(REFUSED) + 2, f"{len(kept)} and {len(copies)} {one.get('error') or ''}")
    receipt = json.loads(causeway.command("receipt", account.address).stdout)["receipt"]
    named = {str(each["uid"]): each["failure"] for each in receipt["refused"]}
    results.check("refused: the receipt names them", named == wanted, f"{named}")
