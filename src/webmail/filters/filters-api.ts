/** Filters by HTTP: rules as the page shows them (`/api/filters`), and the scripts themselves. */
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { CausewayError } from '#errors/index.ts';
import type { App, AppEnv } from '#http/app.ts';
import type { AccessOf, RequestAccess } from '../access.ts';
import { bodyOf } from '#http/body.ts';
import { createMailContext } from '../mail/context.ts';
import { LIMITS } from '../jmap/limits.ts';
import type { Who } from '../who.ts';
import { type About, activate, changePart, type Found, listScripts, readPart, readText, removeScript, type RunSieve, withRules, writeText } from './account-scripts.ts';
import { activeBody, type Filters, filtersBody, scriptBody, scriptName } from './api.ts';
import { mailboxNamesOf } from './mailbox-names.ts';

/** A script of half a megabyte, as JSON. */
const BODY_LIMIT = 1_100_000;

export function addFiltersApi(app: App, { who, accessOf }: { readonly who: Who; readonly accessOf: AccessOf }): void {
  const limited = bodyLimit({ maxSize: BODY_LIMIT });

  async function within<T>(c: Context<AppEnv>, work: (access: RequestAccess) => Promise<T>): Promise<T> {
    const access = await accessOf(await who(c), c.req.raw.signal);
    try {
      return await work(access);
    } finally {
      access.end();
    }
  }
  const withSieve = <T>(c: Context<AppEnv>, work: (run: RunSieve, access: RequestAccess) => Promise<T>): Promise<T> =>
    within(c, (access) => {
      if (access.sieve === undefined) throw new CausewayError('conflict', 'the platform has no ManageSieve', { customerText: 'Your mail platform has no filters that can be set here.' });
      return work(access.sieve, access);
    });
  const nameOf = (c: Context<AppEnv>): string => {
    const name = scriptName.safeParse(c.req.param('name'));
    if (!name.success) throw new CausewayError('usage', 'that cannot be the name of a script');
    return name.data;
  };

  app.get('/api/filters', (c) => within(c, async ({ sieve }) => c.json(sieve === undefined ? ({ available: false } satisfies Filters) : told(await readPart(sieve)))));

  app.put('/api/filters', limited, async (c) => {
    const { rules, revision } = await bodyOf(c, filtersBody);
    return withSieve(c, async (run, access) => c.json(told(await changePart(run, await aboutOf(access), withRules(rules), revision))));
  });

  app.get('/api/filters/scripts', (c) => withSieve(c, async (run) => c.json({ scripts: await listScripts(run) })));
  app.get('/api/filters/scripts/:name', (c) => withSieve(c, async (run) => c.json({ name: nameOf(c), text: await readText(run, nameOf(c)) })));
  app.put('/api/filters/scripts/:name', limited, async (c) => {
    const { text } = await bodyOf(c, scriptBody);
    return withSieve(c, async (run) => (await writeText(run, nameOf(c), text), c.json({})));
  });
  app.delete('/api/filters/scripts/:name', (c) => withSieve(c, async (run) => (await removeScript(run, nameOf(c)), c.json({}))));
  app.post('/api/filters/active', limited, async (c) => {
    const { name } = await bodyOf(c, activeBody);
    return withSieve(c, async (run) => (await activate(run, name ?? undefined), c.json({})));
  });
}

async function aboutOf(access: RequestAccess): Promise<About> {
  const context = createMailContext(access, LIMITS, () => {});
  return { own: access.loginNames, mailboxName: mailboxNamesOf(await context.mailboxes()) };
}

function told({ part, others, edited, revision, able }: Found): Filters {
  return { available: true, rules: part.rules, revision, able, hasOthers: others.trim() !== '', edited };
}
