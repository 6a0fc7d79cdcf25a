import { encodeJsonString } from './jsonb';

/** Bytes recorded from Micromegas 0.33.0. */
const cases = [
  { json: '{"a":"b"}', hex: '40000001' + '10000001' + '10000001' + '6162' },
  { json: '"b"', hex: '20000000' + '10000001' + '62' },
  { json: 'true', hex: '20000000' + '40000000' },
  { json: '42', hex: '20000000' + '20000002' + '402a' },
  { json: '-5', hex: '20000000' + '20000002' + '40fb' },
  { json: '1.5', hex: '20000000' + '20000009' + '60' + '3ff8000000000000' },
  { json: '{}', hex: '40000000' },
  { json: '[]', hex: '80000000' },
  { json: '[true,null,"x"]', hex: '80000003' + '40000000' + '00000000' + '10000001' + '78' },
  { json: '-128', hex: '20000000' + '20000002' + '4080' },
  { json: '1795500000000000001', hex: '20000000' + '20000009' + '40' + '18eae5bcae36c001' },
  { json: '"1795500000000000001"', hex: '20000000' + '10000013' + Buffer.from('1795500000000000001').toString('hex') },
  { json: '128', hex: '20000000' + '20000003' + '400080' },
];

it.each(cases)('writes $json', ({ json, hex }) => {
  expect(Buffer.from(encodeJsonString(json)).toString('hex')).toBe(hex);
});

it('sorts the keys of an object by their bytes', () => {
  expect(encodeJsonString('{"b":1,"a":2,"B":3}')).toEqual(encodeJsonString('{"B":3,"a":2,"b":1}'));
});
