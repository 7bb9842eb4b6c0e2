/**
 * The incidents that this instance sees, in memory. They open and close by themselves.
 *
 * Invariants: opened only by a sentinel or by refusals to known customers; answers at once, with the store, the disk and
 * all platforms dead. One is open for a platform and kind at a time. Bounded.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { incidentClosed, incidentOpened } from './events.ts';
import type { Incident, IncidentKind } from './incident.ts';
import { createKnownWatch, type KnownWatch } from './known-watch.ts';
import { createSentinelWatch, type SentinelWatch } from './sentinel-watch.ts';

/** Who sees what tells of an incident. */
export type Signs = {
  sentinel(platform: string, outcome: 'accepted' | 'refused' | 'failed'): void;
  /** A customer who had signed in from there was served, or could not be. */
  known(platform: string, protocol: string, accountId: number, served: boolean): void;
  /** An incident of the platform is open. */
  touches(platform: string): boolean;
};

export type Incidents = Signs & {
  /** Oldest first. */
  open(): readonly Incident[];
  /** Those that the store has not been told of as they are now; `written` tells that it has been told of these. */
  unwritten(): readonly Incident[];
  written(incidents: readonly Incident[]): void;
  close(): void;
};

/** Refusals are judged so often; a sentinel at each of its outcomes. */
const JUDGE_MS = 1_000;
/** Accounts told apart in one incident: all of a large provider's move. */
const ACCOUNTS = 30_000;
/** Closed ones that wait for a store that is gone: a bad week's. */
const KEPT = 200;

type Open = { readonly id: string; readonly kind: IncidentKind; readonly platform: string; readonly from: number; readonly protocols: Set<string>; readonly accounts: Set<number>; occurrences: number; changed: boolean };

type Platform = { readonly sentinel: SentinelWatch; readonly known: KnownWatch; readonly open: Map<IncidentKind, Open>; judgedAt: number };

export function createIncidents({ clock, emit }: { clock: Clock; emit: Emit }): Incidents {
  const platforms = new Map<string, Platform>();
  let closed: Incident[] = [];
  let stopped = false;

  function of(name: string): Platform {
    let platform = platforms.get(name);
    if (platform === undefined) platforms.set(name, (platform = { sentinel: createSentinelWatch(), known: createKnownWatch(), open: new Map(), judgedAt: -Infinity }));
    return platform;
  }

  function settle(name: string, kind: IncidentKind, troubled: boolean): Open | undefined {
    const { open, sentinel, known } = of(name);
    const before = open.get(kind);
    if (troubled && before === undefined) {
      const sofar = kind === 'sentinel' ? { occurrences: sentinel.failures - 1, accounts: new Set<number>(), protocols: new Set<string>() } : known.refusals();
      const incident: Open = { id: randomUUID(), kind, platform: name, from: clock.now(), ...sofar, changed: true };
      open.set(kind, incident);
      emit(incidentOpened, { id: incident.id, kind, platform: name, protocols: [...sofar.protocols].join(' ') });
      return incident;
    }
    if (troubled || before === undefined) return before;
    open.delete(kind);
    const incident = tell(before, clock.now());
    closed = [...closed, incident].slice(-KEPT);
    const minutes = Math.round((clock.now() - before.from) / 60_000);
    emit(incidentClosed, { id: before.id, kind, platform: name, occurrences: incident.occurrences, accounts: incident.accounts, minutes });
    return undefined;
  }

  /** And again until it is over. */
  function judge(name: string): void {
    const platform = of(name);
    platform.judgedAt = clock.monotonic();
    platform.known.judge(platform.judgedAt);
    settle(name, 'known-unavailable', platform.known.troubled);
    if (platform.known.troubled && !stopped) clock.after(JUDGE_MS, () => judge(name));
  }

  const opened = (): Open[] => [...platforms.values()].flatMap(({ open }) => [...open.values()]);

  return {
    sentinel(name, outcome) {
      const { sentinel } = of(name);
      sentinel.outcome(outcome === 'accepted', clock.monotonic());
      const incident = settle(name, 'sentinel', sentinel.troubled);
      if (incident === undefined || outcome === 'accepted') return;
      incident.occurrences += 1;
      incident.changed = true;
    },
    known(name, protocol, accountId, served) {
      const { known, open, judgedAt } = of(name);
      known.seen(accountId, protocol, served, clock.monotonic());
      if (served) return;
      const incident = open.get('known-unavailable');
      if (incident === undefined) {
        if (clock.monotonic() - judgedAt >= JUDGE_MS) judge(name);
        return;
      }
      incident.occurrences += 1;
      incident.protocols.add(protocol);
      if (incident.accounts.size < ACCOUNTS) incident.accounts.add(accountId);
      incident.changed = true;
    },
    touches: (name) => (platforms.get(name)?.open.size ?? 0) > 0,
    open: () =>
      opened()
        .map((each) => tell(each, undefined))
        .toSorted((a, b) => a.from - b.from),
    unwritten: () => [...closed, ...opened().filter(({ changed }) => changed).map((each) => tell(each, undefined))],
    written(incidents) {
      const done = new Map(incidents.map((each) => [each.id, each]));
      closed = closed.filter(({ id }) => done.get(id)?.until === undefined);
      for (const each of opened()) if (done.get(each.id)?.occurrences === each.occurrences) each.changed = false;
    },
    close() {
      stopped = true;
    },
  };
}

function tell({ id, kind, platform, from, protocols, accounts, occurrences }: Open, until: number | undefined): Incident {
  return { id, kind, platform, protocols: [...protocols].toSorted(), from, until, occurrences, accounts: accounts.size };
}
