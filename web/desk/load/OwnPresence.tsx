/** Says that one is there, or not: only those who are there count for what the shift can carry. */
import { useQueryClient } from '@tanstack/react-query';
import { Choice } from '#ui/Choice.tsx';
import { useWords } from '#ui/words.ts';
import { PRESENCES } from '#desk/cases/api.ts';
import { setPresence, usePresenceSaid } from '../shell/shift.ts';
import { words } from './words.ts';

const GONE = 'gone';

export function OwnPresence() {
  const w = useWords(words);
  const presence = usePresenceSaid();
  const queries = useQueryClient();
  return <Choice label={w.own} value={presence ?? GONE} options={[...PRESENCES, GONE].map((value) => ({ value, text: w[value as (typeof PRESENCES)[number] | typeof GONE] }))} onChange={(value) => void setPresence(PRESENCES.find((each) => each === value)).then(() => queries.invalidateQueries({ queryKey: ['load'] }))} />;
}
