/**
 * What changes of accounts need to know of the platforms: who is told, how a secret may reach it, and whether we get
 * in there without the customer's secret. Pure.
 */
import type { PlatformConfig } from '#config/index.ts';

/**
 * How a platform takes a new secret: as a hash of ours (`{ARGON2ID}...`), in clear (kept encrypted until then), or not
 * at all.
 */
export type SecretForm = 'hash' | 'clear' | 'none';

export type PlatformFacts = {
  /** All platforms of the configuration. */
  readonly names: readonly string[];
  /** Those with a provisioner. */
  readonly told: ReadonlyMap<string, SecretForm>;
  /** Those with an entrance other than replay: an account there is served whatever its secret is. */
  readonly opens: ReadonlySet<string>;
};

type Described = Pick<PlatformConfig, 'name' | 'entrances'> & { readonly provisioner?: { readonly secret: SecretForm } | undefined };

export function platformFacts(platforms: Iterable<Described>): PlatformFacts {
  const all = [...platforms];
  return {
    names: all.map(({ name }) => name),
    told: new Map(all.flatMap(({ name, provisioner }) => (provisioner === undefined ? [] : [[name, provisioner.secret] as const]))),
    opens: new Set(all.filter(({ entrances }) => entrances.some(({ kind }) => kind !== 'replay')).map(({ name }) => name)),
  };
}

/** Who acts, for the audit. */
export type By = { readonly actor: string; readonly why?: string | undefined };
