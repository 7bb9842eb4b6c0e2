import { defineWords, number } from '#ui/words.ts';

type About = { readonly wave: string; readonly accounts: number; /** An account, a platform or an incident; null where there are several. */ readonly about: string | null };

const count = (n: number, one: string): string => `${number(n)} ${one}${n === 1 ? '' : 's'}`;
const whom = ({ about, accounts }: About): string => about ?? count(accounts, 'account');

const en = {
  timeline: 'What happened',
  nothing: 'Nothing yet.',
  'cutover.run': (): string => 'Plan begun',
  'cutover.pause': (): string => 'Paused',
  'cutover.resume': (): string => 'Resumed',
  'cutover.retry': ({ accounts }: About): string => `${count(accounts, 'failed move')} asked again`,
  'cutover.promote': ({ wave, accounts }: About): string => `On from “${wave}”, ${number(accounts)} ${accounts === 1 ? 'stays' : 'stay'} behind`,
  'cutover.abort': (): string => 'Aborted',
  'cutover.roll-back': ({ wave, accounts }: About): string => `“${wave}” rolled back, ${count(accounts, 'account')}`,
  'cutover.hold-back': (about: About): string => `${whom(about)} held back`,
  'cutover.let-go': (about: About): string => `${whom(about)} let go`,
  'cutover.place': (about: About): string => `${whom(about)} moved to “${about.wave}”`,
  'move.rollback': (about: About): string => `${whom(about)} rolled back`,
  'cutover.wave-started': ({ wave, accounts }: About): string => `“${wave}” begins, ${count(accounts, 'account')}`,
  'cutover.wave-done': ({ wave }: About): string => `“${wave}” is done`,
  'cutover.gate-passed': (): string => 'Paused by a gate',
  'cutover.done': (): string => 'Plan done',
  'incident.sentinel': ({ about }: About): string => `Sign-in at ${about} fails`,
  'incident.known-unavailable': ({ about }: About): string => `Customers of ${about} are refused as unavailable`,
  'incident.over': ({ about }: About): string => `${about} is well again`,
  'incident.declared': ({ about }: About): string => `Incident: ${about}`,
  'incident.resolved': ({ about }: About): string => `Resolved: ${about}`,
  'move.failed': ({ about, wave }: About): string => `${about} of “${wave}” did not move`,
};

export const words = defineWords({ en, es: en });
