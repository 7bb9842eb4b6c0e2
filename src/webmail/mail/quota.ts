/** Quota/get, changes, query and queryChanges (RFC 9425): what the platform says of INBOX. */
import * as z from 'zod';
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { MethodError } from '../jmap/errors.ts';
import { matches, parseFilter } from '../jmap/filter.ts';
import { askedIds, checkProperties, getArguments, pick } from '../jmap/get.ts';
import type { Method } from '../jmap/process.ts';
import { QUOTA } from './capabilities.ts';
import { changesMethod } from './changes-method.ts';
import type { MailContext } from './context.ts';
import { answerFew, fewArguments, fewQueryChanges } from './few.ts';
import { mailboxId } from './mailboxes.ts';
import { digest } from './states.ts';

type Quota = { readonly id: string; readonly resourceType: 'octets' | 'count'; readonly used: number; readonly hardLimit: number; readonly scope: 'account'; readonly name: string; readonly types: readonly string[]; readonly warnLimit: null; readonly softLimit: null; readonly description: null };
const PROPERTIES = ['id', 'resourceType', 'used', 'hardLimit', 'scope', 'name', 'types', 'warnLimit', 'softLimit', 'description'];

async function quotas(context: MailContext): Promise<Quota[]> {
  const found = await context.access.imap((connection) => connection.quotas('INBOX'));
  return found.flatMap(({ root, resource, used, limit }): Quota[] => {
    if (resource !== 'STORAGE' && resource !== 'MESSAGE') return [];
    // STORAGE counts units of 1024 octets (RFC 9208 section 5.1).
    const unit = resource === 'STORAGE' ? 1024 : 1;
    return [{ id: `Q${mailboxId(`${root}/${resource}`).slice(1)}`, resourceType: resource === 'STORAGE' ? 'octets' : 'count', used: used * unit, hardLimit: limit * unit, scope: 'account', name: root || 'Mail', types: ['Email'], warnLimit: null, softLimit: null, description: null }];
  });
}

export const quotaGet: Method<MailContext> = {
  capability: QUOTA,
  async run(given, context, call) {
    const args = parseArguments(getArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    checkProperties(args.properties, (name) => PROPERTIES.includes(name));
    const all = await quotas(context);
    const ids = args.ids == null ? undefined : askedIds(args.ids, call.createdIds, context.limits);
    const asked = ids === undefined ? all : all.filter(({ id }) => ids.includes(id));
    return { accountId: args.accountId, state: digest(all), list: asked.map((one) => pick(one, args.properties)), notFound: ids?.filter((id) => !all.some((one) => one.id === id)) ?? [] };
  },
};

/** There are one or two: who asks again reads them. */
export const quotaChanges = changesMethod(QUOTA, async (sinceState, context) => {
  const newState = digest(await quotas(context));
  if (sinceState !== newState) throw new MethodError('cannotCalculateChanges');
  return { newState, changes: { created: [], updated: [], destroyed: [] }, updatedProperties: null };
});

const conditionSchema = z.strictObject({ name: z.string().optional(), scope: z.string().optional(), resourceType: z.string().optional(), type: z.string().optional() });

export const quotaQuery: Method<MailContext> = {
  capability: QUOTA,
  async run(given, context) {
    const args = parseArguments(fewArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    const filter = parseFilter(args.filter, (condition) => parseArguments(conditionSchema, condition));
    if (args.sort?.some(({ property }) => property !== 'name' && property !== 'used') === true) throw new MethodError('unsupportedSort');
    const found = (await quotas(context)).filter((one) => matches(filter, ({ name = '', scope = one.scope, resourceType = one.resourceType, type = 'Email' }) => one.name.includes(name) && one.scope === scope && one.resourceType === resourceType && one.types.includes(type)));
    return answerFew(args, found, (a, b, property) => (property === 'used' ? a.used - b.used : a.name.localeCompare(b.name)));
  },
};

export const quotaQueryChanges = fewQueryChanges(QUOTA);
