import type { Rule } from '../rule.ts';

export const neverSignedIn: Rule = {
  name: 'never-signed-in',
  when: 'nothing has come to us for this account within 30 days, by no protocol',
  find: ({ signIns, who }) => {
    if (signIns.length > 0) return undefined;
    return {
      line: 'Nothing has ever come to us for this account in 30 days: its devices ask another server, or break off before they say who they are.',
      evidence: [`No sign-in of ${who.address} by any protocol, with any password`],
      next: { act: 'account.device-settings', text: 'Have the server names in the device read out, and put right.' },
      say: 'None of your devices reaches our servers. Let us look together at the server name in your mail program.',
    };
  },
};
