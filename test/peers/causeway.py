"""Causeway as a provider runs it: a configuration file, `serve`, and the commands."""

import json
import os
import pathlib
import secrets
import signal
import subprocess
import time

from dovecot import MASTER, Account, Dovecot

BINARY = pathlib.Path(__file__).resolve().parents[2] / "bin/causeway"

CONFIG = """
listen:
  imaps: {{ host: 127.0.0.1, port: 0 }}
  imap: {{ host: 127.0.0.1, port: 0 }}
  sieve: {{ host: 127.0.0.1, port: 0 }}
  lmtp: {{ host: 127.0.0.1, port: 0 }}
platforms:
  old:
    imap: {{ host: 127.0.0.1, port: {old.imap}, tls: plain, trustedNetwork: true }}
    sieve: {{ host: 127.0.0.1, port: {old.sieve}, tls: plain, trustedNetwork: true, clientAddress: xclient }}
    lmtp: {{ host: 127.0.0.1, port: {old.lmtp} }}
    entrances:
      - {{ kind: trusted, passwordFile: old-trusted.secret }}
      - {{ kind: master, user: {master}, passwordFile: old-master.secret, style: separator, separator: "*" }}
    sentinel: {{ login: {sentinel.address}, passwordFile: old-sentinel.secret }}
  new:
    imap: {{ host: 127.0.0.1, port: {new.imaps}, tls: implicit, ca: {new.certificate} }}
    sieve: {{ host: 127.0.0.1, port: {new.sieve}, tls: starttls, ca: {new.certificate} }}
    lmtp: {{ host: 127.0.0.1, port: {new.lmtp} }}
    entrances:
      - {{ kind: master, user: {master}, passwordFile: new-master.secret, style: authzid }}
      - {{ kind: trusted, passwordFile: new-trusted.secret }}
    sentinel: {{ login: {sentinel.address}, passwordFile: new-sentinel.secret }}
"""


def between_dovecots(old: Dovecot, new: Dovecot, sentinel: Account) -> tuple[str, dict[str, str]]:
    """The configuration, and the secrets that it names."""
    secret = {}
    for dovecot in (old, new):
        secret |= {f"{dovecot.name}-trusted": dovecot.token, f"{dovecot.name}-master": dovecot.master_password, f"{dovecot.name}-sentinel": sentinel.password}
    return CONFIG.format(old=old, new=new, master=MASTER, sentinel=sentinel), secret


class Causeway:
    def __init__(self, folder: pathlib.Path, config: str, secret: dict[str, str]):
        self.folder = folder
        folder.mkdir()
        self.config = folder / "causeway.yaml"
        self.config.write_text(f"data: {folder}/data\n{config}")
        for name, value in secret.items():
            self._secret(f"{name}.secret", value)
        self.process: subprocess.Popen | None = None
        self._run: dict = {}

    def serve(self) -> dict:
        """Starts it. Returns its ports."""
        # What an operator gives it, so that a restart would not forget who signed in.
        self._secret("known-good.key", secrets.token_hex(32))
        with (self.folder / "serve.log").open("w") as log:
            self.process = subprocess.Popen(
                [BINARY, "serve", "-c", self.config], stdout=log, stderr=log, start_new_session=True,
                env=os.environ | {"CAUSEWAY_KNOWN_GOOD_KEY_FILE": str(self.folder / "known-good.key")})
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            self._read_run_file()
            if self._run.get("ready"):
                return self._run["ports"]
            time.sleep(0.1)
        raise RuntimeError(f"causeway serve does not start:\n{self.log(30)}")

    def command(self, *words: str, timeout: float = 30) -> subprocess.CompletedProcess:
        return self.bare(*words, "-c", str(self.config), timeout=timeout)

    def bare(self, *words: str, timeout: float) -> subprocess.CompletedProcess:
        """A command that knows no configuration."""
        return subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=timeout)

    def certificate(self) -> pathlib.Path:
        return self.folder / "data/tls.crt"

    def stop(self) -> tuple[int, list[int]]:
        """Ends it as systemd would. Returns its exit status and the processes that outlived it."""
        if self.process is None:
            return 0, []
        self._read_run_file()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        left = [child["pid"] for child in self._run.get("children", []) if start_time(child["pid"]) == child["startTime"]]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        status, self.process = self.process.returncode, None
        return status, left

    def log(self, lines: int) -> str:
        path = self.folder / "serve.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else "(no log)"

    def _read_run_file(self) -> None:
        try:
            self._run = json.loads((self.folder / "data/run.json").read_text())
        except (OSError, ValueError):
            pass

    def _secret(self, name: str, secret: str) -> None:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(secret + "\n")


def start_time(pid: int) -> str | None:
    """Field 22 of /proc/PID/stat tells a process from a later one with the same pid; None for one that is gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return None if fields[0] in "ZX" else fields[19]
    except OSError:
        return None
