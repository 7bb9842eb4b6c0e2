/** What a message's own header says of when it came and of its state, for Email/import (RFC 8621 section 4.8). */

export type Facts = { readonly receivedAt: number | undefined; readonly keywords: readonly string[] };

/** A header that is longer has its dates and states further up. */
const HEADER = 64 * 1024;

export function factsOf(bytes: Uint8Array): Facts {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, HEADER));
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const header = text.slice(0, end).replaceAll(/\r?\n[ \t]+/g, ' ');
  const field = (name: string): string | undefined => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(header)?.[1];
  const states = `${field('Status') ?? ''}${field('X-Status') ?? ''}`;
  return {
    // Each server writes its Received line on top.
    receivedAt: momentOf(field('Received')?.split(';').at(-1)) ?? momentOf(field('Date')),
    keywords: [
      ...(states.includes('R') || Number.parseInt(field('X-Mozilla-Status') ?? '0', 16) % 2 === 1 ? ['$seen'] : []),
      ...(states.includes('A') ? ['$answered'] : []),
      ...(states.includes('F') ? ['$flagged'] : []),
    ],
  };
}

/** Whether it begins as a message does: a field's name and a colon. */
export function isMessage(bytes: Uint8Array): boolean {
  return /^(?:\ufeff)?[!-9;-~]{1,100}:/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 200)));
}

/** Whether it is an mbox: a line as of Unix's mail before the first field. */
export function isMbox(bytes: Uint8Array): boolean {
  return /^From \S/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 200)));
}

function momentOf(date: string | undefined): number | undefined {
  const moment = date === undefined ? Number.NaN : Date.parse(date.replaceAll(/\([^()]*\)/g, '').trim());
  return Number.isNaN(moment) ? undefined : moment;
}
