/** Blob/copy and Email/copy (RFC 8620 section 6.3, RFC 8621 section 4.7): between accounts, of which a customer has one. */
import * as z from 'zod';
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { CORE } from '../jmap/core.ts';
import { invalidArguments, MethodError } from '../jmap/errors.ts';
import type { Method } from '../jmap/process.ts';
import { MAIL } from './capabilities.ts';
import type { MailContext } from './context.ts';

const copyArguments = z.looseObject({ accountId: z.string(), fromAccountId: z.string() });

function copyFor(capability: string): Method<MailContext> {
  return {
    capability,
    async run(given, context) {
      const args = parseArguments(copyArguments, given);
      checkAccount(args.accountId, context.access.accountId);
      if (args.fromAccountId === args.accountId) throw invalidArguments('fromAccountId: nothing is copied within an account');
      throw new MethodError('fromAccountNotFound');
    },
  };
}

export const blobCopy = copyFor(CORE);
export const emailCopy = copyFor(MAIL);
