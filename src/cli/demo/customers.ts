/** The process in which the simulated customers live. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkoutFolder } from '#config/index.ts';
import type { RunFile } from '#context/data-folder.ts';
import { CausewayError } from '#errors/index.ts';
import type { CustomersOrders, CustomersReport } from '#rehearsal/customers-process.ts';
import type { World } from '#rehearsal/world.ts';

export type Customers = { readonly process: ChildProcess; readonly ended: Promise<number | null>; kill(): void };

export function startCustomers(
  world: World,
  ports: RunFile['ports'],
  pace: Pick<CustomersOrders, 'seed' | 'visitsPerSecond' | 'messagesPerSecond'>,
  onReport: (report: CustomersReport) => void,
): Customers {
  const orders: CustomersOrders = {
    provider: world.paths.provider,
    doubles: world.paths.doubles,
    journal: world.paths.journal,
    imapsPort: ports.imaps!,
    lmtpPort: ports.lmtp!,
    ...pace,
  };
  const script = join(checkoutFolder(), 'src', 'rehearsal', 'customers-process.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(orders)], { stdio: ['pipe', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (line) => onReport(JSON.parse(line) as CustomersReport));
  child.stdin.on('error', () => {});
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { process: child, ended, kill: () => void child.kill('SIGKILL') };
}

/** Lets everybody finish and waits until the last retry was delivered. */
export async function endCustomers(customers: Customers): Promise<void> {
  customers.process.stdin!.write('stop\n');
  const code = await customers.ended;
  if (code !== 0) throw new CausewayError('internal', `the customers' process ended with status ${code}`);
}
