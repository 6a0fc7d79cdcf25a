/** Sends the steps of a live tail to the built plugin, as Grafana does for the browser. */
import { type DataFrame } from '@grafana/data';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { frameToJson, type JsonFrame } from '../../demo/playground/server/frame-json';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { type StepResponse, type TailStep } from '../../src/explore/live-tail/tail-loop';
import { dataQuery, pluginContext, type QueryOptions, type Source } from './plugin';

/** The frame that Grafana's frontend makes of the JSON. */
function dataFrame(refId: string, { schema, data }: JsonFrame): DataFrame {
  const fields = schema.fields.map(({ name, type, config }, index) => ({
    name,
    type,
    config: config ?? {},
    values: data.values[index],
    nanos: data.nanos?.[index] ?? undefined,
  }));
  const frame: object = { refId, meta: schema.meta, fields, length: data.values[0]?.length ?? 0 };
  return frame as DataFrame;
}

/**
 * @param models  The saved query of each refId.
 * @param options Options of the request.
 */
export async function runSteps(
  plugin: PluginProcess,
  source: Source,
  models: Readonly<Record<string, MicromegasQueryFields>>,
  steps: readonly TailStep[],
  options: QueryOptions = {}
): Promise<StepResponse> {
  const queries = steps.map(({ refId, tail }) => dataQuery(refId, { ...models[refId], tail }, options));
  const { responses } = await plugin.queryData(
    { pluginContext: pluginContext(source), headers: {}, queries },
    { signal: options.signal }
  );
  const entries = Object.entries(responses);
  return {
    frames: entries.flatMap(([refId, { error, frames }]) =>
      error === '' ? frames.map((bytes) => dataFrame(refId, frameToJson(bytes, refId))) : []
    ),
    errors: entries.flatMap(([refId, { error, status }]) => (error === '' ? [] : [{ refId, message: error, status }])),
  };
}
