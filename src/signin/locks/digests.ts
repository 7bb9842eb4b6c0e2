/**
 * What locks remember of secrets, login names and networks: 48 bits of a keyed digest, as a number.
 *
 * Invariants: nothing that a client sent is kept, only these. Two that are alike by chance (one in 2^48 for each pair)
 * make one count too few, nothing else; 48 bits cost 8 bytes in memory, where a whole digest costs 60. The digest of an
 * account's secret has neither protocol nor credential version in it: the same secret by another protocol is no new
 * guess, and an earlier secret is known again after the change.
 */
import { createMac } from '../known-good/mac.ts';

export type Digests = {
  /** Of a secret presented for a subject. */
  secretOf(subject: number, secret: string): number;
  /** Of a secret alone: the same on every account. */
  secret(secret: string): number;
  network(text: string): number;
  /** What makes the digests of networks, and nothing else. */
  readonly networkKey: Buffer;
  /** The subject that a login name is which belongs to no account: below zero, where no account's id is. */
  stranger(login: string): number;
};

export function createDigests(key: Buffer): Digests {
  const mac = createMac(key);
  const networkKey = mac('networks');
  const networkMac = createMac(networkKey);
  const digest = (purpose: string, text: string): number => mac(`${purpose}\0${text}`).readUIntBE(0, 6);
  return {
    secretOf: (subject, secret) => digest(`secret of ${subject}`, secret),
    secret: (secret) => digest('secret', secret),
    network: (text) => networkMac(text).readUIntBE(0, 6),
    networkKey,
    stranger: (login) => -1 - digest('login', login),
  };
}
