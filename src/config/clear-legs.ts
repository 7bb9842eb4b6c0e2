import { z } from 'zod';
import { expects } from './expects.ts';

/** Legs to platforms on which secrets go. Invariant: none in clear, unless the configuration says that the network is the provider's own. */

const URL_FORM = expects('a URL, https://host/path, without a user name in it');
/** Of a platform's own HTTP service. */
export const serviceUrl = z.string(URL_FORM).refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '';
}, URL_FORM);

type Leg = { readonly trustedNetwork: boolean };

/** For a service that is named by host, port and `tls`. */
export function refuseClear({ tls, trustedNetwork }: Leg & { readonly tls: string }, context: z.core.$RefinementCtx): void {
  if (tls === 'plain' && !trustedNetwork) refuse(context, 'tls', 'tls: plain', 'passwords', 'use tls: implicit or tls: starttls');
}

/** For a service that is named by its URL. @param what would be seen, in words @param key of the URL */
export const refuseClearUrl =
  (what: 'passwords' | 'secrets', key = 'url') =>
  ({ url, trustedNetwork }: Leg & { readonly url: string }, context: z.core.$RefinementCtx): void => {
    if (!url.startsWith('https://') && !trustedNetwork) refuse(context, key, 'a URL with http://', what, 'use https://');
  };

function refuse(context: z.core.$RefinementCtx, key: string, given: string, what: string, instead: string): void {
  context.addIssue({
    code: 'custom',
    path: [key],
    message: `expected trustedNetwork: true beside ${given}, found none: ${what} would cross the network in clear`,
    params: { remedy: `${instead}, or say trustedNetwork: true where the network is your own` },
  });
}
