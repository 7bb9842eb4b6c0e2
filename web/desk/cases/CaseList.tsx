/** Cases, one line each: what it is, whose, who has it, and what is due. */
import { Link } from 'wouter';
import { useStaff } from '#ui/staff/who.ts';
import { useWords } from '#ui/words.ts';
import type { CaseLine } from '#desk/cases/api.ts';
import { moment } from '../screen/times.ts';
import { Chip, Nothing } from '../ui/Section.tsx';
import { useListKeys } from '../ui/use-list-keys.ts';
import { useNow } from '../ui/use-now.ts';
import { dueOf } from './due.ts';
import { words } from './words.ts';
import styles from './CasesPage.module.css';

export function CaseList({ cases }: { readonly cases: readonly CaseLine[] }) {
  const w = useWords(words);
  const { name } = useStaff();
  const now = useNow();
  const list = useListKeys<HTMLUListElement>();
  if (cases.length === 0) return <Nothing>{w.none}</Nothing>;
  return (
    <ul className={styles['list']} ref={list}>
      {cases.map((line) => {
        const due = dueOf(line, now);
        return (
          <li key={line.id} data-priority={line.priority}>
            <Link href={`/cases/${line.id}`} className={styles['subject']}>{line.subject}</Link>
            <span className={styles['who']}>{line.account?.name ?? line.account?.address ?? w.noAccount}</span>
            <span className={styles['marks']}>
              {line.priority !== 'normal' && <Chip tone={line.priority === 'low' ? 'plain' : 'bad'}>{line.priority}</Chip>}
              {line.state !== 'open' && <Chip>{line.state}</Chip>}
              {line.incidentId !== undefined && <Chip tone="accent">{w.incident}</Chip>}
            </span>
            <span className={styles['assignee']}>{line.assignee === undefined ? w.nobody : line.assignee === name ? w.you : line.assignee}</span>
            <span className={styles['due']} data-late={due?.isLate || undefined}>{due?.text ?? moment(line.openedAt, now)}</span>
          </li>
        );
      })}
    </ul>
  );
}
