import { z } from 'zod';
import { refuseClear, refuseClearUrl, serviceUrl } from './clear-legs.ts';
import { expects } from './expects.ts';
import { pemFile, secretFile } from './files.ts';

/**
 * By what a platform's word on a secret is asked. `imap`, the default: by a sign-in at the platform's own IMAP.
 * `pop3`, `ldap`, `http`: by a sign-in there, by a bind, by a POST of login and secret.
 */
export const verifier = (folder: string, { host, port }: { host: z.ZodString; port: z.ZodInt }) => {
  const endpoint = {
    host,
    port,
    tls: z.enum(['implicit', 'starttls', 'plain']),
    trustedNetwork: z.boolean().default(false),
    ca: pemFile(folder).optional(),
  };
  return z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('imap') }),
      z.strictObject({ kind: z.literal('pop3'), ...endpoint }).superRefine(refuseClear),
      z
        .strictObject({ kind: z.literal('ldap'), ...endpoint, dn: dnTemplate.optional(), search: search(folder).optional() })
        .superRefine(refuseClear)
        .superRefine(({ dn, search: filter }, context) => {
          if ((dn === undefined) !== (filter === undefined)) return;
          context.addIssue({
            code: 'custom',
            path: ['dn'],
            message: `expected either dn or search, found ${dn === undefined ? 'neither' : 'both'}: it says how an account's entry is found`,
          });
        }),
      z
        .strictObject({
          kind: z.literal('http'),
          url: serviceUrl,
          trustedNetwork: z.boolean().default(false),
          ca: pemFile(folder).optional(),
          format: z.enum(['json', 'form']).default('json'),
          refused: z.array(status).min(1, STATUS).max(10, STATUS).default([401, 403]),
        })
        .superRefine(refuseClearUrl('passwords')),
    ])
    .default({ kind: 'imap' });
};

const PLACEHOLDER = /\{(login|local|domain)\}/;
const unknownPlaceholder = (template: string): boolean => /[{}]/.test(template.replaceAll(new RegExp(PLACEHOLDER, 'g'), ''));

const DN = expects('a name with {login}, or {local} and {domain}, in it, such as uid={local},ou=people,dc=example');
const dnTemplate = z.string(DN).max(1024, DN).refine((dn) => dn.includes('=') && PLACEHOLDER.test(dn) && !unknownPlaceholder(dn), DN);

const FILTER = expects('a filter with {login}, or {local} and {domain}, in it, such as (mail={login})');
const filter = z.string(FILTER).max(1024, FILTER).refine((text) => /^\(.+\)$/.test(text) && PLACEHOLDER.test(text) && !unknownPlaceholder(text), FILTER);

const NAME = expects("an entry's name, such as ou=people,dc=example");
const name = z.string(NAME).min(1, NAME).max(1024, NAME);

const search = (folder: string) =>
  z.strictObject({
    base: name,
    filter,
    bind: z
      .strictObject({ dn: name, passwordFile: secretFile(folder) })
      .transform(({ dn, passwordFile }) => ({ dn, secret: passwordFile }))
      .optional(),
  });

/** 408, 425 and 429 are about time and number, 407 about a proxy: never about a secret. */
const STATUS = expects('statuses from 400 to 499 that say "wrong password", not 407, 408, 425 or 429');
const status = z.int(STATUS).min(400, STATUS).max(499, STATUS).refine((code) => ![407, 408, 425, 429].includes(code), STATUS);
