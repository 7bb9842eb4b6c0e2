/** Macros: all of them, and the one that is read, written or tried. Leads write; everybody reads and tries. */
import { Link, useLocation } from 'wouter';
import { Button } from '#ui/Button.tsx';
import { sentenceOf } from '#ui/staff/ask.ts';
import { useMay } from '#ui/staff/who.ts';
import { useWords } from '#ui/words.ts';
import type { Macro } from '#desk/cases/api.ts';
import { useMacros } from '../cases/queries.ts';
import { useCommand } from '../shell/keymap.ts';
import { Key, Nothing } from '../ui/Section.tsx';
import { useListKeys } from '../ui/use-list-keys.ts';
import { MacroEditor } from './MacroEditor.tsx';
import { MacroView } from './MacroView.tsx';
import { words } from './words.ts';
import styles from './Macros.module.css';

const NEW = 'new';

/** @param chosen an id, or `new` */
export function MacrosPage({ chosen }: { readonly chosen: string | undefined }) {
  const w = useWords(words);
  const mayWrite = useMay()('case.macros');
  const [, go] = useLocation();
  const { data: macros, error } = useMacros();
  const add = (): void => go(`/macros/${NEW}`);
  useCommand('add', mayWrite ? add : undefined);
  const shown = macros?.find(({ id }) => String(id) === chosen);
  return (
    <div className={styles['page']} data-open={chosen !== undefined || undefined}>
      <header className={styles['head']}>
        <h1>{w.title}</h1>
        <p>{w.lead}</p>
        {mayWrite ? <Button kind="main" icon="plus" aria-keyshortcuts="+" onClick={add}>{w.add}<Key>+</Key></Button> : <p className={styles['quiet']}>{w.notLead}</p>}
      </header>
      {macros === undefined ? <p role="status">{error === null ? w.loading : sentenceOf(error, w.failed)}</p> : (
        <div className={styles['columns']}>
          <List macros={macros} chosen={chosen} />
          {chosen === NEW && mayWrite ? <MacroEditor key={NEW} macro={undefined} onKept={(id) => go(`/macros/${id}`)} onClose={() => go('/macros')} />
            : shown !== undefined ? <MacroView key={shown.id} macro={shown} mayWrite={mayWrite} onGone={() => go('/macros')} />
            : <p className={styles['choose']}>{chosen === undefined ? (macros.length === 0 ? '' : w.choose) : w.gone}</p>}
        </div>
      )}
    </div>
  );
}

function List({ macros, chosen }: { readonly macros: readonly Macro[]; readonly chosen: string | undefined }) {
  const w = useWords(words);
  const list = useListKeys<HTMLUListElement>();
  if (macros.length === 0) return <Nothing>{w.none}</Nothing>;
  return (
    <nav aria-label={w.list}>
      <ul className={styles['list']} ref={list}>
        {macros.map(({ id, name, text }) => (
          <li key={id}>
            <Link href={`/macros/${id}`} aria-current={String(id) === chosen ? 'page' : undefined}>
              <b>{name}</b>
              <small>{text}</small>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
