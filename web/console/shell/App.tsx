/** The console: one plan, live. */
import { lazy, Suspense, useEffect, useState } from 'react';
import { useKeys } from '#ui/keys/use-keys.ts';
import { Select } from '#ui/Select.tsx';
import { StatusLine } from '#ui/StatusLine.tsx';
import { IconButton } from '#ui/Button.tsx';
import { StaffApp } from '#ui/staff/StaffApp.tsx';
import { useWords } from '#ui/words.ts';
import { Compare, Gates } from '../gates/Gates.tsx';
import { useLive } from '../live/use-live.ts';
import { Holds } from '../moves/Holds.tsx';
import { Accounts, Moves } from '../moves/Moves.tsx';
import { ActDialog } from '../plan/ActDialog.tsx';
import { useQuestion } from '../plan/ask-act.ts';
import { Forecasts } from '../plan/Forecasts.tsx';
import { Hero } from '../plan/Hero.tsx';
import { Timeline } from '../timeline/Timeline.tsx';
import { clockOf } from '../ui/times.ts';
import { Waves } from '../waves/Waves.tsx';
import { type Command, type CommandGroup, GROUPS, KEYMAP, press, runCommand, useCommand } from './keymap.ts';
import { words } from './words.ts';
import styles from './App.module.css';

const KeySheet = lazy(() => import('#ui/keys/KeySheet.tsx').then(({ KeySheet: component }) => ({ default: component<Command, CommandGroup> })));

export function App() {
  const w = useWords(words);
  const [areKeysOpen, setKeysOpen] = useState(false);
  return (
    <StaffApp app={w.app} here="console" places={<IconButton icon="keyboard" label={w.keys} onClick={() => setKeysOpen(true)} />}>
      <Plan />
      <Keys onHelp={() => setKeysOpen(true)} />
      {areKeysOpen && (
        <Suspense fallback={null}>
          <KeySheet keymap={KEYMAP} groups={GROUPS} names={w} onClose={() => setKeysOpen(false)} />
        </Suspense>
      )}
    </StaffApp>
  );
}

function Keys({ onHelp }: { readonly onHelp: () => void }) {
  useKeys(press, runCommand);
  useCommand('help', onHelp);
  const question = useQuestion();
  return question === undefined ? null : <ActDialog key={JSON.stringify(question)} question={question} />;
}

function Plan() {
  const w = useWords(words);
  const [chosen, setChosen] = useState(() => new URLSearchParams(window.location.search).get('plan') ?? undefined);
  const { state, trouble } = useLive(chosen);
  useEffect(() => {
    document.title = state?.plan === undefined || state.plan === null ? w.app : `${state.plan.name} · ${w.app}`;
  }, [state?.plan?.name, w.app]);
  if (state === undefined) return <p className={styles['waiting']} role="status">{w.waiting}</p>;
  const now = Date.parse(state.at);
  const { plan } = state;
  return (
    <div className={styles['page']}>
      <StatusLine kind="warm" text={trouble === 'none' ? undefined : `${trouble === 'away' ? w.away : w.lost}${clockOf(state.at, now, true)}.`} />
      {state.plans.length > 1 && (
        <div className={styles['choose']}>
          <Select
            label={w.choose}
            value={plan?.name ?? ''}
            options={state.plans.map((name) => [name, name] as const)}
            onChange={(name) => {
              window.history.replaceState(null, '', `?plan=${encodeURIComponent(name)}`);
              setChosen(name);
            }}
          />
        </div>
      )}
      {plan === null ? (
        <div className={styles['none']}>
          <h1>{w.noPlan}</h1>
          <p>{w.noPlanHint}</p>
          <code>causeway cutover run FILE</code>
        </div>
      ) : (
        <>
          <Hero state={state} plan={plan} />
          <div className={styles['columns']}>
            <div className={styles['column']}>
              <Waves state={state} plan={plan} />
              <Gates state={state} />
              <Compare comparison={state.comparison} />
              <Moves state={state} />
              <Accounts state={state} />
            </div>
            <div className={styles['column']}>
              <Forecasts state={state} />
              <Timeline state={state} />
              <Holds holds={state.holds} lag={state.lag} />
            </div>
          </div>
        </>
      )}
    </div>
  );
}
