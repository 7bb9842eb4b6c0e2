/** Room in the mailbox (RFC 9425), and the messages that take most of it. */
import { useQuery } from '@tanstack/react-query';
import { ROW_PROPERTIES } from '#webmail/start/api.ts';
import { jmap, jmapOne, refer } from '../api/jmap.ts';
import type { GetAnswer, QueryAnswer } from '../api/types.ts';
import { putRows, type RowEmail } from '../list/rows.ts';

export type QuotaObject = { readonly id: string; readonly resourceType: 'octets' | 'count'; readonly used: number; readonly hardLimit: number };

/** From this part on it is time to tidy up. */
const NEARLY = 0.9;
/** Bytes of an ordinary message. Platforms refuse what would go over the limit, so the last bytes are never used. */
const ORDINARY = 100_000;

/** Some dozens are what one goes through. */
const BIGGEST = 50;

/** What is fullest; `null`: there is no limit. */
export function useQuota() {
  return useQuery({
    queryKey: ['Email', 'quota'],
    // It is asked for each time that mail changes; a moment late is soon enough.
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const { list } = await jmapOne<GetAnswer<QuotaObject>>('Quota/get', { ids: null }, signal);
      return fullest(list);
    },
  });
}

export function fullest(quotas: readonly QuotaObject[]): QuotaObject | null {
  return quotas.filter(({ resourceType, hardLimit }) => resourceType === 'octets' && hardLimit > 0).toSorted((a, b) => b.used / b.hardLimit - a.used / a.hardLimit)[0] ?? null;
}

export function fullnessOf({ used, hardLimit }: QuotaObject): 'roomy' | 'nearly' | 'full' {
  if (used + ORDINARY > hardLimit) return 'full';
  return used >= hardLimit * NEARLY ? 'nearly' : 'roomy';
}

export function useBiggest() {
  return useQuery({
    queryKey: ['Email', 'biggest'],
    queryFn: async ({ signal }) => {
      const [, emails] = await jmap<readonly [QueryAnswer, GetAnswer<RowEmail>]>(
        [
          ['Email/query', { filter: null, sort: [{ property: 'size', isAscending: false }], limit: BIGGEST }, 'q'],
          ['Email/get', { '#ids': refer('q', 'Email/query', '/ids'), properties: ROW_PROPERTIES }, 'g'],
        ],
        signal,
      );
      putRows(emails.list);
      return emails.list.toSorted((a, b) => b.size - a.size);
    },
  });
}
