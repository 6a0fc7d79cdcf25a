/** The formats of an answer, in words. */
import { type QueryFormat } from '../../contract/query';

export interface FormatOption {
  value: QueryFormat;
  label: string;
  /** What the SQL has to return. */
  needs: string;
}

export const FORMATS: FormatOption[] = [
  { value: 'table', label: 'Table', needs: 'shows any answer as it is.' },
  {
    value: 'time_series',
    label: 'Time series',
    needs: 'a time column, numbers, and text columns that become labels. Gaps are filled on request, see Options.',
  },
  {
    value: 'logs',
    label: 'Logs',
    needs: 'a time column and a message (msg). A level column gives the colour; the rest becomes fields.',
  },
];
