import type { Account } from '#directory/account.ts';
import type { Customer, Evidence } from './verdict.ts';

export function customerOf({ address, credentialVersion, loginNames, state, secondStep }: Pick<Account, 'address' | 'credentialVersion' | 'loginNames' | 'state' | 'secondStep'>, by?: Evidence): Customer {
  return {
    address,
    version: credentialVersion,
    loginNames,
    sendBlocked: state === 'send-blocked',
    ...(secondStep === undefined ? {} : { secondStep: true }),
    ...(by === 'app-password' ? { byAppPassword: true } : {}),
  };
}
