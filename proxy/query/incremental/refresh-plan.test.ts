import { TimeBins } from '../../sql/macros/time-bins';
import {
  changedGroups,
  edgesOf,
  isTooMuch,
  keptBins,
  MAX_BIN_GROUPS,
  shareOf,
  wholeBins,
  partsBetween,
} from './refresh-plan';

const bins = new TimeBins({ unit: 'ms', count: 10 }, { fromMs: 0, toMs: 1000 });
const interval = (startMs: number, endMs: number) => ({ startMs, endMs });

describe('wholeBins', () => {
  it.each([
    [{ fromMs: 0, toMs: 50 }, interval(0, 50)],
    [{ fromMs: 1, toMs: 49 }, interval(10, 40)],
  ])('returns the bins that are completely within %j', (range, expected) => {
    expect(wholeBins(range, bins)).toEqual(expected);
  });

  it('returns an interval that ends before its start if no bin is whole', () => {
    expect(wholeBins({ fromMs: 5, toMs: 8 }, bins)).toEqual(interval(10, 0));
  });
});

describe('keptBins', () => {
  it('returns bins that are whole in both ranges', () => {
    expect(keptBins({ fromMs: 1, toMs: 99 }, { fromMs: 15, toMs: 115 }, 200, bins)).toEqual(interval(20, 90));
    expect(keptBins({ fromMs: 40, toMs: 60 }, { fromMs: 0, toMs: 100 }, 200, bins)).toEqual(interval(40, 60));
  });

  it('leaves out the newest bins', () => {
    expect(keptBins({ fromMs: 1, toMs: 99 }, { fromMs: 15, toMs: 115 }, 75, bins)).toEqual(interval(20, 70));
  });

  it.each([
    [{ fromMs: 0, toMs: 50 }, { fromMs: 50, toMs: 100 }, 200],
    [{ fromMs: 0, toMs: 59 }, { fromMs: 41, toMs: 100 }, 200],
    [{ fromMs: 0, toMs: 100 }, { fromMs: 10, toMs: 110 }, 19],
  ])('returns undefined if no bin of %j can be kept for %j', (before, now, newestMs) => {
    expect(keptBins(before, now, newestMs, bins)).toBeUndefined();
  });
});

describe('edgesOf', () => {
  it('returns the bins before and after the kept bins', () => {
    expect(edgesOf({ fromMs: 15, toMs: 115 }, interval(20, 90), bins)).toEqual([interval(10, 20), interval(90, 120)]);
  });

  it('returns only the bin that begins at the end of an aligned range, because the range includes its end', () => {
    expect(edgesOf({ fromMs: 10, toMs: 110 }, interval(10, 110), bins)).toEqual([interval(110, 120)]);
  });
});

describe('changedGroups', () => {
  it('joins adjacent bins', () => {
    expect(changedGroups([80, 20, 30, 20], bins)).toEqual([interval(20, 40), interval(80, 90)]);
  });

  it('joins groups over the shortest gaps until MAX_BIN_GROUPS groups are left', () => {
    const changed = Array.from({ length: MAX_BIN_GROUPS }, (_, index) => 100 * index);
    const groups = changedGroups([...changed, 330, 540], bins);
    expect(changedGroups(changed, bins)).toHaveLength(MAX_BIN_GROUPS);
    expect(groups).toHaveLength(MAX_BIN_GROUPS);
    expect(groups).toContainEqual(interval(300, 340));
    expect(groups).toContainEqual(interval(500, 550));
  });

  it('returns an empty list if no bins have changed', () => {
    expect(changedGroups([], bins)).toEqual([]);
  });
});

it('rejects parts that cover more than a third of the range', () => {
  const range = { fromMs: 15, toMs: 115 };
  expect(shareOf([interval(10, 20), interval(90, 120)], range)).toBeCloseTo(0.3);
  expect(isTooMuch([interval(10, 20), interval(90, 120)], range)).toBe(false);
  expect(isTooMuch([interval(10, 20), interval(80, 120)], range)).toBe(true);
});

it('returns the parts of an interval between the groups that were read', () => {
  const interval = { startMs: 0, endMs: 100 };
  expect(partsBetween(interval, [])).toEqual([interval]);
  expect(
    partsBetween(interval, [
      { startMs: 0, endMs: 10 },
      { startMs: 40, endMs: 50 },
      { startMs: 90, endMs: 100 },
    ])
  ).toEqual([
    { startMs: 10, endMs: 40 },
    { startMs: 50, endMs: 90 },
  ]);
  expect(partsBetween(interval, [interval])).toEqual([]);
});
