/** @jest-environment jsdom */
import { type DataQueryRequest, type DataQueryResponse, dateTime, FieldType } from '@grafana/data';
import { firstValueFrom, of } from 'rxjs';
import { type MicromegasQuery } from '../../shared/types';
import { LoadedLogPages } from './load-log-pages';

const FROM_MS = 1_700_000_000_000;

/** A request for log lines of a range. @param toMs Milliseconds since 1970. */
function requestOf(toMs: number, target: object): DataQueryRequest<MicromegasQuery> {
  const [from, to] = [dateTime(FROM_MS), dateTime(toMs)];
  const targets = [{ refId: 'A', ...target }];
  const request: Partial<DataQueryRequest<MicromegasQuery>> = {
    requestId: 'explore_1',
    startTime: 1,
    range: { from, to, raw: { from, to } },
    targets,
  };
  return request as DataQueryRequest<MicromegasQuery>;
}

const RESPONSE: DataQueryResponse = {
  data: [
    {
      refId: 'A',
      length: 1,
      meta: { type: 'log-lines', custom: { timeColumn: 'time' } },
      fields: [
        { name: 'timestamp', type: FieldType.time, config: {}, values: [FROM_MS + 5000] },
        { name: 'body', type: FieldType.string, config: {}, values: ['line'] },
        { name: 'id', type: FieldType.string, config: {}, values: ['o'] },
      ],
    },
  ],
};

it('requests a page after the lines of the first result', async () => {
  const pages = new LoadedLogPages();
  const sent: MicromegasQuery[] = [];
  const send = ({ targets }: DataQueryRequest<MicromegasQuery>) => {
    sent.push(...targets);
    return of(RESPONSE);
  };
  await firstValueFrom(pages.run(requestOf(FROM_MS + 10_000, { format: 'logs' }), send));
  const page = { format: 'logs', supportingQueryType: 'infiniteScroll' };
  await firstValueFrom(pages.run(requestOf(FROM_MS + 5000, page), send));
  expect(sent.map(({ logPage }) => logPage?.direction)).toEqual([undefined, 'older']);
});

it('sends a request without log lines at once', () => {
  const received: DataQueryResponse[] = [];
  new LoadedLogPages()
    .run(requestOf(FROM_MS + 10_000, { format: 'table' }), () => of(RESPONSE))
    .subscribe((response) => received.push(response));
  expect(received).toEqual([RESPONSE]);
});
