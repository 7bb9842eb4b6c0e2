/**
 * The mail store behind all fronts: as little IMAP as the measures need, so that it takes little of the machine. It lets
 * everybody in and has one message, of as many bytes as are asked for. Its CPU is counted for nobody.
 *
 * A process of its own: started with fork, it tells its port, and ends when its parent does.
 */
import { createServer, type Socket } from 'node:net';

/** As Dovecot's, with which real fronts work every day. */
const CAPABILITIES = 'IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN';
/** Written again and again: the same memory for a literal of any size. */
const BLOCK = Buffer.alloc(1 << 20, `${'x'.repeat(76)}\r\n`);
/** A front sends names and passwords, nothing more. */
const LINE_LIMIT = 65_536;
const MARK = /\{(\d+)(\+?)\}\r\n$/;

function serve(socket: Socket): void {
  let input = '';
  /** Of a command whose literals are still coming: all of it before `input`. */
  let begun = '';
  let literal = 0;
  let authenticating: string | undefined;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.write(`* OK [CAPABILITY ${CAPABILITIES}] Ready.\r\n`);
  socket.on('data', (chunk: Buffer) => {
    input += chunk.toString('latin1');
    if (input.length > LINE_LIMIT) socket.destroy();
    let out = '';
    for (let line = next(); line !== undefined; line = next()) {
      const mark = MARK.exec(line);
      begun += line;
      if (mark !== null) {
        literal = Number(mark[1]);
        if (mark[2] === '') out += '+ OK\r\n';
        continue;
      }
      out += answer(begun);
      begun = '';
    }
    if (out !== '') socket.write(out, 'latin1');
  });

  /** The rest of a line, with the literal before it. */
  function next(): string | undefined {
    const end = input.indexOf('\r\n', literal);
    if (end < 0) return undefined;
    const line = input.slice(0, end + 2);
    input = input.slice(end + 2);
    literal = 0;
    return line;
  }

  function answer(command: string): string {
    if (authenticating !== undefined) {
      const tag = authenticating;
      authenticating = undefined;
      return `${tag} OK [CAPABILITY ${CAPABILITIES}] Signed in.\r\n`;
    }
    const [tag = '*', name = '', ...args] = command.slice(0, -2).split(' ');
    switch (name.toUpperCase()) {
      case 'AUTHENTICATE':
        if (args.length > 1) return `${tag} OK [CAPABILITY ${CAPABILITIES}] Signed in.\r\n`;
        authenticating = tag;
        return '+ \r\n';
      case 'LOGIN':
        return `${tag} OK [CAPABILITY ${CAPABILITIES}] Signed in.\r\n`;
      case 'CAPABILITY':
        return `* CAPABILITY ${CAPABILITIES}\r\n${tag} OK Done.\r\n`;
      case 'FETCH':
        // FETCH 1 BODY[]<0.bytes>: the size is the asker's.
        sendMessage(tag, Number(/<0\.(\d+)>/.exec(command)?.[1] ?? 0));
        return '';
      case 'LOGOUT':
        socket.end(`* BYE Until next time.\r\n${tag} OK Done.\r\n`);
        return '';
      default:
        return `${tag} OK Done.\r\n`;
    }
  }

  function sendMessage(tag: string, size: number): void {
    let left = size;
    socket.write(`* 1 FETCH (BODY[]<0> {${size}}\r\n`);
    const more = (): void => {
      while (left > 0) {
        const bytes = left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
        left -= bytes.length;
        if (!socket.write(bytes)) {
          socket.once('drain', more);
          return;
        }
      }
      socket.write(`)\r\n${tag} OK Done.\r\n`);
    };
    more();
  }
}

const server = createServer(serve);
server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => process.send!({ port: (server.address() as { port: number }).port }));
process.on('disconnect', () => process.exit(0));
