import { defineWords } from '#ui/words.ts';

const en = {
  title: 'Incidents',
  open: 'Open now',
  past: 'Over, of the last two weeks',
  none: 'Nothing is declared.',
  declare: 'Declare an incident',
  declareHint: 'Before many calls say the same: one incident, and its cases are answered together.',
  loading: 'Fetching',
  failed: 'That did not work. Nothing was changed.',
  notRead: 'The incidents cannot be read at the moment. This page asks again by itself.',
  noSite: 'There is no public status site: what stands here is for the desk alone. Cases can be linked to an incident as ever, and one update still answers them all. For the public to read it, whoever runs this installation adds “status” to its configuration.',
  name: 'In one line, as customers read it',
  nameEs: 'The same in Spanish (if you can)',
  components: 'What does not work',
  componentsNone: 'At least one, please.',
  // What the public knows them as.
  'sign-in': 'Sign-in', webmail: 'Webmail', imap: 'IMAP', pop3: 'POP3', sending: 'Sending', receiving: 'Receiving', moving: 'Moving',
  impact: 'How bad',
  minor: 'Slower, or for few',
  major: 'Many cannot use it',
  critical: 'Nobody can',
  public: 'On the public status page',
  publicHint: 'With all its updates, at once.',
  text: 'First update',
  textEs: 'The same in Spanish (if you can)',
  template: 'Begin with',
  templateNone: 'an empty page',
  cancel: 'Cancel',
  began: (when: string, by: string) => `since ${when}, declared by ${by}`,
  ended: (when: string) => `over since ${when}`,
  cases: 'Its cases',
  updates: 'Updates',
  write: 'Write once, answer all',
  writeHint: 'Every linked case is answered with this, with the customer’s own facts below it. Each exactly once.',
  state: 'From now on it is',
  investigating: 'investigated',
  identified: 'understood',
  monitoring: 'mended, and watched',
  resolved: 'over: the cases are closed',
  planned: 'planned',
  'under-way': 'under way',
  preview: 'As one customer gets it',

  /** `isPublic`: it is also on the status site. */
  send: (cases: number, isPublic: boolean) => {
    if (cases === 0) return isPublic ? 'Publish' : 'Write it down';
    const answer = cases === 1 ? 'nswer 1 case' : `nswer ${cases.toLocaleString('en')} cases`;
    return isPublic ? `Publish, and a${answer}` : `A${answer}`;
  },
  sendMany: (isPublic: boolean) => (isPublic ? 'Publish, and answer all its cases' : 'Answer all its cases'),
  text2: 'Update',
  sent: (isPublic: boolean) => (isPublic ? 'Published. The cases are being answered.' : 'Written. The cases are being answered.'),
  notLead: 'A lead declares incidents and writes their updates.',
  back: 'All incidents',
  more: 'more than these',
} as const;
export const words = defineWords({ en, es: en });
