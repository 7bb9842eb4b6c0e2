/**
 * One case: what was said and done, what to write, and what to do with it.
 *
 * Invariant: an answer says which entry its writer has seen, so that two never answer the same question unknowingly.
 */
import { Link } from 'wouter';
import { Icon } from '#ui/Icon.tsx';
import { StaffError, sentenceOf } from '#ui/staff/ask.ts';
import { useWords } from '#ui/words.ts';
import type { Entry } from '#desk/cases/api.ts';
import { moment } from '../screen/times.ts';
import { Chip, Nothing } from '../ui/Section.tsx';
import { CaseActs } from './CaseActs.tsx';
import { CaseFacts } from './CaseFacts.tsx';
import { useNow } from '../ui/use-now.ts';
import { useCase } from './queries.ts';
import { usePresence } from './presence.ts';
import { words } from './words.ts';
import { Writing } from './Writing.tsx';
import styles from './CasePage.module.css';

export function CasePage({ caseId }: { readonly caseId: number }) {
  const w = useWords(words);
  const now = useNow();
  const { data, error } = useCase(caseId);
  const { others, setWriting } = usePresence(caseId, data !== undefined);
  if (data === undefined) return <p role="status">{error === null ? w.loading : error instanceof StaffError && error.status === 404 ? w.gone : sentenceOf(error, w.failed)}</p>;
  const { case: line, entries } = data;
  const isLive = line.state === 'open' || line.state === 'waiting';
  const writing = others.filter((other) => other.writing);
  return (
    <div className={styles['case']}>
      <header>
        <p className={styles['number']}>{w.number(line.id)}, {w.opened(moment(line.openedAt, now), by(line.openedBy))}</p>
        <h1>{line.subject}</h1>
        <div role="status">
          {others.length > 0 && (
            <p className={styles['others']} data-writing={writing.length > 0 || undefined}>
              <Icon name="people" size={18} />
              {writing.length > 0 ? w.othersWriting(writing.map(({ name }) => name).join(', ')) : w.othersOpen(others.map(({ name }) => name).join(', '))}
            </p>
          )}
        </div>
        {line.mergedInto !== undefined && <p><Link href={`/cases/${line.mergedInto}`}>{w.mergedInto(line.mergedInto)}</Link></p>}
        <CaseActs line={line} isLive={isLive} />
      </header>
      <div className={styles['columns']}>
        <section aria-label={w.entries} className={styles['entries']}>
          {entries.length === 0 && <Nothing>{w.noEntries}</Nothing>}
          <ol>
            {entries.map((entry) => <EntryLine key={entry.id} entry={entry} now={now} />)}
          </ol>
          {isLive && <Writing caseId={line.id} seen={entries.at(-1)?.id ?? 0} onWriting={setWriting} />}
        </section>
        <CaseFacts seen={data} now={now} isLive={isLive} />
      </div>
    </div>
  );
}

/** `staff:ada` is ada. */
const by = (actor: string): string => actor.replace(/^staff:/, '');

function EntryLine({ entry, now }: { readonly entry: Entry; readonly now: number }) {
  const w = useWords(words);
  return (
    <li data-kind={entry.kind}>
      <p><b>{by(entry.by)}</b> <Chip tone={entry.kind === 'answer' || entry.kind === 'update' ? 'accent' : entry.kind === 'hand-over' ? 'warm' : 'plain'}>{w[entry.kind]}</Chip> <time>{moment(entry.at, now)}</time></p>
      <p className={styles['text']}>{entry.text}</p>
    </li>
  );
}
