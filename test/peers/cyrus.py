"""A real Cyrus of this test's own: its configuration, ports, users and mail in one folder, nothing of the system's.

Debian's packages of it cannot be installed beside Dovecot's, so `run` only fetches them, with the libraries that are missing,
and `unpack` puts them into a folder of the test's own. It runs as one ordinary user (as root: as `nobody`), so that it can touch nothing but its folder. Who knows which password is answered here,
as by saslauthd; `causeway` may speak for everybody (`proxyservers`) and makes the accounts (`admins`).
"""

import dataclasses
import imaplib
import os
import pathlib
import pwd
import re
import signal
import socket
import subprocess
import time

from dovecot import MASTER, Account
from relay import Listener, relay

FETCHED = pathlib.Path(__file__).resolve().parents[2] / "var/cyrus"

IMAPD = """
cyrus_user: {user}
configdirectory: {folder}/config
proc_path: {folder}/proc
mboxname_lockpath: {folder}/lock
defaultpartition: default
partition-default: {folder}/spool
sievedir: {folder}/sieve
sieveusehomedir: no
lmtpsocket: {folder}/lmtp.sock
servername: localhost
virtdomains: userid
defaultdomain: localhost
admins: {master}
proxyservers: {master}
unixhierarchysep: {unix}
altnamespace: {unix}
allowplaintext: yes
sasl_mech_list: PLAIN
sasl_pwcheck_method: saslauthd
sasl_saslauthd_path: {folder}/mux
popminpoll: 0
specialusealways: yes
# As Debian's and most sites': what was expunged is not kept for later.
expunge_mode: immediate
delete_mode: immediate
duplicatesuppression: no
munge8bit: no
conversations: no
syslog_prefix: peers-{name}
{more}
"""

CYRUS = """
# Children know nothing of master's -C. -U 1: a process for each connection, which reads the configuration anew.
START {{
  recover cmd="{programs}/ctl_cyrusdb -r -C {folder}/imapd.conf"
}}
SERVICES {{
  imap cmd="{programs}/imapd -U 1 -C {folder}/imapd.conf" listen="127.0.0.1:{imap}" prefork=0 maxchild=100
  pop3 cmd="{programs}/pop3d -C {folder}/imapd.conf" listen="{folder}/pop3.sock" prefork=0 maxchild=50
  sieve cmd="{programs}/timsieved -C {folder}/imapd.conf" listen="127.0.0.1:{sieve}" prefork=0 maxchild=50
}}
EVENTS {{
}}
"""


def unpack(folder: pathlib.Path) -> pathlib.Path:
    """@returns what stands for `/` where Cyrus' programs are looked for"""
    packages = sorted(FETCHED.glob("*.deb"))
    if not packages:
        raise RuntimeError(f"no packages in {FETCHED}: test/peers/run fetches them")
    for package in packages:
        subprocess.run(["dpkg", "-x", package, folder], check=True)
    folder.chmod(0o755)
    return folder


@dataclasses.dataclass
class Cyrus:
    name: str
    folder: pathlib.Path
    root: pathlib.Path  # where `unpack` put its programs
    # "/" with personal mailboxes beside INBOX, or "." with all of them below "INBOX.", as older ones have it.
    separator: str
    master_password: str
    imap: int
    pop3: int
    sieve: int
    more: str = ""
    process: subprocess.Popen | None = None
    saslauthd: Listener | None = None
    before_pop3: Listener | None = None
    passwords: dict[str, str] = dataclasses.field(default_factory=dict)

    def start(self, accounts: list[Account]) -> None:
        owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self.folder.mkdir()
        for part in ("config", "config/db", "config/socket", "proc", "lock", "spool", "sieve"):
            (self.folder / part).mkdir()
        unix = "yes" if self.separator == "/" else "no"
        self._write("imapd.conf", IMAPD.format(folder=self.folder, user=owner.pw_name, name=self.name, master=MASTER, unix=unix, more=self.more))
        self._write("cyrus.conf", CYRUS.format(programs=self._programs(), folder=self.folder, imap=self.imap, sieve=self.sieve))
        self.passwords = {MASTER: self.master_password} | {account.address: account.password for account in accounts}
        mux = socket.socket(socket.AF_UNIX)
        mux.bind(str(self.folder / "mux"))
        mux.listen(100)
        self.saslauthd = Listener(mux, self._judge)
        drop = {}
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", f"{owner.pw_uid}:{owner.pw_gid}", str(self.folder)], check=True)
            drop = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self.folder.chmod(0o755)
        libraries = ":".join(str(each) for lib in ("lib", "usr/lib") for each in (self.root / lib).glob("*-linux-gnu*"))
        with (self.folder / "master.log").open("w") as log:
            self.process = subprocess.Popen(
                [self._programs() / "master", "-C", self.folder / "imapd.conf", "-M", self.folder / "cyrus.conf", "-p", self.folder / "master.pid"],
                stdout=log, stderr=log, cwd=self.folder, start_new_session=True, env={"PATH": "/usr/bin:/bin", "TZ": "UTC0", "LD_LIBRARY_PATH": libraries}, **drop)
        self.before_pop3 = relay(self.pop3, self.folder / "pop3.sock")
        for port in (self.imap, self.pop3, self.sieve):
            self._await(port)
        for account in accounts:
            self._administer("CREATE", self._root_of(account))

    def set_quota(self, account: Account, kib: int | None) -> None:
        self._administer("SETQUOTA", self._root_of(account), "()" if kib is None else f"(STORAGE {kib})")

    def munge(self, yes: bool) -> None:
        """Whether from the next connection on an X stands for each byte above 127 in a header, as it does by default."""
        path = self.folder / "imapd.conf"
        path.write_text(re.sub("munge8bit: .*", f"munge8bit: {'yes' if yes else 'no'}", path.read_text()))

    def _administer(self, *words: str) -> None:
        with imaplib.IMAP4("127.0.0.1", self.imap, timeout=30) as admin:
            admin.login(MASTER, self.master_password)
            status, answer = admin._simple_command(*words)
            if status != "OK":
                raise RuntimeError(f"Cyrus refused {words}: {answer}")

    def _root_of(self, account: Account) -> str:
        return f'"user{self.separator}{account.address}"'

    def stop(self) -> None:
        """Ends master, which ends its children; what is left of its session after ten seconds goes, too."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
        self.saslauthd.close()
        self.before_pop3.close()

    def _judge(self, connection: socket.socket) -> None:
        """saslauthd's protocol: user, password, service and realm, each after its length in two bytes; OK or NO in the same form."""
        with connection, connection.makefile("rb") as stream:
            user, password, _, realm = [stream.read(int.from_bytes(stream.read(2))).decode() for _ in range(4)]
            known = self.passwords.get(f"{user}@{realm}", self.passwords.get(user))
            answer = b"OK" if known == password else b"NO"
            connection.sendall(len(answer).to_bytes(2) + answer)

    def log(self, lines: int) -> str:
        path = self.folder / "master.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else "(no log)"

    def _programs(self) -> pathlib.Path:
        return self.root / "usr/lib/cyrus/bin"

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)

    def _await(self, port: int) -> None:
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", port), 5) as connection:
                    if connection.recv(1):
                        return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the {self.name} Cyrus does not start:\n{self.log(20)}")
