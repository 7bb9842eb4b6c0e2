import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { CausewayError, messageOf } from '#errors/index.ts';
import { parseYaml } from '#config/index.ts';
import { actor, attached, type Attached } from '#context/attach.ts';
import { candidatesOf } from '#context/candidates.ts';
import { pausePlan, previewPlan, resumePlan, runPlan } from '#cutover/control.ts';
import { type Gate, judge } from '#cutover/gates.ts';
import { basisText, type Forecast, forecastsOf } from '#cutover/forecast/index.ts';
import { type PlanFile, planFile } from '#cutover/plan-file.ts';
import { findPlan, type Plan, readings, waveProgress, type WaveProgress } from '#cutover/records.ts';
import { type MoveStatus, openMoves } from '#mover/index.ts';
import { addCutoverActs } from './cutover-acts.ts';
import { moveTable } from './move.ts';
import { bar, print, table } from './output.ts';

type Options = { config?: string; json?: boolean };

export function cutoverCommand(): Command {
  const cutover = new Command('cutover').description('moves many accounts in waves, behind gates').addHelpText('after', EXAMPLE);
  const common = (command: Command): Command =>
    command.option('-c, --config <file>', 'the configuration of the instance to reach').option('--json', 'one JSON object');
  common(cutover.command('plan').description('what a plan would do now; changes nothing').argument('<file>', 'a plan (YAML)')).action(plan);
  common(cutover.command('run').description('starts a plan').argument('<file>', 'a plan (YAML)')).action(run);
  common(cutover.command('status').description('waves, gates and moves of a plan').argument('[plan]', 'its name; by default the newest')).action(status);
  common(cutover.command('pause').description('begins nothing more; moves in their hold end it').argument('[plan]'))
    .option('--why <reason>', 'kept with the pause', 'by hand')
    .action(pause);
  common(cutover.command('resume').description('goes on when the gates are clean; failed moves are tried again').argument('[plan]')).option('--why <reason>', 'for the audit').action(resume);
  addCutoverActs(cutover, common);
  return cutover;
}

const EXAMPLE = `
A plan:
  plan: friday
  from: old
  to: new
  waves:
    - { name: ours first, accounts: [ada@isp.example, ben@isp.example] }
    - { name: canary,     share: 1% }
    - { name: staff,      query: { address: "*@staff.isp.example" } }
    - { name: everybody,  share: rest }
  gates:               # all of it optional; these are the defaults
    falseRejections: 0
    failedMoves: 0
    receiptMismatches: 0
    followLagSeconds: 3600  # how far behind a former home may be
    unavailable: 2%    # of the sign-ins in the window, sentinels included
    windowSeconds: 10
    minimumSignIns: 20
    # deskLoad: 90%    # calls, as a share of what the desk's shift can carry; no gate without it`;

function readPlan(file: string, to: Attached): PlanFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CausewayError('input', `cannot read the plan: ${messageOf(cause)}`, { place: file, cause });
  }
  const parsed = parseYaml(file, text, planFile, 'input');
  for (const platform of [parsed.from, parsed.to]) {
    if (to.run.platforms.includes(platform)) continue;
    throw new CausewayError('input', `there is no platform "${platform}"`, { place: file, remedy: `The configuration names: ${to.run.platforms.join(', ')}.` });
  }
  if (parsed.from === parsed.to) throw new CausewayError('input', '"from" and "to" are the same platform', { place: file });
  return parsed;
}

async function plan(file: string, options: Options): Promise<void> {
  await attached(options.config, async (to) => {
    const parsed = readPlan(file, to);
    const waves = await previewPlan(parsed, candidatesOf(to.store), file);
    const result = { plan: parsed.plan, from: parsed.from, to: parsed.to, gates: parsed.gates, waves: waves.map(({ name, accounts }) => ({ name, accounts: accounts.map((each) => each.address) })) };
    print(result, options.json, () =>
      [
        `${parsed.plan}: ${parsed.from} → ${parsed.to}. Nothing was changed; to start it: causeway cutover run ${file}`,
        table(['WAVE', 'NAME', 'ACCOUNTS', 'AMONG THEM'], result.waves.map((wave, i) => [i + 1, wave.name, wave.accounts.length, `${wave.accounts.slice(0, 3).join(', ')}${wave.accounts.length > 3 ? ', …' : ''}`])),
      ].join('\n'),
    );
  });
}

async function run(file: string, options: Options): Promise<void> {
  await attached(options.config, async (to) => {
    const parsed = readPlan(file, to);
    await runPlan(to.store, parsed, candidatesOf(to.store), file, actor());
    print({ plan: parsed.plan, state: 'running' }, options.json, (result) => `${result.plan} is running. See: causeway cutover status`);
  });
}

async function status(name: string | undefined, options: Options): Promise<void> {
  await attached(options.config, async ({ store }) => {
    const found = await findPlan(store, name);
    const waves = await waveProgress(store, found.id);
    const current = waves.find((wave) => wave.state === 'running');
    const gates = current === undefined ? [] : judge(await readings(store, found, current), found.gates);
    const forecast = (await forecastsOf(store, 'plan', [found.id])).get(found.id);
    print({ ...found, waves, judged: gates, forecast, moves: await openMoves(store) }, options.json, asText);
  });
}

function asText(shown: Plan & { waves: WaveProgress[]; judged: Gate[]; forecast: Forecast | undefined; moves: MoveStatus[] }): string {
  const parts = [`${shown.name}: ${shown.source} → ${shown.target}, ${shown.state}${shown.reason === null ? '' : ` (${shown.reason})`}`];
  for (const wave of shown.waves) {
    parts.push(`  ${String(wave.number).padStart(2)} ${wave.name.padEnd(16)} ${bar(wave.moved, wave.accounts, 24)} ${wave.moved}/${wave.accounts} ${wave.state}${wave.failed > 0 ? `, ${wave.failed} failed` : ''}`);
  }
  for (const gate of shown.judged) parts.push(`  gate ${gate.name}: ${gate.state}, ${gate.text}`);
  if (shown.forecast !== undefined) parts.push(`  ends between ${clock(shown.forecast.fromAt)} and ${clock(shown.forecast.toAt)}, likely ${clock(shown.forecast.likelyAt)} (${basisText(shown.forecast.basis)})`);
  if (shown.moves.length > 0) parts.push(moveTable(shown.moves));
  return parts.join('\n');
}

/** `2026-11-26 08:04:10`, UTC as in logs. */
const clock = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');

async function pause(name: string | undefined, options: Options & { why: string }): Promise<void> {
  await attached(options.config, async ({ store }) => {
    await pausePlan(store, actor(), options.why, name);
    print({ state: 'paused' }, options.json, () => 'paused. To go on: causeway cutover resume');
  });
}

async function resume(name: string | undefined, options: Options & { why?: string }): Promise<void> {
  await attached(options.config, async ({ store }) => {
    await resumePlan(store, actor(), name, options.why);
    print({ state: 'running' }, options.json, () => 'running again');
  });
}
