/**
 * What a search found, in all mailboxes, with what was searched for as chips that can be taken away.
 *
 * Words are looked for in the texts of the last days first, then in all names and subjects, then in all texts: each as soon
 * as the one before it has been answered, since they would only take a platform's time from each other.
 */
import { useQuery } from '@tanstack/react-query';
import { useMemo, useSyncExternalStore } from 'react';
import { useLocation } from 'wouter';
import { Button } from '#ui/Button.tsx';
import { Icon } from '#ui/Icon.tsx';
import { useWords } from '#ui/words.ts';
import { useMailboxes } from '../api/mailboxes.ts';
import { Empty } from '../list/Empty.tsx';
import { EmailList } from '../list/EmailList.tsx';
import { NEWEST_FIRST } from '#webmail/start/api.ts';
import { sourceOf } from '../list/sources.ts';
import { words as listWords } from '../list/words.ts';
import { useMailboxName } from '../mailboxes/names.ts';
import { type Depth, type Filter, filterOf } from './filter.ts';
import { useLabels } from './labels.ts';
import { readTerms, type Term, TEXT_FIELDS, writeTerm, writeTerms } from './terms.ts';
import { words } from './words.ts';
import styles from './Search.module.css';

export function SearchResults({ query, selectedId }: { readonly query: string; readonly selectedId: string | undefined }) {
  const w = useWords(words);
  const l = useWords(listWords);
  const [, go] = useLocation();
  const { data: boxes } = useMailboxes();
  const nameOf = useMailboxName();
  const labelOf = useLabels(boxes ?? []);
  const terms = useMemo(() => readTerms(query), [query]);
  // Mailboxes are found by the names that the reader sees, too. Counts change often, names do not.
  const places = JSON.stringify((boxes ?? []).flatMap(({ id, name, role }) => [{ id, name, role }, { id, name: nameOf({ name, role }), role }]));
  const { filter, unknownMailboxes } = useMemo(() => filterOf(terms, uniquePlaces(places)), [terms, places]);
  const hasText = terms.some(({ field }) => field === 'text');
  const stages = useMemo(() => {
    const ofDepth = (depth: Depth): Filter => filterOf(terms, uniquePlaces(places), depth).filter;
    const [lately, heads] = [ofDepth('lately'), ofDepth('heads')];
    const filters = hasText ? [lately, { operator: 'OR', conditions: [lately, heads] } as const, filter] : [filter];
    return filters.map((each) => sourceOf({ filter: each, sort: NEWEST_FIRST, collapseThreads: false, mailboxId: undefined }, 0));
  }, [filter]);
  const depth = useSyncExternalStore(
    (listener) => {
      const ends = stages.map((stage) => stage.subscribe(listener));
      return () => ends.forEach((end) => end());
    },
    () => stages.findLastIndex((stage) => stage.isRead()),
  );
  const source = stages[Math.max(0, depth)]!;
  const further = depth < 0 ? undefined : stages[depth + 1];
  const deeper = useQuery({
    queryKey: ['Email', 'texts', filter, depth],
    enabled: further !== undefined && boxes !== undefined,
    // What was read may have been put away since.
    staleTime: 0,
    queryFn: async ({ signal }) => {
      await further?.refresh(signal);
      return Date.now();
    },
  });
  const isSearching = depth < stages.length - 1 && !deeper.isError;
  if (boxes === undefined) return null;
  if (terms.length === 0) return <Empty scene="light" title={w.start} text={w.startText} isTitle />;
  const at = (next: readonly Term[]): string => `/search?${new URLSearchParams({ q: writeTerms(next) })}`;
  const suffix = `?${new URLSearchParams({ q: query })}`;
  const hasWords = terms.some(({ field, not }) => !not && (field === 'text' || TEXT_FIELDS.some((each) => each === field)));
  const isNarrow = !terms.some(({ field }) => field === 'in');
  return (
    <EmailList
      key={query}
      source={source}
      title={w.results}
      total={undefined}
      hrefOf={(id) => `/search/${id}${suffix}`}
      listHref={`/search${suffix}`}
      selectedId={selectedId}
      isOutgoing={false}
      marks={hasWords ? filter : undefined}
      empty={isSearching ? null : <Empty scene="light" title={l.emptySearch} text={l.emptySearchText} />}
      above={
        <div className={styles['chips']}>
          {terms.map((term, n) => (
            <button key={`${n} ${writeTerm(term)}`} type="button" className={styles['chip']} aria-label={w.remove(labelOf(term))} title={w.remove(labelOf(term))} onClick={() => go(terms.length === 1 ? '/' : at(terms.toSpliced(n, 1)))}>
              <span>{labelOf(term)}</span>
              <Icon name="close" size={13} />
            </button>
          ))}
          {isNarrow && (
            <Button kind="quiet" onClick={() => go(at([...terms, { field: 'in', value: 'anywhere', not: false }]))}>
              {w.everywhere}
            </Button>
          )}
          {isSearching && (
            <p className={styles['searching']} role="status">
              {w.searching}
            </p>
          )}
          {unknownMailboxes.map((name) => (
            <p key={name} role="alert">
              {w.unknown(name)}
            </p>
          ))}
        </div>
      }
    />
  );
}

type Place = { readonly id: string; readonly name: string; readonly role: string | null };

function uniquePlaces(places: string): Place[] {
  const known = new Map((JSON.parse(places) as Place[]).map((place) => [`${place.id} ${place.name.toLowerCase()}`, place]));
  return [...known.values()];
}
