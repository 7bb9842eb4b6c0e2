/**
 * Looks at the running switch twice a second, feeds the view, and notes when something was dead: what could not be
 * judged then is not held against anybody.
 */
import { sql } from 'kysely';
import type { Attached } from '#context/attach.ts';
import { readRunFile } from '#context/data-folder.ts';
import { isAlive } from '#context/processes.ts';
import { findPlan, waveProgress } from '#cutover/records.ts';
import type { Clock } from '#events/clock.ts';
import type { CustomersReport } from '#rehearsal/customers-process.ts';
import type { Fault } from '#rehearsal/judge.ts';
import type { DemoState, View } from './state.ts';

export type Watching = {
  doing(what: string): void;
  hear(report: CustomersReport): void;
  judged(done: number, of: number): void;
  oldAuthentication(state: 'alive' | 'dead'): void;
  state(): DemoState;
  faults(): Fault[];
  stop(): Promise<void>;
};

const LOOK_MS = 250;
/** Rates are means over so many reports, two a second. */
const REPORTS = 6;

export function watch({ to, view, began, clock }: { to: Attached; view: View; began: number; clock: Clock }): Watching {
  const faults: { what: Fault['what']; from: number; to: number }[] = [];
  const reports: { at: number; report: CustomersReport }[] = [];
  const stopping = new AbortController();
  let state: DemoState = {
    doing: 'starting',
    seconds: 0,
    plan: undefined,
    waves: [],
    judged: undefined,
    customers: undefined,
    rates: { accepted: 0, rejected: 0, unavailable: 0 },
    inFlight: 0,
    longestHoldMs: 0,
    backedOut: 0,
    oldAuthentication: 'alive',
  };
  const show = (change: Partial<DemoState>): void => {
    state = { ...state, ...change, seconds: (clock.monotonic() - began) / 1_000 };
    if (!stopping.signal.aborted) view.show(state);
  };

  /** A fault lasts from the last look that was well to the first that is well again. */
  const track = (what: Fault['what']): ((well: boolean) => void) => {
    let wellAt = clock.now();
    let open: (typeof faults)[number] | undefined;
    return (well) => {
      const now = clock.now();
      if (!well && open === undefined) {
        open = { what, from: wellAt, to: Number.POSITIVE_INFINITY };
        faults.push(open);
      }
      if (well && open !== undefined) {
        open.to = now;
        open = undefined;
      }
      if (well) wellAt = now;
    };
  };
  const serveIs = track('causeway');
  const storeIs = track('store');
  const authenticationIs = track('old authentication');

  const look = async (): Promise<void> => {
    const run = readRunFile(to.folder);
    serveIs(run !== undefined && run.ready && isAlive(run.serve) && run.children.every(isAlive));
    try {
      const plan = await findPlan(to.store).catch((error: unknown) => {
        if ((error as { code?: string }).code === 'not-found') return undefined;
        throw error;
      });
      storeIs(true);
      if (plan === undefined) return show({});
      const [waves, moves] = await Promise.all([waveProgress(to.store, plan.id), moveFigures(to)]);
      show({ plan: { state: plan.state, reason: plan.reason }, waves, inFlight: waves.reduce((sum, wave) => sum + wave.inFlight, 0), ...moves });
    } catch {
      storeIs(false);
      show({});
    }
  };
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await look();
      await clock.sleep(LOOK_MS, stopping.signal).catch(() => {});
    }
  })();

  return {
    doing: (what) => show({ doing: what }),
    hear(report) {
      reports.push({ at: clock.monotonic(), report });
      if (reports.length > REPORTS) reports.shift();
      const [first, last] = [reports[0]!, reports.at(-1)!];
      const seconds = (last.at - first.at) / 1_000;
      const rate = (verdict: keyof CustomersReport['signIns']): number =>
        seconds === 0 ? 0 : (last.report.signIns[verdict] - first.report.signIns[verdict]) / seconds;
      show({ customers: report, rates: { accepted: rate('accepted'), rejected: rate('rejected'), unavailable: rate('unavailable') } });
    },
    judged: (done, of) => show({ judged: { done, of } }),
    oldAuthentication(now) {
      authenticationIs(now === 'alive');
      show({ oldAuthentication: now });
    },
    state: () => state,
    faults: () => faults,
    async stop() {
      if (stopping.signal.aborted) return;
      await look();
      stopping.abort();
      await looking;
    },
  };
}

async function moveFigures({ store }: Attached): Promise<{ longestHoldMs: number; backedOut: number }> {
  const { rows } = await sql<{ longestHoldMs: number; backedOut: number }>`
    select coalesce(max(hold_ms), 0)::int as "longestHoldMs", coalesce(sum(backed_out), 0)::int as "backedOut" from move`.execute(store.db());
  return rows[0]!;
}
