import { z } from 'zod';
import { pemFile, secretFile } from './files.ts';

/** How a platform is told of changes that are made through us. docs/secrets.md describes what it gets. */
export const provisioner = (folder: string) =>
  z.discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('http'),
        url,
        tokenFile: secretFile(folder).optional(),
        trustedNetwork: z.boolean().default(false),
        ca: pemFile(folder).optional(),
        secret,
      })
      .superRefine(({ url: given, trustedNetwork }, context) => {
        if (given.startsWith('https://') || trustedNetwork) return;
        context.addIssue({
          code: 'custom',
          path: ['url'],
          message: 'expected trustedNetwork: true beside a URL with http://, found none: secrets would cross the network in clear',
          params: { remedy: 'use https://, or say trustedNetwork: true where the network is your own' },
        });
      })
      .transform(({ tokenFile, ...rest }) => ({ ...rest, ...(tokenFile === undefined ? {} : { token: tokenFile }) })),
    z.strictObject({ kind: z.literal('command'), program, args: z.array(z.string().max(4096)).max(64).default([]), secret }),
  ]);

const expects = (text: string): { error: string } => ({ error: `expected ${text}` });

/** `hash`: as `{ARGON2ID}$argon2id$...`. `clear`: kept encrypted on its way, under the key of the known good. */
const secret = z.enum(['hash', 'clear', 'none']).default('hash');

const URL_FORM = expects('a URL, https://host/path, without a user name in it');
const url = z.string(URL_FORM).refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '';
}, URL_FORM);

const PROGRAM = expects('the absolute path of a program');
const program = z.string(PROGRAM).regex(/^\//, PROGRAM).max(4096, PROGRAM);
