/** For tests: an IMAP platform as far as sessions need one. */
import type { Peer } from '../peers.testing.ts';

/** Answers commands as a mail platform would: literals, IDLE, LOGOUT; anything else is OK. `ran` lists what it was told. */
export function actAsPlatform(peer: Peer): { readonly ran: string[] } {
  const ran: string[] = [];
  let taken = 0;
  let idling: string | undefined;
  let command = '';
  let skip = 0;
  const act = (): void => {
    const all = peer.all();
    for (;;) {
      if (skip > 0) {
        const step = Math.min(skip, all.length - taken);
        command += all.slice(taken, taken + step);
        taken += step;
        skip -= step;
        if (skip > 0) return;
      }
      const end = all.indexOf('\r\n', taken);
      if (end < 0) return;
      const line = all.slice(taken, end + 2);
      taken = end + 2;
      command += line;
      const mark = /\{(\d+)(\+?)\}\r\n$/.exec(line);
      if (idling !== undefined) {
        peer.send(`${idling} OK idle over\r\n`);
        ran.push(`${idling} IDLE ${line.trim()}`);
        idling = undefined;
        command = '';
      } else if (mark !== null) {
        skip = Number(mark[1]);
        if (mark[2] === '') peer.send('+ go on\r\n');
      } else {
        const [tag = '', name = ''] = command.split(/[ \r]/);
        if (name === 'IDLE') {
          idling = tag;
          peer.send('+ idling\r\n');
        } else {
          ran.push(command);
          peer.send(name === 'LOGOUT' ? `* BYE\r\n${tag} OK\r\n` : `* 1 FETCH (BODY[] {4}\r\na\r\nb)\r\n${tag} OK done\r\n`);
          if (name === 'LOGOUT') peer.socket.end();
        }
        command = '';
      }
    }
  };
  peer.socket.on('data', act);
  act();
  return { ran };
}
