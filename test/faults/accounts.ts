/** Who knocks in the fault matrix. Each cell has an account of its own, but for the known, who come again and again. */
import type { Protocol } from '../../src/signin/verdict.ts';
import { PROTOCOLS } from './doors.ts';

export const KINDS = ['known', 'known, moved', 'unknown', 'wrong secret', 'wrong secret, ours', 'closed', 'no such name'] as const;
export type Kind = (typeof KINDS)[number];

export const RIGHT = 'right  secret';
/** Each its own: one secret on many accounts is what a sprayer sends. */
const wrong = (login: string): Knocker => ({ login, secret: `not  ${login}` });

/** The columns of the matrix, in words. */
export const MEANING: Readonly<Record<Kind, string>> = {
  known: 'a customer who has signed in before; lives at the source, whose word on the secret is final',
  'known, moved': 'a customer who has signed in before; lives at the target, whose word on the secret is final',
  unknown: 'a customer of whom nothing is held, with the right secret; lives at the source, whose word is final',
  'wrong secret': 'a wrong secret for an account on whose secret the source has the word',
  'wrong secret, ours': 'a wrong secret for an account on whose secret we have the word',
  closed: 'a closed account, with the right secret',
  'no such name': 'a login name that nobody has',
};

export type Knocker = { readonly login: string; readonly secret: string };

export function knocker(kind: Kind, fault: string, protocol: Protocol): Knocker {
  const own = `${fault}-${protocol}`.replaceAll(/[^a-z0-9]+/g, '-');
  switch (kind) {
    case 'known':
      return { login: 'known@isp.example', secret: RIGHT };
    case 'known, moved':
      return { login: 'moved@isp.example', secret: RIGHT };
    case 'unknown':
      return { login: `unknown-${own}@isp.example`, secret: RIGHT };
    case 'wrong secret':
      return wrong(`theirs-${own}@isp.example`);
    case 'wrong secret, ours':
      return wrong(`ours-${own}@isp.example`);
    case 'closed':
      return { login: 'closed@isp.example', secret: RIGHT };
    case 'no such name':
      return wrong(`nobody-${own}@isp.example`);
  }
}

/** Waits for the end of a fault: of these nothing is held either. */
export const healer = (fault: string, n: number): Knocker => ({ login: `heal-${fault.replaceAll(/[^a-z0-9]+/g, '-')}-${n}@isp.example`, secret: RIGHT });
export const HEALERS = 3;

export type Row = { readonly login: string; readonly home: 'old' | 'new'; readonly authority: string; readonly hash: string; readonly state: string };

/** The accounts that `faults` need. @param hash of RIGHT, with its scheme */
export function accountsFor(faults: readonly string[], hash: string): Row[] {
  const old = (login: string, over: Partial<Row> = {}): Row => ({ login, home: 'old', authority: 'old', hash: '', state: 'active', ...over });
  return [
    old('known@isp.example'),
    old('moved@isp.example', { home: 'new', authority: 'new' }),
    old('closed@isp.example', { state: 'closed' }),
    old(healer('written', 0).login),
    ...faults.flatMap((fault) => [
      ...PROTOCOLS.flatMap((protocol) => [
        old(knocker('unknown', fault, protocol).login),
        old(knocker('wrong secret', fault, protocol).login),
        old(knocker('wrong secret, ours', fault, protocol).login, { authority: 'ours', hash }),
      ]),
      ...Array.from({ length: HEALERS }, (_, n) => old(healer(fault, n).login)),
    ]),
  ];
}
