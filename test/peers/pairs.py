"""Carries an account with 6,046 real messages and what is odd from a real Dovecot to a real Cyrus, and from Cyrus to Dovecot;
there it works on, and is carried back. Each time what there is, is compared with what was planted and done.

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
import time

from causeway import Causeway
from compare import compare, compare_platforms
from cyrus import Cyrus, unpack
from dovecot import MASTER, Account, Dovecot, free_ports, hashed
from imap import Imap, Snapshot, read_account
from journal import Journal, expect
from managesieve import ManageSieve
from names import Names, mapped, renamed, with_parents
from oddities import AT_CYRUS, DOTTED, ODD_MAILBOXES, odd_messages
from pop import PopClient
from refusals import LARGEST, check_refusals
from results import Results, check_comparison, say, token
from seed import Seeded, make_seed, plant
from work import work

ADA = Account("ada@isp.example", "right " + secrets.token_hex(8))
BEN = Account("ben@isp.example", "his " + secrets.token_hex(8))
SENTINEL = Account("sentinel@isp.example", secrets.token_hex(16))
SEED = 2
MOVE_TIMEOUT = 180
# A script before the move, and another one that is made and made active at the target.
FIRST = b'require "fileinto";\r\nif header :is "Subject" "weekly" { fileinto "Lists"; }\r\n'
SECOND = b'require "fileinto";\r\nif header :is "Subject" "\xc3\xbcber" { fileinto "Archive"; }\r\n'
USES = {(name,): f"\\{name}" for name in ("Sent", "Drafts", "Trash", "Junk", "Archive")}
Platform = Dovecot | Cyrus

SERVICES = """
  {name}:
    imap: {{ host: 127.0.0.1, port: {imap}, tls: plain, trustedNetwork: true }}
    pop3: {{ host: 127.0.0.1, port: {pop3}, tls: plain, trustedNetwork: true }}
    sieve: {{ host: 127.0.0.1, port: {sieve}, tls: plain, trustedNetwork: true }}
    lmtp: {{ host: 127.0.0.1, port: {nobody} }}
    entrances:
      - {{ kind: master, user: {master}, passwordFile: {name}-master.secret, style: authzid }}
    sentinel: {{ login: {sentinel.address}, passwordFile: {name}-sentinel.secret }}
"""
LISTEN = """
listen:
  imaps: { host: 127.0.0.1, port: 0 }
  pop3s: { host: 127.0.0.1, port: 0 }
  sieve: { host: 127.0.0.1, port: 0 }
workers: { gateway: 1, mover: 1 }
platforms:"""


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--keep", action="store_true", help="leave configurations and logs behind")
    keep = options.parse_args().keep
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = Results()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="causeway-pairs-", dir="/tmp"))
    folder.chmod(0o755)
    began = time.monotonic()
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(lambda: print(f"everything is in {folder}") if keep else shutil.rmtree(folder))
        cyrus = unpack(folder / "cyrus")
        for pair in (dovecot_to_cyrus, cyrus_to_dovecot):
            with contextlib.ExitStack() as of_pair:
                try:
                    part = folder / pair.__name__
                    part.mkdir()
                    pair_began = time.monotonic()
                    pair(part, cyrus, results, of_pair)
                    print(f"          {pair.__name__}: {time.monotonic() - pair_began:.0f} s")
                except Exception as error:
                    results.check(f"{pair.__name__} ran to its end", False, f"{type(error).__name__}: {error}")
    print(f"  {time.monotonic() - began:.0f} seconds in all")
    print(f"{results.passed} passed, {results.failed} failed")
    return 1 if results.failed or not results.passed else 0


def dovecot_to_cyrus(folder: pathlib.Path, cyrus: pathlib.Path, results: Results, cleanup: contextlib.ExitStack) -> None:
    """The separator is `/` there and `.` here, where all is below `INBOX.`."""
    ports = free_ports(9)
    old = Dovecot("old", folder / "old", "/", token(), token(), imap=ports[0], lmtp=ports[1], sieve=ports[2], pop3=ports[3])
    new = Cyrus("new", folder / "new", cyrus, ".", token(), imap=ports[4], pop3=ports[5], sieve=ports[6], more=f"maxmessagesize: {LARGEST}")
    cleanup.callback(old.stop), cleanup.callback(new.stop)
    old.start([ADA, BEN, SENTINEL], [], "CET-1")
    new.start([ADA, BEN, SENTINEL])
    seed = make_seed(SEED) + odd_messages(folder / "odd")
    rehearse(folder, results, cleanup, old, new, ports[7:], seed, {}, AT_CYRUS | {DOTTED: ("Projekte", "v1_2")})


def cyrus_to_dovecot(folder: pathlib.Path, cyrus: pathlib.Path, results: Results, cleanup: contextlib.ExitStack) -> None:
    """The other way round, and with the other separators."""
    ports = free_ports(9)
    old = Cyrus("old", folder / "old", cyrus, "/", token(), imap=ports[0], pop3=ports[1], sieve=ports[2])
    new = Dovecot("new", folder / "new", ".", token(), token(), imap=ports[3], lmtp=ports[4], sieve=ports[5], pop3=ports[6])
    cleanup.callback(old.stop), cleanup.callback(new.stop)
    old.start([ADA, SENTINEL])
    new.start([ADA, SENTINEL], [], "UTC0")
    seed = [dataclasses.replace(one, mailbox=AT_CYRUS.get(one.mailbox, one.mailbox)) for one in make_seed(SEED) + odd_messages(folder / "odd")]
    rehearse(folder, results, cleanup, old, new, ports[7:], seed, AT_CYRUS, {DOTTED: ("Projekte", "v1_2")})


def rehearse(folder: pathlib.Path, results: Results, cleanup: contextlib.ExitStack, old: Platform, new: Platform, nobody: list[int],
             seed: list[Seeded], at_old: Names, at_new: Names) -> None:
    """`at_old`: what `ODD_MAILBOXES` are called there; `at_new`: what these names become at the other platform."""
    kinds = f"{type(old).__name__} to {type(new).__name__}"
    mailboxes = [(at_old.get(path, path), share, subscribed) for path, share, subscribed in ODD_MAILBOXES]
    # Each numbers its INBOX by the second in which it is made, and an equal number is refused by right.
    time.sleep(1.1)
    say(f"{kinds}: seeding {len(seed)} messages")
    with platform(old) as imap:
        plant(seed, imap, mailboxes, USES if isinstance(old, Cyrus) else {})
        baseline = read_account(imap)
    expected = with_parents(expect(seed, [], [], mailboxes))
    results.check_differences(f"{kinds}: the source holds the seed", compare(expected, baseline))
    if isinstance(new, Cyrus):  # once is enough: the comparison is the same
        check_comparison(seed, baseline, results, mailboxes)

    causeway = start_causeway(folder, cleanup, results, old, new, nobody)
    listening = causeway.serve()
    users = folder / "passwd"
    people = [ADA, BEN] if isinstance(new, Cyrus) else [ADA]
    users.write_text("".join(f"{one.address}:{hashed(one.password)}::::::\n" for one in people))
    imported = causeway.command("account", "import", str(users), "--platform", "old")
    results.check(f"{kinds}: causeway account import", imported.returncode == 0, imported.stderr.strip())
    tls = ssl.create_default_context(cafile=causeway.certificate())
    put_filter(f"{kinds}: a filter is stored and active", listening, tls, "main", FIRST, results)
    clients = PopClient("poplib", listening["pop3s"], tls, ADA), PopClient.fetchmail(folder / "fetchmail", listening["pop3s"], ADA)
    inbox = sum(one.mailbox == ("INBOX",) for one in seed)
    counts = [client.fetch() for client in clients]
    results.check(f"{kinds}: POP3 clients fetch all of INBOX", counts == [inbox, inbox], str(counts))

    move(kinds, causeway, ["move", ADA.address, "--to", "new"], "new", results)
    arrived = read(new)
    moved = renamed(expected, at_new)
    results.check_differences(f"{kinds}: moved, against the seed", compare(moved, arrived))
    results.check_differences(f"{kinds}: moved, against the source", compare_platforms(moved, mapped(read(old), at_new), arrived))
    if isinstance(new, Cyrus):  # once is enough: it reads the same servers in the other pairs, and we compare for ourselves
        results.check(f"{kinds}: causeway compare says equal", *compared(folder, causeway, old, new, 0))
    check_filters(f"{kinds}: moved, the filter is the same, and active", listening, tls, {"main": FIRST}, "main", results)
    counts = [client.fetch() for client in clients]
    results.check(f"{kinds}: POP3 clients fetch nothing again", counts == [0, 0], str(counts))

    say(f"{kinds}: new mail, flags, moves and deletions at the target")
    journal = Journal(folder / "client.journal")
    with imaplib.IMAP4_SSL("localhost", listening["imaps"], ssl_context=tls, timeout=60) as connection:
        connection.login(ADA.address, ADA.password)
        work(Imap(connection), journal, {message.key for message in unique(arrived)})
    put_filter(f"{kinds}: another filter is stored and active at the target", listening, tls, "second", SECOND, results)
    worked = with_parents(expect(seed, journal.acts, [], mailboxes))
    results.check_differences(f"{kinds}: the client's work is at the target", compare(renamed(worked, at_new), read(new)))
    if isinstance(new, Cyrus):
        results.check(f"{kinds}: causeway compare says that they differ now", *compared(folder, causeway, old, new, 1))
    new_mail = sum(act["act"] == "append" and act["mailbox"] == ["INBOX"] for act in journal.acts)
    counts = [client.fetch() for client in clients]
    results.check(f"{kinds}: POP3 clients fetch what is new at the target", counts == [new_mail, new_mail], f"{counts}, new {new_mail}")

    move(kinds, causeway, ["rollback", ADA.address, "--why", "rehearsed"], "old", results)
    returned = read(old)
    results.check_differences(f"{kinds}: rolled back, against seed and work", compare(worked, returned))
    results.check_differences(f"{kinds}: rolled back, against the target", compare_platforms(renamed(worked, at_new), read(new), mapped(returned, at_new)))
    check_filters(f"{kinds}: rolled back, both filters are there, and the target's is active", listening, tls, {"main": FIRST, "second": SECOND}, "second", results)
    counts = [client.fetch() for client in clients]
    results.check(f"{kinds}: POP3 clients fetch nothing again after the rollback", counts == [0, 0], str(counts))
    if isinstance(old, Dovecot) and isinstance(new, Cyrus):
        check_refusals(lambda: signed_in(old, BEN), lambda: signed_in(new, BEN), new, causeway, BEN, results)
    status, outlived = causeway.stop()
    results.check(f"{kinds}: causeway serve ended, and all its processes with it", status == 0 and not outlived, f"status {status}, left {outlived}")


def start_causeway(folder: pathlib.Path, cleanup: contextlib.ExitStack, results: Results, old: Platform, new: Platform, nobody: list[int]) -> Causeway:
    config, secret = LISTEN, {}
    for each, unused in zip((old, new), nobody):
        config += SERVICES.format(name=each.name, imap=each.imap, pop3=each.pop3, sieve=each.sieve, nobody=unused, master=MASTER, sentinel=SENTINEL)
        secret |= {f"{each.name}-master": each.master_password, f"{each.name}-sentinel": SENTINEL.password}
    causeway = Causeway(folder / "causeway", config, secret)
    cleanup.callback(causeway.stop)
    cleanup.callback(lambda: results.failed and print(f"--- the end of serve's log\n{causeway.log(30)}\n--- old\n{old.log(8)}\n--- new\n{new.log(8)}"))
    return causeway


def move(kinds: str, causeway: Causeway, words: list[str], home: str, results: Results) -> None:
    began = time.monotonic()
    done = causeway.command(*words, "--json", timeout=MOVE_TIMEOUT)
    (one,) = json.loads(done.stdout)["moves"] if done.returncode == 0 else [None]
    results.check(f"{kinds}: causeway {words[0]}", one is not None and (one["state"], one["target"]) == ("moved", home),
                  f"{one['messages']} messages in {time.monotonic() - began:.1f} s, held for {one['holdMs']} ms" if one else done.stdout + done.stderr)


@contextlib.contextmanager
def signed_in(at: Platform, account: Account):
    """Straight at a platform, past Causeway."""
    with imaplib.IMAP4("127.0.0.1", at.imap, timeout=60) as connection:
        connection.login(account.address, account.password)
        yield Imap(connection)


def platform(at: Platform):
    return signed_in(at, ADA)


def read(at: Platform) -> Snapshot:
    with platform(at) as imap:
        return read_account(imap)


def unique(snapshot: Snapshot) -> list:
    every = [message for messages in snapshot.mailboxes.values() for message in messages]
    count: dict[str, int] = {}
    for message in every:
        count[message.key] = count.get(message.key, 0) + 1
    return [message for message in every if count[message.key] == 1]


def compared(folder: pathlib.Path, causeway: Causeway, old: Platform, new: Platform, status: int) -> tuple[bool, str]:
    """`causeway compare` with the exit status that it should have."""
    secret = folder / "ada.secret"
    secret.write_text(ADA.password)
    accounts = [f"imap+plain://{ADA.address}@127.0.0.1:{each.imap}" for each in (old, new)]
    done = causeway.bare("compare", *accounts, "--source-password-file", str(secret), "--target-password-file", str(secret), timeout=120)
    return done.returncode == status, "" if done.returncode == status else f"{done.returncode}: {done.stdout[-800:]}{done.stderr[-400:]}"


def put_filter(name: str, listening: dict, tls: ssl.SSLContext, script: str, content: bytes, results: Results) -> None:
    sieve = ManageSieve(listening["sieve"], tls)
    answers = [sieve.sign_in(ADA.address, ADA.password), sieve.run(b'PUTSCRIPT "%s"' % script.encode(), content)[1], sieve.run(b'SETACTIVE "%s"' % script.encode())[1]]
    sieve.close()
    results.check(name, all(each.startswith("OK") for each in answers), str(answers))


def check_filters(name: str, listening: dict, tls: ssl.SSLContext, scripts: dict[str, bytes], active: str, results: Results) -> None:
    """By what the gateway says, which asks the platform where the account lives."""
    sieve = ManageSieve(listening["sieve"], tls)
    sieve.sign_in(ADA.address, ADA.password)
    found = sieve.run(b"LISTSCRIPTS")[0].decode().splitlines()
    contents = {script: sieve.run(b'GETSCRIPT "%s"' % script.encode())[0] for script in scripts}
    sieve.close()
    wanted = [f'"{script}"{" ACTIVE" if script == active else ""}' for script in scripts]
    results.check(name, sorted(found) == sorted(wanted) and contents == {script: b"{%d}\r\n%s\r\n" % (len(content), content) for script, content in scripts.items()}, f"{found} {contents!r:.300}")


if __name__ == "__main__":
    sys.exit(main())
