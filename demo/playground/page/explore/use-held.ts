import { useState } from 'react';

/** The value. While `isHeld` is true: the last value before `isHeld` became true. */
export function useHeld<T>(value: T, isHeld: boolean): T {
  const [held, setHeld] = useState(value);
  if (!isHeld && held !== value) {
    setHeld(value);
  }
  return isHeld ? held : value;
}
