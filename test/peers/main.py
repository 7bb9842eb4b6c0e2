"""Carries an account with 6,046 real messages from one real Dovecot to another, under the hands of a customer at work.

Ends with the line `N passed, N failed`; exit status 0 when none failed.
"""

import argparse
import contextlib
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

from causeway import Causeway, between_dovecots
from checks import check_both_used, check_receipt, check_scripts, check_work, check_wrong_password
from client import Client
from compare import compare, compare_platforms
from dovecot import MASTER, Account, Dovecot, free_ports, hashed
from imap import Imap, read_account
from journal import UNKNOWN, Journal, expect
from oddities import DOTTED, ODD_MAILBOXES, odd_messages
from results import Results, check_comparison, say, token
from seed import make_seed, plant
from sender import Sender

ADA = Account("ada@isp.example", "right " + secrets.token_hex(8))
SENTINEL = Account("sentinel@isp.example", secrets.token_hex(16))
SEED = 1
# How long client and sender work before the move begins and after it ended, in seconds.
BEFORE, AFTER = 3, 4
MOVE_TIMEOUT = 180
# Under the old platform's separator there is no such name.
MAILBOXES = [each for each in ODD_MAILBOXES if each[0] != DOTTED]


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
    seed = make_seed(SEED) + [one for one in odd_messages(folder / "odd") if one.mailbox != DOTTED]
    with platform(old) as imap:
        plant(seed, imap, MAILBOXES)
        baseline = read_account(imap)
    results.check_all(f"the old platform holds the seed: {len(seed)} messages in {len(baseline.mailboxes)} mailboxes", compare(expect(seed, [], [], MAILBOXES), baseline))
    check_comparison(seed, baseline, results, MAILBOXES)

    say("starting Causeway")
    causeway = Causeway(folder / "causeway", *between_dovecots(old, new, SENTINEL))
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
    check_wrong_password("before", listening["imaps"], tls, ADA, results)
    editor = check_scripts("old", listening["sieve"], tls, ADA, results)
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
    check_wrong_password("after", listening["imaps"], tls, ADA, results)
    _, farewell = editor.answer()
    results.check("an open ManageSieve session was asked to come again", farewell.startswith("BYE (TRYLATER) "), farewell)
    check_scripts("new", listening["sieve"], tls, ADA, results, "old").close()
    shown = causeway.command("account", "show", ADA.address, "--json")
    results.check("the account lives at the new platform", shown.returncode == 0 and json.loads(shown.stdout)["home"] == "new", shown.stderr.strip())
    check_receipt(causeway, folder, ADA, results)

    say("comparing")
    with platform(old) as imap:
        left = read_account(imap)
    with platform(new) as imap:
        arrived = read_account(imap)
    expected = expect(seed, client.journal.acts, sender.journal.acts, MAILBOXES)
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
    check_scripts("old", listening["sieve"], tls, ADA, results, "new").close()
    check_receipt(causeway, folder, ADA, results)
    with platform(new) as imap:
        left = read_account(imap)
    with platform(old) as imap:
        returned = read_account(imap)
    expected = expect(seed, before.journal.acts + client.journal.acts, sent_before.journal.acts + sender.journal.acts, MAILBOXES)
    print(f"          {sum(map(len, returned.mailboxes.values()))} messages at the old platform again, {len(client.journal.acts)} more acts of the client, "
          f"{len(sender.journal.acts)} more deliveries")
    results.check_differences("after the rollback, seed and journals against the old platform", compare(expected, returned))
    results.check_differences("after the rollback, new platform against old", compare_platforms(expected, left, returned))


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


sys.exit(main())
