import { QueryStages } from './query-stages';

function stagesWithClock() {
  const clock = { ms: 100 };
  return { clock, stages: new QueryStages(() => clock.ms) };
}

it('adds up the intervals of a stage', () => {
  const { clock, stages } = stagesWithClock();
  const first = stages.begin('memory');
  clock.ms += 5;
  first();
  const second = stages.begin('memory');
  clock.ms += 7;
  second();
  expect(stages.sums()).toEqual({ memory: 12 });
  expect(stages.intervals).toEqual([
    { stage: 'memory', startMs: 100, endMs: 105 },
    { stage: 'memory', startMs: 105, endMs: 112 },
  ]);
});

it('ends an interval once', () => {
  const { clock, stages } = stagesWithClock();
  const end = stages.begin('token');
  clock.ms += 3;
  end();
  clock.ms += 4;
  end();
  expect(stages.sums()).toEqual({ token: 3 });
});

it('keeps a bounded number of intervals and complete sums', () => {
  const { clock, stages } = stagesWithClock();
  for (let count = 0; count < 1000; count++) {
    const end = stages.begin('memory');
    clock.ms += 1;
    end();
  }
  expect(stages.sums()).toEqual({ memory: 1000 });
  expect(stages.intervals).toHaveLength(32);
});
