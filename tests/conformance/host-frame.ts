/** A data frame after Grafana's decoder, in the JSON that Grafana's server sends to browsers. */
import { z } from 'zod';

const frameJson = z.object({
  schema: z.object({
    name: z.string().optional(),
    refId: z.string().optional(),
    meta: z
      .looseObject({
        type: z.string().optional(),
        executedQueryString: z.string().optional(),
        notices: z.array(z.object({ severity: z.string(), text: z.string() })).optional(),
      })
      .optional(),
    fields: z.array(
      z.looseObject({
        name: z.string(),
        type: z.string(),
        labels: z.record(z.string(), z.string()).optional(),
      })
    ),
  }),
  data: z.looseObject({ values: z.array(z.array(z.unknown())) }),
});

export class HostFrame {
  /** The whole JSON. */
  readonly content: z.infer<typeof frameJson>;

  constructor(json: unknown) {
    this.content = frameJson.parse(json);
  }

  get meta() {
    return this.content.schema.meta ?? {};
  }

  get fields() {
    return this.content.schema.fields;
  }

  get names(): string[] {
    return this.fields.map(({ name }) => name);
  }

  /** Grafana's type of a field: `time`, `number`, `string`, `boolean` or `other`. */
  type(name: string): string | undefined {
    return this.fields.find((field) => field.name === name)?.type;
  }

  get rowCount(): number {
    return this.content.data.values[0]?.length ?? 0;
  }

  column(name: string): unknown[] {
    const index = this.names.indexOf(name);
    if (index === -1) {
      throw new Error(`There is no column ${name} among ${this.names.join(', ')}.`);
    }
    return this.columnAt(index);
  }

  /** Finds a column by its position, because all series of a frame can have the same name. */
  columnAt(index: number): unknown[] {
    return this.content.data.values[index];
  }
}
