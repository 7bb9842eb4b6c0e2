/**
 * A practice provider: its customers, their secrets, and their mail, made from a seed.
 *
 * Invariants: the same seed and size give the same provider. Every message of the data set is at exactly one account;
 * what is there twice on purpose is counted twice in `messages`. Secrets of a practice provider are made up here and
 * are nobody's.
 */
import { createRandom, type Random } from './random.ts';

export type SeedMessage = {
  /** Index into the data set's files. */
  readonly file: number;
  readonly flags: readonly string[];
  /** Epoch ms, whole seconds. */
  readonly internalDate: number;
};

export type SeedMailbox = { readonly name: string; readonly specialUse?: string; readonly messages: readonly SeedMessage[] };

export type Customer = {
  readonly address: string;
  readonly secret: string;
  /** What a forgotten device still sends. */
  readonly oldSecret: string;
  /** Whose word on the secret is final. */
  readonly authority: 'ours' | 'old';
  /** The scheme of the hash that we are given; none: only the old platform knows the secret. */
  readonly scheme: 'ARGON2ID' | 'SHA512-CRYPT' | 'none';
  readonly mailboxes: readonly SeedMailbox[];
};

export type Provider = { readonly domain: string; readonly seed: number; readonly customers: readonly Customer[]; readonly messages: number };

export const SENTINEL = { address: 'sentinel@isp.example', secret: 'a-right-secret-for-the-sentinel' } as const;

const DOMAIN = 'isp.example';
/** One customer keeps everything: a third of all mail, 2,000 of 6,046. */
const HOARDER_SHARE = 2_000 / 6_046;
const FIRST_DATE = Date.UTC(2016, 0, 1);
const DATE_SPAN = 10 * 365 * 86_400_000;

const MAILBOXES: readonly { name: string; specialUse?: string; weight: number }[] = [
  { name: 'INBOX', weight: 10 },
  { name: 'Sent', specialUse: '\\Sent', weight: 4 },
  { name: 'Drafts', specialUse: '\\Drafts', weight: 1 },
  { name: 'Trash', specialUse: '\\Trash', weight: 2 },
  { name: 'Junk', specialUse: '\\Junk', weight: 2 },
  { name: 'Archive', specialUse: '\\Archive', weight: 3 },
  { name: 'Archive/2019/Q4', weight: 2 },
  { name: 'Projekte/Jahresabschluß', weight: 2 },
  { name: 'Été à la mer', weight: 1 },
  { name: '日本語/受信', weight: 1 },
  { name: 'R&D', weight: 1 },
  { name: 'Ещё/Счета', weight: 1 },
];
const ALWAYS = 5;
const KEYWORDS = ['$Forwarded', '$MDNSent', 'NonJunk', 'project-x', '$Label1'];

/**
 * @param size how many customers
 * @param files how many messages the data set has
 */
export function makeProvider(seed: number, size: number, files: number): Provider {
  const random = createRandom(seed);
  const counts = share(files, size, random.fork('counts'));
  const order = shuffled(files, random.fork('order'));
  let taken = 0;
  let messages = 0;
  const customers = counts.map((count, index) => {
    const own = order.slice(taken, taken + count);
    taken += count;
    const customer = makeCustomer(index, own, random.fork(`customer ${index}`));
    messages += customer.mailboxes.reduce((sum, mailbox) => sum + mailbox.messages.length, 0);
    return customer;
  });
  return { domain: DOMAIN, seed, customers, messages };
}

/** Uneven, as life is: most have a few, some have many, one has a third of it all. */
function share(total: number, size: number, random: Random): number[] {
  if (size === 1) return [total];
  const hoard = Math.round(total * HOARDER_SHARE);
  const weights = Array.from({ length: size - 1 }, () => Math.exp(1.1 * gauss(random)));
  const sum = weights.reduce((a, b) => a + b, 0);
  const counts = weights.map((weight) => Math.floor((weight / sum) * (total - hoard)));
  let left = total - hoard - counts.reduce((a, b) => a + b, 0);
  for (let i = 0; left > 0; i = (i + 1) % counts.length, left -= 1) counts[i]! += 1;
  counts.splice(random.below(size), 0, hoard);
  return counts;
}

function gauss(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

function shuffled(length: number, random: Random): number[] {
  const items = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}

function makeCustomer(index: number, files: readonly number[], random: Random): Customer {
  const chosen = MAILBOXES.filter((_, i) => i < ALWAYS || random.chance(0.35));
  const boxes = new Map(chosen.map((mailbox) => [mailbox.name, [] as SeedMessage[]]));
  const weighted = chosen.flatMap((mailbox) => Array.from({ length: mailbox.weight }, () => mailbox.name));
  for (const file of files) {
    const into = boxes.get(random.pick(weighted))!;
    into.push({ file, flags: someFlags(random), internalDate: someDate(random) });
    // Exact duplicates, as a restored backup leaves them: both are the customer's, and both must arrive.
    if (random.chance(0.01)) into.push(into.at(-1)!);
  }
  if (random.chance(0.5)) boxes.set('Empty/Still empty', []);
  const kind = random.next();
  return {
    address: `${NAMES[index % NAMES.length]}${index < NAMES.length ? '' : Math.floor(index / NAMES.length)}@${DOMAIN}`,
    secret: `right-${random.next().toString(36).slice(2, 12)}`,
    oldSecret: `yesterday-${random.next().toString(36).slice(2, 12)}`,
    authority: kind < 0.4 ? 'ours' : 'old',
    scheme: kind >= 0.8 ? 'none' : random.chance(0.5) ? 'ARGON2ID' : 'SHA512-CRYPT',
    mailboxes: [...boxes].map(([name, messages]) => {
      const specialUse = MAILBOXES.find((mailbox) => mailbox.name === name)?.specialUse;
      return { name, messages, ...(specialUse === undefined ? {} : { specialUse }) };
    }),
  };
}

function someFlags(random: Random): string[] {
  const flags: string[] = [];
  if (random.chance(0.7)) flags.push('\\Seen');
  if (random.chance(0.2)) flags.push('\\Answered');
  if (random.chance(0.08)) flags.push('\\Flagged');
  if (random.chance(0.03)) flags.push('\\Draft');
  if (random.chance(0.02)) flags.push('\\Deleted');
  if (random.chance(0.15)) flags.push(random.pick(KEYWORDS));
  return flags;
}

function someDate(random: Random): number {
  return FIRST_DATE + Math.floor((random.next() * DATE_SPAN) / 1_000) * 1_000;
}

const NAMES = [
  'ada', 'ben', 'carla', 'dmitri', 'elena', 'farid', 'greta', 'hugo', 'ines', 'jonas', 'kaya', 'lars', 'mina', 'noor',
  'olga', 'pablo', 'quinn', 'rosa', 'stefan', 'tariq', 'ute', 'vera', 'wim', 'xenia', 'yusuf', 'zoe', 'aiko', 'bram',
];
