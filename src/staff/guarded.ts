/**
 * Who may use a route. `app.post(path, guarded('account.unlock'), (c) => { c.get('staff') … })`.
 *
 * Invariants: without a session 401, with a role that may not 403, and the handler is not reached. Who asks was found out
 * before, by `addStaffRoutes`, whose middleware stands in front of all of `/api/`; an app without it lets nobody in.
 */
import type { MiddlewareHandler } from 'hono';
import { CausewayError } from '#errors/index.ts';
import { type AppEnv, tellInJson } from '#http/app.ts';
import { type Act, may } from './acts.ts';
import type { StaffMember } from './api.ts';

declare module 'hono' {
  // Behind `guarded` only: elsewhere there is nobody, whatever the type says.
  interface ContextVariableMap {
    staff: StaffMember;
    sessionId: string;
  }
}

export function guarded(act: Act): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const staff = c.get('staff') as StaffMember | undefined;
    if (staff === undefined) {
      return tellInJson(c, { status: 401, code: 'refused', message: 'nobody is signed in', sentence: 'Please sign in.', retryAfterSeconds: undefined });
    }
    if (!may(staff.role, act)) {
      throw new CausewayError('refused', `${staff.role} may not ${act}`, { customerText: 'Your role does not allow this.' });
    }
    return next();
  };
}

/** For the audit. */
export function actorOf({ name }: Pick<StaffMember, 'name'>): string {
  return `staff:${name}`;
}
