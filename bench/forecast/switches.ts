/** Twenty switches of varied sizes: how many accounts in how many waves, and what lies in their mailboxes. From a seed. */
import { randomBytes } from 'node:crypto';
import { createRandom, type Random } from '#rehearsal/random.ts';

export type Account = { readonly address: string; /** Bytes of each message. */ readonly messages: readonly number[] };
export type Switch = { readonly name: string; readonly waves: readonly (readonly Account[])[] };

/** Bytes of which messages are cut: making them anew would take longer than moving them. */
const STUFF = randomBytes(192 * 1024).toString('base64').replace(/.{76}/g, '$&\r\n');

/** Many small accounts or few large ones, all alike or very unlike, some with one that keeps everything. */
export function makeSwitches(seed: number, count: number): Switch[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, n) => {
    const own = random.fork(`switch ${n}`);
    const accounts = 20 + own.below(70);
    const median = 3 * 2 ** (own.next() * 3.5);
    const spread = 0.3 + own.next() * 0.9;
    const bytes = 1_500 * 2 ** (own.next() * 4);
    const hoarder = own.chance(0.3) ? own.below(accounts) : -1;
    const made = Array.from({ length: accounts }, (_unused, a): Account => {
      const messages = Math.round((a === hoarder ? 12 : 1) * median * Math.exp(spread * gauss(own)));
      return { address: `s${n}-${a}@isp.example`, messages: Array.from({ length: Math.min(600, Math.max(1, messages)) }, () => Math.round(Math.min(150_000, bytes * Math.exp(0.8 * gauss(own))))) };
    });
    const waves = 1 + own.below(3);
    return { name: `switch ${String(n + 1).padStart(2, '0')}`, waves: Array.from({ length: waves }, (_unused, w) => made.filter((_each, a) => a % waves === w)) };
  });
}

function gauss(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** A message of about so many bytes; no two are equal. */
export function messageOf(address: string, at: number, bytes: number): Buffer {
  return Buffer.from(`From: somebody@elsewhere.example\r\nTo: ${address}\r\nSubject: number ${at}\r\nMessage-ID: <${at}.${address}>\r\n\r\n${STUFF.slice(0, Math.max(80, bytes))}\r\n`);
}
