import { type ComposedFrame } from '../composed-frames';

/** The values of a field of a composed frame. */
export function fieldValues({ fields }: ComposedFrame, name: string): unknown[] {
  const values = fields.find((field) => field.name === name)?.values;
  return Array.from({ length: values?.length ?? 0 }, (_, row) => values?.at(row));
}
