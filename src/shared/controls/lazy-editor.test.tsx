import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { lazyEditor } from './lazy-editor';

interface Props {
  sql: string;
  onClose: () => void;
}

function Form({ sql }: Props) {
  return <p>{`Form for ${sql}`}</p>;
}

/** Loads an editor's file. Fails the first `times` times. */
function failing(times: number) {
  let left = times;
  return async () => {
    if (left-- > 0) {
      throw new Error('Loading chunk 7 failed.');
    }
    return Form;
  };
}

const close = () => undefined;

it('shows a placeholder with the height of the editor until the editor is loaded', async () => {
  const Lazy = lazyEditor(failing(0), { heightPx: 240 });
  const { container } = render(<Lazy sql="SELECT 1" onClose={close} />);
  expect(container.firstChild).toHaveStyle({ minHeight: '240px' });
  expect(await screen.findByText('Form for SELECT 1')).toBeInTheDocument();
  expect(container.innerHTML).toBe('<p>Form for SELECT 1</p>');
});

it('shows an already loaded editor without a delay', async () => {
  const Lazy = lazyEditor(failing(0));
  const { unmount } = render(<Lazy sql="SELECT 1" onClose={close} />);
  await screen.findByText('Form for SELECT 1');
  unmount();
  render(<Lazy sql="SELECT 2" onClose={close} />);
  expect(screen.getByText('Form for SELECT 2')).toBeInTheDocument();
});

it('shows the reason and the SQL if a file cannot be loaded, and loads the file again after a click', async () => {
  const Lazy = lazyEditor(failing(2), { sqlOf: ({ sql }: Props) => sql });
  render(
    <>
      <p>Other parts</p>
      <Lazy sql="SELECT 1" onClose={close} />
    </>
  );
  const tryAgain = await screen.findByRole('button', { name: 'Try again' });
  expect(screen.getByRole('alert')).toHaveTextContent('Loading chunk 7 failed.');
  expect(screen.getByText('SELECT 1')).toBeInTheDocument();
  expect(screen.getByText('Other parts')).toBeInTheDocument();
  await userEvent.click(tryAgain);
  await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('Form for SELECT 1')).toBeInTheDocument();
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});

it('calls `onDismiss` when the user closes the message about a failure', async () => {
  const closed: string[] = [];
  const Lazy = lazyEditor(failing(1), { onDismiss: ({ onClose }: Props) => onClose() });
  render(<Lazy sql="" onClose={() => closed.push('closed')} />);
  await userEvent.click(await screen.findByRole('button', { name: /close/i }));
  expect(closed).toEqual(['closed']);
});
