/**
 * The check by an LDAP bind (RFC 4511).
 *
 * Invariants: an empty secret is never sent: it would be an unauthenticated bind, which succeeds (RFC 4513 section
 * 5.1.2). `refused` only for result code 49 to the customer's own bind, when its words blame nothing else; no entry, two
 * entries, any other code give no verdict. One connection a check: a second is never made behind our back, since it
 * would be without TLS where TLS is begun by StartTLS.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { Client, InvalidCredentialsError, ResultCodeError } from 'ldapts';
import { CausewayError, messageOf } from '#errors/index.ts';
import { fillDn, fillFilter } from './ldap-template.ts';
import { hasOtherCause } from './refusal-words.ts';
import type { SignInThere } from './verifier.ts';

export type LdapEndpoint = {
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls' | 'plain';
  /** PEM, instead of the system's authorities. */
  readonly ca?: string | undefined;
  /** A template, see `ldap-template.ts`; or else `search`. */
  readonly dn?: string | undefined;
  readonly search?: LdapSearch | undefined;
};

/** `filter`: a template. `bind`: who searches; absent: nobody in particular (anonymous). */
export type LdapSearch = {
  readonly base: string;
  readonly filter: string;
  readonly bind?: { readonly dn: string; readonly secret: () => string } | undefined;
};

/** A search by an indexed attribute takes milliseconds. In seconds, for the server. */
const SEARCH_SECONDS = 5;
/** Our caller's signal ends sooner; this ends what the library keeps for itself. */
const OPERATION_MS = 10_000;
/** An entry without attributes and three results take some hundred bytes; referrals and messages may be longer. */
const LONGEST_ANSWERS = 262_144;

export function createLdapSignIn(endpoint: LdapEndpoint): SignInThere {
  const place = `${endpoint.host}:${endpoint.port}`;
  return async (login, secret, signal) => {
    if (secret === '') throw new CausewayError('input', 'an empty secret is not sent: it would be an unauthenticated bind');
    if (signal.aborted) throw new CausewayError('aborted', 'the sign-in was given up', { place });
    const { client: open, end } = connection(endpoint, place);
    const onAbort = (): void => end();
    signal.addEventListener('abort', onAbort, { once: true });
    let client: Client | undefined;
    try {
      client = await open();
      const dn = endpoint.dn === undefined ? await find(client, endpoint.search!, login, place) : fillDn(endpoint.dn, login);
      return await bind(client, dn, secret, place);
    } catch (error) {
      if (error instanceof CausewayError) throw error;
      throw new CausewayError(signal.aborted ? 'aborted' : 'unavailable', `LDAP: ${messageOf(error)}`, { place, cause: error });
    } finally {
      signal.removeEventListener('abort', onAbort);
      await client?.unbind().catch(() => {}); // it is over either way
      end();
    }
  };
}

/** constraintViolation, noSuchObject, invalidDNSyntax, inappropriateAuthentication, invalidCredentials,
 * insufficientAccessRights, unwillingToPerform (RFC 4511 appendix A.2): about one entry, while the directory is well. */
const OF_THE_ENTRY = new Set([19, 32, 34, 48, 49, 50, 53]);

async function bind(client: Client, dn: string, secret: string, place: string): Promise<'accepted' | 'refused'> {
  try {
    await client.bind(dn, secret);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof ResultCodeError)) throw error;
    if (error instanceof InvalidCredentialsError && isAboutSecret(error.message)) return 'refused';
    if (!OF_THE_ENTRY.has(error.code)) throw error;
    throw new CausewayError('refused', 'the bind is refused, though not for the secret', { place });
  }
}

/**
 * Active Directory gives 49 for all that is wrong with an account and says what in the message ("data 533": disabled,
 * 775: locked, 532 and 773: password expired); 52e is the wrong secret (Microsoft, "Common Active Directory Bind Errors").
 */
export function isAboutSecret(message: string): boolean {
  const data = /\bdata ([0-9a-f]{3,8}),/i.exec(message)?.[1];
  return (data === undefined || data.toLowerCase() === '52e') && !hasOtherCause(message);
}

/** @returns the DN of the one entry that the filter finds */
async function find(client: Client, search: LdapSearch, login: string, place: string): Promise<string> {
  if (search.bind !== undefined) {
    try {
      await client.bind(search.bind.dn, search.bind.secret());
    } catch (error) {
      // Our own account's secret: whatever is wrong with it is nothing to the customer.
      throw new CausewayError('unavailable', `LDAP: the bind for searching fails: ${messageOf(error)}`, { place, cause: error });
    }
  }
  const { searchEntries } = await client.search(search.base, {
    scope: 'sub',
    filter: fillFilter(search.filter, login),
    attributes: ['1.1'], // none: the entry's name is enough (RFC 4511 section 4.5.1.8)
    sizeLimit: 2,
    timeLimit: SEARCH_SECONDS,
  });
  const dn = searchEntries[0]?.dn;
  if (searchEntries.length !== 1 || dn === undefined || dn === '') {
    throw new CausewayError('refused', `LDAP: the filter finds ${searchEntries.length === 0 ? 'no entry' : 'more than one entry'}`, { place });
  }
  return dn;
}

/** One connection, and what the library makes of it. `end` may be called again and again. */
type Connection = { client(): Promise<Client>; end(): void };

function connection(endpoint: LdapEndpoint, place: string): Connection {
  const { host, port, tls } = endpoint;
  const sockets: Socket[] = [];
  const keep = <T extends Socket>(socket: T): T => {
    sockets.push(socket);
    return socket;
  };
  const onlyOne = <T extends Socket>(dial: () => T): T => {
    if (sockets.length > 0) throw new CausewayError('unavailable', 'the server closed the connection', { place });
    return bounded(keep(dial()));
  };
  const options = { timeout: OPERATION_MS, connectTimeout: OPERATION_MS };
  const url = `//${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const first = (): Client =>
    new Client({
      ...options,
      url: `${tls === 'implicit' ? 'ldaps' : 'ldap'}:${url}`,
      createConnection: (() => onlyOne(() => connectTcp({ host, port }))) as typeof connectTcp,
      createSecureConnection: ((given: ConnectionOptions) => {
        if (tls !== 'starttls') return onlyOne(() => connectTls({ port, ...tlsOptions(endpoint) }));
        given.socket!.removeAllListeners('data');
        return bounded(keep(connectTls(given)));
      }) as typeof connectTls,
    });
  return {
    async client() {
      const client = first();
      if (tls !== 'starttls') return client;
      await client.startTLS(tlsOptions(endpoint));
      // A client of its own, since the first one may keep bytes that somebody sent before TLS (CVE-2011-0411).
      const secure = sockets.at(-1)!;
      for (const event of ['data', 'error']) secure.removeAllListeners(event);
      let used = false;
      return new Client({
        ...options,
        url: `ldap:${url}`,
        createConnection: (() => {
          if (used) throw new CausewayError('unavailable', 'the server closed the connection', { place });
          used = true;
          return bounded(secure);
        }) as typeof connectTcp,
      });
    },
    end() {
      for (const socket of sockets) {
        // Whoever waits for it hears of it; an error without a listener would end the process.
        socket.on('error', () => {});
        socket.destroy(new Error('given up'));
      }
    },
  };
}

/** Ends a connection on which the server says more than any sign-in needs. */
function bounded<T extends Socket>(socket: T): T {
  let length = 0;
  socket.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > LONGEST_ANSWERS) socket.destroy();
  });
  return socket;
}

function tlsOptions({ host, ca }: LdapEndpoint): ConnectionOptions {
  return { host, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }), ...(isIP(host) === 0 ? { servername: host } : {}) };
}
