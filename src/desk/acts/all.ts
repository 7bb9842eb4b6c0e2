import type { DeskAct } from './act.ts';
import type { DeskActName } from './api.ts';
import { appPassword } from './app-password.ts';
import { attachIncident } from './attach-incident.ts';
import { deviceSettings } from './device-settings.ts';
import { endSessions } from './end-sessions.ts';
import { resetLink } from './reset-link.ts';
import { rollBack } from './roll-back.ts';
import { unlock } from './unlock.ts';
import { holdBackAct, moveEarlier, moveLater } from './waves.ts';

/** The acts, by name. */
export const acts: { readonly [N in DeskActName]: DeskAct<N> } = {
  unlock,
  'reset-link': resetLink,
  'app-password': appPassword,
  'device-settings': deviceSettings,
  'end-sessions': endSessions,
  'move-earlier': moveEarlier,
  'move-later': moveLater,
  'hold-back': holdBackAct,
  'roll-back': rollBack,
  'attach-incident': attachIncident,
};
