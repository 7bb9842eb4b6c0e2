"""A ManageSieve client (RFC 5804), as far as this test needs one: python has none."""

import base64
import re
import socket
import ssl


class ManageSieve:
    def __init__(self, port: int, tls: ssl.SSLContext, source: str = "127.0.0.1"):
        self.socket = socket.create_connection(("localhost", port), 30, source_address=(source, 0))
        self.stream = self.socket.makefile("rb")
        self.answer()
        self.run(b"STARTTLS")
        self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.stream = self.socket.makefile("rb")
        self.greeting, _ = self.answer()

    def sign_in(self, user: str, password: str) -> str:
        response = base64.b64encode(f"\0{user}\0{password}".encode())
        return self.run(b'AUTHENTICATE "PLAIN" "' + response + b'"')[1]

    def run(self, command: bytes, script: bytes | None = None) -> tuple[bytes, str]:
        """The data before the status, and the status with its text."""
        literal = b"" if script is None else b" {%d+}\r\n%s" % (len(script), script)
        self.socket.sendall(command + literal + b"\r\n")
        return self.answer()

    def answer(self) -> tuple[bytes, str]:
        data = b""
        while True:
            line = self._line()
            if re.match(rb"(OK|NO|BYE)\b", line):
                return data, line.decode().rstrip()
            data += line

    def _line(self) -> bytes:
        line = self.stream.readline()
        if not line:
            raise EOFError("the connection was closed")
        mark = re.search(rb"\{(\d+)\}\r\n$", line)
        return line if mark is None else line + self.stream.read(int(mark[1])) + self._line()

    def close(self) -> None:
        self.socket.close()
