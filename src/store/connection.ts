import { types as pgTypes } from 'pg';
import type { ClientConfig } from 'pg';

/**
 * How a PostgreSQL is reached. `host` may be the folder of a unix socket. Invariant: a hung server is noticed: each
 * wait on it has an end, kept by the server where it lives and by the client where it does not.
 */
export type Connection =
  | { readonly connectionString: string }
  | {
      readonly host: string;
      readonly user: string;
      readonly database: string;
      readonly port?: number;
      readonly password?: string;
      /** For tests, on machines that stand still; default `CONNECT_MS`. */
      readonly connectMs?: number;
    };

/** A server that does not answer within this is taken for dead: connecting takes a few ms on a healthy network. */
export const CONNECT_MS = 2_000;
/** Longest statement: the hot path's statements take a few ms, and a sign-in cannot wait longer than its client does. */
export const STATEMENT_MS = 5_000;
/** Client-side end of a statement: later than the server's own, so that it acts only when the server hangs. */
export const ANSWER_MS = STATEMENT_MS + 1_000;
/** A transaction left open holds back every reader of the change feed: a process that hangs in one loses it. */
export const IDLE_IN_TRANSACTION_MS = 10_000;

const INT8 = pgTypes.builtins.INT8;

/** int8 as number: our ids and counts stay far below 2^53. Other types as pg has them (numeric and xid8 are strings). */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
    if (oid === INT8 && format !== 'binary') return Number;
    return pgTypes.getTypeParser(oid, format as 'text');
  },
} as ClientConfig['types'];

/** The settings for pg's Client and Pool. */
export function clientConfig(connection: Connection, applicationName = 'causeway'): ClientConfig {
  const place: ClientConfig =
    'connectionString' in connection
      ? { connectionString: connection.connectionString }
      : {
          host: connection.host,
          port: connection.port ?? 5432,
          user: connection.user,
          database: connection.database,
          password: connection.password ?? '',
          ...(connection.host.startsWith('/') ? { ssl: false } : {}),
        };
  return {
    ...place,
    types,
    application_name: applicationName,
    connectionTimeoutMillis: ('connectMs' in connection ? connection.connectMs : undefined) ?? CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
  };
}

/** Where a connection leads, without its password: for messages. */
export function describeConnection(connection: Connection): string {
  if (!('connectionString' in connection)) return `${connection.host} (database ${connection.database})`;
  try {
    const url = new URL(connection.connectionString);
    return `${url.host === '' ? (url.searchParams.get('host') ?? 'localhost') : url.host}${url.pathname}`;
  } catch {
    return 'database.url';
  }
}
