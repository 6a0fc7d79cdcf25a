import React, { type MouseEvent, type ReactNode } from 'react';
import { hrefOf, navigate, type PageLocation } from '../location';

interface Props {
  to: PageLocation;
  className?: string;
  children: ReactNode;
}

/** A link to a screen. With Ctrl, Meta or Shift, the browser opens it in a new tab or window. */
export function PageLink({ to, className, children }: Props) {
  const onClick = (event: MouseEvent) => {
    if (!event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      navigate(to);
    }
  };
  return (
    <a href={hrefOf(to)} className={className} onClick={onClick}>
      {children}
    </a>
  );
}
