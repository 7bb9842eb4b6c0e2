/**
 * What a hold is told where a front door of others keeps sessions that nobody can cut.
 *
 * Invariant: busy, always: a hold that cannot end an account's sessions must not flip it. Nothing is cut here, since
 * nothing is ever quiet.
 */
import type { Participant } from '#directory/route/holds.ts';
import { CausewayError } from '#errors/index.ts';
import type { Emit } from '#events/index.ts';
import { holdPutOff } from './events.ts';

export function createUnfenced(emit: Emit): Participant {
  return {
    async freeze(account) {
      emit(holdPutOff, {
        account,
        remedy: 'nginx may have a session of this account, which cannot be ended. Let clients reach the gateway itself, or fence the platforms and say listen.authHttp.moves: unfenced.',
      });
      return 'busy';
    },
    cut: () => Promise.reject(new CausewayError('unavailable', 'a session behind nginx cannot be cut')),
    thaw() {},
  };
}
