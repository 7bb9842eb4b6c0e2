/** Whether the staff's identity provider answers, and is the one that was configured: nobody is signed in. */
import type { Config } from '#config/index.ts';
import type { Clock } from '#events/clock.ts';
import { createProvider } from '#staff/oidc/provider.ts';
import { OIDC_BACK } from '#staff/oidc/sign-in.ts';

export function oidcAttempts({ staff: { oidc }, listen }: Config, clock: Clock): [what: string, work: () => Promise<string>][] {
  if (oidc === undefined) return [];
  const back = `${listen.office?.url ?? 'http://localhost'}${OIDC_BACK}`;
  const ask = async (): Promise<string> => {
    await createProvider(oidc, clock).begin(back);
    return `${oidc.issuer} answers; it must know ${back} as a redirect URI`;
  };
  return [['identity provider', ask]];
}
