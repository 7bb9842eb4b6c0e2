"""A Cyrus with one account, for a test in another language: says its ports as JSON, and ends when its input does.

cyrus_alone.py FOLDER ADDRESS PASSWORD
"""

import json
import pathlib
import sys

from cyrus import Cyrus, unpack
from dovecot import Account, free_ports

folder, address, password = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
imap, pop3, sieve = free_ports(3)
cyrus = Cyrus("alone", folder / "cyrus", unpack(folder / "root"), ".", "master", imap, pop3, sieve)
try:
    cyrus.start([Account(address, password)])
    print(json.dumps({"imap": imap, "sieve": sieve}), flush=True)
    sys.stdin.read()
finally:
    cyrus.stop()
