import { isIP } from 'node:net';
import { z } from 'zod';

/** Networks as operators write them: an address, or one with the length of its prefix. */

const NETWORK = { error: 'expected an IP address or a network such as 10.0.0.0/8' };

const network = z.string(NETWORK).refine(isNetwork, NETWORK);

/** A provider's own ranges are some hundred; each is looked through for each connection. */
export const networks = z.array(network, { error: 'expected a list of networks' }).max(1_000);

function isNetwork(text: string): boolean {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = address.includes('%') ? 0 : isIP(address);
  return version !== 0 && (prefix === undefined || Number(prefix) <= (version === 4 ? 32 : 128));
}
