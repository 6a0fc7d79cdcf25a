/** Reads texts out of results that the proxy asks for itself. */
import { cellJson } from '../arrow-ipc/cell-json';
import { type Vector } from '../arrow-ipc/vector';

/** The text of a value in any layout, dictionaries included; empty for null and for what is no text. */
export function textCell(column: Vector, row: number): string {
  const value: unknown = JSON.parse(cellJson(column, row));
  return typeof value === 'string' ? value : '';
}
