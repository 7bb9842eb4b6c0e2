/** Wires the front doors of others, Postfix and nginx, to sign-in. */
import type { Config } from '#config/index.ts';
import { namesOfOthers } from '#directory/platforms.ts';
import type { Participant } from '#directory/route/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { createAuthHttp } from '#gateway/front-doors/auth-http.ts';
import { createSaslServer, SASL_CONNECTIONS } from '#gateway/front-doors/sasl-server.ts';
import { createUnfenced } from '#gateway/front-doors/unfenced.ts';
import { createHoldBack } from '#gateway/hold-back.ts';
import { createInHolds } from '#gateway/in-holds.ts';
import { createApp, tellInJson } from '#http/app.ts';
import { openHttpServer } from '#http/server.ts';
import { listen } from '#net/listen.ts';
import { listenOnPath } from '#net/listen-path.ts';
import type { SignIn } from '#signin/index.ts';
import type { RunFile } from './data-folder.ts';

/** nginx opens one for each login that waits, 10 s at most: all that sign-in may have waiting, and as many again. */
const NGINX_CONNECTIONS = 10_000;

type Parts = { readonly config: Config; readonly ports: RunFile['ports']; readonly signIn: Pick<SignIn, 'attempt'>; readonly clock: Clock; readonly emit: Emit };

/** @throws CausewayError `config` when a path or a port cannot be had */
export async function startFrontDoors(parts: Parts): Promise<{ close(): Promise<void> }> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(closers.splice(0).map((each) => each()));
  };
  try {
    for (const start of [startSasl, startAuthHttp]) {
      const stop = await start(parts);
      if (stop !== undefined) closers.push(stop);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

/** Those who have a say in holds because a front door keeps sessions that we cannot end. */
export function unfencedDoors({ listen: { authHttp }, platforms }: Config, emit: Emit): Participant[] {
  if (authHttp === undefined || authHttp.moves === 'unfenced') return [];
  const inHolds = createInHolds(platforms);
  const kept = Object.entries(authHttp.backends).some(([name, backends]) => (Object.keys(backends) as (keyof typeof backends)[]).some((protocol) => backends[protocol] !== undefined && inHolds(protocol, name)));
  return kept ? [createUnfenced(emit)] : [];
}

async function startSasl({ config, ports, signIn, clock, emit }: Parts): Promise<(() => Promise<void>) | undefined> {
  const at = config.listen.sasl;
  if (at === undefined) return undefined;
  const server = createSaslServer({
    attempt: signIn.attempt,
    foreignName: namesOfOthers(config.platforms),
    holdBack: createHoldBack(clock, Math.random),
    clock,
    emit,
  });
  const options = { maxConnections: SASL_CONNECTIONS, onSocket: server.accept };
  const listening = 'path' in at ? await listenOnPath({ ...at, ...options }) : await listen({ host: at.host, port: ports.sasl!, ...options });
  return async () => {
    await listening.close();
    server.close();
  };
}

async function startAuthHttp({ config, ports, signIn, clock, emit }: Parts): Promise<(() => Promise<void>) | undefined> {
  const at = config.listen.authHttp;
  if (at === undefined) return undefined;
  const answer = createAuthHttp({ ...at, platforms: config.platforms, attempt: signIn.attempt, foreignName: namesOfOthers(config.platforms), emit, random: Math.random });
  const app = createApp(emit, tellInJson);
  app.get('/', async (c) => {
    const { status, headers } = await answer((name) => c.req.header(name), c.req.raw.signal);
    return new Response(null, { status, headers: { ...headers, 'Content-Length': '0' } });
  });
  const server = await openHttpServer({ host: at.host, port: ports.authHttp!, tls: undefined, maxConnections: NGINX_CONNECTIONS, fetch: app.fetch, clock });
  return server.close;
}
