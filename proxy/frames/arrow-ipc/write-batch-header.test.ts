import { Message } from 'apache-arrow/ipc/metadata/message';
import { MessageHeader } from 'apache-arrow/enum';
import { readMessageHeader } from './message-header';
import { batchMessage } from './write-batch-header';

it.each([
  { name: 'no columns', nodes: 0, buffers: 0, counts: [] },
  { name: 'columns', nodes: 3, buffers: 7, counts: [] },
  { name: 'views', nodes: 2, buffers: 5, counts: [1, 0, 3] },
])('writes a header that the reference implementation and our reader read: $name', ({ nodes, buffers, counts }) => {
  const bodyBytes = 2 ** 33 + 8;
  const nodeList = Array.from({ length: nodes }, (_, index) => [1000 + index, index] as const);
  const bufferList = Array.from({ length: buffers }, (_, index) => [2 ** 32 + index * 8, index] as const);
  const bytes = batchMessage(70_000, nodeList, bufferList, bodyBytes, counts);
  expect(bytes.length % 8).toBe(0);

  const message = Message.decode(bytes);
  expect(message.headerType).toBe(MessageHeader.RecordBatch);
  expect(message.bodyLength).toBe(bodyBytes);
  const batch = message.isRecordBatch() ? message.header() : undefined;
  expect(batch?.length).toBe(70_000);
  expect(batch?.nodes.map(({ length, nullCount }) => [length, nullCount])).toEqual(nodeList);
  expect(batch?.buffers.map(({ offset, length }) => [offset, length])).toEqual(bufferList);

  const header = readMessageHeader(bytes);
  if (header.kind !== 'batch') {
    throw new Error('It is not a batch.');
  }
  expect(header.bodyBytes).toBe(bodyBytes);
  const { variadicCounts, compression } = header.batch;
  expect(Array.from(counts, (_, index) => variadicCounts.at(index))).toEqual(counts);
  expect(variadicCounts.length).toBe(counts.length);
  expect(compression).toBeUndefined();
});
