/** What a platform with bad habits (`vice.ts`) tells, where the habit is in what it tells. */
import type { Vices } from '../vice.ts';
import type { Item } from './fetch-items.ts';
import type { Output } from './output.ts';

/** Far above what is there. */
const WRONG_BY = 1_000;

export function viceOutput(vices: Vices, out: Output): Output {
  const told = (text: string): string => {
    if (vices.has('misnumbers') && text.includes(' FETCH (')) return text.replace(/^\* (\d+) FETCH \(/, (_, number: string) => `* ${Number(number) + WRONG_BY} FETCH (`);
    if (vices.has('denies-children') && text.startsWith('* LIST ')) return text.replace('\\HasChildren', '\\HasNoChildren');
    return text;
  };
  return {
    ...out,
    line: (text) => out.line(vices.size === 0 ? text : told(text)),
    part: (bytes) => out.part(vices.size === 0 || typeof bytes !== 'string' ? bytes : told(bytes)),
  };
}

/** Whether changes of the mailbox are not told before the command's answer. */
export const isSilent = (vices: Vices, command: string): boolean => command === 'APPEND' && vices.has('tells-no-exists');

const UNDATED_UID = 2;

export function viceItems(vices: Vices, items: readonly Item[]): readonly Item[] {
  if (!vices.has('parts-disagree') && !vices.has('tells-no-date')) return items;
  return items.map((item) => {
    const { label, value } = item;
    if (value === undefined) return item;
    if (vices.has('tells-no-date') && label === 'INTERNALDATE') return { ...item, value: (mailbox, message, content) => (message.uid === UNDATED_UID ? '""' : value(mailbox, message, content)) };
    if (vices.has('parts-disagree') && /^(BODY\[HEADER|RFC822\.HEADER)/.test(label)) return { ...item, value: (...of) => cutHeader(value(...of)) };
    return item;
  });
}

/** Up to the first line that has no colon, or is ended otherwise than by CRLF, or has bytes beyond ASCII. */
function cutHeader(literal: string): string {
  const head = literal.slice(literal.indexOf('\r\n') + 2);
  const lines = head.split('\r\n');
  const odd = lines.findIndex((line) => line !== '' && (!/^[ \t]|:/.test(line) || /[\r\n\x80-\xff]/.test(line)));
  const cut = odd < 0 ? head : `${lines.slice(0, odd).map((line) => `${line}\r\n`).join('')}\r\n`;
  return `{${cut.length}}\r\n${cut}`;
}
