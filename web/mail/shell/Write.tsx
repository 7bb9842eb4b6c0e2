/** `/write`: where browsers bring `mailto:` links. */
import { useEffect } from 'react';
import { Redirect, useSearch } from 'wouter';
import { parseMailto } from '../composer/mailto.ts';
import { openComposer } from '../composer/open.ts';

/** Links that were opened: a page that renders twice opens a composer once. */
let last: string | undefined;

export function Write() {
  const search = useSearch();
  useEffect(() => {
    if (last === search) return;
    last = search;
    openComposer({ kind: 'new', ...parseMailto(new URLSearchParams(search).get('mailto') ?? '') });
  }, [search]);
  return <Redirect to="/" replace />;
}
