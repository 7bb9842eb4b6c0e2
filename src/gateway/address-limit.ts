/**
 * How many connections one subscriber may have open before signing in.
 *
 * Invariants: a place is given back once, whoever asks how often. What is remembered is bounded by the open connections:
 * an address without one is forgotten. Who has signed in does not count.
 */
import { createNetworkList, subscriberOf } from '#net/networks.ts';

/**
 * Of each worker's 10,000. Behind one address of a carrier's NAT are up to some hundred subscribers, of whom few are
 * signing in at the same moment; after an outage all of them are, and those over it come back. One attacker's address
 * takes a hundredth of a worker.
 */
export const PER_ADDRESS = 100;
/** Over the limit this many are told so; on the TLS ports that takes a handshake, so the rest is just closed. */
const GOODBYES = 4;

export type Standing = 'served' | 'told' | 'closed';

/** Where somebody signed in lately an office or a carrier may stand behind the address, and after an outage all of it comes. */
const TIMES_KNOWN = 10;

/** `known`: its network had a success lately. */
export type AddressLimit = { enter(address: string, known?: boolean): { readonly standing: Standing; leave(): void } };

/** @param exempt networks that are not counted: a provider's own webmail, a monitoring host */
export function createAddressLimit({ perAddress = PER_ADDRESS, exempt = [] }: { readonly perAddress?: number; readonly exempt?: readonly string[] }): AddressLimit {
  const subscribers = new Map<string, Record<'served' | 'told', number>>();
  const free = createNetworkList(exempt);
  return {
    enter(address, known = false) {
      if (free.has(address)) return { standing: 'served', leave() {} };
      const subscriber = subscriberOf(address);
      const open = subscribers.get(subscriber) ?? { served: 0, told: 0 };
      const standing = open.served < perAddress * (known ? TIMES_KNOWN : 1) ? 'served' : 'told';
      if (standing === 'told' && open.told >= GOODBYES) return { standing: 'closed', leave() {} };
      open[standing] += 1;
      subscribers.set(subscriber, open);
      let left = false;
      return {
        standing,
        leave() {
          if (left) return;
          left = true;
          open[standing] -= 1;
          if (open.served + open.told === 0) subscribers.delete(subscriber);
        },
      };
    },
  };
}
