/** Who does what a key of the webmail stands for. */
import { createRegistry } from '#ui/keys/registry.ts';
import type { Command } from './keymap.ts';

export const { useCommand, runCommand } = createRegistry<Command>();
