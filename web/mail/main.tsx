/** The webmail's page. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '#ui/base.css';
import { applyTheme } from '#ui/theme.ts';
import { getLanguage, setLanguage } from '#ui/words.ts';
import { App } from './shell/App.tsx';

applyTheme();
setLanguage(getLanguage());
createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
