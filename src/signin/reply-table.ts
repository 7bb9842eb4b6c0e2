/**
 * What a client is told: verdict × protocol × moment, in one table, each reply with the reason for it. `docs/replies.md`
 * is made of it (`npm run docs:replies`).
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
import type { Protocol } from './verdict.ts';

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

/** `why`: what the words stand on, for people. */
export type Cell = Reply & { readonly why: string };

/** What the rows are of: three are accounts' states, `unavailable` is all that has no row of its own. */
export type Row = 'rejected' | 'unavailable' | 'suspended' | 'closed' | 'send-blocked' | 'scope' | 'second-step' | 'in-use';

type Cells = Partial<Record<Moment, Cell>>;

/** When each row is given. */
export const ROWS: Readonly<Record<Row, string>> = {
  rejected: 'A completed check, by a verifier known to be healthy, with the account’s authority, found the login name or the secret wrong. A name that nobody has gets the same reply as a wrong secret.',
  unavailable: 'All that has no row of its own: nobody could judge the secret, or not in time; the account is locked for this network, held by a move, or its platform cannot be reached; there is no room.',
  suspended: 'The account is suspended, whatever secret is presented: it is not judged.',
  closed: 'The account is closed, whatever secret is presented: it is not judged.',
  'send-blocked': 'The account may read and not send, and its secret is right. A wrong one is `rejected`.',
  scope: 'The secret is an app password, and right, and its owner has not allowed it for this protocol. It counts towards no lock.',
  'second-step': 'The account’s owner has a code asked for after the secret, and wants mail programs, which cannot show one, to have app passwords; the secret is right, and is not one. A wrong one is `rejected`.',
  'in-use': 'The secret is right, and another session has the maildrop, which has room for one.',
};

const NOT_REJECTED = 'Your password was not rejected.';
const BUSY = `Account is temporarily unavailable, service busy, please wait. ${NOT_REJECTED}`;
const SUSPENDED = `Account is temporarily unavailable because it is suspended. ${NOT_REJECTED}`;
const CLOSED = `This account has been closed. ${NOT_REJECTED}`;
const SHED = 'Service is temporarily unavailable, please wait.';

/** At a moment that a row does not have, `unavailable`'s reply is given. */
export const TABLE: Readonly<Record<Row, Readonly<Partial<Record<Protocol, Cells>>>>> & { readonly unavailable: Record<Protocol, Cells & { secret: Cell; greeting: Cell }> } = {
  rejected: {
    imap: {
      secret: open('NO [AUTHENTICATIONFAILED] The login name or the password is wrong.', 'RFC 5530: the same secret later is pointless. Clients ask for another one, which is right here, and only here.'),
    },
    pop3: {
      secret: open('-ERR [AUTH] The login name or the password is wrong.', 'RFC 3206 section 5: the only code that blames the credentials.'),
    },
    submission: {
      secret: open('535 5.7.8 The login name or the password is wrong.', 'RFC 4954 section 6: the only code that blames the credentials. Every client asks for others.'),
    },
    sieve: {
      secret: open('NO "Authentication failed: the login name or the password is wrong."', 'RFC 5804 section 2.1: a NO without a code. None of its codes blames the credentials; TRYLATER is what absolves them.'),
    },
    webmail: { secret: open('HTTP 401 The login name or the password is wrong.', 'The page asks for another one, which is right here, and only here. JMAP’s clients take 401 for the credentials (RFC 9110, 15.5.2).') },
  },
  unavailable: {
    imap: {
      greeting: closing(`* BYE [UNAVAILABLE] ${SHED}`, 'RFC 9051 section 7.1.5: one of the three greetings. It must close: KMail waits for the server to.'),
      secret: open(
        `NO [UNAVAILABLE] ${BUSY}`,
        'The one code that five families of clients read as no fault of the password. FairEmail looks for "Account is temporarily unavailable", old fetchmail for "service" and "wait"; Thunderbird ignores the code when no text follows it.',
      ),
    },
    pop3: {
      greeting: closing(`-ERR [SYS/TEMP] ${SHED}`, 'Thunderbird, K-9 and Evolution ask for no password at the greeting.'),
      name: open(
        '-ERR [SYS/TEMP] Account is temporarily unavailable, service busy, please wait.',
        'Where to refuse: Thunderbird, K-9 and Evolution ask for no password after an -ERR to USER. Of a password nothing is said where none has come.',
      ),
      secret: open(`-ERR [SYS/TEMP] ${BUSY}`, 'RFC 3206 section 4: no need to alarm anybody unless it persists. Clients ask after any -ERR to PASS, so this is the second choice. The words as in IMAP: FairEmail and old fetchmail look for them here too.'),
    },
    submission: {
      greeting: closing(`421 4.3.2 ${SHED}`, 'RFC 5321 section 3.8. No client that was read asks for a password here; the message stays in its outbox.'),
      secret: open(
        `454 4.7.0 ${BUSY}`,
        'RFC 4954 section 6: a temporary failure of the server. K-9 and Evolution try again by themselves. Never 421: a connection that ends here is a wrong password to Thunderbird.',
      ),
    },
    sieve: {
      greeting: closing(`BYE (TRYLATER) "${SHED}"`, 'RFC 5804 section 1.3: the server goes, and the client may come again later.'),
      secret: open(`NO (TRYLATER) "${BUSY}"`, 'RFC 5804 section 1.3: a temporary failure of the server. Clients show the text.'),
    },
    webmail: {
      greeting: closing(`HTTP 503 ${SHED}`, 'The page says so, keeps what was typed, and comes again by itself.'),
      secret: open(
        `HTTP 503 Sign-in is temporarily unavailable. Please keep your password as it is: you will be let in by itself. ${NOT_REJECTED}`,
        'Never 401 of an outage: in the story, people who were shown an error changed passwords that were right. The page tries again by itself, with Retry-After.',
      ),
    },
  },
  suspended: {
    imap: {
      secret: open(
        `NO [UNAVAILABLE] ${SUSPENDED}`,
        '[CONTACTADMIN] would fit the words of RFC 5530, but Evolution asks for the password at a code that it does not know, and each device’s message would be a call. Lifting the suspension must bring devices back by themselves.',
      ),
    },
    pop3: {
      secret: open(`-ERR [SYS/TEMP] ${SUSPENDED}`, 'Lifting the suspension must bring devices back by themselves, so nothing permanent is said.'),
    },
    submission: {
      secret: open(`454 4.7.0 ${SUSPENDED}`, '525 5.7.13 (RFC 5248’s registry: account disabled) would fit, but clients take every 5xx to AUTH for the password.'),
    },
    sieve: {
      secret: open(`NO (TRYLATER) "${SUSPENDED}"`, 'A NO without a code would blame the credentials.'),
    },
    webmail: { secret: open(`HTTP 403 This account is suspended, please ask your provider. ${NOT_REJECTED}`, 'Not 401: the customer would try other passwords. Not 503: a page that comes again by itself would wait for nothing.') },
  },
  closed: {
    imap: {
      secret: open(`NO [UNAVAILABLE] ${CLOSED}`, 'Not "temporarily": the phrase that calms FairEmail would be untrue. Its two hours of silence suit a closed account.'),
    },
    pop3: {
      secret: open(`-ERR [SYS/TEMP] ${CLOSED}`, '[SYS/PERM] would fit, but a client that gives up on it must be brought back by hand if the account is opened again.'),
    },
    submission: {
      secret: open(`454 4.7.0 ${CLOSED}`, 'As for a suspended account: every 5xx is taken for the password, and the account may be opened again.'),
    },
    sieve: {
      secret: open(`NO (TRYLATER) "${CLOSED}"`, 'A NO without a code would blame the credentials.'),
    },
    webmail: { secret: open(`HTTP 403 ${CLOSED}`, 'As for a suspended account.') },
  },
  'send-blocked': {
    submission: {
      secret: open(
        `454 4.7.0 Sending from this account is blocked, please ask your provider. ${NOT_REJECTED}`,
        'Not 535, nor 550 at MAIL: the customer signs in to read with this password, and must not change it. 454 leaves the message in the outbox, so that lifting the block sends it. It is said after a right secret only.',
      ),
    },
  },
  scope: {
    imap: {
      secret: open(
        `NO [UNAVAILABLE] This app password is not for IMAP. ${NOT_REJECTED}`,
        '"Wrong password" would be untrue, and make people type the same one again; the code that is no fault of the password is the one that shows them the text. It tells nothing to whoever stole it that a try by another protocol would not.',
      ),
    },
    pop3: { secret: open(`-ERR [SYS/TEMP] This app password is not for POP3. ${NOT_REJECTED}`, 'As in IMAP: [AUTH] would be untrue.') },
    submission: { secret: open(`454 4.7.0 This app password is not for sending mail. ${NOT_REJECTED}`, 'As in IMAP: 535 would be untrue, and the message stays in the outbox until its owner allows it.') },
    sieve: { secret: open(`NO (TRYLATER) "This app password is not for filters. ${NOT_REJECTED}"`, 'A NO without a code would blame the credentials.') },
    webmail: { secret: open(`HTTP 403 This app password is not for webmail. ${NOT_REJECTED}`, '401 would be untrue, and make people type the same one again.') },
  },
  'second-step': {
    imap: {
      secret: open(
        `NO [UNAVAILABLE] This account needs an app password here; you make one in the webmail. ${NOT_REJECTED}`,
        'As with `scope`: "wrong password" would be untrue, and send people to change it. Whoever stole the secret learns that it is right, as the portal tells him by asking for the code.',
      ),
    },
    pop3: { secret: open(`-ERR [SYS/TEMP] This account needs an app password here; you make one in the webmail. ${NOT_REJECTED}`, 'As in IMAP: [AUTH] would be untrue.') },
    submission: { secret: open(`454 4.7.0 This account needs an app password here; you make one in the webmail. ${NOT_REJECTED}`, 'As in IMAP: 535 would be untrue, and 534 is taken for it; the message stays in the outbox until the program has one.') },
    sieve: { secret: open(`NO (TRYLATER) "This account needs an app password here; you make one in the webmail. ${NOT_REJECTED}"`, 'A NO without a code would blame the credentials.') },
    webmail: { secret: open(`HTTP 403 This account needs an app password here; you make one in the webmail. ${NOT_REJECTED}`, 'Said to other JMAP clients, which show the secret with each request and can show no code.') },
  },
  'in-use': {
    pop3: {
      secret: open(`-ERR [IN-USE] Another session has the mailbox open, please wait. ${NOT_REJECTED}`, 'RFC 2449 section 8.1.2. fetchmail takes it for busy, and comes again.'),
    },
  },
};

function open(line: string, why: string): Cell {
  return { line, closes: false, why };
}

function closing(line: string, why: string): Cell {
  return { line, closes: true, why };
}
