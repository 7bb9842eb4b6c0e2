/**
 * Forty situations of callers and more, each produced for real: the program, practice platforms, and mail programs that
 * do what a customer's do. What the desk then gathers of the account must give the right verdict line, and for those that
 * lie outside every rule, that it is not known.
 *
 * All happen in one installation, one begun a moment after the other, each with an account and networks of its own.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diagnose } from '../src/desk/verdicts/diagnose.ts';
import type { Verdict } from '../src/desk/verdicts/api.ts';
import { isRetryable } from '../src/errors/index.ts';
import { visit } from './situations/client.ts';
import { type House, openHouse, RIGHT } from './situations/house.ts';
import { MOVES } from './situations/moves.ts';
import { NOT_KNOWN, SIGN_INS } from './situations/sign-ins.ts';
import type { At, Situation } from './situations/situation.ts';
import { sleep } from './installation.ts';

const SITUATIONS: readonly Situation[] = [...SIGN_INS, ...MOVES, ...NOT_KNOWN];
const loginOf = ({ name }: Situation, n: number): string => `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').slice(0, 40)}-${n}@isp.example`;
/** What is seen is written down within 5 s; holds and refusals take seconds, and a busy machine adds its own. */
const SEEN_WITHIN_MS = 60_000;
/** Fifty customers who sign in at the same moment are a storm, which is another test's: one begins after the other, while a sign-in is quick. */
const BEGUN_AFTER_MS = 300;
const QUICK_MS = 500;
const WAITED_FOR_QUICK_MS = 5_000;
/** Whoever tells whether it is. */
const PACE = { login: 'pace@isp.example', home: 'old', ours: false, mail: {} };

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterAll(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

let house: House;
beforeAll(async () => {
  house = await openHouse(
    [PACE, ...SITUATIONS.map((situation, n) => ({ login: loginOf(situation, n), home: situation.home ?? 'old', ours: situation.ours === true, noHash: situation.noHash === true, mail: situation.mail ?? {} }))],
    cleanUps,
  );
});

/** Resolves when a sign-in is quick, or has not been for long enough. */
async function calm(): Promise<void> {
  await sleep(BEGUN_AFTER_MS);
  for (const end = performance.now() + WAITED_FOR_QUICK_MS; ; ) {
    const began = performance.now();
    await visit(house.ports['imaps']!, { from: '127.20.0.1' }, PACE.login, RIGHT);
    if (performance.now() - began < QUICK_MS || performance.now() > end) return;
  }
}

/** The verdict, once it is what it must be, or as it is in the end. */
async function verdictOf({ rule, line = /./, laterMs = 0 }: Situation, id: number): Promise<Verdict> {
  for (const end = performance.now() + SEEN_WITHIN_MS; ; await sleep(500 + Math.random() * 500)) {
    const evidence = await house.look(id).catch((error: unknown) => {
      if (isRetryable(error) && performance.now() < end) return undefined;
      throw error;
    });
    if (evidence === undefined) continue;
    const verdict = diagnose(evidence, Date.now() + laterMs);
    if ((verdict.rule === rule && line.test(verdict.line)) || performance.now() > end) return verdict;
  }
}

test('each situation has its verdict, and what is outside every rule is not known', { timeout: 480_000 }, async () => {
  const began = performance.now();
  const dead = Promise.withResolvers<void>();
  const alive: Promise<unknown>[] = [];
  const begin = async (situation: Situation, n: number): Promise<{ situation: Situation; verdict: Verdict }> => {
    const login = loginOf(situation, n);
    const from = (host: number): string => `127.20.${n + 1}.${host}`;
    const at: At = {
      house, login, id: house.ids.get(login)!,
      phone: { from: from(1), device: 'iPhone Mail' },
      laptop: { from: from(2), device: 'Thunderbird' },
      away: { from: from(3), device: 'iPhone Mail' },
      stranger: { from: from(4) },
      doomed: { dead: dead.promise, alive: (work) => void alive.push(work) },
    };
    await situation.happens(at);
    return { situation, verdict: await verdictOf(situation, at.id) };
  };
  const begun: Promise<{ situation: Situation; verdict: Verdict }>[] = [];
  for (const [n, situation] of SITUATIONS.entries()) {
    await calm();
    const one = begin(situation, n);
    // Looked at when all have begun; a rejection meanwhile is not unheard.
    one.catch(() => {});
    begun.push(one);
  }
  // Now all have begun, and so have said what the doomed one must live for.
  void Promise.all(alive).then(() => house.killDoomed()).then(dead.resolve, dead.reject);
  const settled = await Promise.allSettled(begun);
  const wrong = settled.flatMap((result, n) => {
    const { name, rule, line = /./ } = SITUATIONS[n]!;
    if (result.status === 'rejected') return [`${name}: ${String(result.reason)}`];
    const { verdict } = result.value;
    return verdict.rule === rule && line.test(verdict.line) ? [] : [`${name}: expected ${rule} ${String(line)}, and it is ${verdict.rule}: ${verdict.line}\n    ${verdict.evidence.join('\n    ')}`];
  });
  console.info(
    settled.map((result, n) => (result.status === 'fulfilled' ? `${SITUATIONS[n]!.name}\n    ${result.value.verdict.rule}: ${result.value.verdict.line}` : SITUATIONS[n]!.name)).join('\n') +
      `\n${SITUATIONS.length} situations in ${Math.round((performance.now() - began) / 1_000)} s`,
  );
  expect(wrong).toEqual([]);
  expect(SITUATIONS.length - NOT_KNOWN.length).toBeGreaterThanOrEqual(40);
  expect(NOT_KNOWN.length).toBeGreaterThanOrEqual(5);
});
