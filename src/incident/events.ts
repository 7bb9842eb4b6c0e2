/** What happens with incidents. */
import { defineEvent } from '#events/index.ts';

export const incidentOpened = defineEvent<{ id: string; kind: string; platform: string; protocols: string }>('incident.opened', 'error', ['log', 'count'], ['kind', 'platform']);

/** `occurrences`: the sentinel's failures, or the known customers' refusals. */
export const incidentClosed = defineEvent<{ id: string; kind: string; platform: string; occurrences: number; accounts: number; minutes: number }>(
  'incident.closed',
  'info',
  ['log', 'count'],
  ['kind', 'platform'],
);

/** The store did not take what is known; it is kept in memory, and written when it can be. */
export const incidentsUnwritten = defineEvent<{ message: string }>('incident.unwritten', 'warn', ['log', 'count']);
