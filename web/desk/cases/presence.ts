/** Who else has the case open: told and heard every ten seconds, and at once when one begins or ends to write. */
import { useCallback, useEffect, useState } from 'react';
import { ask } from '#ui/staff/ask.ts';
import { type Other, PRESENCE_MS } from '#desk/cases/api.ts';
import { CASES } from './queries.ts';

export function usePresence(caseId: number, isThere: boolean): { readonly others: readonly Other[]; readonly setWriting: (writing: boolean) => void } {
  const [others, setOthers] = useState<readonly Other[]>([]);
  const [writing, setWriting] = useState(false);
  useEffect(() => {
    if (!isThere) return;
    let left = false;
    const tell = async (): Promise<void> => {
      // Whom it cannot be told, it is told in ten seconds: nothing depends on it.
      const answer = await ask<{ others: readonly Other[] }>(`${CASES}/${caseId}/presence`, { writing }).catch(() => undefined);
      if (!left && answer !== undefined) setOthers(answer.others);
    };
    void tell();
    const timer = setInterval(() => void tell(), PRESENCE_MS);
    return () => {
      left = true;
      clearInterval(timer);
    };
  }, [caseId, isThere, writing]);
  useEffect(() => () => void ask(`${CASES}/${caseId}/presence/end`, {}).catch(() => {}), [caseId]);
  return { others, setWriting: useCallback(setWriting, [setWriting]) };
}
