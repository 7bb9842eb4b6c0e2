/**
 * What no mover can be faster than by much, in seconds. Of a large account: the corpus' files, read from the disk, given to
 * the target by MULTIAPPEND on one connection, with nothing fetched, compared or written down. Of many small ones, of which
 * each needs a session on either side: that, and all that the source has, fetched and dropped, at the same time.
 */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eachAtOnce } from '../at-once.ts';
import { SMALL } from './corpus.ts';
import { type MailStore, PASSWORD } from './dovecot.ts';

const BATCH = 100;

export async function floorSeconds(port: number, user: string, maildir: string): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let answered = 0;
  let refused: string | undefined;
  let rest = '';
  let wake = (): void => {};
  socket.on('data', (chunk) => {
    const lines = (rest + chunk.toString('latin1')).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('f')) continue;
      answered += 1;
      if (!/^f\d+ OK/.test(line)) refused ??= line;
    }
    wake();
  });
  socket.on('error', (error) => (refused ??= error.message));
  let sent = 0;
  const say = (text: string | Buffer): boolean => socket.write(text);
  await once(socket, 'connect');
  const began = performance.now();
  say(`f${(sent += 1)} LOGIN "${user}" "${PASSWORD}"\r\n`);
  for (const folder of ['', ...readdirSync(maildir).filter((name) => name.startsWith('.'))]) {
    const mailbox = folder === '' ? 'INBOX' : folder.slice(1);
    if (folder !== '') say(`f${(sent += 1)} CREATE "${mailbox}"\r\n`);
    const place = join(maildir, folder, 'cur');
    const files = readdirSync(place);
    for (let at = 0; at < files.length; at += BATCH) {
      say(`f${(sent += 1)} APPEND "${mailbox}"`);
      for (const file of files.slice(at, at + BATCH)) {
        const bytes = readFileSync(join(place, file));
        say(` () {${bytes.length}+}\r\n`);
        if (!say(bytes)) await once(socket, 'drain');
      }
      say('\r\n');
    }
  }
  while (answered < sent && refused === undefined) await new Promise<void>((resolve) => (wake = resolve));
  socket.destroy();
  if (refused !== undefined) throw new Error(`the floor was refused: ${refused}`);
  return (performance.now() - began) / 1_000;
}

/** @param users of the corpus' small accounts */
export async function fiftyFloorSeconds(source: MailStore, target: number, users: readonly string[], atOnce: number): Promise<number> {
  const began = performance.now();
  await eachAtOnce(users, atOnce, async (user) => {
    await Promise.all([fetchAndDrop(source.port, `${user}@floor.example`), floorSeconds(target, `${user}@floor.example`, source.maildir(user))]);
  });
  return (performance.now() - began) / 1_000;
}

/** @param user of a small account */
export async function fetchAndDrop(port: number, user: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const mailboxes = SMALL.mailboxes.map((name) => (name === '' ? 'INBOX' : name));
  socket.write([`LOGIN "${user}" "${PASSWORD}"`, ...mailboxes.flatMap((name) => [`EXAMINE "${name}"`, 'FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])']), 'LOGOUT'].map((command, n) => `f${n} ${command}\r\n`).join(''));
  let bytes = 0;
  socket.on('data', (chunk) => (bytes += chunk.length));
  await once(socket, 'close');
  if (bytes < SMALL.bytes / 2) throw new Error(`the source gave ${user} ${bytes} bytes`);
}
