"""A real Dovecot of this test's own: its configuration, ports, users and mail in one folder, nothing of the system's.

It runs as one ordinary user (as root: as `nobody`), so that it can touch nothing but its folder.
"""

import dataclasses
import os
import pathlib
import pwd
import random
import socket
import subprocess
import time

BINARY = "/usr/sbin/dovecot"
MASTER = "causeway"

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service anvil {{
  chroot =
  # Every customer comes from Causeway's address: one customer's typing errors must not slow down the others.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
protocols = imap lmtp sieve{pop3_protocol}
# So that XCLIENT is believed.
login_trusted_networks = 127.0.0.1
listen = 127.0.0.1
postmaster_address = postmaster@isp.example

mail_location = maildir:~/Maildir{layout}
# Without this a Maildir keeps lines with LF, and a message with CR CR LF in it comes back without the first CR.
mail_save_crlf = yes
namespace inbox {{
  inbox = yes
  separator = {separator}
  mailbox Sent {{
    special_use = \\Sent
  }}
  mailbox Drafts {{
    special_use = \\Drafts
  }}
  mailbox Trash {{
    special_use = \\Trash
  }}
  mailbox Junk {{
    special_use = \\Junk
  }}
  mailbox Archive {{
    special_use = \\Archive
  }}
}}

auth_cache_size = 0
auth_master_user_separator = *
passdb {{
  driver = passwd-file
  master = yes
  args = {folder}/master-users
  override_fields = allow_nets=127.0.0.0/8
}}
passdb {{
  driver = static
  args = password={token_hash} allow_nets=127.0.0.0/8
}}
passdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
  default_fields = uid={user} gid={group} home={folder}/mail/%d/%n
}}

protocol imap {{
  mail_max_userip_connections = 100
}}
protocol pop3 {{
  # Else a message that was fetched is \\Seen.
  pop3_no_flag_updates = yes
  mail_max_userip_connections = 100
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service managesieve-login {{
  chroot =
  inet_listener sieve {{
    port = {sieve}
  }}
}}
{pop3_service}
plugin {{
  sieve = file:~/sieve;active=~/.dovecot.sieve
}}
service lmtp {{
  user = {user}
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
{tls}
"""

POP3 = """
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
"""

TLS = """
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
"""
# Allowed on loopback only.
NO_TLS = "ssl = no\ndisable_plaintext_auth = no\n"


@dataclasses.dataclass(frozen=True)
class Account:
    address: str
    password: str


@dataclasses.dataclass
class Dovecot:
    name: str
    folder: pathlib.Path
    separator: str
    token: str
    master_password: str
    imap: int = 0
    imaps: int = 0
    lmtp: int = 0
    sieve: int = 0
    pop3: int = 0
    certificate: pathlib.Path | None = None
    process: subprocess.Popen | None = None

    def start(self, passwords: list[Account], known: list[Account], utc_offset: str) -> None:
        """`passwords` sign in here; `known` have a mailbox here and no password of their own."""
        owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        group = subprocess.check_output(["id", "-gn", owner.pw_name], text=True).strip()
        self.folder.mkdir()
        for part in ("run", "state", "mail"):
            (self.folder / part).mkdir()
        self._write("users", "".join(f"{a.address}:{hashed(a.password)}::::::\n" for a in passwords)
                    + "".join(f"{a.address}:::::::\n" for a in known))
        self._write("master-users", f"{MASTER}:{hashed(self.master_password)}\n")
        if self.imaps != 0:
            self.certificate = self._make_certificate()
        tls = NO_TLS if self.certificate is None else TLS.format(certificate=self.certificate, key=self.folder / "tls.key")
        layout = ":LAYOUT=fs" if self.separator == "/" else ""
        self._write("dovecot.conf", CONFIG.format(
            folder=self.folder, user=owner.pw_name, group=group, separator=self.separator, layout=layout,
            token_hash=hashed(self.token), imap=self.imap, imaps=self.imaps, lmtp=self.lmtp, sieve=self.sieve, tls=tls,
            pop3_protocol=" pop3" if self.pop3 else "", pop3_service=POP3.format(pop3=self.pop3) if self.pop3 else ""))
        drop = {}
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", f"{owner.pw_name}:{group}", str(self.folder)], check=True)
            drop = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self.process = subprocess.Popen(
            [BINARY, "-F", "-c", str(self.folder / "dovecot.conf")],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": utc_offset}, start_new_session=True, **drop)
        for port in (self.imaps or self.imap, self.lmtp, self.sieve):
            self._await(port)

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log(self, lines: int) -> str:
        path = self.folder / "dovecot.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else "(no log)"

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)

    def _make_certificate(self) -> pathlib.Path:
        certificate = self.folder / "tls.crt"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", f"/CN={self.name}", "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", str(self.folder / "tls.key"), "-out", str(certificate)],
            check=True, stderr=subprocess.DEVNULL)
        return certificate

    def _await(self, port: int) -> None:
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the {self.name} Dovecot does not start:\n{self.log(20)}")


def hashed(password: str) -> str:
    out = subprocess.check_output(["openssl", "passwd", "-6", "-stdin"], input=password + "\n", text=True)
    return "{SHA512-CRYPT}" + out.strip()


def free_ports(count: int) -> list[int]:
    """Below those that systems give by themselves (from 32768 on), so that none is anybody's between this and its use."""
    ports: list[int] = []
    while len(ports) < count:
        port = random.randrange(20000, 30000)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        if port not in ports:
            ports.append(port)
    return ports
