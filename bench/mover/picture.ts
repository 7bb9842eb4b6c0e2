/** The picture: each tool's wall time as a part of the slowest one's, one group of bars for each case and round trip. */
import type { Row } from './table.ts';

const BAR = { height: 15, gap: 4, width: 360 };
const LEFT = 128;
const FONT = 'font-family="system-ui, -apple-system, Segoe UI, sans-serif"';

const TITLES: Readonly<Record<string, string>> = {
  full: '10,000 messages, 353 MB',
  'read-back': 'the same, each copy read back',
  'no-change': 'again, nothing changed',
  changed: 'again, 100 new and 200 changed',
  fifty: '50 accounts of 200 messages',
};

export function picture(rows: readonly Row[]): string {
  const groups = Map.groupBy(rows, (row) => `${TITLES[row.case] ?? row.case}, ${row.storage}, ${row.rttMs} ms round trip`);
  const parts: string[] = [];
  let y = 74;
  for (const [title, group] of groups) {
    parts.push(`<text x="16" y="${y}" class="ink" font-size="13" font-weight="600">${title}</text>`);
    y += 10;
    const most = Math.max(...group.map(({ wallS }) => wallS));
    for (const row of group) {
      const width = Math.max(1, (row.wallS / most) * BAR.width);
      const faults = row.lost + row.altered + row.doubled;
      parts.push(
        `<text x="${LEFT - 8}" y="${y + 12}" class="ink" font-size="12" text-anchor="end">${row.tool}</text>`,
        `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR.height}" rx="2" class="${row.tool === 'causeway' ? 'ours' : 'peer'}"/>`,
        `<text x="${(LEFT + width + 8).toFixed(1)}" y="${y + 12}" class="soft" font-size="11">${row.wallS.toFixed(2)} s${faults === 0 ? '' : `, ${faults.toLocaleString('en')} lost or altered`}</text>`,
      );
      y += BAR.height + BAR.gap;
    }
    y += 22;
  }
  const [width, height] = [LEFT + BAR.width + 210, y + 8];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ${FONT} role="img" aria-label="Wall time of each tool, by case and round trip">`,
    '<style>',
    '.paper{fill:#fff}.ink{fill:#1f2328}.soft{fill:#59636e}.peer{fill:#bc4c00}.ours{fill:#1a7f37}',
    '@media (prefers-color-scheme:dark){.paper{fill:#0d1117}.ink{fill:#f0f6fc}.soft{fill:#9198a1}.peer{fill:#f0883e}.ours{fill:#3fb950}}',
    '</style>',
    `<rect class="paper" width="${width}" height="${height}" rx="8"/>`,
    '<text x="16" y="28" class="ink" font-size="17" font-weight="600">Carrying an account from one Dovecot to another</text>',
    '<text x="16" y="48" class="soft" font-size="12">Wall time in seconds. From npm run bench:mover.</text>',
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
