/** The queues: what presses most stands first; `j` and `k` go through them, Enter opens. */
import { Link, useSearchParams } from 'wouter';
import { useStaff } from '#ui/staff/who.ts';
import { sentenceOf } from '#ui/staff/ask.ts';
import { useWords } from '#ui/words.ts';
import { type Queue, QUEUES } from '#desk/cases/api.ts';
import { Chip, Key } from '../ui/Section.tsx';
import { CaseList } from './CaseList.tsx';
import { useCases, useQueues } from './queries.ts';
import { words } from './words.ts';
import styles from './CasesPage.module.css';

/** Which queue somebody begins with. */
const FIRST: Readonly<Record<string, Queue>> = { 'level-one': 'level-one', 'level-two': 'level-two' };

export function CasesPage() {
  const w = useWords(words);
  const { role } = useStaff();
  const [params] = useSearchParams();
  const queue = QUEUES.find((each) => each === params.get('queue')) ?? FIRST[role] ?? 'all';
  const { data: counts } = useQueues();
  const { data, error } = useCases(queue);
  return (
    <div className={styles['page']}>
      <header className={styles['head']}>
        <h1>{w.title}</h1>
        <Link href="/macros" className={styles['way']}>{w.macrosAll}<Key>g m</Key></Link>
      </header>
      <nav className={styles['queues']} aria-label={w.queues}>
        {QUEUES.map((each) => {
          const count = each === 'all' ? undefined : counts?.[each];
          return (
            <Link key={each} href={`/cases?queue=${each}`} aria-current={each === queue ? 'page' : undefined}>
              {w[each]}
              {count !== undefined && <b>{count.cases}</b>}
              {count !== undefined && count.late > 0 && <Chip tone="warm">{w.late(count.late)}</Chip>}
            </Link>
          );
        })}
      </nav>
      {data === undefined ? <p role="status">{error === null ? w.loading : sentenceOf(error, w.failed)}</p> : <CaseList cases={data.cases} />}
    </div>
  );
}
