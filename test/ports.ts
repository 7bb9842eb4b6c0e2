/** The ports of a practice platform that comes back on those that it had. */
import { freePorts } from '#net/free-ports.testing.ts';

export const platformPorts = () => freePorts('imapPort', 'trustedPort', 'pop3Port', 'pop3TrustedPort', 'sievePort', 'sieveTrustedPort', 'submissionPort', 'submissionTrustedPort', 'lmtpPort');
