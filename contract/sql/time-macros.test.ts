import { formatMacro, MACROS } from './macros';
import { TIME_CONDITION_MACROS, TIME_POINT_MACROS } from './time-macros';

it('lists each time range macro as a condition or as a point in time', () => {
  const ofRange = MACROS.filter(({ category }) => category === 'time range');
  const written = (hasColumn: boolean) => ofRange.filter(({ args }) => args.length > 0 === hasColumn).map(formatMacro);
  expect(TIME_CONDITION_MACROS).toEqual(written(true));
  expect(TIME_POINT_MACROS).toEqual(written(false));
});
