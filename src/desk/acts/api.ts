/**
 * The desk's acts on an account, as requests and answers; browsers read this too: no Node here.
 *
 * Invariants: every act is `POST /api/desk/accounts/ID/acts/NAME`; `why` is kept in the audit and never shown to the
 * customer. What is made (a link, an app password) stands in the answer to the act alone.
 */
import { z } from 'zod';

/** Why a person does it. */
const why = z.string().trim().min(3).max(500);

export const DEVICES = ['iphone', 'android', 'thunderbird', 'outlook', 'other'] as const;
export type DeviceKind = (typeof DEVICES)[number];

/** The bodies, by act. */
export const ACT_BODIES = {
  unlock: z.strictObject({ why }),
  'reset-link': z.strictObject({ why }),
  'app-password': z.strictObject({ why, label: z.string().trim().min(1).max(64) }),
  'device-settings': z.strictObject({ why, device: z.enum(DEVICES) }),
  'end-sessions': z.strictObject({ why }),
  'move-earlier': z.strictObject({ why }),
  'move-later': z.strictObject({ why }),
  'hold-back': z.strictObject({ why }),
  'roll-back': z.strictObject({ why }),
  'attach-incident': z.strictObject({ why, incident: z.uuid() }),
} as const;
export type DeskActName = keyof typeof ACT_BODIES;
export type DeskActBody<N extends DeskActName = DeskActName> = z.infer<(typeof ACT_BODIES)[N]>;

/** In the order of buttons. `act`: of the table of roles. `second`: another person has to approve. `undo`: can be taken back. */
export const DESK_ACTS = [
  { name: 'unlock', act: 'account.unlock', undo: false, second: false },
  { name: 'reset-link', act: 'account.reset-link', undo: true, second: false },
  { name: 'app-password', act: 'account.app-password', undo: true, second: false },
  { name: 'device-settings', act: 'account.device-settings', undo: false, second: false },
  { name: 'end-sessions', act: 'account.end-sessions', undo: false, second: false },
  { name: 'move-earlier', act: 'account.move-earlier', undo: true, second: false },
  { name: 'move-later', act: 'account.move-later', undo: true, second: false },
  { name: 'hold-back', act: 'account.hold-back', undo: true, second: false },
  { name: 'roll-back', act: 'account.roll-back', undo: true, second: true },
  { name: 'attach-incident', act: 'account.attach-incident', undo: true, second: false },
] as const satisfies readonly { name: DeskActName; act: string; undo: boolean; second: boolean }[];

/** `POST /api/desk/acts/ID/decide`: by somebody else than who asked. */
export const decideBody = z.strictObject({ why, approve: z.boolean() });
/** `POST /api/desk/acts/ID/undo`. */
export const undoBody = z.strictObject({ why });

export type ActState = 'asked' | 'done' | 'declined' | 'undone';

/** One that was done or asked for. Times are wall times, ms since the epoch. */
export type DoneAct = {
  readonly id: number;
  readonly accountId: number;
  readonly address: string;
  readonly name: DeskActName;
  readonly state: ActState;
  readonly by: string;
  readonly why: string;
  readonly at: number;
  /** Who approved or declined, or took it back, and why. */
  readonly decided?: { readonly by: string; readonly why: string; readonly at: number };
  readonly undone?: { readonly by: string; readonly why: string; readonly at: number };
  /** It can be taken back, as far as is known here. */
  readonly undoable: boolean;
};

/** The answer to an act. `asked`: it waits for a second person. */
export type ActAnswer = { readonly id: number; readonly state: 'done' | 'asked'; /** To be shown, once. */ readonly shown: ActShown };

export type Server = { readonly protocol: 'imap' | 'pop3' | 'smtp'; readonly host: string; readonly port: number; readonly security: 'TLS' | 'STARTTLS' };

export type ActShown =
  | { readonly kind: 'nothing' }
  /** A link for the customer; a token alone where the page's address is not configured. */
  | { readonly kind: 'reset-link'; readonly token: string; readonly url?: string; readonly expiresAt: number }
  | { readonly kind: 'app-password'; readonly label: string; readonly secret: string }
  | {
      readonly kind: 'device-settings';
      readonly device: DeviceKind;
      readonly login: string;
      readonly servers: readonly Server[];
      /** To be read out, in order. */
      readonly steps: readonly string[];
      /** For a QR code: `link` where there is one, else what a phone's camera shows as text. Never a password. */
      readonly qr: string;
      /** For an iPhone, iPad or Mac: a configuration profile without the password, to be sent to the customer. */
      readonly profile?: string;
      /** By which the device fetches that profile itself, until `expiresAt`. */
      readonly link?: { readonly url: string; readonly expiresAt: number };
    }
  | { readonly kind: 'wave'; readonly from: string; readonly to: string };

/** `GET /api/desk/accounts/ID/acts`, `GET /api/desk/acts/waiting`. */
export type ActsAnswer = { readonly acts: readonly DoneAct[] };
