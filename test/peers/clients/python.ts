/** The mail libraries of python, on which many programs stand. */
import { join } from 'node:path';
import { type Client, SUBJECT, type Visit } from './client.ts';

/** Debian's, whatever else is on the PATH. */
const PYTHON = '/usr/bin/python3';
const script = (name: string, port: (visit: Visit) => number | undefined) => (visit: Visit) => ({
  command: [PYTHON, '-B', join(import.meta.dirname, 'python', name), String(port(visit)), visit.ca, visit.user, visit.secret],
});
const common = { version: [PYTHON, '--version'], printed: /^[\w.]*(?:[Ee]rror|error_proto|abort): .*$/gm } as const;

export const imaplib: Client = {
  name: 'python imaplib',
  protocol: 'imap',
  ...common,
  prepare: script('imaplib_client.py', ({ ports }) => ports.imaps),
  worked: (_, { status, output }) => status === 0 && output.includes(SUBJECT) && output.includes('stored and found'),
};

export const poplib: Client = {
  name: 'python poplib',
  protocol: 'pop3',
  ...common,
  prepare: script('poplib_client.py', ({ ports }) => ports.pop3),
  worked: (_, { status, output }) => status === 0 && output.includes(SUBJECT),
};

export const smtplib: Client = {
  name: 'python smtplib',
  protocol: 'submission',
  ...common,
  prepare: script('smtplib_client.py', ({ ports }) => ports.submissions),
  worked: (_, { status, output }) => status === 0 && output.includes('sent'),
};
