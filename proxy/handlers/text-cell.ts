/** Reads texts out of results that the proxy asks for itself. */
import { cellJson, type Vector } from '../arrow-ipc';
import { type MemoryAccount } from '../memory/memory-account';

/** The text of a value in any layout, dictionaries included; empty for null and for what is no text. */
export function textCell(column: Vector, row: number, memory: MemoryAccount): string {
  const value: unknown = JSON.parse(cellJson(column, row, memory));
  return typeof value === 'string' ? value : '';
}
