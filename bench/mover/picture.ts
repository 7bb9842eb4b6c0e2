/** The picture: each tool's wall time as a part of the slowest one's, one group of bars for each case and round trip. */
import { barSheet } from '../sheet.ts';
import type { Row } from './table.ts';

const TITLES: Readonly<Record<string, string>> = {
  full: '10,000 messages, 353 MB',
  'read-back': 'the same, each copy read back',
  'no-change': 'again, nothing changed',
  changed: 'again, 100 new and 200 changed',
  fifty: '50 accounts of 200 messages',
};

export function picture(rows: readonly Row[]): string {
  const groups = Map.groupBy(rows, (row) => `${TITLES[row.case] ?? row.case}, ${row.storage}, ${row.rttMs} ms round trip`);
  return barSheet(
    [...groups].map(([title, group]) => ({
      title,
      bars: group.map(({ tool, wallS, lost, altered, doubled }) => {
        const faults = lost + altered + doubled;
        return { name: tool, value: wallS, told: `${wallS.toFixed(2)} s${faults === 0 ? '' : `, ${faults.toLocaleString('en')} lost or altered`}`, isOurs: tool === 'causeway' };
      }),
    })),
    {
      left: 128,
      right: 210,
      label: 'Wall time of each tool, by case and round trip',
      title: 'Carrying an account from one Dovecot to another',
      subtitle: 'Wall time in seconds. From npm run bench:mover.',
    },
  );
}
