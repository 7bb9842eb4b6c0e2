/** Situations of moves and of mail that comes in. */
import { runPlan } from '../../src/cutover/control.ts';
import { planFile } from '../../src/cutover/plan-file.ts';
import { candidatesOf } from '../../src/context/candidates.ts';
import { readRoute } from '../../src/directory/route/acknowledgements.ts';
import { requestRollback } from '../../src/mover/index.ts';
import { sleep } from '../installation.ts';
import { deliver, imap, pop3, visit } from './client.ts';
import { RIGHT, until } from './house.ts';
import type { At, Situation } from './situation.ts';

/** Resolves with the state of the last move that somebody asked for when it has ended. */
const ended = ({ house, id }: At): Promise<string> =>
  until('a move ends', async () => {
    const last = (await house.look(id)).move.moves.find(({ back }) => back !== 'following');
    return last !== undefined && ['moved', 'failed', 'cancelled'].includes(last.state) ? last.state : undefined;
  });
const moved = async (at: At, source: string, target: string): Promise<void> => {
  await at.house.move(at.id, source, target);
  const state = await ended(at);
  if (state !== 'moved') throw new Error(`${at.login}: ${state}`);
};
const enters = (at: At): Promise<boolean> => visit(at.house.ports['imaps']!, at.phone, at.login, RIGHT);

/** A program in the middle of an APPEND: nobody ends that, so a hold is given up. */
async function busy({ house, login, phone }: At): Promise<{ end(): void }> {
  const { peer, answer } = await imap(house.ports['imaps']!, phone, login, RIGHT);
  if (!answer.startsWith('a OK')) throw new Error(answer);
  peer.send('b APPEND INBOX {1000}\r\n');
  await peer.sees('+ ');
  // It stays until it is ended here: what it brings about would be over before somebody looks.
  peer.socket.setTimeout(0);
  return { end: () => void peer.socket.destroy() };
}

const LETTERS = { INBOX: ['one', 'two', 'three'] };
const BIG = 'x'.repeat(9_000);

export const MOVES: readonly Situation[] = [
  { name: 'moved a moment ago', rule: 'moved-lately', line: /moved to new .*, with all 3 messages of 1 mailbox\.$/, mail: LETTERS, async happens(at) { await enters(at); await moved(at, 'old', 'new'); await enters(at); } },
  {
    name: 'carried back', rule: 'rolled-back', line: /carried back from new to old/, mail: LETTERS,
    async happens(at) {
      await enters(at);
      await moved(at, 'old', 'new');
      await at.house.store.transaction((tx) => requestRollback(tx, { accountId: at.id, actor: 'staff:ann', why: 'case 17' }));
      await ended(at);
    },
  },
  {
    name: 'a message that the target refuses, in a wave', rule: 'message-refused', line: /waits for a decision: 1 message cannot be carried over \(a content that it does not take\)/, mail: { INBOX: ['one', 'EICAR', 'three'] },
    async happens(at) {
      await enters(at);
      const waiting = [...at.house.ids.keys()].find((login) => login.startsWith('waits'))!;
      const plan = planFile.parse({ plan: 'winter', from: 'old', to: 'strict', waves: [{ name: 'first', accounts: [at.login] }, { name: 'second', accounts: [waiting] }], gates: { unavailable: '100%' } });
      await runPlan(at.house.store, plan, candidatesOf(at.house.store), 'winter', 'staff:ann');
      await ended(at);
    },
  },
  { name: 'waits for its wave', rule: 'waits-for-wave', line: /wave 2 \(second\) of winter has not begun/, happens: (at) => enters(at) },
  { name: 'too large for the new platform', rule: 'mailbox-full', line: /does not fit on tiny/, mail: { INBOX: [BIG], Work: [BIG], Home: [BIG] }, async happens(at) { await enters(at); await at.house.move(at.id, 'old', 'tiny'); await ended(at); } },
  { name: 'moved from where its POP3 ids were not to be seen', rule: 'uidl-at-risk', line: /moved to new without its POP3 ids/, home: 'bare', ours: true, mail: LETTERS, async happens(at) { await moved(at, 'bare', 'new'); (await pop3(at.house.ports['pop3s']!, at.phone, at.login, RIGHT)).peer.socket.destroy(); } },
  { name: 'a folder that the new platform does not take', rule: 'move-failed', line: /failed \(mailbox\)/, mail: { INBOX: ['one'], 'A/b': ['two'] }, async happens(at) { await enters(at); await at.house.move(at.id, 'old', 'strict'); await ended(at); } },
  { name: 'the target is dead while it is copied', rule: 'moving', line: /being copied to doomed/, mail: LETTERS, async happens(at) { await enters(at); await at.doomed.dead; await at.house.move(at.id, 'old', 'doomed'); } },
  {
    name: 'backed out, since a program was writing', rule: 'backed-out', line: /put off, since the mailbox was in use/, mail: LETTERS,
    async happens(at) {
      await busy(at);
      await at.house.move(at.id, 'old', 'new');
      await until('it is backed out', async () => ((await at.house.look(at.id)).move.moves[0]!.backedOut > 0 ? true : undefined));
    },
  },
  {
    name: 'in a hold at this moment', rule: 'in-hold', line: /being carried over at this moment/, mail: LETTERS,
    async happens(at) {
      await busy(at);
      await at.house.move(at.id, 'old', 'new');
    },
  },
  {
    name: 'mail that waited for the end of a hold', rule: 'delivery-held', line: /1 message came while the mailbox was being carried over/, mail: LETTERS,
    async happens(at) {
      const program = await busy(at);
      const move = await at.house.move(at.id, 'old', 'new');
      // A hold of one that is busy lasts two seconds, and what one sees of it may be over: mail comes until some has waited.
      await until('mail waits for the end of a hold', async () => {
        if ((await readRoute(at.house.store, at.id))?.phase !== 'held') return undefined;
        const taken = await deliver(at.house.ports['lmtp']!, at.login);
        if (taken !== 250) throw new Error(`${at.login}: ${taken}`);
        // Its log may come after its answer.
        for (const end = performance.now() + 10_000; performance.now() < end; await sleep(50)) if (at.house.running.events('delivery.waited').some(({ account }) => account === at.id)) return true;
        return undefined;
      }, 20);
      program.end();
      await ended(at);
      return move;
    },
  },
  { name: 'the platform where it lives is dead', rule: 'platform-down', line: /the password is right, but the platform \(doomed\)/i, home: 'doomed', ours: true, async happens(at) { await at.doomed.dead; await enters(at); } },
  { name: 'the target is dead after the move', rule: 'platform-down', line: /the password is right, but the new platform \(doomed\)/i, ours: true, mail: LETTERS, async happens(at) { at.doomed.alive(moved(at, 'old', 'doomed')); await at.doomed.dead; await enters(at); } },
  {
    name: 'carried back from a dead home, and what came last may be missing', rule: 'mail-missing', line: /may be missing; it is at doomed/, ours: true, mail: LETTERS,
    async happens(at) {
      const followed = async (): Promise<void> => {
        await moved(at, 'old', 'doomed');
        await until('it is followed back', async () => ((await at.house.look(at.id)).move.moves.some(({ back, followedAt }) => back === 'following' && followedAt !== undefined) ? true : undefined));
      };
      at.doomed.alive(followed());
      await at.doomed.dead;
      await at.house.store.transaction((tx) => requestRollback(tx, { accountId: at.id, actor: 'staff:ann', why: 'it burnt down', homeIsDead: true }));
    },
  },
  { name: 'mail waits at the senders, since the platform is dead', rule: 'delivery-deferred', line: /waits at the senders/, home: 'doomed', async happens(at) { await at.doomed.dead; await deliver(at.house.ports['lmtp']!, at.login); } },
  { name: 'full', rule: 'mailbox-full', line: /mailbox is full: 1 message not taken by grumpy/, home: 'grumpy', async happens(at) { await enters(at); await deliver(at.house.ports['lmtp']!, at.login); } },
  { name: 'sent back', rule: 'delivery-refused', line: /grumpy refused 1 message/, home: 'grumpy', async happens(at) { await enters(at); await deliver(at.house.ports['lmtp']!, at.login); } },
];
