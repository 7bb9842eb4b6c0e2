/** One client's POP3 connection, as its commands see it. */
import type { Output } from '../imap/output.ts';
import type { Services } from '../services.ts';
import type { Maildrop } from './maildrop.ts';

export type Session = {
  readonly services: Services;
  readonly id: string;
  readonly port: 'pop3' | 'pop3-trusted';
  readonly out: Output;
  /** Users whose maildrop a session has. */
  readonly locks: Set<string>;
  /** What USER named; PASS is to follow. */
  named: string | undefined;
  user: string | undefined;
  maildrop: Maildrop | undefined;
  ending: boolean;
  refusals: number;
};

/** `+OK ...` or `-ERR ...`, or nothing where the command wrote its own. */
export type Reply = string | undefined;
