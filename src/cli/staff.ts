import { Command } from 'commander';
import { loadConfig } from '#config/index.ts';
import { actor, type Attached, attached } from '#context/attach.ts';
import { pagesKey } from '#context/pages-key.ts';
import { CausewayError } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { createHasher } from '#signin/index.ts';
import { ACTS } from '#staff/acts.ts';
import { type Role, ROLES } from '#staff/api.ts';
import { invite, inviteAnew, type Invited } from '#staff/invite.ts';
import { endPerson, linkPerson, listStaff, setRole } from '#staff/people.ts';
import { sealOfCodes } from '#staff/routes.ts';
import { print, table } from './output.ts';

type Options = { config?: string; json?: boolean; why?: string };
type InviteOptions = Options & { withoutCode?: boolean };

export function staffCommand(): Command {
  const staff = new Command('staff').description('who signs in to the desk and the console');
  common(staff.command('add').description('makes somebody known; shows the password, and what the phone makes codes from, once').argument('<name>'))
    .requiredOption('--role <role>', `one of ${ROLES.join(', ')}`)
    .option('--without-code', 'no codes: the password alone, until a passkey is made')
    .addHelpText('after', '\nCodes are sealed under the key of the known good: give this command the one that serve has (CAUSEWAY_KNOWN_GOOD_KEY_FILE).\nExample:\n  causeway staff add maria --role administrator')
    .action(add);
  common(staff.command('list').description('names, roles, and by what they sign in')).action(list);
  staff.command('acts').description('which role may do what').option('--json', 'one JSON object').action(showActs);
  common(staff.command('remove').description('ends the sessions of somebody who leaves; the audit keeps the name').argument('<name>')).action(remove);
  common(staff.command('role').description('gives another role, and ends the sessions').argument('<name>').argument('<role>')).action(role);
  common(staff.command('link').description('lets somebody in by the identity provider, too: it knows the person by this subject').argument('<name>').argument('<subject>')).action(link);
  common(staff.command('reset').description('a new password and new codes, no passkeys; ends the sessions').argument('<name>'))
    .option('--without-code', 'no codes: the password alone, until a passkey is made')
    .action(reset);
  return staff;
}

function common(command: Command): Command {
  return command.option('--why <reason>', 'kept in the audit').option('-c, --config <file>', 'the configuration of the instance to reach').option('--json', 'one JSON object');
}

async function add(name: string, options: InviteOptions & { role: string }): Promise<void> {
  const given = roleOf(options.role);
  await inviting(options, async (means) => shown(await invite(name, given, means), options));
}

async function reset(name: string, options: InviteOptions): Promise<void> {
  await inviting(options, async (means) => shown(await inviteAnew(name, means), options));
}

async function list(options: Options): Promise<void> {
  await attached(options.config, async ({ store }) => {
    print({ staff: await listStaff(store) }, options.json, ({ staff }) =>
      staff.length === 0
        ? 'nobody yet: causeway staff add NAME --role administrator'
        : table(['NAME', 'ROLE', 'CODES', 'PASSKEYS', 'OIDC', 'SINCE'], staff.map((each) => [each.name, each.role, each.code ? 'yes' : 'no', each.passkeys, each.oidc ? 'yes' : 'no', each.madeAt.toISOString().slice(0, 10)])),
    );
  });
}

function showActs({ json }: { json?: boolean }): void {
  print({ acts: ACTS }, json, ({ acts }) => table(['ACT', ...ROLES], Object.entries(acts).map(([act, roles]) => [act, ...ROLES.map((each) => ((roles as readonly string[]).includes(each) ? 'yes' : '-'))])));
}

async function remove(name: string, options: Options): Promise<void> {
  await attached(options.config, async ({ store }) => {
    await store.transaction((tx) => endPerson(tx, name, by(options)));
    print({ name, removed: true }, options.json, () => `${name} signs in no more`);
  });
}

async function role(name: string, text: string, options: Options): Promise<void> {
  const given = roleOf(text);
  await attached(options.config, async ({ store }) => {
    await store.transaction((tx) => setRole(tx, name, given, by(options)));
    print({ name, role: given }, options.json, () => `${name} is ${given} now`);
  });
}

async function link(name: string, subject: string, options: Options): Promise<void> {
  if (options.config === undefined) throw new CausewayError('usage', 'the configuration says which identity provider it is', { remedy: 'Give the file with -c FILE.' });
  const config = loadConfig(options.config);
  const issuer = config.staff.oidc?.issuer;
  if (issuer === undefined) throw new CausewayError('config', 'there is no identity provider', { place: config.file, remedy: 'Configure staff.oidc: docs/staff.md' });
  await attached(options.config, async ({ store }) => {
    await store.transaction((tx) => linkPerson(tx, name, { issuer, subject }, by(options)));
    print({ name, issuer, subject }, options.json, () => `${name} comes in by ${issuer}, too`);
  });
}

const by = ({ why }: Options): { actor: string; why?: string } => ({ actor: actor(), ...(why === undefined ? {} : { why }) });

function roleOf(text: string): Role {
  const found = ROLES.find((each) => each === text);
  if (found === undefined) throw new CausewayError('usage', `there is no role "${text}"`, { remedy: `expected one of ${ROLES.join(', ')}` });
  return found;
}

type Means = Parameters<typeof inviteAnew>[1];

async function inviting(options: InviteOptions, work: (means: Means) => Promise<void>): Promise<void> {
  const seal = options.withoutCode === true ? undefined : codes();
  await attached(options.config, async ({ store }: Attached) => {
    const hasher = createHasher({ clock: systemClock, emit: silent, workers: 1 });
    try {
      await work({ store, makeHash: hasher.makeInTurn, seal, by: by(options) });
    } finally {
      await hasher.close();
    }
  });
}

function codes(): ReturnType<typeof sealOfCodes> {
  const { key, lasts } = pagesKey('staff');
  if (lasts) return sealOfCodes(Buffer.from(key, 'base64'));
  throw new CausewayError('config', 'codes cannot be kept: there is no key to seal them under', {
    remedy: 'Name the key that serve has in CAUSEWAY_KNOWN_GOOD_KEY_FILE, or say --without-code: a passkey then takes their place.',
  });
}

function shown(invited: Invited, { json }: Options): void {
  print(invited, json, ({ name, password, phone }) =>
    [
      `${name}: password ${password}`,
      ...(phone === undefined ? ['  no codes; a passkey is made after the sign-in'] : [`  codes: ${phone.uri}`, `  or to be typed into the phone's app: ${phone.code}`]),
      '  it is shown this once',
    ].join('\n'),
  );
}
