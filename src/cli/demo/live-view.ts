/** The demo as a picture that moves: waves as bars, sign-ins by verdict, holds. For a terminal. */
import { bar } from '../output.ts';
import type { DemoState, View } from './state.ts';

const BOLD = '\x1b[1m';
const DIM = '\x1b[2m';
const GREEN = '\x1b[32m';
const YELLOW = '\x1b[33m';
const RED = '\x1b[31m';
const PLAIN = '\x1b[0m';
const paint = (color: string, text: string): string => `${color}${text}${PLAIN}`;

export function liveView(out: NodeJS.WriteStream): View {
  let drawn = 0;
  const erase = (): string => (drawn === 0 ? '' : `\x1b[${drawn}A\x1b[J`);
  let last: DemoState | undefined;
  const draw = (state: DemoState): string => {
    const width = Math.max(40, Math.min(out.columns ?? 80, 110));
    const lines = frame(state, width);
    drawn = lines.length;
    return `${lines.join('\n')}\n`;
  };
  out.write('\x1b[?25l');
  return {
    show(state) {
      last = state;
      out.write(`${erase()}${draw(state)}`);
    },
    say(line) {
      out.write(`${erase()}${line}\n`);
      drawn = 0;
      if (last !== undefined) out.write(draw(last));
    },
    close() {
      out.write('\x1b[?25h');
    },
  };
}

function frame(state: DemoState, width: number): string[] {
  const clock = `${Math.floor(state.seconds / 60)}:${String(Math.floor(state.seconds % 60)).padStart(2, '0')}`;
  const lines = ['', `${paint(BOLD, 'Causeway')}  ${clock}  ${state.doing}`, ''];
  for (const wave of state.waves) {
    const cells = Math.max(10, width - 46);
    const color = wave.failed > 0 ? RED : wave.state === 'done' ? GREEN : wave.state === 'running' ? YELLOW : DIM;
    const word = wave.state === 'running' && state.plan?.state === 'paused' ? 'paused' : wave.state;
    lines.push(`  wave ${wave.number} ${wave.name.padEnd(10)} ${paint(color, bar(wave.moved, wave.accounts, cells))} ${String(wave.moved).padStart(4)}/${String(wave.accounts).padEnd(4)} ${word}`);
  }
  if (state.judged !== undefined) {
    const { done, of } = state.judged;
    lines.push(`  ${'read by judge'.padEnd(17)} ${paint(done === of ? GREEN : YELLOW, bar(done, of, Math.max(10, width - 46)))} ${String(done).padStart(4)}/${of}`);
  }
  if (state.plan?.state === 'paused') lines.push(paint(YELLOW, `  paused: ${state.plan.reason ?? ''}`.slice(0, width)));
  const { accepted, rejected, unavailable } = state.rates;
  lines.push(
    '',
    `  sign-ins a second   ${paint(GREEN, `${accepted.toFixed(1)} accepted`)}   ${rejected.toFixed(1)} rejected   ${paint(unavailable > 0 ? YELLOW : DIM, `${unavailable.toFixed(1)} unavailable`)}`,
    `  moves in flight     ${state.inFlight}      longest hold ${state.longestHoldMs} ms      put off ${state.backedOut}`,
    `  mail delivered      ${state.customers?.delivered ?? 0}`,
    state.oldAuthentication === 'dead' ? paint(RED, '  the old platform’s authentication is dead') : '',
  );
  return lines;
}
