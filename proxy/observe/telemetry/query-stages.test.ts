import { QueryStages } from './query-stages';

function stagesWithClock() {
  const clock = { ms: 100 };
  return { clock, stages: new QueryStages(() => clock.ms) };
}

it('keeps each interval of a stage, and adds up their times', () => {
  const { clock, stages } = stagesWithClock();
  const first = stages.begin('token');
  clock.ms += 5;
  first();
  const second = stages.begin('token');
  clock.ms += 7;
  second();
  expect(stages.sums()).toEqual({ token: 12 });
  expect(stages.intervals).toEqual([
    { stage: 'token', startMs: 100, endMs: 105, busyMs: 5 },
    { stage: 'token', startMs: 105, endMs: 112, busyMs: 7 },
  ]);
});

it('joins the intervals of a stage that alternates with others', () => {
  const { clock, stages } = stagesWithClock();
  for (let batch = 0; batch < 3; batch++) {
    const end = stages.begin('convert');
    clock.ms += 2;
    end();
    clock.ms += 10;
  }
  expect(stages.sums()).toEqual({ convert: 6 });
  expect(stages.intervals).toEqual([{ stage: 'convert', startMs: 100, endMs: 126, busyMs: 6 }]);
});

it('ends an interval at the first call, and ignores further calls', () => {
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
    const end = stages.begin('first_batch');
    clock.ms += 1;
    end();
  }
  expect(stages.sums()).toEqual({ first_batch: 1000 });
  expect(stages.intervals).toHaveLength(32);
});
