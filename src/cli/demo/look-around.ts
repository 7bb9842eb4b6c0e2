import { FRIEND, GUEST } from '#rehearsal/guests.ts';
import type { Demo } from './run.ts';

/** How to look around in what the demo leaves running. */
export function lookAround({ ports, customer, platforms, staff, statusFolder }: Demo): string {
  const { imap, imaps, pop3, pop3s, submission, submissions, sieve, lmtp, webmail, office, status } = ports;
  const address = customer.address.replace('@', '%40');
  return `
It stays up until Ctrl-C. Look around:

  the webmail     http://localhost:${webmail}
                  ${GUEST.address}   password ${GUEST.secret}
                  ${FRIEND.address}   password ${FRIEND.secret}
  the desk        http://localhost:${office}/desk/
  the console     http://localhost:${office}/console/
${staff.map(({ name, role, password }) => `                  ${name.padEnd(6)} ${role.padEnd(14)} password ${password}`).join('\n')}
  the status      http://localhost:${status}   and as files for any web server in ${statusFolder}
  the gateway     IMAP 127.0.0.1:${imaps} (TLS), 127.0.0.1:${imap} (STARTTLS)
                  POP3 127.0.0.1:${pop3s} (TLS), 127.0.0.1:${pop3} (STLS)
                  submission 127.0.0.1:${submissions} (TLS), 127.0.0.1:${submission} (STARTTLS)
                  ManageSieve 127.0.0.1:${sieve} (STARTTLS); delivery (LMTP) 127.0.0.1:${lmtp}
  a customer      ${customer.address}   password ${customer.secret}
  the platforms   old 127.0.0.1:${platforms.old.imapPort}, new 127.0.0.1:${platforms.new.imapPort} (IMAP, without Causeway)

  openssl s_client -quiet -connect 127.0.0.1:${imaps}        then: a LOGIN ${customer.address} ${customer.secret}
  curl -k -u '${customer.address}:${customer.secret}' 'imaps://127.0.0.1:${imaps}/INBOX;MAILINDEX=1'
  curl -k -u '${customer.address}:${customer.secret}' 'pop3s://127.0.0.1:${pop3s}/1'
  swaks -tlsc --server 127.0.0.1:${submissions} --auth PLAIN --auth-user ${customer.address} --auth-password '${customer.secret}' --from ${customer.address} --to ${customer.address}
  mutt -e 'set ssl_verify_host=no' -f 'imaps://${address}:${customer.secret}@127.0.0.1:${imaps}/INBOX'

  bin/causeway cutover status
  bin/causeway account show ${customer.address}
  bin/causeway receipt ${customer.address}
  bin/causeway move ${customer.address} --to old
  bin/causeway --help`;
}
