/**
 * The Dovecot authentication protocol, version 1, as Postfix (`smtpd_sasl_type = dovecot`) and Exim's `dovecot`
 * authenticator speak it to an authentication server. Pure. Source: Dovecot's documentation, "Design: Auth Protocol".
 *
 * Lines of fields between tabs. A field's NUL, SOH, TAB, CR and LF are escaped, so that no field ends another.
 */

/**
 * A SASL response of 3 x 1,024 octets (RFC 4616) is 4,096 in base64; with the parameters before it, Dovecot's own cap.
 */
export const LINE_LIMIT = 8_192;

export type ClientLine =
  | { readonly line: 'version'; readonly major: number }
  | {
      readonly line: 'auth';
      readonly id: number;
      /** Upper case. */
      readonly mechanism: string;
      /** `rip`, `lip`, `service`, `secured`, ...; '' where a parameter has no value. */
      readonly parameters: ReadonlyMap<string, string>;
      /** In base64. Undefined: none was sent. */
      readonly initial: string | undefined;
    }
  | { readonly line: 'cont'; readonly id: number; readonly data: string }
  | { readonly line: 'cancel'; readonly id: number }
  /** CPID, and what later versions add: the protocol asks that it be passed over. */
  | { readonly line: 'other' };

/** Postfix sends six parameters, Dovecot's own clients some twenty. */
const FIELDS = 64;
const ID = /^(?:0|[1-9][0-9]{0,9})$/;
/** RFC 4422, 3.1. */
const MECHANISM = /^[A-Z0-9_-]{1,20}$/;

/** @param line without its line end @returns undefined for a line that breaks the protocol */
export function parseClientLine(line: Buffer): ClientLine | undefined {
  const fields = line.toString('utf8').split('\t', FIELDS + 1);
  if (fields.length > FIELDS) return undefined;
  const [command = '', first = '', ...rest] = fields;
  switch (command) {
    case 'VERSION':
      return ID.test(first) ? { line: 'version', major: Number(first) } : undefined;
    case 'AUTH':
      return auth(numbered(first), rest);
    case 'CONT': {
      const id = numbered(first);
      return id === undefined || rest.length > 1 ? undefined : { line: 'cont', id, data: rest[0] ?? '' };
    }
    case 'CANCEL': {
      const id = numbered(first);
      return id === undefined ? undefined : { line: 'cancel', id };
    }
    default:
      return { line: 'other' };
  }
}

function auth(id: number | undefined, [name = '', ...fields]: readonly string[]): ClientLine | undefined {
  const mechanism = name.toUpperCase();
  if (id === undefined || !MECHANISM.test(mechanism)) return undefined;
  const parameters = new Map<string, string>();
  let resp: string | undefined;
  for (const field of fields) {
    // It ends the parameters: what follows it would be part of the response.
    if (resp !== undefined) return undefined;
    const at = field.indexOf('=');
    const key = at < 0 ? field : field.slice(0, at);
    const value = at < 0 ? '' : unescaped(field.slice(at + 1));
    if (key === 'resp') resp = value;
    // A second one of a name would let what is behind a client's own words stand for what the server says.
    else if (!parameters.has(key)) parameters.set(key, value);
  }
  // Exim sends it empty where its client sent none; an empty response is "=", as in SMTP (RFC 4954 section 4).
  const initial = resp === '' ? undefined : resp === '=' ? '' : resp;
  return { line: 'auth', id, mechanism, parameters, initial };
}

/** 32 bits, without sign. */
function numbered(text: string): number | undefined {
  return ID.test(text) && Number(text) <= 0xffff_ffff ? Number(text) : undefined;
}

const UNESCAPE: Readonly<Record<string, string>> = { '0': '\0', '1': '\u0001', t: '\t', r: '\r', n: '\n' };
const ESCAPE = new Map(Object.entries(UNESCAPE).map(([letter, meant]) => [meant, `\u0001${letter}`]));

function unescaped(text: string): string {
  // eslint-disable-next-line no-control-regex -- SOH is the protocol's escape
  return text.replace(/\u0001(.?)/gs, (_, letter: string) => UNESCAPE[letter] ?? letter);
}

function escaped(text: string): string {
  // eslint-disable-next-line no-control-regex -- the five that are escaped
  return text.replace(/[\0\u0001\t\r\n]/g, (each) => ESCAPE.get(each)!);
}

/**
 * What the server says first. Exim waits for it before it says anything.
 * @param cookie 16 octets in hex, unique to the connection: masters would name it; we have none
 */
export function serverHandshake(says: { readonly pid: number; readonly connection: number; readonly cookie: string; readonly mechanisms: readonly string[] }): string {
  const lines = ['VERSION\t1\t2', ...says.mechanisms.map((name) => `MECH\t${name}\tplaintext`), `SPID\t${says.pid}`, `CUID\t${says.connection}`, `COOKIE\t${says.cookie}`, 'DONE'];
  return lines.map((line) => `${line}\n`).join('');
}

export function okLine(id: number, user: string): string {
  return `OK\t${id}\tuser=${escaped(user)}\n`;
}

/** @param reason Postfix puts it behind its 535 */
export function failLine(id: number, reason: string): string {
  return `FAIL\t${id}\treason=${escaped(reason)}\n`;
}

/** Asks for more. @param prompt in clear; '' for PLAIN */
export function contLine(id: number, prompt: string): string {
  return `CONT\t${id}\t${Buffer.from(prompt).toString('base64')}\n`;
}
