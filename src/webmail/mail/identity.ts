/**
 * Identity/get, Identity/changes and Identity/set (RFC 8621 section 6): the account's login names, with what the customer
 * says about each, and more of his own under the same addresses.
 */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { changesBetween } from '../jmap/changes.ts';
import { invalidProperties, MethodError, SetError } from '../jmap/errors.ts';
import { askedIds, checkProperties, getArguments, pick } from '../jmap/get.ts';
import { applyPatch } from '../jmap/patch.ts';
import type { Method } from '../jmap/process.ts';
import { runSet, setArguments } from '../jmap/set.ts';
import { SUBMISSION } from './capabilities.ts';
import { changesMethod } from './changes-method.ts';
import type { MailContext } from './context.ts';
import { mailboxId } from './mailboxes.ts';
import { digest } from './states.ts';

/** Signatures of companies have pictures of 100 kB. */
const SIGNATURE = 200_000;
/** Identities that a customer makes. */
const MOST = 100;

const addresses = z.array(z.object({ name: z.string().nullable().default(null), email: z.string().max(320) })).max(50).nullable();
const identitySchema = z.strictObject({
  id: z.string(),
  name: z.string().max(500).default(''),
  email: z.string().max(320),
  replyTo: addresses.default(null),
  bcc: addresses.default(null),
  textSignature: z.string().max(SIGNATURE).default(''),
  htmlSignature: z.string().max(SIGNATURE).default(''),
  mayDelete: z.boolean(),
});
export type Identity = z.infer<typeof identitySchema>;
const PROPERTIES = Object.keys(identitySchema.shape);
const keptSchema = z.array(identitySchema);

export async function identities({ access }: MailContext): Promise<Identity[]> {
  const parsed = keptSchema.safeParse((await access.settings?.read('identities')) ?? []);
  const kept = parsed.success ? parsed.data : [];
  const own = access.loginNames.map((email): Identity => {
    const id = `I${mailboxId(email.toLowerCase()).slice(1)}`;
    return { id, name: '', replyTo: null, bcc: null, textSignature: '', htmlSignature: '', ...kept.find((one) => one.id === id), email, mayDelete: false };
  });
  const names = new Set(access.loginNames.map((name) => name.toLowerCase()));
  return [...own, ...kept.filter((one) => one.mayDelete && names.has(one.email.toLowerCase()))];
}

async function identityState(context: MailContext): Promise<string> {
  const all = await identities(context);
  const state = digest(all);
  context.access.memory.states.set(`i${state}`, new Map(all.map((one) => [one.id, digest(one)])));
  return state;
}

export const identityGet: Method<MailContext> = {
  capability: SUBMISSION,
  async run(given, context, call) {
    const args = parseArguments(getArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    checkProperties(args.properties, (name) => PROPERTIES.includes(name));
    const all = await identities(context);
    const ids = args.ids == null ? undefined : askedIds(args.ids, call.createdIds, context.limits);
    const asked = ids === undefined ? all : ids.flatMap((id) => all.find((one) => one.id === id) ?? []);
    return { accountId: args.accountId, state: await identityState(context), list: asked.map((one) => pick(one, args.properties)), notFound: ids?.filter((id) => !all.some((one) => one.id === id)) ?? [] };
  },
};

export const identityChanges = changesMethod(SUBMISSION, async (sinceState, context) => {
  const { states } = context.access.memory;
  const newState = await identityState(context);
  const before = states.get(`i${sinceState}`) as ReadonlyMap<string, string> | undefined;
  const now = states.get(`i${newState}`) as ReadonlyMap<string, string> | undefined;
  if (before === undefined || now === undefined) throw new MethodError('cannotCalculateChanges');
  return { newState, changes: changesBetween(before, now, (a, b) => a === b) };
});

export const identitySet: Method<MailContext> = {
  capability: SUBMISSION,
  async run(given, context, call) {
    const args = parseArguments(setArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    return runSet(
      args,
      { create: (properties) => create(properties, context), update: (id, patch) => update(id, patch, context), destroy: (id) => destroy(id, context) },
      { limits: context.limits, createdIds: call.createdIds, onFault: context.onFault, state: () => identityState(context) },
    );
  },
};

async function create(properties: Record<string, unknown>, context: MailContext): Promise<Record<string, unknown> & { id: string }> {
  const all = await identities(context);
  const made = read({ ...properties, id: `I${randomBytes(12).toString('base64url')}`, mayDelete: true });
  if (Object.hasOwn(properties, 'id') || Object.hasOwn(properties, 'mayDelete')) throw invalidProperties(['id', 'mayDelete'].filter((name) => Object.hasOwn(properties, name)));
  if (!context.access.loginNames.some((name) => name.toLowerCase() === made.email.toLowerCase())) throw new SetError('forbiddenFrom', 'This address is not yours.');
  if (all.length >= MOST + context.access.loginNames.length) throw new SetError('overQuota', `At most ${MOST} identities.`);
  await write([...all, made], context);
  return made;
}

async function update(id: string, patch: Record<string, unknown>, context: MailContext): Promise<null> {
  const all = await identities(context);
  const now = all.find((one) => one.id === id);
  if (now === undefined) throw new SetError('notFound');
  const then = read(applyPatch(now, patch));
  const fixed = (['id', 'email', 'mayDelete'] as const).filter((name) => then[name] !== now[name]);
  if (fixed.length > 0) throw invalidProperties(fixed);
  await write(all.map((one) => (one.id === id ? then : one)), context);
  return null;
}

async function destroy(id: string, context: MailContext): Promise<void> {
  const all = await identities(context);
  const found = all.find((one) => one.id === id);
  if (found === undefined) throw new SetError('notFound');
  if (!found.mayDelete) throw new SetError('forbidden', 'This is an address of your account.');
  await write(all.filter((one) => one.id !== id), context);
}

function read(object: Record<string, unknown>): Identity {
  const parsed = identitySchema.safeParse(object);
  if (!parsed.success) throw invalidProperties([...new Set(parsed.error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [String(issue.path[0])])))]);
  return parsed.data;
}

async function write(all: readonly Identity[], { access }: MailContext): Promise<void> {
  if (access.settings === undefined) throw new SetError('forbidden', 'Identities cannot be changed here.');
  await access.settings.write('identities', all);
}
