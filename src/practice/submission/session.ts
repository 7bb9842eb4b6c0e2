/** One client's submission connection, as its commands see it. */
import type { Lines } from '../lmtp/lines.ts';
import type { Services } from '../services.ts';
import type { NextHop } from './next-hop.ts';

/** `user`: of this platform; undefined where the next hop took it. */
export type Recipient = { readonly given: string; readonly user: string | undefined };

export type Session = {
  readonly services: Services;
  readonly id: string;
  readonly port: 'submission' | 'submission-trusted';
  readonly lines: Lines;
  /** A whole reply, its lines ended by CRLF but for the last. */
  readonly say: (text: string) => void;
  user: string | undefined;
  sender: string | undefined;
  recipients: Recipient[];
  /** Of the transaction, once it has a recipient. */
  hop: NextHop | undefined;
  ending: boolean;
  refusals: number;
};

export function forget(session: Session): void {
  session.sender = undefined;
  session.recipients = [];
  session.hop?.close();
  session.hop = undefined;
}
