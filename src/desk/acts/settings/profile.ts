/**
 * A configuration profile for Apple's devices ("com.apple.mail.managed", Apple's Device Management reference).
 *
 * Invariants: no password is in it: the device asks for it. All that is put in is escaped. The same account gives the same
 * identifiers, so a second profile takes the place of the first.
 */
import { createHash } from 'node:crypto';
import type { Server } from '../api.ts';
import { serversFor } from './steps.ts';

/** @returns undefined without a way to receive and one to send */
export function profileOf(address: string, login: string, servers: readonly Server[]): string | undefined {
  const [incoming, outgoing] = [serversFor(servers).find(({ protocol }) => protocol !== 'smtp'), servers.find(({ protocol }) => protocol === 'smtp')];
  if (incoming === undefined || outgoing === undefined) return undefined;
  const mail: [string, string | number | boolean][] = [
    ['PayloadType', 'com.apple.mail.managed'],
    ['PayloadVersion', 1],
    ['PayloadIdentifier', `causeway.mail.${uuidOf(`id ${address}`)}`],
    ['PayloadUUID', uuidOf(`mail ${address}`)],
    ['PayloadDisplayName', address],
    ['EmailAccountDescription', address],
    ['EmailAccountType', incoming.protocol === 'imap' ? 'EmailTypeIMAP' : 'EmailTypePOP'],
    ['EmailAddress', address],
    ...side('IncomingMailServer', incoming, login),
    ...side('OutgoingMailServer', outgoing, login),
    ['OutgoingPasswordSameAsIncomingPassword', true],
  ];
  const outer: [string, string | number | boolean][] = [
    ['PayloadType', 'Configuration'],
    ['PayloadVersion', 1],
    ['PayloadIdentifier', `causeway.profile.${uuidOf(`id ${address}`)}`],
    ['PayloadUUID', uuidOf(`profile ${address}`)],
    ['PayloadDisplayName', `Mail of ${address}`],
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<plist version="1.0"><dict><key>PayloadContent</key><array><dict>${mail.map(entry).join('')}</dict></array>${outer.map(entry).join('')}</dict></plist>`,
    '',
  ].join('\n');
}

function side(name: string, { host, port, security }: Server, login: string): [string, string | number | boolean][] {
  return [
    [`${name}Authentication`, 'EmailAuthPassword'],
    [`${name}HostName`, host],
    [`${name}PortNumber`, port],
    // Apple's word for both ways of TLS.
    [`${name}UseSSL`, security === 'TLS' || security === 'STARTTLS'],
    [`${name}Username`, login],
  ];
}

function entry([key, value]: [string, string | number | boolean]): string {
  const typed = typeof value === 'string' ? `<string>${escaped(value)}</string>` : typeof value === 'number' ? `<integer>${value}</integer>` : `<${value}/>`;
  return `<key>${key}</key>${typed}`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A UUID of a name (RFC 9562, 5.8: of our own making). */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(`causeway profile 1\0${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`.toUpperCase();
}
