/** What the benches' relays share: a listener of its own process that joins each connection to one of `to`, both ways. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Tells its port to the parent, and ends with it. @param pass takes what comes from one side to the other, and its end */
export function passOn(to: number, pass: (from: Socket, onto: Socket) => void): void {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    for (const [one, other] of [[near, far], [far, near]] as const) {
      one.on('error', () => other.destroy());
      pass(one, other);
    }
  });
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
  process.on('disconnect', () => process.exit());
}
