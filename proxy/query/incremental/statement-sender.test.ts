import { type Instance } from '../../lakehouse/instances/instance';
import { type Release } from '../../lakehouse/instances/statement-slots';
import { StatementSender, type StatementsOptions } from './statement-sender';

/** Statements with the slot `first` for the first statement, and `later` for the other statements. */
function statementsOf(send: (slot: Release) => AsyncIterable<never>) {
  const first = jest.fn();
  const later = jest.fn();
  const takeSlot = jest.fn((_call: Parameters<Instance['takeSlot']>[0]) => Promise.resolve(later));
  const options = { instance: { takeSlot }, call: {}, resources: { slot: first }, whole: send };
  return { statements: new StatementSender(options as unknown as StatementsOptions), first, later, takeSlot };
}

async function* noMessages(): AsyncGenerator<never> {
  // The result is empty.
}

it('uses the slot of the query for the first statement, and takes a slot for each later statement', async () => {
  const sent: Release[] = [];
  const { statements, first, later, takeSlot } = statementsOf((slot) => {
    sent.push(slot);
    return noMessages();
  });
  await statements.whole();
  expect(takeSlot).not.toHaveBeenCalled();
  await statements.whole();
  expect(takeSlot.mock.calls).toMatchObject([[{ lane: 'continued' }]]);
  expect(sent).toEqual([first, later]);
});

it('gives the slot back if the statement cannot be sent', async () => {
  const { statements, first } = statementsOf(() => {
    throw new Error('too long');
  });
  await expect(statements.whole()).rejects.toThrow('too long');
  expect(first).toHaveBeenCalledTimes(1);
});
