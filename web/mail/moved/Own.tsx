/** How the own mailbox's move stands, as often as somebody wants to know. */
import { useQuery } from '@tanstack/react-query';
import type { OwnAnswer } from '#cutover/answer/api.ts';
import { Icon } from '#ui/Icon.tsx';
import { getLanguage, useWords } from '#ui/words.ts';
import { call } from '../api/http.ts';
import { words } from './own-words.ts';
import styles from './Own.module.css';

/** A forecast is made anew about as often. */
const AGAIN_MS = 60_000;

export function Own() {
  const w = useWords(words);
  const { data, isError } = useQuery({ queryKey: ['answer'], queryFn: ({ signal }) => call<OwnAnswer>('/api/answer', { signal }), refetchInterval: AGAIN_MS, retry: false });
  if (data === undefined) return <p className={styles['quiet']} role={isError ? 'alert' : 'status'}>{isError ? w.unknown : w.loading}</p>;
  const { place, movedAt, forecast, paused } = data;
  const waits = place === 'planned' || place === 'copying';
  const format = new Intl.DateTimeFormat(getLanguage(), { dateStyle: 'long', timeStyle: 'short' });
  return (
    <section className={styles['card']} aria-label={w[place]}>
      <h3>
        <Icon name="moved" />
        {w[place]}
      </h3>
      <p>{w[`${place}Text`]}</p>
      {movedAt !== null && <p>{w.since(format.format(new Date(movedAt)))}</p>}
      {waits && <p>{forecast === null ? w.noRange : w.range(format.formatRange(new Date(forecast.from), new Date(forecast.to)))}</p>}
      {waits && paused && <p>{w.paused}</p>}
    </section>
  );
}
