/** Who is told of cases: the provider's systems by webhook, customers by the relay that the status site's letters take. */
import type { Config } from '#config/index.ts';
import type { CasesParts } from '#desk/cases/app.ts';
import { letterReceiver } from '#desk/cases/hooks/letters.ts';
import type { Receiver } from '#desk/cases/hooks/deliver.ts';
import { webhookReceiver } from '#desk/cases/hooks/webhook.ts';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { isAddress, writeLetter } from '#status/subscribe/letter.ts';
import { openRelay } from '#status/subscribe/relay.ts';

export function deskTelling({ desk, status }: Config, clock: Clock): Omit<CasesParts, 'store'> {
  const webhooks = Object.entries(desk.webhooks).map(([name, { url, secret }]) => webhookReceiver({ name, url, secret }, clock));
  return { receivers: [...webhooks, ...lettersOf(status, clock)], timeZone: status?.timeZone ?? 'UTC' };
}

function lettersOf(status: Config['status'], clock: Clock): Receiver[] {
  if (status?.mail === undefined) return [];
  const { provider, mail } = status;
  const { relay: endpoint, user, password, from } = mail;
  const relay = openRelay({ endpoint, user, password, from }, clock);
  // One connection takes one letter at a time.
  let before = Promise.resolve();
  return [
    letterReceiver({
      domain: from.slice(from.lastIndexOf('@') + 1),
      async send({ messageId, to, subject, text, at }) {
        if (!isAddress(to)) throw new CausewayError('refused', 'no letter can be written to such an address');
        const message = writeLetter({ messageId, from: { name: provider, address: from }, to, subject, language: 'en', at, text, unsubscribe: undefined });
        const sent = before.then(() => relay.send(to, message));
        before = sent.catch(() => {});
        return sent;
      },
    }),
  ];
}
