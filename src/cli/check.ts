import { Command } from 'commander';
import { loadConfig } from '#config/index.ts';
import { check, type Finding } from '#context/check/check.ts';
import { systemClock } from '#events/clock.ts';
import { print } from './output.ts';

export function checkCommand(): Command {
  return new Command('check')
    .description('reads the configuration, connects to everything it names, proves the entrances; changes nothing')
    .requiredOption('-c, --config <file>', 'the configuration (YAML)')
    .option('--json', 'one JSON object: {findings: [...]}')
    .addHelpText('after', '\nExit status 0 when all is well, 1 when something is not.')
    .action(async (options: { config: string; json?: boolean }) => {
      const findings = await check(loadConfig(options.config), systemClock);
      print({ findings }, options.json, (result) => result.findings.map(line).join('\n'));
      if (findings.some((finding) => !finding.well)) process.exitCode = 1;
    });
}

const line = ({ what, well, seen }: Finding): string => `${well ? '✓' : '✗'} ${what}: ${seen}`;
