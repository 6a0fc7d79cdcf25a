/** @jest-environment jsdom */
import { idsIn, withProcessNames } from './named-processes';

const SERVER = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';
const OTHER = '5169014b-e479-4e83-bd6b-d6b4f8c74932';
const PROCESS = { processId: SERVER, exe: 'ember-server', computer: 'atlas-07', username: 'svc', startMs: 60_000, lastUpdateMs: 120_000 }; // prettier-ignore
const CONTEXT = { timeZone: 'UTC', toMs: 3_600_000 };

it.each([
  ['Logs', []],
  [`Logs | process = ${SERVER}`, [SERVER]],
  [
    `view_instance('log_entries', '${SERVER}') JOIN view_instance('log_entries', '${OTHER}') ${SERVER}`,
    [SERVER, OTHER],
  ],
  ['x'.repeat(1000), []],
  [Array.from({ length: 9 }, (_, index) => SERVER.replace(/^./, String(index))).join(' '), ['0', '1', '2'].map((first) => SERVER.replace(/^./, first))], // prettier-ignore
])('finds at most three ids in %s', (label, ids) => {
  expect(idsIn(label)).toEqual(ids);
});

it.each([
  [`Flame graph of process ${SERVER}`, 'Flame graph of process ember-server on atlas-07 (00:01)'],
  [`Logs | process = ${SERVER.toUpperCase()}`, 'Logs | process = ember-server on atlas-07 (00:01)'],
  [`Logs | process = ${OTHER}`, `Logs | process = ${OTHER}`],
])('replaces ids of known processes in %s', (label, named) => {
  expect(withProcessNames(label, [PROCESS], CONTEXT)).toBe(named);
});
