/**
 * All composers of the page, side by side at its foot, and what they sent.
 *
 * Invariant: the editor is loaded when the first of them opens, not before.
 */
import { useQueryClient } from '@tanstack/react-query';
import { Fragment, lazy, Suspense, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { getComposers, subscribeComposers } from './open.ts';
import type { View } from './Frame.tsx';
import { Restore } from './Restore.tsx';
import { SendBar } from './SendBar.tsx';
import { outbox } from './sending.ts';
import { guard } from './guard.ts';
import { TypedAhead } from './TypedAhead.tsx';
import styles from './ComposerDock.module.css';

const Composer = lazy(() => import('./Composer.tsx').then(({ Composer: component }) => ({ default: component })));

/** A window and the gap beside it, in CSS pixels. */
const WINDOW = 580;

export function ComposerDock() {
  const queries = useQueryClient();
  const open = useSyncExternalStore(subscribeComposers, getComposers);
  const [views, setViews] = useState<ReadonlyMap<number, View>>(new Map());
  const newest = open.at(-1)?.key;
  // Those for which there is no place any more give way to the newest.
  useEffect(() => {
    if (newest === undefined) return;
    setViews((before) => {
      const next = new Map(before);
      const room = Math.max(1, Math.floor(window.innerWidth / WINDOW)) - 1;
      const others = getComposers().filter(({ key }) => key !== newest && (next.get(key) ?? 'window') !== 'minimised');
      for (const { key } of others.slice(0, Math.max(0, others.length - room))) next.set(key, 'minimised');
      return next;
    });
  }, [newest]);
  useEffect(() => guard(() => outbox.isBusy), []);
  const onSent = useCallback(() => {
    for (const key of ['Email', 'Mailbox', 'Thread', 'contacts']) void queries.invalidateQueries({ queryKey: [key] });
  }, [queries]);
  return (
    <>
      <div className={styles['dock']}>
        {open.map((each) => (
          <Fragment key={each.key}>
            <TypedAhead composer={each.key} />
            <Suspense fallback={null}>
              <Composer open={each} view={views.get(each.key) ?? 'window'} onView={(view) => setViews(new Map(views).set(each.key, view))} />
            </Suspense>
          </Fragment>
        ))}
      </div>
      <SendBar onSent={onSent} />
      <Restore />
    </>
  );
}
