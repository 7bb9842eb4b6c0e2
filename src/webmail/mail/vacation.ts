/** VacationResponse/get and VacationResponse/set (RFC 8621 section 8): one object, in the account's script. */
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { invalidProperties, MethodError, SetError } from '../jmap/errors.ts';
import { askedIds, checkProperties, getArguments, pick } from '../jmap/get.ts';
import { applyPatch } from '../jmap/patch.ts';
import type { Method } from '../jmap/process.ts';
import { runSet, setArguments } from '../jmap/set.ts';
import { changePart, readPart, type RunSieve, withVacation } from '../filters/account-scripts.ts';
import { type Vacation, vacationSchema } from '../filters/api.ts';
import { mailboxNamesOf } from '../filters/mailbox-names.ts';
import { VACATION } from './capabilities.ts';
import type { MailContext } from './context.ts';
import { digest } from './states.ts';

const ID = 'singleton';
const PROPERTIES = ['id', ...Object.keys(vacationSchema.shape)];
const OFF: Vacation = { isEnabled: false, fromDate: null, toDate: null, subject: null, textBody: null, htmlBody: null };

function sieveOf({ access }: MailContext): RunSieve {
  if (access.sieve === undefined) throw new MethodError('accountNotSupportedByMethod', 'The mail platform of this account has no absence reply that can be set here.');
  return access.sieve;
}

const present = async (run: RunSieve): Promise<Vacation> => (await readPart(run)).part.vacation ?? OFF;

export const vacationGet: Method<MailContext> = {
  capability: VACATION,
  async run(given, context, call) {
    const args = parseArguments(getArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    checkProperties(args.properties, (name) => PROPERTIES.includes(name));
    const vacation = await present(sieveOf(context));
    const ids = args.ids == null ? [ID] : askedIds(args.ids, call.createdIds, context.limits);
    return { accountId: args.accountId, state: digest(vacation), list: ids.includes(ID) ? [pick({ id: ID, ...vacation }, args.properties)] : [], notFound: ids.filter((id) => id !== ID) };
  },
};

export const vacationSet: Method<MailContext> = {
  capability: VACATION,
  async run(given, context, call) {
    const args = parseArguments(setArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    const run = sieveOf(context);
    return runSet(
      args,
      {
        create: () => Promise.reject(new SetError('singleton')),
        destroy: () => Promise.reject(new SetError('singleton')),
        update: (id, patch) => update(id, patch, run, context),
      },
      { limits: context.limits, createdIds: call.createdIds, onFault: context.onFault, state: async () => digest(await present(run)) },
    );
  },
};

async function update(id: string, patch: Record<string, unknown>, run: RunSieve, context: MailContext): Promise<null> {
  if (id !== ID) throw new SetError('notFound');
  const { id: _, ...then } = applyPatch({ id: ID, ...(await present(run)) }, patch);
  // A null in a patch takes the property away: it is then as it was at first.
  const parsed = vacationSchema.safeParse({ ...OFF, ...then });
  if (!parsed.success) throw invalidProperties([...new Set(parsed.error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [String(issue.path[0])])))]);
  const { loginNames } = context.access;
  await changePart(run, { own: loginNames, mailboxName: mailboxNamesOf(await context.mailboxes()) }, withVacation(parsed.data));
  return null;
}
