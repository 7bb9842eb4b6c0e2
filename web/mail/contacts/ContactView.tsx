/** One person. */
import type { Contact } from '#webmail/contacts/api.ts';
import { Button, IconButton } from '#ui/Button.tsx';
import { useWords } from '#ui/words.ts';
import { openComposer } from '../composer/open.ts';
import { Face } from './Face.tsx';
import { useKinds } from './kinds.ts';
import { titleOf } from './people.ts';
import { words } from './words.ts';
import styles from './Contacts.module.css';

export function ContactView({ contact, onEdit, onRemove, onGroup }: { readonly contact: Contact; readonly onEdit: () => void; readonly onRemove: () => void; readonly onGroup: (name: string) => void }) {
  const w = useWords(words);
  const kinds = useKinds();
  const { name, company, emails, phones, notes, groups } = contact;
  const title = titleOf(contact);
  const write = (email: string): void => openComposer({ kind: 'new', to: [{ name, email }] });
  return (
    <article className={styles['view']}>
      <header>
        <Face contact={contact} large />
        <div>
          <h1>{title}</h1>
          {company !== '' && company !== title && <p>{company}</p>}
        </div>
      </header>
      <div className={styles['acts']}>
        {emails[0] !== undefined && <Button kind="main" icon="compose" onClick={() => write(emails[0]!.address)}>{w.write}</Button>}
        <Button icon="drafts" onClick={onEdit}>{w.edit}</Button>
        <IconButton icon="download" label={w.exportOne} onClick={() => window.location.assign(`/api/contacts/export?id=${encodeURIComponent(contact.id)}`)} />
        <IconButton icon="trash" label={w.remove} onClick={onRemove} />
      </div>
      <dl>
        {emails.map(({ label, address }) => (
          <div key={address}>
            <dt>{label === '' ? w.emails : `${w.emails} · ${kinds[label]}`}</dt>
            <dd><button type="button" className={styles['address']} onClick={() => write(address)}>{address}</button></dd>
          </div>
        ))}
        {phones.map((phone) => (
          <div key={phone.number}>
            <dt>{phone.label === '' ? w.phones : `${w.phones} · ${kinds[phone.label]}`}</dt>
            <dd><a href={`tel:${phone.number.replaceAll(/[^\d+]/g, '')}`}>{phone.number}</a></dd>
          </div>
        ))}
        {groups.length > 0 && (
          <div>
            <dt>{w.groups}</dt>
            <dd className={styles['tags']}>{groups.map((group) => <button key={group} type="button" className={styles['group']} onClick={() => onGroup(group)}>{group}</button>)}</dd>
          </div>
        )}
        {notes !== '' && (
          <div>
            <dt>{w.notes}</dt>
            <dd className={styles['notes']}>{notes}</dd>
          </div>
        )}
      </dl>
    </article>
  );
}
