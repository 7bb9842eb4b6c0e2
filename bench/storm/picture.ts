/** The picture: what got in, second by second, one panel for each front and load. */
import { sheet } from '../sheet.ts';
import type { Result } from './result.ts';
import { CAPACITY } from './start-verifier.ts';

const PANEL = { width: 200, height: 96 };
const GAP = { x: 26, y: 46 };
const MARGIN = { left: 118, top: 84, right: 24, bottom: 56 };
/** What the lines of text take. */
const LEAST_WIDTH = 680;

const TITLES: Readonly<Record<Result['front'], readonly [string, string]>> = {
  nginx: ['nginx', 'with auth_http'],
  dovecot: ['Dovecot', 'proxy'],
  causeway: ['Causeway', 'nobody known'],
  'causeway-known': ['Causeway', 'customers known'],
};

export function picture(results: readonly Result[]): string {
  const fronts = [...new Set(results.map(({ front }) => front))];
  const loads = [...new Set(results.map(({ load }) => load))];
  const width = Math.max(LEAST_WIDTH, MARGIN.left + loads.length * (PANEL.width + GAP.x) - GAP.x + MARGIN.right);
  const height = MARGIN.top + fronts.length * (PANEL.height + GAP.y) - GAP.y + MARGIN.bottom;
  const parts: string[] = [];
  loads.forEach((load, column) => {
    const x = MARGIN.left + column * (PANEL.width + GAP.x);
    parts.push(`<text x="${x + PANEL.width / 2}" y="${MARGIN.top - 10}" class="ink" font-size="13" font-weight="600" text-anchor="middle">${load}x offered</text>`);
  });
  fronts.forEach((front, line) => {
    const y = MARGIN.top + line * (PANEL.height + GAP.y);
    const [name, note] = TITLES[front];
    parts.push(`<text x="16" y="${y + 44}" class="ink" font-size="14" font-weight="600">${name}</text>`, `<text x="16" y="${y + 61}" class="soft" font-size="11">${note}</text>`);
    loads.forEach((load, column) => {
      const found = results.find((result) => result.front === front && result.load === load);
      if (found !== undefined) parts.push(panel(found, MARGIN.left + column * (PANEL.width + GAP.x), y));
    });
  });
  parts.push(`<text x="16" y="${height - 14}" class="soft" font-size="11">In each panel: over time, from the first customer to the last; at its right the logins/s of the last 15 s. From npm run bench:storm.</text>`);
  return sheet(
    {
      width,
      height,
      label: 'Logins per second over time, by front door and load',
      title: `Logins per second while a verifier of ${CAPACITY}/s is overloaded`,
      subtitle: 'New customers come all the time; whoever is refused or waits 10 s tries again. Dashed: what the verifier can do.',
      marks: { axis: 'stroke', capacity: 'stroke', peer: 'both', ours: 'both' },
    },
    parts,
  );
}

/** Axis ends: just above the capacity, or above what was offered where that got in. */
function ceiling({ front, offered }: Result): number {
  return front === 'causeway-known' ? Math.max(1.25, offered * 1.25) * CAPACITY : 1.25 * CAPACITY;
}

function panel(result: Result, left: number, top: number): string {
  const { perSecond, seconds, front, goodput } = result;
  const most = ceiling(result);
  const bottom = top + PANEL.height;
  const at = (value: number): string => (bottom - (Math.min(value, most) / most) * PANEL.height).toFixed(1);
  const points = perSecond.in.map((value, second) => `${(left + ((second + 0.5) / seconds) * PANEL.width).toFixed(1)},${at(value)}`);
  const of = front.startsWith('causeway') ? 'ours' : 'peer';
  return [
    `<line x1="${left}" x2="${left + PANEL.width}" y1="${bottom}" y2="${bottom}" class="axis"/>`,
    `<line x1="${left}" x2="${left + PANEL.width}" y1="${at(CAPACITY)}" y2="${at(CAPACITY)}" class="capacity" stroke-dasharray="3 4"/>`,
    `<polygon points="${left},${bottom} ${points.join(' ')} ${left + PANEL.width},${bottom}" class="${of}" stroke="none" fill-opacity="0.18"/>`,
    `<polyline points="${points.join(' ')}" class="${of}" style="fill:none" stroke-width="1.8" stroke-linejoin="round"/>`,
    `<text x="${left + PANEL.width}" y="${bottom + 16}" class="ink" font-size="12" font-weight="600" text-anchor="end">${goodput.toFixed(0)}/s</text>`,
    `<text x="${left}" y="${bottom + 16}" class="soft" font-size="11">0 - ${seconds} s</text>`,
    `<text x="${left - 4}" y="${Number(at(CAPACITY)) + 4}" class="soft" font-size="10" text-anchor="end">${CAPACITY}</text>`,
  ].join('\n');
}
