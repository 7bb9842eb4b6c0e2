/** One call, one screen: who, the verdict, what to do and to say, and under it the evidence. */
import { useEffect, useRef } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { StaffError, sentenceOf } from '#ui/staff/ask.ts';
import { useWords } from '#ui/words.ts';
import { DeskActs } from '../acts/DeskActs.tsx';
import { ScreenActs } from '../acts/ScreenActs.tsx';
import { useCommand } from '../shell/keymap.ts';
import { beginCall } from '../shell/shift.ts';
import { HomeSection } from './HomeSection.tsx';
import { Access, Changes, Deliveries, EarlierCases, Incidents, Locks, Receipt, Uidls } from './SideSections.tsx';
import { SignIns } from './SignIns.tsx';
import { moment } from './times.ts';
import { screenKey, useScreen } from './use-screen.ts';
import { VerdictPanel } from './VerdictPanel.tsx';
import { Who } from './Who.tsx';
import { words } from './words.ts';
import styles from './ScreenPage.module.css';

export function ScreenPage({ accountId }: { readonly accountId: number }) {
  const w = useWords(words);
  const queries = useQueryClient();
  const { data, error } = useScreen(accountId);
  useCommand('refresh', () => void queries.invalidateQueries({ queryKey: screenKey(accountId) }));
  const isThere = data !== undefined;
  useEffect(() => {
    if (isThere) beginCall(accountId);
  }, [isThere, accountId]);
  const page = useRef<HTMLDivElement>(null);
  // Whoever hears the page hears who it is, and reads on from there.
  useEffect(() => {
    if (isThere) page.current?.querySelector<HTMLElement>('#caller')?.focus({ preventScroll: true });
  }, [isThere]);
  if (data === undefined) return <p role="status">{error === null ? w.loading : error instanceof StaffError && error.status === 404 ? w.gone : sentenceOf(error, w.failed)}</p>;
  const { verdict, evidence } = data;
  const { at: now, who } = evidence;
  return (
    <div className={styles['screen']} ref={page}>
      <Who who={who} />
      <VerdictPanel verdict={verdict}>
        <ScreenActs accountId={accountId} screen={data} />
      </VerdictPanel>
      <div className={styles['evidence']}>
        <div className={styles['column']}>
          <HomeSection who={who} move={evidence.move} now={now} />
          <SignIns signIns={evidence.signIns} door={evidence.door} now={now} />
          <Access who={who} now={now} />
        </div>
        <div className={styles['column']}>
          <Locks locks={evidence.locks} now={now} />
          <Receipt receipt={evidence.receipt} now={now} />
          <Uidls uidls={evidence.uidls} />
          <Deliveries deliveries={evidence.deliveries} now={now} />
          <Incidents incidents={evidence.incidents} now={now} />
          <EarlierCases cases={evidence.cases} now={now} />
          <DeskActs accountId={accountId} now={now} />
          <Changes changes={evidence.changes} now={now} />
        </div>
      </div>
      <p className={styles['asOf']}>{w.asOf(moment(now, now))}</p>
    </div>
  );
}
