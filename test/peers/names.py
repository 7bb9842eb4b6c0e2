"""What is expected of an account where a platform has other names for some of its mailboxes."""

import dataclasses

from imap import Path, Snapshot
from journal import Expected, Place

Names = dict[Path, Path]  # one platform's name -> the other's, where they differ


def with_parents(expected: Expected) -> Expected:
    """A name that only has children elsewhere is an empty mailbox at Cyrus, and where its mail is carried."""
    parents = {path[:n] for path in expected.mailboxes for n in range(1, len(path))}
    return dataclasses.replace(expected, mailboxes={path: {True, False} for path in parents} | expected.mailboxes)


def renamed(expected: Expected, names: Names) -> Expected:
    def place(one: Place | None) -> Place | None:
        return one and dataclasses.replace(one, mailbox=names.get(one.mailbox, one.mailbox))

    copies = [dataclasses.replace(copy, places=[place(one) for one in copy.places]) for copy in expected.copies]
    return dataclasses.replace(expected, copies=copies, mailboxes={names.get(path, path): state for path, state in expected.mailboxes.items()},
                               subscriptions={names.get(path, path): state for path, state in expected.subscriptions.items()})


def mapped(snapshot: Snapshot, names: Names) -> Snapshot:
    return Snapshot({names.get(path, path): each for path, each in snapshot.mailboxes.items()},
                    {names.get(path, path): each for path, each in snapshot.special_uses.items()},
                    frozenset(names.get(path, path) for path in snapshot.subscriptions))
