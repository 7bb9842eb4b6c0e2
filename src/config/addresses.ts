import type { z } from 'zod';
import { pathText } from './describe.ts';

/**
 * No two listeners on one port, none on a platform's own (Causeway would speak to itself), and no two services of the
 * platforms at one address. Runs also beside other mistakes, so anything may be missing from `value`.
 */
export function checkAddresses(value: unknown, context: z.core.$RefinementCtx): void {
  const taken: Use[] = [];
  for (const use of usesIn(value)) {
    const other = taken.find((earlier) => collide(earlier, use));
    if (other === undefined) {
      taken.push(use);
      continue;
    }
    context.addIssue({
      code: 'custom',
      path: use.path,
      message: `expected an address of its own, found ${use.host}:${use.port}, which ${pathText(other.path.slice(0, -1))} has`,
      input: value,
    });
  }
}

type Use = { readonly path: PropertyKey[]; readonly host: string; readonly port: number; readonly listens: boolean; readonly shared?: boolean };

type Place = { host?: unknown; port?: unknown } | undefined;

function usesIn(value: unknown): Use[] {
  const { listen, platforms } = (isMapping(value) ? value : {}) as { listen?: unknown; platforms?: unknown };
  const uses: Use[] = [];
  const add = (path: PropertyKey[], place: Place, listens: boolean, host = place?.host, key = 'port', shared = false): void => {
    const port = place?.port;
    if (typeof host !== 'string' || typeof port !== 'number' || port === 0) return;
    uses.push({ path: [...path, key], host: host.toLowerCase(), port, listens, shared });
  };
  for (const [name, place] of entriesOf(listen)) add(['listen', name], place as Place, true);
  for (const [name, platform] of entriesOf(platforms)) {
    const { imap, pop3, submission, sieve, lmtp, entrances, verifier } = platform as Record<'imap' | 'pop3' | 'submission' | 'sieve' | 'lmtp' | 'verifier', Place> & { entrances?: unknown };
    add(['platforms', name, 'imap'], imap, false);
    add(['platforms', name, 'pop3'], pop3, false);
    add(['platforms', name, 'submission'], submission, false);
    add(['platforms', name, 'sieve'], sieve, false);
    add(['platforms', name, 'lmtp'], lmtp, false);
    // One directory may serve both platforms, but it is never ourselves.
    add(['platforms', name, 'verifier'], verifier, false, verifier?.host, 'port', true);
    if (!Array.isArray(entrances)) continue;
    // An entrance may share the port of its own platform's service; two entrances may share one.
    for (const [key, service] of [['port', imap], ['pop3Port', pop3], ['submissionPort', submission], ['sievePort', sieve]] as const) {
      const own = new Set<unknown>([service?.port]);
      for (const [index, entrance] of (entrances as (Record<string, unknown> | null)[]).entries()) {
        const port = entrance?.[key];
        if (own.has(port)) continue;
        own.add(port);
        add(['platforms', name, 'entrances', index], { port }, false, service?.host, key);
      }
    }
  }
  return uses;
}

const ANY = new Set(['0.0.0.0', '::']);
const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1']);

function collide(a: Use, b: Use): boolean {
  if (a.port !== b.port || ((a.shared || b.shared) && !a.listens && !b.listens)) return false;
  if (a.host === b.host) return true;
  // A listener on all addresses has those of this machine; of the others' names only loopback is surely here.
  const all = (use: Use, other: Use): boolean =>
    use.listens && ANY.has(use.host) && (other.listens || LOOPBACK.has(other.host));
  return all(a, b) || all(b, a);
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entriesOf = (value: unknown): [string, unknown][] =>
  isMapping(value) ? Object.entries(value).filter(([, entry]) => isMapping(entry)) : [];
