"""Carries an account with 6,046 real messages from one real Dovecot to another, under the hands of a customer at work.

Ends with the line `N passed, N failed`; exit status 0 when none failed.
"""

import argparse
import contextlib
import dataclasses
import imaplib
import json
import pathlib
import secrets
import shutil
import signal
import ssl
import sys
import tempfile
import threading
import time

from causeway import Causeway
from client import Client
from compare import Differences, compare, compare_platforms
from dovecot import MASTER, Account, Dovecot, free_ports, hashed
from imap import Imap, Snapshot, read_account
from managesieve import ManageSieve
from journal import UNKNOWN, Expected, Journal, expect
from seed import make_seed, plant
from sender import Sender

ADA = Account("ada@isp.example", "right " + secrets.token_hex(8))
SENTINEL = Account("sentinel@isp.example", secrets.token_hex(16))
SEED = 1
# How long client and sender work before the move begins and after it ended, in seconds.
BEFORE, AFTER = 3, 4
MOVE_TIMEOUT = 180


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


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--keep", action="store_true", help="leave configurations, logs and journals behind")
    keep = options.parse_args().keep
    # An end from outside takes the same way out as any other.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = Results()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="causeway-peers-", dir="/tmp"))  # a socket's path has 107 characters at most
    folder.chmod(0o755)  # the Dovecots and the embedded PostgreSQL run as users of their own
    began = time.monotonic()
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(lambda: print(f"everything is in {folder}") if keep else shutil.rmtree(folder))
        try:
            rehearse(folder, results, cleanup)
        except Exception as error:
            results.check("the test ran to its end", False, f"{type(error).__name__}: {error}")
    print(f"  {time.monotonic() - began:.0f} seconds in all")
    print(f"{results.passed} passed, {results.failed} failed")
    return 1 if results.failed or not results.passed else 0


def rehearse(folder: pathlib.Path, results: Results, cleanup: contextlib.ExitStack) -> None:
    ports = free_ports(6)
    # As it is in life: other separators, other layouts, other time zones, other transport security.
    old = Dovecot("old", folder / "old", ".", token(), token(), imap=ports[0], lmtp=ports[1], sieve=ports[4])
    new = Dovecot("new", folder / "new", "/", token(), token(), imaps=ports[2], lmtp=ports[3], sieve=ports[5])
    for dovecot in (old, new):
        cleanup.callback(dovecot.stop)
    old.start([ADA, SENTINEL], [], "CET-1")
    new.start([SENTINEL], [ADA], "UTC0")

    say("seeding the old platform")
    seed = make_seed(SEED)
    with platform(old) as imap:
        plant(seed, imap)
        baseline = read_account(imap)
    results.check_all(f"the old platform holds the seed: {len(seed)} messages in {len(baseline.mailboxes)} mailboxes", compare(expect(seed, [], []), baseline))
    check_comparison(expect(seed, [], []), baseline, results)

    say("starting Causeway")
    causeway = Causeway(folder / "causeway", old, new, SENTINEL)
    cleanup.callback(causeway.stop)
    cleanup.callback(lambda: results.failed and print(
        f"--- the end of serve's log\n{causeway.log(30)}\n--- old Dovecot\n{old.log(8)}\n--- new Dovecot\n{new.log(8)}"))
    found = causeway.command("check")
    results.check("causeway check finds all entrances open", found.returncode == 0, found.stdout + found.stderr if found.returncode else "")
    listening = causeway.serve()
    users = folder / "passwd"
    users.write_text(f"{ADA.address}:{hashed(ADA.password)}::::::\n")
    imported = causeway.command("account", "import", str(users), "--platform", "old")
    results.check("causeway account import", imported.returncode == 0, (imported.stdout + imported.stderr).strip())
    tls = ssl.create_default_context(cafile=causeway.certificate())
    check_wrong_password("before", listening["imaps"], tls, results)
    editor = check_scripts("old", listening["sieve"], tls, results)
    cleanup.callback(editor.close)
    results.check("the old Dovecot was told where the customer of ManageSieve is", "managesieve-login: Info: Login: user=<ada@isp.example>, method=PLAIN, rip=127.0.0.3," in old.log(200))

    stopping = threading.Event()
    keys = [one.key for one in seed]
    client = Client(listening["imaps"], tls, ADA.address, ADA.password, keys, Journal(folder / "client.journal"), stopping)
    sender = Sender(listening["lmtp"], ADA.address, Journal(folder / "sender.journal"), stopping)
    # Also when the test breaks off: nobody works on while the platforms go down.
    cleanup.callback(lambda: (stopping.set(), [each.join(60) for each in (client, sender) if each.ident]))
    client.start(), sender.start()
    time.sleep(BEFORE)
    say("moving the account, with a client at work and mail coming in")
    move_began = time.monotonic()
    moved = causeway.command("move", ADA.address, "--to", "new", "--json", timeout=MOVE_TIMEOUT)
    (move,) = json.loads(moved.stdout)["moves"] if moved.returncode == 0 else [None]
    at_flip = client.number, sender.number
    results.check("causeway move", move is not None and move["state"] == "moved",
                  f"{move['messages']} messages in {time.monotonic() - move_began:.1f} s, held for {move['holdMs']} ms" if move else moved.stdout + moved.stderr)
    time.sleep(AFTER)
    stopping.set()
    client.join(60), sender.join(60)
    check_work(client, sender, results)
    check_wrong_password("after", listening["imaps"], tls, results)
    _, farewell = editor.answer()
    results.check("an open ManageSieve session was asked to come again", farewell.startswith("BYE (TRYLATER) "), farewell)
    check_scripts("new", listening["sieve"], tls, results).close()
    shown = causeway.command("account", "show", ADA.address, "--json")
    results.check("the account lives at the new platform", shown.returncode == 0 and json.loads(shown.stdout)["home"] == "new", shown.stderr.strip())
    check_receipt(causeway, folder, results)

    say("comparing")
    with platform(old) as imap:
        left = read_account(imap)
    with platform(new) as imap:
        arrived = read_account(imap)
    expected = expect(seed, client.journal.acts, sender.journal.acts)
    undecided = client.journal.count(UNKNOWN) + sender.journal.count(UNKNOWN)
    print(f"          {sum(map(len, arrived.mailboxes.values()))} messages at the new platform, {len(client.journal.acts)} acts of the client, "
          f"{len(sender.journal.acts)} deliveries, {undecided} of both undecided")
    check_both_used(at_flip, client, sender, arrived, results)
    results.check_differences("seed and journals against the new platform", compare(expected, arrived))
    results.check_differences("old platform against new", compare_platforms(expected, left, arrived))
    go_back(folder, results, cleanup, causeway, listening, tls, seed, client, sender, old, new)

    status, outlived = causeway.stop()
    results.check("causeway serve ended when it was told to, and all its processes with it", status == 0 and not outlived, f"status {status}, left {outlived}")


def go_back(folder, results: Results, cleanup: contextlib.ExitStack, causeway: Causeway, listening: dict, tls: ssl.SSLContext, seed: list,
            before: Client, sent_before: Sender, old: Dovecot, new: Dovecot) -> None:
    """The same customer at work again, at the new platform, and then through a rollback: all of it is at the old one."""
    stopping = threading.Event()
    client = Client(listening["imaps"], tls, ADA.address, ADA.password, [one.key for one in seed], Journal(folder / "client-back.journal"), stopping, before)
    sender = Sender(listening["lmtp"], ADA.address, Journal(folder / "sender-back.journal"), stopping, sent_before)
    cleanup.callback(lambda: (stopping.set(), [each.join(60) for each in (client, sender) if each.ident]))
    client.start(), sender.start()
    time.sleep(BEFORE)
    say("rolling the account back, with the client at work and mail coming in")
    began = time.monotonic()
    back = causeway.command("rollback", ADA.address, "--why", "rehearsed", "--json", timeout=MOVE_TIMEOUT)
    (move,) = json.loads(back.stdout)["moves"] if back.returncode == 0 else [None]
    results.check("causeway rollback", move is not None and move["state"] == "moved" and move["target"] == "old",
                  f"{move['messages']} messages in {time.monotonic() - began:.1f} s, held for {move['holdMs']} ms" if move else back.stdout + back.stderr)
    time.sleep(AFTER)
    stopping.set()
    client.join(60), sender.join(60)
    check_work(client, sender, results)
    check_receipt(causeway, folder, results)
    with platform(new) as imap:
        left = read_account(imap)
    with platform(old) as imap:
        returned = read_account(imap)
    expected = expect(seed, before.journal.acts + client.journal.acts, sent_before.journal.acts + sender.journal.acts)
    print(f"          {sum(map(len, returned.mailboxes.values()))} messages at the old platform again, {len(client.journal.acts)} more acts of the client, "
          f"{len(sender.journal.acts)} more deliveries")
    results.check_differences("after the rollback, seed and journals against the old platform", compare(expected, returned))
    results.check_differences("after the rollback, new platform against old", compare_platforms(expected, left, returned))


def token() -> str:
    return secrets.token_hex(16)


def say(what: str) -> None:
    print(f"{what} ...", flush=True)


@contextlib.contextmanager
def platform(dovecot: Dovecot):
    """Straight at a Dovecot as its master user, past Causeway."""
    if dovecot.certificate is None:
        connection = imaplib.IMAP4("127.0.0.1", dovecot.imap, timeout=60)
    else:
        tls = ssl.create_default_context(cafile=dovecot.certificate)
        connection = imaplib.IMAP4_SSL("127.0.0.1", dovecot.imaps, ssl_context=tls, timeout=60)
    with connection:
        connection.login(f"{ADA.address}*{MASTER}", dovecot.master_password)
        yield Imap(connection)


def check_comparison(expected: Expected, snapshot: Snapshot, results: Results) -> None:
    """The comparison can fail: each way to spoil a copy is found, and called by its name."""
    box = ("Archive",)
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
    check_undecided(snapshot, results)


def check_undecided(snapshot: Snapshot, results: Results) -> None:
    """A move without an answer: the message is here or there, once."""
    box, to = ("Archive",), ("Empty",)
    own = [message.key for messages in snapshot.mailboxes.values() for message in messages]
    one = next(message for message in snapshot.mailboxes[box] if own.count(message.key) == 1)
    others = [message for message in snapshot.mailboxes[box] if message is not one]
    act = {"act": "move", "mailbox": box, "to": to, "key": one.key, "number": 1, "outcome": UNKNOWN}
    expected = expect(make_seed(SEED), [act], [])

    def kinds(here: bool, there: bool) -> set[str]:
        boxes = snapshot.mailboxes | {box: snapshot.mailboxes[box] if here else others, to: [one] if there else []}
        return compare(expected, dataclasses.replace(snapshot, mailboxes=boxes)).kinds()

    seen = [kinds(True, False), kinds(False, True), kinds(True, True), kinds(False, False)]
    results.check("the comparison takes an unanswered act for done or not done, once", seen == [set(), set(), {"doubled"}, {"missing"}], str(seen))


def check_wrong_password(when: str, port: int, tls: ssl.SSLContext, results: Results) -> None:
    with imaplib.IMAP4_SSL("localhost", port, ssl_context=tls, timeout=30) as connection:
        try:
            answer = str(connection.login(ADA.address, "wrong"))
        except imaplib.IMAP4.error as error:
            answer = str(error)
    results.check(f"a wrong password is called wrong {when} the move", "[AUTHENTICATIONFAILED]" in answer, answer)


def check_scripts(where: str, port: int, tls: ssl.SSLContext, results: Results) -> ManageSieve:
    """Signs in, works with Pigeonhole, and stays."""
    sieve = ManageSieve(port, tls, "127.0.0.3")
    wrong = sieve.sign_in(ADA.address, "wrong")
    right = sieve.sign_in(ADA.address, ADA.password)
    results.check(f"ManageSieve at the {where} platform: a wrong password is called wrong, the right one signs in", wrong.startswith('NO "Authentication failed') and right.startswith("OK"), f"{wrong} {right}")
    capabilities, _ = sieve.run(b"CAPABILITY")
    results.check("its capabilities are Pigeonhole's, without ways to sign in", b"Pigeonhole" in capabilities and not any(word in capabilities for word in (b"SASL", b"XCLIENT", b"STARTTLS")), str(capabilities))
    script = b'require "fileinto";\r\n' + b'if header :is "Subject" "weekly" { fileinto "Lists"; }\r\n' * 2_000
    stored = sieve.run(b'PUTSCRIPT "main"', script)[1], sieve.run(b'SETACTIVE "main"')[1]
    back, _ = sieve.run(b'GETSCRIPT "main"')
    results.check(f"a script of {len(script)} bytes is stored, made active, and comes back as it was", all(each.startswith("OK") for each in stored) and back == b"{%d}\r\n%s\r\n" % (len(script), script), str(stored))
    faulty = sieve.run(b'PUTSCRIPT "faulty"', b"keeep;\r\n")[1]
    results.check("what is wrong with a script is told", faulty.startswith("NO {") and "unknown command" in faulty, faulty)
    return sieve


def check_work(client: Client, sender: Sender, results: Results) -> None:
    for worker in (client, sender):
        results.check(f"the {worker.name} worked to the end", worker.failure is None and not worker.is_alive(), repr(worker.failure or ""))
    signed_in = client.sign_ins["rejected"] == client.sign_ins["unavailable"] == 0 < client.sign_ins["accepted"]
    results.check("the client's right password was always accepted", signed_in, f"{client.sign_ins}, the longest took {client.longest_sign_in:.1f} s")
    results.check("the client worked, was asked to reconnect once or more, and no command was refused",
                  client.commands > 100 and client.cut > 0 and not client.unexpected, f"{client.commands} commands, {client.cut} sessions cut, {client.lost} lines lost by itself {client.unexpected[:3] or ''}")
    done = sender.journal.count("done")
    results.check("mail was taken all the while, and none refused", done > 20 and sender.journal.count("refused") == 0, f"{done} delivered, {sender.deferred} answers of 4xx")


def check_both_used(at_flip: tuple[int, int], client: Client, sender: Sender, arrived: Snapshot, results: Results) -> None:
    """Else the move would not have been under anybody's hands. What came to the new platform is soon at the old one, too, so it tells nothing by itself."""
    before, after = at_flip, (client.number - at_flip[0], sender.number - at_flip[1])
    own = sum(message.key.startswith("delivery") for messages in arrived.mailboxes.values() for message in messages)
    results.check("the client worked and mail came both before and after the flip", min(*before, *after, own) > 5,
                  f"{before[0]} acts and {before[1]} mails before it, {after[0]} and {after[1]} after it")


def check_receipt(causeway: Causeway, folder: pathlib.Path, results: Results) -> None:
    receipt = causeway.command("receipt", ADA.address)
    file = folder / "ada.receipt"
    file.write_text(receipt.stdout)
    genuine = causeway.command("receipt", "verify", str(file))
    results.check("the receipt verifies", receipt.returncode == genuine.returncode == 0, (genuine.stdout + genuine.stderr).strip().replace("\n", " "))
    file.write_text(receipt.stdout.replace('"count": ', '"count": 1', 1))
    forged = causeway.command("receipt", "verify", str(file))
    results.check("a changed receipt does not", forged.returncode != 0, (forged.stdout + forged.stderr).strip().splitlines()[0] if forged.stderr else "")


sys.exit(main())
