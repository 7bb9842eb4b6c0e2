/** The page of those who run a switch. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '#ui/base.css';
import { applyTheme } from '#ui/theme.ts';
import { setLanguage } from '#ui/words.ts';
import { App } from './shell/App.tsx';

applyTheme();
// The words of the console are English, whatever the browser's are.
setLanguage('en');
createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
