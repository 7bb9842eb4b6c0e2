/** One client's submission connection, as its commands see it. */
import type { Lines } from '../lmtp/lines.ts';
import type { Services } from '../services.ts';

export type Recipient = { readonly given: string; readonly user: string };

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
  ending: boolean;
  refusals: number;
};

export function forget(session: Session): void {
  session.sender = undefined;
  session.recipients = [];
}
