/** The technicians' browsers: a process of its own, so that its work is not in the desk's times. */
import { type Orders, takeCalls } from './technicians.ts';

process.once('message', (orders: Orders) => {
  takeCalls(orders).then(
    (seen) => process.send!(seen),
    (error: Error) => process.send!({ findMs: [], screenMs: [], calls: 0, failures: [error.message] }),
  );
});
process.on('disconnect', () => process.exit(0));
