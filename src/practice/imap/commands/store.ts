/** STORE. */
import { CausewayError } from '#errors/index.ts';
import { parseFlags } from '#wire/imap/flags.ts';
import { parseSequenceSet } from '#wire/imap/sequence-set.ts';
import { textOf } from '#wire/imap/tokens.ts';
import { type Command, expectArguments, viewOf } from '../session.ts';

export function store(byUid: boolean): Command {
  return {
    when: 'selected',
    keepsNumbers: !byUid,
    run(session, args) {
      expectArguments(args, 3, 64);
      const view = viewOf(session);
      const [, sign, silent] = /^([+-]?)FLAGS(\.SILENT)?$/i.exec(textOf(args[1])) ?? [];
      if (sign === undefined) throw new CausewayError('protocol', 'Unknown item.');
      if (view.readOnly) return 'NO [READ-ONLY] The mailbox is read-only.';
      // The list may come without its parentheses (RFC 3501 store-att-flags).
      const flags = parseFlags(args[2]?.kind === 'list' ? args[2] : { kind: 'list', items: args.slice(2) });
      const { keywords } = view.mailbox;
      const bits = sign === '-' ? keywords.known(flags) : keywords.bits(flags);
      let gone = false;
      for (const number of view.resolve(parseSequenceSet(textOf(args[0])), byUid)) {
        const message = view.messages()[number - 1];
        if (!message || message.gone) {
          gone = true;
          continue;
        }
        const known = !view.mustTell(message);
        view.mailbox.setFlags(message, next(message.flags, bits, sign));
        if (!silent) view.tell(message);
        // Silent is about this change only: one of another session that is not told yet still must be.
        else if (known) view.told(message);
      }
      return gone && !byUid ? 'NO [EXPUNGEISSUED] Some of the messages are gone.' : 'OK Stored.';
    },
  };
}

function next(flags: number, bits: number, sign: string): number {
  if (sign === '+') return flags | bits;
  return sign === '-' ? flags & ~bits : bits;
}
