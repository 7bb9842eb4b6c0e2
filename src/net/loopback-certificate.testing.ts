/** A certificate for tests that vouches for itself, for `localhost` and 127.0.0.1. */
import { generate } from 'selfsigned';

/** PEM. */
export type LoopbackCertificate = { readonly cert: string; readonly key: string };

export async function makeLoopbackCertificate(): Promise<LoopbackCertificate> {
  const altNames = [{ type: 2 as const, value: 'localhost' }, { type: 7 as const, ip: '127.0.0.1' }];
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec', algorithm: 'sha256', extensions: [{ name: 'subjectAltName', altNames }] });
  return { cert, key };
}
