/**
 * The customers' pages as HTML, without scripts.
 *
 * Invariants: whatever comes from outside is escaped by `html`. A message stands before the form, is announced (role
 * alert), and its field is marked. After an outage the form comes back with all that was typed.
 */
import { html } from 'hono/html';

type Html = ReturnType<typeof html>;

export type Message = { readonly tone: 'bad' | 'good'; readonly title: string; readonly text: string };

export function page(title: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
}

export function told({ tone, title, text }: Message): Html {
  return html`<div class="told ${tone}" id="told" role="${tone === 'bad' ? 'alert' : 'status'}"><h2>${title}</h2><p>${text}</p></div>`;
}

export type Field = 'login' | 'old' | 'secret' | 'again';
/** What was typed; kept over an answer that was no fault of it. */
export type Typed = Partial<Readonly<Record<Field, string>>>;

const FIELDS: Readonly<Record<Field, { label: string; type: string; autocomplete: string; hint?: string }>> = {
  login: { label: 'Email address or user name', type: 'text', autocomplete: 'username' },
  old: { label: 'Present password', type: 'password', autocomplete: 'current-password' },
  secret: { label: 'New password', type: 'password', autocomplete: 'new-password', hint: 'At least 8 characters; 12 or more are better. Three or four words that do not belong together are good.' },
  again: { label: 'New password, once more', type: 'password', autocomplete: 'new-password' },
};

/** @param wrong the field that the message is about @param account shown, and given to the browser's password manager */
export function form(options: {
  readonly action: string;
  readonly fields: readonly Field[];
  readonly typed: Typed;
  readonly token: string;
  readonly message: Message | undefined;
  readonly wrong: Field | undefined;
  readonly account: string | undefined;
}): Html {
  const { action, fields, typed, token, message, wrong, account } = options;
  return html`${message === undefined ? '' : told(message)}
<form method="post" action="${action}">
<input type="hidden" name="form" value="${token}">
${account === undefined ? '' : html`<p>For <strong>${account}</strong></p><input type="hidden" name="username" autocomplete="username" value="${account}">`}
${fields.map((name) => input(name, typed[name] ?? '', name === wrong))}
<button type="submit">Change the password</button>
</form>`;
}

function input(name: Field, value: string, wrong: boolean): Html {
  const { label, type, autocomplete, hint } = FIELDS[name];
  const plain = type === 'text' ? html` autocapitalize="none" spellcheck="false"` : '';
  const describing = [...(wrong ? ['told'] : []), ...(hint === undefined ? [] : [`${name}-hint`])].join(' ');
  const described = describing === '' ? '' : html` aria-describedby="${describing}"`;
  return html`<label for="${name}">${label}</label>
${hint === undefined ? '' : html`<p class="hint" id="${name}-hint">${hint}</p>`}
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" value="${value}" required maxlength="1024"${plain}${described}${wrong ? html` aria-invalid="true" autofocus` : ''}>`;
}
