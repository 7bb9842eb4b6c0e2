/** What happened, the newest first. */
import type { ConsoleState, TimelineEntry } from '#cutover/api.ts';
import { Icon } from '#ui/Icon.tsx';
import type { IconName } from '#ui/icons.ts';
import { classes } from '#ui/classes.ts';
import { useWords } from '#ui/words.ts';
import { Nothing, Panel } from '../ui/Panel.tsx';
import { clockOf } from '../ui/times.ts';
import { whoOf } from '../ui/who-of.ts';
import { words } from './words.ts';
import styles from './Timeline.module.css';

const LOOKS: Readonly<Record<string, readonly [icon: IconName, tone: string]>> = {
  'cutover.run': ['next', 'accent'],
  'cutover.pause': ['pause', 'warm'],
  'cutover.resume': ['next', 'accent'],
  'cutover.retry': ['refresh', 'accent'],
  'cutover.promote': ['moved', 'accent'],
  'cutover.abort': ['close', 'bad'],
  'cutover.roll-back': ['undo', 'warm'],
  'cutover.hold-back': ['person', 'plain'],
  'cutover.let-go': ['person', 'accent'],
  'cutover.place': ['person', 'accent'],
  'move.rollback': ['undo', 'warm'],
  'cutover.wave-started': ['moved', 'accent'],
  'cutover.wave-done': ['check', 'good'],
  'cutover.done': ['check', 'good'],
  'cutover.gate-passed': ['pause', 'bad'],
  'incident.over': ['check', 'good'],
  'incident.resolved': ['check', 'good'],
};
const TROUBLE = ['warning', 'bad'] as const;

export function Timeline({ state }: { readonly state: ConsoleState }) {
  const w = useWords(words);
  const now = Date.parse(state.at);
  return (
    <Panel title={w.timeline} command="goTimeline">
      {state.timeline.length === 0 ? (
        <Nothing>{w.nothing}</Nothing>
      ) : (
        <ol className={styles['timeline']} tabIndex={0} aria-label={w.timeline}>
          {state.timeline.map((entry, at) => (
            <Entry key={`${entry.at}${entry.act}${at}`} entry={entry} now={now} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Entry({ entry, now }: { readonly entry: TimelineEntry; readonly now: number }) {
  const w = useWords(words);
  const { at, act, actor, why, wave, accounts, about } = entry;
  const [icon, tone] = LOOKS[act] ?? TROUBLE;
  const text = act in w && act !== 'timeline' && act !== 'nothing' ? (w as unknown as Record<string, (about: object) => string>)[act]!({ wave: wave ?? '', accounts: accounts ?? 0, about }) : act;
  return (
    <li className={styles['entry']}>
      <span className={classes(styles['mark'], styles[tone])}>
        <Icon name={icon} size={14} />
      </span>
      <div>
        <p>{text}</p>
        {why !== null && <p className={styles['why']}>{why}</p>}
        <p className={styles['when']}>
          <time dateTime={at}>{clockOf(at, now, true)}</time>
          {actor !== '' && actor !== 'runner' && ` · ${whoOf(actor)}`}
        </p>
      </div>
    </li>
  );
}
