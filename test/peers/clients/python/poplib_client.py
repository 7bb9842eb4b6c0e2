"""Begins TLS by STLS, signs in, and fetches the first message."""

import poplib
import ssl
import sys

port, ca, user, secret = sys.argv[1:]
pop = poplib.POP3("localhost", int(port), timeout=30)
pop.set_debuglevel(1)
pop.stls(ssl.create_default_context(cafile=ca))
pop.user(user)
pop.pass_(secret)
_, lines, _ = pop.retr(1)
print(b"\n".join(lines).decode())
pop.quit()
