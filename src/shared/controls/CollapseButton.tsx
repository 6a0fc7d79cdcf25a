/** The button that shows and hides the content of a row. Its label names the content. */
import { Button } from '@grafana/ui';
import React, { type ReactNode } from 'react';

interface Props {
  isOpen: boolean;
  onToggle: () => void;
  children: ReactNode;
}

/** Shown in the query editors, for options and for the SQL of the builder. The caller keeps the state. */
export function CollapseButton({ isOpen, onToggle, children }: Props) {
  return (
    <Button
      size="sm"
      variant="secondary"
      fill="text"
      icon={isOpen ? 'angle-down' : 'angle-right'}
      type="button"
      aria-expanded={isOpen}
      onClick={onToggle}
    >
      {children}
    </Button>
  );
}
