/**
 * The way to an account's home: its platform's entrances in their configured order, until one lets us in.
 *
 * Invariants: called only after the session's place is taken (a hold must find it). Whatever goes wrong here is
 * `unavailable`: the secret was judged before, so a platform's NO is not a verdict on it. The presented secret serves
 * the replay entrance and nothing else.
 */
import type { Socket } from 'node:net';
import type { EntranceConfig, PlatformConfig } from '#config/index.ts';
import { loginFor } from '#directory/platforms.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import { isCrowded } from '#imap/crowded.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { Endpoint } from '#net/endpoint.ts';
import type { MailProtocol } from '#signin/verdict.ts';
import type { Translate } from '#wire/pop3/uidls.ts';
import type { Origin } from '#wire/proxy.ts';
import { backendUnavailable, entranceFailed } from './events.ts';

/** The part of the IMAP engine, and of the other protocols' clients, that is used here. `host`: what submission's calls itself. */
export type Connect<C extends Dialled = Dialled> = (
  endpoint: Endpoint,
  options: { clock: Clock; connectMs: number; commandMs: number; signal?: AbortSignal; host?: string | undefined },
) => Promise<C>;

export type Dialled = {
  /** Upper case. After `login`: those of the signed-in state. */
  readonly capabilities: ReadonlySet<string>;
  login(login: { user: string; password: string; authzid?: string }): Promise<void>;
  /** Where the protocol has XCLIENT: says for whom we speak, and with `login` signs in whom it names, if it does not throw. */
  introduce?(speaking: Origin & { host?: string | undefined; login?: string | undefined }): Promise<void>;
  /** IMAP's: any command; called before `login` it is sent before it, and not waited for. */
  run?(command: string): Promise<unknown>;
  detach(): { socket: Socket; rest: Buffer };
  destroy(): void;
};

/** A signed-in connection, ready to be spliced. */
export type Platform = {
  readonly socket: Socket;
  /** Read from the socket and not yet used. */
  readonly rest: Buffer;
  readonly capabilities: ReadonlySet<string>;
  /** POP3: what its ids are for the client, where they are not its own. */
  readonly uidls?: Translate;
};

export type Arrival = Platform & { readonly entrance: EntranceConfig['kind'] };

export type Target = {
  readonly protocol: MailProtocol;
  readonly accountId: number;
  readonly address: string;
  /** A platform's name. */
  readonly home: string;
  /** What the client presented; undefined: it is there no more, and no replay serves. */
  readonly secret: string | undefined;
  /** Where the client comes from: told to platforms whose configuration lists how. */
  readonly client: Origin;
  /** What it calls its host. */
  readonly host?: string | undefined;
};

/** `signal` is heeded until there is an arrival; its reason is what a rejection tells. */
export type Dial = (target: Target, budgetMs: number, signal: AbortSignal) => Promise<Arrival>;

/** A platform that takes longer to say hello is down as far as a waiting client is concerned; the next entrance gets the rest of the budget. */
const CONNECT_MS = 4_000;

type Options<C extends Dialled> = {
  readonly platforms: Readonly<Record<string, PlatformConfig>>;
  /** Of the protocols that are served. */
  readonly connect: Readonly<Partial<Record<MailProtocol, Connect<C>>>>;
  readonly clock: Clock;
  readonly emit: Emit;
  /** A platform said that the account has as many connections as it may have. */
  readonly onCrowded?: (accountId: number) => void;
};

export function createDial(options: Options<Dialled>): Dial {
  return createWayHome(options, (connection, entrance) => {
    const { capabilities } = connection;
    return { ...connection.detach(), capabilities, entrance };
  });
}

/** @param take makes of a signed-in connection what the caller works with, in the turn in which it is signed in */
export function createWayHome<C extends Dialled, T>({ platforms, connect, clock, emit, onCrowded }: Options<C>, take: (connection: C, entrance: EntranceConfig['kind']) => T) {
  async function enter(platform: PlatformConfig, entrance: EntranceConfig, target: Target, ms: number, signal: AbortSignal): Promise<T> {
    const { protocol } = target;
    const service = platform[protocol];
    const open = connect[protocol];
    if (service === undefined || open === undefined) throw new CausewayError('config', `${platform.name} has no ${protocol} in the configuration`);
    const { login, port, pop3Port, submissionPort, sievePort } = loginFor(entrance, target.address, target.secret);
    const { host, tls, ca, clientAddress } = service;
    const own = { imap: port, pop3: pop3Port, submission: submissionPort, sieve: sievePort }[protocol];
    const connection = await open(
      { host, port: own ?? service.port, tls, ...(ca === undefined ? {} : { ca }), clientAddress, behalfOf: target.client },
      { clock, connectMs: Math.min(CONNECT_MS, ms), commandMs: ms, signal, host: target.host },
    );
    const giveUp = (): void => connection.destroy();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      if (signal.aborted) throw signal.reason;
      const told = protocol === 'imap' ? tellOrigin(connection, platform, target.client) : undefined;
      const vouched = isVouched(platform, entrance, protocol);
      if (clientAddress === 'xclient') await connection.introduce?.({ ...target.client, host: target.host, login: vouched ? target.address : undefined });
      if (!vouched) await connection.login(login);
      await told;
      return take(connection, entrance.kind);
    } catch (error) {
      connection.destroy();
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  return async (target: Target, budgetMs: number, signal: AbortSignal): Promise<T> => {
    const platform = platforms[target.home];
    if (platform === undefined) throw new CausewayError('internal', `no platform named ${target.home}`);
    const until = clock.monotonic() + budgetMs;
    let last: unknown;
    for (const entrance of platform.entrances) {
      const left = until - clock.monotonic();
      if (signal.aborted || left <= 0) break;
      const over = new AbortController();
      const onGone = (): void => over.abort(signal.reason);
      signal.addEventListener('abort', onGone, { once: true });
      // In whole seconds, so that the timers of many sign-ins share a list.
      const inTime = clock.after(Math.ceil(left / 1_000) * 1_000, () => over.abort(new CausewayError('unavailable', 'the time for reaching the platform is over')));
      try {
        return await enter(platform, entrance, target, left, over.signal);
      } catch (error) {
        // The platform let us in and has no room for a second session: no other entrance would change that.
        if (error instanceof CausewayError && error.code === 'conflict') throw error;
        last = error;
        if (!signal.aborted) {
          emit(entranceFailed, { platform: target.home, entrance: entrance.kind, account: target.accountId, error: messageOf(error) });
        }
      } finally {
        inTime();
        signal.removeEventListener('abort', onGone);
      }
    }
    if (signal.aborted) throw new CausewayError('aborted', 'the client went');
    if (isCrowded(last)) onCrowded?.(target.accountId);
    emit(backendUnavailable, { platform: target.home, account: target.accountId, error: messageOf(last) });
    // It does not have the protocol: a client may wait as long as it likes.
    if (last instanceof CausewayError && last.code === 'config') throw last;
    throw new CausewayError('unavailable', `no entrance of ${target.home} let us in`, { cause: last });
  };
}

/**
 * ID (RFC 2971) with the fields that Dovecot believes of its login_trusted_networks. It goes in one packet with the
 * sign-in, as from Dovecot's own proxy. A platform that does not like it is used all the same.
 */
async function tellOrigin(connection: Dialled, platform: PlatformConfig, { address, port }: Origin): Promise<void> {
  if (platform.imap.clientAddress !== 'id' || !connection.capabilities.has('ID')) return;
  await connection.run?.(`ID ("x-originating-ip" "${address}" "x-originating-port" "${port}")`).catch(() => {});
}

/**
 * Whether a platform's submission lets our word for whom we speak be the sign-in: Postfix does, of XCLIENT's LOGIN from
 * its smtpd_authorized_xclient_hosts. A trusted entrance with a port of its own has a token there instead.
 */
export function isVouched(platform: PlatformConfig, entrance: EntranceConfig, protocol: MailProtocol): boolean {
  return protocol === 'submission' && platform.submission?.clientAddress === 'xclient' && entrance.kind === 'trusted' && entrance.submissionPort === undefined;
}
