import { z } from 'zod';
import { refuseClearUrl, serviceUrl } from './clear-legs.ts';
import { expects } from './expects.ts';
import { pemFile, secretFile } from './files.ts';

/** How a platform is told of changes that are made through us. docs/secrets.md describes what it gets. */
export const provisioner = (folder: string) =>
  z.discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('http'),
        url: serviceUrl,
        tokenFile: secretFile(folder).optional(),
        trustedNetwork: z.boolean().default(false),
        ca: pemFile(folder).optional(),
        secret,
      })
      .superRefine(refuseClearUrl('secrets'))
      .transform(({ tokenFile, ...rest }) => ({ ...rest, ...(tokenFile === undefined ? {} : { token: tokenFile }) })),
    z.strictObject({ kind: z.literal('command'), program, args: z.array(z.string().max(4096)).max(64).default([]), secret }),
  ]);

/** `hash`: as `{ARGON2ID}$argon2id$...`. `clear`: kept encrypted on its way, under the key of the known good. */
const secret = z.enum(['hash', 'clear', 'none']).default('hash');

const PROGRAM = expects('the absolute path of a program');
const program = z.string(PROGRAM).regex(/^\//, PROGRAM).max(4096, PROGRAM);
