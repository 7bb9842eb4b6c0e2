/** Who is affected: live counts by each of their parts, as a picture in which a press narrows; the accounts, and all as CSV. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import { Button } from '#ui/Button.tsx';
import { Choice } from '#ui/Choice.tsx';
import { Icon } from '#ui/Icon.tsx';
import { ask, sentenceOf } from '#ui/staff/ask.ts';
import { Switch } from '#ui/Switch.tsx';
import { number, useWords } from '#ui/words.ts';
import { AFFECTED, AFFECTED_CSV, AFFECTED_LIST, type AffectedCounts, type AffectedList, type Part, PARTS } from '#desk/affected/api.ts';
import { moment } from '../screen/times.ts';
import { Nothing, Section } from '../ui/Section.tsx';
import { useListKeys } from '../ui/use-list-keys.ts';
import { valueIn } from './values.ts';
import { barsOf } from './bars.ts';
import { words } from './words.ts';
import styles from './AffectedPage.module.css';

const HOUR_MS = 3_600_000;
const SPANS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS } as const;
type Span = keyof typeof SPANS;
/** A crowd's picture moves in minutes, not in seconds. */
const EVERY_MS = 10_000;

export function AffectedPage() {
  const w = useWords(words);
  const [params, setParams] = useSearchParams();
  const span = (Object.keys(SPANS) as Span[]).find((each) => each === params.get('span')) ?? 'hour';
  const chosen = PARTS.flatMap((part) => {
    const value = params.get(part);
    return value === null ? [] : [[part, value] as const];
  });
  const isOut = params.get('out') === 'true';
  // To the minute, so that the same question has the same answer kept.
  const since = Math.floor((Date.now() - SPANS[span]) / 60_000) * 60_000;
  const query = new URLSearchParams({ ...Object.fromEntries(chosen), since: String(since), ...(isOut ? { out: 'true' } : {}) }).toString();
  const { data, error } = useQuery({ queryKey: ['affected', chosen, span, isOut], queryFn: ({ signal }) => ask<AffectedCounts>(`${AFFECTED}?${query}`, undefined, signal), refetchInterval: EVERY_MS, placeholderData: keepPreviousData });
  const set = (part: string, value: string | undefined): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      if (value === undefined) next.delete(part);
      else next.set(part, value);
      return next;
    });
  return (
    <div className={styles['page']}>
      <header className={styles['head']}>
        <h1>{w.title}</h1>
        <a className={styles['csv']} href={`${AFFECTED_CSV}?${query}`} download><Icon name="download" size={18} />{w.csv}</a>
      </header>
      <div className={styles['filters']}>
        <Choice label={w.since} value={span} options={(Object.keys(SPANS) as Span[]).map((value) => ({ value, text: w[value] }))} onChange={(value) => set('span', value)} />
        <Switch label={w.out} checked={isOut} onChange={(on) => set('out', on ? 'true' : undefined)} />
        {chosen.map(([part, value]) => (
          <button key={part} type="button" className={styles['chip']} aria-label={w.without(w[part], valueIn(part, value))} onClick={() => set(part, undefined)}>
            {w[part]}: {valueIn(part, value)}<Icon name="close" size={14} />
          </button>
        ))}
        {chosen.length > 1 && <Button kind="quiet" onClick={() => setParams(new URLSearchParams({ span }))}>{w.all}</Button>}
      </div>
      {data === undefined ? <p role="status">{error === null ? w.loading : sentenceOf(error, w.failed)}</p> : (
        <>
          <p className={styles['lead']} role="status">{w.lead(number(data.accounts), moment(data.since, data.at))}</p>
          <div className={styles['parts']}>
            {PARTS.map((part) => <Bars key={part} part={part} counts={data.by[part]} isChosen={params.get(part) !== null} onChoose={(value) => set(part, value)} />)}
          </div>
          <Accounts query={query} queryKey={[chosen, span, isOut]} now={data.at} />
        </>
      )}
    </div>
  );
}

function Bars({ part, counts, isChosen, onChoose }: { readonly part: Part; readonly counts: AffectedCounts['by'][Part]; readonly isChosen: boolean; readonly onChoose: (value: string) => void }) {
  const w = useWords(words);
  if (counts.length === 0) return null;
  return (
    <Section title={w[part]} icon="filter">
      <ul className={styles['bars']}>
        {barsOf(counts).map(({ value, accounts, width }) => (
          <li key={value}>
            <button type="button" disabled={isChosen} onClick={() => onChoose(value)}>
              <span><span className="unseen">{w.only(w[part])} </span>{valueIn(part, value)}</span>
              <b>{number(accounts)}<span className="unseen"> {w.accounts}</span></b>
              <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="4" /><rect data-part="" width={width} height="4" /></svg>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Accounts({ query, queryKey, now }: { readonly query: string; readonly queryKey: readonly unknown[]; readonly now: number }) {
  const w = useWords(words);
  const { data } = useQuery({ queryKey: ['affected', 'accounts', ...queryKey], queryFn: ({ signal }) => ask<AffectedList>(`${AFFECTED_LIST}?${query}`, undefined, signal), placeholderData: keepPreviousData });
  const list = useListKeys<HTMLUListElement>();
  return (
    <Section title={w.list} icon="people">
      {data === undefined ? <Nothing>{w.loading}</Nothing> : data.accounts.length === 0 ? <Nothing>{w.none}</Nothing> : (
        <ul ref={list} className={styles['accounts']}>
          {data.accounts.slice(0, 50).map(({ id, address, platform, clients, verdicts, reasons, lastAt }) => (
            <li key={id}>
              <Link href={`/account/${id}`}>{address}</Link>
              <small>{platform}</small>
              <small>{clients.join(', ')}</small>
              <small>{[...verdicts, ...reasons.filter((reason) => reason !== '').map((reason) => valueIn('reason', reason))].join(', ')}</small>
              <small>{moment(lastAt, now)}</small>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
