import { defineEvent } from '#events/index.ts';

/** A client connected. `entry`: the port's kind. */
export const connected = defineEvent<{ entry: 'clear' | 'tls'; network: string }>('gateway.connected', 'debug', ['log', 'count'], ['entry']);

/** A connection was refused with a goodbye before anything was read. `address`: too many of one address not signed in. */
export const shed = defineEvent<{ reason: 'connections' | 'closing' | 'address' | 'late' }>('gateway.shed', 'warn', ['count'], ['reason']);

/**
 * A PROXY header was missing or wrong where one is required, or came from an address that may not send one: the
 * connection was closed. `from`: the address of the socket.
 */
export const proxyHeaderRefused = defineEvent<{ from: string; error: string }>('gateway.proxy-header-refused', 'warn', ['log', 'count']);

/** A client speaks TLS below 1.2, which the configuration allows. */
export const oldTls = defineEvent<{ version: string; network: string }>('gateway.old-tls', 'info', ['log', 'count'], ['version']);

/** An entrance of a platform did not let us in; the next one is tried. */
export const entranceFailed = defineEvent<{ platform: string; entrance: string; account: number; error: string }>(
  'gateway.entrance-failed', 'warn', ['log', 'count'], ['platform', 'entrance'],
);

/** No entrance let us in: the customer was told `unavailable`. */
export const backendUnavailable = defineEvent<{ platform: string; account: number; error: string }>(
  'gateway.backend-unavailable', 'error', ['log', 'count'], ['platform'],
);

/** A session is up. `ms`: from the secret to the answer. */
export const sessionOpened = defineEvent<{ platform: string; entrance: string; account: number; ms: number }>(
  'gateway.session-opened', 'info', ['log', 'count'], ['platform', 'entrance'],
);

export const sessionClosed = defineEvent<{ platform: string; account: number; seconds: number }>('gateway.session-closed', 'info', ['log', 'count'], ['platform']);

/** Sign-in did not answer in time. */
export const signInSilent = defineEvent<{ ms: number }>('gateway.sign-in-silent', 'error', ['log', 'count']);

/** A worker's process ended. `sessions`: how many it held. */
export const workerGone = defineEvent<{ sessions: number }>('gateway.worker-gone', 'warn', ['log', 'count']);

/** A connection ended by a fault of ours. */
export const connectionFailed = defineEvent<{ error: string }>('gateway.connection-failed', 'error', ['log', 'count']);
