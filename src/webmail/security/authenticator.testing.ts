/** An authenticator in software: ES256, discoverable, its owner verified (WebAuthn Level 3, 6.1 and 6.5). */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const sha256 = (bytes: string | Buffer): Buffer => createHash('sha256').update(bytes).digest();
const b64 = (bytes: Buffer): string => bytes.toString('base64url');

/** CBOR (RFC 8949) of what is needed here: small integers, byte and text strings, maps. */
function cbor(value: number | string | Buffer | Map<number | string, unknown>): Buffer {
  const head = (major: number, n: number): Buffer => (n < 24 ? Buffer.from([(major << 5) | n]) : n < 256 ? Buffer.from([(major << 5) | 24, n]) : Buffer.from([(major << 5) | 25, n >> 8, n & 255]));
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, each]) => [cbor(key), cbor(each as number)])]);
}

export type Options = { readonly challenge: string; readonly origin: string; readonly rpId: string; /** User present, user verified. @default 5 */ readonly flags?: number };

export function createAuthenticator() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const id = randomBytes(32);
  const cose = cbor(new Map<number, unknown>([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x, 'base64url')], [-3, Buffer.from(y, 'base64url')]]));
  const clientData = (type: string, { challenge, origin }: Options): Buffer => Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const authData = (rpId: string, flags: number, more = Buffer.alloc(0)): Buffer => Buffer.concat([sha256(rpId), Buffer.from([flags, 0, 0, 0, 0]), more]);
  const named = { id: b64(id), rawId: b64(id), type: 'public-key', clientExtensionResults: {} };
  return {
    id: b64(id),
    publicKey: cose,
    create(options: Options) {
      const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cose]);
      const attestationObject = cbor(new Map<string, unknown>([['fmt', 'none'], ['attStmt', new Map()], ['authData', authData(options.rpId, (options.flags ?? 5) | 0x40, credential)]]));
      return { ...named, response: { clientDataJSON: b64(clientData('webauthn.create', options)), attestationObject: b64(attestationObject), transports: ['internal'] } };
    },
    get(options: Options, userHandle: Uint8Array) {
      const [json, data] = [clientData('webauthn.get', options), authData(options.rpId, options.flags ?? 5)];
      const signature = sign('sha256', Buffer.concat([data, sha256(json)]), privateKey);
      return { ...named, response: { clientDataJSON: b64(json), authenticatorData: b64(data), signature: b64(signature), userHandle: b64(Buffer.from(userHandle)) } };
    },
  };
}
