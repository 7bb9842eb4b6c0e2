import { expect, test } from 'vitest';
import { speaksOfAttachment } from './reminder.ts';

test('what people write when they send a file', () => {
  for (const text of [
    'Hi Joe,\nplease find attached the invoice.', "I've attached the plan.", 'Attached is the photo', 'See attachment.', 'The two files are attached.', 'Here is the attached list', 'Please find the signed contract attached',
    'Te adjunto el contrato.', 'Adjunto la factura.', 'Encontrarás el archivo adjunto', 'Va adjunto el documento', 'Im Anhang die Rechnung.', 'Anbei das Bild.', 'Vous trouverez ci-joint le plan.',
  ]) {
    expect(speaksOfAttachment('', text), text).toBe(true);
  }
  expect(speaksOfAttachment('Attached file', 'Hi')).toBe(true);
});

test('what is quoted, signed, or about something else', () => {
  for (const text of ['Thanks, I could not open the file.', 'Yes.\n\n> Please find attached the invoice.', 'Yes.\n-- \nSee attachment policy', 'I am attached to my cat', 'Nos vemos mañana']) {
    expect(speaksOfAttachment('', text), text).toBe(false);
  }
  expect(speaksOfAttachment('Re: see attachment', 'Thanks')).toBe(false);
});
