import { bytes } from '../output.ts';
import { isWell, type Result } from './result.ts';

/** The end of the story, in numbers. */
export function summary(result: Result): string {
  const { signIns, holdMs, wrongSecrets } = result;
  const lines = [
    '',
    isWell(result) ? 'All is well.' : 'Something is wrong.',
    `  ${result.moved} of ${result.accounts} accounts moved, with ${result.messages} messages (${bytes(result.bytes)}), in ${result.seconds} s`,
    `  missing ${result.missing}, altered ${result.altered}, doubled ${result.doubled}; undecided ${result.undecided} (no answer came: done or not done, once)`,
    `  false rejections ${result.falseRejections}, false acceptances ${result.falseAcceptances}, wrongly unavailable ${result.wronglyUnavailable}`,
    `  wrong secrets rejected: ${wrongSecrets.rejected} of ${wrongSecrets.presented} that could be judged`,
    `  sign-ins: ${signIns.accepted} accepted, ${signIns.rejected} rejected, ${signIns.unavailable} unavailable; ${result.commandsCompleted} commands completed`,
    `  holds: half below ${holdMs.p50} ms, 99 % below ${holdMs.p99} ms, longest ${holdMs.max} ms; put off ${result.backedOut}`,
  ];
  if (result.restarts > 0) lines.push(`  serve was started again ${result.restarts} times; connections lost ${result.connectionsLost}`);
  for (const example of result.examples) lines.push(`    ${example}`);
  return lines.join('\n');
}
