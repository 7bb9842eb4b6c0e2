/** A /changes method of an account (RFC 8620 section 5.2): what is common to all types but what changed. */
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { answerChanges, type Calculated, changesArguments } from '../jmap/changes.ts';
import type { Method } from '../jmap/process.ts';
import type { MailContext } from './context.ts';

/** @param calculate throws MethodError `cannotCalculateChanges` for a state that is not known */
export function changesMethod(capability: string, calculate: (sinceState: string, context: MailContext) => Promise<Calculated>): Method<MailContext> {
  return {
    capability,
    async run(given, context) {
      const args = parseArguments(changesArguments, given);
      checkAccount(args.accountId, context.access.accountId);
      return answerChanges(args, context.access.memory.states, (sinceState) => calculate(sinceState, context));
    },
  };
}
