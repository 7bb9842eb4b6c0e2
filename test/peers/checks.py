"""What main.py looks at beside the mail: passwords, filters, those who worked all the while, receipts."""

import imaplib
import pathlib
import ssl
import time

from causeway import Causeway
from client import Client
from dovecot import Account
from imap import Snapshot
from managesieve import ManageSieve
from results import Results
from sender import Sender


def check_wrong_password(when: str, port: int, tls: ssl.SSLContext, account: Account, results: Results) -> None:
    """A busy machine may not prove in time that the platform refuses rightly; then the customer is asked to come again."""
    answer = ""
    for _ in range(5):
        with imaplib.IMAP4_SSL("localhost", port, ssl_context=tls, timeout=30) as connection:
            try:
                answer = str(connection.login(account.address, "wrong"))
            except imaplib.IMAP4.error as error:
                answer = str(error)
        if "[UNAVAILABLE]" not in answer:
            break
        time.sleep(1)
    results.check(f"a wrong password is called wrong {when} the move", "[AUTHENTICATIONFAILED]" in answer, answer)


def filter_of(where: str) -> bytes:
    return b'require "fileinto";\r\n' + b'if header :is "Subject" "weekly, %s" { fileinto "Lists"; }\r\n' % where.encode() * 2_000


def check_scripts(where: str, port: int, tls: ssl.SSLContext, account: Account, results: Results, came_from: str | None = None) -> ManageSieve:
    """Signs in, works with Pigeonhole, and stays. `came_from`: the platform whose filter has been carried here."""
    sieve = ManageSieve(port, tls, "127.0.0.3")
    wrong = sieve.sign_in(account.address, "wrong")
    right = sieve.sign_in(account.address, account.password)
    results.check(f"ManageSieve at the {where} platform: a wrong password is called wrong, the right one signs in", wrong.startswith('NO "Authentication failed') and right.startswith("OK"), f"{wrong} {right}")
    capabilities, _ = sieve.run(b"CAPABILITY")
    results.check("its capabilities are Pigeonhole's, without ways to sign in", b"Pigeonhole" in capabilities and not any(word in capabilities for word in (b"SASL", b"XCLIENT", b"STARTTLS")), str(capabilities))
    if came_from:
        script = filter_of(came_from)
        (names, _), (back, _) = sieve.run(b"LISTSCRIPTS"), sieve.run(b'GETSCRIPT "main"')
        results.check(f"the filter of the {came_from} platform is at the {where} one, and active", names == b'"main" ACTIVE\r\n' and back == b"{%d}\r\n%s\r\n" % (len(script), script), str(names))
    script = filter_of(where)
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


def check_receipt(causeway: Causeway, folder: pathlib.Path, account: Account, results: Results) -> None:
    receipt = causeway.command("receipt", account.address)
    file = folder / "account.receipt"
    file.write_text(receipt.stdout)
    genuine = causeway.command("receipt", "verify", str(file))
    results.check("the receipt verifies", receipt.returncode == genuine.returncode == 0, (genuine.stdout + genuine.stderr).strip().replace("\n", " "))
    file.write_text(receipt.stdout.replace('"count": ', '"count": 1', 1))
    forged = causeway.command("receipt", "verify", str(file))
    results.check("a changed receipt does not", forged.returncode != 0, (forged.stdout + forged.stderr).strip().splitlines()[0] if forged.stderr else "")
