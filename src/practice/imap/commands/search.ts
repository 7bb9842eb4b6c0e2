/** SEARCH. */
import { quoted } from '#wire/imap/encode.ts';
import { formatSequenceSet } from '#wire/imap/sequence-set.ts';
import { textOf } from '#wire/imap/tokens.ts';
import { openContent } from '../content.ts';
import { compileSearch } from '../search-keys.ts';
import { type Command, viewOf } from '../session.ts';

export function search(byUid: boolean): Command {
  return {
    when: 'selected',
    keepsNumbers: !byUid,
    async run(session, args) {
      const rest = [...args];
      const { condstore, vices } = session.services;
      const compact = condstore && textOf(rest[0]).toUpperCase() === 'RETURN';
      // RETURN (ALL) is the only form (RFC 4731 section 3.1).
      if (compact) rest.splice(0, 2);
      if (rest[0]?.kind === 'atom' && rest[0].text.toUpperCase() === 'CHARSET') {
        const charset = textOf(rest[1]).toUpperCase();
        if (charset !== 'UTF-8' && charset !== 'US-ASCII') return 'NO [BADCHARSET (US-ASCII UTF-8)] Unknown charset.';
        rest.splice(0, 2);
      }
      const view = viewOf(session);
      const messages = view.messages();
      const { mailbox } = view;
      const test = compileSearch(rest, { mailbox, count: messages.length, highestUid: messages.at(-1)?.uid ?? 0 });
      const found: number[] = [];
      for (let index = 0; index < messages.length; index += 1) {
        const message = messages[index];
        if (!message || message.gone) continue;
        const subject = { message, number: index + 1, content: openContent(mailbox.pathOf(message)) };
        if (test(subject)) found.push(byUid ? message.uid : index + 1);
        await session.out.breathe();
      }
      if (vices.has('search-misses-one')) found.shift();
      if (compact) session.out.line(`* ESEARCH (TAG ${quoted(session.tag)})${byUid ? ' UID' : ''}${found.length > 0 ? ` ALL ${formatSequenceSet(found)}` : ''}`);
      else session.out.line(`* SEARCH${found.map((number) => ` ${number}`).join('')}`);
      return 'OK Searched.';
    },
  };
}
