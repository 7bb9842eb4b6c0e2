/** A comparison in words, for `compare` and `verify`. */
import type { Comparison, DifferenceKind, Named } from '#mover/compare/compare.ts';
import { printable } from '#mover/compare/label.ts';
import { bytes, table } from './output.ts';

const WORDS: Readonly<Record<DifferenceKind, string>> = {
  missing: 'missing at the target',
  surplus: 'surplus at the target',
  flags: 'with other flags',
  dates: 'with another date',
  unread: 'listed and not given',
};

const KINDS = Object.keys(WORDS) as DifferenceKind[];

export function comparisonText({ equal, differences, absent, mailboxes, named }: Comparison): string {
  const count = mailboxes.reduce((sum, { source }) => sum + (source?.count ?? 0), 0);
  const size = mailboxes.reduce((sum, { source }) => sum + (source?.bytes ?? 0), 0);
  if (equal) return `Equal: ${count} messages (${bytes(size)}) in ${mailboxes.filter(({ source }) => source !== undefined).length} mailboxes, by their bytes, internal dates and flags.`;
  const differing = mailboxes.filter((each) => each.target === undefined || KINDS.some((kind) => each.differences[kind] > 0));
  return [
    `Different: ${[...KINDS.filter((kind) => differences[kind] > 0).map((kind) => `${differences[kind]} ${WORDS[kind]}`), ...(absent.length === 0 ? [] : [`${absent.length} mailboxes absent at the target`])].join(', ')}.`,
    '',
    table(
      ['MAILBOX', 'AT THE TARGET', 'MESSAGES', ...KINDS.map((kind) => kind.toUpperCase())],
      differing.map(({ source, target, differences: found }) => [
        source === undefined ? '-' : printable(source.mailbox),
        target === undefined ? '-' : printable(target.mailbox),
        `${source?.count ?? 0}/${target?.count ?? 0}`,
        ...KINDS.map((kind) => found[kind]),
      ]),
    ),
    ...(named.length === 0 ? [] : ['', ...named.map(line)]),
    ...KINDS.flatMap((kind) => {
      const shown = named.filter((each) => each.kind === kind).length;
      return shown > 0 && shown < differences[kind] ? [`  and ${differences[kind] - shown} more ${WORDS[kind]}`] : [];
    }),
  ].join('\n');
}

function line({ kind, side, mailbox, uid, label, detail }: Named): string {
  const what = label === undefined ? 'its header is not given' : `${label.messageId || 'no Message-ID'} "${label.subject}"`;
  const change = detail === undefined ? '' : `: ${detail[0] || 'none'} → ${detail[1] || 'none'}`;
  return `  ${WORDS[kind]}: ${side === 'target' ? 'target ' : ''}"${mailbox}" UID ${uid} ${what}${change}`;
}
