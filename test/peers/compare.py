"""Holds what is in an account against what must be there. Shares nothing with Causeway."""

from collections import Counter, defaultdict

from imap import Message, Path, Snapshot
from journal import Copy, Expected, Place

# What hops may put before a message that they deliver.
TRACE_FIELDS = (b"return-path:", b"delivered-to:", b"received:")

class Differences:
    """Examples for each kind of difference; each kind is one line of the result."""

    def __init__(self, *kinds: str):
        self.found: dict[str, list[str]] = {kind: [] for kind in kinds}

    def add(self, kind: str, detail: str) -> None:
        self.found[kind].append(detail)

    def kinds(self) -> set[str]:
        return {kind for kind, details in self.found.items() if details}


def compare(expected: Expected, actual: Snapshot) -> Differences:
    differences = Differences("missing", "doubled", "altered", "flags and keywords", "internal dates", "order", "mailboxes", "subscriptions")
    compare_messages(expected, actual, differences)
    compare_order(expected, actual, differences)
    compare_names("mailboxes", expected.mailboxes, set(actual.mailboxes), differences)
    compare_names("subscriptions", expected.subscriptions, set(actual.subscriptions), differences)
    return differences


def compare_messages(expected: Expected, actual: Snapshot, differences: Differences) -> None:
    wanted: dict[str, list[Copy]] = defaultdict(list)
    for copy in expected.copies:
        wanted[copy.key].append(copy)
    found: dict[str, list[Place]] = defaultdict(list)
    for path, messages in actual.mailboxes.items():
        for message in messages:
            found[message.key].append(Place(path, message.flags, message.date))
            check_delivered(message, expected, differences)
    for key in wanted.keys() | found.keys():
        if key not in wanted:
            # No such bytes were ever here: with a message missing they are that one, altered.
            differences.add("altered", f"{places_text(found[key])}: nobody knows message {key}")
        elif not fits(wanted[key], found[key]):
            tell(key, wanted[key], found[key], differences)


def check_delivered(message: Message, expected: Expected, differences: Differences) -> None:
    if not message.original:
        return
    if message.original != expected.originals.get(message.key):
        differences.add("altered", f"{message.key}: not as it was sent")
    fields = message.trace.replace(b"\r\n\t", b" ").replace(b"\r\n ", b" ").split(b"\r\n")
    if any(field and not field.lower().startswith(TRACE_FIELDS) for field in fields):
        differences.add("altered", f"{message.key}: delivered with {message.trace!r} before it")


def fits(copies: list[Copy], found: list[Place]) -> bool:
    """Whether each copy can be in one of its places so that exactly what was found is there."""
    if not copies:
        return not found
    first, *others = copies
    for place in first.places:
        if place is None:
            if fits(others, found):
                return True
            continue
        for at, seen in enumerate(found):
            if same(place, seen) and fits(others, found[:at] + found[at + 1:]):
                return True
    return False


def same(place: Place, seen: Place) -> bool:
    return (place.mailbox, place.flags) == (seen.mailbox, seen.flags) and place.date in (None, seen.date)


def tell(key: str, copies: list[Copy], found: list[Place], differences: Differences) -> None:
    """Names what is wrong. What fits is set aside first, so that one changed duplicate is one difference."""
    copies, found = list(copies), list(found)
    for copy in [c for c in copies if c.decided and c.places[0] is not None]:
        match = next((seen for seen in found if same(copy.places[0], seen)), None)
        if match is not None:
            copies.remove(copy)
            found.remove(match)
    fewest = sum(None not in copy.places for copy in copies)
    most = sum(copy.places != [None] for copy in copies)
    detail = f"{key}: found {places_text(found)}, expected {' and '.join(places_text(copy.places) for copy in copies) or 'no more'}"
    if len(found) < fewest:
        return differences.add("missing", detail)
    if len(found) > most:
        return differences.add("doubled", detail)
    possible = [place for copy in copies for place in copy.places if place is not None]
    kinds = set()
    for seen in found:
        near = [place for place in possible if place.mailbox == seen.mailbox]
        if not near:
            kinds.add("missing")  # it is in another mailbox
        if near and all(place.flags != seen.flags for place in near):
            kinds.add("flags and keywords")
        if near and all(place.date not in (None, seen.date) for place in near):
            kinds.add("internal dates")
    for kind in kinds or {"altered"}:
        differences.add(kind, detail)


def places_text(places) -> str:
    return " or ".join("nowhere" if p is None else f"{'/'.join(p.mailbox)} ({' '.join(sorted(p.flags))}) {p.date}" for p in places) or "none"


def compare_order(expected: Expected, actual: Snapshot, differences: Differences) -> None:
    """In each mailbox, what came by the client's hand (the seed first) stands in the order in which it came."""
    undecided = {copy.key for copy in expected.copies if not copy.decided}
    wanted: dict[Path, list[Copy]] = defaultdict(list)
    for copy in expected.copies:
        # Of mail that came at the same time, Dovecot itself chooses the order: `compare_platforms` looks at that.
        if not copy.delivered and copy.key not in undecided and copy.places[0] is not None:
            wanted[copy.places[0].mailbox].append(copy)
    for path, copies in wanted.items():
        right = [copy.key for copy in sorted(copies, key=lambda copy: copy.arrival)]
        keys = set(right)
        seen = [message.key for message in actual.mailboxes.get(path, []) if message.key in keys]
        # A missing or doubled message is told elsewhere.
        if right != seen and Counter(right) == Counter(seen):
            at = next(n for n, (a, b) in enumerate(zip(right, seen)) if a != b)
            differences.add("order", f"{'/'.join(path)}: {seen[at]} stands where {right[at]} should")


def compare_names(kind: str, wanted: dict[Path, set[bool]], actual: set[Path], differences: Differences) -> None:
    for path in wanted.keys() | actual:
        if (path in actual) not in wanted.get(path, {False}):
            differences.add(kind, f"{'/'.join(path)} {'is there' if path in actual else 'is not there'}")


def compare_platforms(expected: Expected, old: Snapshot, new: Snapshot) -> Differences:
    """What both platforms hold is the same to the byte (delivered mail with its trace), in the same order, and alike in use."""
    differences = Differences("altered", "order", "special use")
    at_old = {message.key: message.fingerprint for messages in old.mailboxes.values() for message in messages}
    for path, messages in new.mailboxes.items():
        for message in messages:
            if at_old.get(message.key, message.fingerprint) != message.fingerprint:
                differences.add("altered", f"{'/'.join(path)}: {message.key} is not what the old platform has")
        if old.special_uses.get(path, new.special_uses[path]) != new.special_uses[path]:
            differences.add("special use", f"{'/'.join(path)}: {set(new.special_uses[path])}, at the old platform {set(old.special_uses[path])}")
        left = [message.key for message in old.mailboxes.get(path, []) if message.key not in expected.filed]
        arrived = [message.key for message in messages if message.key not in expected.filed]
        common = set(left) & set(arrived)
        if [key for key in left if key in common] != [key for key in arrived if key in common]:
            differences.add("order", f"{'/'.join(path)}: not in the old platform's order")
    return differences
