import { availableParallelism, hostname } from 'node:os';
import { z } from 'zod';
import { checkAddresses } from './addresses.ts';
import { refuseClear } from './clear-legs.ts';
import { desk } from './desk.ts';
import { expects } from './expects.ts';
import { api, authHttp, checkBackends, office, sasl, selfcare, statusPages, webmail } from './front-doors.ts';
import { pemFile, readableFile, secretFile } from './files.ts';
import { networks } from './networks.ts';
import { defaultDataFolder, resolveFrom } from './paths.ts';
import { provisioner } from './provisioner.ts';
import { createSecret } from './secret.ts';
import { checkStaff, staff } from './staff.ts';
import { checkStatus, status } from './status.ts';
import { verifier } from './verifier.ts';

/** The form of the configuration file. File names in it start at `folder`. Every key is described in docs/. */

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
/** In so long a worker that was replaced ends its sessions. */
const RETIRE = expects('a number of seconds from 1 to 3600');
const DATABASE = expects('a URL: postgres://user:password@host:port/database');
const databaseUrl = z.string(DATABASE).regex(/^postgres(ql)?:\/\//, DATABASE);

/** Where an entrance does not lie at its platform's service: for IMAP, and for each of the others. */
const ownPorts = { port: port.optional(), pop3Port: port.optional(), submissionPort: port.optional(), sievePort: port.optional() };

const entrance = (folder: string) =>
  z.discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('trusted'), ...ownPorts, passwordFile: secretFile(folder) })
      .transform(({ passwordFile, ...rest }) => ({ ...rest, secret: passwordFile })),
    z
      .strictObject({
        kind: z.literal('master'),
        ...ownPorts,
        user: login,
        passwordFile: secretFile(folder),
        style: z.enum(['separator', 'authzid']),
        separator: z.string(expects('the characters between login name and master user')).min(1).max(4).default('*'),
      })
      .transform(({ passwordFile, ...rest }) => ({ ...rest, secret: passwordFile })),
    z.strictObject({ kind: z.literal('replay') }),
  ]);

/** Where a platform speaks a protocol of its customers. `starttls` is POP3's STLS. `told`: how it can be told where a client comes from. */
const mailService = <const Told extends string>(folder: string, told: readonly Told[]) =>
  z
    .strictObject({
      host,
      port,
      tls: z.enum(['implicit', 'starttls', 'plain']),
      trustedNetwork: z.boolean().default(false),
      ca: pemFile(folder).optional(),
      clientAddress: z.enum(['none', ...told]).optional(),
    })
    .superRefine(refuseClear);

const platform = (folder: string) =>
  z.strictObject({
    imap: mailService(folder, ['id', 'proxy']),
    pop3: mailService(folder, ['xclient', 'proxy']).optional(),
    // sentCopies: whether the platform itself writes what it takes into a mailbox of the account.
    submission: mailService(folder, ['xclient', 'proxy']).safeExtend({ sentCopies: z.boolean().default(false) }).optional(),
    sieve: mailService(folder, ['xclient', 'proxy']).optional(),
    lmtp: z.strictObject({ host, port }),
    entrances: z.array(entrance(folder)).min(1, expects('at least one entrance')).max(10),
    sentinel: z
      .strictObject({ login, passwordFile: secretFile(folder) })
      .transform(({ login: name, passwordFile }) => ({ login: name, secret: passwordFile }))
      .optional(),
    verifier: verifier(folder, { host, port }),
    provisioner: provisioner(folder).optional(),
  });

const address = z.strictObject({ host, port: listenPort });
/** A port for customers: load balancers may stand before it. */
const entry = address.extend({
  proxy: z.strictObject({ from: networks.min(1, expects('at least one network')) }).optional(),
});

/** The names under which customers reach us; TLS without a name (RFC 6066: an address) gets the first certificate. */
const CERTIFICATE_NAME = expects('a host name in small letters, or "*." before one');
const certificateName = z.string(CERTIFICATE_NAME).regex(/^(\*\.)?[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/, CERTIFICATE_NAME).max(253, CERTIFICATE_NAME);

const certificate = (folder: string) => z.strictObject({ certificate: readableFile(folder), key: readableFile(folder) });

const tls = (folder: string) =>
  certificate(folder).extend({
    names: z.record(certificateName, certificate(folder)).default({}),
    minimum: z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']).default('TLSv1.2'),
  });

/** Between one and all that a worker takes. */
const PER_ADDRESS = expects('a number of connections from 1 to 10000');
const limits = z.strictObject({
  perAddress: z.int(PER_ADDRESS).min(1, PER_ADDRESS).max(10_000, PER_ADDRESS).optional(),
  exempt: networks.default([]),
});

/** What counts as one network for locks: from a town's to one address, from a region's to one subnet. */
const IPV4_PREFIX = expects('a prefix length from 16 to 32');
const IPV6_PREFIX = expects('a prefix length from 32 to 64');
const locks = z.strictObject({
  ipv4Prefix: z.int(IPV4_PREFIX).min(16, IPV4_PREFIX).max(32, IPV4_PREFIX).default(32),
  ipv6Prefix: z.int(IPV6_PREFIX).min(32, IPV6_PREFIX).max(64, IPV6_PREFIX).default(56),
  sharedRanges: networks.default([]),
});

/**
 * How long an instance that hears nothing from the store may go on accepting what it knows. A week outlasts any holidays
 * in which nobody mends the store; after it a secret that was changed or revoked elsewhere is not accepted any more.
 */
const STALE = expects('a number of hours from 1 to 8760');
const secrets = z.strictObject({ staleAfterHours: z.int(STALE).min(1, STALE).max(8_760, STALE).default(168) });

/** How long a former home is kept current: a platform's faults show within days, and so long it has to be paid for. */
const WINDOW = expects('a number of days from 1 to 365');
const moves = z.strictObject({ windowDays: z.int(WINDOW).min(1, WINDOW).max(365, WINDOW).default(14) });

const LISTEN = expects('at least one of imap, imaps, pop3, pop3s, submission, submissions, sieve, lmtp, sasl, authHttp, api, selfcare, webmail, office, status');

export const configSchema = (folder: string) =>
  z
    .strictObject({
      instance: instanceName.default(() => hostname().replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, 63)),
      data: z.string(expects('a folder')).min(1, expects('a folder')).transform((name) => resolveFrom(folder, name)).default(() => defaultDataFolder()),
      database: z.strictObject({ url: databaseUrl.transform(createSecret) }).optional(),
      listen: z
        .strictObject({
          imap: entry.optional(),
          imaps: entry.optional(),
          pop3: entry.optional(),
          pop3s: entry.optional(),
          submission: entry.optional(),
          submissions: entry.optional(),
          sieve: entry.optional(),
          lmtp: address.optional(),
          sasl: sasl(folder, { host, port, listenPort }).optional(),
          authHttp: authHttp(folder, { host, port, listenPort }).optional(),
          api: api(folder, { host, port, listenPort }).optional(),
          selfcare: selfcare({ host, port, listenPort }).optional(),
          webmail: webmail({ host, port, listenPort }).optional(),
          office: office({ host, port, listenPort }).optional(),
          status: statusPages({ host, port, listenPort }).optional(),
        })
        .refine((listen) => Object.keys(listen).length > 0, LISTEN),
      tls: tls(folder).optional(),
      limits: limits.prefault({}),
      locks: locks.prefault({}),
      secrets: secrets.prefault({}),
      workers: z
        .strictObject({
          gateway: processes.default(() => availableParallelism()),
          mover: processes.default(2),
          // Three minutes: 10,000 sessions come back at 60 a second.
          retireSeconds: z.int(RETIRE).min(1, RETIRE).max(3_600, RETIRE).default(180),
        })
        .prefault({}),
      moves: moves.prefault({}),
      status: status(folder, { host, port }).optional(),
      desk: desk(folder).prefault({}),
      staff: staff(folder).prefault({}),
      platforms: z
        .record(platformName, platform(folder))
        .refine((platforms) => Object.keys(platforms).length > 0, expects('at least one platform')),
    })
    .superRefine(checkBackends)
    .superRefine(checkStatus)
    .superRefine(checkStaff)
    .superRefine(checkAddresses, { when: () => true });
