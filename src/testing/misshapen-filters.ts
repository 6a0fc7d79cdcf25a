/**
 * Invalid values of the field `filters`. No editor saves them, but a tool or a person may write them into the JSON of a
 * dashboard.
 */
import { type MicromegasQueryFields } from '../../contract/queries/query';

export const MISSHAPEN_FILTERS = [
  'null',
  '"exe = a"',
  '7',
  '{"key":"exe"}',
  '[null,"exe",{"key":"exe","operator":"LIKE"}]',
].map((json) => ({ json, filters: JSON.parse(json) as MicromegasQueryFields['filters'] }));
