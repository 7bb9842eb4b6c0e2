/** Where the mail is, and when it will be where it goes. */
import { useWords } from '#ui/words.ts';
import type { Evidence } from '#desk/screen/api.ts';
import { Chip, Facts, Section } from '../ui/Section.tsx';
import { phaseOf } from './plain.ts';
import { moment, range, size, span } from './times.ts';
import { words } from './words.ts';
import styles from './Lines.module.css';

export function HomeSection({ who, move, now }: { readonly who: Evidence['who']; readonly move: Evidence['move']; readonly now: number }) {
  const w = useWords(words);
  const { wave, forecast, loss } = move;
  const [last] = move.moves;
  return (
    <Section title={w.home} icon="moved">
      <Facts
        facts={[
          [w.homeAt, <><b>{who.home}</b>{wave !== undefined && wave.target !== who.home && <> → {wave.target}</>}</>],
          [w.checks, who.authority === 'ours' ? w.ours : who.authority],
          [w.phase, phaseOf(move)],
          [w.wave, wave === undefined ? w.noWave : <>{w.waveOf(wave.number, wave.name, wave.state)}{wave.planReason !== undefined && <small className={styles['under']}>{w.paused(wave.planReason)}</small>}</>],
          [w.forecast, forecast && <><b>{range(forecast.fromAt, forecast.toAt, now)}</b><small className={styles['under']}>{w.forecastMade(forecast.basis, moment(forecast.madeAt, now))}</small></>],
          [
            w.lastMove,
            last && (
              <>
                <Chip tone={last.error === undefined ? 'plain' : 'bad'}>{last.state}</Chip> {last.source} → {last.target}{last.endedAt !== undefined && `, ${moment(last.endedAt, now)}`}
                <small className={styles['under']}>
                  {[w.copied(last.copiedMessages.toLocaleString('en'), last.messages.toLocaleString('en'), size(last.copiedBytes)), last.holdMs === undefined ? '' : w.holdTook(last.holdMs < 60_000 ? `${(last.holdMs / 1000).toFixed(1)} s` : span(last.holdMs)), last.backedOut === 0 ? '' : w.backedOut(last.backedOut), last.error ?? ''].filter((each) => each !== '').join('; ')}
                </small>
              </>
            ),
          ],
          [w.wayBack, last?.backUntil === undefined || last.backUntil < now ? undefined : moment(last.backUntil, now)],
        ]}
      />
      {loss !== undefined && <p className={styles['warm']}>{loss.mergedAt === undefined ? w.loss(loss.platform, moment(loss.followedAt, now)) : w.lossMerged(loss.platform, moment(loss.mergedAt, now))}</p>}
      {move.refusedTotal > 0 && (
        <details className={styles['details']}>
          <summary>{w.refused(move.refusedTotal)}</summary>
          <ul className={styles['lines']}>
            {move.refused.map(({ mailbox, bytes, failure, reason }, n) => (
              <li key={n}><b>{mailbox}</b> {size(bytes)}, {failure} <small className={styles['under']}>{reason}</small></li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  );
}
