/**
 * The browsers in which staff are signed in.
 *
 * Invariants: a browser shows a random value that is kept here as a digest only; nobody gets in by a copy of the store. The
 * value is replaced every TURN_MS. The former one serves until the browser has shown the new one, and a little longer for
 * what was under way, so an answer that got lost signs nobody out; after that, whoever shows it has a copy, and the session
 * ends. It ends after a shift, after IDLE_MS without a request, and with the person's password, role or presence, in that
 * same transaction, since each request asks the store.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { defineEvent, type Emit } from '#events/index.ts';
import type { AppEnv } from '#http/app.ts';
import { addressOf } from '#http/server.ts';
import { audit, type Store, type Tx } from '#store/index.ts';
import type { StaffMember } from './api.ts';
import type { StaffTables } from './tables.ts';

export const SESSION_COOKIE = '__Host-causeway-staff';
/** A shift of eight hours, with its hand-over and some overtime. */
export const SHIFT_MS = 12 * 3_600_000;
/** A break. A page that is open asks more often, so this ends closed browsers and sleeping machines. */
export const IDLE_MS = 2 * 3_600_000;
export const TURN_MS = 15 * 60_000;
/** Requests that were under way with the former value, on a slow line. */
export const OVERLAP_MS = 60_000;
/** `seen_at` is to the minute: a write a minute, not one a request. */
const SEEN_MS = 60_000;
/** More browsers than anybody has; the oldest ends. */
const MOST = 10;
const DEVICE_LENGTH = 200;
const VALUE = /^[A-Za-z0-9_-]{43}$/;

const copied = defineEvent<{ staff: string; network: string }>('staff.session-copied', 'warn', ['log', 'count'], []);

export type Session = { readonly id: string; readonly staff: StaffMember };
export type SessionLine = { readonly id: string; readonly madeAt: Date; readonly seenAt: Date; readonly network: string; readonly device: string };

export type Sessions = {
  /** Who asks, if anybody. May replace the browser's value. */
  find(c: Context<AppEnv>): Promise<Session | undefined>;
  /** Signs in: a new session, audited, and its cookie. @param means by what */
  begin(c: Context<AppEnv>, staff: StaffMember, means: 'password' | 'password-and-code' | 'passkey' | 'oidc'): Promise<void>;
  /** Whether one that was found still is; it is not seen by this. */
  isOpen(id: string): Promise<boolean>;
  end(c: Context<AppEnv>): Promise<void>;
  list(staffId: number): Promise<SessionLine[]>;
  /** @throws CausewayError `not-found` */
  endSome(staff: StaffMember, which: { readonly id: string } | { readonly allBut: string }): Promise<number>;
};

const digest = (value: string): Buffer => createHash('sha256').update(value).digest();

export function createSessions({ store, clock, emit }: { store: Store; clock: Clock; emit: Emit }): Sessions {
  function give(c: Context<AppEnv>, value: string): void {
    setCookie(c, SESSION_COOKIE, value, { path: '/', secure: true, httpOnly: true, sameSite: 'Strict', maxAge: SHIFT_MS / 1_000 });
  }

  return {
    async find(c) {
      const value = getCookie(c, SESSION_COOKIE) ?? '';
      if (!VALUE.test(value)) return undefined;
      const shown = digest(value);
      const db = store.db<StaffTables>();
      const row = await db
        .selectFrom('staff_session as s')
        .innerJoin('staff', 'staff.id', 's.staff_id')
        .select(['s.id', 's.token', 's.turned_at', 's.confirmed', 's.made_at', 's.seen_at', 'staff.id as staffId', 'staff.name', 'staff.role'])
        .where((is) => is.or([is('s.token', '=', shown), is('s.former', '=', shown)]))
        .where('staff.ended_at', 'is', null)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const now = clock.now();
      const over = now - row.made_at.getTime() > SHIFT_MS || now - row.seen_at.getTime() > IDLE_MS;
      const isNew = row.token.equals(shown);
      const turned = now - row.turned_at.getTime();
      const isCopy = !isNew && row.confirmed && turned > OVERLAP_MS;
      if (isCopy) emit(copied, { staff: row.name, network: addressOf(c.env) });
      if (over || isCopy) {
        await db.deleteFrom('staff_session').where('id', '=', row.id).execute();
        return undefined;
      }
      const at = new Date(now);
      if (isNew && !row.confirmed) {
        await db.updateTable('staff_session').set({ confirmed: true, turned_at: at, seen_at: at }).where('id', '=', row.id).where('token', '=', shown).execute();
      } else if (isNew ? turned > TURN_MS : !row.confirmed && turned > OVERLAP_MS) {
        const next = randomBytes(32).toString('base64url');
        // Of requests that come together one replaces it.
        const { numUpdatedRows } = await db
          .updateTable('staff_session')
          .set({ token: digest(next), former: shown, confirmed: false, turned_at: at, seen_at: at })
          .where('id', '=', row.id)
          .where('token', '=', row.token)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 1n) give(c, next);
      } else if (now - row.seen_at.getTime() > SEEN_MS) {
        await db.updateTable('staff_session').set({ seen_at: at, network: addressOf(c.env) }).where('id', '=', row.id).execute();
      }
      return { id: row.id, staff: { id: row.staffId, name: row.name, role: row.role } };
    },

    async isOpen(id) {
      const row = await store
        .db<StaffTables>()
        .selectFrom('staff_session as s')
        .innerJoin('staff', 'staff.id', 's.staff_id')
        .select('s.made_at')
        .where('s.id', '=', id)
        .where('staff.ended_at', 'is', null)
        .executeTakeFirst();
      return row !== undefined && clock.now() - row.made_at.getTime() <= SHIFT_MS;
    },

    async begin(c, staff, means) {
      const value = randomBytes(32).toString('base64url');
      const at = new Date(clock.now());
      const network = addressOf(c.env);
      await store.transaction(async (tx) => {
        const session = { id: randomBytes(16).toString('base64url'), staff_id: staff.id, token: digest(value), former: null, turned_at: at, confirmed: true, made_at: at, seen_at: at, network, device: (c.req.header('user-agent') ?? '').slice(0, DEVICE_LENGTH) };
        await tx.db<StaffTables>().insertInto('staff_session').values(session).execute();
        await forgetOld(tx, staff.id, at);
        await audit(tx, { actor: `staff:${staff.name}`, act: 'staff.signed-in', subject: `staff:${staff.name}`, detail: { means, network } });
      });
      give(c, value);
    },

    async end(c) {
      const value = getCookie(c, SESSION_COOKIE) ?? '';
      deleteCookie(c, SESSION_COOKIE, { path: '/', secure: true });
      if (!VALUE.test(value)) return;
      const shown = digest(value);
      await store.db<StaffTables>().deleteFrom('staff_session').where((is) => is.or([is('token', '=', shown), is('former', '=', shown)])).execute();
    },

    list: (staffId) =>
      store
        .db<StaffTables>()
        .selectFrom('staff_session')
        .select(['id', 'made_at as madeAt', 'seen_at as seenAt', 'network', 'device'])
        .where('staff_id', '=', staffId)
        .where('made_at', '>', new Date(clock.now() - SHIFT_MS))
        .where('seen_at', '>', new Date(clock.now() - IDLE_MS))
        .orderBy('made_at', 'desc')
        .execute(),

    endSome: (staff, which) =>
      store.transaction(async (tx) => {
        const { numDeletedRows } = await tx
          .db<StaffTables>()
          .deleteFrom('staff_session')
          .where('staff_id', '=', staff.id)
          .where('id', 'id' in which ? '=' : '!=', 'id' in which ? which.id : which.allBut)
          .executeTakeFirstOrThrow();
        const ended = Number(numDeletedRows);
        if (ended === 0 && 'id' in which) throw new CausewayError('not-found', 'there is no such session, or it is over');
        if (ended > 0) await audit(tx, { actor: `staff:${staff.name}`, act: 'staff.sessions-ended', subject: `staff:${staff.name}`, detail: { sessions: ended } });
        return ended;
      }),
  };
}

async function forgetOld(tx: Tx, staffId: number, now: Date): Promise<void> {
  const db = tx.db<StaffTables>();
  await db.deleteFrom('staff_session').where('made_at', '<', new Date(now.getTime() - SHIFT_MS)).execute();
  await db
    .deleteFrom('staff_session')
    .where('id', 'in', (from) => from.selectFrom('staff_session').select('id').where('staff_id', '=', staffId).orderBy('made_at', 'desc').orderBy('id').offset(MOST))
    .execute();
}
