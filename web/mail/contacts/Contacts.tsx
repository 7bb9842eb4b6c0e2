/** People: groups and the list, beside the one that is open; on a phone one after the other. */
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Contact } from '#webmail/contacts/api.ts';
import { Button, IconButton } from '#ui/Button.tsx';
import { classes } from '#ui/classes.ts';
import { Icon } from '#ui/Icon.tsx';
import { Menu, MenuItem, MenuLine } from '#ui/Menu.tsx';
import { showToast } from '#ui/toasts.ts';
import { number, useLanguage, useWords } from '#ui/words.ts';
import { openComposer } from '../composer/open.ts';
import { useBook, useChanges } from './book.ts';
import { ContactForm } from './ContactForm.tsx';
import { ContactList } from './ContactList.tsx';
import { ContactView } from './ContactView.tsx';
import { GroupName } from './GroupName.tsx';
import { addressesOf, found, groupsOf, inOrder } from './people.ts';
import { words } from './words.ts';
import styles from './Contacts.module.css';

const NEW: Contact = { id: '', name: '', company: '', emails: [], phones: [], notes: '', groups: [] };

export function Contacts({ contactId }: { readonly contactId: string | undefined }) {
  const w = useWords(words);
  const language = useLanguage();
  const book = useBook();
  const changes = useChanges();
  const [, go] = useLocation();
  const [typed, setTyped] = useState('');
  const [group, setGroup] = useState<string>();
  const [edited, setEdited] = useState<Contact>();
  const [isNaming, setNaming] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const sought = useDeferredValue(typed);
  const ordered = useMemo(() => inOrder(book?.contacts ?? [], language), [book, language]);
  const groups = useMemo(() => groupsOf(ordered, language), [ordered, language]);
  // A group that is dissolved elsewhere leaves everybody.
  const chosen = groups.some(({ name }) => name === group) ? group : undefined;
  const members = useMemo(() => (chosen === undefined ? ordered : ordered.filter((each) => each.groups.includes(chosen))), [ordered, chosen]);
  const shown = useMemo(() => found(members, sought), [members, sought]);
  const open = ordered.find(({ id }) => id === contactId);

  async function importFile(given: File): Promise<void> {
    const done = await changes.importFile(given);
    if (done !== undefined) showToast({ text: w.imported(done.added, done.same, done.left) });
  }

  async function remove(contact: Contact): Promise<void> {
    const { id, ...card } = contact;
    if ((await changes.remove([id])) === undefined) return;
    go('/contacts');
    showToast({ text: w.removed(contact.name || contact.emails[0]?.address || contact.company), act: { label: w.undo, run: () => void changes.save(undefined, card) } });
  }

  return (
    <main className={styles['contacts']} id="messages" tabIndex={-1} data-open={open !== undefined || undefined}>
      <section className={styles['people']} aria-label={w.contacts}>
        <header className={styles['top']}>
          <div className={styles['title']}>
            <h1>{w.contacts}</h1>
            <IconButton icon="plus" label={w.add} kind="main" onClick={() => setEdited(NEW)} />
            <Menu
              items={
                <>
                  <MenuItem icon="upload" onSelect={() => file.current?.click()}>{w.importFile}</MenuItem>
                  <MenuItem icon="download" onSelect={() => window.location.assign('/api/contacts/export')}>{w.exportAll}</MenuItem>
                  {chosen !== undefined && (
                    <>
                      <MenuLine />
                      <MenuItem icon="compose" onSelect={() => openComposer({ kind: 'new', to: addressesOf(members) })}>{w.writeAll(chosen)}</MenuItem>
                      <MenuItem icon="download" onSelect={() => window.location.assign(`/api/contacts/export?group=${encodeURIComponent(chosen)}`)}>{w.exportGroup(chosen)}</MenuItem>
                      <MenuItem icon="drafts" onSelect={() => setNaming(true)}>{w.renameGroup}</MenuItem>
                      <MenuItem icon="trash" danger onSelect={() => void changes.removeGroup(chosen)}>{w.removeGroup}</MenuItem>
                    </>
                  )}
                </>
              }
            >
              <IconButton icon="more" label={w.more} />
            </Menu>
            <input
              ref={file}
              type="file"
              className="unseen"
              tabIndex={-1}
              aria-label={w.importFile}
              accept=".vcf,.csv,text/vcard,text/csv"
              onChange={(event) => {
                const [given] = event.target.files ?? [];
                event.target.value = '';
                if (given !== undefined) void importFile(given);
              }}
            />
          </div>
          <label className={styles['search']}>
            <Icon name="search" size={18} />
            <input type="search" aria-label={w.search} placeholder={w.search} value={typed} onChange={(event) => setTyped(event.target.value)} />
          </label>
          {groups.length > 0 && (
            <ul className={styles['groups']} aria-label={w.groups}>
              {[undefined, ...groups].map((each) => (
                <li key={each?.name ?? ''}>
                  <button type="button" className={classes(styles['group'], chosen === each?.name && styles['chosen'])} aria-pressed={chosen === each?.name} onClick={() => setGroup(each?.name)}>
                    {each?.name ?? w.everybody} <small>{number(each?.count ?? ordered.length)}</small>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </header>
        {book === undefined ? (
          <p className={styles['quiet']} role="status">{w.loading}</p>
        ) : ordered.length === 0 ? (
          <div className={styles['empty']}>
            <Icon name="people" size={40} />
            <h2>{w.none}</h2>
            <p>{w.noneAbout}</p>
            <Button icon="upload" onClick={() => file.current?.click()}>{w.importFile}</Button>
          </div>
        ) : (
          <ContactList contacts={shown} openId={contactId} />
        )}
        <p className="unseen" role="status">{sought === '' ? '' : w.count(shown.length)}</p>
      </section>
      <div className={styles['main']}>
        <Link className={styles['back']} href="/contacts">
          <Icon name="back" />
          {w.back}
        </Link>
        {open === undefined ? <p className={styles['choose']}>{ordered.length === 0 ? '' : w.choose}</p> : <ContactView contact={open} onEdit={() => setEdited(open)} onRemove={() => void remove(open)} onGroup={setGroup} />}
      </div>
      {edited !== undefined && (
        <ContactForm
          contact={chosen === undefined || edited !== NEW ? edited : { ...NEW, groups: [chosen] }}
          groups={groups.map(({ name }) => name)}
          changes={changes}
          onClose={(saved) => {
            setEdited(undefined);
            if (saved !== undefined) go(`/contacts/${saved.id}`);
          }}
        />
      )}
      {isNaming && chosen !== undefined && (
        <GroupName
          name={chosen}
          onClose={() => setNaming(false)}
          onSave={async (next) => {
            if ((await changes.renameGroup(chosen, next)) === undefined) return;
            setGroup(next);
            setNaming(false);
          }}
        />
      )}
    </main>
  );
}
