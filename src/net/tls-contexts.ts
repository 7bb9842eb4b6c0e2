/**
 * The TLS contexts of the listeners: the certificates by host name, read again when their files change.
 *
 * Invariants: a file that cannot be used changes nothing; what is in use stays. Files are looked at when a handshake
 * asks, and at most every LOOK_MS, however many handshakes there are. Tickets of one period are good at every process
 * that knows the same secret, and at none any more when the next period has begun.
 */
import { hkdfSync } from 'node:crypto';
import { statSync } from 'node:fs';
import type { SecureContext, SecureVersion } from 'node:tls';
import { messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { type CertificateFiles, secureContext } from './certificate.ts';
import { certificateRenewed, certificateUnusable } from './events.ts';

/** A new certificate is in use this long after its files are there. */
const LOOK_MS = 5_000;
/**
 * A ticket's key lives and dies with its period, so a secret that leaks opens at most this much of earlier traffic that
 * was resumed without a new key exchange (TLS 1.2); mail clients come back within minutes or an hour.
 */
const TICKET_PERIOD_MS = 12 * 3_600_000;

export type TlsContexts = {
  /** For clients that name no host, or one that has no certificate of its own. */
  main(): SecureContext;
  /** For a host that a client names (RFC 6066 section 3). Undefined: no host has a certificate of its own. */
  readonly named: ((host: string) => SecureContext) | undefined;
};

export type TlsContextOptions = {
  readonly main: CertificateFiles;
  /** By host name; `*.example.net` stands for one label. */
  readonly names?: Readonly<Record<string, CertificateFiles>>;
  /** The oldest version that is spoken. Default TLSv1.2. */
  readonly minimum?: SecureVersion;
  /** Known to all processes that are to resume each other's sessions. Without it each resumes its own. */
  readonly ticketSecret?: Buffer;
  readonly clock: Clock;
  readonly emit: Emit;
};

/** @throws CausewayError `config` naming the files that cannot be used */
export function createTlsContexts(options: TlsContextOptions): TlsContexts {
  const main = watched(options.main, options);
  const names = new Map(Object.entries(options.names ?? {}).map(([host, files]) => [host.toLowerCase(), watched(files, options)]));
  const named = (host: string): SecureContext => {
    const name = host.toLowerCase().replace(/\.$/, '');
    // RFC 6125 section 6.4.3: the star stands for the whole first label.
    const found = names.get(name) ?? names.get(name.replace(/^[^.]+/, '*')) ?? main;
    return found();
  };
  return { main, named: names.size === 0 ? undefined : named };
}

/** The context of one certificate, made again when its files or the ticket's period changed. */
function watched(files: CertificateFiles, options: TlsContextOptions): () => SecureContext {
  const { clock, emit, minimum, ticketSecret } = options;
  const period = (): number => (ticketSecret === undefined ? 0 : Math.floor(clock.now() / TICKET_PERIOD_MS));
  const make = (of: number): SecureContext =>
    secureContext(files, { minimum, tickets: ticketSecret === undefined ? undefined : { keys: ticketKeys(ticketSecret, of), seconds: TICKET_PERIOD_MS / 1_000 } });
  let stamp = stampOf(files);
  let madeIn = period();
  let context = make(madeIn);
  let lookedAt = clock.monotonic();
  let toldOf = '';
  return () => {
    const now = clock.monotonic();
    if (now - lookedAt < LOOK_MS) return context;
    lookedAt = now;
    const [seen, current] = [stampOf(files), period()];
    // Being replaced at this moment: there is another look.
    if (seen === '' || (seen === stamp && current === madeIn)) return context;
    try {
      context = make(current);
      if (seen !== stamp) emit(certificateRenewed, { file: files.certificate });
      stamp = seen;
      madeIn = current;
    } catch (error) {
      if (toldOf !== seen) emit(certificateUnusable, { file: files.certificate, error: messageOf(error) });
      toldOf = seen;
    }
    return context;
  };
}

/** Changes with either file; '' while one of them is missing. */
function stampOf({ certificate, key }: CertificateFiles): string {
  try {
    return [certificate, key].map((file) => statSync(file)).map(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`).join(', ');
  } catch {
    return '';
  }
}

/** 48 bytes: name, HMAC key and AES key, as OpenSSL wants them. */
function ticketKeys(secret: Buffer, period: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `causeway tls tickets ${period}`, 48));
}
