/**
 * Contacts by HTTP. What a customer's file holds is answered for in numbers, and nothing of it is shown as a page: an
 * export is an attachment.
 */
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { CausewayError } from '#errors/index.ts';
import type { App } from '#http/app.ts';
import { bodyOf } from '#http/body.ts';
import type { Who } from '../who.ts';
import { contactBody, groupName, idsBody, type Imported, renameGroupBody } from './api.ts';
import type { Contacts } from './book.ts';
import { readCsv } from './csv-read.ts';
import { type Read, readVcards, textOfFile } from './vcard-read.ts';
import { type Version, writeVcards } from './vcard-write.ts';

/** A contact, or all ids. */
const BODY_LIMIT = 400_000;
/** 10,000 cards with their pictures, which are not kept. */
const FILE_LIMIT = 50_000_000;

const exportQuery = z.object({ version: z.enum(['3.0', '4.0']).default('3.0'), group: groupName.optional(), id: z.string().max(40).optional() });
const groupBody = z.strictObject({ name: groupName, ...idsBody.shape });

export function addContactsApi(app: App, { who, contacts }: { readonly who: Who; readonly contacts: Contacts }): void {
  const limited = bodyLimit({ maxSize: BODY_LIMIT });

  app.get('/api/contacts', async (c) => {
    const { accountId } = await who(c);
    const tag = `W/"${await contacts.revision(accountId)}"`;
    c.header('ETag', tag);
    // A browser asks each time, and gets what it has if nothing changed.
    c.header('Cache-Control', 'private, no-cache');
    return c.req.header('if-none-match') === tag ? c.body(null, 304) : c.json(await contacts.read(accountId));
  });

  app.post('/api/contacts', limited, async (c) => {
    const { accountId } = await who(c);
    return c.json(await contacts.add(accountId, await bodyOf(c, contactBody)), 201);
  });

  app.get('/api/contacts/export', async (c) => {
    const { accountId } = await who(c);
    const asked = exportQuery.safeParse(c.req.query());
    if (!asked.success) throw new CausewayError('usage', 'version is 3.0 or 4.0, and may come with a group or an id');
    const { version, group, id } = asked.data;
    const rows = (await contacts.rows(accountId, id === undefined ? undefined : [id])).filter(({ card }) => group === undefined || card.groups.includes(group));
    return new Response(writeVcards(rows, version satisfies Version), {
      headers: { 'Content-Type': 'text/vcard; charset=utf-8', 'Content-Disposition': 'attachment; filename="contacts.vcf"', 'Cache-Control': 'no-store' },
    });
  });

  app.post('/api/contacts/import', bodyLimit({ maxSize: FILE_LIMIT }), async (c) => {
    const { accountId } = await who(c);
    const text = textOfFile(Buffer.from(await c.req.arrayBuffer()));
    const found: Read[] = /^\s*BEGIN:VCARD/im.test(text.slice(0, 100_000)) ? readVcards(text) : readCsv(text).map((card) => ({ card, rest: '' }));
    if (found.length === 0) throw new CausewayError('usage', 'the file has no contacts', { customerText: 'There are no contacts in this file. It should be a vCard (.vcf) or a CSV file with a line of column names.' });
    return c.json((await contacts.import(accountId, found)) satisfies Imported);
  });

  app.post('/api/contacts/delete', limited, async (c) => {
    const { accountId } = await who(c);
    return c.json({ deleted: await contacts.remove(accountId, (await bodyOf(c, idsBody)).ids) });
  });

  app.post('/api/contacts/groups', limited, async (c) => {
    const { accountId } = await who(c);
    const { name, ids } = await bodyOf(c, groupBody);
    return c.json({ changed: await contacts.addToGroup(accountId, name, ids) });
  });
  app.put('/api/contacts/groups/:name', limited, async (c) => {
    const { accountId } = await who(c);
    return c.json({ changed: await contacts.renameGroup(accountId, c.req.param('name'), (await bodyOf(c, renameGroupBody)).name) });
  });
  app.delete('/api/contacts/groups/:name', async (c) => {
    const { accountId } = await who(c);
    return c.json({ changed: await contacts.removeGroup(accountId, c.req.param('name')) });
  });

  app.delete('/api/contacts/suggestions/:email', async (c) => {
    const { accountId } = await who(c);
    await contacts.forget(accountId, c.req.param('email').toLowerCase());
    return c.json({});
  });

  app.put('/api/contacts/:id', limited, async (c) => {
    const { accountId } = await who(c);
    return c.json(await contacts.replace(accountId, c.req.param('id'), await bodyOf(c, contactBody)));
  });
  app.delete('/api/contacts/:id', async (c) => {
    const { accountId } = await who(c);
    if ((await contacts.remove(accountId, [c.req.param('id')])) === 0) throw new CausewayError('not-found', 'there is no such contact');
    return c.json({});
  });
}
