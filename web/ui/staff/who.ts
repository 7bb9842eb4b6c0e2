/** Who of the staff is at the page, for all components below `StaffApp`. */
import { createContext, useContext } from 'react';
import type { StaffFacts } from '#staff/api.ts';

export const StaffContext = createContext<StaffFacts | undefined>(undefined);

export function useStaff(): StaffFacts {
  const staff = useContext(StaffContext);
  if (staff === undefined) throw new Error('outside of StaffApp');
  return staff;
}

/** Whether the role allows an act: what it does not allow is not offered. The server decides in any case. */
export function useMay(): (act: string) => boolean {
  const { acts } = useStaff();
  return (act) => acts.includes(act);
}
