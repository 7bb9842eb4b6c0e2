"""What client and sender did and what was answered, and what must therefore be in the account.

An act that was answered OK happened; one that was refused did not; one without an answer happened or did not, once.
"""

import dataclasses
import json
import pathlib

from imap import Path, flag_set
from seed import MAILBOXES, Seeded

DONE, REFUSED, UNKNOWN = "done", "refused", "unknown"


class Journal:
    def __init__(self, file: pathlib.Path):
        self.acts: list[dict] = []
        self._file = file.open("w")

    def perform(self, act: dict, command) -> str:
        """`command` returns an outcome; it is written down with the act, whatever happens."""
        outcome = UNKNOWN
        try:
            outcome = command()
        finally:
            entry = act | {"outcome": outcome}
            self.acts.append(entry)
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self._file.flush()
        return outcome

    def count(self, outcome: str) -> int:
        return sum(act["outcome"] == outcome for act in self.acts)


@dataclasses.dataclass(frozen=True)
class Place:
    mailbox: Path
    flags: frozenset[str]
    date: int | None  # None: the platform's choice


@dataclasses.dataclass
class Copy:
    """One message, and the places where it may be; None: nowhere."""
    key: str
    places: list[Place | None]
    arrival: int  # orders the copies of a mailbox that came by the client's hand
    delivered: bool = False  # and still where it was delivered

    @property
    def decided(self) -> bool:
        return len(self.places) == 1


@dataclasses.dataclass
class Expected:
    copies: list[Copy]
    mailboxes: dict[Path, set[bool]]  # may exist, may be missing
    subscriptions: dict[Path, set[bool]]
    originals: dict[str, str]  # fingerprints of delivered messages as they were sent
    filed: set[str]  # keys that the client moved, copied or deleted


def expect(seed: list[Seeded], client: list[dict], sender: list[dict], mailboxes=MAILBOXES) -> Expected:
    copies = [Copy(one.key, [Place(one.mailbox, one.flags, one.date)], n) for n, one in enumerate(seed)]
    expected = Expected(
        copies,
        {path: {True} for path, _, _ in mailboxes},
        {path: {True} for path, _, subscribed in mailboxes if subscribed}, {}, set())
    for act in sender:
        expected.originals[act["key"]] = act["original"]
        happened = [Place(("INBOX",), frozenset(), None)]
        places = {DONE: happened, UNKNOWN: [None, *happened], REFUSED: [None]}[act["outcome"]]
        copies.append(Copy(act["key"], places, len(copies), delivered=True))
    by_key: dict[str, list[Copy]] = {}
    for copy in copies:
        by_key.setdefault(copy.key, []).append(copy)
    for act in client:
        if act["outcome"] != REFUSED:
            apply(expected, by_key, act)
    return expected


def apply(expected: Expected, by_key: dict[str, list[Copy]], act: dict) -> None:
    unknown = act["outcome"] == UNKNOWN
    kind, mailbox = act["act"], tuple(act["mailbox"])
    if kind in ("create", "subscribe", "unsubscribe"):
        state = expected.mailboxes if kind == "create" else expected.subscriptions
        state[mailbox] = (state.get(mailbox, {False}) if unknown else set()) | {kind != "unsubscribe"}
        return
    next_arrival = len(expected.copies) + act["number"]
    if kind == "append":
        place = Place(mailbox, flag_set(act["flags"]), act["date"])
        add(expected, by_key, Copy(act["key"], [None, place] if unknown else [place], next_arrival))
        return
    (copy,) = by_key[act["key"]]  # the client touches only what is unique
    # That it was seen in a mailbox proves that it was there.
    before = [place for place in copy.places if place is not None and place.mailbox == mailbox]
    assert before, (act, copy)
    after = [transformed(place, act) for place in before]
    if kind == "copy":
        add(expected, by_key, Copy(copy.key, [None, *after] if unknown else after, next_arrival))
        copy.places = before
    else:
        copy.places = list(dict.fromkeys(before + after if unknown else after))
    if kind in ("move", "copy", "expunge"):
        expected.filed.add(copy.key)
    if kind == "move":
        copy.arrival, copy.delivered = next_arrival, False


def transformed(place: Place, act: dict) -> Place | None:
    match act["act"]:
        case "flag":
            return dataclasses.replace(place, flags=(place.flags | flag_set(act["add"])) - flag_set(act["remove"]))
        case "move" | "copy":
            return dataclasses.replace(place, mailbox=tuple(act["to"]))
        case "expunge":
            return None


def add(expected: Expected, by_key: dict[str, list[Copy]], copy: Copy) -> None:
    expected.copies.append(copy)
    by_key.setdefault(copy.key, []).append(copy)
