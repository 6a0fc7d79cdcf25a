/** True in `.ci/run`, which runs all random cases. `npm test` runs a part of them. */
export const ALL_TESTS = process.env.ALL_TESTS === '1';
