/**
 * Header fields as they are sent (RFC 5322, RFC 2047, RFC 2231).
 *
 * Invariants: what is returned is ASCII in lines of at most 998 characters that end in CRLF, and is one field: a line end in
 * a value becomes a space, so that nothing in it begins another field.
 */
import { domainToASCII } from 'node:url';
import type { Address, Group } from './addresses.ts';

/** RFC 2047 section 2: an encoded word has at most 75 characters. */
const WORD_BYTES = 45;

/** `Name: value`, folded at spaces. The value is ASCII already. */
export function field(name: string, value: string): string {
  const words = value.replaceAll(/[\r\n\0]+/g, ' ').split(' ');
  let line = `${name}:`;
  let text = '';
  for (const word of words) {
    if (line.length + 1 + word.length > 76 && line.trim() !== '' && line !== `${name}:`) {
      text += `${line}\r\n`;
      line = ` ${word}`;
    } else {
      line += ` ${word}`;
    }
  }
  return `${text}${line}\r\n`.split('\r\n').map(cutLine).join('\r\n');
}

/** A word of more than a line may have. */
function cutLine(line: string): string {
  return line.length <= 998 ? line : (line.match(/.{1,900}/g) ?? []).join('\r\n ');
}

/** Unstructured text. */
export function unstructured(text: string): string {
  const flat = text.replaceAll(/[\r\n\0]+/g, ' ').toWellFormed();
  // What looks like an encoded word would be decoded.
  return /^[\x20-\x7e\t]*$/.test(flat) && !flat.includes('=?') && !flat.split(' ').some((word) => word.length > 900) ? flat : encodeWords(flat);
}

export function encodeWords(text: string): string {
  const words: string[] = [];
  let chunk = '';
  for (const character of text) {
    if (Buffer.byteLength(chunk + character) > WORD_BYTES) {
      words.push(chunk);
      chunk = '';
    }
    chunk += character;
  }
  if (chunk !== '') words.push(chunk);
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ');
}

export function addressList(addresses: readonly Address[]): string {
  return addresses.map(address).join(', ');
}

export function groupList(groups: readonly Group[]): string {
  return groups.map(({ name, addresses }) => (name === null ? addressList(addresses) : `${phrase(name)}: ${addressList(addresses)};`)).join(', ');
}

function address({ name, email }: Address): string {
  const plain = asciiAddress(email.toWellFormed().replaceAll(/[\s<>(),;:"\\\p{Cc}]/gu, ''));
  return name === null || name.trim() === '' ? (/^[^@]+@[^@]+$/.test(plain) ? plain : `<${plain}>`) : `${phrase(name)} <${plain}>`;
}

/**
 * A domain in Unicode goes as the ASCII that stands for it (RFC 5891). What is else above ASCII can be kept in a draft, as
 * an encoded word, and cannot be sent to: few servers take it (RFC 6531).
 */
function asciiAddress(email: string): string {
  if (/^[\x21-\x7e]*$/.test(email)) return email;
  const at = email.lastIndexOf('@');
  const ascii = at < 0 ? email : `${email.slice(0, at)}@${domainToASCII(email.slice(at + 1)) || email.slice(at + 1)}`;
  return /^[\x21-\x7e]*$/.test(ascii) ? ascii : encodeWords(email).replaceAll(' ', '');
}

function phrase(name: string): string {
  const flat = name.replaceAll(/[\r\n\0]+/g, ' ').toWellFormed();
  if (/^[A-Za-z0-9 !#$%&'*+\-/=?^_`{|}~]+$/.test(flat) && !flat.includes('=?')) return flat;
  return /^[\x20-\x7e]+$/.test(flat) && !flat.includes('=?') ? `"${flat.replaceAll(/["\\]/g, '\\$&')}"` : encodeWords(flat);
}

/** `; name=value`, or in RFC 2231's form and, for mailers of old, in RFC 2047's. */
export function parameter(name: string, value: string): string {
  const flat = value.replaceAll(/[\r\n\0]+/g, ' ').toWellFormed();
  if (/^[A-Za-z0-9!#$&+.^_`{|}~-]+$/.test(flat) && flat.length < 200) return `; ${name}=${flat}`;
  if (/^[\x20-\x7e]+$/.test(flat) && flat.length < 200) return `; ${name}="${flat.replaceAll(/["\\]/g, '\\$&')}"`;
  const encoded = [...Buffer.from(flat)].map((byte) => (/[A-Za-z0-9._-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`));
  const pieces: string[] = [];
  for (let at = 0; at < encoded.length; at += 20) pieces.push(encoded.slice(at, at + 20).join(''));
  if (pieces.length === 1) return `; ${name}*=utf-8''${pieces[0]}`;
  return pieces.map((piece, index) => `; ${name}*${index}*=${index === 0 ? "utf-8''" : ''}${piece}`).join('');
}
