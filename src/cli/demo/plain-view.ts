/** The demo line by line, for a log or a pipe. */
import type { DemoState, View } from './state.ts';

/** A line every 2 s is enough to follow and short enough to keep. */
const EVERY_SECONDS = 2;

export function plainView(write: (line: string) => void): View {
  let next = 0;
  let doing = '';
  return {
    show(state) {
      if (state.doing !== doing) {
        doing = state.doing;
        write(doing);
      }
      if (state.seconds < next || state.waves.length === 0 || state.judged !== undefined) return;
      next = state.seconds + EVERY_SECONDS;
      write(line(state));
    },
    say: write,
    close() {},
  };
}

function line(state: DemoState): string {
  const waves = state.waves.map((wave) => `${wave.name} ${wave.moved}/${wave.accounts}`).join(', ');
  const { accepted, rejected, unavailable } = state.rates;
  const paused = state.plan?.state === 'paused' ? ', paused' : '';
  return `${state.seconds.toFixed(0).padStart(4)} s  moved: ${waves}${paused}; in flight ${state.inFlight}; sign-ins/s ${accepted.toFixed(1)} accepted, ${rejected.toFixed(1)} rejected, ${unavailable.toFixed(1)} unavailable; longest hold ${state.longestHoldMs} ms`;
}
