/** LIST (with what RFC 6154 needs of RFC 5258's options) and LSUB. */
import { CausewayError } from '#errors/index.ts';
import { quoted } from '#wire/imap/encode.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import { decodeUtf7 } from '#wire/imap/utf7.ts';
import { INBOX, nameOf } from '../../maildir/names.ts';
import { accountOf, clientName, type Command, type Session } from '../session.ts';
import { createPattern, type Pattern } from '../pattern.ts';

export const list: Command = {
  when: 'after',
  run(session, args) {
    const rest = [...args];
    const select = rest[0]?.kind === 'list' ? words(rest.shift()) : [];
    const reference = decodeUtf7(textOf(rest.shift()));
    const given = rest.shift();
    const returns = rest.length === 2 && textOf(rest[0]).toUpperCase() === 'RETURN' ? words(rest[1]) : [];
    if (rest.length !== 0 && rest.length !== 2) throw new CausewayError('protocol', 'Wrong number of arguments.');
    const patterns = (given?.kind === 'list' ? given.items : [given]).map((token) => decodeUtf7(textOf(token)));
    const { separator } = session.services;
    if (patterns.length === 1 && patterns[0] === '') {
      // The separator is asked for (RFC 3501 6.3.8).
      session.out.line(`* LIST (\\Noselect) ${quoted(separator)} ""`);
      return 'OK Done.';
    }
    const matchers = patterns.map((pattern) => createPattern(reference + pattern, separator));
    const account = accountOf(session);
    const subscribed = account.subscriptions.lines;
    for (const [disk, exists, hasChildren] of tree(account.names())) {
      const uses = exists ? account.usesOf(disk) : [];
      if (select.includes('SPECIAL-USE') && uses.length === 0) continue;
      if (select.includes('SUBSCRIBED') && !subscribed.has(disk)) continue;
      if (!matches(matchers, session, disk)) continue;
      const attributes = [...(exists ? [] : ['\\Noselect']), hasChildren ? '\\HasChildren' : '\\HasNoChildren', ...uses];
      if ((returns.includes('SUBSCRIBED') || select.includes('SUBSCRIBED')) && subscribed.has(disk)) attributes.push('\\Subscribed');
      session.out.line(`* LIST (${attributes.join(' ')}) ${quoted(separator)} ${clientName(session, disk)}`);
    }
    return 'OK Done.';
  },
};

export const lsub: Command = {
  when: 'after',
  run(session, args) {
    if (args.length !== 2) throw new CausewayError('protocol', 'Wrong number of arguments.');
    const { separator } = session.services;
    const pattern = createPattern(decodeUtf7(textOf(args[0])) + decodeUtf7(textOf(args[1])), separator);
    const subscribed = accountOf(session).subscriptions.lines;
    // A level that is not subscribed itself but has subscribed ones below is given as \Noselect (RFC 3501 6.3.9).
    for (const [disk, exists] of tree([...subscribed].sort())) {
      if (!exists && !textOf(args[1]).endsWith('%')) continue;
      if (!matches([pattern], session, disk)) continue;
      session.out.line(`* LSUB (${exists ? '' : '\\Noselect'}) ${quoted(separator)} ${clientName(session, disk)}`);
    }
    return 'OK Done.';
  },
};

/** Names with the levels above them that are no mailboxes: [disk name, whether it is one, whether any is below it]. */
function tree(names: readonly string[]): [string, boolean, boolean][] {
  const parents = new Set<string>();
  for (const name of names) {
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) parents.add(name.slice(0, dot));
  }
  const known = new Set(names);
  const all = [...known, ...[...parents].filter((name) => !known.has(name))];
  return all.sort(inboxFirst).map((name) => [name, known.has(name), parents.has(name)]);
}

function inboxFirst(a: string, b: string): number {
  if (a === INBOX || b === INBOX) return a === b ? 0 : a === INBOX ? -1 : 1;
  return a < b ? -1 : 1;
}

function matches(patterns: readonly Pattern[], session: Session, disk: string): boolean {
  const name = nameOf(disk, session.services.separator);
  return patterns.some((pattern) => pattern(name));
}

function words(token: Token | undefined): string[] {
  if (token?.kind !== 'list') throw new CausewayError('protocol', 'Expected a list of options.');
  return token.items.filter((item) => item.kind !== 'list').map((item) => textOf(item).toUpperCase());
}
