/**
 * Values of the field `filters` that no editor writes, but that a tool, or a person who edits the JSON of a dashboard,
 * may save.
 */
import { type MicromegasQueryFields } from '../../contract/queries/query';

export const MISSHAPEN_FILTERS = [
  'null',
  '"exe = a"',
  '7',
  '{"key":"exe"}',
  '[null,"exe",{"key":"exe","operator":"LIKE"}]',
].map((json) => ({ json, filters: JSON.parse(json) as MicromegasQueryFields['filters'] }));
