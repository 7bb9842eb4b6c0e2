import { z } from 'zod';
import { refuseClear } from './clear-legs.ts';
import { expects } from './expects.ts';
import { pemFile, secretFile } from './files.ts';
import { resolveFrom } from './paths.ts';

/** The status site: its files, its letters and its webhooks. */

const PROVIDER = expects('the name by which customers know you, one line of at most 80 characters');
const URL_FORM = expects('a URL such as https://status.isp.example, without a path');
const HOOK_URL = /^(https:\/\/|http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])[:/])[\x21-\x7e]+$/;
export const NAME = expects('a name of small letters, digits and "-"');
const ZONE = expects('a time zone such as Europe/Madrid');
const FROM = expects('an address such as status@isp.example');

type Address = { readonly host: z.ZodType<string>; readonly port: z.ZodType<number> };

/** `relay`: takes mail from a host of ours, or from who signs in there. `from`: where bounces come. */
const mail = (folder: string, { host, port }: Address) =>
  z
    .strictObject({
      from: z.string(FROM).regex(/^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,255}$/, FROM),
      relay: z
        .strictObject({ host, port, tls: z.enum(['implicit', 'starttls', 'plain']), trustedNetwork: z.boolean().default(false), ca: pemFile(folder).optional() })
        .superRefine(refuseClear),
      user: z.string().min(1).max(255).optional(),
      passwordFile: secretFile(folder).optional(),
    })
    .refine(({ user, passwordFile }) => (user === undefined) === (passwordFile === undefined), expects('user and passwordFile, both or neither'))
    .transform(({ passwordFile, ...rest }) => ({ ...rest, password: passwordFile }));

/** `urlFile`: its address, which often is a secret by itself. `secretFile`: what its calls are signed with. */
export const webhook = (folder: string) =>
  z
    .strictObject({ urlFile: secretFile(folder).refine((url) => HOOK_URL.test(url.reveal()) && URL.canParse(url.reveal()), expects('a file with a URL, https://host/path')), secretFile: secretFile(folder) })
    .transform(({ urlFile, secretFile: secret }) => ({ url: urlFile, secret }));

/** `export`: a folder that another web server serves, at `url`. `timeZone`: in which the pages tell times. */
export const status = (folder: string, address: Address) =>
  z.strictObject({
    provider: z.string(PROVIDER).trim().min(1, PROVIDER).max(80, PROVIDER).regex(/^[^\p{Cc}]*$/u, PROVIDER),
    timeZone: z.string(ZONE).refine(isZone, ZONE).default('UTC'),
    export: z.string(expects('a folder')).min(1, expects('a folder')).transform((name) => resolveFrom(folder, name)).optional(),
    url: z.string(URL_FORM).regex(/^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/, URL_FORM).optional(),
    mail: mail(folder, address).optional(),
    webhooks: z.record(z.string(NAME).regex(/^[a-z][a-z0-9-]{0,31}$/, NAME), webhook(folder)).default({}),
  });

/** A public listener would have nothing to show. */
export function checkStatus({ listen, status: given }: { listen: { status?: unknown }; status?: unknown }, context: z.core.$RefinementCtx): void {
  if (listen.status === undefined || given !== undefined) return;
  context.addIssue({ code: 'custom', path: ['listen', 'status'], message: 'expected status beside it, found none: the pages need the name of the provider', params: { remedy: 'add status: { provider: NAME }' }, input: listen });
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
