import { Button } from '@grafana/ui';
import React from 'react';

interface Props {
  isLive: boolean;
  isPaused: boolean;
  onStart: () => void;
  onPause: (isPaused: boolean) => void;
  onStop: () => void;
}

/** Starts, pauses and stops the live tail, like the button "Live" of Explore. */
export function LiveButtons({ isLive, isPaused, onStart, onPause, onStop }: Props) {
  return isLive ? (
    <>
      <Button variant="secondary" icon={isPaused ? 'play' : 'pause'} onClick={() => onPause(!isPaused)}>
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
      <Button variant="destructive" icon="square-shape" onClick={onStop}>
        Exit live mode
      </Button>
    </>
  ) : (
    <Button variant="secondary" icon="play" onClick={onStart}>
      Live
    </Button>
  );
}
