/** What a technician reads out for one kind of device. The names are those of the device's own screens. */
import type { DeviceKind, Server } from '../api.ts';

const WHERE: Readonly<Record<DeviceKind, readonly string[]>> = {
  iphone: ['Open Settings, then Apps, Mail, Mail Accounts, Add Account.', 'Choose Other, then Add Mail Account.', 'Enter the name, the address and the password, and tap Next. Choose IMAP.'],
  android: ['Open Gmail, tap the picture at the top, then Add another account, Other.', 'Enter the address, tap Manual setup, and choose Personal (IMAP).', 'Enter the password and tap Next.'],
  thunderbird: ['Open the menu, then New Account, Email.', 'Enter the name, the address and the password, and choose Configure manually.'],
  outlook: ['Open File, then Add Account. Enter the address.', 'Open Advanced options, tick “Let me set up my account manually”, then Connect, IMAP.'],
  other: ['Open the program’s settings for a mail account, and choose to enter the servers by hand.'],
};

const NAMES = { imap: 'Incoming mail (IMAP)', pop3: 'Incoming mail (POP3)', smtp: 'Outgoing mail (SMTP)' } as const;

export function stepsFor(device: DeviceKind, login: string, servers: readonly Server[]): string[] {
  const shown = serversFor(servers);
  return [
    ...WHERE[device],
    ...shown.map(({ protocol, host, port, security }) => `${NAMES[protocol]}: server ${host}, port ${port}, security ${security === 'TLS' ? 'SSL/TLS' : 'STARTTLS'}.`),
    `User name for both: ${login}. The password is the one for the mailbox, or an app password.`,
  ];
}

/** What a camera shows: a line a fact. */
export function settingsText(login: string, servers: readonly Server[]): string {
  return [`Mail account ${login}`, ...serversFor(servers).map(({ protocol, host, port, security }) => `${NAMES[protocol]}: ${host} ${port} ${security}`), `User name: ${login}`].join('\n');
}

/** IMAP where there is IMAP: with POP3 mail leaves the server, and the other devices. */
export function serversFor(servers: readonly Server[]): Server[] {
  const incoming = servers.find(({ protocol }) => protocol === 'imap') ?? servers.find(({ protocol }) => protocol === 'pop3');
  return servers.filter((server) => server === incoming || server.protocol === 'smtp');
}
