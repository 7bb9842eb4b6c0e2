"""POP3 clients that leave their mail on the server and fetch what they have not had."""

import pathlib
import poplib
import ssl
import subprocess

from dovecot import Account

# Real mail has lines of more than 2,048 bytes.
poplib._MAXLINE = 1_000_000


class PopClient:
    """python's poplib."""

    def __init__(self, name: str, port: int, tls: ssl.SSLContext, account: Account):
        self.name, self.port, self.tls, self.account = name, port, tls, account
        self.known: set[str] = set()

    def fetch(self) -> int:
        """How many messages it had not had."""
        box = poplib.POP3_SSL("localhost", self.port, context=self.tls, timeout=60)
        box.user(self.account.address)
        box.pass_(self.account.password)
        fresh = [line.decode().split() for line in box.uidl()[1]]
        fresh = [(number, uid) for number, uid in fresh if uid not in self.known]
        for number, uid in fresh:
            assert box.uidl(number).decode().split()[-1] == uid
            box.retr(number)
            self.known.add(uid)
        box.quit()
        return len(fresh)

    @staticmethod
    def fetchmail(folder: pathlib.Path, port: int, account: Account) -> "Fetchmail":
        return Fetchmail(folder, port, account)


class Fetchmail:
    """fetchmail with --keep --uidl."""

    def __init__(self, folder: pathlib.Path, port: int, account: Account):
        folder.mkdir()
        self.folder, self.count = folder, folder / "count"
        rc = folder / "rc"
        rc.write_text(f'''set no bouncemail
poll localhost protocol pop3 port {port} timeout 60
  user "{account.address}" password "{account.password}" ssl no sslcertck keep
  mda "cat >/dev/null; echo >>{self.count}"
''')
        rc.chmod(0o600)

    def fetch(self) -> int:
        before = self._counted()
        done = subprocess.run(["fetchmail", "-f", "rc", "--nodetach", "--nosyslog", "--uidl", "--idfile", self.folder / "ids", "--pidfile", self.folder / "pid"],
                              cwd=self.folder, env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder)}, capture_output=True, text=True, timeout=120)
        # 1: there was nothing to fetch.
        assert done.returncode in (0, 1), done.stdout[-500:] + done.stderr[-500:]
        return self._counted() - before

    def _counted(self) -> int:
        return self.count.read_bytes().count(b"\n") if self.count.exists() else 0
