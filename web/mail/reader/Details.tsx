/** The header of a mail, in full. */
import { sizeText } from '#ui/size-text.ts';
import { useLanguage, useWords } from '#ui/words.ts';
import type { Address } from '../api/types.ts';
import { longDate } from '../list/dates.ts';
import type { ReadEmail } from './read-email.ts';
import { dmarcOf } from './trust.ts';
import { words } from './words.ts';
import styles from './Message.module.css';

/** @param isBrief what people want on paper: who, whom, when */
export function Details({ email, id, isBrief }: { readonly email: ReadEmail; readonly id: string; readonly isBrief: boolean }) {
  const w = useWords(words);
  const language = useLanguage();
  const domain = email.from?.[0]?.email.replace(/^.*@/, '') ?? '';
  const checked = { pass: w.checkedPass(domain), fail: w.checkedFail(domain), unknown: w.checkedUnknown }[dmarcOf(email['header:Authentication-Results:asRaw:all'])];
  const rows: readonly (readonly [string, React.ReactNode])[] = [
    [w.fieldFrom, <People key="from" list={email.from} />],
    [w.fieldReplyTo, email.replyTo === null || isBrief ? null : <People key="reply" list={email.replyTo} />],
    [w.fieldTo, email.to === null ? null : <People key="to" list={email.to} />],
    [w.fieldCc, email.cc === null ? null : <People key="cc" list={email.cc} />],
    [w.fieldBcc, email.bcc === null ? null : <People key="bcc" list={email.bcc} />],
    [w.fieldDate, email.sentAt === null ? null : longDate(new Date(email.sentAt), language)],
    [w.fieldReceived, isBrief && email.sentAt !== null ? null : longDate(new Date(email.receivedAt), language)],
    [w.fieldList, isBrief ? null : email['header:List-Id:asText']],
    [w.fieldChecked, isBrief ? null : checked],
    [w.fieldSize, isBrief ? null : sizeText(email.size, language)],
  ];
  return (
    <dl id={id} className={styles['details']}>
      {rows.map(([name, value]) =>
        value === null ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

function People({ list }: { readonly list: readonly Address[] | null }) {
  return (
    <ul>
      {list?.map(({ name, email }, n) => (
        <li key={n}>
          {name !== null && name !== '' && <bdi>{name} </bdi>}
          <bdi className={styles['address']}>{email}</bdi>
        </li>
      ))}
    </ul>
  );
}
