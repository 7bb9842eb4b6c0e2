/** Evidence for tests: an account that is well, and what is otherwise. */
import type { Evidence, SignInEvidence } from '../screen/evidence.ts';

export const NOW = Date.UTC(2026, 10, 26, 12, 0);
export const HOUR = 3_600_000;

export const signIn = (over: Partial<SignInEvidence> = {}): SignInEvidence => ({
  protocol: 'imap', network: '192.0.2.1', device: 'iPhone Mail 22', deviceGuess: 'iPhone, Mail', outcome: 'accepted', means: 'password', reason: '',
  times: 1, firstAt: NOW - 2 * HOUR, lastAt: NOW - HOUR / 2, ...over,
});

export const refused = (reason: SignInEvidence['reason'], over: Partial<SignInEvidence> = {}): SignInEvidence => signIn({ outcome: 'rejected', means: 'none', reason, ...over });

export function evidenceWith(over: Partial<Evidence> = {}): Evidence {
  return {
    at: NOW,
    who: {
      id: 17, address: 'joe@isp.example', phones: [], loginNames: ['joe'], recipients: ['joe@isp.example'], state: 'active', home: 'old', authority: 'old',
      epoch: 0, credentialVersion: 1, hashHeld: true, passkeys: 0, webSessions: 0, appPasswords: [],
    },
    move: { phase: 'settled', moves: [], refused: [], refusedTotal: 0 },
    signIns: [signIn()],
    locks: { distinct: 0, ceiling: 100, networks: [], inWords: [] },
    door: [], uidls: [], deliveries: [], incidents: [], cases: [], changes: [],
    ...over,
  };
}
