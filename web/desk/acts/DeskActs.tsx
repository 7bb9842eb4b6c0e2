/** What the desk did to an account or was asked to do; what waits for a second person is decided on here, and nowhere by whoever asked. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { Button } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { ask, sentenceOf } from '#ui/staff/ask.ts';
import { useMay, useStaff } from '#ui/staff/who.ts';
import { TextArea } from '#ui/TextArea.tsx';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import { type ActsAnswer, type ActState, decideBody, DESK_ACTS, type DoneAct } from '#desk/acts/api.ts';
import { moment } from '../screen/times.ts';
import { Chip, Nothing, Section } from '../ui/Section.tsx';
import lines from '../screen/Lines.module.css';
import { takeBack } from './perform.ts';
import { ACT_WORDS, words } from './words.ts';
import styles from './ActDialog.module.css';

const EVERY_MS = 5_000;
const STATES = { asked: 'stateAsked', done: 'stateDone', declined: 'stateDeclined', undone: 'stateUndone' } as const satisfies Record<ActState, string>;

export function DeskActs({ accountId, now }: { readonly accountId: number; readonly now: number }) {
  const w = useWords(words);
  const { data } = useQuery({ queryKey: ['acts', accountId], queryFn: ({ signal }) => ask<ActsAnswer>(`/api/desk/accounts/${accountId}/acts`, undefined, signal), refetchInterval: EVERY_MS });
  return (
    <Section title={w.deskActs} icon="undo">
      {data === undefined || data.acts.length === 0 ? <Nothing>{w.none}</Nothing> : <ul className={lines['lines']}>{data.acts.slice(0, 8).map((each) => <ActLine key={each.id} act={each} now={now} />)}</ul>}
    </Section>
  );
}

/** For whoever may approve: all that wait. Nothing where none do. */
export function WaitingActs() {
  const w = useWords(words);
  const isAllowed = useMay()('account.roll-back-approve');
  const { data } = useQuery({ queryKey: ['acts', 'waiting'], queryFn: ({ signal }) => ask<ActsAnswer>('/api/desk/acts/waiting', undefined, signal), refetchInterval: EVERY_MS, enabled: isAllowed });
  if (data === undefined || data.acts.length === 0) return null;
  return (
    <Section title={w.waiting} icon="people">
      <ul className={lines['lines']}>{data.acts.map((each) => <ActLine key={each.id} act={each} now={Date.now()} isElsewhere />)}</ul>
    </Section>
  );
}

function ActLine({ act, now, isElsewhere = false }: { readonly act: DoneAct; readonly now: number; /** Not on the account's own screen. */ readonly isElsewhere?: boolean }) {
  const w = useWords(words);
  const may = useMay();
  const me = `staff:${useStaff().name}`;
  const queries = useQueryClient();
  const [isDeciding, setDeciding] = useState(false);
  const needed = DESK_ACTS.find(({ name }) => name === act.name)?.act;
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ['acts'] });
  const undo = (): void =>
    void takeBack(act.id, w.undoWhy)
      .then(() => showToast({ text: w.undone }))
      .catch((error: unknown) => showToast({ text: sentenceOf(error, w.failed), kind: 'bad' }))
      .finally(() => void refresh());
  return (
    <li>
      <span className={lines['row']}>
        <b>{ACT_WORDS[act.name].name}</b>
        {isElsewhere && <Link href={`/account/${act.accountId}`}>{act.address}</Link>}
        <Chip tone={act.state === 'asked' ? 'warm' : 'plain'}>{w[STATES[act.state]]}</Chip>
        <small>{w.byWhom(act.by.replace(/^staff:/, ''), moment(act.at, now))}</small>
      </span>
      <small className={lines['under']}>{[act.why, act.decided?.why, act.undone?.why].filter((each) => each !== undefined).join(' / ')}</small>
      {act.state === 'asked' && act.by !== me && may('account.roll-back-approve') && <Button onClick={() => setDeciding(true)}>{w.approve}…</Button>}
      {act.undoable && needed !== undefined && may(needed) && (act.state !== 'asked' || act.by === me) && <Button kind="quiet" icon="undo" onClick={undo}>{w.takeBack}</Button>}
      {isDeciding && <Decide act={act} onClose={() => setDeciding(false)} onDone={refresh} />}
    </li>
  );
}

function Decide({ act, onClose, onDone }: { readonly act: DoneAct; readonly onClose: () => void; readonly onDone: () => Promise<void> }) {
  const w = useWords(words);
  const [why, setWhy] = useState('');
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState<'approve' | 'decline'>();
  const decide = async (how: 'approve' | 'decline'): Promise<void> => {
    const body = decideBody.safeParse({ why, approve: how === 'approve' });
    if (!body.success) return setFault(w.whyShort);
    setBusy(how);
    setFault(undefined);
    try {
      await ask(`/api/desk/acts/${act.id}/decide`, body.data);
      onClose();
      await onDone();
    } catch (error) {
      setFault(sentenceOf(error, w.failed));
      setBusy(undefined);
    }
  };
  return (
    <Dialog
      title={`${ACT_WORDS[act.name].name}: ${act.address}`}
      onClose={onClose}
      acts={
        <>
          <Button busy={busy === 'decline'} disabled={busy !== undefined} onClick={() => void decide('decline')}>{w.decline}</Button>
          <Button kind="danger" busy={busy === 'approve'} disabled={busy !== undefined} onClick={() => void decide('approve')}>{w.approve}</Button>
        </>
      }
    >
      <div className={styles['form']}>
        <p>{ACT_WORDS[act.name].does}</p>
        <p>{w.askedBy(act.by.replace(/^staff:/, ''), act.why)}</p>
        <TextArea label={w.approveWhy} hint={w.whyHint} fault={fault} rows={2} maxLength={500} autoFocus value={why} onChange={(event) => setWhy(event.target.value)} />
      </div>
    </Dialog>
  );
}
