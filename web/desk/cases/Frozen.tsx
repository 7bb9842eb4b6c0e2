/** The caller's screen as it was: what somebody saw when they opened the case or handed it over. */
import { useQuery } from '@tanstack/react-query';
import { Dialog } from '#ui/Dialog.tsx';
import { ask, sentenceOf } from '#ui/staff/ask.ts';
import { useWords } from '#ui/words.ts';
import type { EvidenceKept } from '#desk/cases/api.ts';
import type { Screen } from '#desk/screen/api.ts';
import { HomeSection } from '../screen/HomeSection.tsx';
import { Locks } from '../screen/SideSections.tsx';
import { SignIns } from '../screen/SignIns.tsx';
import { moment } from '../screen/times.ts';
import { VerdictPanel } from '../screen/VerdictPanel.tsx';
import { CASES } from './queries.ts';
import { words } from './words.ts';
import styles from './CasePage.module.css';

export function Frozen({ caseId, kept, onClose }: { readonly caseId: number; readonly kept: EvidenceKept; readonly onClose: () => void }) {
  const w = useWords(words);
  const { data, error } = useQuery({ queryKey: ['frozen', caseId, kept.id], queryFn: ({ signal }) => ask<Screen>(`${CASES}/${caseId}/evidence/${kept.id}`, undefined, signal), staleTime: Number.POSITIVE_INFINITY });
  const at = moment(kept.at, Date.now());
  return (
    <Dialog title={kept.why === 'opened' ? w.openedEvidence(at) : w.escalatedEvidence(at)} onClose={onClose} wide>
      {data === undefined ? <p role="status">{error === null ? w.loading : sentenceOf(error, w.failed)}</p> : (
        <div className={styles['frozen']}>
          <VerdictPanel verdict={data.verdict}>{data.verdict.next.text}</VerdictPanel>
          <HomeSection who={data.evidence.who} move={data.evidence.move} now={data.evidence.at} />
          <SignIns signIns={data.evidence.signIns} door={data.evidence.door} now={data.evidence.at} />
          <Locks locks={data.evidence.locks} now={data.evidence.at} />
        </div>
      )}
    </Dialog>
  );
}
