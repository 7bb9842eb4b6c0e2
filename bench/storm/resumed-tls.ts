/**
 * TLS 1.2 as a client that was here before speaks it: the session is resumed by its ticket (RFC 5077), with
 * AES-128-GCM and SHA-256 (RFC 5288). A client of Node's own TLS costs half a millisecond and more, and a thousand new
 * ones a second would leave nothing of the machine to the fronts; this one costs a third of that. For loads only: what
 * the server proves is that it knows the session's secret.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

/** Secrets are key objects here: Node makes one of each buffer anew, in 13 us. */
export type Ticket = { readonly masterSecret: KeyObject; readonly ticket: Buffer };

/**
 * `closed`: the server said so (close_notify); it may wait for the client to close too, as nginx does. `notResumed`: it
 * wants a full handshake, of which this client knows nothing.
 */
export type Event = 'open' | 'closed' | 'notResumed' | 'failed';

const [CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA] = [20, 21, 22, 23] as const;
const [SERVER_HELLO, NEW_SESSION_TICKET, FINISHED] = [2, 4, 20] as const;
/** TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256. */
const CIPHER = 0xc02b;
/** The session id that the client makes up: the server says it back when it takes the ticket (RFC 5077 section 3.4). */
const SESSION_ID = 32;
const RECORD_HEADER = 5;
/** DER: a SEQUENCE whose length takes two octets, as a session with a certificate has. */
const [SEQUENCE, LONG] = [0x30, 0x82] as const;

/** For Node's TLS, so that the session it makes can be resumed here. */
export const SESSION_OPTIONS = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' } as const;

/**
 * From what Node's `getSession` gives: OpenSSL's SSL_SESSION in DER, before which Node 24 puts the host's name. Undefined
 * where it has no ticket.
 */
export function readTicket(session: Buffer): Ticket | undefined {
  const fields = new Map<number, Buffer>();
  let begin = 0;
  while (session[begin] !== SEQUENCE || session[begin + 1] !== LONG || session.readUInt16BE(begin + 2) !== session.length - begin - 4) begin += 1;
  const [, outer] = derElement(session, begin);
  const masterSecret = { value: undefined as Buffer | undefined, octets: 0 };
  for (let at = 0; at < outer.length; ) {
    const [tag, body, after] = derElement(outer, at);
    // version, TLS version, cipher, session id, master key: the third OCTET STRING.
    if (tag === 0x04 && ++masterSecret.octets === 3) masterSecret.value = body;
    fields.set(tag, body);
    at = after;
  }
  const tagged = fields.get(0xaa);
  if (masterSecret.value === undefined || tagged === undefined) return undefined;
  return { masterSecret: createSecretKey(masterSecret.value), ticket: derElement(tagged, 0)[1] };
}

function derElement(bytes: Buffer, at: number): [tag: number, body: Buffer, after: number] {
  let length = bytes[at + 1]!;
  let begin = at + 2;
  if (length > 0x80) {
    const octets = length - 0x80;
    length = bytes.readUIntBE(begin, octets);
    begin += octets;
  }
  return [bytes[at]!, bytes.subarray(begin, begin + length), begin + length];
}

export type ResumedTls = {
  /** The first bytes to send. */
  readonly hello: Buffer;
  /** Bytes from the server. `text` of them comes by the callback. */
  read(bytes: Buffer): void;
  /** The record that carries the text. */
  encrypt(text: string): Buffer;
};

export type Callbacks = { write(bytes: Buffer): void; on(event: Event): void; text(text: string): void };

export function resumeTls({ masterSecret, ticket }: Ticket, { write, on, text }: Callbacks): ResumedTls {
  const random = randomBytes(32 + SESSION_ID);
  const clientRandom = random.subarray(0, 32);
  const sessionId = random.subarray(32);
  const transcript: Buffer[] = [];
  const helloBody = clientHello(clientRandom, sessionId, ticket);
  transcript.push(helloBody);
  let pending: Buffer | undefined;
  let encrypted = false;
  let over = false;
  let keys: Keys | undefined;
  let sent = 0;
  let received = 0;

  function finish(event: Exclude<Event, 'open'>): void {
    over = true;
    on(event);
  }

  function record(type: number, body: Buffer): void {
    if (type === CHANGE_CIPHER_SPEC) encrypted = true;
    else if (type === ALERT) finish(encrypted ? 'closed' : 'failed');
    else if (type === HANDSHAKE) {
      for (let at = 0; at < body.length && !over; ) {
        const length = body.readUIntBE(at + 1, 3);
        handshake(body.subarray(at, at + 4 + length));
        at += 4 + length;
      }
    } else if (type === DATA) text(body.toString('latin1'));
  }

  function handshake(message: Buffer): void {
    const type = message[0];
    if (type === SERVER_HELLO) {
      const idLength = message[38]!;
      if (idLength !== SESSION_ID || !message.subarray(39, 39 + SESSION_ID).equals(sessionId)) return finish('notResumed');
      keys = deriveKeys(masterSecret, message.subarray(6, 38), clientRandom);
    } else if (type === FINISHED) {
      transcript.push(message);
      const verify = prf(masterSecret, 'client finished', createHash('sha256').update(Buffer.concat(transcript)).digest(), 12);
      write(Buffer.concat([Buffer.from([CHANGE_CIPHER_SPEC, 3, 3, 0, 1, 1]), seal(HANDSHAKE, Buffer.concat([Buffer.from([FINISHED, 0, 0, 12]), verify]))]));
      return on('open');
    } else if (type !== NEW_SESSION_TICKET) return finish('failed');
    transcript.push(message);
  }

  function seal(type: number, body: Buffer): Buffer {
    const out = Buffer.allocUnsafe(RECORD_HEADER + 8 + body.length + 16);
    const nonce = Buffer.alloc(12);
    keys!.clientIv.copy(nonce);
    nonce.writeUInt32BE(sent, 8);
    out[0] = type;
    out.writeUInt16BE(0x0303, 1);
    out.writeUInt16BE(8 + body.length + 16, 3);
    nonce.copy(out, RECORD_HEADER, 4);
    const cipher = createCipheriv('aes-128-gcm', keys!.client, nonce);
    cipher.setAAD(associated(sent, type, body.length));
    sent += 1;
    cipher.update(body).copy(out, RECORD_HEADER + 8);
    cipher.final();
    cipher.getAuthTag().copy(out, out.length - 16);
    return out;
  }

  function unseal(type: number, sealed: Buffer): Buffer {
    const nonce = Buffer.alloc(12);
    keys!.serverIv.copy(nonce);
    sealed.copy(nonce, 4, 0, 8);
    const decipher = createDecipheriv('aes-128-gcm', keys!.server, nonce);
    const body = sealed.subarray(8, -16);
    decipher.setAAD(associated(received, type, body.length));
    received += 1;
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = decipher.update(body);
    decipher.final();
    return plain;
  }

  return {
    hello: Buffer.concat([recordHeader(HANDSHAKE, helloBody.length), helloBody]),
    read(bytes) {
      let all = pending === undefined ? bytes : Buffer.concat([pending, bytes]);
      pending = undefined;
      try {
        while (!over && all.length >= RECORD_HEADER && all.length >= RECORD_HEADER + all.readUInt16BE(3)) {
          const after = RECORD_HEADER + all.readUInt16BE(3);
          const body = all.subarray(RECORD_HEADER, after);
          record(all[0]!, encrypted ? unseal(all[0]!, body) : body);
          all = all.subarray(after);
        }
      } catch {
        if (!over) finish('failed');
      }
      // A copy: the bytes are read into the same memory again.
      if (all.length > 0 && !over) pending = Buffer.from(all);
    },
    encrypt: (line) => seal(DATA, Buffer.from(line, 'latin1')),
  };
}

type Keys = { readonly client: KeyObject; readonly server: KeyObject; readonly clientIv: Buffer; readonly serverIv: Buffer };

/** RFC 5246 section 6.3: no MAC keys with AEAD. */
function deriveKeys(masterSecret: KeyObject, serverRandom: Buffer, clientRandom: Buffer): Keys {
  const block = prf(masterSecret, 'key expansion', Buffer.concat([serverRandom, clientRandom]), 40);
  return { client: createSecretKey(block.subarray(0, 16)), server: createSecretKey(block.subarray(16, 32)), clientIv: block.subarray(32, 36), serverIv: block.subarray(36, 40) };
}

/** RFC 5246 section 5. */
function prf(secret: KeyObject, label: string, seed: Buffer, length: number): Buffer {
  const hmac = (data: Buffer): Buffer => createHmac('sha256', secret).update(data).digest();
  const labelled = Buffer.concat([Buffer.from(label, 'latin1'), seed]);
  let a = hmac(labelled);
  let out = hmac(Buffer.concat([a, labelled]));
  while (out.length < length) {
    a = hmac(a);
    out = Buffer.concat([out, hmac(Buffer.concat([a, labelled]))]);
  }
  return out.subarray(0, length);
}

function associated(sequence: number, type: number, length: number): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(sequence, 4);
  data[8] = type;
  data.writeUInt16BE(0x0303, 9);
  data.writeUInt16BE(length, 11);
  return data;
}

function recordHeader(type: number, length: number): Buffer {
  return Buffer.from([type, 3, 3, length >> 8, length & 255]);
}

function clientHello(random: Buffer, sessionId: Buffer, ticket: Buffer): Buffer {
  const extension = (type: number, body: Buffer): Buffer => Buffer.concat([uint16(type), uint16(body.length), body]);
  const extensions = Buffer.concat([
    extension(23, Buffer.alloc(0)), // extended_master_secret, as the session had it (RFC 7627)
    extension(10, Buffer.from([0, 2, 0, 23])), // supported_groups: P-256
    extension(11, Buffer.from([1, 0])), // ec_point_formats: uncompressed
    extension(13, Buffer.from([0, 2, 4, 3])), // signature_algorithms: ECDSA, SHA-256
    extension(35, ticket),
  ]);
  const body = Buffer.concat([
    uint16(0x0303),
    random,
    Buffer.from([SESSION_ID]),
    sessionId,
    Buffer.from([0, 4]),
    uint16(CIPHER),
    uint16(0x00ff), // no renegotiation (RFC 5746)
    Buffer.from([1, 0]),
    uint16(extensions.length),
    extensions,
  ]);
  return Buffer.concat([Buffer.from([1, 0, body.length >> 8, body.length & 255]), body]);
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}
