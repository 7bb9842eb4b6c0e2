/** The room's door. */
export { loadConfig, parseConfig } from './load.ts';
export type { Config, EntranceConfig, PlatformConfig } from './load.ts';
export { checkoutFolder, defaultDataFolder, resolveFrom } from './paths.ts';
export { createSecret } from './secret.ts';
export type { Secret } from './secret.ts';
export { parseYaml } from './yaml.ts';
