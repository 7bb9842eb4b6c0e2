/** As whom one may write. */
import { useQuery } from '@tanstack/react-query';
import { jmapOne } from '../api/jmap.ts';
import { keys } from '../api/keys.ts';
import { accountIdOf, getSession } from '../api/session.ts';
import type { GetAnswer, Identity } from '../api/types.ts';

const SUBMISSION = 'urn:ietf:params:jmap:submission';

export function maySend(): boolean {
  const session = getSession();
  return SUBMISSION in (session.accounts[accountIdOf(session)]?.accountCapabilities ?? {});
}

/** Where nothing can be sent there are no identities, and drafts have the account's own name. */
export function useIdentities() {
  return useQuery({
    queryKey: keys.identities,
    queryFn: async ({ signal }): Promise<readonly Identity[]> => {
      if (!maySend()) return [{ id: 'own', name: '', email: getSession().username, replyTo: null, bcc: null, textSignature: '', htmlSignature: '', mayDelete: false }];
      const { list } = await jmapOne<GetAnswer<Identity>>('Identity/get', { ids: null }, signal);
      return list;
    },
  });
}
