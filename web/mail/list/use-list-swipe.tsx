/** What is done with a row that a finger pushes aside: to the end it is put away, to the start it is deleted. */
import type { ReactNode } from 'react';
import { Icon } from '#ui/Icon.tsx';
import type { Targets } from '../actions/targets.ts';
import { useActions } from '../actions/use-actions.ts';
import type { Role } from '../api/types.ts';
import { type SwipeHandlers, useSwipe } from './swipe.ts';
import styles from './Row.module.css';

export function useListSwipe({ role, threadsIn, deleteForever }: {
  /** Of the mailbox that is listed. */
  readonly role: Role | null | undefined;
  readonly threadsIn: string | undefined;
  /** Asks first. */
  readonly deleteForever: (targets: Targets) => void;
}): {
  readonly handlers: SwipeHandlers;
  /** What is seen behind the row. */
  readonly behind: (topOf: (id: string) => number, height: number) => ReactNode;
} {
  const actions = useActions();
  const { swiped, handlers } = useSwipe(
    (side) => side === 'start' || role !== 'archive',
    async (id, side) => {
      const row = { ids: [id], threadsIn };
      if (side === 'end') return role === 'junk' ? actions.notSpam(row) : actions.archive(row);
      return role === 'trash' || role === 'junk' ? deleteForever(row) : actions.trash(row);
    },
  );
  const behind = (topOf: (id: string) => number, height: number): ReactNode => {
    const top = swiped === undefined ? -1 : topOf(swiped.id);
    if (swiped === undefined || top < 0) return null;
    return (
      <div className={styles['under']} aria-hidden="true" data-side={swiped.side} data-far={swiped.isFar || undefined} style={{ top, height }}>
        <Icon name={swiped.side === 'start' ? 'trash' : role === 'junk' ? 'inbox' : 'archive'} size={22} />
      </div>
    );
  };
  return { handlers, behind };
}
