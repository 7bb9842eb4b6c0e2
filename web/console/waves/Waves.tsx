/**
 * The waves as a picture: each a bar as long as it is large, in which who has moved, who moves and who waits are parts.
 *
 * Invariant: what the colours say, the line below says in words and numbers.
 */
import { useRef } from 'react';
import type { ConsoleState, WaveShape } from '#cutover/api.ts';
import { Button } from '#ui/Button.tsx';
import { useMay } from '#ui/staff/who.ts';
import { showToast } from '#ui/toasts.ts';
import { number, useWords } from '#ui/words.ts';
import { askFor } from '../plan/ask-act.ts';
import { words as planWords } from '../plan/words.ts';
import { useCommand } from '../shell/keymap.ts';
import { Chip, Panel } from '../ui/Panel.tsx';
import { clockOf } from '../ui/times.ts';
import { words } from './words.ts';
import styles from './Waves.module.css';

/** A small wave beside a large one is still seen. */
const LEAST = 0.12;

export function Waves({ state, plan }: { readonly state: ConsoleState; readonly plan: NonNullable<ConsoleState['plan']> }) {
  const w = useWords(words);
  const list = useRef<HTMLOListElement>(null);
  const largest = Math.max(1, ...state.waves.map(({ accounts, heldBack }) => accounts + heldBack));
  const step = (by: 1 | -1): void => {
    const rows = [...(list.current?.children ?? [])].filter((each): each is HTMLElement => each instanceof HTMLElement);
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by))]?.focus();
  };
  useCommand('down', () => step(1));
  useCommand('up', () => step(-1));
  useCommand('rollBackWave', () => {
    const row = document.activeElement?.closest<HTMLElement>('[data-wave]');
    row?.querySelector('button')?.click();
  });
  return (
    <Panel title={w.waves} command="goWaves" aside={<Legend />}>
      <ol ref={list} className={styles['waves']}>
        {state.waves.map((wave) => (
          <Wave key={wave.id} wave={wave} share={Math.max(LEAST, Math.sqrt((wave.accounts + wave.heldBack) / largest))} plan={plan} now={Date.parse(state.at)} />
        ))}
      </ol>
    </Panel>
  );
}

const PARTS = ['moved', 'inFlight', 'queued', 'failed', 'heldBack'] as const;

function Legend() {
  const w = useWords(words);
  return (
    <span className={styles['legend']} aria-hidden="true">
      {PARTS.map((part) => (
        <span key={part}>
          <svg width="10" height="10"><rect width="10" height="10" rx="2" className={styles[part]} /></svg>
          {w[part]}
        </span>
      ))}
    </span>
  );
}

function Wave({ wave, share, plan, now }: { readonly wave: WaveShape; readonly share: number; readonly plan: NonNullable<ConsoleState['plan']>; readonly now: number }) {
  const w = useWords(words);
  const p = useWords(planWords);
  const may = useMay();
  const { name, state, accounts, moved, failed, inFlight, queued, heldBack, rolledBack, goingBack, forecast } = wave;
  const reason = may('plan.roll-back') ? wave.rollback.reason : p.roleNot;
  const counts = ([['inFlight', inFlight], ['queued', queued], ['failed', failed], ['heldBack', heldBack], ['goingBack', goingBack], ['rolledBack', rolledBack]] as const).filter(([, count]) => count > 0).map(([word, count]) => `${number(count)} ${w[word]}`);
  const isCalledOff = plan.state === 'aborted' && state !== 'done';
  const isNear = forecast !== null && Date.parse(forecast.toAt) - now < 20 * 60_000;
  const when = state === 'done' ? (wave.endedAt === null ? undefined : w.endedAt(clockOf(wave.endedAt, now))) : forecast === null ? undefined : w.ends(clockOf(forecast.fromAt, now, isNear), clockOf(forecast.toAt, now, isNear));
  return (
    <li tabIndex={-1} data-wave={wave.number} className={styles['wave']} aria-label={`${wave.number} ${name}`}>
      <div className={styles['head']}>
        <span className={styles['number']}>{wave.number}</span>
        <b>{name}</b>
        <Chip tone={isCalledOff ? 'plain' : state === 'running' ? 'accent' : state === 'done' ? 'good' : 'plain'}>{isCalledOff ? w.calledOff : w[state]}</Chip>
        <span className={styles['when']}>{when}</span>
        {moved > rolledBack + goingBack && (
          <Button
            kind="quiet"
            icon="undo"
            aria-label={w.rollBack(name)}
            aria-disabled={reason !== null || undefined}
            title={reason ?? undefined}
            onClick={() => (reason === null ? askFor({ act: 'roll-back-wave', plan: plan.name, wave: wave.number, name, target: plan.target }) : showToast({ text: p.not(w.rollBackShort, reason) }))}
          >
            {w.rollBackShort}
          </Button>
        )}
      </div>
      <Bar share={share} total={accounts + heldBack} parts={{ moved, inFlight, queued, failed, heldBack }} />
      <p className={styles['counts']}>{[`${w.of(number(moved), number(accounts))} ${w.moved}`, ...counts].join(' · ')}</p>
    </li>
  );
}

function Bar({ share, total, parts }: { readonly share: number; readonly total: number; readonly parts: Readonly<Record<(typeof PARTS)[number], number>> }) {
  let at = 0;
  const width = 1_000 * share;
  return (
    <svg className={styles['bar']} viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">
      <rect x={0} y={0} width={width} height={20} className={styles['rest']} />
      {PARTS.map((part) => {
        const x = at;
        const wide = total === 0 ? 0 : (parts[part] / total) * width;
        at += wide;
        return wide > 0 && <rect key={part} x={x} y={0} width={wide} height={20} className={styles[part]} />;
      })}
    </svg>
  );
}
