import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React, { useState } from 'react';
import { type QueryFilter } from '../../../contract/queries/query-filter';
import { type MicromegasQuery } from '../../shared/types';
import { MISSHAPEN_FILTERS } from '../../testing/misshapen-filters';
import { FilterChips } from './FilterChips';

const EXE: QueryFilter = { key: 'exe', operator: '=', value: 'api' };
const LEVELS: QueryFilter = { key: 'level', operator: '=|', value: '1', values: ['1', '2'] };

/** Renders the chips as the editor does. @returns A function that returns the saved query. */
function open(...filters: QueryFilter[]): () => MicromegasQuery {
  let saved: MicromegasQuery = { refId: 'A', query: 'SELECT 1', filters };
  function Host() {
    const [query, setQuery] = useState(saved);
    return (
      <FilterChips
        query={query}
        onChoose={(patch) => {
          saved = { ...query, ...patch };
          setQuery(saved);
        }}
      />
    );
  }
  render(
    <>
      <button>Before</button>
      <Host />
      <button>Next</button>
    </>
  );
  return () => saved;
}

const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));
const chips = () => screen.getAllByRole('listitem').map(({ textContent }) => textContent);

it('shows nothing without filters', () => {
  open();
  expect(screen.queryByRole('group')).toBeNull();
});

it.each(MISSHAPEN_FILTERS)('shows no filters of another shape: $json', ({ filters }) => {
  render(<FilterChips query={{ refId: 'A', query: 'SELECT 1', filters }} onChoose={() => {}} />);
  expect(screen.queryByRole('group')).toBeNull();
});

it('shows each filter', () => {
  open(EXE, LEVELS, { key: 'body', operator: 'not-contains', value: 'noise' }, { ...EXE, operator: '!=', value: '' });
  expect(chips()).toEqual(['exe = api', 'level is one of 1, 2', 'body does not contain noise', 'exe ≠ (empty)']);
});

it('removes one filter, or all', async () => {
  const saved = open(EXE, LEVELS, { ...EXE, key: 'target' });
  await press('Remove the filter exe = api');
  expect(saved().filters).toEqual([LEVELS, { ...EXE, key: 'target' }]);
  await press('Remove all');
  expect(saved().filters).toBeUndefined();
  expect(saved().query).toBe('SELECT 1');
});

it('edits operator and value', async () => {
  const saved = open(LEVELS, EXE);
  await press('Edit the filter exe = api');
  await userEvent.selectOptions(screen.getByLabelText('exe'), 'matches');
  const value = screen.getByLabelText('Value');
  await userEvent.clear(value);
  await userEvent.type(value, '^a{Enter}');
  expect(saved().filters).toEqual([LEVELS, { key: 'exe', operator: '=~', value: '^a' }]);
  expect(chips()).toEqual(['level is one of 1, 2', 'exe matches ^a']);
});

it('changes a list to a single value and back', async () => {
  const saved = open(LEVELS);
  await press('Edit the filter level is one of 1, 2');
  await userEvent.selectOptions(screen.getByLabelText('level'), '≤ (or more severe)');
  expect(screen.getByLabelText<HTMLInputElement>('Value').value).toBe('1');
  await press('Apply');
  expect(saved().filters).toEqual([{ key: 'level', operator: '<=', value: '1' }]);
  await press('Edit the filter level ≤ 1 (or more severe)');
  await userEvent.selectOptions(screen.getByLabelText('level'), 'is none of');
  await press('Apply');
  expect(saved().filters).toEqual([{ key: 'level', operator: '!=|', value: '1', values: ['1'] }]);
});

it('keeps the value of a list filter that has no list', async () => {
  const saved = open({ key: 'level', operator: '=|', value: '1' });
  await press('Edit the filter level is one of 1');
  await userEvent.type(screen.getByPlaceholderText('Value (Enter adds it)'), '2{Enter}');
  await press('Apply');
  expect(saved().filters).toEqual([{ key: 'level', operator: '=|', value: '1', values: ['1', '2'] }]);
});

it('keeps a value of a list that was typed without Enter', async () => {
  const saved = open(LEVELS);
  await press('Edit the filter level is one of 1, 2');
  await userEvent.type(screen.getByPlaceholderText('Value (Enter adds it)'), '3');
  await press('Apply');
  expect(saved().filters).toEqual([{ ...LEVELS, values: ['1', '2', '3'] }]);
});

it("reports a value that is too long for Grafana's list, and keeps what the user typed", async () => {
  const saved = open(LEVELS);
  await press('Edit the filter level is one of 1, 2');
  const value = screen.getByPlaceholderText('Value (Enter adds it)');
  await userEvent.type(value, 'x'.repeat(51));
  await press('Apply');
  expect(screen.getByText(/^Longer than 50 characters/)).toBeInTheDocument();
  expect(saved().filters).toEqual([LEVELS]);
  await userEvent.type(value, '{Backspace}');
  await press('Apply');
  expect(saved().filters).toEqual([{ ...LEVELS, values: ['1', '2', 'x'.repeat(50)] }]);
});

it('drops a too long value when the user chooses an operator for one value, and then a list again', async () => {
  const saved = open(LEVELS);
  await press('Edit the filter level is one of 1, 2');
  await userEvent.type(screen.getByPlaceholderText('Value (Enter adds it)'), 'x'.repeat(51));
  await userEvent.selectOptions(screen.getByLabelText('level'), 'is none of');
  expect(screen.getByRole('button', { name: 'Apply' })).toBeDisabled();
  await userEvent.selectOptions(screen.getByLabelText('level'), '=');
  await userEvent.selectOptions(screen.getByLabelText('level'), 'is one of');
  expect(screen.queryByText(/^Longer than 50 characters/)).not.toBeInTheDocument();
  await press('Apply');
  expect(saved().filters).toEqual([{ ...LEVELS, values: ['1'] }]);
});

it('closes the form if the filters change', async () => {
  const ui = (filters: QueryFilter[]) => (
    <FilterChips query={{ refId: 'A', query: 'SELECT 1', filters }} onChoose={() => {}} />
  );
  const { rerender } = render(ui([EXE, LEVELS]));
  await press('Edit the filter level is one of 1, 2');
  rerender(ui([LEVELS, EXE]));
  expect(chips()).toEqual(['level is one of 1, 2', 'exe = api']);
});

it('keeps the focus in the list when a form is opened and closed, and when a filter is removed', async () => {
  open(LEVELS, EXE);
  await press('Edit the filter exe = api');
  expect(screen.getByLabelText('Value')).toHaveFocus();
  await press('Cancel');
  expect(screen.getByRole('button', { name: 'Edit the filter exe = api' })).toHaveFocus();
  await press('Edit the filter exe = api');
  await press('Apply');
  expect(screen.getByRole('button', { name: 'Edit the filter exe = api' })).toHaveFocus();
  await press('Remove the filter exe = api');
  expect(screen.getByRole('button', { name: 'Edit the filter level is one of 1, 2' })).toHaveFocus();
  await press('Edit the filter level is one of 1, 2');
  expect(screen.getByPlaceholderText('Value (Enter adds it)')).toHaveFocus();
});

it.each([
  ['the last filter is removed', [EXE], 'Remove the filter exe = api'],
  ['all filters are removed', [EXE, LEVELS], 'Remove all'],
])('moves the focus to the next control when %s', async (_name, filters, button) => {
  open(...filters);
  await press(button);
  expect(screen.getByRole('button', { name: 'Next' })).toHaveFocus();
});

it('keeps the filter if the edit is cancelled', async () => {
  const saved = open(EXE);
  await press('Edit the filter exe = api');
  await userEvent.type(screen.getByLabelText('Value'), 'x');
  await press('Cancel');
  expect(saved().filters).toEqual([EXE]);
  expect(within(screen.getByRole('group', { name: 'Filters' })).getByText('exe = api')).toBeInTheDocument();
});
