import { isIP } from 'node:net';
import { z } from 'zod';
import { expects } from './expects.ts';
import { secretFile } from './files.ts';
import { networks } from './networks.ts';
import { resolveFrom } from './paths.ts';

/** Where front doors of others (Postfix, Exim, nginx) ask for sign-in, and what speaks HTTP. */

type Address = { readonly host: z.ZodType<string>; readonly listenPort: z.ZodType<number>; readonly port: z.ZodType<number> };

export const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** Passwords come in clear: over a network only where the configuration says whose it is. */
export function refuseOpenNetworks({ host, trustedNetwork }: { host: string; trustedNetwork: boolean }, context: z.core.$RefinementCtx): void {
  if (trustedNetwork || LOOPBACK.test(host)) return;
  context.addIssue({
    code: 'custom',
    path: ['host'],
    message: `expected 127.0.0.1 or trustedNetwork: true, found ${host}: passwords would cross the network in clear`,
    params: { remedy: 'listen on 127.0.0.1, or say trustedNetwork: true where the network is your own' },
    input: host,
  });
}

const MODE = expects('a mode such as "0660" that not everybody may write to');
const GROUP = expects('the name of a group');

/** Dovecot's authentication protocol, for Postfix and Exim: a unix socket or a port. */
export const sasl = (folder: string, { host, listenPort }: Address) =>
  z.union([
    z.strictObject({
      path: z.string(expects('a path')).min(1, expects('a path')).max(100, expects('a path of at most 100 bytes')).transform((name) => resolveFrom(folder, name)),
      mode: z.string(MODE).regex(/^0?[0-7][0-7][0145]$/, MODE).transform((text) => Number.parseInt(text, 8)).default(0o660),
      group: z.string(GROUP).regex(/^[a-z_][a-z0-9_-]{0,31}$/, GROUP).optional(),
    }),
    z.strictObject({ host, port: listenPort, trustedNetwork: z.boolean().default(false) }).superRefine(refuseOpenNetworks),
  ]);

const ADDRESS = expects('an IP address: nginx takes no host name here');
const backEnds = ({ port }: Address) => {
  const backEnd = z.strictObject({ host: z.string(ADDRESS).refine((text) => isIP(text) !== 0, ADDRESS), port }).optional();
  return z.strictObject({ imap: backEnd, pop3: backEnd, submission: backEnd });
};

/**
 * nginx's auth_http. `backends`: where nginx finds each platform's services, in clear. `moves`: nginx's IMAP and POP3
 * sessions cannot be cut in a hold, so holds are put off, unless the platforms themselves are fenced.
 */
export const authHttp = (folder: string, address: Address) =>
  z
    .strictObject({
      host: address.host,
      port: address.listenPort,
      trustedNetwork: z.boolean().default(false),
      keyFile: secretFile(folder),
      backends: z.record(z.string(), backEnds(address)),
      moves: z.enum(['refused', 'unfenced']).default('refused'),
    })
    .superRefine(refuseOpenNetworks)
    .transform(({ keyFile, ...rest }) => ({ ...rest, key: keyFile }));

/** A platform that nobody can reach through nginx is a choice; one that is not there is a slip of the fingers. */
export function checkBackends({ listen, platforms }: { listen: { authHttp?: { backends: object } | undefined }; platforms: object }, context: z.core.$RefinementCtx): void {
  for (const name of Object.keys(listen.authHttp?.backends ?? {})) {
    if (Object.hasOwn(platforms, name)) continue;
    context.addIssue({
      code: 'custom',
      path: ['listen', 'authHttp', 'backends', name],
      message: `expected one of ${Object.keys(platforms).join(', ')}, found the unknown platform ${name}`,
      input: listen,
    });
  }
}

const CALLER = expects('a name of small letters, digits and "-"');
const callerName = z.string(CALLER).regex(/^[a-z][a-z0-9-]{0,31}$/, CALLER);
/** 128 random bits in base64 have 22 characters, in hex 32. */
const TOKEN = /^[\x21-\x7e]{32,}$/;

const token = (folder: string) =>
  secretFile(folder).refine((secret) => TOKEN.test(secret.reveal()), { error: 'expected a token of 32 characters and more without white space, as `openssl rand -hex 32` makes it' });

/** In clear only behind something that ends TLS. `proxy`: who says in a PROXY header whom it speaks for. */
const http = ({ host, listenPort }: Address) => ({
  host,
  port: listenPort,
  tls: z.boolean(expects('true or false')).default(true),
  trustedNetwork: z.boolean().default(false),
  proxy: z.strictObject({ from: networks.min(1, expects('at least one network')) }).optional(),
});

function refuseClearHttp(at: { host: string; tls: boolean; trustedNetwork: boolean }, context: z.core.$RefinementCtx): void {
  if (!at.tls) refuseOpenNetworks(at, context);
}

/** The API for the provider's own systems. */
export const api = (folder: string, address: Address) =>
  z
    .strictObject({ ...http(address), callers: z.record(callerName, z.strictObject({ tokenFile: token(folder) }).transform(({ tokenFile }) => ({ token: tokenFile }))).refine((callers) => Object.keys(callers).length > 0, expects('at least one caller')) })
    .superRefine(refuseClearHttp);

const URL_FORM = expects('a URL such as https://password.isp.example, without a path');
/** The pages where customers change their password. `url`: where they find them. */
export const selfcare = (address: Address) =>
  z.strictObject({ ...http(address), url: z.string(URL_FORM).regex(/^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/, URL_FORM).optional() }).superRefine(refuseClearHttp);

/** The webmail portal. `url`: where customers find it. */
export const webmail = selfcare;

/** The public status site, where updates are asked for and codes are answered. `url`: where the public finds it. */
export const statusPages = selfcare;

/** The desk and the console. `url`: where the staff find them. */
export const office = selfcare;
