/**
 * A message that is being written.
 *
 * Invariant: this is all that a draft keeps. What it takes from another message it names by that one's blob, and copies
 * nothing.
 */
import type { Address } from '../api/types.ts';

export type Attached = {
  /** Within the composer. */
  readonly id: string;
  readonly blobId: string;
  readonly name: string;
  readonly type: string;
  /** Octets. */
  readonly size: number;
  /** Of a picture in the text: its Content-ID, without angles. */
  readonly cid: string | null;
};

/** What is quoted of another message in a rich text: kept as it is beside what is written, since no editor keeps all of it. */
export type Quote = {
  /** With its line of attribution; safe, but for pictures that it names. */
  readonly html: string;
  readonly text: string;
};

/** The message that is answered or handed on; it is marked so when this one is sent. */
export type Origin = { readonly emailId: string; readonly does: 'answered' | 'forwarded' };

export type Message = {
  readonly identityId: string;
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  readonly subject: string;
  readonly mode: 'rich' | 'plain';
  /** Of mode `rich`: what the editor holds, without the quote. */
  readonly html: string;
  /** Of mode `plain`: all of it. */
  readonly text: string;
  readonly quote: Quote | undefined;
  readonly attachments: readonly Attached[];
  /** Ids without angles (RFC 8621 section 4.1.2.5). */
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  readonly origin: Origin | undefined;
};

/** Whether there is nothing that its writer would miss. A signature is not written. */
export function isEmpty(message: Message): boolean {
  const written =
    message.mode === 'rich'
      ? message.html.replaceAll(/<div data-signature[\s\S]*<\/div>/g, '').replaceAll(/<(?!img\b|hr\b)[^>]*>|&nbsp;|\s/g, '')
      : message.text.replace(/(?:^|\n)-- \n[\s\S]*$/, '').trim();
  return written === '' && message.quote === undefined && message.subject.trim() === '' && message.attachments.length === 0 && [message.to, message.cc, message.bcc].every((list) => list.length === 0);
}
