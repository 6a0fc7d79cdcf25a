import { render } from '@testing-library/react';
import React from 'react';
import { ProgressIcon } from './ProgressIcon';

it('replaces the image when the work starts and ends, so that Grafana does not keep the image of the spinner', () => {
  const { container, rerender } = render(<ProgressIcon isRunning={false} name="plug" />);
  const image = () => container.querySelector('svg');
  const idle = image();
  rerender(<ProgressIcon isRunning name="plug" />);
  const running = image();
  expect(running).not.toBe(idle);
  rerender(<ProgressIcon isRunning={false} name="plug" />);
  expect(image()).not.toBe(running);
});
