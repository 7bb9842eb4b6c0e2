/**
 * The faults, what each may do to whom, and the page that tells it.
 *
 * Invariant: what is expected here is what the promises allow: nobody's right secret is called wrong, no wrong one gets
 * in, and who can be served is.
 */
import type { Protocol } from '../../src/signin/verdict.ts';
import { type Kind, KINDS, MEANING } from './accounts.ts';
import { type Outcome, PROTOCOLS, type Told } from './doors.ts';

/** Where nothing is broken. */
const WELL: Readonly<Record<Kind, readonly Outcome[]>> = {
  known: ['in'],
  'known, moved': ['in'],
  unknown: ['in'],
  'wrong secret': ['rejected'],
  'wrong secret, ours': ['rejected'],
  closed: ['closed'],
  'no such name': ['rejected'],
};
type Expected = Readonly<Record<Kind, readonly Outcome[]>>;
const NO_VERDICT: readonly Outcome[] = ['unavailable'];
/** Who is not known to be wrong by the store now is not told so. */
const NO_STORE: Expected = { ...WELL, 'wrong secret': NO_VERDICT, 'wrong secret, ours': NO_VERDICT, 'no such name': NO_VERDICT };
const NO_VERIFIER: Expected = { ...WELL, unknown: NO_VERDICT, 'wrong secret': NO_VERDICT };
const VERIFIER_SILENT: readonly string[] = ['the verifier is down', 'the verifier hangs for 30 s', 'the verifier answers nonsense'];

export const EXPECTED = {
  'nothing': WELL,
  'the store is killed': NO_STORE,
  'the store hangs': NO_STORE,
  'an instance is cut off from the store: there': NO_STORE,
  'an instance is cut off from the store: at the other': WELL,
  'the verifier is down': NO_VERIFIER,
  'the verifier hangs for 30 s': NO_VERIFIER,
  'the verifier answers nonsense': NO_VERIFIER,
  'the verifier says no to all': NO_VERIFIER,
  // Some are let in; that it refuses the sentinel now and then is seen within seconds, and then no refusal of it counts.
  'the verifier says no to 30 %': { ...NO_VERIFIER, unknown: ['in', 'unavailable'] },
  'the source is down': { ...WELL, known: NO_VERDICT, unknown: NO_VERDICT },
  'the target is down': { ...WELL, 'known, moved': NO_VERDICT },
  'one gateway worker is killed': WELL,
  'the sign-in process is killed, and started again': WELL,
  'the disk of the instance is full': WELL,
  'the clock steps an hour ahead': WELL,
  'the clock steps an hour back': WELL,
} satisfies Record<string, Expected>;
export type Fault = keyof typeof EXPECTED;

/**
 * What may be told. POP3 turns away at USER, before any secret, whose secret could not be judged; closed accounts too, and
 * names that nobody has alike, from the moment on when a verifier is known to be silent.
 */
export function allowed(fault: Fault, kind: Kind, protocol: Protocol): readonly Outcome[] {
  if (protocol === 'pop3' && kind === 'closed') return NO_VERDICT;
  if (protocol === 'pop3' && kind === 'no such name' && VERIFIER_SILENT.includes(fault)) return ['rejected', 'unavailable'];
  return (EXPECTED[fault] as Expected)[kind];
}

export type Cell = { readonly fault: Fault; readonly kind: Kind; readonly protocol: Protocol; readonly told: Told };

/** Cells that are not as expected, in words. */
export function surprises(cells: readonly Cell[]): string[] {
  return cells.flatMap(({ fault, kind, protocol, told }) => {
    const expected: readonly Told[] = allowed(fault, kind, protocol);
    return expected.includes(told) ? [] : [`${fault}, ${kind}, ${protocol}: ${typeof told === 'string' ? told : told.said}, expected ${expected.join(' or ')}`];
  });
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** As it was seen: one word where all protocols agree. */
export function seenTable(cells: readonly Cell[]): string {
  const of = (fault: Fault, kind: Kind): string => {
    const told = PROTOCOLS.map((protocol) => cells.find((cell) => cell.fault === fault && cell.kind === kind && cell.protocol === protocol)?.told).map((each) => (typeof each === 'object' ? each.said : (each ?? '–')));
    return new Set(told).size === 1 ? told[0]! : told.map((each, i) => `${PROTOCOLS[i]}: ${each}`).join(', ');
  };
  return table((fault, kind) => of(fault, kind));
}

function table(cell: (fault: Fault, kind: Kind) => string): string {
  return [
    row(['fault', ...KINDS]),
    row(['---', ...KINDS.map(() => '---')]),
    ...(Object.keys(EXPECTED) as Fault[]).map((fault) => row([fault, ...KINDS.map((kind) => cell(fault, kind))])),
  ].join('\n');
}

/** docs/faults.md: what every run of the test holds against what is seen. */
export function page(): string {
  return `# What a fault does to whom

<!-- Made by \`npm run docs:faults\` from test/faults/matrix.ts, once test/faults.test.ts has seen it: change that, not this. -->

Each cell is tried with the real program by IMAP, POP3, submission and ManageSieve (\`test/faults.test.ts\`), and the bytes of every refusal are those of [the table of replies](replies.md) for that verdict, protocol and moment. No fault locks anybody, and no right secret is called wrong.

${table((fault, kind) => {
  const [most, pop3] = [allowed(fault, kind, 'imap'), allowed(fault, kind, 'pop3')].map((outcomes) => outcomes.join(' or '));
  return most === pop3 ? most! : `${most}; POP3: ${pop3}`;
})}

The columns:

${KINDS.map((kind) => `- **${kind}**: ${MEANING[kind]}`).join('\n')}

\`in\`: signed in, and a command was answered by the platform. \`unavailable\`, \`rejected\`, \`closed\`: the rows of the table of replies. Every platform here has a trusted entrance, which needs no authentication of the platform's own; with \`replay\` alone a dead verifier keeps the known out too. Without the store nobody is told that a secret is wrong: whether it still is what we hold cannot be known. A connection that is lost before a secret was sent (a worker or an instance that was killed) is made again by the client.
`;
}
