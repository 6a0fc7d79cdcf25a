/** Reports whether the server limits the memory of queries. Micromegas has no such limit by default. */
import { message } from '../../../contract/messages/message';
import { type HealthCall, type StageContext } from './check-context';
import { optionalColumn } from './optional-statement';

/** Returns the limit of temporary files, then that of memory. Servers before 0.33 may not list them. */
const SQL =
  'SELECT value FROM information_schema.df_settings ' +
  "WHERE name IN ('datafusion.runtime.memory_limit', 'datafusion.runtime.max_temp_directory_size') ORDER BY name";

const UNLIMITED = 'unlimited';
/** A size as DataFusion shows it, for example `512M`. */
const SIZE = /^\d{1,20}(?:\.\d{1,3})?[KMGT]?$/;

/** Records a stage with the limits, if the server lists them. Never fails. */
export async function memoryLimitStage(context: StageContext, call: HealthCall): Promise<void> {
  const { report, elapsedMs, isThorough } = context;
  const startedMs = elapsedMs();
  const limits = isThorough ? await optionalColumn(context, call, SQL) : undefined;
  const [files, memory] = limits ?? [];
  if (limits?.length !== 2 || !SIZE.test(files) || !(memory === UNLIMITED || SIZE.test(memory))) {
    return;
  }
  const limit = memory === UNLIMITED ? message('memory-unlimited') : message('memory-limited', { memory });
  report.passed(
    { name: 'memory', title: message('stage-memory'), tried: message('tried-statement', { sql: SQL }) },
    { text: [limit, message('temporary-files-limited', { files })] },
    elapsedMs() - startedMs
  );
}
