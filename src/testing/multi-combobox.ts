/** Functions that use Grafana's MultiCombobox as a person does. Each gets the input of the control. */
import { act, fireEvent, waitFor, within } from '@testing-library/react';

/** The list of options, which is outside the form. While the list is closed, it is empty. */
function list(input: HTMLElement): HTMLElement {
  const found = document.getElementById(input.getAttribute('aria-controls') ?? '');
  if (found === null) {
    throw new Error('The element is not the input of a control with a list.');
  }
  return found;
}

/** Opens the list by mouse. While the list is open, the control shows all its values. */
export function openList(input: HTMLElement): void {
  act(() => input.focus());
  if (input.getAttribute('aria-expanded') !== 'true') {
    fireEvent.click(input);
  }
}

/** Leaves the control, which closes the list. */
function leave(input: HTMLElement): void {
  act(() => input.blur());
}

/** Waits for the option with this label in the open list. */
export async function findOption(input: HTMLElement, label: string): Promise<HTMLElement> {
  return within(list(input)).findByText(label);
}

function type(input: HTMLElement, value: string): void {
  openList(input);
  fireEvent.input(input, { target: { value } });
}

/** Types each label, and clicks the option with this label. */
export async function addValues(input: HTMLElement, ...labels: string[]): Promise<void> {
  for (const label of labels) {
    type(input, label);
    fireEvent.click(await findOption(input, label));
  }
  leave(input);
}

/** Types each string, and presses Enter as soon as an option is highlighted. */
export async function enterValues(input: HTMLElement, ...values: string[]): Promise<void> {
  for (const value of values) {
    type(input, value);
    await waitFor(() => expect(input).not.toHaveAttribute('aria-activedescendant', ''));
    fireEvent.keyDown(input, { key: 'Enter' });
  }
  leave(input);
}

/** Removes the value with this label. */
export function removeValue(input: HTMLElement, label: string): void {
  openList(input);
  fireEvent.click(within(input.parentElement ?? input).getByLabelText(`Remove ${label}`));
  leave(input);
}
