/** The customers, by number: what each types is known to the clients and to the verifier without a table. */
import type { Account } from '../fronts/front.ts';

export function customer(number: number): Account {
  return [`customer${number}@isp.example`, `secret-${number}-xxxxxxxx`];
}

export function isRight(login: string, secret: string): boolean {
  const number = /^customer(\d+)@isp\.example$/.exec(login)?.[1];
  return number !== undefined && secret === customer(Number(number))[1];
}
