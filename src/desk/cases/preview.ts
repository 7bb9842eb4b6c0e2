/** How one case's customer would be answered with an update that is still being written. Nothing here writes. */
import { CausewayError } from '#errors/index.ts';
import { readOneDeclared } from '#incident/declared/index.ts';
import type { Store } from '#store/index.ts';
import type { AnswerOptions } from './answers.ts';
import { factsOf } from './facts.ts';
import { answerOf } from './fill.ts';
import { readLine } from './read.ts';

/** The same text as the answer's (answers.ts), of the facts as they are now. @throws CausewayError `not-found` */
export async function previewAnswer(store: Store, id: number, { text, textEs, over }: { readonly text: string; readonly textEs?: string | undefined; readonly over: boolean }, options: AnswerOptions): Promise<{ text: string }> {
  const { account, incidentId, callBack } = await readLine(store, id);
  if (incidentId === undefined) throw new CausewayError('not-found', `the case ${id} is of no incident`);
  const facts = account === undefined ? undefined : (await factsOf(store, [account.id], options)).get(account.id);
  const title = (await readOneDeclared(store, incidentId))?.title;
  return { text: answerOf({ text, textEs, over: over && callBack === undefined }, { ...facts, ...(title === undefined ? {} : { incident: title }) }) };
}
