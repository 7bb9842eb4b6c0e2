"""Signs in over TLS and sends a message to the sender."""

import smtplib
import ssl
import sys

port, ca, user, secret = sys.argv[1:]
with smtplib.SMTP_SSL("localhost", int(port), context=ssl.create_default_context(cafile=ca), timeout=30) as smtp:
    smtp.set_debuglevel(1)
    smtp.login(user, secret)
    smtp.sendmail(user, [user], f"From: <{user}>\r\nTo: <{user}>\r\nSubject: from smtplib\r\n\r\nHello.\r\n")
    print("sent")
