/**
 * What the benches' pictures have in common: a sheet with a title, a line below it, and colours that are of use by day and
 * by night. The reader's browser chooses between the two.
 */

/** By day and by night. */
const COLOURS = {
  paper: ['#fff', '#0d1117'],
  ink: ['#1f2328', '#f0f6fc'],
  soft: ['#59636e', '#9198a1'],
  axis: ['#d1d9e0', '#3d444d'],
  capacity: ['#59636e', '#9198a1'],
  peer: ['#bc4c00', '#f0883e'],
  ours: ['#1a7f37', '#3fb950'],
} as const satisfies Record<string, readonly [string, string]>;

/** What an element of the class gets its colour by. */
type Painted = 'fill' | 'stroke' | 'both';
type Class = keyof typeof COLOURS;

const TEXT = { paper: 'fill', ink: 'fill', soft: 'fill' } as const satisfies Partial<Record<Class, Painted>>;

export type Sheet = {
  readonly width: number;
  readonly height: number;
  /** For those who do not see the picture. */
  readonly label: string;
  readonly title: string;
  readonly subtitle: string;
  /** The classes of its marks, beside those of text. */
  readonly marks: Partial<Record<Class, Painted>>;
};

const BAR = { height: 15, gap: 4, width: 360 };

export type Bar = { readonly name: string; readonly value: number; readonly told: string; readonly isOurs: boolean };
export type BarGroup = { readonly title: string; readonly bars: readonly Bar[] };

/**
 * Groups of bars, each bar a part of the longest of its group.
 * @param left the place of the bars' names @param right of what is told behind the longest
 */
export function barSheet(groups: readonly BarGroup[], { left, right, ...words }: { readonly left: number; readonly right: number } & Pick<Sheet, 'label' | 'title' | 'subtitle'>): string {
  const parts: string[] = [];
  let y = 74;
  for (const { title, bars } of groups) {
    parts.push(`<text x="16" y="${y}" class="ink" font-size="13" font-weight="600">${title}</text>`);
    y += 10;
    const most = Math.max(...bars.map(({ value }) => value));
    for (const { name, value, told, isOurs } of bars) {
      const width = Math.max(1, (value / most) * BAR.width);
      parts.push(
        `<text x="${left - 8}" y="${y + 12}" class="ink" font-size="12" text-anchor="end">${name}</text>`,
        `<rect x="${left}" y="${y}" width="${width.toFixed(1)}" height="${BAR.height}" rx="2" class="${isOurs ? 'ours' : 'peer'}"/>`,
        `<text x="${(left + width + 8).toFixed(1)}" y="${y + 12}" class="soft" font-size="11">${told}</text>`,
      );
      y += BAR.height + BAR.gap;
    }
    y += 22;
  }
  return sheet({ width: left + BAR.width + right, height: y + 8, ...words, marks: { peer: 'fill', ours: 'fill' } }, parts);
}

/** @param parts elements of SVG, which find title and subtitle in the uppermost 56 pixels */
export function sheet({ width, height, label, title, subtitle, marks }: Sheet, parts: readonly string[]): string {
  const classes = Object.entries({ ...TEXT, ...marks }) as [Class, Painted][];
  const rules = (time: 0 | 1): string => classes.map(([name, painted]) => rule(name, painted, COLOURS[name][time])).join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, -apple-system, Segoe UI, sans-serif" role="img" aria-label="${label}">`,
    '<style>',
    rules(0),
    `@media (prefers-color-scheme:dark){${rules(1)}}`,
    '</style>',
    `<rect class="paper" width="${width}" height="${height}" rx="8"/>`,
    `<text x="16" y="28" class="ink" font-size="17" font-weight="600">${title}</text>`,
    `<text x="16" y="48" class="soft" font-size="12">${subtitle}</text>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function rule(name: Class, painted: Painted, colour: string): string {
  const stroke = painted === 'fill' ? '' : `stroke:${colour}`;
  const fill = painted === 'stroke' ? '' : `fill:${colour}`;
  return `.${name}{${[stroke, fill].filter((each) => each !== '').join(';')}}`;
}
