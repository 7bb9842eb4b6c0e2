/**
 * What a program says of itself, in words that a technician can say on the phone. A guess: programs say what they like, and
 * what no program is known by stands in quotation marks, so that nobody takes a stranger's sentence for ours.
 *
 * Sources: ID of RFC 2971 as the clients send it, the names that they give in EHLO, and browsers' User-Agent.
 */

import { saidLine } from '#directory/seen/said.ts';

/** The first that fits. */
const PROGRAMS: readonly (readonly [RegExp, string])[] = [
  [/^iphone mail/i, 'iPhone, Mail'],
  [/^ipad mail/i, 'iPad, Mail'],
  [/^mac os x mail|^mail .*\bmacos/i, 'Mac, Mail'],
  [/smtpclient\.apple/i, 'Apple Mail'],
  [/outlook[- ](?:ios|android)|outlookmobile/i, 'Outlook for phones'],
  [/microsoft outlook|^outlook/i, 'Outlook'],
  [/windows mail|microsoft\.windowscommunicationsapps/i, 'Windows Mail'],
  [/thunderbird.*android/i, 'Android, Thunderbird'],
  [/thunderbird/i, 'Thunderbird'],
  [/k-?9/i, 'Android, K-9 Mail'],
  [/fairemail/i, 'Android, FairEmail'],
  [/samsung/i, 'Android, Samsung Email'],
  [/aquamail/i, 'Android, AquaMail'],
  [/bluemail/i, 'BlueMail'],
  [/^gmail|google/i, 'Gmail'],
  [/spark/i, 'Spark'],
  [/roundcube/i, 'Roundcube'],
  [/evolution/i, 'Linux, Evolution'],
  [/kmail|akonadi/i, 'Linux, KMail'],
  [/em ?client/i, 'eM Client'],
  [/the bat/i, 'The Bat!'],
  [/mailspring/i, 'Mailspring'],
  [/fetchmail/i, 'fetchmail, which collects mail for another server'],
  [/imapsync|offlineimap|mbsync|isync/i, 'a program that copies mail'],
  [/^(?:desktop|laptop|win)-[a-z0-9]{4,}$/i, 'a Windows computer'],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iphone/i, 'iPhone'],
  [/ipad/i, 'iPad'],
  [/android/i, 'Android'],
  [/windows/i, 'Windows'],
  [/cros/i, 'Chromebook'],
  [/mac os x|macintosh/i, 'Mac'],
  [/linux|x11/i, 'Linux'],
];

/** Edge and Opera say that they are Chrome, Chrome says that it is Safari. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/edg(?:e|a|ios)?\//i, 'Edge'],
  [/opr\/|opera/i, 'Opera'],
  [/samsungbrowser/i, 'Samsung Internet'],
  [/firefox|fxios/i, 'Firefox'],
  [/chrome|crios/i, 'Chrome'],
  [/safari/i, 'Safari'],
];

const NAME_LENGTH = 60;

/** `iPhone, Mail`. Undefined where nothing was said. */
export function deviceOf(said: string): string | undefined {
  if (said === '') return undefined;
  const first = (table: readonly (readonly [RegExp, string])[]): string | undefined => table.find(([pattern]) => pattern.test(said))?.[1];
  if (/^mozilla\//i.test(said)) return [first(SYSTEMS), first(BROWSERS)].filter((part) => part !== undefined).join(', ') || 'a browser';
  return first(PROGRAMS) ?? `“${saidLine(said, NAME_LENGTH).replaceAll(/[“”]/g, '"')}”`;
}

type Row = { readonly network: string; readonly device: string; readonly protocol: string };

const BY_PROTOCOL: Readonly<Record<string, string>> = { pop3: 'a mail program that uses POP3', imap: 'a mail program or phone', submission: 'a mail program that sends', sieve: 'a program that edits filters', webmail: 'a browser' };

/**
 * A guess for each row. A program that says nothing of itself is most likely the one that the account has at the same
 * network, where only one is known there.
 */
export function guessDevices(rows: readonly Row[]): string[] {
  const programs = new Map<string, Set<string>>();
  for (const { network, device, protocol } of rows) {
    const guess = deviceOf(device);
    if (guess === undefined || protocol === 'webmail' || network === 'elsewhere') continue;
    programs.set(network, (programs.get(network) ?? new Set()).add(guess));
  }
  return rows.map(({ network, device, protocol }) => {
    const guess = deviceOf(device);
    if (guess !== undefined) return guess;
    const there = [...(programs.get(network) ?? [])];
    if (there.length === 1 && protocol !== 'webmail') return `perhaps ${there[0]!}`;
    return BY_PROTOCOL[protocol] ?? 'not known';
  });
}
