/** Which mailboxes are collapsed; kept in this browser. */
import { useState } from 'react';

const KEPT = 'collapsed-mailboxes';

function read(): ReadonlySet<string> {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(KEPT) ?? '[]');
    return new Set(Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : []);
  } catch {
    return new Set();
  }
}

export function useCollapsed(): readonly [ReadonlySet<string>, toggle: (id: string) => void] {
  const [collapsed, setCollapsed] = useState(read);
  return [
    collapsed,
    (id) => {
      const next = new Set(collapsed);
      if (!next.delete(id)) next.add(id);
      localStorage.setItem(KEPT, JSON.stringify([...next]));
      setCollapsed(next);
    },
  ];
}
