/**
 * The LMTP server that a provider's MX hands its mail to (RFC 2033): the constant last hop, wherever the account lives.
 *
 * Invariants: no message is acknowledged before its home acknowledged it. A client that breaks off in the middle of a
 * message delivers nothing.
 */
import { randomBytes } from 'node:crypto';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { CausewayError } from '#errors/index.ts';
import { createStuffer } from '#wire/smtp/dot-stuffing.ts';
import { beginTransaction, type DeliveryParts, type Transaction, TRY_LATER } from './transaction.ts';
import type { Answer } from './hand-over.ts';

export type DeliveryServer = { readonly port: number; close(): Promise<void> };

export type DeliveryOptions = DeliveryParts & {
  readonly host: string;
  readonly port: number;
  /** Our name in the greeting and in the trace line. */
  readonly name: string;
  /** The largest message, announced as SIZE. */
  readonly maxBytes: number;
};

/** An MX opens some tens of connections to one next hop (Postfix: 20); 500 leaves room for many of them. */
const MAX_CLIENTS = 500;
/** RFC 5321 4.5.3.1.8 asks for at least 100. */
const MAX_RECIPIENTS = 1_000;

export async function openDelivery(options: DeliveryOptions): Promise<DeliveryServer> {
  const transactions = new Map<string, { readonly envelope: unknown; readonly transaction: Transaction; readonly seen: Set<string> }>();

  const end = (session: SMTPServerSession): void => {
    transactions.get(session.id)?.transaction.close();
    transactions.delete(session.id);
  };
  const current = (session: SMTPServerSession): { transaction: Transaction; seen: Set<string> } => {
    const open = transactions.get(session.id);
    // smtp-server gives each transaction a new envelope: RSET shows only there.
    if (open !== undefined && open.envelope === session.envelope) return open;
    end(session);
    const envelope = session.envelope;
    const sender = session.envelope.mailFrom === false ? '' : (session.envelope.mailFrom?.address ?? '');
    const transaction: Transaction = beginTransaction(sender, options, {
      alive: () => transaction.delivering() || (session.envelope === envelope && transactions.has(session.id)),
    });
    const begun = { envelope, seen: new Set<string>(), transaction };
    transactions.set(session.id, begun);
    return begun;
  };

  const server = new SMTPServer({
    lmtp: true,
    name: options.name,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: true,
    hideDSN: true,
    size: options.maxBytes,
    maxClients: MAX_CLIENTS,
    maxRecipients: MAX_RECIPIENTS,
    // RFC 5321 4.5.3.2.7: a server waits 5 min for the next command.
    socketTimeout: 300_000,
    closeTimeout: 5_000,
    onRcptTo(address, session, callback) {
      const { transaction, seen } = current(session);
      const key = address.address.toLowerCase();
      // smtp-server would merge the two, and RFC 2033 wants an answer for each.
      if (seen.has(key)) return callback(asError({ code: 452, text: '4.5.3 This recipient was given already.' }));
      seen.add(key);
      transaction.rcpt(address.address).then(
        (answer) => callback(answer.code < 300 ? null : asError(answer)),
        () => callback(asError(TRY_LATER)),
      );
    },
    onData(stream, session, callback) {
      const { transaction } = current(session);
      const id = randomBytes(9).toString('base64url');
      transaction
        .deliver(id, traceLine(session, options, id), stream, createStuffer())
        .then(
          (answers) => callback(null, answers.map((answer) => (answer.code < 300 ? answer.text : asError(answer)))),
          (error: Error) => callback(Object.assign(error, { responseCode: 451 })),
        )
        .finally(() => end(session));
    },
    onClose: end,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: Error): void =>
      reject(
        new CausewayError('config', `cannot listen for LMTP: ${cause.message}`, {
          place: `${options.host}:${options.port}`,
          remedy: 'Give another address under "listen: lmtp", or stop the process that holds this one.',
          cause,
        }),
      );
    server.server.once('error', refuse);
    server.listen(options.port, options.host, () => {
      server.server.off('error', refuse);
      resolve();
    });
  });
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function asError(answer: Answer): Error {
  return Object.assign(new Error(answer.text), { responseCode: answer.code });
}

/** RFC 5321 4.4: the receiving hop says from whom, by whom, under which id and when. */
function traceLine(session: SMTPServerSession, options: DeliveryOptions, id: string): string {
  const from = String(session.hostNameAppearsAs || 'unknown').replace(/[^\w.:[\]-]/g, '?').slice(0, 255);
  const date = new Date(options.clock.now()).toUTCString().replace('GMT', '+0000');
  return `Received: from ${from} (${session.remoteAddress})\r\n\tby ${options.name} with LMTP id ${id};\r\n\t${date}\r\n`;
}
