import type { Rule } from '../rule.ts';
import { clockTime } from '../words.ts';

export const knownIncident: Rule = {
  name: 'known-incident',
  when: 'somebody attached the account to an incident that is open',
  find: ({ incidents }, now) => {
    for (const incident of incidents) {
      if (incident.seen !== 'people' || !incident.attached || incident.endedAt !== undefined || incident.state === 'resolved') continue;
      return {
        line: `It belongs to the incident "${incident.title}", which began at ${clockTime(incident.beganAt, now)} and is ${incident.state}.`,
        evidence: [`Incident "${incident.title}": ${incident.impact}, ${incident.state}; this account was attached to it`],
        next: { text: 'Say what the incident says; the customer is answered with it.' },
        say: 'We know of this and are working on it. You will hear from us as soon as it is over; you need not change anything.',
      };
    }
    return undefined;
  },
};
