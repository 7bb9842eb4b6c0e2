/**
 * Makes docs/demo.svg: a picture of a terminal, from what a terminal showed.
 *
 *     tmux new -d -s demo -x 104 -y 40 npm start
 *     tmux capture-pane -e -p -t demo | sed -n '/A practice/,/delivered/p' | sed 's#, in /.*##' | node docs/picture.ts > docs/demo.svg
 *
 * Reads text with SGR colours on standard input; knows those that the demo uses.
 */
import { readFileSync } from 'node:fs';

const CELL = { width: 8.4, height: 18 };
const MARGIN = 16;
const COLOURS: Record<string, string> = { 31: '#f47174', 32: '#8bd49c', 33: '#e9c46a' };
const TEXT = '#d7dae0';

type Run = { text: string; column: number; colour: string; bold: boolean; dim: boolean };

function runsOf(line: string): Run[] {
  const runs: Run[] = [];
  let style = { colour: TEXT, bold: false, dim: false };
  let column = 0;
  // oxlint-disable-next-line no-control-regex -- the escape character is what this is about
  for (const part of line.split(/(\x1b\[[\d;]*m)/)) {
    // oxlint-disable-next-line no-control-regex
    const codes = /^\x1b\[([\d;]*)m$/.exec(part);
    if (codes === null) {
      if (part !== '') runs.push({ text: part, column, ...style });
      column += [...part].length;
      continue;
    }
    for (const code of (codes[1] || '0').split(';')) {
      if (code === '0' || code === '39') style = { colour: TEXT, bold: code === '39' && style.bold, dim: false };
      else if (code === '1') style = { ...style, bold: true };
      else if (code === '2') style = { ...style, dim: true };
      else style = { ...style, colour: COLOURS[code] ?? style.colour };
    }
  }
  return runs;
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function picture(lines: readonly string[]): string {
  const rows = lines.map(runsOf);
  const columns = Math.max(...rows.flat().map((run) => run.column + [...run.text].length));
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = rows.length * CELL.height + 2 * MARGIN;
  const texts = rows.flatMap((runs, row) =>
    runs
      .filter((run) => run.text.trim() !== '')
      .map(({ text, column, colour, bold, dim }) => {
        const lead = text.length - text.trimStart().length;
        const shown = text.trim();
        const x = (MARGIN + (column + lead) * CELL.width).toFixed(1);
        const y = MARGIN + row * CELL.height + 13;
        const length = ([...shown].length * CELL.width).toFixed(1);
        return `<text x="${x}" y="${y}" textLength="${length}" fill="${colour}"${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}>${escape(shown)}</text>`;
      }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="The demo in a terminal: three waves as progress bars, sign-ins a second by verdict, moves in flight and the longest hold">`,
    `<rect width="100%" height="100%" rx="8" fill="#1b1e24"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">`,
    ...texts,
    '</g></svg>',
  ].join('\n');
}

process.stdout.write(`${picture(readFileSync(0, 'utf8').trimEnd().split('\n'))}\n`);
