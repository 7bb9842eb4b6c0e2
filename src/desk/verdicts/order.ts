/**
 * The rules, in the order in which they are asked: the first that fits is the verdict.
 *
 * Why in this order:
 * 1. What a person decided of the account (closed, suspended) holds whatever else is broken.
 * 2. An outage beats whatever a device did: while nobody can be served, or no password checked, no device is at fault, and
 *    a technician who has a password changed makes it worse.
 * 3. The moment of the move, which is over in seconds.
 * 4. What the sign-ins say of the customer's own devices, the most certain first: a lock before the wrong password that set
 *    it, a password of before before one that is only wrong.
 * 5. What was seen before anybody said a name: by the network only, so it may be somebody else's.
 * 6. Mail that is missing or was not taken, and moves that wait for a person.
 * Then, before anything is said to be well: where something was refused and no rule above says why, it is not known.
 * 7. What is as it should be: strangers who are kept out, moves that go on by themselves, and at last that all is well.
 */
import type { Rule } from './rule.ts';
import { allWell } from './rules/all-well.ts';
import { appPasswordNeeded } from './rules/app-password-needed.ts';
import { appPasswordScope } from './rules/app-password-scope.ts';
import { backedOut } from './rules/backed-out.ts';
import { closed } from './rules/closed.ts';
import { closedToStrangers } from './rules/closed-to-strangers.ts';
import { codeWrong } from './rules/code-wrong.ts';
import { deliveryDeferred } from './rules/delivery-deferred.ts';
import { deliveryHeld } from './rules/delivery-held.ts';
import { deliveryRefused } from './rules/delivery-refused.ts';
import { guessed } from './rules/guessed.ts';
import { inHold } from './rules/in-hold.ts';
import { inUse } from './rules/in-use.ts';
import { knownIncident } from './rules/known-incident.ts';
import { mailMissing } from './rules/mail-missing.ts';
import { mailboxFull } from './rules/mailbox-full.ts';
import { messageRefused } from './rules/message-refused.ts';
import { moveFailed } from './rules/move-failed.ts';
import { movedLately } from './rules/moved-lately.ts';
import { moving } from './rules/moving.ts';
import { neverSignedIn } from './rules/never-signed-in.ts';
import { noPasswordHeld } from './rules/no-password-held.ts';
import { oldAppPassword } from './rules/old-app-password.ts';
import { oldPassword } from './rules/old-password.ts';
import { oldTls } from './rules/old-tls.ts';
import { outageOver } from './rules/outage-over.ts';
import { ourTrouble } from './rules/our-trouble.ts';
import { ownDeviceLocked } from './rules/own-device-locked.ts';
import { passwordChanged } from './rules/password-changed.ts';
import { plainText } from './rules/plain-text.ts';
import { platformDown } from './rules/platform-down.ts';
import { protocolOff } from './rules/protocol-off.ts';
import { rolledBack } from './rules/rolled-back.ts';
import { sendBlocked } from './rules/send-blocked.ts';
import { signInDown } from './rules/sign-in-down.ts';
import { sprayedNetwork } from './rules/sprayed-network.ts';
import { strangerLocked } from './rules/stranger-locked.ts';
import { suspended } from './rules/suspended.ts';
import { uidlAtRisk } from './rules/uidl-at-risk.ts';
import { unknownName } from './rules/unknown-name.ts';
import { waitsForWave } from './rules/waits-for-wave.ts';
import { wrongHost } from './rules/wrong-host.ts';
import { wrongPassword } from './rules/wrong-password.ts';

export const TROUBLES: readonly Rule[] = [
  closed, suspended,
  knownIncident, platformDown, signInDown, ourTrouble,
  inHold,
  ownDeviceLocked, oldAppPassword, oldPassword, wrongPassword, closedToStrangers, sprayedNetwork, appPasswordNeeded, appPasswordScope, codeWrong, sendBlocked, noPasswordHeld, protocolOff, inUse,
  oldTls, wrongHost, plainText, unknownName,
  mailMissing, mailboxFull, messageRefused, uidlAtRisk, moveFailed, deliveryRefused, deliveryDeferred, neverSignedIn,
];

/** Of which nothing has to be done. */
export const STATES: readonly Rule[] = [strangerLocked, guessed, passwordChanged, outageOver, backedOut, rolledBack, deliveryHeld, moving, movedLately, waitsForWave, allWell];
