"""Signs in over TLS, reads INBOX, stores a draft and finds it."""

import imaplib
import ssl
import sys

port, ca, user, secret = sys.argv[1:]
imaplib.Debug = 4
with imaplib.IMAP4_SSL("localhost", int(port), ssl_context=ssl.create_default_context(cafile=ca), timeout=30) as imap:
    imap.login(user, secret)
    imap.select("INBOX")
    _, fetched = imap.fetch("1", "(BODY.PEEK[])")
    print(fetched[0][1].decode())
    imap.append("INBOX", "(\\Draft)", None, b"Subject: a draft\r\n\r\nUnfinished.\r\n")
    _, found = imap.search(None, "DRAFT")
    print("stored and found" if found[0] else "stored and lost")
