/**
 * What a client is told: verdict × protocol × moment, in one table.
 *
 * Invariants: only `rejected` says or hints that a secret is wrong, and it exists at one moment, after the secret.
 * Every other row after a secret says that the password was not rejected. The connection stays open after a secret:
 * clients that see it drop there count a wrong password (Thunderbird, neomutt).
 *
 * Shaped by what mail clients do with each answer: `[UNAVAILABLE]` (RFC 5530, 3) is the only code that Thunderbird from
 * 140, K-9, Evolution, Geary and the AOSP family all read as no fault of the password. A plain NO, and any code that
 * they do not know, makes four of them ask for the password. POP3 clients ask after any `-ERR` to PASS, whatever its
 * code, and after none to USER or at the greeting (Thunderbird, K-9, Evolution): so `name` is where to refuse. Of those
 * that submit, only K-9 and Evolution read 454 as no fault of the password; Thunderbird, Geary and Mailspring ask for
 * another one at any refusal of AUTH, AUTH LOGIN's name included, so nothing is won by refusing there. ManageSieve's
 * clients show the text.
 */
import type { Protocol, Verdict } from './verdict.ts';

/**
 * `secret`: in answer to LOGIN, to AUTHENTICATE or AUTH once the secret has come, or to PASS. `name`: in answer to USER, before
 * the secret, to an account that could not be judged anyway. `greeting`: in the place of the greeting, when shedding.
 */
export type Moment = 'greeting' | 'name' | 'secret';

export type Reply = {
  /** Without CRLF; at IMAP's `secret` without the tag too. */
  readonly line: string;
  /** Whether the connection ends after it. */
  readonly closes: boolean;
};

export type Refusal = Exclude<Verdict, { verdict: 'accepted' }>;

/** What the rows are of: three are accounts' states, `unavailable` is all that has no row of its own. */
type Row = 'rejected' | 'unavailable' | 'suspended' | 'closed' | 'send-blocked' | 'in-use' | 'scope';

type Replies = Partial<Record<Moment, Reply>> & { secret: Reply };

const TABLE: Record<Row, Partial<Record<Protocol, Replies>>> & { unavailable: Record<Protocol, Replies> } = {
  rejected: {
    imap: {
      // RFC 5530: the same secret later is pointless. Clients ask for another one, which is right here, and only here.
      secret: open('NO [AUTHENTICATIONFAILED] The login name or the password is wrong.'),
    },
    pop3: {
      // RFC 3206 section 5: the only code that blames the credentials.
      secret: open('-ERR [AUTH] The login name or the password is wrong.'),
    },
    submission: {
      // RFC 4954 section 6: the only code that blames the credentials. Every client asks for others.
      secret: open('535 5.7.8 The login name or the password is wrong.'),
    },
    sieve: {
      // RFC 5804 section 2.1: a NO without a code. None of its codes blames the credentials; TRYLATER is what absolves them.
      secret: open('NO "Authentication failed: the login name or the password is wrong."'),
    },
  },
  unavailable: {
    imap: {
      // FairEmail looks for "Account is temporarily unavailable", old fetchmail for "service" and "wait"; Thunderbird
      // ignores the code when no text follows it.
      secret: open('NO [UNAVAILABLE] Account is temporarily unavailable, service busy, please wait. Your password was not rejected.'),
      // RFC 9051, 7.1.5: one of the three greetings. It must close: KMail waits for the server to.
      greeting: closing('* BYE [UNAVAILABLE] Service is temporarily unavailable, please wait.'),
    },
    pop3: {
      // RFC 3206 section 4: no need to alarm anybody unless it persists. The words as above: FairEmail and old fetchmail
      // look for them here too. Of a password nothing is said where none has come.
      name: open('-ERR [SYS/TEMP] Account is temporarily unavailable, service busy, please wait.'),
      secret: open('-ERR [SYS/TEMP] Account is temporarily unavailable, service busy, please wait. Your password was not rejected.'),
      greeting: closing('-ERR [SYS/TEMP] Service is temporarily unavailable, please wait.'),
    },
    submission: {
      // RFC 4954 section 6: a temporary failure of the server. K-9 and Evolution try again by themselves. Never 421: a
      // connection that ends here is a wrong password to Thunderbird.
      secret: open('454 4.7.0 Account is temporarily unavailable, service busy, please wait. Your password was not rejected.'),
      // RFC 5321 section 3.8. No client that was read asks for a password here; the message stays in its outbox.
      greeting: closing('421 4.3.2 Service is temporarily unavailable, please wait.'),
    },
    sieve: {
      // RFC 5804 section 1.3: a temporary failure of the server; the client may try again later.
      secret: open('NO (TRYLATER) "Account is temporarily unavailable, service busy, please wait. Your password was not rejected."'),
      greeting: closing('BYE (TRYLATER) "Service is temporarily unavailable, please wait."'),
    },
  },
  suspended: {
    imap: {
      // [CONTACTADMIN] would fit the words of RFC 5530, but Evolution asks for the password at a code it does not know,
      // and each device's message would be a call. Lifting the suspension must bring devices back by themselves.
      secret: open('NO [UNAVAILABLE] Account is temporarily unavailable because it is suspended. Your password was not rejected.'),
    },
    pop3: {
      secret: open('-ERR [SYS/TEMP] Account is temporarily unavailable because it is suspended. Your password was not rejected.'),
    },
    submission: {
      // 525 5.7.13 (RFC 5248's registry: account disabled) would fit, but clients take every 5xx to AUTH for the password.
      secret: open('454 4.7.0 Account is temporarily unavailable because it is suspended. Your password was not rejected.'),
    },
    sieve: {
      secret: open('NO (TRYLATER) "Account is temporarily unavailable because it is suspended. Your password was not rejected."'),
    },
  },
  closed: {
    imap: {
      // Not "temporarily": the phrase that calms FairEmail would be untrue. Its two hours of silence suit a closed account.
      secret: open('NO [UNAVAILABLE] This account has been closed. Your password was not rejected.'),
    },
    pop3: {
      // [SYS/PERM] would fit, but a client that gives up on it must be brought back by hand if the account is opened again.
      secret: open('-ERR [SYS/TEMP] This account has been closed. Your password was not rejected.'),
    },
    submission: {
      secret: open('454 4.7.0 This account has been closed. Your password was not rejected.'),
    },
    sieve: {
      secret: open('NO (TRYLATER) "This account has been closed. Your password was not rejected."'),
    },
  },
  'send-blocked': {
    submission: {
      // Not 535, nor 550 at MAIL: the customer signs in to read with this password, and must not change it. 454 leaves
      // the message in the outbox, so that lifting the block sends it. It is said after a right secret only.
      secret: open('454 4.7.0 Sending from this account is blocked, please ask your provider. Your password was not rejected.'),
    },
  },
  scope: {
    // A right secret by a protocol that its owner has not allowed it for. "Wrong password" would be untrue, and make
    // people type the same one again; the code that is no fault of the password is the one that shows them the text. It
    // tells nothing to whoever stole it that a try by another protocol would not. Nothing counts, and nothing was asked.
    imap: { secret: open('NO [UNAVAILABLE] This app password is not for IMAP. Your password was not rejected.') },
    pop3: { secret: open('-ERR [SYS/TEMP] This app password is not for POP3. Your password was not rejected.') },
    submission: { secret: open('454 4.7.0 This app password is not for sending mail. Your password was not rejected.') },
    sieve: { secret: open('NO (TRYLATER) "This app password is not for filters. Your password was not rejected."') },
  },
  'in-use': {
    pop3: {
      // RFC 2449 section 8.1.2. fetchmail takes it for busy, and comes again.
      secret: open('-ERR [IN-USE] Another session has the mailbox open, please wait. Your password was not rejected.'),
    },
  },
};

/**
 * The reply to a verdict that is not `accepted`. `locked` is answered as `unavailable`: that an account is locked is
 * news to an attacker, and a customer is better told by the desk. At a moment that a row does not have, `unavailable`'s
 * reply is given.
 */
export function replyFor(verdict: Refusal, protocol: Protocol, moment: Moment): Reply {
  return TABLE[rowOf(verdict)][protocol]?.[moment] ?? TABLE.unavailable[protocol][moment] ?? TABLE.unavailable[protocol].secret;
}

function rowOf(verdict: Refusal): Row {
  if (verdict.verdict === 'rejected') return 'rejected';
  switch (verdict.reason) {
    case 'suspended':
    case 'closed':
    case 'send-blocked':
    case 'in-use':
    case 'scope':
      return verdict.reason;
    default:
      return 'unavailable';
  }
}

function open(line: string): Reply {
  return { line, closes: false };
}

function closing(line: string): Reply {
  return { line, closes: true };
}
