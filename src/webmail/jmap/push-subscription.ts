/**
 * PushSubscription/get and PushSubscription/set (RFC 8620 section 7.2): there are none, and each that a client would make is
 * refused. Nothing of ours knocks at addresses that clients name; and to see news of a mailbox whose owner is not there would
 * need a secret of his, of which none is kept. News come by the event source.
 */
import * as z from 'zod';
import { parseArguments } from './arguments.ts';
import { CORE } from './core.ts';
import { SetError } from './errors.ts';
import { getArguments } from './get.ts';
import type { Method } from './process.ts';
import { runSet, setShape } from './set.ts';
import type { Limits } from './limits.ts';

const getShape = z.strictObject({ ids: getArguments.shape.ids, properties: getArguments.shape.properties });
const setArguments = z.strictObject({ create: setShape.create, update: setShape.update, destroy: setShape.destroy });

export const pushSubscriptionGet: Method<unknown> = {
  capability: CORE,
  run: async (given) => ({ list: [], notFound: [...new Set(parseArguments(getShape, given).ids ?? [])] }),
};

export const pushSubscriptionSet: Method<{ readonly limits: Limits; onFault(error: unknown): void }> = {
  capability: CORE,
  async run(given, { limits, onFault }, { createdIds }) {
    const args = parseArguments(setArguments, given);
    const none = { notFound: () => Promise.reject(new SetError('notFound')) };
    const answer = await runSet(
      { accountId: '', ...args },
      { create: () => Promise.reject(new SetError('forbidden', 'News come by the event source here.')), update: none.notFound, destroy: none.notFound },
      { limits, createdIds, onFault, state: async () => '' },
    );
    // They belong to no account, and have no state.
    const { accountId: _, oldState: _old, newState: _new, ...told } = answer;
    return told;
  },
};
