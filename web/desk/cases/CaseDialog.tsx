/** What has to be said with an act on a case: a hand-over's note, a call back's time and number, where it goes on, what solved it. */
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Choice } from '#ui/Choice.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { submitByKeys } from '#ui/keys/submit.ts';
import { sentenceOf } from '#ui/staff/ask.ts';
import { useSending } from '#ui/staff/sending.ts';
import { TextArea } from '#ui/TextArea.tsx';
import { useWords } from '#ui/words.ts';
import { type CaseLine, MOST_TEXT } from '#desk/cases/api.ts';
import { localInput } from './local-input.ts';
import { useCaseAct, useCases } from './queries.ts';
import { Nothing } from '../ui/Section.tsx';
import { words } from './words.ts';
import styles from './CasePage.module.css';

export type CaseAsk = 'escalate' | 'callBack' | 'calledBack' | 'merge' | 'solve';
const VERBS: Readonly<Record<CaseAsk, string>> = { escalate: 'escalate', callBack: 'call-back', calledBack: 'call-back/done', merge: 'merge', solve: 'close' };
/** Long enough for the one call that is being taken. */
const LATER_MS = 2 * 3_600_000;

export function CaseDialog({ asked, line, onClose }: { readonly asked: CaseAsk; readonly line: CaseLine; readonly onClose: () => void }) {
  const w = useWords(words);
  const act = useCaseAct(line.id);
  const [key] = useState(() => crypto.randomUUID());
  const [text, setText] = useState('');
  const [at, setAt] = useState(() => localInput(Date.now() + LATER_MS));
  const [phone, setPhone] = useState('');
  const [isReached, setReached] = useState(true);
  const [into, setInto] = useState('');
  const { isBusy, fault, send } = useSending((error) => sentenceOf(error, w.failed));
  const written = text.trim();
  const body = (): object => {
    switch (asked) {
      case 'escalate':
        return { key, note: written };
      case 'callBack':
        return { key, at: new Date(at).getTime(), phone: phone.trim(), ...(written === '' ? {} : { note: written }) };
      case 'calledBack':
        return { key, reached: isReached, ...(written === '' ? {} : { note: written }) };
      case 'merge':
        return { into: Number(into) };
      case 'solve':
        return { key, ...(written === '' ? {} : { text: written }) };
    }
  };
  async function run(): Promise<void> {
    if (await send(() => act(VERBS[asked], body()))) onClose();
  }
  return (
    <Dialog title={w[asked]} onClose={onClose} acts={<><Button kind="quiet" onClick={onClose}>{w.cancel}</Button><Button kind="main" type="submit" form="case-act" busy={isBusy}>{w.done}</Button></>}>
      <form
        id="case-act"
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        {asked === 'callBack' && (
          <>
            <Field label={w.phone} type="tel" required autoFocus pattern="\+?[\d\s()./\-]{3,40}" value={phone} onChange={(event) => setPhone(event.target.value)} />
            <Field label={w.callBackAt} type="datetime-local" required value={at} onChange={(event) => setAt(event.target.value)} />
          </>
        )}
        {asked === 'calledBack' && <Choice label={w.calledBackHow} value={isReached ? 'reached' : 'missed'} options={[{ value: 'reached', text: w.reached }, { value: 'missed', text: w.missed }]} onChange={(how) => setReached(how === 'reached')} />}
        {asked === 'merge' ? (
          <>
            <Field label={w.mergeInto} hint={w.mergeHint} inputMode="numeric" pattern="[1-9]\d*" required autoFocus value={into} onChange={(event) => setInto(event.target.value)} />
            {line.account !== undefined && <Others line={line} accountId={line.account.id} onChoose={setInto} />}
          </>
        ) : (
          <TextArea
            label={asked === 'solve' ? w.closeText : asked === 'calledBack' ? w.calledBackText : w.note}
            hint={asked === 'escalate' ? w.escalateHint : asked === 'calledBack' && !isReached ? w.missedHint : undefined}
            required={asked === 'escalate'}
            autoFocus={asked !== 'callBack'}
            rows={3}
            maxLength={MOST_TEXT}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={submitByKeys}
          />
        )}
        {fault !== undefined && <p role="alert" className={styles['fault']}>{fault}</p>}
      </form>
    </Dialog>
  );
}

/** Where a case can go on: in another one of its account's. */
function Others({ line, accountId, onChoose }: { readonly line: CaseLine; readonly accountId: number; readonly onChoose: (id: string) => void }) {
  const w = useWords(words);
  const { data } = useCases('all', { account: String(accountId) });
  const others = data?.cases.filter(({ id }) => id !== line.id) ?? [];
  if (data === undefined) return null;
  if (others.length === 0) return <Nothing>{w.mergeNone}</Nothing>;
  return (
    <fieldset className={styles['others-of']}>
      <legend>{w.mergeOthers}</legend>
      {others.map(({ id, subject }) => <Button key={id} kind="quiet" onClick={() => onChoose(String(id))}>{id}: {subject}</Button>)}
    </fieldset>
  );
}
