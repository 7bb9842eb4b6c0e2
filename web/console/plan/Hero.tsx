/** The plan at a glance: its state, how far it is, between when and when it ends, and what can be done. */
import type { ConsoleState, ForecastShape, PlanAct } from '#cutover/api.ts';
import { Button } from '#ui/Button.tsx';
import type { IconName } from '#ui/icons.ts';
import { useMay } from '#ui/staff/who.ts';
import { showToast } from '#ui/toasts.ts';
import { number, useWords } from '#ui/words.ts';
import { useCommand } from '../shell/keymap.ts';
import { Chip, type Tone } from '../ui/Panel.tsx';
import { clockOf, lengthOf } from '../ui/times.ts';
import { askFor } from './ask-act.ts';
import { words } from './words.ts';
import styles from './Hero.module.css';

const TONES: Readonly<Record<NonNullable<ConsoleState['plan']>['state'], Tone>> = { ready: 'plain', running: 'accent', paused: 'warm', done: 'good', aborted: 'bad' };
/** As the server guards them. */
const RIGHTS: Readonly<Record<PlanAct, string>> = { pause: 'plan.pause', resume: 'plan.resume', retry: 'plan.resume', promote: 'plan.resume', abort: 'plan.abort' };
const ICONS: Readonly<Record<PlanAct, IconName>> = { pause: 'pause', resume: 'next', retry: 'refresh', promote: 'moved', abort: 'close' };

export function Hero({ state, plan }: { readonly state: ConsoleState; readonly plan: NonNullable<ConsoleState['plan']> }) {
  const w = useWords(words);
  const now = Date.parse(state.at);
  const sum = (of: (wave: ConsoleState['waves'][number]) => number): number => state.waves.reduce((total, wave) => total + of(wave), 0);
  return (
    <section className={styles['hero']} aria-label={plan.name}>
      <div className={styles['title']}>
        <h1>{plan.name}</h1>
        <span className={styles['route']}>{w.route(plan.source, plan.target)}</span>
        <Chip tone={TONES[plan.state]}>{w[plan.state]}</Chip>
      </div>
      {plan.reason !== null && <p className={styles['reason']}>{plan.reason}</p>}
      <div className={styles['facts']}>
        <p className={styles['moved']}>{w.moved(number(sum(({ moved }) => moved)), number(sum(({ accounts }) => accounts)))}</p>
        {plan.endedAt !== null ? (
          <p className={styles['end']}>{w.ended(clockOf(plan.endedAt, now), lengthOf(Date.parse(plan.endedAt) - Date.parse(plan.startedAt ?? plan.endedAt)))}</p>
        ) : plan.forecast === null ? (
          <p className={styles['end']}>{w.tooEarly}</p>
        ) : (
          <End forecast={plan.forecast} now={now} />
        )}
      </div>
      <Acts plan={plan} />
    </section>
  );
}

function End({ forecast, now }: { readonly forecast: ForecastShape; readonly now: number }) {
  const w = useWords(words);
  const { fromAt, toAt, likelyAt, madeAt, basis } = forecast;
  const isNear = Date.parse(toAt) - now < 20 * 60_000;
  return (
    <div className={styles['end']}>
      <p>
        {w.endsAt} <b>{clockOf(fromAt, now, isNear)}</b> {w.and} <b>{clockOf(toAt, now, isNear)}</b>
      </p>
      <p className={styles['basis']}>
        {`${w.likely(clockOf(likelyAt, now, isNear))}${basis.paused ? `, ${w.asIf}` : ''} · ${w.said(lengthOf(now - Date.parse(madeAt)))}. ${w.basis(basis.done, basis.left, basis.perHour === null ? null : number(Math.round(basis.perHour)), basis.waiting)}`}
      </p>
    </div>
  );
}

function Acts({ plan }: { readonly plan: NonNullable<ConsoleState['plan']> }) {
  const w = useWords(words);
  return (
    <div className={styles['acts']} role="group" aria-label={w.acts}>
      {(Object.keys(RIGHTS) as PlanAct[]).map((act) => (
        <Act key={act} act={act} plan={plan} />
      ))}
    </div>
  );
}

/** What cannot be done now can still be pressed: it then says why. */
function Act({ act, plan }: { readonly act: PlanAct; readonly plan: NonNullable<ConsoleState['plan']> }) {
  const w = useWords(words);
  const may = useMay();
  const reason = may(RIGHTS[act]) ? plan.acts[act].reason : w.roleNot;
  const press = (): void => {
    if (reason === null) askFor({ act, plan: plan.name });
    else showToast({ text: w.not(w[act], reason) });
  };
  useCommand(act, press);
  return (
    <Button kind={act === 'abort' ? 'danger' : act === 'resume' && reason === null ? 'main' : 'plain'} icon={ICONS[act]} aria-disabled={reason !== null || undefined} title={reason ?? undefined} onClick={press}>
      {w[act]}
    </Button>
  );
}
