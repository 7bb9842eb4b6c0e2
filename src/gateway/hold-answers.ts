/**
 * A worker's part in holds, over its channel to `serve`. Invariant: each question gets one answer, and a cut is answered
 * as done only when every session of the account is known to have ended.
 */
import { messageOf } from '#errors/index.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { Registry } from './registry.ts';

export type HoldMessage = Extract<ToWorker, { t: 'freeze' | 'cut' | 'thaw' | 'end' }>;

export function createHoldAnswers(registry: Registry, send: (message: FromWorker) => void): (message: HoldMessage) => void {
  async function cut(ask: number, accountId: number): Promise<void> {
    try {
      await registry.cut(accountId);
      send({ t: 'cut-done', ask });
    } catch (error) {
      send({ t: 'cut-done', ask, failed: messageOf(error) });
    }
  }

  return (message) => {
    switch (message.t) {
      case 'freeze':
        return void registry.freeze(message.accountId, message.withinMs, message.abandoned).then((answer) => send({ t: 'frozen', ask: message.ask, answer }));
      case 'cut':
        return void cut(message.ask, message.accountId);
      case 'thaw':
        return registry.thaw(message.accountId);
      case 'end':
        return registry.end(message.id, message.text);
    }
  };
}
