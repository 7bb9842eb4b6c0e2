/** Commands that only answer. */
import { quoted } from '#wire/imap/encode.ts';
import { capabilitiesOf } from '../capabilities.ts';
import type { Command } from '../session.ts';

export const capability: Command = {
  when: 'any',
  run({ out, services }) {
    out.line(`* CAPABILITY ${capabilitiesOf(services)}`);
    return 'OK Those are they.';
  },
};

/** Changes of the mailbox are told before every reply, so there is nothing to do. */
export const noop: Command = { when: 'any', run: () => 'OK Done.' };
export const check: Command = { when: 'selected', run: () => 'OK Done.' };

export const logout: Command = {
  when: 'any',
  run(session) {
    session.out.line('* BYE Goodbye.');
    session.ending = true;
    return 'OK Signed out.';
  },
};

/** RFC 2971. */
export const id: Command = {
  when: 'any',
  run({ out, services }) {
    out.line(`* ID ("name" "Causeway practice platform" "support-url" NIL "environment" ${quoted(services.name)})`);
    return 'OK Pleased to meet you.';
  },
};

/** RFC 5161. There is nothing here that needs enabling. */
export const enable: Command = {
  when: 'after',
  run({ out }) {
    out.line('* ENABLED');
    return 'OK Nothing to enable.';
  },
};

/** RFC 2342. */
export const namespace: Command = {
  when: 'after',
  run({ out, services }) {
    out.line(`* NAMESPACE (("" ${quoted(services.separator)})) NIL NIL`);
    return 'OK Done.';
  },
};
