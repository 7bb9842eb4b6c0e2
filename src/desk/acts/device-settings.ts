/** The right settings for a device, to be read out, scanned or sent. Changes nothing; that they were given stands in the audit. */
import { lockStanding } from '#directory/index.ts';
import { audit } from '#store/index.ts';
import type { DeskAct } from './act.ts';
import { profileOf } from './settings/profile.ts';
import { serversOf } from './settings/servers.ts';
import { settingsText, stepsFor } from './settings/steps.ts';

export const deviceSettings: DeskAct<'device-settings'> = {
  async run(tx, accountId, { device }, { actor, why }, parts) {
    const { address } = await lockStanding(tx, accountId);
    const servers = serversOf(parts);
    const profile = device === 'iphone' ? profileOf(address, address, servers) : undefined;
    const link = profile === undefined ? undefined : parts.links?.make(address);
    await audit(tx, { actor, act: 'account.settings-given', subject: `account:${accountId}`, why, detail: { device } });
    return {
      shown: { kind: 'device-settings', device, login: address, servers, steps: stepsFor(device, address, servers), qr: link?.url ?? settingsText(address, servers), ...(profile === undefined ? {} : { profile }), ...(link === undefined ? {} : { link }) },
    };
  },
};
