/** What each protocol does in its own way on a client's connection; all else is one for all. */
import type { MailProtocol } from '#signin/verdict.ts';
import type { Arrival } from './backend.ts';
import type { NamingConversationOptions, Outcome } from './conversing.ts';
import { carriedCapabilities } from './imap/capability.ts';
import { converseImap } from './imap/conversation.ts';
import { createImapSession } from './imap/session.ts';
import { conversePop3 } from './pop3/conversation.ts';
import { createPop3Session } from './pop3/session.ts';
import { converseSieve } from './sieve/conversation.ts';
import { createSieveSession } from './sieve/session.ts';
import type { Session, SessionOptions } from './splice.ts';
import { converseSubmission } from './submission/conversation.ts';
import { createSubmissionSession } from './submission/session.ts';

export type Dialect = {
  readonly protocol: MailProtocol;
  /** Only POP3 has a moment between name and secret at which somebody is turned away. */
  converse<T>(options: NamingConversationOptions<T>): Promise<Outcome<T>>;
  /** To a client that is signed in, with its CRLF. `tag`: as the conversation gave it. */
  welcome(tag: string, arrival: Arrival): string;
  createSession(options: SessionOptions): Session;
};

export const DIALECTS: Readonly<Record<MailProtocol, Dialect>> = {
  imap: {
    protocol: 'imap',
    converse: converseImap,
    welcome: (tag, { capabilities }) => `${tag} OK [CAPABILITY ${carriedCapabilities(capabilities).join(' ')}] Signed in.\r\n`,
    createSession: createImapSession,
  },
  pop3: {
    protocol: 'pop3',
    converse: conversePop3,
    welcome: () => '+OK Signed in.\r\n',
    createSession: createPop3Session,
  },
  submission: {
    protocol: 'submission',
    converse: converseSubmission,
    welcome: () => '235 2.7.0 Signed in.\r\n',
    createSession: createSubmissionSession,
  },
  sieve: {
    protocol: 'sieve',
    converse: converseSieve,
    // A client that wants to know the platform's capabilities asks for them.
    welcome: () => 'OK "Signed in."\r\n',
    createSession: createSieveSession,
  },
};
