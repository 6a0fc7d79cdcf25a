import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import React, { useState } from 'react';
import { type Option } from './suggestions';
import { SuggestBox, SuggestMany } from './SuggestBox';

// The order of entries and the highlight are those of Grafana's own Combobox.
jest.mock('@grafana/ui', () => jest.requireActual('@grafana/ui/real'));

type Options = Option[] | ((search: string) => Promise<Option[]>);

const named = (...names: string[]): Option[] => names.map((value) => ({ value, label: value }));
const COLUMNS = named('time', 'target', 'level');

/** One value, or several. */
type Control = 'SuggestBox' | 'SuggestMany';

function Page({ control, options, saved }: { control: Control; options: Options; saved: (values: string[]) => void }) {
  const [values, setValues] = useState<string[]>([]);
  const change = (next: string[]) => {
    setValues(next);
    saved(next);
  };
  return control === 'SuggestBox' ? (
    <SuggestBox id="column" options={options} value={values[0] ?? ''} onChange={(value) => change([value])} />
  ) : (
    <SuggestMany id="column" options={options} values={values} onChange={change} />
  );
}

function openPage(control: Control, options: Options) {
  const saved = jest.fn<void, [string[]]>();
  const page = (shown: Options) => <Page control={control} options={shown} saved={saved} />;
  const { rerender } = render(page(options));
  return { saved, show: (shown: Options) => rerender(page(shown)) };
}

const input = () => screen.getByRole('combobox');

function open() {
  act(() => input().focus());
  if (input().getAttribute('aria-expanded') !== 'true') {
    fireEvent.click(input());
  }
}

const type = (value: string) => fireEvent.input(input(), { target: { value } });
const press = (key: string) => fireEvent.keyDown(input(), { key });
const entries = () => screen.queryAllByRole('option').map(({ textContent }) => textContent);

/** Responds to each search when the test says so. */
function slowOptions(all: Option[]) {
  const waiting = new Map<string, () => void>();
  const options = (search: string) =>
    new Promise<Option[]>((resolve) =>
      waiting.set(search, () => resolve(all.filter(({ value }) => value.includes(search))))
    );
  const respond = async (search: string) => {
    await waitFor(() => expect(waiting.has(search)).toBe(true));
    await act(async () => waiting.get(search)?.());
  };
  return { options, respond };
}

describe.each<Control>(['SuggestBox', 'SuggestMany'])('%s', (control) => {
  it('lists the typed text after the fixed options that match it, at once', async () => {
    openPage(control, COLUMNS);
    open();
    await waitFor(() => expect(entries()).toEqual(['time', 'target', 'level']));
    type('t');
    expect(entries().at(-1)).toBe('tUse this text');
    expect(entries()).toHaveLength(3);
    type('targ');
    expect(entries()).toEqual(['target', 'targUse this text']);
  });

  it.each([
    ['the option that matches', 'targ', 'target'],
    ['the text that no option matches', 'shard', 'shard'],
    ['the option that the text names in full', 'level', 'level'],
  ])('chooses %s at Enter', async (_what, typed, expected) => {
    const { saved } = openPage(control, COLUMNS);
    open();
    type(typed);
    press('Enter');
    await waitFor(() => expect(saved).toHaveBeenLastCalledWith([expected]));
  });

  it('lists the typed text last while the options of the server load, and Enter waits for them', async () => {
    const { options, respond } = slowOptions(named('frame_time', 'frame_size', 'fps'));
    const { saved } = openPage(control, options);
    open();
    await respond('');
    await waitFor(() => expect(entries()).toHaveLength(3));
    type('frame');
    expect(entries()).toHaveLength(3);
    expect(entries().at(-1)).toBe('frameUse this text');
    type('size');
    press('Enter');
    expect(saved).not.toHaveBeenCalled();
    await respond('size');
    await waitFor(() => expect(saved).toHaveBeenLastCalledWith(['frame_size']));
  });

  it('chooses the typed text at Enter if the server has no option that matches', async () => {
    const { options, respond } = slowOptions(named('frame_time'));
    const { saved } = openPage(control, options);
    open();
    type('gpu');
    press('Enter');
    await respond('gpu');
    await waitFor(() => expect(saved).toHaveBeenLastCalledWith(['gpu']));
  });

  it('forgets Enter if the user types on', async () => {
    const { options, respond } = slowOptions(named('frame_time'));
    const { saved } = openPage(control, options);
    open();
    type('fr');
    press('Enter');
    type('fra');
    await respond('fra');
    await waitFor(() => expect(entries()).toEqual(['frame_time', 'fraUse this text']));
    expect(saved).not.toHaveBeenCalled();
  });

  it('adds options that arrive while the list is open, before the typed text', async () => {
    const { show } = openPage(control, COLUMNS);
    open();
    await waitFor(() => expect(entries()).toHaveLength(3));
    show([...COLUMNS, ...named('properties.target')]);
    await waitFor(() => expect(entries()).toHaveLength(4));
    type('targ');
    show([...COLUMNS, ...named('properties.target', 'properties.targets')]);
    await waitFor(() => expect(entries()).toHaveLength(4));
    expect(entries()[0]).toBe('target');
    expect(entries().at(-1)).toBe('targUse this text');
  });
});

it('lists the typed text after all groups, and after options without a group', async () => {
  openPage('SuggestBox', [...named('region'), { value: '$region', label: '$region', group: 'Variables' }]);
  open();
  type('regi');
  await waitFor(() => expect(entries()).toEqual(['region', '$region', 'regiUse this text']));
});
