"""Stands before a Cyrus' POP3. It sends an answer of more than 4 KiB in several writes and leaves Nagle's algorithm on, so
each RETR waits for a delayed acknowledgement of 40 ms, which makes of some thousand messages minutes. Behind a Unix socket it does not.
"""

import contextlib
import pathlib
import socket
import threading
from collections.abc import Callable


class Listener:
    """Gives each connection to `serve`, one after the other."""

    def __init__(self, listening: socket.socket, serve: Callable[[socket.socket], None]):
        self.listening, self.serve = listening, serve
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def close(self) -> None:
        # Without it the thread would go on waiting, and in the end take a connection from whoever gets this descriptor next.
        self.listening.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        self.listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:  # closed
                return
            with contextlib.suppress(OSError):  # one that has gone
                self.serve(connection)


def relay(port: int, to: pathlib.Path) -> Listener:
    def serve(client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(str(to))
        except OSError:  # it has gone
            client.close()
            return
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for one, other in ((client, server), (server, client)):
            threading.Thread(target=pump, args=(one, other), daemon=True).start()

    return Listener(socket.create_server(("127.0.0.1", port)), serve)


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:  # the other side was faster
        source.close()
        target.close()
