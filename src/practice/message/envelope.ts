/** ENVELOPE (RFC 3501 7.4.2). */
import { parseAddresses } from './addresses.ts';
import { type Field, valueOf } from './headers.ts';
import { list, nstring } from './words.ts';

export function envelope(fields: readonly Field[]): string {
  const from = addresses(valueOf(fields, 'from'));
  const or = (name: string): string => {
    const found = addresses(valueOf(fields, name));
    // An absent or empty Sender or Reply-To is From (RFC 3501 7.4.2).
    return found === 'NIL' ? from : found;
  };
  const parts = [
    nstring(valueOf(fields, 'date')),
    nstring(valueOf(fields, 'subject')),
    from,
    or('sender'),
    or('reply-to'),
    addresses(valueOf(fields, 'to')),
    addresses(valueOf(fields, 'cc')),
    addresses(valueOf(fields, 'bcc')),
    nstring(valueOf(fields, 'in-reply-to')),
    nstring(valueOf(fields, 'message-id')),
  ];
  return `(${parts.join(' ')})`;
}

function addresses(value: string | undefined): string {
  if (value === undefined) return 'NIL';
  return list(parseAddresses(value).map(({ name, mailbox, host }) => `(${nstring(name)} NIL ${nstring(mailbox)} ${nstring(host)})`));
}
