/** For tests of rooms above: somebody of a role, signed in without a sign-in. */
import type { App } from '#http/app.ts';
import type { StaffMember } from './api.ts';
import './guarded.ts';

/** Put before the routes under test. @param who undefined: nobody is signed in */
export function actAs(app: App, who: () => StaffMember | undefined): void {
  app.use(async (c, next) => {
    const member = who();
    if (member !== undefined) c.set('staff', member);
    await next();
  });
}
