/** SASL PLAIN (RFC 4616) and LOGIN (draft-murchison-sasl-login), in base64 as IMAP, POP3 and SMTP carry it. */
import { CausewayError } from '#errors/index.ts';

export type PlainCredentials = { authzid: string; authcid: string; secret: string };

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** `authzid` is '' where none was sent. Undefined when this is no PLAIN message in base64 of UTF-8. */
export function decodePlain(base64: string): PlainCredentials | undefined {
  const message = decodeText(base64);
  if (message === undefined) return undefined;
  const [authzid = '', authcid = '', secret = '', ...more] = message.split('\0');
  if (authcid === '' || secret === '' || more.length > 0) return undefined;
  return { authzid, authcid, secret };
}

/** A response of LOGIN (draft-murchison-sasl-login), and PLAIN's as one text. Undefined for what is no UTF-8 in base64. */
export function decodeText(base64: string): string | undefined {
  if (!BASE64.test(base64)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}

/** Throws CausewayError 'protocol' on a NUL, which would move the borders between the fields. */
export function encodePlain({ authzid = '', authcid, secret }: { authzid?: string; authcid: string; secret: string }): string {
  const fields = [authzid, authcid, secret];
  if (fields.some((field) => field.includes('\0'))) {
    throw new CausewayError('protocol', 'a NUL in a login name or a password');
  }
  return Buffer.from(fields.join('\0')).toString('base64');
}
