/**
 * What a customer reads. Invariant: only a rejection says that a password is wrong. Every other refusal says that the
 * present password is fine, and that nothing needs to be changed.
 */
import type { CausewayError } from '#errors/index.ts';
import type { Refusal } from '#signin/index.ts';
import type { Field, Message } from './pages.ts';

export type Answer = { readonly status: 200 | 404 | 409 | 422 | 503; readonly message: Message; readonly wrong?: Field };

const FINE = 'This is a fault on our side. Your present password is fine: it was not rejected, goes on working, and need not be changed.';

/** Where nothing was typed yet. */
export const OUT_OF_ORDER: Message = { tone: 'bad', title: 'We cannot change passwords at this moment', text: `${FINE} Please try again in a few minutes.` };

export const OUTAGE: Answer = { status: 503, message: { ...OUT_OF_ORDER, text: `${FINE} What you typed is still here: please try again in a few minutes.` } };

export const DONE: Message = { tone: 'good', title: 'Your password is changed', text: 'Enter the new password in each of your mail programs and phones. Those with the old one stop receiving mail until then.' };

/** @param platform has been asked, and has not confirmed yet */
export const ASKED: Message = { tone: 'good', title: 'Your new password is on its way', text: 'It will work within a few minutes. Until then the present one goes on working.' };

export const LINK_GONE: Message = { tone: 'bad', title: 'This link does not work any more', text: 'A link serves once, and for an hour. Please ask for a new one. Your present password, if you still have it, goes on working.' };

export const SETTINGS_GONE: Message = { tone: 'bad', title: 'This link does not work any more', text: 'A link serves for an hour. Please ask for a new one. Nothing in your mailbox or your device has changed.' };

export const AGAIN_DIFFERS: Answer = { status: 422, wrong: 'again', message: { tone: 'bad', title: 'The two new passwords are not the same', text: 'Please type the new password again. Nothing was changed.' } };
export const SOMETHING_MISSING: Answer = { status: 422, message: { tone: 'bad', title: 'Something is missing', text: 'Please fill in every field. Nothing was changed.' } };
export const OLD_FORM: Answer = { status: 422, message: { tone: 'bad', title: 'Please send it once more', text: 'This page was open for long, or your browser keeps no cookies. Nothing was changed, and what you typed is still here.' } };

/** The present password was judged, and did not get in. */
export function refused(verdict: Refusal): Answer {
  if (verdict.verdict === 'rejected') {
    return { status: 422, wrong: 'old', message: { tone: 'bad', title: 'The user name or the present password is wrong', text: 'Please check both. Nothing was changed.' } };
  }
  if (verdict.reason === 'suspended') return { status: 409, message: { tone: 'bad', title: 'This account is suspended', text: 'Please ask us about it. Your password was not rejected.' } };
  if (verdict.reason === 'closed') return { status: 409, message: { tone: 'bad', title: 'This account has been closed', text: 'Please ask us about it. Your password was not rejected.' } };
  return OUTAGE;
}

/** What a change threw. Undefined for a fault of ours. */
export function thrown(error: CausewayError): Answer | undefined {
  if (error.code === 'input') return { status: 422, wrong: 'secret', message: { tone: 'bad', title: 'Please choose another new password', text: `${error.customerText ?? 'It cannot be taken.'} Nothing was changed.` } };
  if (error.code === 'not-found') return { status: 404, message: LINK_GONE };
  if (error.customerText !== undefined) return { status: 409, message: { tone: 'bad', title: 'The password was not changed', text: error.customerText } };
  return error.retryable || error.code === 'limit' ? OUTAGE : undefined;
}
