/** The search box, with suggestions while one types in the words of the language. */
import { useEffect, useRef, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { Icon } from '#ui/Icon.tsx';
import { SearchBox as Box } from '#ui/SearchBox.tsx';
import { useWords } from '#ui/words.ts';
import { useMailboxes } from '../api/mailboxes.ts';
import { dayOf } from '../list/dates.ts';
import { peopleSeen } from '../list/rows.ts';
import { useCommand } from '../shortcuts/registry.ts';
import { useLabels } from './labels.ts';
import { suggest } from './suggestions.ts';
import { words } from './words.ts';
import styles from './Search.module.css';

const WEEK_MS = 7 * 86_400_000;

export function SearchBox() {
  const w = useWords(words);
  const [location, go] = useLocation();
  const [params] = useSearchParams();
  const { data: boxes = [] } = useMailboxes();
  const labelOf = useLabels(boxes);
  const query = location.startsWith('/search') ? (params.get('q') ?? '') : '';
  const [typed, setTyped] = useState(query);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setTyped(query === '' ? '' : `${query} `), [query]);
  // A way to search without anything to search for leads to the box.
  useEffect(() => {
    if (location === '/search' && query === '') input.current?.focus();
  }, [location, query]);
  useCommand('search', () => input.current?.focus());
  const openBox = boxes.find((box) => location.startsWith(`/mail/${box.id}`));
  const suggestions = (): ReturnType<typeof suggest> => suggest(typed, peopleSeen(), openBox?.role ?? openBox?.name, dayOf(new Date(Date.now() - WEEK_MS)));

  function search(wanted: string): void {
    if (wanted.trim() === '') return;
    setTyped(`${wanted.trim()} `);
    go(`/search?${new URLSearchParams({ q: wanted.trim() })}`);
  }

  return (
    <Box
      ref={input}
      label={w.search}
      listLabel={w.suggestions}
      clearLabel={w.clear}
      placeholder={w.search}
      typed={typed}
      onTyped={setTyped}
      offers={() => suggestions().map(({ query: offered, term, name }) => ({
        key: offered,
        content: (
          <>
            <Icon name={term.field === 'from' ? 'person' : term.field === 'has' ? 'attach' : term.field === 'in' ? 'folder' : term.field === 'after' ? 'clock' : term.field === 'is' ? 'mail' : 'search'} size={16} />
            <span>{name === undefined ? labelOf(term) : labelOf({ ...term, value: name } as typeof term)}</span>
            {name !== undefined && <small>{term.value}</small>}
          </>
        ),
      }))}
      begins="typed"
      onPress={search}
      onEnter={(offered) => {
        search(offered ?? typed);
        input.current?.blur();
      }}
      escape="closes"
      foot={<p aria-hidden="true">{w.help}</p>}
      className={styles['box']}
      listClassName={styles['offers']}
    />
  );
}
