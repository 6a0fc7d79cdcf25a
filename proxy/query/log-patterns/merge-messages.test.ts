import { ANY_WORD, MASK } from '../../../contract/logs/log-patterns';
import { Pace } from '../../base/async/turns';
import { mergeMessages } from './merge-messages';

const merge = async (lines: readonly string[], level = '4') =>
  (
    await mergeMessages(
      lines.map((text) => ({ text, level })),
      new Pace()
    )
  ).map(({ pattern, members }) => [pattern, members.length]);

it('merges texts that differ in words with many values', async () => {
  const users = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay'];
  expect(await merge(users.map((user) => `session of ${user} closed after ${MASK} s`))).toEqual([
    [`session of ${ANY_WORD} closed after ${MASK} s`, users.length],
  ]);
});

it('keeps texts apart that differ in a few constant words', async () => {
  expect(await merge(['started', 'paused', 'resumed'].map((word) => `machine ${MASK} was ${word} now`))).toEqual([
    [`machine ${MASK} was started now`, 1],
    [`machine ${MASK} was paused now`, 1],
    [`machine ${MASK} was resumed now`, 1],
  ]);
});

it('keeps levels and numbers of words apart', async () => {
  const texts = [
    { text: 'a b c', level: '4' },
    { text: 'a b c', level: '2' },
    { text: 'a b c d', level: '4' },
  ];
  expect(await mergeMessages(texts, new Pace())).toHaveLength(3);
});

it('needs work in proportion to the number of texts, whatever they contain', async () => {
  const steps = async (count: number) => {
    let pauses = 0;
    const texts = Array.from({ length: count }, (_text, index) => {
      // Distinct words, so that no text is similar to another one, in one leaf.
      const words = Array.from({ length: 40 }, (_word, at) => `w${index.toString(36)}x${at}`);
      return { text: `first second ${words.join(' ')}`, level: '' };
    });
    await mergeMessages(
      texts,
      new Pace(() => {
        pauses++;
      })
    );
    return pauses;
  };
  const [few, many] = [await steps(1000), await steps(4000)];
  expect(few).toBeGreaterThan(10);
  expect(many).toBeLessThan(few * 6);
});
