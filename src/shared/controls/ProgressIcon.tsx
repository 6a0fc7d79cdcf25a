/** The icon of a button whose work takes time. */
import { Icon, type IconName } from '@grafana/ui';
import React from 'react';

interface Props {
  isRunning: boolean;
  /** The icon while nothing runs. */
  name: IconName;
}

/** A spinner while the work runs. Pass it as the `icon` of a `Button`. */
export function ProgressIcon({ isRunning, name }: Props) {
  // Without a key, Grafana keeps the image of the spinner when the work ends before the image has loaded.
  return <Icon key={isRunning ? 'running' : 'idle'} name={isRunning ? 'spinner' : name} />;
}
