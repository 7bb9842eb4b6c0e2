/** curl: one command, one sign-in. */
import { type Client, put, SUBJECT, type Visit } from './client.ts';

const curl = ({ ca, user, secret }: Visit, ...rest: string[]): { command: string[] } => ({ command: ['curl', '-sSv', '--cacert', ca, '-u', `${user}:${secret}`, ...rest] });

const common = { version: ['curl', '--version'], printed: /^curl: .*/gm } as const;
const fetched = (_: Visit, { output, status }: { output: string; status: number | null }): boolean => status === 0 && output.includes(SUBJECT);

export const curlImap: Client = {
  name: 'curl',
  protocol: 'imap',
  ...common,
  prepare: (visit) => curl(visit, `imaps://localhost:${visit.ports.imaps}/INBOX;MAILINDEX=1`),
  worked: fetched,
};

export const curlImapStartTls: Client = {
  name: 'curl, STARTTLS',
  protocol: 'imap',
  ...common,
  prepare: (visit) => curl(visit, '--ssl-reqd', `imap://localhost:${visit.ports.imap}/INBOX;MAILINDEX=1`),
  worked: fetched,
};

export const curlPop3: Client = {
  name: 'curl',
  protocol: 'pop3',
  ...common,
  prepare: (visit) => curl(visit, `pop3s://localhost:${visit.ports.pop3s}/1`),
  worked: fetched,
};

export const curlSmtp: Client = {
  name: 'curl',
  protocol: 'submission',
  ...common,
  prepare: (visit) => {
    const message = put(visit, 'message', `From: <${visit.user}>\r\nTo: <${visit.user}>\r\nSubject: from curl\r\n\r\nHello.\r\n`);
    return curl(visit, '--ssl-reqd', `smtp://localhost:${visit.ports.submission}`, '--mail-from', visit.user, '--mail-rcpt', visit.user, '-T', message);
  },
  worked: (_, { status, all }) => status === 0 && /^< 250 2\.\d\.\d /m.test(all),
};
