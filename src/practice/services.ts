/** What the sessions of a platform share. */
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { AccessLog } from './access-log.ts';
import type { AuthClient } from './auth/client.ts';
import type { Accounts } from './maildir/accounts.ts';
import type { Vices } from './vice.ts';
import type { Separator } from './maildir/names.ts';

export type Master = { readonly user: string; readonly separator: string };

export type Services = {
  readonly name: string;
  /** Where the users' folders are. */
  readonly folder: string;
  readonly separator: Separator;
  readonly accounts: Accounts;
  readonly auth: AuthClient;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly log: AccessLog;
  readonly master: Master | undefined;
  /** What the trusted port takes instead of a secret. */
  readonly trustedToken: string | undefined;
  /** `host:port` of the LMTP service to which all goes that is submitted, if it is known by now. */
  readonly nextHop: () => string | undefined;
  /** Whether XCLIENT is taken, and believed of whom it signs in. */
  readonly xclient: boolean;
  /** Bytes of the largest message taken. */
  readonly messageCap: number;
  /** Bytes that an account may hold; undefined: no limit. */
  readonly quota: number | undefined;
  readonly vices: Vices;
  /** Whether the IMAP service has CONDSTORE and ESEARCH. */
  readonly condstore: boolean;
};
