/**
 * The certificate of the front door: the provider's own from files, or one that signs itself, made once.
 *
 * Invariant: a private key that we make is readable by its owner only and never leaves its folder.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, DEFAULT_CIPHERS, type SecureContext, type SecureVersion } from 'node:tls';
import { CausewayError, messageOf } from '#errors/index.ts';

export type CertificateFiles = { readonly certificate: string; readonly key: string };

/** 825 days: the longest that Apple's clients accept of a certificate they are told to trust. */
const LIFETIME_DAYS = 825;

/** Makes `tls.crt` and `tls.key` in `folder` for `names` unless they are there already. */
export async function ensureSelfSigned(folder: string, names: readonly string[]): Promise<CertificateFiles> {
  const files = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  if (existsSync(files.certificate) && existsSync(files.key)) return files;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Once in an installation's life; its 210 modules would be 0.17 s of CPU at each start.
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: names[0] ?? 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    notAfterDate: new Date(Date.now() + LIFETIME_DAYS * 86_400_000),
    extensions: [
      { name: 'subjectAltName', altNames: names.map((name) => (/^[\d.]+$|:/.test(name) ? { type: 7, ip: name } : { type: 2, value: name })) },
    ],
  });
  writeAtomically(files.key, made.private);
  writeAtomically(files.certificate, made.cert);
  return files;
}

function writeAtomically(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export type ContextOptions = {
  /** Default TLSv1.2 (RFC 8996): below it is off unless a configuration asks for it. */
  readonly minimum?: SecureVersion;
  /** For resuming sessions (RFC 5077, RFC 8446 section 4.6.1). Without: keys of this context's own, for 5 minutes. */
  readonly tickets?: { /** 48 bytes. */ readonly keys: Buffer; readonly seconds: number };
};

/**
 * One TLS context of the listeners.
 * @throws CausewayError `config` naming the files when they cannot be read or are no certificate and key
 */
export function secureContext(files: CertificateFiles, { minimum = 'TLSv1.2', tickets }: ContextOptions = {}): SecureContext {
  try {
    return createSecureContext({
      cert: readFileSync(files.certificate),
      key: readFileSync(files.key),
      minVersion: minimum,
      // OpenSSL 3 has TLS 1.0 and 1.1 only at security level 0: they sign with SHA-1.
      ...(minimum === 'TLSv1' || minimum === 'TLSv1.1' ? { ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=0` } : {}),
      ...(tickets === undefined ? {} : { ticketKeys: tickets.keys, sessionTimeout: tickets.seconds }),
    });
  } catch (cause) {
    throw new CausewayError('config', `cannot use the certificate: ${messageOf(cause)}`, {
      place: `${files.certificate}, ${files.key}`,
      remedy: 'Both files must be readable PEM, and the key must belong to the certificate.',
      cause,
    });
  }
}
