/**
 * The account's access for a request, when its turn has come (admission.ts).
 *
 * Invariants: no hold of an account waits for who waits for a turn: nothing of such a request is under way. The home is
 * known first, so that who lives at one that is away is refused, or waits, among its own customers alone.
 */
import type { Pass } from '#signin/pass.ts';
import type { AccessOf, RequestAccess } from './access.ts';
import type { Admission, Kind } from './admission.ts';

export type InTurn = (pass: Pass, signal: AbortSignal, kind: Kind) => Promise<RequestAccess>;

/** @returns an access whose end ends the turn. Throws as both do. */
export function createInTurn(accessOf: AccessOf, admission: Admission): InTurn {
  return async (pass, signal, kind) => {
    for (;;) {
      const access = await accessOf(pass, signal);
      const asked = { accountId: pass.accountId, home: access.home, kind };
      const leave = admission.tryEnter(asked);
      if (leave !== undefined) return ending(access, leave);
      access.end();
      const leaveLater = await admission.enter(asked, signal);
      const again = await accessOf(pass, signal).catch((error: unknown) => {
        leaveLater();
        throw error;
      });
      if (again.home === asked.home) return ending(again, leaveLater);
      // It was moved while it waited.
      again.end();
      leaveLater();
    }
  };
}

function ending(access: RequestAccess, leave: () => void): RequestAccess {
  return {
    ...access,
    end() {
      access.end();
      leave();
    },
  };
}
