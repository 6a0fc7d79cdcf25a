import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { newQuery } from '../model/query-draft';
import { openQueryEditor } from '../../testing/query-editor-page';

// Stands for a file that the browser cannot load.
jest.mock('./BuilderPane', () => {
  throw new Error('Loading chunk builder failed.');
});

it('offers code mode when the builder cannot be loaded, and keeps the query', async () => {
  const built = {
    ...newQuery(),
    query: 'SELECT kind\nFROM events',
    builder: {
      kind: 'table',
      table: 'events',
      columns: [{ column: 'kind' }],
      conditions: [],
      groupBy: [],
      orderBy: [],
    } as const,
  };
  const page = await openQueryEditor(built as never);
  expect(await screen.findByRole('alert')).toHaveTextContent('Loading chunk builder failed.');
  await userEvent.click(screen.getByRole('radio', { name: 'Code' }));
  expect(screen.getByLabelText('SQL', { selector: 'textarea' })).toHaveValue('SELECT kind\nFROM events');
  expect(page.saved().query).toBe('SELECT kind\nFROM events');
});
