/**
 * Turning the second step on and off: by the owner, who has shown the password.
 *
 * Invariants: it is on only once a right code has shown that the phone has it. What codes are made from is sent to the
 * browser while it is turned on, and never again; kept, it is sealed.
 */
import { generateSecret, generateURI } from 'otplib';
import { z } from 'zod';
import { makeRecoveryCodes, setSecondStepEverywhere, turnSecondStepOff, turnSecondStepOn } from '#directory/index.ts';
import type { Seal } from '#directory/outbox/seal.ts';
import type { App } from '#http/app.ts';
import type { Store } from '#store/index.ts';
import { bodyOf } from '#http/body.ts';
import { refusing } from '../refusal.ts';
import { createSealedCookie } from '#http/sealed-cookie.ts';
import { codeBody, everywhereBody } from './api.ts';
import { stepOf } from '#signin/one-time-code.ts';
import type { SignedIn } from './signed-in.ts';

/** To install an app, and read its first code. */
const BEGUN_S = 900;
const BY = { actor: 'customer' };

type Parts = { readonly signedIn: SignedIn; readonly seal: Seal | undefined; readonly issuer: (host: string | undefined) => string; readonly store: Store; readonly key: Buffer; readonly now: () => number };

export function addSecondStepApi(app: App, { signedIn, seal, issuer, store, key, now }: Parts): void {
  const begun = createSealedCookie({ name: 'second-step', key, schema: z.strictObject({ accountId: z.int(), secret: z.string() }), seconds: BEGUN_S, now });

  app.post('/api/security/second-step/begin', async (c) => {
    const { pass, customer } = await signedIn.sure(c);
    if (seal === undefined) throw refusing({ status: 403, code: 'scope', sentence: 'Codes cannot be used here yet. Please ask us about it.' });
    const secret = generateSecret();
    begun.set(c, { accountId: pass.accountId, secret });
    return c.json({ secret, uri: generateURI({ issuer: issuer(c.req.header('host')), label: customer.address, secret }) });
  });

  app.post('/api/security/second-step/on', async (c) => {
    const { pass } = await signedIn.sure(c);
    const { code } = await bodyOf(c, codeBody);
    const open = begun.read(c);
    if (seal === undefined || open?.accountId !== pass.accountId) throw refusing({ status: 409, code: 'too-late', sentence: 'That took a little too long. Please begin again.' });
    const step = await stepOf(open.secret, code, now());
    if (step === undefined) throw refusing({ status: 403, code: 'code', sentence: 'This code is not right. Please enter the one that your phone shows now, and see that its clock is right.' });
    const sealed = seal.seal(pass.accountId, open.secret);
    const recoveryCodes = await store.transaction((tx) => turnSecondStepOn(tx, pass.accountId, { sealed, step }, BY));
    begun.drop(c);
    return c.json({ recoveryCodes });
  });

  app.post('/api/security/second-step/off', async (c) => {
    const { pass } = await signedIn.sure(c);
    await store.transaction((tx) => turnSecondStepOff(tx, pass.accountId, BY));
    return c.json({});
  });

  app.post('/api/security/second-step/everywhere', async (c) => {
    const { pass } = await signedIn.sure(c);
    const { everywhere } = await bodyOf(c, everywhereBody);
    await store.transaction((tx) => setSecondStepEverywhere(tx, pass.accountId, everywhere, BY));
    return c.json({});
  });

  app.post('/api/security/second-step/recovery-codes', async (c) => {
    const { pass } = await signedIn.sure(c);
    const recoveryCodes = await store.transaction((tx) => makeRecoveryCodes(tx, pass.accountId, BY));
    return c.json({ recoveryCodes });
  });
}
