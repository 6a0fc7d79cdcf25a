import { formatFor, type GrafanaColumn } from './format-for';

/** @param columns For example `time:time value:number`. */
function columnsOf(columns: string): GrafanaColumn[] {
  return columns.split(' ').map((column) => {
    const [name, type] = column.split(':');
    return { name, type };
  });
}

it.each([
  ['time:time level:number target:string msg:string properties:other', 'logs'],
  ['insert_time:time time:time msg:string value:number', 'logs'],
  ['when:time Message:string', 'logs'],
  ['time:time value:number', 'time_series'],
  ['time:time exe:string p95:number up:boolean', 'time_series'],
  ['time:time level:number count:number', 'time_series'],
  ['time:time level:number', 'table'],
  ['time:time msg:number', 'time_series'],
  ['msg:string value:number', 'table'],
  ['exe:string value:number', 'table'],
  ['time:time exe:string', 'table'],
  ['start_time:time last_update_time:time tsc_frequency:number', 'table'],
  ['time:time duration:number properties:other', 'table'],
])('for the columns "%s", chooses the format %s', (columns, format) => {
  expect(formatFor(columnsOf(columns))).toBe(format);
});
