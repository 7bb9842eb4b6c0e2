/** What is done with a case as a whole: take, hand over, promise a call, merge, close, open again. */
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { Button } from '#ui/Button.tsx';
import { sentenceOf } from '#ui/staff/ask.ts';
import { useMay, useStaff } from '#ui/staff/who.ts';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import type { CaseLine } from '#desk/cases/api.ts';
import { useCommand } from '../shell/keymap.ts';
import { Key } from '../ui/Section.tsx';
import { type CaseAsk, CaseDialog } from './CaseDialog.tsx';
import { useCaseAct } from './queries.ts';
import { words } from './words.ts';
import styles from './CasePage.module.css';

export function CaseActs({ line, isLive }: { readonly line: CaseLine; readonly isLive: boolean }) {
  const w = useWords(words);
  const may = useMay();
  const { name } = useStaff();
  const act = useCaseAct(line.id);
  const [params] = useSearchParams();
  // A call that level two has to take over comes here with that question.
  const [asked, setAsked] = useState<CaseAsk | undefined>(params.get('do') === 'escalate' && line.level === 1 ? 'escalate' : undefined);
  const isMine = line.assignee === name;
  const run = (verb: string, body: object): void => void act(verb, body).catch((error: unknown) => showToast({ text: sentenceOf(error, w.failed), kind: 'bad' }));
  const take = (): void => run('assign', { to: isMine ? null : name });
  const canEscalate = isLive && line.level === 1 && may('case.escalate');
  useCommand('take', isLive ? take : undefined);
  useCommand('escalate', canEscalate ? () => setAsked('escalate') : undefined);
  const isPromised = line.callBack !== undefined;
  useCommand('callBack', isLive ? () => setAsked(isPromised ? 'calledBack' : 'callBack') : undefined);
  useCommand('merge', isLive && may('case.merge') ? () => setAsked('merge') : undefined);
  useCommand('solve', isLive ? () => setAsked('solve') : undefined);
  if (!isLive) return <div className={styles['buttons']}>{line.state === 'closed' && <Button icon="undo" onClick={() => run('reopen', { key: crypto.randomUUID() })}>{w.reopen}</Button>}</div>;
  return (
    <div className={styles['buttons']}>
      <Button aria-keyshortcuts="t" onClick={take}>{isMine ? w.give : w.take}<Key>t</Key></Button>
      {canEscalate && <Button aria-keyshortcuts="e" onClick={() => setAsked('escalate')}>{w.escalate}<Key>e</Key></Button>}
      <Button aria-keyshortcuts="b" icon={isPromised ? 'check' : undefined} onClick={() => setAsked(isPromised ? 'calledBack' : 'callBack')}>{isPromised ? w.calledBack : w.callBack}<Key>b</Key></Button>
      {may('case.merge') && <Button kind="quiet" aria-keyshortcuts="m" onClick={() => setAsked('merge')}>{w.merge}<Key>m</Key></Button>}
      <Button kind="quiet" icon="check" aria-keyshortcuts="s" onClick={() => setAsked('solve')}>{w.solve}<Key>s</Key></Button>
      {asked !== undefined && <CaseDialog key={asked} asked={asked} line={line} onClose={() => setAsked(undefined)} />}
    </div>
  );
}
