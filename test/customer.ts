/** What a customer and an MX see of the front door, for scenarios. */
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { openClient } from '../src/rehearsal/mail-client.ts';

const HOST = '127.0.0.1';
/** Nobody waits longer for a sign-in. */
const PATIENCE_MS = 20_000;

/**
 * Signs in over TLS and looks into INBOX.
 * @returns `in`, or the code of the refusal (`AUTHENTICATIONFAILED`, `UNAVAILABLE`), or what else was said
 */
export async function signIn(port: number, user: string, secret: string): Promise<string> {
  const { client, refusal } = await openClient({ host: HOST, port, secure: true, timeoutMs: PATIENCE_MS });
  if (client === undefined) return refusal ?? 'no greeting';
  try {
    const { status, text } = await client.command(`LOGIN "${user}" "${secret}"`);
    if (status !== 'OK') return /^\[([A-Z]+)\]/.exec(text)?.[1] ?? `${status} ${text}`;
    const looked = await client.command('SELECT INBOX');
    return looked.status === 'OK' ? 'in' : `SELECT: ${looked.status} ${looked.text}`;
  } finally {
    client.close();
  }
}

/**
 * What is said in the end: a secret of which nobody can say in time whether it is right is presented again, as every client does.
 * @param isLater whether that is what was said
 */
export async function saidAtLast<T>(say: () => Promise<T>, isLater: (said: T) => boolean): Promise<T> {
  for (const until = performance.now() + 60_000; ; ) {
    const said = await say();
    if (!isLater(said) || performance.now() > until) return said;
  }
}

/**
 * Hands one message over by LMTP.
 * @param said hears each command when it is on its way
 * @returns the last reply's code: 250 when it was taken; 0 when the connection went
 */
export function deliver(port: number, recipient: string, id: string, said: (command: string) => void = () => {}): Promise<number> {
  const says = ['LHLO mx.example', 'MAIL FROM:<world@elsewhere.example>', `RCPT TO:<${recipient}>`, 'DATA', `Message-ID: <${id}>\r\nSubject: news\r\n\r\nnews\r\n.`];
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    let buffer = '';
    let code = 0;
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve(0));
    socket.on('data', (chunk) => {
      buffer += chunk.toString('latin1');
      for (let reply; (reply = /^(?:\d{3}-[^\n]*\n)*(\d{3}) [^\n]*\n/.exec(buffer)) !== null; ) {
        buffer = buffer.slice(reply[0].length);
        code = Number(reply[1]);
        const next = code >= 400 ? undefined : says.shift();
        if (next === undefined) resolve((socket.end(), code));
        else said((socket.write(`${next}\r\n`), next));
      }
    });
  });
}

/** The Message-IDs in an account's INBOX, straight from a platform's trusted port, in order. */
export async function messageIds(trustedPort: number, user: string, token: string): Promise<string[]> {
  const { client } = await openClient({ host: HOST, port: trustedPort, secure: false, timeoutMs: PATIENCE_MS });
  try {
    await client!.command(`LOGIN "${user}" "${token}"`);
    await client!.command('EXAMINE INBOX');
    const { untagged } = await client!.command('UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])');
    return untagged.flatMap(({ literals }) => literals.map((bytes) => /<([^>]*)>/.exec(bytes.toString())?.[1] ?? '')).sort();
  } finally {
    client?.close();
  }
}

/**
 * Signs in by POP3 over TLS and asks for the number of messages.
 * @returns `in`, or the code of the refusal (`AUTH`, `SYS/TEMP`, `IN-USE`), or what else was said
 */
export async function signInPop3(port: number, user: string, secret: string, stayMs = 0): Promise<string> {
  const socket = connectTls({ host: HOST, port, rejectUnauthorized: false });
  let buffer = '';
  let wake: () => void = () => {};
  let over = false;
  const end = (): void => {
    over = true;
    wake();
  };
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on('error', end).on('close', end).on('end', end);
  socket.on('data', (chunk: Buffer) => {
    buffer += chunk.toString('latin1');
    wake();
  });
  const line = async (): Promise<string> => {
    for (;;) {
      const at = buffer.indexOf('\r\n');
      if (at >= 0) {
        const text = buffer.slice(0, at);
        buffer = buffer.slice(at + 2);
        return text;
      }
      if (over) return 'lost';
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  try {
    for (const command of ['', `USER ${user}`, `PASS ${secret}`, 'STAT']) {
      if (command !== '') socket.write(`${command}\r\n`);
      const answer = await line();
      if (!answer.startsWith('+OK')) return /^-ERR \[([A-Z/-]+)\]/.exec(answer)?.[1] ?? answer;
    }
    if (stayMs > 0) await new Promise((resolve) => setTimeout(resolve, stayMs));
    socket.write('QUIT\r\n');
    await line();
    return 'in';
  } finally {
    socket.destroy();
  }
}
