/** The question before an act: what it means, and why. Nothing is done without a reason. */
import { useEffect, useRef, useState } from 'react';
import type { PlanAct } from '#cutover/api.ts';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { ask, sentenceOf, StaffError } from '#ui/staff/ask.ts';
import { useSending } from '#ui/staff/sending.ts';
import { Switch } from '#ui/Switch.tsx';
import { TextArea } from '#ui/TextArea.tsx';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import { askFor, type Question } from './ask-act.ts';
import { words } from './words.ts';
import styles from './ActDialog.module.css';

/** As the server has it. */
const WHY = { least: 3, most: 500 };
const WORDS = {
  pause: ['pauseAsk', 'pauseMeans'], resume: ['resumeAsk', 'resumeMeans'], retry: ['retryAsk', 'retryMeans'], promote: ['promoteAsk', 'promoteMeans'], abort: ['abortAsk', 'abortMeans'],
  'hold-back': ['holdBackAsk', 'holdBackMeans'], 'let-go': ['letGoAsk', 'letGoMeans'], 'roll-back': ['rollBackAsk', 'rollBackMeans'],
} as const satisfies Record<PlanAct | 'hold-back' | 'let-go' | 'roll-back', readonly [string, string]>;
const GRAVE: readonly Question['act'][] = ['abort', 'roll-back', 'roll-back-wave'];

export function ActDialog({ question }: { readonly question: Question }) {
  const w = useWords(words);
  const [why, setWhy] = useState('');
  const [accounts, setAccounts] = useState('accounts' in question ? question.accounts.join('\n') : '');
  const [homeIsDead, setHomeIsDead] = useState(false);
  // What it is refused for is in the message: it is for engineers, and so is this page.
  const { isBusy, fault, send } = useSending((error) => (error instanceof StaffError && error.status === 409 ? error.message : sentenceOf(error, error instanceof StaffError && error.status < 500 ? error.message : w.failed)));
  const [isTold, setTold] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // A dialog gives the focus to its first control, which closes it: what is to be typed comes first.
  useEffect(() => {
    const fields = [...(form.current?.querySelectorAll('textarea') ?? [])];
    fields.find((field) => field.value === '')?.focus();
  }, []);
  const [title, means] = question.act === 'roll-back-wave' ? [w.rollBackWaveAsk(question.name), w.rollBackWaveMeans] : WORDS[question.act].map((word) => w[word]);
  const named = accounts.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const isEnough = why.trim().length >= WHY.least;

  async function act(): Promise<void> {
    setTold(true);
    if (!isEnough || ('accounts' in question && named.length === 0)) return;
    await send(async () => {
      const done = await ask<{ accounts: number }>(pathOf(question), { why, ...('accounts' in question ? { accounts: named } : {}), ...(question.act === 'roll-back-wave' ? { homeIsDead } : {}) });
      askFor(undefined);
      showToast({ text: done.accounts === 0 ? w.acted(title!) : w.actedFor(title!, done.accounts) });
    });
  }

  return (
    <Dialog
      title={title!}
      onClose={() => askFor(undefined)}
      acts={
        <>
          <Button onClick={() => askFor(undefined)}>{w.cancel}</Button>
          <Button kind={GRAVE.includes(question.act) ? 'danger' : 'main'} busy={isBusy} onClick={() => void act()}>
            {title!}
          </Button>
        </>
      }
    >
      <form
        ref={form}
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          void act();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void act();
        }}
      >
        <p>{means}</p>
        {'accounts' in question && <TextArea label={w.accounts} hint={w.accountsHint} rows={4} code value={accounts} fault={isTold && named.length === 0 ? w.accountsNone : undefined} onChange={(event) => setAccounts(event.target.value)} />}
        {question.act === 'roll-back-wave' && <Switch label={w.homeIsDead(question.target)} hint={w.homeIsDeadHint} checked={homeIsDead} onChange={setHomeIsDead} />}
        <TextArea label={w.why} hint={w.whyHint} rows={2} maxLength={WHY.most} value={why} fault={isTold && !isEnough ? w.whyShort : undefined} onChange={(event) => setWhy(event.target.value)} />
        {fault !== undefined && <p role="alert" className={styles['fault']}>{fault}</p>}
      </form>
    </Dialog>
  );
}

function pathOf(question: Question): string {
  if ('accounts' in question) return `/api/console/accounts/${question.act}`;
  const plan = `/api/console/plans/${encodeURIComponent(question.plan)}`;
  return question.act === 'roll-back-wave' ? `${plan}/waves/${question.wave}/roll-back` : `${plan}/${question.act}`;
}
