"""What a test of this folder found, and the proof that its comparison can fail."""

import dataclasses
import secrets

from compare import Differences, compare
from imap import Snapshot
from journal import UNKNOWN, Expected, expect
from seed import MAILBOXES, Seeded


class Results:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name: str, well: bool, detail: str = "") -> None:
        self.passed, self.failed = self.passed + well, self.failed + (not well)
        print(f"  {'ok    ' if well else 'FAILED'}  {name}{'  ' + detail if detail else ''}", flush=True)

    def check_all(self, name: str, differences: Differences) -> None:
        self.check(name, not differences.kinds(), str(differences.kinds() or ""))

    def check_differences(self, name: str, differences: Differences) -> None:
        for kind, found in differences.found.items():
            examples = "".join(f"\n            {each:.400}" for each in found[:5])
            self.check(f"{name}: {kind}", not found, f"{len(found)}:{examples}" if found else "")


def token() -> str:
    return secrets.token_hex(16)


def say(what: str) -> None:
    print(f"{what} ...", flush=True)


def check_comparison(seed: list[Seeded], snapshot: Snapshot, results: Results, mailboxes=MAILBOXES) -> None:
    """The comparison can fail: each way to spoil a copy is found, and called by its name."""
    box = ("Archive",)
    expected = expect(seed, [], [], mailboxes)
    messages = snapshot.mailboxes[box]
    one, *rest = messages

    def spoil(kind: str, **changes) -> None:
        spoilt = dataclasses.replace(snapshot, **changes)
        results.check(f"the comparison notices: {kind}", compare(expected, spoilt).kinds() == {kind}, str(compare(expected, spoilt).kinds()))

    def with_messages(changed: list) -> dict:
        return {"mailboxes": snapshot.mailboxes | {box: changed}}

    spoil("missing", **with_messages(rest))
    spoil("doubled", **with_messages([*messages, one]))
    other = dataclasses.replace(one, key="0", fingerprint="0")
    altered = compare(expected, dataclasses.replace(snapshot, **with_messages([other, *rest]))).kinds()
    results.check("the comparison notices: altered", altered == {"missing", "altered"}, str(altered))
    spoil("flags and keywords", **with_messages([dataclasses.replace(one, flags=one.flags ^ {"\\seen"}), *rest]))
    spoil("internal dates", **with_messages([dataclasses.replace(one, date=one.date + 1), *rest]))
    spoil("order", **with_messages([*rest, one]))
    spoil("mailboxes", mailboxes={path: each for path, each in snapshot.mailboxes.items() if path != ("Empty", "Still empty")})
    spoil("subscriptions", subscriptions=snapshot.subscriptions ^ {("Junk",)})
    check_undecided(seed, snapshot, results, mailboxes)


def check_undecided(seed: list[Seeded], snapshot: Snapshot, results: Results, mailboxes) -> None:
    """A move without an answer: the message is here or there, once."""
    box, to = ("Archive",), ("Empty",)
    own = [message.key for messages in snapshot.mailboxes.values() for message in messages]
    one = next(message for message in snapshot.mailboxes[box] if own.count(message.key) == 1)
    others = [message for message in snapshot.mailboxes[box] if message is not one]
    act = {"act": "move", "mailbox": box, "to": to, "key": one.key, "number": 1, "outcome": UNKNOWN}
    expected = expect(seed, [act], [], mailboxes)

    def kinds(here: bool, there: bool) -> set[str]:
        boxes = snapshot.mailboxes | {box: snapshot.mailboxes[box] if here else others, to: [one] if there else []}
        return compare(expected, dataclasses.replace(snapshot, mailboxes=boxes)).kinds()

    seen = [kinds(True, False), kinds(False, True), kinds(True, True), kinds(False, False)]
    results.check("the comparison takes an unanswered act for done or not done, once", seen == [set(), set(), {"doubled"}, {"missing"}], str(seen))
