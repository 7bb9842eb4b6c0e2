/** What sign-in and the gateway see of platforms and devices, to whom it is kept for the desk. */
import type { DoorNotes, OutageNotes } from '#directory/index.ts';
import type { Saw } from '#gateway/messages.ts';
import type { Signs } from '#incident/index.ts';
import type { SignIn } from '#signin/index.ts';

/** The sentinel's outcomes say whether a platform's check works, also while no customer asks. */
export function alsoTelling(incidents: Signs, outages: Pick<OutageNotes, 'worked' | 'failed'>): Signs {
  return {
    ...incidents,
    sentinel(platform, outcome) {
      incidents.sentinel(platform, outcome);
      if (outcome === 'accepted') outages.worked(platform, 'check');
      else outages.failed(platform, 'check', 0);
    },
  };
}

export const servedTo = (outages: Pick<OutageNotes, 'worked' | 'failed'>) => (platform: string, accountId: number, served: boolean): void => (served ? outages.worked(platform, 'check') : outages.failed(platform, 'check', accountId));

type Keepers = { readonly doorNotes: Pick<DoorNotes, 'note'>; readonly outages: Pick<OutageNotes, 'worked' | 'failed'>; readonly homeRefused: SignIn['homeRefused'] };

export const keepSeen = ({ doorNotes, outages, homeRefused }: Keepers) => (saw: Saw): void => {
  if (saw.saw === 'door') return doorNotes.note(saw);
  if (saw.saw === 'let-in') return outages.worked(saw.home, 'way');
  homeRefused(saw);
  if (saw.why === 'platform') outages.failed(saw.home, 'way', saw.accountId);
};
