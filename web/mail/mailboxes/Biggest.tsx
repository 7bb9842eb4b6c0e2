/** The biggest messages of all mailboxes, each with a way to it and to the trash. */
import { Link } from 'wouter';
import { IconButton } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { sizeText } from '#ui/size-text.ts';
import { useLanguage, useWords } from '#ui/words.ts';
import { useActions } from '../actions/use-actions.ts';
import { useMailboxes } from '../api/mailboxes.ts';
import { shortDate } from '../list/dates.ts';
import { nameOf } from '../list/people.ts';
import { type RowEmail, useRow } from '../list/rows.ts';
import { useMailboxName } from './names.ts';
import { fullnessOf, useBiggest, useQuota } from './quota.ts';
import { words } from './words.ts';
import styles from './Quota.module.css';

export function Biggest({ onClose }: { readonly onClose: () => void }) {
  const w = useWords(words);
  const language = useLanguage();
  const quota = useQuota().data;
  const { data } = useBiggest();
  return (
    <Dialog title={w.biggest} onClose={onClose} wide>
      <p className={styles['hint']}>
        {quota === null || quota === undefined ? w.noQuota : w[fullnessOf(quota)](sizeText(quota.used, language), sizeText(quota.hardLimit, language))} {w.biggestHint}
      </p>
      <ul className={styles['biggest']} aria-busy={data === undefined}>
        {data?.map((email) => (
          <One key={email.id} email={email} onClose={onClose} />
        ))}
      </ul>
      {data?.length === 0 && <p>{w.noMessages}</p>}
    </Dialog>
  );
}

function One({ email, onClose }: { readonly email: RowEmail; readonly onClose: () => void }) {
  const w = useWords(words);
  const language = useLanguage();
  const actions = useActions();
  const nameOfBox = useMailboxName();
  const { data: boxes = [] } = useMailboxes();
  const now = useRow(email.id) ?? email;
  const box = boxes.find(({ id }) => now.mailboxIds[id] === true);
  const subject = email.subject ?? w.noSubject;
  return (
    <li className={styles['message']}>
      <b>{sizeText(email.size, language)}</b>
      <Link href={`/mail/${box?.id ?? ''}/${email.id}`} onClick={onClose}>
        <span>{subject}</span>
        <small>
          {email.from?.map(nameOf).join(', ')} · {shortDate(new Date(email.receivedAt), new Date(), language)} · {box !== undefined && nameOfBox(box)}
        </small>
      </Link>
      {box?.role === 'trash' ? <span /> : <IconButton icon="trash" label={w.toTrash(subject)} onClick={() => void actions.trash({ ids: [email.id] })} />}
    </li>
  );
}
