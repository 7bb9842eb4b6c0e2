import { availableParallelism, hostname } from 'node:os';
import { z } from 'zod';
import { checkAddresses } from './addresses.ts';
import { pemFile, readableFile, secretFile } from './files.ts';
import { defaultDataFolder, resolveFrom } from './paths.ts';
import { createSecret } from './secret.ts';

/** The form of the configuration file. File names in it start at `folder`. Every key is described in docs/. */

const expects = (text: string): { error: string } => ({ error: `expected ${text}` });

const PORT = expects('a port from 1 to 65535');
const port = z.int(PORT).min(1, PORT).max(65_535, PORT);
const LISTEN_PORT = expects('a port from 1 to 65535, or 0 for any free one');
const listenPort = z.int(LISTEN_PORT).min(0, LISTEN_PORT).max(65_535, LISTEN_PORT);
const HOST = expects('a host name or an IP address');
const host = z.string(HOST).regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9.])?$|^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*$/, HOST).max(253, HOST);
const LOGIN = expects('a login name');
const login = z.string(LOGIN).regex(/^[^\p{Cc}]{1,255}$/u, LOGIN);
const NAME = expects('a name of small letters, digits and "-", beginning with a letter, and not "ours"');
const platformName = z.string(NAME).regex(/^(?!ours$)[a-z][a-z0-9-]{0,31}$/, NAME);
const INSTANCE = expects('a name of letters, digits, "." and "-"');
const instanceName = z.string(INSTANCE).regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/, INSTANCE);
/** Enough for the largest machine; a thousand would be a slip of the fingers. */
const PROCESSES = expects('a number of processes from 1 to 256');
const processes = z.int(PROCESSES).min(1, PROCESSES).max(256, PROCESSES);
const DATABASE = expects('a URL: postgres://user:password@host:port/database');
const databaseUrl = z.string(DATABASE).regex(/^postgres(ql)?:\/\//, DATABASE);

const entrance = (folder: string) =>
  z.discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('trusted'), port: port.optional(), passwordFile: secretFile(folder) })
      .transform(({ passwordFile, ...rest }) => ({ ...rest, secret: passwordFile })),
    z
      .strictObject({
        kind: z.literal('master'),
        port: port.optional(),
        user: login,
        passwordFile: secretFile(folder),
        style: z.enum(['separator', 'authzid']),
        separator: z.string(expects('the characters between login name and master user')).min(1).max(4).default('*'),
      })
      .transform(({ passwordFile, ...rest }) => ({ ...rest, secret: passwordFile })),
    z.strictObject({ kind: z.literal('replay') }),
  ]);

const platform = (folder: string) =>
  z.strictObject({
    imap: z
      .strictObject({
        host,
        port,
        tls: z.enum(['implicit', 'starttls', 'plain']),
        trustedNetwork: z.boolean().default(false),
        ca: pemFile(folder).optional(),
      })
      .superRefine(({ tls, trustedNetwork }, context) => {
        if (tls !== 'plain' || trustedNetwork) return;
        context.addIssue({
          code: 'custom',
          path: ['tls'],
          message: 'expected trustedNetwork: true beside tls: plain, found none: passwords would cross the network in clear',
          params: { remedy: 'use tls: implicit or tls: starttls, or say trustedNetwork: true where the network is your own' },
        });
      }),
    lmtp: z.strictObject({ host, port }),
    entrances: z.array(entrance(folder)).min(1, expects('at least one entrance')).max(10),
    sentinel: z
      .strictObject({ login, passwordFile: secretFile(folder) })
      .transform(({ login: name, passwordFile }) => ({ login: name, secret: passwordFile }))
      .optional(),
  });

const address = z.strictObject({ host, port: listenPort });
const LISTEN = expects('at least one of imap, imaps, lmtp');

export const configSchema = (folder: string) =>
  z
    .strictObject({
      instance: instanceName.default(() => hostname().replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, 63)),
      data: z.string(expects('a folder')).min(1, expects('a folder')).transform((name) => resolveFrom(folder, name)).default(() => defaultDataFolder()),
      database: z.strictObject({ url: databaseUrl.transform(createSecret) }).optional(),
      listen: z
        .strictObject({ imap: address.optional(), imaps: address.optional(), lmtp: address.optional() })
        .refine((listen) => Object.keys(listen).length > 0, LISTEN),
      tls: z.strictObject({ certificate: readableFile(folder), key: readableFile(folder) }).optional(),
      workers: z
        .strictObject({ gateway: processes.default(() => availableParallelism()), mover: processes.default(2) })
        .prefault({}),
      platforms: z
        .record(platformName, platform(folder))
        .refine((platforms) => Object.keys(platforms).length > 0, expects('at least one platform')),
    })
    .superRefine(checkAddresses, { when: () => true });
