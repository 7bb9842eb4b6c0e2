/** What a sign-in's outcome and reason, a phase and a delivery mean, in words for a call. */
import type { Evidence } from '#desk/screen/api.ts';

export type Tone = 'good' | 'bad' | 'warm' | 'plain';
type SignIn = Evidence['signIns'][number];

const OUTCOMES: Readonly<Record<SignIn['outcome'], readonly [text: string, tone: Tone]>> = {
  accepted: ['accepted', 'good'],
  'code-asked': ['asked for the code', 'plain'],
  'app-password-needed': ['needs an app password', 'warm'],
  stopped: ['stopped', 'bad'],
  rejected: ['wrong', 'bad'],
  locked: ['locked out', 'bad'],
  waiting: ['not judged', 'warm'],
};

export const outcomeOf = ({ outcome }: Pick<SignIn, 'outcome'>): { readonly text: string; readonly tone: Tone } => ({ text: OUTCOMES[outcome][0], tone: OUTCOMES[outcome][1] });

const REASONS: Readonly<Record<SignIn['reason'], string>> = {
  '': '',
  secret: 'wrong password',
  former: 'a password of before',
  code: 'wrong code',
  platform: 'the platform said no',
  pair: 'too many wrong passwords from there',
  account: 'too many wrong passwords from strangers',
  spray: 'that network tries many names',
  crowded: 'too much from that network',
  suspended: 'account is suspended',
  closed: 'account is closed',
  'send-blocked': 'sending is blocked',
  scope: 'app password is for something else',
  'second-step': 'second step is on: needs an app password',
  held: 'it was just being moved',
  'in-use': 'too many connections',
  store: 'our store did not answer',
  overload: 'we were too busy',
  'no-service': 'its home does not offer this',
  revoked: 'an app password that was revoked',
  'no-hash': 'its platform is down, and we hold nothing to check by',
  'no-verifier': 'nobody could check it',
  'verifier-busy': 'its platform was too busy to check it',
  'verifier-down': 'its platform did not answer',
  'verifier-unproven': 'its platform refused more than can be right',
  budget: 'too many wrong ones were sent on already',
  'pass-ended': 'signed out meanwhile',
  changing: 'the password was just being changed',
  deadline: 'it took too long',
  undecodable: 'it was not readable',
  internal: 'a fault of ours',
};

export const reasonOf = ({ reason }: Pick<SignIn, 'reason'>): string => REASONS[reason] ?? reason;

const MEANS: Readonly<Record<SignIn['means'], string>> = { password: '', 'app-password': 'app password', passkey: 'passkey', code: 'code', 'recovery-code': 'recovery code', none: '' };

/** `IMAP`, `IMAP, app password`. */
export const howOf = ({ protocol, means }: Pick<SignIn, 'protocol' | 'means'>): string => [protocol === 'webmail' ? 'webmail' : protocol.toUpperCase(), MEANS[means]].filter((each) => each !== '').join(', ');

const PHASES: Readonly<Record<Evidence['move']['phase'], string>> = {
  settled: 'settled: nothing is moving',
  copying: 'copying: works as ever meanwhile',
  following: 'copied, kept current until it flips',
  held: 'flipping now: sign-ins wait a moment',
};

export const phaseOf = ({ phase }: Pick<Evidence['move'], 'phase'>): string => PHASES[phase];

export const DELIVERY_TONES: Readonly<Record<Evidence['deliveries'][number]['outcome'], Tone>> = { delivered: 'good', held: 'warm', deferred: 'warm', refused: 'bad' };

const FAULTS: Readonly<Record<Evidence['door'][number]['fault'], string>> = { 'old-tls': 'its encryption is too old', certificate: 'it did not accept our certificate', 'no-tls': 'it wanted to sign in unencrypted', 'plain-text': 'it sent its password unencrypted', 'unknown-name': 'it signs in by a name that nobody has' };

export const faultOf = ({ fault, detail }: Evidence['door'][number]): string => (detail === '' ? FAULTS[fault] : `${FAULTS[fault]} (${detail})`);
