/**
 * Signing in.
 *
 * Invariants: 'refused' is only a server's NO that can be about the secret: without a response code, or
 * [AUTHENTICATIONFAILED] (RFC 5530). Everything else is 'unavailable' and blames no password; so is BAD, which iCloud
 * has sent with [UNAVAILABLE]. No message holds the secret, also where a server echoes the command.
 */
import { CausewayError } from '#errors/index.ts';
import { encodePlain } from '#wire/sasl.ts';
import type { Engine } from '../engine/engine.ts';
import type { Part } from '../engine/output.ts';
import { type Refusal, refusal, refusalOf } from '../refusal.ts';

/** `authzid`: whom to act for, where `user` is a master or proxy user. */
export type Login = { readonly user: string; readonly password: string; readonly authzid?: string };

/** Throws CausewayError 'refused', 'unavailable', 'protocol', 'aborted'; 'input' where NUL makes the login unsendable. */
export async function login(engine: Engine, credentials: Login): Promise<void> {
  const command = signInCommand(credentials, engine.capabilities, engine.place);
  try {
    const { code } = await engine.command(command);
    if (code?.name === 'CAPABILITY') return;
  } catch (error) {
    const answer = refusalOf(error);
    throw answer === undefined || answer.status === 'BYE' ? error : judge(answer, credentials, engine.place);
  }
  // RFC 3501 section 6.2.3: they may have changed.
  await engine.command({ name: 'CAPABILITY', parts: ['CAPABILITY'] });
}

/** LOGIN, or AUTHENTICATE PLAIN where that is what there is. Throws CausewayError 'input', or 'unavailable' where the server takes neither. */
export function signInCommand(credentials: Login, capabilities: ReadonlySet<string>, place: string): { name: string; parts: Part[] } {
  if (/\0/.test(`${credentials.user}${credentials.password}${credentials.authzid ?? ''}`)) {
    throw new CausewayError('input', 'a login with NUL in it cannot be sent');
  }
  const plain = credentials.authzid !== undefined || (capabilities.has('LOGINDISABLED') && capabilities.has('AUTH=PLAIN'));
  // A NO to a mechanism that a server does not have would read as one to the secret.
  if (plain ? !capabilities.has('AUTH=PLAIN') : capabilities.has('LOGINDISABLED')) {
    throw new CausewayError('unavailable', `the server does not take ${plain ? 'AUTHENTICATE PLAIN' : 'LOGIN'}`, {
      place,
      retryable: false,
      remedy: 'servers often take it only within TLS: set tls of this endpoint to starttls or implicit',
    });
  }
  return plain ? authenticate(credentials, capabilities) : loginCommand(credentials);
}

function loginCommand({ user, password }: Login): { name: string; parts: Part[] } {
  return { name: 'LOGIN', parts: ['LOGIN ', word(user), ' ', word(password)] };
}

/** Always quoted or a literal: some servers read an atom with `+` or `%` in it otherwise. */
function word(value: string): Part {
  return /^[\x20-\x7e]*$/.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : Buffer.from(value);
}

function authenticate(
  { user, password, authzid }: Login,
  capabilities: ReadonlySet<string>,
): { name: string; parts: Part[] } {
  const response = encodePlain({ authzid, authcid: user, secret: password });
  const name = 'AUTHENTICATE PLAIN';
  if (capabilities.has('SASL-IR')) return { name, parts: [`${name} ${response}`] };
  return { name, parts: [name, { reply: () => response }] };
}

/** What a server's NO or BAD to a sign-in means. */
export function judge(answer: Refusal, { user, password, authzid }: Login, place: string): CausewayError {
  const code = answer.code?.name;
  const refused = answer.status === 'NO' && (code === undefined || code === 'AUTHENTICATIONFAILED');
  const secrets = [password, encodePlain({ authzid, authcid: user, secret: password })];
  const echoed = answer.status === 'BAD' || secrets.some((secret) => answer.text.includes(secret));
  const shown = echoed ? { ...answer, text: '' } : answer;
  return refused
    ? refusal('refused', 'sign-in', shown, { place })
    : refusal('unavailable', 'sign-in could not be judged', shown, { place, retryable: code !== 'AUTHORIZATIONFAILED' });
}
