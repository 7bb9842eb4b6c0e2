import { isIP } from 'node:net';
import { z } from 'zod';
import { secretFile } from './files.ts';
import { resolveFrom } from './paths.ts';

/** Where front doors of others (Postfix, Exim, nginx) ask for sign-in. */

const expects = (text: string): { error: string } => ({ error: `expected ${text}` });

type Address = { readonly host: z.ZodType<string>; readonly listenPort: z.ZodType<number>; readonly port: z.ZodType<number> };

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

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
